"""Several sinks: each is written to, and none can disturb the training or the others."""

from __future__ import annotations

import pytest

from tests.alert_reports import high, made_report, run
from xent_monitor.sinks.group import SinkGroup
from xent_monitor.testing import RecordingSink

EVENTS = run([high()], [2.0])


class Failing:
    """Raises the same in each method, and counts."""

    def __init__(self, error: BaseException, seconds: float = 0.0, clock: list[float] | None = None) -> None:
        self.error, self.seconds, self.clock, self.calls = error, seconds, clock, 0

    def write_report(self, report, reading):
        self.calls += 1
        if self.clock is not None:
            self.clock[0] += self.seconds
        raise self.error

    def write_alerts(self, events):
        self.write_report(None, "")

    def close(self):
        self.write_report(None, "")


def write_all(group: SinkGroup) -> None:
    group.write_report(made_report(), "words")
    group.write_alerts(EVENTS)
    group.close()


def test_every_sink_is_written_to():
    sinks = [RecordingSink(), RecordingSink()]
    group = SinkGroup(sinks, complain=pytest.fail)
    write_all(group)
    group.write_alerts([])

    for sink in sinks:
        assert ([one.epoch for one in sink.reports], sink.readings, sink.times_closed) == ([0], ["words"], 1)
        assert sink.events == EVENTS


def test_no_alerts_are_not_told():
    complaints = []
    group = SinkGroup([Failing(OSError())], complain=lambda *said: complaints.append(said))

    group.write_alerts([])
    assert complaints == []
    group.write_alerts(EVENTS)
    assert len(complaints) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("no space\nleft."), "OSError: no space left. "),
        (SystemExit(3), "SystemExit: 3. "),
        (KeyError(), "KeyError. "),
    ],
)
def test_what_a_sink_raises_is_said_and_the_others_go_on(error, said):
    told: list[tuple[str, str]] = []
    failing, sink = Failing(error), RecordingSink()
    write_all(SinkGroup([failing, sink], complain=lambda *one: told.append(one)))

    assert told == [("sink 0", f"could not write to the sink Failing: {said}Training goes on.")] * 3
    assert failing.calls == 3
    assert (len(sink.reports), len(sink.events), sink.times_closed) == (1, 1, 1)


def test_an_error_without_a_text_that_can_be_read():
    class OddError(Exception):
        def __str__(self):
            raise ValueError

    told = []
    SinkGroup([Failing(OddError())], complain=lambda _, text: told.append(text)).close()

    assert told == ["could not write to the sink Failing: OddError: (its text cannot be read). Training goes on."]


def test_an_interrupt_passes():
    with pytest.raises(KeyboardInterrupt):
        SinkGroup([Failing(KeyboardInterrupt())], complain=pytest.fail).close()


def test_a_sink_that_is_slow_to_fail_is_left_alone_for_ten_times_as_long():
    now = [0.0]
    slow, quick = Failing(OSError(), 30.0, now), Failing(OSError())
    group = SinkGroup([slow, quick], complain=lambda *_: None, clock=lambda: now[0])
    calls = []
    for time in (0.0, 40.0, 329.0, 330.0, 600.0):
        now[0] = max(now[0], time)
        group.close()
        calls.append(slow.calls)

    assert calls == [1, 1, 1, 2, 2]
    assert quick.calls == 5


def test_a_sink_may_keep_the_list_it_was_given():
    events = list(EVENTS)
    sink = RecordingSink()
    SinkGroup([sink], complain=pytest.fail).write_alerts(events)
    events.clear()

    assert sink.events == EVENTS


def test_a_group_without_sinks_is_none():
    assert not SinkGroup([], complain=pytest.fail)
    assert SinkGroup([RecordingSink()], complain=pytest.fail)
