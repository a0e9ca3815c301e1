"""One report as the values of a TensorBoard summary: pure functions, no files.

Each value comes with its metadata; the writer drops what a file holds already.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, DATA_CLASS_TENSOR, Summary, SummaryMetadata
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import metadata as custom_scalar_metadata
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.pr_curve import metadata as pr_curve_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.util import tensor_util

from xent_monitor.report import EvaluationReport, Split
from xent_monitor.scalars import CLASS_CROSS_ENTROPY, class_labels, printable, scalars, series_name
from xent_monitor.statistics import Floats, Integers
from xent_monitor.tensorboard import metadata
from xent_monitor.tensorboard.alert_record import AlertRecord, alert_states_metadata

__all__ = [
    "alert_record",
    "alert_state",
    "alert_text",
    "histogram_buckets",
    "layout_value",
    "markdown",
    "report_values",
    "right_decisions_curve",
]

_Value = TypeVar("_Value")
#: What to write: the parts of each tag, its value, and what TensorBoard says about it.
_Series = list[tuple[tuple[str, ...], _Value, str]]


def report_values(report: EvaluationReport, reading: str, shown: Sequence[int]) -> Iterator[Summary.Value]:
    """Every value of one report, but for the layout.

    Args:
        report: The report.
        reading: What it says, in plain words; no text is written for an empty one.
        shown: Indices of the classes that get series of their own.
    """
    labels = class_labels(report.class_names)
    classes = [(index, labels[index]) for index in shown]
    yield from _scalars(report, shown)
    yield from _histograms(report, classes)
    yield from _right_decisions(report, classes)
    if reading:
        yield Summary.Value(
            tag=series_name(report.output, metadata.READING),
            tensor=tensor_util.make_tensor_proto(markdown(reading)),
            metadata=_with_class(text_metadata.create_summary_metadata(None, "What the numbers of the epoch say.")),
        )
    for field, array in metadata.report_arrays(report).items():
        yield Summary.Value(
            tag=metadata.statistics_tag(report.output, field),
            tensor=tensor_util.make_tensor_proto(array),
            metadata=metadata.statistics_metadata(report, field),
        )


def alert_state(rule: str, state: int) -> Summary.Value:
    """The state of an alert rule, over all outputs: 0 inactive, 1 pending, 2 firing."""
    text = "State of the alert rule: 0 inactive, 1 pending, 2 firing."
    return Summary.Value(
        tag=series_name("", metadata.ALERTS, printable(rule)),
        tensor=tensor_util.make_tensor_proto(np.float32(state)),
        metadata=_with_class(scalar_metadata.create_summary_metadata(None, text), DATA_CLASS_SCALAR),
    )


def alert_text(output: str, lines: Sequence[str]) -> Summary.Value:
    """What was told of the alerts of an epoch, a paragraph each."""
    return Summary.Value(
        tag=series_name(output, metadata.ALERTS),
        tensor=tensor_util.make_tensor_proto("\n\n".join(map(markdown, lines))),
        metadata=_with_class(text_metadata.create_summary_metadata(None, "Alerts that began to fire or are resolved.")),
    )


def alert_record(record: AlertRecord, split: Split, output: str) -> Summary.Value:
    """How the alerts of a split and output stand, for our own tab."""
    return Summary.Value(
        tag=series_name(output, metadata.ALERT_STATES),
        tensor=tensor_util.make_tensor_proto(record.to_bytes()),
        metadata=alert_states_metadata(split, output),
    )


def _with_class(summary_metadata: SummaryMetadata, data_class: Any = DATA_CLASS_TENSOR) -> SummaryMetadata:
    """The metadata with the class of its data stated, which spares the loaders a guess."""
    summary_metadata.data_class = data_class
    return summary_metadata


def _scalars(report: EvaluationReport, shown: Sequence[int]) -> Iterator[Summary.Value]:
    """Scalars that are defined; an undefined one leaves a gap in its line."""
    for name, value, text in scalars(report, shown):
        with np.errstate(over="ignore"):
            number = np.float32(value)  # TensorBoard's scalars are; the statistics hold the exact sums
        if np.isfinite(number):
            yield Summary.Value(
                tag=name,
                tensor=tensor_util.make_tensor_proto(number),
                metadata=_with_class(scalar_metadata.create_summary_metadata(None, text), DATA_CLASS_SCALAR),
            )


def histogram_buckets(counts: Integers) -> Floats:
    """Counts of equal bins over [0, 1] as TensorBoard's histogram: left edge, right edge, count.

    Example:
        >>> histogram_buckets(np.array([3, 1]))
        array([[0. , 0.5, 3. ],
               [0.5, 1. , 1. ]])
    """
    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def _histograms(report: EvaluationReport, classes: Sequence[tuple[int, str]]) -> Iterator[Summary.Value]:
    wrong, right = report.confidence_histogram
    series: _Series[Integers] = [
        ((metadata.CONFIDENCE, "right"), right, "Largest probability, over the decisions that are right."),
        ((metadata.CONFIDENCE, "wrong"), wrong, "Largest probability, over the decisions that are wrong."),
    ]
    by_class = report.true_class_probability_histogram
    if len(by_class) < report.num_classes:
        text = "Probability given to the true class, over all decisions."
        series.append(((metadata.TRUE_CLASS_PROBABILITY,), by_class.sum(axis=0), text))
    else:
        text = "Probability given to the true class, over the examples of one class."
        if report.task == "multilabel":
            text = "Probability given to the true outcome of one label, over all examples."
        series += [((metadata.TRUE_CLASS_PROBABILITY, label), by_class[index], text) for index, label in classes]
    for parts, counts, text in series:
        yield Summary.Value(
            tag=series_name(report.output, *parts),
            tensor=tensor_util.make_tensor_proto(histogram_buckets(counts)),
            metadata=_with_class(histogram_metadata.create_summary_metadata(None, text)),
        )


def right_decisions_curve(histogram: Integers) -> NDArray[np.float32]:
    """How well the confidence tells right decisions from wrong ones, at each edge of the bins.

    The sums do not hold how probable a class was on examples of the *other* classes (multi-label: how probable a
    label was where it is negative), so the usual curve of a class against the rest cannot be drawn. What they hold
    exactly is every decision with its confidence. Here a decision counts as *positive* if its confidence is at least
    the threshold, and as *true* if it is right: precision is the accuracy of the decisions that confident, recall
    the share of all right decisions among them.

    Args:
        histogram: Decisions by bin of the confidence; rows wrong, right. Shape `(2, num_bins)`, counts.

    Returns:
        Shape `(6, num_bins + 1)`: true positives, false positives, true negatives, false negatives, precision,
        recall, at the thresholds `i / num_bins`. At the last, 1, nothing is left and precision and recall are 0,
        which TensorBoard cuts off.

    Example:
        >>> right_decisions_curve(np.array([[1, 1], [0, 3]]))[4:]
        array([[0.6 , 0.75, 0.  ],
               [1.  , 1.  , 0.  ]], dtype=float32)
    """
    at_least = np.zeros((2, histogram.shape[1] + 1), np.int64)
    at_least[:, :-1] = histogram[:, ::-1].cumsum(axis=1)[:, ::-1]
    wrong, right = at_least
    precision = right / np.maximum(right + wrong, 1)
    recall = right / max(right[0], 1)
    return np.stack([right, wrong, wrong[0] - wrong, right[0] - right, precision, recall]).astype(np.float32)


def _right_decisions(report: EvaluationReport, classes: Sequence[tuple[int, str]]) -> Iterator[Summary.Value]:
    text = (
        "How well the confidence tells right decisions from wrong ones. Precision: accuracy of the decisions "
        "whose confidence is at least the threshold. Recall: share of all right decisions among them. "
        "This is *not* the curve of one class against the rest."
    )
    series: _Series[Integers] = [((metadata.RIGHT_DECISIONS,), report.confidence_histogram, text)]
    if report.class_confidence_histogram is not None:
        which = "decisions on this label" if report.task == "multilabel" else "examples whose true class is this one"
        series += [
            (
                (metadata.RIGHT_DECISIONS, label),
                report.class_confidence_histogram[index],
                f"{text} Only {which}.",
            )
            for index, label in classes
        ]
    for parts, histogram, description in series:
        curve = right_decisions_curve(histogram)
        summary_metadata = pr_curve_metadata.create_summary_metadata(None, description, curve.shape[1])
        yield Summary.Value(
            tag=series_name(report.output, *parts),
            tensor=tensor_util.make_tensor_proto(curve),
            metadata=_with_class(summary_metadata),
        )


def layout_value(outputs: Sequence[str]) -> Summary.Value:
    """Charts of the Custom Scalars dashboard for these outputs.

    The classes are found by pattern, so that the layout holds whichever classes are shown.
    """
    charts = {
        "Cross-entropy of each class, nats": [rf"{CLASS_CROSS_ENTROPY}/.*"],
        "Cross-entropy beside accuracy": ["cross_entropy", "accuracy"],
        "Confidence beside accuracy": ["confidence", "accuracy"],
    }
    layout = layout_pb2.Layout()
    for output in outputs:
        prefix = re.escape(series_name(output, ""))
        title = f"Cross-entropy: {printable(output)}" if output else "Cross-entropy"
        category = layout.category.add(title=title)
        for chart, patterns in charts.items():
            # TensorBoard only matches from the start on.
            lines = [f"^{prefix}{pattern}$" for pattern in patterns]
            category.chart.add(title=chart, multiline=layout_pb2.MultilineChartContent(tag=lines))
    return Summary.Value(
        tag=custom_scalar_metadata.CONFIG_SUMMARY_TAG,
        tensor=tensor_util.make_tensor_proto(layout.SerializeToString()),
        metadata=_with_class(custom_scalar_metadata.create_summary_metadata()),
    )


#: Characters that Markdown gives a meaning, as HTML entities, which it leaves alone.
_ENTITIES = {ord(character): f"&#{ord(character)};" for character in "\\`*_{}[]#+-!|~="}


def markdown(text: str) -> str:
    r"""Markdown that shows a plain text as it stands, line by line.

    Example:
        >>> markdown("a|b <i>\n  *c*")
        'a&#124;b &lt;i&gt;  \n&nbsp;&nbsp;&#42;c&#42;'
    """
    # Halves of surrogate pairs, from file names that are not UTF-8, cannot be written.
    writable = text.encode("utf-8", "replace").decode()
    return "  \n".join(_markdown_line(line) for line in writable.splitlines())


def _markdown_line(line: str) -> str:
    body = line.lstrip()
    # Indentation would start a block of code, a number with a dot a list.
    indentation = "&nbsp;" * (len(line) - len(body))
    escaped = html.escape(body, quote=False).translate(_ENTITIES)
    return indentation + re.sub(r"^(\d+)\.", r"\1&#46;", escaped)
