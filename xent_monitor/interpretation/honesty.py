"""Are the confidences honest? In a sentence, of all examples or of those of one class.

An answer that begins with "Yes" or "Perhaps" has found no gap beyond noise.
"""

from __future__ import annotations

from xent_monitor.interpretation import class_evidence
from xent_monitor.interpretation import thresholds as limit
from xent_monitor.interpretation.evidence import Evidence
from xent_monitor.interpretation.wording import class_name, count, exact_nats, exact_percent, exact_points

__all__ = ["class_honesty", "honesty"]


def honesty(evidence: Evidence) -> str:
    """Confidence against accuracy, what a temperature would gain, and each level of confidence."""
    report = evidence.report
    if report.invalid_probabilities >= max(1, limit.FAULTY_ROWS * report.statistics.num_rows):
        return "No: the outputs are not probabilities."
    says = f"it {_says(report.confidence, report.accuracy)}"
    if not evidence.enough:
        return f"Too few examples to tell: {says}."
    if evidence.confidence_gap:
        return f"No. {_sentence(says)}: {_off(report.confidence, report.accuracy)}."
    if evidence.temperature_gain:
        kind = "sure" if report.temperature > 1 else "timid"
        gain = f"a temperature of {report.temperature:.2f} would save {exact_nats(evidence.temperature_gain)} nats"
        return f"In the mean, but too {kind} where it costs most: {says}, and {gain}."
    if evidence.uneven_calibration:
        error = exact_percent(report.expected_calibration_error)
        return f"In the mean, but not at each level: {says}, with a calibration error of {error}."
    return _within_noise(says, report.confidence - report.accuracy, _examples(evidence, report.num_examples))


def class_honesty(evidence: Evidence, index: int) -> str:
    """Confidence against accuracy on the examples of one class, multi-label on one label.

    On a class that is hard an honest model is too sure too, and on an easy one too timid, as it does not know the
    class: then this says that over all classes it is not.
    """
    report = evidence.report
    name = class_name(report.class_names[index])
    examples = int(report.statistics.class_examples[index])
    if not examples:
        return f"There is no example of {name} to judge by."
    confidence, accuracy = float(report.class_confidence[index]), float(report.class_accuracy[index])
    says = f"on {name} it {_says(confidence, accuracy)}"
    gap = class_evidence.confidence_gap(report, index)
    if gap is None:
        return f"Too few examples to tell: {says}."
    if not gap:
        return _within_noise(says, confidence - accuracy, _examples(evidence, examples))
    told = f"{_sentence(says)}: {_off(confidence, accuracy)}"
    overall = evidence.confidence_gap
    if gap * overall > 0:
        return f"No. {told}."
    of_all = f"over all {'labels' if evidence.by_label else 'classes'}"
    if overall:
        return f"{told}, though {of_all} it is too {'sure' if overall > 0 else 'timid'}."
    return f"{told}, though {of_all} it is not, within noise."


def _examples(evidence: Evidence, number: int) -> str:
    return count(number, "position" if evidence.of_positions else "example")


def _within_noise(says: str, gap: float, examples: str) -> str:
    """No gap beyond noise: good news where it is small, and no news where so few examples leave it large."""
    if abs(gap) < limit.NOTABLE_GAP:
        return f"Yes, within noise: {says}."
    return f"Perhaps: {says}, which {examples} cannot tell apart."


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _says(confidence: float, accuracy: float) -> str:
    return f"says {exact_percent(confidence)} and is right {exact_percent(accuracy)}"


def _off(confidence: float, accuracy: float) -> str:
    """`8.6 points too sure`."""
    return f"{exact_points(confidence, accuracy)} too {'sure' if confidence > accuracy else 'timid'}"
