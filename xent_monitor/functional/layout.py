"""Where each sum lies in the two flat vectors that the compiled step adds to. Plain Python, no tensors.

Names are those of the fields of `xent_monitor.statistics.ClassStatistics`.
"""

from __future__ import annotations

import dataclasses
import math

__all__ = ["CAUSES", "CLASS_COLUMNS", "SumLayout"]

#: Float sums kept for each class, in the order of the columns of the compiled step.
CLASS_COLUMNS = (
    "weight_sum",
    "cross_entropy_sum",
    "cross_entropy_square_sum",
    "weighted_cross_entropy_sum",
    "loss_sum",
    "weighted_loss_sum",
    "confidence_sum",
    "true_class_probability_sum",
    "brier_sum",
    "entropy_sum",
    "probability_sum",
)

#: Counts of rows, in the order of the columns of the compiled step.
CAUSES = (
    "num_rows",
    "invalid_labels",
    "non_finite",
    "invalid_probabilities",
    "saturated",
    "temperature_sample_size",
    "num_batches",
)


@dataclasses.dataclass(frozen=True)
class SumLayout:
    """Sizes of the sums, and their places in the flat vectors of floats and of counts."""

    #: Number of classes K.
    num_classes: int
    #: Number of probability bins.
    num_bins: int
    #: Nodes of the temperature fit.
    inverse_temperatures: tuple[float, ...]
    #: Whether the histogram of the confidence is kept for each class.
    per_class_confidence: bool
    #: Shape of the sketch of confusions; None where the whole matrix is kept.
    sketch_shape: tuple[int, int, int] | None
    #: One pair of multipliers for each table of the sketch.
    sketch_multipliers: tuple[tuple[int, int], ...] = ()

    @property
    def float_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the float sums, in order; the class columns are one block."""
        return {
            "class_columns": (self.num_classes, len(CLASS_COLUMNS)),
            "bin_confidence_sum": (self.num_bins,),
            "temperature_sums": (3, len(self.inverse_temperatures)),
            "penalty_sum": (1,),
            "confidence_step_sum": (1,),
        }

    @property
    def count_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the counts that are found by one index for each row, in order.

        What can be summed from another block is not kept: `support`, `correct` and `confidence_histogram` follow from
        `class_confidence_histogram`, `predicted` from `confusion`.
        """
        shapes: dict[str, tuple[int, ...]] = {"true_class_probability_histogram": (self.num_classes, self.num_bins)}
        if self.per_class_confidence:
            shapes["class_confidence_histogram"] = (self.num_classes, 2, self.num_bins)
        else:
            shapes["class_correct"] = (self.num_classes, 2)
            shapes["confidence_histogram"] = (2, self.num_bins)
        if self.sketch_shape is None:
            shapes["confusion"] = (self.num_classes, self.num_classes)
        else:
            shapes["predicted"] = (self.num_classes,)
        return shapes

    @property
    def num_indexed(self) -> int:
        """Counts that are found by an index."""
        return sum(math.prod(shape) for shape in self.count_shapes.values())

    @property
    def all_count_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all counts in the flat vector, in order."""
        sketch = {} if self.sketch_shape is None else {"confusion_sketch": self.sketch_shape}
        return {**self.count_shapes, "causes": (len(CAUSES),), **sketch}

    @property
    def num_floats(self) -> int:
        """Length of the vector of floats."""
        return sum(math.prod(shape) for shape in self.float_shapes.values())

    @property
    def num_counts(self) -> int:
        """Length of the vector of counts."""
        return sum(math.prod(shape) for shape in self.all_count_shapes.values())
