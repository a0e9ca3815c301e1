"""Laws of the state machine, for any trace."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from xent_monitor.alerts.state import NEW, Instance, State, step

TRACES = st.lists(st.sampled_from([True, False, None]), max_size=30)
FOR = st.integers(1, 4)
KEEP = st.integers(0, 3)


def run(holds: list[bool | None], for_: int, keep: int) -> list[Instance]:
    """The instance before the first and after each evaluation."""
    return list(
        itertools.accumulate(holds, lambda now, held: step(now, held, for_=for_, keep_firing_for=keep), initial=NEW)
    )


def transitions(holds: list[bool | None], for_: int, keep: int) -> list[tuple[int, str]]:
    """Place of each evaluation at which it began to fire, or was resolved."""
    states = [instance.state is State.FIRING for instance in run(holds, for_, keep)]
    return [
        (place, "firing" if after else "resolved")
        for place, (before, after) in enumerate(itertools.pairwise(states))
        if before != after
    ]


@given(TRACES, FOR, KEEP)
def test_missing_data_never_change_anything(holds, for_, keep):
    instances = run(holds, for_, keep)

    for held, before, after in zip(holds, instances[:-1], instances[1:], strict=True):
        if held is None:
            assert after == before


@given(TRACES, FOR, KEEP)
def test_evaluations_without_data_might_as_well_not_have_been(holds, for_, keep):
    known = [held for held in holds if held is not None]

    assert run(holds, for_, keep)[-1] == run(known, for_, keep)[-1]


@given(TRACES, FOR, KEEP)
def test_it_fires_only_after_holding_so_often_in_a_row(holds, for_, keep):
    for place, what in transitions(holds, for_, keep):
        if what == "firing":
            known = [held for held in holds[: place + 1] if held is not None]

            assert len(known) >= for_
            assert all(known[-for_:])


@given(TRACES, FOR, KEEP)
def test_it_always_fires_after_holding_so_often_in_a_row(holds, for_, keep):
    known = [held for held in holds if held is not None]
    if len(known) >= for_ and all(known[-for_:]):
        assert run(holds, for_, keep)[-1].state is State.FIRING


@given(TRACES, FOR, KEEP)
def test_it_is_resolved_by_the_right_number_of_evaluations_without_it(holds, for_, keep):
    for place, what in transitions(holds, for_, keep):
        if what == "resolved":
            known = [held for held in holds[: place + 1] if held is not None]

            assert known[-keep - 1 :] == [False] * (keep + 1)
            assert known[-keep - 2] is True


@given(TRACES, FOR, KEEP)
def test_firing_and_resolved_take_turns(holds, for_, keep):
    kinds = [what for _, what in transitions(holds, for_, keep)]

    assert kinds == [("firing", "resolved")[place % 2] for place in range(len(kinds))]


@given(TRACES, TRACES, FOR, KEEP)
def test_a_state_follows_from_the_past_alone(past, future, for_, keep):
    assert run(past + future, for_, keep)[: len(past) + 1] == run(past, for_, keep)


@given(TRACES, TRACES, FOR, KEEP)
def test_a_trace_can_be_cut_anywhere(past, future, for_, keep):
    instance = run(past, for_, keep)[-1]
    for held in future:
        instance = step(instance, held, for_=for_, keep_firing_for=keep)

    assert instance == run(past + future, for_, keep)[-1]


@given(TRACES, FOR, KEEP, st.integers(1, 3))
def test_longer_patience_never_fires_earlier(holds, for_, keep, more):
    def first(patience: int) -> float:
        return min((place for place, what in transitions(holds, patience, keep) if what == "firing"), default=1e9)

    assert first(for_) <= first(for_ + more)


@given(TRACES, FOR, KEEP)
def test_inactive_remembers_nothing(holds, for_, keep):
    for instance in run(holds, for_, keep):
        assert (instance.state is State.INACTIVE) == (instance == NEW)
