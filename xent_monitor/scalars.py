"""Which numbers of a report dashboards show, under which names, and what each means: one list for all of them.

Names are those of tags in TensorBoard; elsewhere the split stands in front, which TensorBoard has as the name of a run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xent_monitor.report import EvaluationReport

__all__ = [
    "ALL_CLASSES_LIMIT",
    "CLASS_CROSS_ENTROPY",
    "MULTILABEL_SCALARS",
    "SCALARS",
    "ClassChoice",
    "Scalar",
    "class_labels",
    "printable",
    "scalars",
    "series_name",
    "shown_classes",
]

#: Up to here every class has series of its own.
ALL_CLASSES_LIMIT = 20

#: Quantities of a report that are shown, with what is said about each.
SCALARS: Mapping[str, str] = {
    "cross_entropy": "Mean of -ln p(true class), nats.",
    "accuracy": "Share of examples whose largest probability is that of the true class.",
    "confidence": "Mean of the largest predicted probability.",
    "skill": "1 - cross-entropy / entropy of the labels: 1 perfect, 0 knows only the base rates.",
    "expected_calibration_error": "Mean gap between confidence and accuracy, over bins of the confidence.",
    "temperature": "The T whose softmax(logits / T) has the least cross-entropy: above 1 over-confident.",
    "loss_accuracy_divergence": "How far the cross-entropy is above its best while the accuracy is not below "
    "its best, as a share of the entropy of the labels.",
}
#: What is said instead where each label of an example is a decision of its own.
MULTILABEL_SCALARS: Mapping[str, str] = {
    "cross_entropy": "Mean over examples and labels of -ln p(true outcome of the label), nats.",
    "accuracy": "Share of right decisions, of which each example has one on each label.",
    "confidence": "Mean of max(p, 1 - p) over examples and labels.",
    "temperature": "The T whose sigmoid(logits / T) has the least cross-entropy: above 1 over-confident.",
}
#: The series of one class is called this, a slash, and the label of the class.
CLASS_CROSS_ENTROPY = "class_cross_entropy"


class Scalar(NamedTuple):
    """One number of a report, as dashboards show it."""

    #: Name of the series, after that of the output if there are several: `class_cross_entropy/cat`.
    name: str
    #: NaN where it is undefined; dashboards leave a gap there.
    value: float
    #: What the number means, and its unit.
    meaning: str


def scalars(report: EvaluationReport, shown: Sequence[int]) -> list[Scalar]:
    """The numbers of a report that dashboards show, undefined ones too.

    Args:
        report: The report.
        shown: Indices of the classes that get series of their own, as `shown_classes` gives them.

    Example:
        >>> from xent_monitor.statistics import ClassStatistics
        >>> nothing = ClassStatistics.empty("multiclass", num_classes=2, num_bins=1)
        >>> for scalar in scalars(EvaluationReport(0, "train", "", ("cat", "dog"), nothing), shown=[1])[-2:]:
        ...     print(scalar.name, scalar.value)
        loss_accuracy_divergence nan
        class_cross_entropy/dog nan
    """
    meanings = dict(SCALARS)
    of_class = "Mean of -ln p(true class) over the examples of one class, nats."
    if report.task == "multilabel":
        meanings |= MULTILABEL_SCALARS
        of_class = "Mean of -ln p(true outcome) of one label over all examples, nats."
    found = [
        Scalar(series_name(report.output, name), float(getattr(report, name)), meaning)
        for name, meaning in meanings.items()
    ]
    labels = class_labels(report.class_names) if shown else ()
    values = report.class_cross_entropy
    found += [
        Scalar(series_name(report.output, CLASS_CROSS_ENTROPY, labels[index]), float(values[index]), of_class)
        for index in shown
    ]
    return found


def shown_classes(report: EvaluationReport, top_classes: int) -> tuple[int, ...]:
    """Indices of the classes that get series of their own, rising.

    All up to `ALL_CLASSES_LIMIT` classes (or labels), else the `top_classes` of highest cross-entropy; classes
    without examples come last, ties by index.
    """
    if report.num_classes <= ALL_CLASSES_LIMIT:
        return tuple(range(report.num_classes))
    return tuple(sorted(report.worst_classes(top_classes).tolist()))


class ClassChoice:
    """The classes that get series of their own, chosen at the first report of an output and then kept.

    All splits show the same classes, so that their lines overlay.

    Args:
        top_classes: As for `shown_classes`, an integer >= 0.

    Raises:
        ValueError: If `top_classes` is none.

    Example:
        >>> ClassChoice(-1)
        Traceback (most recent call last):
        ValueError: `top_classes` must be an integer >= 0. Received: top_classes=-1.
    """

    def __init__(self, top_classes: int) -> None:
        if not isinstance(top_classes, int) or top_classes < 0:  # type: ignore[redundant-expr]  # untyped callers
            raise ValueError(f"`top_classes` must be an integer >= 0. Received: top_classes={top_classes!r}.")
        self._top_classes = top_classes
        self._shown: dict[tuple[str, tuple[str, ...]], tuple[int, ...]] = {}

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs seen so far, in the order in which they came."""
        return list(dict.fromkeys(output for output, _ in self._shown))

    def of(self, report: EvaluationReport) -> tuple[int, ...]:
        """Indices of the classes of this report that are shown, rising."""
        key = (report.output, report.class_names)
        if key not in self._shown:
            self._shown[key] = shown_classes(report, self._top_classes)
        return self._shown[key]


def series_name(output: str, *parts: str) -> str:
    """Name of a series: its parts, after the name of the output if there are several.

    Example:
        >>> series_name("", "confidence", "right"), series_name("kind", "accuracy")
        ('confidence/right', 'kind/accuracy')
    """
    # A slash in the name of an output could make a series of one output look like that of another.
    prefix = [printable(output).replace("/", "%2F")] if output else []
    return "/".join((*prefix, *parts))


def class_labels(class_names: Sequence[str]) -> tuple[str, ...]:
    """Names of the classes as they stand in names of series: printable, not empty, and no two alike.

    A name that is empty or not the only one of its kind gets its index; so does one that looks as if it had.

    Example:
        >>> class_labels(["cat", "cat", "", "n/a"])
        ('cat#0', 'cat#1', '#2', 'n/a')
    """
    labels = [printable(name) for name in class_names]
    counts = Counter(labels)
    return tuple(
        f"{label}#{index}" if not label.strip() or counts[label] > 1 or re.search(r"#\d+$", label) else label
        for index, label in enumerate(labels)
    )


def printable(name: str) -> str:
    """The name without what a tag cannot hold: control characters, and halves of surrogate pairs.

    Halves come from file names that are not UTF-8 (`os.fsdecode`); protocol buffers refuse them.
    """
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda match: f"%{ord(match[0]):02X}", name)
