"""Reading our tensors from TensorBoard's data provider, which may be in another process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.data.provider import RunTagFilter

from xent_monitor.tensorboard.listing import Listing, SplitRun, listing
from xent_monitor.tensorboard.metadata import PLUGIN_NAME

__all__ = ["Array", "TensorReader", "groups"]

Array = NDArray[Any]

#: Most bytes of tensors in one answer. TensorBoard's data server refuses to send more than 256 MB.
MESSAGE_BYTES = 200 * 2**20


class TensorReader:
    """Tensors of one experiment.

    Args:
        provider: TensorBoard's `DataProvider`.
        context: TensorBoard's `RequestContext` of the request that is answered.
        experiment: Identifier of the experiment; `""` where TensorBoard shows a log directory.
    """

    def __init__(self, provider: Any, context: Any, experiment: str) -> None:
        self._provider = provider
        self._context = context
        self.experiment = experiment

    def listing(self) -> Listing:
        """The runs that there are."""
        return listing(
            self._provider.list_tensors(self._context, experiment_id=self.experiment, plugin_name=PLUGIN_NAME)
        )

    def last(self, of: SplitRun, fields: Iterable[str]) -> dict[str, tuple[int, Array]]:
        """Last epoch and its value of each field that has one."""
        values = self._read(of, fields, points=1)
        return {field: list(steps.items())[-1] for field, steps in values.items() if steps}

    def by_epoch(self, of: SplitRun, sizes: Mapping[str, int]) -> dict[str, dict[int, Array]]:
        """Values of fields by epoch.

        Where an epoch was written more than once, as by a run that was resumed, the last value counts. Where one field
        alone is more than `MESSAGE_BYTES`, some of its epochs are left out, never the last.

        Args:
            of: Where the tensors are.
            sizes: The fields, with the bytes of one value.
        """
        found: dict[str, dict[int, Array]] = {}
        for together in groups(sizes, of.last_epoch + 1, MESSAGE_BYTES):
            points = max(1, MESSAGE_BYTES // sum(sizes[field] + _OVERHEAD for field in together))
            found |= self._read(of, together, points)
        return found

    def alerts(self, of: SplitRun) -> dict[int, bytes]:
        """What was recorded of the alerts, by epoch, as it was written."""
        if of.alerts_tag is None:
            return {}
        found = self._steps(of.tensorboard_run, [of.alerts_tag], MESSAGE_BYTES)
        return {step: value.item() for step, value in found.get(of.alerts_tag, {}).items()}

    def _read(self, of: SplitRun, fields: Iterable[str], points: int) -> dict[str, dict[int, Array]]:
        tags = {of.tags[field]: field for field in fields}
        found = self._steps(of.tensorboard_run, list(tags), points) if tags else {}
        return {tags[tag]: steps for tag, steps in found.items()}

    def _steps(self, tensorboard_run: str, tags: list[str], points: int) -> dict[str, dict[int, Array]]:
        found = self._provider.read_tensors(
            self._context,
            experiment_id=self.experiment,
            plugin_name=PLUGIN_NAME,
            downsample=points,
            run_tag_filter=RunTagFilter(runs=[tensorboard_run], tags=tags),
        )
        series: Mapping[str, Any] = found.get(tensorboard_run, {})
        return {tag: {int(datum.step): np.asarray(datum.numpy) for datum in data} for tag, data in series.items()}


def groups(sizes: Mapping[str, int], num_epochs: int, limit: int) -> list[tuple[str, ...]]:
    """Fields that are read together: many, because the data server takes 40 ms for a small answer, but not too many.

    Args:
        sizes: The fields, with the bytes of one value.
        num_epochs: Epochs that there are at most.
        limit: Bytes that a group may have. A field that is larger makes a group of its own.

    Example:
        >>> groups({"a": 36, "b": 136, "c": 936, "d": 36}, num_epochs=1, limit=400)
        [('a', 'b'), ('c',), ('d',)]
    """
    found: list[tuple[str, ...]] = []
    total = 0
    for field, size in sizes.items():
        num_bytes = (size + _OVERHEAD) * num_epochs
        if found and total + num_bytes <= limit:
            found[-1] += (field,)
            total += num_bytes
        else:
            found.append((field,))
            total = num_bytes
    return found


#: Bytes that a value takes in a message beside its numbers, at most.
_OVERHEAD = 64
