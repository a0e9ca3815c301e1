"""`AlertRecord`: how the alerts stand after an epoch, as it is on disk for our own tab."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from tensorboard.compat.proto.summary_pb2 import SummaryMetadata

from xent_monitor.errors import EventFormatError
from xent_monitor.report import Split
from xent_monitor.tensorboard.metadata import ALERT_STATES, check_not_newer, own_metadata

__all__ = [
    "ALERT_STATES_FORMAT",
    "RECORD_LIMIT",
    "ActiveInstance",
    "AlertRecord",
    "WatchedRule",
    "alert_states_metadata",
]

#: Version of the format of `AlertRecord`. The first is 4, one above the last format of reports that had none: a reader
#: of that time, which takes every tensor of ours for one of a report, then says that it is too old for the file.
ALERT_STATES_FORMAT = 4
#: Most instances, and most events, of one record; `alerts.jsonl` holds every event.
RECORD_LIMIT = 1000


class WatchedRule(NamedTuple):
    """A rule that judges a pass."""

    name: str
    #: `"info"`, `"warning"` or `"critical"`.
    severity: str


class ActiveInstance(NamedTuple):
    """An alert instance that is not inactive."""

    rule: str
    severity: str
    #: The class it is about; None where it is about the whole output.
    class_name: str | None
    #: Index of the class; None where there is none, or none of that name.
    class_index: int | None
    #: `"pending"` or `"firing"`.
    state: str


@dataclasses.dataclass(frozen=True)
class AlertRecord:
    """How the alerts of one split and output stand after an epoch. It is written where nothing is active too.

    Example:
        >>> record = AlertRecord.of([("overfitting", "warning")], [], [])
        >>> AlertRecord.from_bytes(record.to_bytes()) == record
        True
    """

    #: Every rule that judges the pass, in the order of the rules; one that failed, and was switched off, is left out.
    rules: tuple[WatchedRule, ...]
    #: What fires first, then what is pending, each with the gravest first; at most `RECORD_LIMIT`.
    instances: tuple[ActiveInstance, ...]
    #: How many instances of a rule are beyond the limit, where there are any.
    more: Mapping[str, int]
    #: What began to fire in this epoch, or was resolved, as `AlertEvent.to_dict`; in the same order, at most so many.
    events: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(
        cls,
        rules: Iterable[tuple[str, str]],
        instances: Sequence[tuple[str, str, str | None, int | None, str]],
        events: Iterable[Mapping[str, Any]],
    ) -> AlertRecord:
        """The record of plain values, of which those beyond the limit are left out; no more events are asked for."""
        return cls(
            tuple(WatchedRule(*rule) for rule in rules),
            tuple(ActiveInstance(*instance) for instance in instances[:RECORD_LIMIT]),
            dict(Counter(instance[0] for instance in instances[RECORD_LIMIT:])),
            tuple(islice(events, RECORD_LIMIT)),
        )

    def to_bytes(self) -> bytes:
        """JSON, with the version of the format."""
        values = {
            "format": ALERT_STATES_FORMAT,
            "rules": [rule._asdict() for rule in self.rules],
            "instances": [instance._asdict() for instance in self.instances],
            "more": dict(self.more),
            "events": list(self.events),
        }
        # Escaped to ASCII, which carries even halves of surrogate pairs through.
        return json.dumps(values, separators=(",", ":"), allow_nan=False).encode("ascii")

    @classmethod
    def from_bytes(cls, content: bytes) -> AlertRecord:
        """The record that `to_bytes` wrote; further keys are left out.

        Raises:
            EventFormatError: If it was written by a newer version, or is not such a record.
        """
        try:
            values = json.loads(content)
            version = values["format"]
            check_not_newer(version, ALERT_STATES_FORMAT)
            if version != ALERT_STATES_FORMAT:
                raise ValueError(f"format {version!r}")
            return cls(
                tuple(WatchedRule(*(rule[key] for key in WatchedRule._fields)) for rule in values["rules"]),
                tuple(ActiveInstance(*(each[key] for key in ActiveInstance._fields)) for each in values["instances"]),
                {rule: int(number) for rule, number in values["more"].items()},
                tuple(dict(event) for event in values["events"]),
            )
        except EventFormatError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise EventFormatError(f"The states of the alerts cannot be understood: {error!r}.") from error


def alert_states_metadata(split: Split, output: str) -> SummaryMetadata:
    """Metadata of the tensor with the `AlertRecord` of a split and output."""
    header = {"format": ALERT_STATES_FORMAT, "field": ALERT_STATES, "split": split, "output": output}
    return own_metadata(json.dumps(header).encode("ascii"))
