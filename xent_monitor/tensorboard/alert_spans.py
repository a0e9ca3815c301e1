"""The states of the alerts over the epochs, from what was recorded after each."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from xent_monitor.report import SPLITS, Split
from xent_monitor.statistics import number
from xent_monitor.tensorboard.alert_record import ActiveInstance, AlertRecord

__all__ = ["INSTANCE_LIMIT", "Records", "alerts_answer", "gravest_state"]

#: Most instances of one answer.
INSTANCE_LIMIT = 500

#: What was recorded of each split, by epoch.
Records = Mapping[Split, Mapping[int, AlertRecord]]

#: Severities by rank, the gravest first.
_SEVERITIES = ("critical", "warning", "info")


@dataclasses.dataclass
class _History:
    """One alert instance over the epochs."""

    instance: ActiveInstance
    split: Split
    spans: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    events: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def extend(self, state: str, epoch: int, before: int | None) -> None:
        """Add the state after an epoch.

        Args:
            state: `"pending"` or `"firing"`.
            epoch: The epoch.
            before: The epoch of the record before, of which a span of the same state goes on. Epochs between the two
                have no record, and leave a state as it is.
        """
        last = self.spans[-1] if self.spans else None
        if last is not None and last["state"] == state and last["last"] == before:
            last["last"] = epoch
        else:
            self.spans.append({"state": state, "first": epoch, "last": epoch})

    @property
    def ever_fired(self) -> bool:
        return any(span["state"] == "firing" for span in self.spans)

    @property
    def order(self) -> tuple[Any, ...]:
        """The gravest first, then by rule; of a rule in the order in which they began."""
        index = -1 if self.instance.class_index is None else self.instance.class_index
        first = self.spans[0]["first"]
        return (_rank(self.instance.severity), self.instance.rule, first, SPLITS.index(self.split), index)

    def to_dict(self) -> dict[str, Any]:
        return {
            "rule": self.instance.rule,
            "severity": self.instance.severity,
            "split": self.split,
            "class": self.instance.class_index,
            "class_name": self.instance.class_name,
            "spans": self.spans,
            "events": self.events,
        }


def alerts_answer(records: Records) -> dict[str, Any]:
    """All alert instances that were ever pending or firing, with their messages.

    Where there are more than `INSTANCE_LIMIT`, those of one class that never fired are left out first, then those of
    one class that are over, so that a rule with an instance for each of many classes does not hide the others.
    """
    histories = [history for split, by_epoch in records.items() for history in _histories(split, by_epoch)]
    latest = {split: max(by_epoch) for split, by_epoch in records.items() if by_epoch}
    histories.sort(
        key=lambda it: (
            it.instance.class_name is not None,
            not it.ever_fired,
            it.spans[-1]["last"] < latest[it.split],
            it.order,
        )
    )
    more = Counter(history.instance.rule for history in histories[INSTANCE_LIMIT:])
    for by_epoch in records.values():
        # What a record has no room for cannot be followed from epoch to epoch: the fullest record tells how much it is.
        beyond: Counter[str] = Counter()
        for record in by_epoch.values():
            beyond |= Counter(record.more)
        more += beyond
    return {
        "recorded": bool(latest),
        "rules": _rules(by_epoch[epoch] for by_epoch in records.values() for epoch in sorted(by_epoch)),
        "instances": [it.to_dict() for it in sorted(histories[:INSTANCE_LIMIT], key=lambda it: it.order)],
        "more": dict(sorted(more.items())),
    }


def gravest_state(records: Iterable[AlertRecord]) -> str:
    """State of a run by the last record of each split: `"critical"`, `"warning"`, `"healthy"`, or `"unknown"`."""
    records = list(records)
    firing = {it.severity for record in records for it in record.instances if it.state == "firing"}
    if not records:
        return "unknown"
    return next((severity for severity in ("critical", "warning") if severity in firing), "healthy")


def _histories(split: Split, by_epoch: Mapping[int, AlertRecord]) -> list[_History]:
    """The instances of a split, in the order in which they began."""
    found: dict[tuple[Any, ...], _History] = {}
    named: dict[tuple[str, str | None], _History] = {}
    before = None
    for epoch in sorted(by_epoch):
        record = by_epoch[epoch]
        for instance in record.instances:
            key = (instance.rule, instance.class_name, instance.class_index)
            history = found.setdefault(key, _History(instance, split))
            history.instance = instance
            history.extend(instance.state, epoch, before)
            named.setdefault(key[:2], history)
        for event in record.events:
            of = named.get((event.get("rule", ""), event.get("class_name")))
            if of is not None:
                of.events.append(_event(event))
        before = epoch
    return list(found.values())


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs of an event."""
    plain = {name: event.get(name) for name in ("state", "epoch", "message")}
    return plain | {name: float(number(event.get(name))) for name in ("value", "threshold")}


def _rules(records: Iterable[AlertRecord]) -> list[dict[str, str]]:
    """Every rule that judged a pass, with its latest severity."""
    severities = {rule.name: rule.severity for record in records for rule in record.rules}
    return [
        {"name": name, "severity": severity}
        for name, severity in sorted(severities.items(), key=lambda item: (_rank(item[1]), item[0]))
    ]


def _rank(severity: str) -> int:
    """Place of a severity, the gravest first; one that is not known comes last."""
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
