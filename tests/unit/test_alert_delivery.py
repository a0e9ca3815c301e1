"""Tests of the runner of actions: what it returns, what it tells, and that it never keeps the training waiting."""

from __future__ import annotations

import functools
import logging
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.webhook_server import Answer, WebhookServer, refusing_url
from xent_monitor.alerts import delivery, posting
from xent_monitor.alerts.actions import Delivery, DeliveryError, RaiseError, StopTraining, Webhook
from xent_monitor.alerts.delivery import ActionRunner
from xent_monitor.alerts.event import AlertEvent

ROOT = Path(__file__).resolve().parents[2]

#: More than `run` may take, whatever the network does. Seconds; on a busy machine a thread may have to wait for a core.
AT_ONCE = 0.5


def event(rule: str = "cat-is-bad", severity: Any = "critical", state: Any = "firing", epoch: int = 3) -> AlertEvent:
    return AlertEvent(
        rule=rule,
        state=state,
        severity=severity,
        epoch=epoch,
        split="validation",
        output="",
        class_name=None,
        value=1.73,
        threshold=1.5,
        message="1.73 nats",
    )


class Complaints(list[tuple[str, str]]):
    """What the runner complained of."""

    def __call__(self, subject: str, text: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.append((subject, text))

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self]


class Recorder(Delivery):
    """Keeps what it gets; fails with `error`; waits for `gate`."""

    def __init__(self, severity: Any = "warning", error: BaseException | None = None, label: str = "recorder") -> None:
        self.severity = severity
        self.error = error
        self.label = label
        self.got: list[AlertEvent] = []
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def deliver(self, event: AlertEvent, cancelled: threading.Event) -> None:
        self.begun.set()
        assert self.gate.wait(30)
        if self.error is not None:
            raise self.error
        self.got.append(event)


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture(autouse=True)
def _no_thread_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(posting, "FIRST_PAUSE", 0.01)
    yield
    for thread in threading.enumerate():
        if thread.name == "xent_monitor alerts":
            thread.join(5)
            assert not thread.is_alive()


# What the caller has to do


@pytest.mark.parametrize(
    ("actions", "named", "severity", "state", "verdict"),
    [
        ([], [], "critical", "firing", "continue"),
        ([StopTraining()], [], "critical", "firing", "stop"),
        ([StopTraining()], [], "warning", "firing", "continue"),
        ([StopTraining("info")], [], "warning", "firing", "stop"),
        ([StopTraining()], [], "critical", "resolved", "continue"),
        ([RaiseError()], [], "critical", "firing", "raise"),
        ([RaiseError("warning")], [], "info", "firing", "continue"),
        ([RaiseError()], [], "critical", "resolved", "continue"),
        ([StopTraining(), RaiseError()], [], "critical", "firing", "raise"),
        ([RaiseError(), StopTraining()], [], "critical", "firing", "raise"),
        (["stop_training"], [], "critical", "firing", "stop"),
        (["raise_error"], [], "warning", "firing", "continue"),
        ([], ["stop_training"], "info", "firing", "stop"),
        ([], ["raise_error"], "info", "firing", "raise"),
        ([], [StopTraining()], "info", "firing", "stop"),
        ([], [RaiseError("critical")], "info", "firing", "raise"),
        ([], ["stop_training", "raise_error"], "info", "resolved", "continue"),
        (["stop_training"], ["stop_training"], "info", "firing", "stop"),
        ([RaiseError()], ["stop_training"], "info", "firing", "stop"),
    ],
)
def test_verdicts(actions, named, severity, state, verdict, complaints):
    runner = ActionRunner(actions, complain=complaints)

    assert runner.run(event(severity=severity, state=state), named) == verdict
    assert complaints == []


def test_what_is_no_action_is_refused():
    with pytest.raises(ValueError, match=r"^`actions\[1\]` must be an action, a callable, "):
        ActionRunner([print, 3], complain=print)


# Callables


def test_a_callable_gets_every_event_on_the_training_thread(complaints):
    got = []
    runner = ActionRunner([lambda one: got.append((one, threading.current_thread()))], complain=complaints)
    events = [event(severity="info"), event(state="resolved"), event(severity="critical")]

    assert [runner.run(one) for one in events] == ["continue"] * 3

    assert got == [(one, threading.main_thread()) for one in events]


def test_a_callable_that_raises_is_told_once(complaints):
    got = []

    def tell_everyone(one):
        raise OSError("no route to https://us3r:pa55word@example.org/s3cret\nat all" + "x" * 500)

    runner = ActionRunner([tell_everyone, got.append, StopTraining()], complain=complaints)

    assert [runner.run(event()), runner.run(event(epoch=4))] == ["stop", "stop"]

    ((_, text),) = complaints
    assert text.startswith(
        "could not run the action test_a_callable_that_raises_is_told_once.<locals>.tell_everyone for the alert "
        "'cat-is-bad' of epoch 3: OSError: no route to https://example.org/... at allxxx"
    )
    assert text.endswith("xxx. Training goes on; further failures of this action are not told.")
    assert len(text) < 500
    assert len(got) == 2


def test_each_action_that_fails_is_told(complaints):
    class Reporter:
        def __call__(self, one):
            raise ValueError

    class UnspeakableError(Exception):
        def __str__(self):
            raise RuntimeError

    def fail(one):
        raise UnspeakableError

    runner = ActionRunner([Reporter(), Reporter(), functools.partial(int, "s3cret", 3, 4), fail], complain=complaints)
    runner.run(event())

    assert len({subject for subject, _ in complaints}) == 4
    assert [text.split(" for the alert")[0].split(".")[-1] for text in complaints.texts] == [
        "Reporter",
        "Reporter",
        "could not run the action partial",
        "fail",
    ]
    assert "UnspeakableError: (its text cannot be read)." in complaints.texts[-1]


def test_only_exceptions_of_the_kind_that_ends_programs_pass(complaints):
    def interrupt(one):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ActionRunner([interrupt], complain=complaints).run(event())


def test_what_a_rule_should_not_have_named_is_told(complaints):
    runner = ActionRunner([], complain=complaints)

    assert runner.run(event(), [StopTraining, "somewhere", 3]) == "continue"
    assert len(complaints) == 3


# Deliveries


def test_deliveries_are_in_order(complaints):
    recorder = Recorder()
    runner = ActionRunner([recorder], complain=complaints)
    events = [event(epoch=epoch, state="resolved" if epoch % 2 else "firing") for epoch in range(100)]

    for one in events:
        assert runner.run(one) == "continue"
    runner.drain()

    assert recorder.got == events
    assert complaints == []


def test_severities_count_unless_a_rule_names_the_action(complaints):
    recorder, critical = Recorder("warning"), Recorder("critical")
    runner = ActionRunner([recorder], complain=complaints)
    events = [event(severity=severity) for severity in ("info", "warning", "critical")]

    for one in events:
        runner.run(one)
        runner.run(one, [critical])
    runner.drain()

    assert recorder.got == [events[1], events[1], events[2], events[2]]
    assert critical.got == events


def test_an_action_of_both_the_monitor_and_the_rule_is_run_once(complaints):
    recorder, got = Recorder(), []
    append = got.append
    runner = ActionRunner([recorder, append], complain=complaints)

    runner.run(event(severity="info"), [recorder, append, recorder])
    runner.drain()

    assert len(recorder.got) == len(got) == 1


def test_a_real_webhook(complaints):
    with WebhookServer() as server:
        runner = ActionRunner([Webhook(server.url)], complain=complaints)
        for epoch in range(5):
            runner.run(event(epoch=epoch))
        runner.run(event(epoch=5, state="resolved"))
        runner.drain()

    assert [(request.json["alert"]["epoch"], request.json["alert"]["state"]) for request in server.requests] == [
        *((epoch, "firing") for epoch in range(5)),
        (5, "resolved"),
    ]
    assert complaints == []


def test_an_action_that_fails_is_told_once_on_the_training_thread(complaints):
    recorder = Recorder(error=DeliveryError("HTTP 404 Not Found"), label="the webhook at https://example.org")
    runner = ActionRunner([recorder], complain=complaints)

    for epoch in range(5):
        runner.run(event(epoch=epoch))
    runner.drain()

    assert complaints.texts == [
        "could not send the alert 'cat-is-bad' of epoch 0 to the webhook at https://example.org: HTTP 404 Not Found. "
        "Training goes on; further failures of this action are not told."
    ]


def test_a_failure_is_told_at_the_next_run(complaints):
    recorder = Recorder(error=DeliveryError("HTTP 404 Not Found"))
    runner = ActionRunner([recorder], complain=complaints)
    runner.run(event())
    deadline = time.monotonic() + 5
    while not runner._failures and time.monotonic() < deadline:
        time.sleep(0.001)
    assert complaints == []

    runner.run(event(severity="info"))

    assert len(complaints) == 1
    runner.drain()


@pytest.mark.parametrize("error", [ValueError("https://example.org/s3cret"), SystemExit("s3cret")])
def test_an_action_with_a_bug_goes_on_with_the_next_event(error, complaints):
    recorder = Recorder(error=error)
    runner = ActionRunner([recorder], complain=complaints)
    runner.run(event())
    recorder.begun.wait(5)
    while runner._lanes and next(iter(runner._lanes.values())).num_pending:
        time.sleep(0.001)
    recorder.error = None

    runner.run(event(epoch=4))
    runner.drain()

    (text,) = complaints.texts
    assert f"to recorder: {type(error).__name__}. Training" in text
    assert recorder.got == [event(epoch=4)]


def test_one_that_hangs_does_not_hold_up_the_others(complaints):
    hanging, recorder = Recorder(label="hanging"), Recorder()
    hanging.gate.clear()
    runner = ActionRunner([hanging, recorder], complain=complaints)
    begin = time.monotonic()
    for epoch in range(3):
        runner.run(event(epoch=epoch))
    assert time.monotonic() - begin < AT_ONCE

    runner.drain(0.2)

    assert 0.2 <= time.monotonic() - begin < 0.2 + 2 * AT_ONCE
    assert len(recorder.got) == 3
    assert complaints == [
        (
            "drain",
            "gave up 3 alerts that could not be delivered within 0.2 s after the training: 3 to hanging.",
        )
    ]
    hanging.gate.set()


def test_the_wait_at_the_end_is_for_all_together(complaints):
    hanging = [Recorder(label=f"number {number}") for number in range(4)]
    for one in hanging:
        one.gate.clear()
    runner = ActionRunner(hanging, complain=complaints)
    runner.run(event())

    begin = time.monotonic()
    runner.drain(0.2)

    assert 0.2 <= time.monotonic() - begin < 0.2 + AT_ONCE
    assert complaints.texts == [
        "gave up 4 alerts that could not be delivered within 0.2 s after the training: 1 to number 0, 1 to number 1, "
        "1 to number 2, 1 to number 3."
    ]
    for one in hanging:
        one.gate.set()


def test_nothing_to_wait_for(complaints):
    runner = ActionRunner([Recorder()], complain=complaints)
    begin = time.monotonic()

    runner.drain()
    runner.run(event(severity="info"))
    runner.drain(0)

    assert time.monotonic() - begin < AT_ONCE
    assert complaints == []


def test_what_was_given_up_is_not_delivered_later(complaints):
    recorder = Recorder()
    recorder.gate.clear()
    runner = ActionRunner([recorder], complain=complaints)
    for epoch in range(3):
        runner.run(event(epoch=epoch))
    recorder.begun.wait(5)

    runner.drain(0)
    recorder.gate.set()
    until = time.monotonic() + AT_ONCE
    while not recorder.got and time.monotonic() < until:
        time.sleep(0.001)  # What was under way has a thread of its own, for which nobody waits.
    runner.run(event(epoch=9))
    runner.drain()

    assert sorted(one.epoch for one in recorder.got) == [0, 9]
    assert [text.split(" that")[0] for text in complaints.texts] == ["gave up 3 alerts"]


def test_used_again_after_the_end_it_tells_anew(complaints):
    recorder = Recorder(error=DeliveryError("HTTP 404 Not Found"))
    runner = ActionRunner([recorder], complain=complaints)

    for _ in range(2):
        runner.run(event())
        runner.run(event())
        runner.drain()

    assert len(complaints) == 2


def test_too_many_events_are_dropped_and_told_once(complaints, monkeypatch):
    monkeypatch.setattr(delivery, "CAPACITY", 3)
    recorder = Recorder()
    recorder.gate.clear()
    runner = ActionRunner([recorder], complain=complaints)

    for epoch in range(10):
        runner.run(event(epoch=epoch))
    recorder.gate.set()
    runner.drain()

    assert [one.epoch for one in recorder.got] == [0, 1, 2]
    assert complaints.texts == ["drops alerts for recorder: 3 are waiting for it already. Training goes on."]


def test_a_system_without_threads(complaints, monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    recorder = Recorder()
    runner = ActionRunner([recorder], complain=complaints)
    with monkeypatch.context() as context:
        context.setattr(threading.Thread, "start", refuse)
        assert runner.run(event()) == "continue"
    assert complaints.texts == ["could not send alerts to recorder: can't start new thread. Training goes on."]

    runner.run(event(epoch=4))
    runner.drain()
    assert recorder.got == [event(epoch=4)]


def test_an_interrupt_at_the_end_leaves_nothing_behind(complaints, monkeypatch):
    recorder = Recorder()
    recorder.gate.clear()
    runner = ActionRunner([recorder], complain=complaints)
    runner.run(event())
    runner.run(event())

    def interrupt(self, timeout=None):
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(threading.Thread, "join", interrupt)
        with pytest.raises(KeyboardInterrupt):
            runner.drain()
    recorder.gate.set()

    runner.run(event(epoch=9))
    runner.drain()
    assert recorder.got[-1] == event(epoch=9)
    assert len(recorder.got) <= 2


def test_a_training_that_breaks_off_still_sends_its_alerts():
    """Its last alert tells why, and nothing calls `drain`."""
    program = """
        from tests.unit.test_alert_delivery import event
        from xent_monitor.alerts.actions import Webhook
        from xent_monitor.alerts.delivery import ActionRunner

        ActionRunner([Webhook("%s")], complain=print).run(event())
        raise SystemExit(3)
    """
    with WebhookServer() as server:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program) % server.url],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
    assert len(server.requests) == 1


# Broken webhooks, as the training sees them


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(404), "HTTP 404 Not Found. The URL is wrong or no longer valid"),
        (Answer(500), "HTTP 500 Internal Server Error (3 attempts)"),
        (Answer(hangs=True), "no answer within 0.05 s (3 attempts)"),
        (Answer(raw=b""), "it closed the connection without an answer (3 attempts)"),
        (Answer(302, {"Location": "http://127.0.0.1:1/s3cret"}), "HTTP 302 Found: redirects are not followed. "),
        (None, "Connection refused (3 attempts)"),
    ],
)
def test_a_broken_webhook_is_told_once_and_shows_no_secret(answer, reason, complaints, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with WebhookServer(answer or Answer()) as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        url = (server.url if answer else refusing_url()).replace("://", "://us3r:pa55word@") + "/s3cret?t0ken"
        runner = ActionRunner([Webhook(url, timeout=0.05), StopTraining()], complain=complaints)
        begin = time.monotonic()
        assert [runner.run(event()), runner.run(event(epoch=4))] == ["stop", "stop"]
        assert time.monotonic() - begin < AT_ONCE
        runner.drain()

    ((_, text),) = complaints
    assert text.startswith(
        f"could not send the alert 'cat-is-bad' of epoch 3 to the webhook at http://127.0.0.1: {reason}"
    )
    seen = [text, caplog.text, *capfd.readouterr(), *(str(warning) for warning in caught)]
    assert [found for found in seen for word in ("s3cret", "t0ken", "us3r", "pa55word") if word in found] == []


def test_a_webhook_that_hangs_through_the_end_of_the_training(complaints):
    with WebhookServer(Answer(hangs=True)) as server:
        runner = ActionRunner([Webhook(server.url, timeout=5)], complain=complaints)
        begin = time.monotonic()
        runner.run(event())
        runner.run(event(epoch=4))
        runner.drain(0.2)
        assert time.monotonic() - begin < 0.2 + 2 * AT_ONCE

    assert complaints.texts == [
        "gave up 2 alerts that could not be delivered within 0.2 s after the training: "
        "2 to the webhook at http://127.0.0.1."
    ]
