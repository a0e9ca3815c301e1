"""Where each sum lies in the two flat vectors that the compiled step adds to. Plain Python, no tensors.

Names are those of the fields of `xent_monitor.statistics.ClassStatistics`.
"""

from __future__ import annotations

import dataclasses
import math

__all__ = ["CAUSES", "CLASS_COLUMNS", "POSITIVE_COLUMN", "SumLayout"]

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
    "target_cross_entropy_sum",
)
#: The column that labels which do not exclude each other have besides.
POSITIVE_COLUMN = "positive_cross_entropy_sum"

#: Counts of rows, in the order of the columns of the compiled step.
CAUSES = (
    "num_rows",
    "masked",
    "num_samples",
    "num_batches",
    "invalid_labels",
    "non_finite",
    "invalid_probabilities",
    "saturated",
    "temperature_sample_size",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SumLayout:
    """Sizes of the sums, and their places in the flat vectors of floats and of counts."""

    #: Number of classes K.
    num_classes: int
    #: Number of probability bins.
    num_bins: int
    #: Nodes of the temperature fit.
    inverse_temperatures: tuple[float, ...]
    #: Whether the classes do not exclude each other, so that each row holds K decisions between no and yes.
    multilabel: bool
    #: Whether the histogram of the confidence is kept for each class.
    per_class_confidence: bool
    #: Whether the histogram of the probability of the true class is kept for each class, or for all together.
    per_class_histogram: bool
    #: Shape of the sketch of confusions; None where the whole matrix is kept, or there is none.
    sketch_shape: tuple[int, int, int] | None
    #: One pair of multipliers for each table of the sketch.
    sketch_multipliers: tuple[tuple[int, int], ...] = ()

    @property
    def decisions_per_row(self) -> int:
        """Decisions that the model takes in a row."""
        return self.num_classes if self.multilabel else 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Float sums kept for each class, in order."""
        return (*CLASS_COLUMNS, POSITIVE_COLUMN) if self.multilabel else CLASS_COLUMNS

    @property
    def float_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the float sums, in order; the class columns are one block."""
        shapes: dict[str, tuple[int, ...]] = {
            "class_columns": (self.num_classes, len(self.columns)),
            "bin_confidence_sum": (self.num_bins,),
            "temperature_sums": (3, len(self.inverse_temperatures)),
            "penalty_sum": (1,),
            "batch_mean_loss_sum": (1,),
            "confidence_step_sum": (1,),
        }
        if self.multilabel:
            shapes["row_cross_entropy_square_sum"] = (1,)
        return shapes

    @property
    def count_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the counts that are found by one index for each decision, in order.

        What can be summed from another block is not kept: `support`, `correct` and `confidence_histogram` follow from
        `class_confidence_histogram`, `predicted` from `confusion`, and of labels that do not exclude each other all
        three from `decisions`.
        """
        classes = self.num_classes
        shapes: dict[str, tuple[int, ...]] = {
            "true_class_probability_histogram": (classes if self.per_class_histogram else 1, self.num_bins)
        }
        if self.per_class_confidence:
            shapes["class_confidence_histogram"] = (classes, 2, self.num_bins)
        else:
            shapes["confidence_histogram"] = (2, self.num_bins)
        if self.multilabel:
            return {**shapes, "decisions": (classes, 2, 2)}
        if not self.per_class_confidence:
            shapes["class_correct"] = (classes, 2)
        if self.sketch_shape is None:
            shapes["confusion"] = (classes, classes)
        else:
            shapes["predicted"] = (classes,)
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
