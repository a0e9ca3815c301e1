r"""What is different between two passes, beyond noise and worth a word: over all examples, and class by class.

Cross-entropy and accuracy are compared. The one is what was trained and sees every probability; the other is what the
decisions are worth, and may change while the first does not. Of a class the share of its examples that is found, its
recall, stands for the accuracy. Of a label its precision stands beside that: false alarms of a class are misses of
another one, those of a label nobody else's.

A change counts where it is larger than both of

- noise: a quantile times the standard error of the difference. The quantile leaves one chance in 740, that of
  `NOISE` standard errors of one number, to *all* comparisons of the two runs together, half of it to those over all
  examples (Bonferroni): of 1,000 classes that are alike in both none should be reported, and their number must not
  hide a change of the whole. It is Student's for cross-entropies, whose spread is estimated;
- what is worth a word: a share of what the guess by base rates costs the same examples, or of the decisions.

.. math:: |a - b| > \max\left(t_\nu(z)\, s_{a - b},\; m\, g\right), \quad
    z = \Phi^{-1}\left(1 - \tfrac{1}{2 \cdot 740\,n}\right)

with the number n of comparisons (over all examples, or by class), the share m and the guess g. Shares are compared with
the error that they have if they are equal. Errors are those of independent examples. Two runs mostly judge the same
ones, whose errors move together: the noise is then overstated, which errs on the silent side.

Sources: Dunn (1961), Multiple comparisons among means; Wallace (1959), Bounds on normal approximations to Student's and
the chi-square distributions, for the quantile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xent_monitor import sampling, yardsticks
from xent_monitor.alerts.builtin import limits
from xent_monitor.alerts.noise import STANDARD_ERRORS, bounded_mean_error
from xent_monitor.interpretation.class_evidence import known_classes
from xent_monitor.interpretation.thresholds import MIN_CLASS_EXAMPLES
from xent_monitor.quantity import ratio
from xent_monitor.report import EvaluationReport, Split
from xent_monitor.statistics import Floats, Integers, plain_number

__all__ = ["Change", "Pair", "Verdict", "changes", "matched", "student_quantile"]

#: A pass of the run, and that of the baseline.
Pair = tuple[EvaluationReport, EvaluationReport]

#: `"unknown"`: too few examples in one of the runs to tell.
Verdict = Literal["worse", "better", "same", "unknown"]

#: Quantities that are compared, over all examples and by class; and what a share counts, of what.
OVERALL = ("cross_entropy", "accuracy")
BY_CLASS = ("class_cross_entropy", "class_recall")
BY_LABEL = (*BY_CLASS, "class_precision")
ROWS = {"accuracy": "num_examples", "class_recall": "support", "class_precision": "predicted"}


class Change(NamedTuple):
    """One quantity of both runs."""

    split: Split
    #: Name of the output; `""` where the model has one.
    output: str
    #: Name of the class; None for all examples.
    class_name: str | None
    #: Name of the quantity, one of `EvaluationReport.quantities()`.
    quantity: str
    #: The value of the baseline, in the unit of the quantity; NaN where undefined.
    before: float
    #: The value of the run.
    after: float
    #: How far they must be apart to count; NaN where there are too few examples.
    limit: float
    verdict: Verdict

    @property
    def change(self) -> float:
        """`after` less `before`."""
        return self.after - self.before

    @property
    def size(self) -> float:
        """The change without its sign, in units of its limit; infinite where a value is no longer defined."""
        size = abs(self.change) / self.limit if self.limit > 0 else math.inf
        return math.inf if math.isnan(size) else size

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`, with the change; NaN is None, infinities are texts."""
        values = self._asdict() | {"change": self.change}
        return {key: plain_number(value) if isinstance(value, float) else value for key, value in values.items()}


class _Side(NamedTuple):
    """One of the two passes."""

    report: EvaluationReport
    #: Indices of the classes that are compared; None where all examples are, together.
    chosen: Integers | None

    def take(self, values: Any) -> Floats:
        """Of a number, or an array with one for each class, what is compared. Shape `(classes,)`, or `(1,)`."""
        found = np.atleast_1d(np.asarray(values, np.float64))
        return found if self.chosen is None else found[self.chosen]

    def independent(self, rows: str) -> Floats:
        """Independent rows of a count."""
        return self.take(getattr(self.report, rows)) / sampling.rows_per_sample(self.report.statistics)

    def known(self) -> NDArray[np.bool_]:
        """Whether there are examples enough."""
        if self.chosen is None:
            return np.array([sampling.independent(self.report) >= limits.MIN_EXAMPLES])
        return np.asarray(known_classes(self.report)[self.chosen])

    def error(self, quantity: str) -> Floats:
        """Standard error of a cross-entropy, of few examples no less than the spread of all gives: they may agree."""
        error = self.take(STANDARD_ERRORS[quantity](self.report))
        if self.chosen is None:
            return error
        examples = self.take(self.report.statistics.class_examples)
        with np.errstate(divide="ignore", invalid="ignore"):
            pooled = sampling.cross_entropy_error(self.report) * np.sqrt(self.report.num_examples / examples)
        return np.where(self.spread_from() < limits.MIN_EXAMPLES, np.fmax(error, pooled), error)

    def spread_from(self) -> Floats:
        """Independent examples that the spread of a cross-entropy rests on: of a label those of its rarer outcome."""
        if self.chosen is None or self.report.task != "multilabel":
            return self.independent("num_examples" if self.chosen is None else "support")
        others = self.report.num_examples / sampling.rows_per_sample(self.report.statistics)
        positives = self.independent("support")
        return np.minimum(positives, others - positives)


class _Compared(NamedTuple):
    """One quantity of both passes, before it is known how much is compared in all. Shapes `(classes,)` or `(1,)`."""

    quantity: str
    #: None for all examples.
    class_names: tuple[str, ...] | None
    before: Floats
    after: Floats
    #: Standard error of the difference, and the degrees of freedom behind it.
    error: Floats
    freedom: Floats
    #: What is worth a word.
    material: Floats
    #: Whether there are examples enough in both.
    known: NDArray[np.bool_]

    @property
    def is_whole(self) -> bool:
        """Whether it is over all examples."""
        return self.class_names is None

    @property
    def number(self) -> int:
        """How many comparisons it is."""
        return int((self.known & np.isfinite(self.before) & np.isfinite(self.after)).sum())


def student_quantile(z: float, freedom: Floats) -> Floats:
    r"""Student's quantile that chance exceeds as rarely as a normal value exceeds `z`.

    .. math:: t \approx \sqrt{\nu \left(\exp\left(\left(z\, \tfrac{8\nu + 3}{8\nu + 1}\right)^2 / \nu\right) - 1\right)}

    Args:
        z: Normal quantile, > 0.
        freedom: Degrees of freedom, > 0; infinite ones give `z`.

    Precision: for z from 2 to 6 and 20 degrees of freedom or more to 1 %; for fewer never more than 3 % too small.

    Example:
        >>> student_quantile(3.0, np.array([8.0, 38.0, np.inf])).round(2)
        array([4.29, 3.21, 3.  ])

    Source: Wallace (1959), equation 4.5.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        scaled = z * (8 * freedom + 3) / (8 * freedom + 1)
        return np.where(np.isfinite(freedom), np.sqrt(freedom * np.expm1(scaled**2 / freedom)), z)


def changes(pairs: Sequence[Pair], material: float = limits.MATERIAL) -> tuple[Change, ...]:
    """All that is compared in pairs of passes, judged together.

    Args:
        pairs: Passes of the same task, with classes in common.
        material: What is worth a word, as a share of the guess by base rates and of the decisions, >= 0.

    Returns:
        Of each pair the changes over all examples, where both have the same classes, then those by class.
    """
    compared = [(pair[0], one) for pair in pairs for one in _compared(*pair, material)]
    limit = {whole: _normal_limit([one for _, one in compared if one.is_whole == whole]) for whole in (True, False)}
    return tuple(change for report, one in compared for change in _judged(report, one, limit[one.is_whole]))


def _normal_limit(compared: Sequence[_Compared]) -> float:
    """Standard errors that a normal value exceeds in none of these comparisons, but for half of `limits.CHANCE`."""
    return -NormalDist().inv_cdf(limits.CHANCE / 2 / max(sum(one.number for one in compared), 1))


def matched(names: Sequence[str], others: Sequence[str]) -> tuple[Integers, Integers]:
    """Indices of the classes that both have, in the order of the first; of equal names the first with the first.

    Example:
        >>> matched(["cat", "dog", "cat"], ["owl", "cat", "cat"])
        (array([0, 2]), array([1, 2]))
    """
    places = {key: index for index, key in enumerate(_numbered(others))}
    pairs = [(index, places[key]) for index, key in enumerate(_numbered(names)) if key in places]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _numbered(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each name, and how many before it are the same."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, -1) + 1
        yield name, seen[name]


def _compared(report: EvaluationReport, baseline: EvaluationReport, material: float) -> Iterator[_Compared]:
    """All quantities of a pair of passes."""
    mine, theirs = matched(report.class_names, baseline.class_names)
    # Numbers over all classes are those of another task where the classes are others.
    if len(mine) == report.num_classes == baseline.num_classes:
        for quantity in OVERALL:
            yield _one(quantity, _Side(report, None), _Side(baseline, None), material)
    for quantity in BY_LABEL if report.task == "multilabel" else BY_CLASS:
        yield _one(quantity, _Side(report, mine), _Side(baseline, theirs), material)


def _one(quantity: str, mine: _Side, theirs: _Side, material: float) -> _Compared:
    after, before = mine.take(getattr(mine.report, quantity)), theirs.take(getattr(theirs.report, quantity))
    names = None if mine.chosen is None else tuple(mine.report.class_names[index] for index in mine.chosen)
    if quantity in ROWS:
        counts = [side.independent(ROWS[quantity]) for side in (mine, theirs)]
        pooled = ratio(np.nan_to_num(after) * counts[0] + np.nan_to_num(before) * counts[1], counts[0] + counts[1])
        error = np.hypot(*(bounded_mean_error(pooled, counted) for counted in counts))
        scale = np.full_like(after, yardsticks.decision_scale(theirs.report) if mine.chosen is None else 1.0)
        enough = (np.minimum(*counts) >= MIN_CLASS_EXAMPLES) & mine.known() & theirs.known()
        freedom = np.full_like(after, math.inf)
    else:
        error = np.hypot(mine.error(quantity), theirs.error(quantity))
        guess = theirs.report.prior_entropy if mine.chosen is None else yardsticks.guess_cross_entropy(theirs.report)
        scale = theirs.take(guess)
        # One who knows that there is one class alone pays nothing: what is worth a word is then a share of ln K.
        scale = np.where(scale > 0, scale, theirs.report.uniform_cross_entropy)
        enough = mine.known() & theirs.known()
        freedom = np.maximum(mine.spread_from() + theirs.spread_from() - 2, 1.0)
    return _Compared(quantity, names, before, after, error, freedom, material * scale, enough)


def _judged(report: EvaluationReport, one: _Compared, z: float) -> Iterator[Change]:
    """The changes of one quantity, where a normal value beyond `z` is no chance any more."""
    limit = np.fmax(student_quantile(z, one.freedom) * one.error, one.material)
    limit = np.where(one.known & np.isfinite(one.error), limit, np.nan)
    for index, (before, after, bound) in enumerate(
        zip(one.before.tolist(), one.after.tolist(), limit.tolist(), strict=True)
    ):
        name = None if one.class_names is None else one.class_names[index]
        verdict = _verdict(one.quantity, before, after, bound)
        yield Change(report.split, report.output, name, one.quantity, before, after, bound, verdict)


def _verdict(quantity: str, before: float, after: float, limit: float) -> Verdict:
    if math.isfinite(before) and (math.isinf(after) or (quantity in OVERALL and math.isnan(after))):
        return "worse"  # nothing is finite any more that was so
    if math.isnan(limit) or math.isnan(after - before):
        return "unknown"
    harm = after - before if quantity not in ROWS else before - after
    return "same" if not abs(harm) > limit else "worse" if harm > 0 else "better"
