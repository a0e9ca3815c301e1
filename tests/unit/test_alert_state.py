"""The state machine, as a table of traces: what holds, and the state after each evaluation."""

from __future__ import annotations

import pytest

from xent_monitor.alerts.state import NEW, Instance, State, step

#: What a letter says of the condition.
HOLDS = {"1": True, "0": False, "?": None}


def trace(holds: str, *, for_: int, keep: int) -> str:
    """The first letter of the state after each evaluation."""
    states = ""
    instance = NEW
    for letter in holds:
        instance = step(instance, HOLDS[letter], for_=for_, keep_firing_for=keep)
        states += instance.state.name[0].lower()
    return states


@pytest.mark.parametrize(
    ("for_", "keep", "holds", "states"),
    [
        pytest.param(1, 0, "0101", "ifif", id="fires and resolves at once"),
        pytest.param(1, 0, "", "", id="nothing evaluated"),
        pytest.param(1, 0, "???", "iii", id="never any data"),
        pytest.param(2, 0, "1111000", "pfffiii", id="holds twice before it fires"),
        pytest.param(2, 1, "1111000", "pffffii", id="fires on for one evaluation"),
        pytest.param(3, 0, "110111", "ppippf", id="a pending alert that fails begins anew"),
        pytest.param(3, 0, "11?1", "pppf", id="missing data do not count towards firing"),
        pytest.param(3, 0, "1??0", "pppi", id="nor do they keep a pending alert from failing"),
        pytest.param(1, 0, "1???0", "ffffi", id="missing data never resolve"),
        pytest.param(1, 2, "1000", "fffi", id="fires on for two evaluations"),
        pytest.param(1, 2, "10?0?0", "fffffi", id="missing data do not count towards resolving"),
        pytest.param(1, 2, "1001000", "ffffffi", id="the count begins anew where it holds again"),
        pytest.param(3, 1, "1110111", "ppfffff", id="holding again while it fires needs no second hold"),
        pytest.param(3, 1, "11100111", "ppffippf", id="after it was resolved it does"),
        pytest.param(1, 0, "?1?0?1", "iffiif", id="missing data hold each state"),
        pytest.param(2, 3, "1010101", "pipipip", id="keeping has no part before it fires"),
        pytest.param(2, 1, "1101010", "pffffff", id="flapping does not resolve"),
    ],
)
def test_trace(for_, keep, holds, states):
    assert trace(holds, for_=for_, keep=keep) == states


def test_states_are_in_order_so_that_a_rule_has_the_highest_of_its_instances():
    assert max(State.INACTIVE, State.FIRING, State.PENDING) is State.FIRING
    assert [int(state) for state in (State.INACTIVE, State.PENDING, State.FIRING)] == [0, 1, 2]


def test_step_leaves_the_instance_that_it_was_given():
    before = Instance(State.PENDING, held=1)

    step(before, True, for_=2, keep_firing_for=0)

    assert before == Instance(State.PENDING, held=1)


def test_what_is_remembered_can_be_read():
    instance = NEW
    for holds in (True, True, True):
        instance = step(instance, holds, for_=2, keep_firing_for=2)

    assert instance == Instance(State.FIRING, held=3, cleared=0)
    assert step(instance, False, for_=2, keep_firing_for=2) == Instance(State.FIRING, held=0, cleared=1)
