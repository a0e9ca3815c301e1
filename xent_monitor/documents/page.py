"""A run as one HTML file: no network, no library, readable in light and in dark, on paper and without scripts."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xent_monitor import plots
from xent_monitor.documents.numbers import KEY_NUMBERS, nats, share, temperature, whole
from xent_monitor.documents.pictures import Picture, picture
from xent_monitor.documents.run import Run
from xent_monitor.documents.sections import Section, sections
from xent_monitor.errors import XentMonitorError
from xent_monitor.interpretation.wording import decimal, one_line
from xent_monitor.plots.series import best_pass, passes_of
from xent_monitor.report import EvaluationReport

__all__ = ["Gauge", "Part", "Tile", "html"]

#: Classes, mistakes and alerts that are listed at most.
CLASSES, MISTAKES, ALERTS = 1000, 15, 200
#: Room of the gauge beyond its largest value, as a share of it.
BEYOND = 1.04
#: Quantities with a tile, in the order of `KEY_NUMBERS`.
TILES = ("cross_entropy", "accuracy", "skill", "temperature", "expected_calibration_error", "num_examples")
#: Cost of misplaced confidence below which it is not named beside the gauge, nats: it would be written as 0.
NOTHING = 0.0005
#: A number with its unit, but for digits of a word.
_NUMBER = re.compile(r"((?<![^\W_])\d+(?:[.,]\d+)*(?: %)?(?: nats)?(?![^\W_]))")


@dataclasses.dataclass(frozen=True)
class Tile:
    """A key number in large letters, with what is to be known beside it."""

    name: str
    value: str
    unit: str
    beside: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Gauge:
    """Where the cross-entropy stands between 0 and what to compare it with: places on the axis in percent."""

    cross_entropy: float
    #: Where over-confidence begins; equal to `cross_entropy` where there is none to speak of.
    tempered: float
    #: None where there is no training pass beside.
    train: float | None
    prior: float
    uniform: float
    #: The same in words.
    words: str
    #: What its parts are, above it, and its ends, below it: the mark, by its class in the style sheet, and the words.
    parts: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Part:
    """A section with its pictures."""

    section: Section
    #: What identifiers in it begin with.
    key: str
    tiles: tuple[Tile, ...]
    gauge: Gauge | None
    #: By name of the question they prove: `story`, `classes`, `confidences`, `mistakes`.
    pictures: Mapping[str, tuple[Picture, ...]]


def html(run: Run) -> str:
    """The run as one HTML file.

    Args:
        run: The run. Class names may hold anything.

    Returns:
        The text of the file; to be written as UTF-8.

    Raises:
        XentMonitorError: If matplotlib or Jinja2 is not installed.
    """
    template = _template()
    parts = [
        _part(run, section, f"s{index}")
        for index, section in enumerate(sections(run.reports, classes=CLASSES, mistakes=MISTAKES))
    ]
    severity, standing = run.standing
    return str(
        template.render(
            title=one_line(run.title) or "Run",
            parts=parts,
            alerts=run.alerts[:ALERTS],
            alerts_left_out=max(0, len(run.alerts) - ALERTS),
            severity=severity,
            standing=standing,
            glossary=KEY_NUMBERS,
        )
    )


def _template() -> Any:
    try:
        import jinja2
    except ImportError as error:
        raise XentMonitorError("HTML reports need Jinja2. Install it: pip install 'xent-monitor[plots]'") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xent_monitor.documents"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_unbroken,
    )
    environment.filters["numbers"] = _split_numbers
    return environment.get_template("report.html")


def _unbroken(value: Any) -> Any:
    """Text in which a percent sign stays with its number.

    >>> _unbroken("85 %") == "85\N{NO-BREAK SPACE}%"
    True
    """
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if isinstance(value, str) else value


def _split_numbers(text: str) -> list[tuple[str, bool]]:
    """The pieces of a text, and whether each is a number, which is written in bold.

    >>> _split_numbers("Still 0.87 nats")
    [('Still ', False), ('0.87 nats', True)]
    """
    return [(piece, index % 2 == 1) for index, piece in enumerate(_NUMBER.split(text)) if piece]


def _part(run: Run, section: Section, key: str) -> Part:
    return Part(section, key, _tiles(run, section), _gauge(section), _pictures(run, section, key))


def _tiles(run: Run, section: Section) -> tuple[Tile, ...]:
    report = section.report
    passes = passes_of(run.reports, report.output)[report.split]
    train = section.beside.get("train") if report.split != "train" else None
    best = best_pass(passes)
    most_right = max(passes, key=lambda one: one.accuracy if math.isfinite(one.accuracy) else -1.0)
    several = len(passes) > 1
    kinds = "labels" if report.task == "multilabel" else "classes"
    says, right = share(report.confidence), share(report.accuracy)
    lines: list[tuple[str, str, list[str | None]]] = [
        (
            nats(report.cross_entropy),
            "nats",
            [
                None if math.isnan(report.standard_error) else f"± {nats(report.standard_error)} standard error",
                f"best {nats(best.cross_entropy)} at epoch {best.epoch}" if best and several else None,
            ],
        ),
        (
            right,
            "",
            [
                f"train {share(train.accuracy)}" if train else None,
                f"best {share(most_right.accuracy)} at epoch {most_right.epoch}" if several else None,
            ],
        ),
        (decimal(report.skill, 3), "", ["1 perfect,", "0 base rates only"]),
        (temperature(report, 2), "", _temperature_words(report)),
        (share(report.expected_calibration_error), "", [f"says {says},", f"is right {right}"]),
        (
            whole(report.num_examples),
            "",
            [f"{report.num_classes} {kinds}", f"train {whole(train.num_examples)}" if train else None],
        ),
    ]
    names = [number.name for number in KEY_NUMBERS if number.quantity in TILES]
    return tuple(
        Tile(name, value, unit, tuple(filter(None, beside)))
        for name, (value, unit, beside) in zip(names, lines, strict=True)
    )


def _temperature_words(report: EvaluationReport) -> list[str | None]:
    if math.isnan(report.temperature):
        return ["could not be fitted"]
    if decimal(report.temperature, 2) == decimal(1.0, 2):
        return ["neither too sure", "nor too timid"]
    side = "above 1: too sure" if report.temperature > 1 else "below 1: too timid"
    return [side, f"{nats(report.tempered_cross_entropy)} nats at it"]


def _gauge(section: Section) -> Gauge | None:
    """None where the cross-entropy, or what to compare it with, is not known."""
    report = section.report
    train = section.beside.get("train") if report.split != "train" else None
    value, prior, uniform = report.cross_entropy, report.prior_entropy, report.uniform_cross_entropy
    if not (math.isfinite(value) and math.isfinite(prior) and max(value, uniform) > 0):
        return None
    reach = BEYOND * max(value, uniform)

    def place(nats_of_it: float) -> float:
        return round(100 * min(nats_of_it, reach) / reach, 2)

    tempered = report.tempered_cross_entropy
    trained = train.cross_entropy if train and math.isfinite(train.cross_entropy) else None
    words = [f"Cross-entropy {nats(value)} nats, between 0 (perfect) and {nats(prior)} (knows only base rates)"]
    if math.isfinite(tempered) and tempered < value:
        words.append(f"{nats(tempered)} with its confidence set right")
    if trained is not None:
        words.append(f"training {nats(trained)}")
    return Gauge(
        place(value),
        place(tempered if math.isfinite(tempered) else value),
        None if trained is None else place(trained),
        place(prior),
        place(uniform),
        "; ".join(words) + ".",
        _gauge_parts(report, trained),
        (
            ("", "0 perfect"),
            ("tick", f"base rates alone {nats(prior)}"),
            ("tick uniform", f"even guess {nats(uniform)}"),
        ),
    )


def _gauge_parts(report: EvaluationReport, trained: float | None) -> tuple[tuple[str, str], ...]:
    """The parts of the gauge, as the TensorBoard tab names them."""
    misplaced = report.cross_entropy - report.tempered_cross_entropy
    side = "under-confidence" if report.temperature < 1 else "over-confidence"
    found: list[tuple[str, str] | None] = [
        ("solid", f"{report.split} {nats(report.cross_entropy)}"),
        ("hatched", f"of it {side} {nats(misplaced)}") if misplaced > NOTHING else None,
        None if trained is None else ("tick train", f"train {nats(trained)}"),
    ]
    return tuple(filter(None, found))


def _pictures(run: Run, section: Section, key: str) -> Mapping[str, tuple[Picture, ...]]:
    report, answers = section.report, section.answers
    if not report.num_examples:
        return {}
    output, split = report.output, report.split
    several = len(passes_of(run.reports, output)[split]) > 1
    kind, kinds = ("label", "labels") if report.task == "multilabel" else ("class", "classes")
    over_epochs: list[tuple[str, str, str, Callable[..., Any]]] = [
        (
            "story",
            "Cross-entropy and accuracy by epoch",
            answers.story,
            functools.partial(plots.loss_and_accuracy, run.reports, output),
        ),
        (
            "classes",
            f"Cross-entropy of each {kind} by epoch",
            answers.classes,
            _titled(
                functools.partial(plots.class_heatmap, run.reports, output, split=split),
                f"Cross-entropy by {kind}, by epoch",
            ),
        ),
    ]
    of_pass: list[tuple[str, str, str, Callable[..., Any]]] = [
        (
            "classes",
            f"Cross-entropy of the worst {kinds}",
            answers.classes,
            _titled(functools.partial(plots.class_bars, report), f"Cross-entropy by {kind} now, ± standard error"),
        ),
        ("confidences", "Accuracy by confidence", answers.confidences, functools.partial(plots.reliability, report)),
        (
            "confidences",
            "Right and wrong answers by confidence",
            answers.confidences,
            functools.partial(plots.confidence_histograms, report),
        ),
        ("mistakes", "Mistakes", answers.mistakes, functools.partial(plots.confusion, report)),
    ]
    return _drawn(key, [*(over_epochs if several else []), *of_pass])


def _titled(draw: Callable[..., Any], title: str) -> Callable[..., Any]:
    """A picture under another title: beside each other two of the same would be one too many."""

    def drawn(*, dark: bool) -> Any:
        figure = draw(dark=dark)
        axes = figure.axes[0]
        before = axes.get_title(loc="left")
        # To set it anew would take size and colour of the user's settings.
        for text in axes.findobj(lambda artist: before and getattr(artist, "get_text", str)() == before):
            text.set_text(title)
        return figure

    return drawn


def _drawn(key: str, wanted: Sequence[tuple[str, str, str, Callable[..., Any]]]) -> Mapping[str, tuple[Picture, ...]]:
    """The pictures by question."""
    found: dict[str, tuple[Picture, ...]] = {}
    for index, (question, title, description, draw) in enumerate(wanted):
        drawn = picture(f"{key}-{index}", title, description, draw)
        found[question] = (*found.get(question, ()), drawn)
    return found
