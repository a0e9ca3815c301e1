"""The state machine of one alert instance: Prometheus' words, counted in evaluations.

```
             holds                       holds `for_` times in a row
inactive ------------->  pending  --------------------------------->  firing
    ^                       |                                            |
    |   does not hold       |      does not hold                         |
    +-----------------------+      `keep_firing_for` + 1 times in a row  |
    +--------------------------------------------------------------------+
```

An evaluation without data leaves all as it is: it never resolves an alert, and never counts. In Prometheus a series
that vanishes resolves its alert; but a class that is absent from one validation pass has not got better.
"""

from __future__ import annotations

import dataclasses
import enum

__all__ = ["NEW", "Instance", "State", "step"]


class State(enum.IntEnum):
    """State of an alert instance; they are in order, so that the state of a rule is the highest of its instances."""

    #: The condition did not hold, or nothing has been judged yet.
    INACTIVE = 0
    #: It holds, but not yet for long enough.
    PENDING = 1
    #: It has held for long enough; someone was told.
    FIRING = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Instance:
    """What is remembered of one instance: (rule, split, output, class)."""

    state: State = State.INACTIVE
    #: Evaluations in a row for which the condition has held, up to the last one with data.
    held: int = 0
    #: While firing: evaluations since it last held.
    cleared: int = 0


#: What is remembered of an instance before its first evaluation, and after it has become inactive.
NEW = Instance()


def step(instance: Instance, holds: bool | None, *, for_: int, keep_firing_for: int) -> Instance:
    """The instance after one more evaluation.

    Args:
        instance: What is remembered.
        holds: Whether the condition holds; None where the data do not say.
        for_: Evaluations in a row for which it must hold before it fires, >= 1; 1 fires at once.
        keep_firing_for: Evaluations for which it fires on after it last held, >= 0.

    Returns:
        The next state; the same instance where `holds` is None.

    Example:
        >>> trace, instance = "", Instance()
        >>> for holds in (True, True, True, None, False, True, False, False):
        ...     instance = step(instance, holds, for_=2, keep_firing_for=1)
        ...     trace += instance.state.name[0].lower()
        >>> trace
        'pffffffi'
    """
    if holds is None:
        return instance
    firing = instance.state is State.FIRING
    if holds:
        held = instance.held + 1
        return Instance(State.FIRING if firing or held >= for_ else State.PENDING, held)
    if firing and instance.cleared < keep_firing_for:
        return Instance(State.FIRING, 0, instance.cleared + 1)
    return NEW
