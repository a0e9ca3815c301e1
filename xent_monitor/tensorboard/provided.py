"""From TensorBoard's data provider to reports: those of `read_reports`, wherever the log directory is.

Two kinds of fields are told apart. What the scalars and the quantities by class are derived from is read for all
epochs at once and makes an *outline* of each report, in which what was not read is NaN, 0 or None. The rest, histograms
by class and the matrix or sketch of confusions, is most of the bytes; it is read when one epoch, class or pair is
looked at.

What was read is kept. Of 1,000 classes, 200 epochs and two splits the outlines take 71 MB, and what the mistakes and
the words of an epoch before the last need 30 MB for each split that is looked at.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import numpy as np

from xent_monitor.errors import EventFormatError
from xent_monitor.report import REPORT_NUMBERS, EvaluationReport, Split
from xent_monitor.statistics import array_fields, scalar_fields
from xent_monitor.tensorboard.cache import Cache
from xent_monitor.tensorboard.listing import Listing, Run, SplitRun
from xent_monitor.tensorboard.metadata import report_from_arrays
from xent_monitor.tensorboard.tensors import Array, TensorReader, groups

__all__ = ["CACHE_BYTES", "Passes", "ProvidedReports", "Stack"]

#: Most memory that what was read may take.
CACHE_BYTES = 2**30

#: Seconds for which the list of the runs is taken to be as it was. One action on the page asks for several things, and
#: TensorBoard itself looks for new data every five seconds.
LISTING_SECONDS = 1.0

#: Bytes up to which fields that outlines lack are read together, whichever of them is asked for.
TOGETHER_BYTES = 16 * 2**20

#: Fields that outlines lack.
NOT_IN_OUTLINE: frozenset[str] = frozenset(
    {
        "brier_sum",
        "class_confidence_histogram",
        "confusion",
        "confusion_sketch",
        "entropy_sum",
        "probability_sum",
        "target_cross_entropy_sum",
        "true_class_probability_histogram",
        "true_class_probability_sum",
        "weighted_loss_sum",
    }
)

Value = TypeVar("Value")

#: Reports of each split of a run, oldest first; the split to look at first in front.
Passes = Mapping[Split, tuple[EvaluationReport, ...]]


@dataclasses.dataclass(frozen=True)
class Stack:
    """One field of the statistics over the epochs."""

    #: Epochs that have a value, rising.
    epochs: tuple[int, ...]
    #: Their values, counts in the smallest type that holds them. Shape `(len(epochs), ...)`.
    values: Array

    @classmethod
    def of(cls, steps: Mapping[int, Array]) -> Stack:
        """The values of these epochs, at least one, that have the shape of the last one."""
        shape = steps[max(steps)].shape
        epochs = tuple(epoch for epoch in sorted(steps) if steps[epoch].shape == shape)
        dtype = np.result_type(*{_smallest_type(steps[epoch]) for epoch in epochs})
        return cls(epochs, np.stack([steps[epoch].astype(dtype) for epoch in epochs]))

    def at(self, epoch: int) -> Array | None:
        """The value of an epoch, or None."""
        return self.values[self.epochs.index(epoch)] if epoch in self.epochs else None


class ProvidedReports:
    """The reports of one experiment.

    Args:
        reader: Where the tensors come from.
        cache: What was read before; keeps what is read now.
    """

    def __init__(self, reader: TensorReader, cache: Cache) -> None:
        self._reader = reader
        self._cache = cache

    def listing(self) -> Listing:
        """The runs that there were within the last `LISTING_SECONDS`."""
        now = int(time.monotonic() / LISTING_SECONDS)
        return self._cache.get((self._reader.experiment, "listing"), now, self._reader.listing, lambda _: 0)

    def passes(self, run: Run) -> Passes:
        """Outlines of the reports of a run; a split of which there is no whole report yet is left out.

        Raises:
            EventFormatError: If they cannot be read.
        """
        _check_classes(run)
        outlines = {split: self._outlines(of) for split, of in run.splits.items()}
        return {split: reports for split, reports in outlines.items() if reports}

    def report(self, run: Run, outline: EvaluationReport) -> EvaluationReport:
        """The whole report that an outline is of. Of each split the last one that was asked for is kept."""
        of = run.splits[outline.split]
        return self._kept(of, "report", lambda: self._read_whole(of, outline), _report_bytes, outline.epoch)

    def stack(self, run: Run, split: Split, field: str) -> Stack | None:
        """A field that outlines lack, by epoch, or None where it was not recorded."""
        return self._stack(run.splits[split], field)

    def alerts(self, run: Run, split: Split) -> dict[int, bytes]:
        """What was recorded of the alerts of a split, by epoch, as it was written."""
        of = run.splits[split]
        return self._kept(of, "alerts", lambda: self._reader.alerts(of), lambda found: sum(map(len, found.values())))

    def _kept(
        self,
        of: SplitRun,
        what: str,
        make: Callable[[], Value],
        num_bytes: Callable[[Value], int],
        stamp: Hashable = None,
    ) -> Value:
        """Something of a split from the cache, made anew where the split or the stamp has changed."""
        key = (self._reader.experiment, of.tensorboard_run, of.header.output, what)
        return self._cache.get(key, (of.stamp, stamp), make, num_bytes)

    def _last(self, of: SplitRun) -> dict[str, tuple[int, Array]]:
        """Last epoch and its value of every field; of this size are the others too."""
        return self._kept(
            of,
            "last",
            lambda: self._reader.last(of, [field for field in of.tags if field in _SINCE]),
            lambda last: sum(value.nbytes for _, value in last.values()),
        )

    def _outlines(self, of: SplitRun) -> tuple[EvaluationReport, ...]:
        return self._kept(of, "outlines", lambda: self._read_outlines(of), lambda it: sum(map(_report_bytes, it)))

    def _stack(self, of: SplitRun, field: str) -> Stack | None:
        sizes = {name: value.nbytes for name, (_, value) in self._last(of).items() if name in NOT_IN_OUTLINE}
        together = [group for group in groups(sizes, of.last_epoch + 1, TOGETHER_BYTES) if field in group]
        if not together:
            return None
        (group,) = together
        stacks = self._kept(
            of,
            "/".join(group),
            lambda: self._read_stacks(of, {name: sizes[name] for name in group}),
            lambda found: sum(stack.values.nbytes for stack in found.values()),
        )
        return stacks.get(field)

    def _read_stacks(self, of: SplitRun, sizes: Mapping[str, int]) -> dict[str, Stack]:
        return {field: Stack.of(steps) for field, steps in self._reader.by_epoch(of, sizes).items() if steps}

    def _read_outlines(self, of: SplitRun) -> tuple[EvaluationReport, ...]:
        left_out = NOT_IN_OUTLINE
        if of.header.task == "multilabel":  # the examples of a label are counted by its histogram
            left_out -= {"true_class_probability_histogram"}
        sizes = {field: value.nbytes for field, (_, value) in self._last(of).items() if field not in left_out}
        values = self._reader.by_epoch(of, sizes)
        # TensorBoard may be in the middle of a report: an epoch counts once it is there in every field.
        needed = [set(steps) for field, steps in values.items() if _SINCE[field] <= of.header.format]
        epochs = sorted(set.intersection(*needed)) if needed else []
        return tuple(
            _outline(of, epoch, {field: steps[epoch] for field, steps in values.items() if epoch in steps})
            for epoch in epochs
        )

    def _read_whole(self, of: SplitRun, outline: EvaluationReport) -> EvaluationReport:
        found: dict[str, Any] = {}
        for field, (epoch, value) in self._last(of).items():
            if field in NOT_IN_OUTLINE and epoch == outline.epoch:
                found[field] = value
            elif field in NOT_IN_OUTLINE and epoch > outline.epoch:
                stack = self._stack(of, field)
                of_epoch = None if stack is None else stack.at(outline.epoch)
                found |= {} if of_epoch is None else {field: of_epoch}
        try:
            return dataclasses.replace(outline, statistics=dataclasses.replace(outline.statistics, **found))
        except ValueError as error:
            raise EventFormatError(f"The statistics of epoch {outline.epoch} do not fit together: {error}") from error


#: The format from which on every report has a field. Of the optional ones, which it may lack, beyond all formats.
_SINCE: Mapping[str, float] = {
    **{field.name: field.metadata.get("since", 1) for field in scalar_fields()},
    **{field.name: float("inf") if field.metadata["optional"] else field.metadata["since"] for field in array_fields()},
    **REPORT_NUMBERS,
}


def _check_classes(run: Run) -> None:
    """Raise if the splits do not have the same classes, as where two models were logged into one directory."""
    counts = {split: of.num_classes for split, of in run.splits.items()}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{count} in {split}" for split, count in counts.items())
        raise EventFormatError(
            f"All splits of a run must have the same classes; it has {listed}. "
            "Give each model a log directory of its own."
        )


def _outline(of: SplitRun, epoch: int, arrays: Mapping[str, Array]) -> EvaluationReport:
    """A report of the fields that were read, in which the others hold what says that they were not."""
    num_classes = len(arrays.get("support", of.class_names))
    if num_classes != of.num_classes:
        raise EventFormatError(
            f"All epochs of a run must have the same classes; its {of.header.split} split begins with {of.num_classes} "
            f"and has {num_classes} in epoch {epoch}. Give each model a log directory of its own."
        )
    num_bins = len(arrays.get("bin_confidence_sum", ()))
    unread: dict[str, Array] = {
        field.name: np.full(of.num_classes, np.nan)
        for field in array_fields()
        if field.name in NOT_IN_OUTLINE and field.metadata["shape"] == ("num_classes",)
    }
    unread["true_class_probability_histogram"] = np.zeros((1, num_bins), np.int64)
    return report_from_arrays(of.header, epoch, {**unread, **arrays})


def _smallest_type(counts: Array) -> np.dtype[Any]:
    """The smallest type that holds these counts, or their own type if they are none."""
    if counts.dtype.kind != "i" or not counts.size or counts.min() < 0:
        return counts.dtype
    return np.min_scalar_type(int(counts.max()))


def _report_bytes(report: EvaluationReport) -> int:
    """Memory of a report, with the quantities by class that it keeps once it was asked for them, seven at most."""
    arrays = [getattr(report.statistics, field.name) for field in array_fields()]
    return sum(int(array.nbytes) for array in arrays if array is not None) + 7 * 8 * report.num_classes
