"""Thresholds of existing systems, as far as they can be judged from curves of loss and accuracy and from reports.

Each function returns the epoch in which its system first speaks, or None. The thresholds are the defaults of the
systems. Rules that look at weights, gradients, activations or layers are left out (`LEFT_OUT`): the systems would speak
more often than here, on faulty and on healthy programs alike.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.faults.recording import Recording

#: Rules of each system that need more than curves and reports.
LEFT_OUT = {
    "SageMaker Debugger": "Confusion, DeadRelu, SaturatedActivation, VanishingGradient, ExplodingTensor beyond the "
    "loss, PoorWeightInitialization, WeightUpdateRatio, UnchangedTensor, TensorVariance, AllZero, CheckInputImages",
    "UMLAUT": "missing softmax and activations (it looks for them in names of layers), high dropout, shape and type of "
    "the inputs",
    "AUTOTRAINER": "vanishing and exploding gradients, dying ReLU, improper activation, abnormal data",
    "DeepLocalize": "means of layer outputs, weights and gradients; it judges its curves by batch, here by epoch",
    "DeepDiagnosis": "out of range, numerical problem, dead node, saturated activation, unchanged tensor, vanishing "
    "gradient",
}


def _first(holds: Sequence[bool]) -> int | None:
    return next((epoch for epoch, one in enumerate(holds) if one), None)


def _earliest(*epochs: int | None) -> int | None:
    return min((epoch for epoch in epochs if epoch is not None), default=None)


def _not_finite(values: Sequence[float]) -> int | None:
    return _first([not math.isfinite(value) for value in values])


def _same_for(values: Sequence[float], length: int) -> int | None:
    """The first epoch at which so many values in a row, it included, are identical."""
    return _first([e >= length - 1 and len(set(values[e - length + 1 : e + 1])) == 1 for e in range(len(values))])


def early_stopping(recording: Recording, patience: int = 5) -> int | None:
    """Keras' EarlyStopping on `val_loss`: no new best for `patience` epochs."""
    best, wait = math.inf, 0
    for epoch, value in enumerate(recording.curve("val_loss")):
        wait += 1
        if value < best:
            best, wait = value, 0
        if wait >= patience and epoch > 0:
            return epoch
    return None


def terminate_on_nan(recording: Recording) -> int | None:
    """Keras' TerminateOnNaN: the training loss is not finite."""
    return _not_finite(recording.curve("loss"))


def sagemaker(recording: Recording) -> int | None:
    """LossNotDecreasing, Overfit, Overtraining and ClassImbalance of SageMaker Debugger with their defaults."""
    train, validation = recording.curve("loss"), recording.curve("val_loss")
    judged = validation or train
    # `num_steps` is 10, and an epoch has more: one epoch is compared with the one before.
    not_decreasing = _first([e > 0 and not judged[e] < judged[e - 1] for e in range(len(judged))])
    overfit = _first([v > t and (v - t) / t > 0.1 if t > 0 else False for t, v in zip(train, validation, strict=False)])
    return _earliest(
        not_decreasing, overfit, _overtraining(train, validation), _class_imbalance(recording), _not_finite(train)
    )


def _overtraining(train: Sequence[float], validation: Sequence[float], delta: float = 0.1) -> int | None:
    def stale(values: Sequence[float], patience: int) -> list[bool]:
        best, since, found = math.inf, 0, []
        for value in values:
            since += 1
            if value < best - delta:
                best, since = value, 0
            found.append(since >= patience)
        return found

    return _first([a and b for a, b in zip(stale(train, 5), stale(validation, 10), strict=False)])


def _class_imbalance(recording: Recording) -> int | None:
    for report in recording.reports:
        if report.split != "train" or report.num_examples < 500:
            continue
        support = report.support[report.support > 0]
        wrong = 1 - report.class_accuracy[report.support > 0]
        if support.size and (support.max() / support.min() > 10 or (wrong > 0.7).any()):
            return report.epoch
    return None


def umlaut(recording: Recording) -> int | None:
    """UMLAUT's rules on numbers: overfitting, suspicious validation accuracy, NaN, input range, learning rate."""
    loss, val_loss = recording.curve("loss"), recording.curve("val_loss")
    accuracy, val_accuracy = recording.curve("accuracy"), recording.curve("val_accuracy")
    overfitting = _first(
        [e > 0 and val_loss[e] > val_loss[e - 1] and loss[e] <= loss[e - 1] for e in range(len(val_loss))]
    )
    suspicious = _first(
        [e >= 3 and (v > 0.95 or v - a > 0.05) for e, (a, v) in enumerate(zip(accuracy, val_accuracy, strict=False))]
    )
    return _earliest(overfitting, suspicious, _not_finite(loss), _umlaut_setting(recording))


def umlaut_curves(recording: Recording) -> int | None:
    """The same without the two that look at the program: input range and learning rate."""
    return umlaut(recording.without_setting())


def _umlaut_setting(recording: Recording) -> int | None:
    smallest, largest, rate = (
        recording.setting.get(name) for name in ("smallest_input", "largest_input", "learning_rate")
    )
    out_of_range = smallest is not None and (smallest < -1 or largest > 1)
    odd_rate = rate is not None and (rate > 0.01 or rate < 1e-7)
    return 0 if out_of_range or odd_rate else None


def autotrainer(recording: Recording) -> int | None:
    """AUTOTRAINER: not converging, oscillating, improper or exploded loss; from 30 % of the epochs on."""
    loss, accuracy = recording.curve("loss"), recording.curve("accuracy")
    judged_from = max(1, math.ceil(0.3 * len(loss)))
    for epoch in range(judged_from, len(loss)):
        seen = np.asarray(accuracy[: epoch + 1])
        gains = np.diff(seen)
        stuck = seen.size > 1 and seen.max() < 0.6 and gains.max() < 0.01
        swings = _swings(seen)
        unsteady = sum(swing >= 0.03 for swing in swings) / (epoch + 1) >= 0.2
        broken = not math.isfinite(loss[epoch]) or loss[epoch] >= 1e3 or loss[epoch] < 0
        if stuck or unsteady or broken:
            return epoch
    return None


def _swings(values: np.ndarray) -> list[float]:
    """Distances between neighbouring local extremes."""
    turns = [e for e in range(1, len(values) - 1) if (values[e] - values[e - 1]) * (values[e + 1] - values[e]) < 0]
    return [abs(values[b] - values[a]) for a, b in itertools.pairwise(turns)]


def deep_localize(recording: Recording) -> int | None:
    """DeepLocalize: loss not finite; loss or accuracy the same five times in a row."""
    loss, accuracy = recording.curve("loss"), recording.curve("accuracy")
    return _earliest(_not_finite(loss), _same_for(loss, 5), _same_for(accuracy, 5))


def deep_diagnosis(recording: Recording) -> int | None:
    """DeepDiagnosis: loss or accuracy not finite, accuracy 0, loss the same 5 times, accuracy the same 20 times."""
    loss, accuracy = recording.curve("loss"), recording.curve("accuracy")
    none_right = _first([value == 0 for value in accuracy])
    return _earliest(_not_finite(loss), _not_finite(accuracy), none_right, _same_for(loss, 5), _same_for(accuracy, 20))


BASELINES: dict[str, Callable[[Recording], int | None]] = {
    "UMLAUT, numbers": umlaut,
    "UMLAUT, curves alone": umlaut_curves,
    "SageMaker Debugger": sagemaker,
    "AUTOTRAINER, curves": autotrainer,
    "DeepDiagnosis, curves": deep_diagnosis,
    "DeepLocalize, curves": deep_localize,
    "Keras EarlyStopping, patience 5 (would stop)": early_stopping,
    "Keras TerminateOnNaN": terminate_on_nan,
}
