"""The sums of one pass, per class: the seam between the compiled step and everything after it.

Left of `ClassStatistics` is tensor code that runs once a batch; right of it plain NumPy that runs once a pass.
Every field is a sum, so two passes over parts of a data set add up to the pass over the whole:

    >>> a = ClassStatistics.empty("multiclass", num_classes=3, num_bins=10)
    >>> (a + a).support
    array([0, 0, 0])
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["TASKS", "ClassStatistics", "Floats", "Integers", "Task"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Task = Literal["multiclass", "binary", "multilabel"]

#: Kinds of classification, by the names used in reports and files.
TASKS: tuple[Task, ...] = ("multiclass", "binary", "multilabel")


def _shaped(*shape: str, dtype: type = np.float64, optional: bool = False, since: int = 1) -> Any:
    """Declare an array field by the names of its dimensions; `__post_init__` holds it to them."""
    return dataclasses.field(metadata={"shape": shape, "dtype": dtype, "optional": optional, "since": since})


def _counted(since: int) -> Any:
    """Declare a field with one number that older formats do not hold."""
    return dataclasses.field(metadata={"since": since})


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ClassStatistics:
    """Additive sums of one pass over one output, on the host.

    Dimensions: `num_classes` K, `num_bins` B, `num_temperatures` G, `histogram_classes` (K, or 1 for all classes
    together), and the tables, width and fields of the sketch of confusions. Bins of a probability are `[a, b)` of
    equal width over [0, 1], the last `[a, b]`. Of sequences and images each position is a row. A row that is masked
    is in `masked`, and one whose label is invalid or whose values are not finite in `num_rows` and in the count of
    its cause; both are nowhere else, but for the two sums of Keras' own averages.

    A row is one example of its true class, with one decision. Where the task is `"multilabel"` it is an example of
    each of its K labels instead, with a decision on each: positive or negative, for which all sums below that speak
    of a class are taken over all rows, as of the two classes that the label tells apart.

    Raises:
        ValueError: If an array has another shape than its field states, or a task is unknown.
    """

    #: `"multiclass"`, `"binary"` (classes: negative, positive) or `"multilabel"` (a class is a label).
    task: Task

    #: Examples whose true class is k; multi-label: rows whose label k is positive (a target above 1/2).
    support: Integers = _shaped("num_classes", dtype=np.int64)
    #: Examples of class k whose largest probability is that of class k; multi-label: right decisions on label k.
    correct: Integers = _shaped("num_classes", dtype=np.int64)
    #: Examples, of any class, whose largest probability is that of class k; multi-label: positive decisions (p > 1/2).
    predicted: Integers = _shaped("num_classes", dtype=np.int64)
    #: Decisions by bin of the largest probability; rows: wrong, right.
    confidence_histogram: Integers = _shaped("2", "num_bins", dtype=np.int64)
    #: The same for each true class (multi-label: for each label), or None where there are too many to keep it.
    class_confidence_histogram: Integers | None = _shaped("num_classes", "2", "num_bins", dtype=np.int64, optional=True)
    #: Examples of class k by bin of the probability given to class k (multi-label: to the true outcome of label k).
    true_class_probability_histogram: Integers = _shaped("histogram_classes", "num_bins", dtype=np.int64)
    #: Examples by true class (row) and predicted class (column); None where there are too many, and multi-label.
    confusion: Integers | None = _shaped("num_classes", "num_classes", dtype=np.int64, optional=True)
    #: Linear sketch of the wrong pairs where `confusion` is None; see `xent_monitor.confusion`.
    confusion_sketch: Integers | None = _shaped(
        "num_tables", "sketch_width", "sketch_fields", dtype=np.int64, optional=True
    )

    #: Rows that the pass has seen and that are not masked, valid or not.
    num_rows: int
    #: Rows left out because the label names no class; multi-label: because a target is outside [0, 1].
    invalid_labels: int
    #: Rows left out because a prediction, loss or weight is NaN or infinite.
    non_finite: int
    #: Rows whose predictions are not a probability distribution; they stay in the sums, as Keras sees them.
    invalid_probabilities: int
    #: Decisions whose true class has a probability at or below Keras' clip (`keras.config.epsilon()`).
    saturated: int

    #: Sum of sample weights by true class (the support, where there are none).
    weight_sum: Floats = _shaped("num_classes")
    #: Sum of -ln p(true class), nats.
    cross_entropy_sum: Floats = _shaped("num_classes")
    #: Sum of its square, nats squared.
    cross_entropy_square_sum: Floats = _shaped("num_classes")
    #: Sum of weight times -ln p(true class).
    weighted_cross_entropy_sum: Floats = _shaped("num_classes")
    #: Sum of the compiled loss of each example, unweighted, without penalties.
    loss_sum: Floats = _shaped("num_classes")
    #: Sum of weight times the compiled loss.
    weighted_loss_sum: Floats = _shaped("num_classes")
    #: Sum of the largest probability.
    confidence_sum: Floats = _shaped("num_classes")
    #: Sum of the probability given to the true class.
    true_class_probability_sum: Floats = _shaped("num_classes")
    #: Sum of the Brier score, sum over classes of (p - y)^2.
    brier_sum: Floats = _shaped("num_classes")
    #: Sum of the entropy of the predicted distribution, nats.
    entropy_sum: Floats = _shaped("num_classes")

    #: Sum of the largest probability by its own bin.
    bin_confidence_sum: Floats = _shaped("num_bins")
    #: Cross-entropy at each inverse temperature of the grid, summed over the sampled rows, with its first and
    #: second derivative in the inverse temperature; see `xent_monitor.calibration`.
    temperature_sums: Floats = _shaped("3", "num_temperatures")
    #: Decisions in `temperature_sums`.
    temperature_sample_size: int
    #: Sum over `num_samples` of the penalty of their batch (regularisers and `add_loss`); before format 3 over rows.
    penalty_sum: float
    #: Sum over the classes of the predicted probabilities: 1 for each example, if they are distributions.
    probability_sum: Floats = _shaped("num_classes", since=2)
    #: Sum over neighbouring rows of a batch, both of them in the sums, of the difference of their largest
    #: probabilities (multi-label: of their mean over the labels), taken positive. Unlike the others it depends on the
    #: batches and on the order of the rows.
    confidence_step_sum: float = _counted(since=2)
    #: Batches that the pass has seen, those without rows aside.
    num_batches: int = _counted(since=2)
    #: Sum of the cross-entropy against the target as it was given, before any label smoothing of the loss, nats.
    target_cross_entropy_sum: Floats = _shaped("num_classes", since=3)
    #: The part of `cross_entropy_sum` from the rows whose label k is positive; multi-label only, None else.
    positive_cross_entropy_sum: Floats | None = _shaped("num_classes", optional=True, since=3)
    #: Sum over rows of the square of their cross-entropy; multi-label: of its mean over the labels.
    row_cross_entropy_square_sum: float = _counted(since=3)
    #: Rows that a mask or `ignore_class` has taken out.
    masked: int = _counted(since=3)
    #: Sum over batches of the loss that Keras makes of the batch, times the entries of its first axis. Rows that the
    #: other sums leave out are in it.
    batch_mean_loss_sum: float = _counted(since=3)
    #: Entries of the first axis of all batches, masked ones included.
    num_samples: int = _counted(since=3)

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"`task` must be one of {', '.join(TASKS)}. Received: task={self.task!r}.")
        sizes: dict[str, int] = {"2": 2, "3": 3}
        for field in array_fields():
            value = getattr(self, field.name)
            if value is None and field.metadata["optional"]:
                continue
            array = np.asarray(value, field.metadata["dtype"])
            _check_shape(field, array, sizes)
            array = array.copy() if array is value else array
            array.flags.writeable = False
            object.__setattr__(self, field.name, array)
        positive = self.positive_cross_entropy_sum
        if (positive is not None) != (self.task == "multilabel"):
            shape = None if positive is None else positive.shape
            raise ValueError(
                "`positive_cross_entropy_sum` must be an array where the task is 'multilabel', and None where it is "
                f"not. Received: task={self.task!r}, positive_cross_entropy_sum.shape={shape}."
            )

    @classmethod
    def empty(
        cls,
        task: Task,
        num_classes: int,
        num_bins: int,
        *,
        num_temperatures: int = 0,
        per_class_confidence: bool = True,
        confusion: bool = True,
        sketch_shape: tuple[int, int, int] | None = None,
        pooled_histogram: bool = False,
    ) -> ClassStatistics:
        """Statistics of a pass without examples: the identity of `+`.

        Args:
            task: Kind of classification.
            num_classes: Number of classes, or of labels, K.
            num_bins: Number of probability bins.
            num_temperatures: Nodes of the temperature fit.
            per_class_confidence: Whether there is a `class_confidence_histogram`.
            confusion: Whether there is a matrix of confusions; multi-label there is none in any case.
            sketch_shape: Shape of the sketch of confusions; None for no sketch.
            pooled_histogram: Whether `true_class_probability_histogram` is one for all classes together.
        """
        sizes = {
            "2": 2,
            "3": 3,
            "num_classes": num_classes,
            "histogram_classes": 1 if pooled_histogram else num_classes,
            "num_bins": num_bins,
            "num_temperatures": num_temperatures,
        }
        if sketch_shape is not None:
            sizes |= dict(zip(("num_tables", "sketch_width", "sketch_fields"), sketch_shape, strict=True))
        absent = {
            "class_confidence_histogram": not per_class_confidence,
            "confusion": not confusion or task == "multilabel",
            "confusion_sketch": sketch_shape is None,
            "positive_cross_entropy_sum": task != "multilabel",
        }
        arrays: dict[str, Any] = {
            field.name: None
            if absent.get(field.name)
            else np.zeros([sizes[dimension] for dimension in field.metadata["shape"]], field.metadata["dtype"])
            for field in array_fields()
        }
        numbers: dict[str, Any] = {field.name: 0 for field in scalar_fields()}
        return cls(task=task, **arrays, **numbers)

    @property
    def num_classes(self) -> int:
        """Number of classes, or of labels, K."""
        return int(self.support.shape[0])

    @property
    def num_bins(self) -> int:
        """Number of probability bins, B."""
        return int(self.bin_confidence_sum.shape[0])

    @property
    def num_examples(self) -> int:
        """Rows that are in the sums."""
        if self.task == "multilabel":
            # Each row counts once for each label, in a histogram of each label as in one of all together.
            return int(self.true_class_probability_histogram.sum()) // self.num_classes
        return int(self.support.sum())

    @property
    def class_examples(self) -> Integers:
        """Rows that the means of class k run over: those of the class; multi-label: all. Shape `(num_classes,)`."""
        if self.task == "multilabel":
            return np.full(self.num_classes, self.num_examples, np.int64)
        return self.support

    @property
    def num_decisions(self) -> int:
        """Decisions that are in the sums: one for each row; multi-label: one for each row and label."""
        return int(self.class_examples.sum())

    @property
    def true_positives(self) -> Integers:
        """Rows of class k, or whose label k is positive, that were predicted to be so. Shape `(num_classes,)`."""
        if self.task == "multilabel":
            # Of the decisions that are right, the negative ones are those neither positive in truth nor in prediction:
            # correct = TP + (n - support - predicted + TP).
            return (self.correct + self.support + self.predicted - self.num_examples) // 2
        return self.correct

    def __add__(self, other: ClassStatistics) -> ClassStatistics:
        """Statistics of both passes together.

        Raises:
            ValueError: If the two do not describe the same task, classes and bins.
        """
        if not isinstance(other, ClassStatistics):
            return NotImplemented
        if other.task != self.task:
            raise ValueError(f"Statistics of task {self.task!r} and {other.task!r} cannot be added.")
        total: dict[str, Any] = {"task": self.task}
        for field in array_fields():
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if np.shape(mine) != np.shape(theirs) or (mine is None) != (theirs is None):
                raise ValueError(
                    "Statistics of different shapes cannot be added. "
                    f"Received: {field.name}.shape={np.shape(mine)} and {np.shape(theirs)}."
                )
            total[field.name] = None if mine is None else mine + theirs
        for field in scalar_fields():
            total[field.name] = getattr(self, field.name) + getattr(other, field.name)
        return ClassStatistics(**total)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClassStatistics):
            return NotImplemented
        return self.task == other.task and all(
            np.array_equal(
                np.asarray(getattr(self, field.name), float),
                np.asarray(getattr(other, field.name), float),
                equal_nan=True,
            )
            for field in (*array_fields(), *scalar_fields())
        )

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, so not hashable

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, ready for `json.dumps`; `from_dict` reverses it exactly."""
        values: dict[str, Any] = {"task": self.task}
        for field in array_fields():
            value = getattr(self, field.name)
            values[field.name] = None if value is None else _plain(value.tolist())
        for field in scalar_fields():
            values[field.name] = plain_number(getattr(self, field.name))
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ClassStatistics:
        """The statistics that `to_dict` wrote.

        Raises:
            ValueError: If a field is missing, or has the wrong shape.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        missing = [name for name in names if name not in values]
        if missing:
            raise ValueError(f"Statistics lack the fields: {', '.join(missing)}.")
        numbers = {field.name: number(values[field.name]) for field in scalar_fields()}
        return cls(**{name: numbers.get(name, values[name]) for name in names})


def _check_shape(field: dataclasses.Field[Any], array: NDArray[Any], sizes: dict[str, int]) -> None:
    """Hold an array to the dimensions of its field, and to the sizes known so far, which it adds to."""
    dimensions = field.metadata["shape"]
    fits = array.ndim == len(dimensions) and all(
        sizes.setdefault(dimension, size) == size for dimension, size in zip(dimensions, array.shape, strict=True)
    )
    pooled = "histogram_classes" in dimensions
    if not fits or (pooled and sizes["histogram_classes"] not in (1, sizes["num_classes"])):
        known = {name: size for name, size in sizes.items() if name.startswith("num_")}
        choice = " and histogram_classes is num_classes, or 1 for all classes together" if pooled else ""
        raise ValueError(
            f"`{field.name}` must have shape ({', '.join(dimensions)}) where {known}{choice}. "
            f"Received: {field.name}.shape={array.shape}."
        )


def plain_number(value: float) -> float | str | None:
    """The number as JSON can hold it: None for NaN, `"Infinity"` or `"-Infinity"`; `number` turns it back."""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return None if math.isnan(value) else value


def number(value: float | str | None) -> float:
    """The number that `plain_number` wrote; integers stay integers."""
    if value is None:
        return math.nan
    return float(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Nested lists of plain numbers; `numpy.asarray` turns them back."""
    return [_plain(item) for item in value] if isinstance(value, list) else plain_number(value)


def unknown_fields(version: int, num_classes: int) -> dict[str, Any]:
    """Fields that reports of an older format do not hold, with the value that says so.

    That is NaN, 0 for counts, and None for arrays that need not be there.
    """
    later = [field for field in dataclasses.fields(ClassStatistics) if field.metadata.get("since", 1) > version]
    return {field.name: _unknown(field, num_classes) for field in later}


def _unknown(field: dataclasses.Field[Any], num_classes: int) -> Any:
    if "shape" in field.metadata:
        return None if field.metadata["optional"] else np.full(num_classes, math.nan)
    return 0 if field.type == "int" else math.nan


def array_fields() -> list[dataclasses.Field[Any]]:
    """Fields of `ClassStatistics` that hold arrays, in order."""
    return [field for field in dataclasses.fields(ClassStatistics) if "shape" in field.metadata]


def scalar_fields() -> list[dataclasses.Field[Any]]:
    """Fields of `ClassStatistics` that hold one number, in order."""
    return [
        field for field in dataclasses.fields(ClassStatistics) if "shape" not in field.metadata and field.name != "task"
    ]
