r"""TOML files read key by key: every mistake is noted with its place, and the reading goes on.

>>> problems = Problems("alerts.toml")
>>> table = Table({"for": "3m", "abov": 1.5}, problems, 'rule 1 "slow"', "a rule")
>>> table.check_keys(["for", "above"])
>>> table.integer("for", at_least=1, unit="evaluations")
>>> print(*problems.errors, sep="\n")
alerts.toml: rule 1 "slow": `abov` is not a key of a rule. Did you mean `above`? Keys: above, for.
alerts.toml: rule 1 "slow": `for` must be an integer >= 1 (evaluations). Received: for = "3m".
"""

from __future__ import annotations

import difflib
import json
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from xent_monitor.errors import RuleFileError

__all__ = ["Problems", "Table", "closest_first", "did_you_mean", "is_integer", "read_toml", "shown"]

#: Longest value that an error text repeats.
SHOWN_LENGTH = 60
#: Letters from which on a beginning is taken for the whole.
SHORTEST_PREFIX = 3
#: What is a URL, or one without its scheme.
URL = re.compile(r"://|\w\.[a-z]{2,}/\S")
#: What an error text says instead of a URL, which may hold secrets.
NOT_SHOWN = "(a URL, not shown)"


class Problems:
    """The mistakes of one file.

    Args:
        path: The file, as the user wrote it.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.errors: list[str] = []

    def add(self, place: str, text: str) -> None:
        """Note a mistake at a place, `""` for the file as a whole; once, however often it is met."""
        error = ": ".join(part for part in (self.path, place, text) if part)
        if error not in self.errors:
            self.errors.append(error)

    def raise_if_any(self) -> None:
        """Raise all mistakes at once.

        Raises:
            RuleFileError: If there are any.
        """
        if self.errors:
            raise RuleFileError(self.errors)


class Table:
    """One table of a file. A value that is wrong is noted and read as if the key were absent.

    Args:
        values: The table as TOML gives it.
        problems: Where mistakes go.
        place: What the table is called in an error text; `""` for the file as a whole.
        kind: What it is, with an article.
    """

    def __init__(self, values: Mapping[str, Any], problems: Problems, place: str, kind: str) -> None:
        self.values = values
        self.problems = problems
        self.place = place
        self.kind = kind
        #: What the misspelt keys seem to mean: these are not missing too.
        self.meant: set[str | None] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def note(self, text: str) -> None:
        """Note a mistake of this table."""
        self.problems.add(self.place, text)

    def wrong(self, key: str, expected: str, advice: str = "", *, value: Any = None, secret: bool = False) -> None:
        """Note that the value of a key, or `value` inside it, is not what was expected; a secret is not repeated."""
        value = self.values[key] if value is None else value
        received = f"{key} of type {_type(value)}" if secret else f"{key} = {shown(value)}"
        self.note(f"`{key}` must be {expected}. Received: {received}.{' ' if advice else ''}{advice}")

    def check_keys(self, keys: Iterable[str], *, but: Iterable[str] = ()) -> None:
        """Note the keys that have no meaning here, `but` for some that the caller speaks of."""
        known = list(keys)
        for key in self.values:
            if key not in (*known, *but):
                guess = did_you_mean(key, known, quote="`")
                self.note(f"`{_plain(key)}` is not a key of {self.kind}.{guess} Keys: {closest_first(key, known)}.")
                self.meant.add(_closest(key, known))

    def require(self, key: str, advice: str) -> bool:
        """Whether the key is there; noted, with what to write, if neither it nor a misspelling of it is."""
        if key not in self.values and key not in self.meant:
            self.note(f"`{key}` is missing. {advice}")
        return key in self.values

    def text(self, key: str, expected: str = "a string") -> str | None:
        """A string that is not empty, or None."""
        found: str | None = self._checked(
            key, f"{expected}, not empty", lambda value: isinstance(value, str) and value != ""
        )
        return found

    def boolean(self, key: str) -> bool | None:
        """A boolean, or None."""
        found: bool | None = self._checked(key, "true or false", lambda value: isinstance(value, bool))
        return found

    def integer(self, key: str, *, at_least: int, unit: str) -> int | None:
        """An integer that is large enough, or None."""
        found: int | None = self._checked(
            key, f"an integer >= {at_least} ({unit})", lambda value: is_integer(value) and value >= at_least
        )
        return found

    def number(self, key: str, *, positive: bool = False, unit: str = "") -> float | None:
        """A finite number, or None."""
        expected = f"a finite number{' > 0' if positive else ''}{f' ({unit})' if unit else ''}"
        found = self._checked(key, expected, lambda value: is_finite(value) and (value > 0 or not positive))
        return None if found is None else float(found)

    def choice(self, key: str, choices: Sequence[str], expected: str = "") -> str | None:
        """One of the choices, or None; a close match is offered first."""
        value = self.values.get(key)
        if key not in self.values or value in choices:
            return value
        listed = closest_first(value, choices)
        if expected:
            self.wrong(key, expected, f"{did_you_mean(value, choices)} Available: {listed}.".strip())
        else:
            quoted = ", ".join(f'"{choice}"' for choice in choices)
            self.wrong(key, f"one of {quoted}", did_you_mean(value, choices).strip())
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, or None."""
        found = self._checked(
            key,
            'a list of strings, as in ["one", "two"]',
            lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
        )
        return None if found is None else tuple(found)

    def table(self, key: str, place: str, kind: str) -> Table | None:
        """The table of that name, or None."""
        found = self._checked(key, f"a table, [{self._path(key)}]", lambda value: isinstance(value, dict))
        return None if found is None else Table(found, self.problems, place, kind)

    def tables(self, key: str, kind: str, name: str = "name") -> Iterator[Table]:
        """The tables of an array of tables, each with its number and its name as its place."""
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            written = self._path(key)
            came = f"a single table. Write [[{written}]], not [{written}]" if isinstance(found, dict) else _type(found)
            self.note(f"`{key}` must be an array of tables, [[{written}]]. Received: {came}.")
            return
        for index, item in enumerate(found, 1):
            called = item.get(name)
            called = f" {shown(called)}" if isinstance(called, str) and called else ""
            place = f"{key} {index}{called}"
            yield Table(item, self.problems, f"{self.place}, {place}" if self.place else place, kind)

    def _path(self, key: str) -> str:
        return f"{self.place.split()[0]}.{key}" if self.place else key

    def _checked(self, key: str, expected: str, holds: Callable[[Any], bool]) -> Any:
        if key not in self.values:
            return None
        if holds(self.values[key]):
            return self.values[key]
        self.wrong(key, expected)
        return None


def is_integer(value: Any) -> bool:
    """Whether it is an integer; `true` is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Whether it is a finite number."""
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def read_toml(path: str | os.PathLike[str], what: str) -> dict[str, Any]:
    """The contents of a TOML file.

    Args:
        path: The file.
        what: What the file is, for an error text.

    Raises:
        RuleFileError: If the file cannot be read or is not TOML; the latter with line and column.
    """
    problems = Problems(os.fspath(path))
    text = ""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
        document = tomllib.loads(text)
        if all(map(_fits, _integers(document))):
            return document
        problem = "An integer has more than 64 bits, which TOML does not allow. Write it as a float, as 1e30."
    except FileNotFoundError:
        problem = f"There is no such file. Give the path of {what}."
    except OSError as error:
        problem = f"The file cannot be read: {error.strerror or error}. Give the path of {what}."
    except UnicodeDecodeError as error:
        problem = f"TOML files are UTF-8, and byte {error.start} is not: {error.reason}. Save the file as UTF-8."
    except RecursionError:
        problem = "Arrays or tables are nested too deeply to be read."
    except ValueError as error:  # a TOMLDecodeError, or the limit that Python has for digits
        problem = _syntax(str(error), text)
    problems.add("", problem)
    raise RuleFileError(problems.errors) from None


def _integers(value: Any) -> Iterator[int]:
    """All integers of a document."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _integers(item)
    elif is_integer(value):
        yield value


def _fits(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _syntax(message: str, text: str) -> str:
    """A syntax error with line and column first."""
    found = re.fullmatch(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", message)
    what = found["what"] if found else message
    lines = text.rstrip("\n").split("\n")
    line, column = (
        (int(found["line"]), int(found["column"])) if found and found["line"] else (len(lines), len(lines[-1]) + 1)
    )
    advice = ""
    if "twice" in what or "overwrite" in what:
        advice = " A key or table may stand there once; several rules are several [[rule]] tables, in double brackets."
    elif what.startswith("Invalid value"):
        advice = ' Strings are in quotes ("..."), booleans are true and false.'
    return f"line {line}, column {column}: this is not TOML: {what}.{advice}"


def shown(value: Any) -> str:
    """A value as TOML writes it, shortened; what may be a URL, with its secrets, is not repeated.

    Example:
        >>> print(shown("warn"), shown(True), shown([1, 2.5]), shown("https://example.org/token"))
        "warn" true [1, 2.5] (a URL, not shown)
    """
    text = _toml(value)
    if URL.search(text):
        return NOT_SHOWN
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 3] + "..."


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {_toml(item)}' for key, item in value.items())}}}"
    return str(value)


def _type(value: Any) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "float", list: "array", dict: "table"}
    return names.get(type(value), type(value).__name__)


def _plain(key: str) -> str:
    return NOT_SHOWN if URL.search(key) else key


def did_you_mean(value: Any, choices: Iterable[str], quote: str = '"') -> str:
    """` Did you mean "x"?`, or nothing where no choice is close.

    Example:
        >>> did_you_mean("class-crossentropy", ["accuracy", "class_cross_entropy"])
        ' Did you mean "class_cross_entropy"?'
    """
    match = _closest(value, list(choices))
    return f" Did you mean {quote}{match}{quote}?" if match else ""


def closest_first(value: Any, choices: Iterable[str]) -> str:
    """The choices as a list by alphabet, a close match before the others."""
    names = list(choices)
    match = _closest(value, names)
    return ", ".join(sorted(names, key=lambda name: (name != match, name))) or "none"


def _closest(value: Any, choices: Sequence[str]) -> str | None:
    """The choice that was most likely meant: one that begins so, else one that is spelt much like it."""
    if not isinstance(value, str):
        return None
    spelt = {_letters(choice): choice for choice in choices}
    letters = _letters(value)
    found = [choice for choice in spelt if len(letters) >= SHORTEST_PREFIX and choice.startswith(letters)]
    if len(found) != 1:
        found = difflib.get_close_matches(letters, spelt, n=1, cutoff=0.6)
    return spelt[found[0]] if found else None


def _letters(text: str) -> str:
    return re.sub("[-_ ]", "", text).lower()
