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
Task = Literal["multiclass", "binary"]

#: Kinds of classification, by the names used in reports and files.
TASKS: tuple[Task, ...] = ("multiclass", "binary")


def _shaped(*shape: str, dtype: type = np.float64, optional: bool = False, since: int = 1) -> Any:
    """Declare an array field by the names of its dimensions; `__post_init__` holds it to them."""
    return dataclasses.field(metadata={"shape": shape, "dtype": dtype, "optional": optional, "since": since})


def _counted(since: int) -> Any:
    """Declare a field with one number that older formats do not hold."""
    return dataclasses.field(metadata={"since": since})


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ClassStatistics:
    """Additive sums of one pass over one output, on the host.

    Dimensions: `num_classes` K, `num_bins` B, `num_temperatures` G, and the tables, width and fields of the sketch
    of confusions. Bins of a probability are `[a, b)` of equal width over [0, 1], the last `[a, b]`. A row whose
    label is invalid or whose values are not finite is in `num_rows` and in the count of its cause, nowhere else.

    Raises:
        ValueError: If an array has another shape than its field states, or a task is unknown.
    """

    #: `"multiclass"` or `"binary"` (classes: negative, positive).
    task: Task

    #: Examples whose true class is k.
    support: Integers = _shaped("num_classes", dtype=np.int64)
    #: Examples of class k whose largest probability is that of class k.
    correct: Integers = _shaped("num_classes", dtype=np.int64)
    #: Examples, of any class, whose largest probability is that of class k.
    predicted: Integers = _shaped("num_classes", dtype=np.int64)
    #: Examples by bin of the largest probability; rows: wrong, right.
    confidence_histogram: Integers = _shaped("2", "num_bins", dtype=np.int64)
    #: The same for each true class, or None where there are too many classes to keep it.
    class_confidence_histogram: Integers | None = _shaped("num_classes", "2", "num_bins", dtype=np.int64, optional=True)
    #: Examples of class k by bin of the probability given to class k.
    true_class_probability_histogram: Integers = _shaped("num_classes", "num_bins", dtype=np.int64)
    #: Examples by true class (row) and predicted class (column), or None where there are too many classes.
    confusion: Integers | None = _shaped("num_classes", "num_classes", dtype=np.int64, optional=True)
    #: Linear sketch of the wrong pairs where `confusion` is None; see `xent_monitor.confusion`.
    confusion_sketch: Integers | None = _shaped(
        "num_tables", "sketch_width", "sketch_fields", dtype=np.int64, optional=True
    )

    #: Rows that the pass has seen, valid or not.
    num_rows: int
    #: Rows masked out because the label names no class.
    invalid_labels: int
    #: Rows masked out because a prediction, loss or weight is NaN or infinite.
    non_finite: int
    #: Rows whose predictions are not a probability distribution; they stay in the sums, as Keras sees them.
    invalid_probabilities: int
    #: Rows whose true class has a probability at or below Keras' clip (`keras.config.epsilon()`).
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
    #: Rows in `temperature_sums`.
    temperature_sample_size: int
    #: Sum over rows of the penalty of their batch (regularisers and `add_loss`).
    penalty_sum: float
    #: Sum over the classes of the predicted probabilities: 1 for each example, if they are distributions.
    probability_sum: Floats = _shaped("num_classes", since=2)
    #: Sum over neighbouring rows of a batch, both of them in the sums, of the difference of their largest
    #: probabilities, taken positive. Unlike the others it depends on the batches and on the order of the rows.
    confidence_step_sum: float = _counted(since=2)
    #: Batches that the pass has seen, those without rows aside.
    num_batches: int = _counted(since=2)

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"`task` must be one of {', '.join(TASKS)}. Received: task={self.task!r}.")
        sizes: dict[str, int] = {"2": 2, "3": 3}
        for field in array_fields():
            value = getattr(self, field.name)
            if value is None and field.metadata["optional"]:
                continue
            array = np.asarray(value, field.metadata["dtype"])
            dimensions = field.metadata["shape"]
            fits = array.ndim == len(dimensions) and all(
                sizes.setdefault(dimension, size) == size
                for dimension, size in zip(dimensions, array.shape, strict=True)
            )
            if not fits:
                known = {name: size for name, size in sizes.items() if not name.isdigit()}
                raise ValueError(
                    f"`{field.name}` must have shape ({', '.join(dimensions)}) where {known}. "
                    f"Received: {field.name}.shape={array.shape}."
                )
            array = array.copy() if array is value else array
            array.flags.writeable = False
            object.__setattr__(self, field.name, array)

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
    ) -> ClassStatistics:
        """Statistics of a pass without examples: the identity of `+`."""
        sizes = {
            "2": 2,
            "3": 3,
            "num_classes": num_classes,
            "num_bins": num_bins,
            "num_temperatures": num_temperatures,
        }
        if sketch_shape is not None:
            sizes |= dict(zip(("num_tables", "sketch_width", "sketch_fields"), sketch_shape, strict=True))
        absent = {
            "class_confidence_histogram": not per_class_confidence,
            "confusion": not confusion,
            "confusion_sketch": sketch_shape is None,
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
        """Number of classes, K."""
        return int(self.support.shape[0])

    @property
    def num_bins(self) -> int:
        """Number of probability bins, B."""
        return int(self.bin_confidence_sum.shape[0])

    @property
    def num_examples(self) -> int:
        """Rows that are in the sums."""
        return int(self.support.sum())

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
    """Fields that reports of an older format do not hold, with the value that says so: NaN, and 0 for counts."""
    later = [field for field in dataclasses.fields(ClassStatistics) if field.metadata.get("since", 1) > version]
    return {
        field.name: np.full(num_classes, math.nan)
        if "shape" in field.metadata
        else 0
        if field.type == "int"
        else math.nan
        for field in later
    }


def array_fields() -> list[dataclasses.Field[Any]]:
    """Fields of `ClassStatistics` that hold arrays, in order."""
    return [field for field in dataclasses.fields(ClassStatistics) if "shape" in field.metadata]


def scalar_fields() -> list[dataclasses.Field[Any]]:
    """Fields of `ClassStatistics` that hold one number, in order."""
    return [
        field for field in dataclasses.fields(ClassStatistics) if "shape" not in field.metadata and field.name != "task"
    ]
