"""`EvaluationReport`: one pass over one output, with every quantity that its sums define (`xent_monitor.derived`)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from xent_monitor.derived import DerivedQuantities
from xent_monitor.divergence import loss_accuracy_divergence
from xent_monitor.predictions import statistics_of
from xent_monitor.quantity import ClassQuantity, ScalarQuantity
from xent_monitor.report_table import report_table
from xent_monitor.statistics import ClassStatistics, Task, number, plain_number, unknown_fields

__all__ = ["FORMAT_VERSION", "REPORT_NUMBERS", "SPLITS", "EvaluationReport", "Split"]

Split = Literal["train", "validation", "test"]

#: Passes that are reported, by the names used in reports, rules and run directories.
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

#: Version of `EvaluationReport.to_dict` and of the tensors in event files; older ones are read.
FORMAT_VERSION = 3

#: Numbers of a report that its statistics do not hold, with the format that brought each.
REPORT_NUMBERS: Mapping[str, int] = {
    "loss_accuracy_divergence": 1,
    "logged_loss": 1,
    "initial_cross_entropy": 2,
    "non_finite_weights": 2,
}


@dataclasses.dataclass(frozen=True, eq=False)
class EvaluationReport(DerivedQuantities):
    """What one pass over one output says.

    Raises:
        ValueError: If `split` is unknown, or `class_names` does not have one name for each class.
    """

    #: 0-based, as Keras counts; of a test pass, the last trained epoch.
    epoch: int
    #: `"train"`, `"validation"` or `"test"`.
    split: Split
    #: Name of the output; `""` where the model has one.
    output: str
    #: One name for each class; multi-label: for each label.
    class_names: tuple[str, ...]
    #: The sums that everything else is derived from.
    statistics: ClassStatistics
    #: See `xent_monitor.divergence.loss_accuracy_divergence`; it needs the passes before this one.
    loss_accuracy_divergence: float = math.nan
    #: The loss that Keras logged for this pass; NaN where it is not known.
    logged_loss: float = math.nan
    #: Cross-entropy of the first step of the first epoch, before it changed the model; NaN of other passes.
    initial_cross_entropy: float = math.nan
    #: Weights of the model (tensors) that held NaN or infinity when the epoch ended.
    non_finite_weights: int = 0

    def __post_init__(self) -> None:
        _check_split(self.split)
        object.__setattr__(self, "class_names", tuple(self.class_names))
        object.__setattr__(self, "non_finite_weights", int(self.non_finite_weights))
        if len(self.class_names) != self.num_classes:
            raise ValueError(
                f"`class_names` must have one name for each of the {self.num_classes} classes. "
                f"Received: {len(self.class_names)} names."
            )

    @classmethod
    def from_predictions(
        cls,
        labels: ArrayLike,
        *,
        probabilities: ArrayLike | None = None,
        logits: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        task: Task | None = None,
        split: Split = "test",
        output: str = "",
        epoch: int = 0,
        num_bins: int = 15,
        confusion_limit: int = 256,
    ) -> EvaluationReport:
        """The report of predictions made elsewhere, by any library: that of a test pass with the same predictions.

        The loss that the model was trained with is not known: quantities of it are NaN, and `cross_entropy` is that
        of the predictions. The first call imports Keras.

        Args:
            labels: Class indices or class names, shape `(n,)` or `(n, 1)`; one-hot or soft rows, shape `(n, K)`. One
                unit: 0 or 1, shape `(n,)` or `(n, 1)`. Multi-label: 0 or 1, shape `(n, K)`.
            probabilities: Predicted probabilities, float, shape `(n, K)`; of one unit those of the positive class,
                shape `(n,)` or `(n, 1)`. Pass these or `logits`. All shapes may have more axes after the first, of
                tokens or pixels.
            logits: The same before the softmax or sigmoid.
            sample_weight: Shape `(n,)`; None for 1.
            class_names: One for each class, in the order of the outputs; of one unit (negative, positive). None for
                `"0"`, `"1"`, ...
            task: `"multiclass"`, `"binary"` or `"multilabel"`; it may be left out where labels do not have the shape
                of the outputs, or where there is one unit.
            split: Name of the pass.
            output: Name of the output.
            epoch: Epoch of the pass, >= 0.
            num_bins: Number of probability bins, >= 1.
            confusion_limit: Number of classes up to which the whole matrix of confusions is kept.

        Returns:
            The report.

        Raises:
            TypeError: If something is not an array of the right kind.
            ValueError: If shapes do not fit, both or none of probabilities and logits are given, nothing is in them,
                a name is no class, it cannot be told of which task labels are, or another argument is wrong.

        Precision and memory: see `xent_monitor.predictions.statistics_of`.

        Example:
            >>> p = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]])
            >>> report = EvaluationReport.from_predictions([0, 1, 1], probabilities=p, class_names=["cat", "dog"])
            >>> report.class_cross_entropy.round(3)
            array([0.105, 1.06 ])
        """
        _check_epoch(epoch)
        _check_split(split)
        if isinstance(class_names, Iterator):
            class_names = tuple(class_names)
        statistics = statistics_of(
            labels,
            probabilities=probabilities,
            logits=logits,
            sample_weight=sample_weight,
            class_names=class_names,
            task=task,
            num_bins=num_bins,
            confusion_limit=confusion_limit,
        )
        names = map(str, range(statistics.num_classes)) if class_names is None else class_names
        report = cls(epoch=epoch, split=split, output=output, class_names=tuple(names), statistics=statistics)
        divergence = loss_accuracy_divergence(
            [report.cross_entropy], [report.accuracy], report.num_examples, report.prior_entropy
        )
        return dataclasses.replace(report, loss_accuracy_divergence=divergence)

    # Names and files

    @classmethod
    def quantities(cls) -> tuple[str, ...]:
        """Names of all quantities that are one number, or one number for each class, sorted."""
        return tuple(sorted((*cls.scalar_quantities(), *cls.class_quantities())))

    @classmethod
    def scalar_quantities(cls) -> tuple[str, ...]:
        """Names of the quantities that are one number, in the order of `DerivedQuantities`."""
        derived = [name for name, value in vars(DerivedQuantities).items() if isinstance(value, ScalarQuantity)]
        return (*derived, *REPORT_NUMBERS)

    @classmethod
    def class_quantities(cls) -> tuple[str, ...]:
        """Names of the quantities with one number for each class, in the order of `DerivedQuantities`."""
        return tuple(name for name, value in vars(DerivedQuantities).items() if isinstance(value, ClassQuantity))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`; `from_dict` reverses it exactly.

        NaN is None, infinities are `"Infinity"` and `"-Infinity"`. `quantities` repeats what the statistics
        define, for readers without this package; there all that is not finite is None.
        """
        return {
            "format": FORMAT_VERSION,
            "epoch": self.epoch,
            "split": self.split,
            "output": self.output,
            "class_names": list(self.class_names),
            **{name: plain_number(getattr(self, name)) for name in REPORT_NUMBERS},
            "statistics": self.statistics.to_dict(),
            "quantities": {name: _plain(getattr(self, name)) for name in self.quantities()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EvaluationReport:
        """The report that `to_dict` wrote.

        Raises:
            ValueError: If the format is unknown, or a key is missing.
        """
        version = values.get("format")
        if not isinstance(version, int) or version not in range(1, FORMAT_VERSION + 1):
            raise ValueError(
                f"`format` must be an integer from 1 to {FORMAT_VERSION}. Received: format={version!r}. "
                "The report was written by another version of xent_monitor."
            )
        numbers = [name for name, since in REPORT_NUMBERS.items() if since <= version]
        names = [field.name for field in dataclasses.fields(cls) if field.name not in REPORT_NUMBERS] + numbers
        missing = [name for name in names if name not in values]
        if missing:
            raise ValueError(f"The report lacks the keys: {', '.join(missing)}.")
        unknown = unknown_fields(version, len(values["class_names"]))
        converted: dict[str, Any] = {"statistics": ClassStatistics.from_dict({**unknown, **values["statistics"]})}
        converted |= {name: number(values[name]) for name in numbers}
        return cls(**{name: values[name] for name in names} | converted)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EvaluationReport):
            return NotImplemented
        exact = ("epoch", "split", "output", "class_names", "statistics")
        return all(getattr(self, name) == getattr(other, name) for name in exact) and all(
            np.array_equal(getattr(self, name), getattr(other, name), equal_nan=True) for name in REPORT_NUMBERS
        )

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, so not hashable

    def __repr__(self) -> str:
        output = f", output={self.output!r}" if self.output else ""
        return (
            f"EvaluationReport(epoch={self.epoch}, split={self.split!r}{output}, "
            f"num_examples={self.num_examples}, cross_entropy={self.cross_entropy:.4g}, "
            f"accuracy={self.accuracy:.4g}, skill={self.skill:.3g})"
        )

    def _repr_html_(self) -> str:
        """What Jupyter shows: key numbers, and the worst classes."""
        output = f", output {self.output}" if self.output else ""
        numbers = ("cross_entropy", "accuracy", "skill", "temperature", "expected_calibration_error", "num_examples")
        columns = ("class_cross_entropy", "class_accuracy", "class_precision", "support")
        return report_table(
            f"{self.split}, epoch {self.epoch}{output}",
            {name: getattr(self, name) for name in numbers},
            self.class_names,
            {name: getattr(self, name) for name in columns},
        )


def _check_epoch(epoch: Any) -> None:
    if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < 0:
        raise ValueError(f"`epoch` must be an integer >= 0. Received: epoch={epoch!r}.")


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ValueError(f"`split` must be one of {', '.join(SPLITS)}. Received: split={split!r}.")


def _plain(value: Any) -> Any:
    """A number, or a list of numbers, with None for what is not finite."""
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    return value if isinstance(value, int) or math.isfinite(value) else None


def sort_key(report: EvaluationReport) -> tuple[int, int, str]:
    """Order of reports in a list: by epoch, then train, validation, test, then output."""
    return (report.epoch, SPLITS.index(report.split), report.output)
