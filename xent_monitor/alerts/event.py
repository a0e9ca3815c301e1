"""`AlertEvent`: an alert has begun to fire, or is resolved."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from xent_monitor.alerts.rule import SEVERITIES, Severity
from xent_monitor.interpretation.wording import one_line
from xent_monitor.report import SPLITS, Split
from xent_monitor.statistics import number, plain_number

__all__ = ["STATES", "AlertEvent", "EventState"]

EventState = Literal["firing", "resolved"]

#: What an event can say.
STATES: tuple[EventState, ...] = ("firing", "resolved")

#: Fields that hold one of a few words.
_WORDS: dict[str, tuple[str, ...]] = {"state": STATES, "severity": SEVERITIES, "split": SPLITS}


@dataclasses.dataclass(frozen=True, eq=False)
class AlertEvent:
    """A transition of one alert instance, and the numbers behind it.

    Two events are equal where all fields are; NaN equals NaN.

    Raises:
        ValueError: If `state`, `severity` or `split` is unknown.

    Example:
        >>> event = AlertEvent(
        ...     rule="cat-is-bad", state="firing", severity="warning", epoch=3, split="validation", output="",
        ...     class_name="cat", value=1.73, threshold=1.5, message="cat: 1.73 nats",
        ... )
        >>> print(event)
        [warning] cat-is-bad is firing, epoch 3, validation: cat: 1.73 nats
        >>> AlertEvent.from_dict(event.to_dict()) == event
        True
    """

    #: Name of the rule.
    rule: str
    #: `"firing"` or `"resolved"`.
    state: EventState
    #: `"info"`, `"warning"` or `"critical"`.
    severity: Severity
    #: 0-based, as Keras counts.
    epoch: int
    #: The pass that was judged: `"train"`, `"validation"` or `"test"`.
    split: Split
    #: Name of the output; `""` where the model has one.
    output: str
    #: The class it is about; None where it is about the whole output.
    class_name: str | None
    #: The number that was judged; NaN where it is more than one number.
    value: float
    #: What it was compared with.
    threshold: float
    #: What was seen, what it means, what to try.
    message: str

    def __post_init__(self) -> None:
        problems = [
            f"`{name}` must be one of {', '.join(known)}. Received: {name}={getattr(self, name)!r}."
            for name, known in _WORDS.items()
            if getattr(self, name) not in known
        ]
        if problems:
            raise ValueError("\n".join(problems))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for `json.dumps`; `from_dict` reverses it exactly.

        NaN is None, infinities are `"Infinity"` and `"-Infinity"`.
        """
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return values | {"value": plain_number(self.value), "threshold": plain_number(self.threshold)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AlertEvent:
        """The event that `to_dict` wrote; further keys are left out.

        Raises:
            ValueError: If a key is missing, or a value is unknown.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        missing = [name for name in names if name not in values]
        if missing:
            raise ValueError(f"The event lacks the keys: {', '.join(missing)}.")
        numbers = {name: float(number(values[name])) for name in ("value", "threshold")}
        return cls(**{name: values[name] for name in names} | numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AlertEvent):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(tuple(self.to_dict().values()))

    def __str__(self) -> str:
        place = f"{self.split} of {self.output}" if self.output else self.split
        verb = "is firing" if self.state == "firing" else "is resolved"
        return one_line(f"[{self.severity}] {self.rule} {verb}, epoch {self.epoch}, {place}: {self.message}")
