"""`ActionRunner`: does what is to be done when an alert fires or is resolved, and never keeps the training waiting.

What goes over the network is done by a thread for each action, so that one that hangs does not hold up the others; a
thread lives only while there is something to deliver. What went wrong there is told on the training thread, at the next
`run` or `drain`: a warning that is raised in another thread reaches nobody.
"""

from __future__ import annotations

import atexit
import collections
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from xent_monitor.alerts.actions import Delivery, DeliveryError, RaiseError, StopTraining, check_actions
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.fields import SEVERITIES, Severity
from xent_monitor.alerts.posting import hide_urls
from xent_monitor.interpretation.wording import one_line, shortened

__all__ = ["ActionRunner", "Verdict"]

Verdict = Literal["continue", "stop", "raise"]

#: Events that may wait for one action; further ones are dropped, since the first are closest to the cause. One rule may
#: fire for hundreds of classes at once.
CAPACITY = 256
#: Seconds that the end of the program waits for what a training that was broken off has left.
PATIENCE_AT_EXIT = 5.0
#: Longest text of an error that a warning repeats.
ERROR_LENGTH = 200

#: The actions that have a name, for the `actions` of a rule.
_NAMED: dict[str, StopTraining | RaiseError] = {"stop_training": StopTraining(), "raise_error": RaiseError()}


class ActionRunner:
    """Runs the actions of a monitor and those of its rules.

    An action of the monitor counts for alerts at or above its severity; one that a rule names counts for every alert of
    that rule. `StopTraining` and `RaiseError` count for firing alerts only; callables get every event.

    Args:
        actions: The actions of the monitor, for the alerts of every rule.
        complain: Told what went wrong, on the thread that calls `run` and `drain`: the subject, which is the same for
            all failures of an action, and a text that goes on from "xent_monitor ". Called once for each subject until
            `drain`.

    Raises:
        ValueError: If one of the actions is none.

    Example:
        >>> runner = ActionRunner([StopTraining()], complain=print)
        >>> event = AlertEvent(
        ...     rule="non-finite", state="firing", severity="critical", epoch=3, split="train", output="",
        ...     class_name=None, value=2.0, threshold=0.0, message="2 of 512 losses are NaN.",
        ... )
        >>> runner.run(event)
        'stop'
        >>> runner.run(event, ["raise_error"])
        'raise'
    """

    def __init__(self, actions: Sequence[Any], *, complain: Callable[[str, str], None]) -> None:
        check_actions(actions)
        self._actions = tuple(actions)
        self._complain = complain
        self._complained: set[str] = set()
        #: By the identity of the action: one of the user's own may have no hash.
        self._lanes: dict[int, _Lane] = {}
        # Filled by the threads; `append` and `popleft` of a deque need no lock.
        self._failures: collections.deque[tuple[str, str]] = collections.deque()

    def run(self, event: AlertEvent, actions: Sequence[Any] = (), *, quiet: bool = False) -> Verdict:
        """Do what is to be done about one event.

        Args:
            event: An alert that has begun to fire, or is resolved.
            actions: The actions that its rule names.
            quiet: Tell nobody: only say what the caller has to do.

        Returns:
            What the caller has to do: `"raise"` (an `AlertError`), `"stop"` (the training), or `"continue"`.
        """
        self._tell_failures()
        asked: set[Verdict] = set()
        done: set[int] = set()
        for named, group in ((True, actions), (False, self._actions)):
            for action in group:
                if id(action) not in done:
                    done.add(id(action))
                    asked.add(self._run(action, event, named, quiet))
        self._tell_failures()
        order: tuple[Verdict, ...] = ("raise", "stop")
        return next((verdict for verdict in order if verdict in asked), "continue")

    def drain(self, seconds: float = 10.0) -> None:
        """Wait for what is still to be delivered: training has ended.

        What is not delivered by then is given up, and its number said in one complaint. The runner can be used again.

        Args:
            seconds: How long to wait at most, for all actions together.
        """
        deadline = time.monotonic() + seconds
        lanes, self._lanes = list(self._lanes.values()), {}
        try:
            for lane in lanes:
                lane.wait(max(0.0, deadline - time.monotonic()))
        finally:
            for lane in lanes:
                lane.cancelled.set()
            atexit.unregister(self._drain_at_exit)
        self._tell_failures()
        # Who was told that an action fails need not hear of the same action again.
        late = [(lane, lane.num_pending) for lane in lanes if lane.subject not in self._complained]
        late = [(lane, number) for lane, number in late if number]
        if late:
            total = sum(number for _, number in late)
            each = ", ".join(f"{number} to {lane.action.label}" for lane, number in late)
            self._tell(
                "drain",
                f"gave up {total} alert{'s' if total > 1 else ''} that could not be delivered within {seconds:g} s "
                f"after the training: {each}.",
            )
        self._complained.clear()

    def _drain_at_exit(self) -> None:
        self.drain(PATIENCE_AT_EXIT)

    def _run(self, action: Any, event: AlertEvent, named: bool, quiet: bool) -> Verdict:
        if isinstance(action, str):
            action = _NAMED.get(action, action)
        if isinstance(action, StopTraining | RaiseError):
            if event.state == "firing" and (named or _reaches(event, action.severity)):
                return "raise" if isinstance(action, RaiseError) else "stop"
        elif quiet:
            pass
        elif isinstance(action, Delivery):
            if named or _reaches(event, action.severity):
                self._deliver(action, event)
        else:
            self._call(action, event)
        return "continue"

    def _deliver(self, action: Delivery, event: AlertEvent) -> None:
        if not self._lanes:
            # A training that is broken off never gets to `drain`, and its last alert is the one that tells why.
            atexit.register(self._drain_at_exit)
        lane = self._lanes.get(id(action))
        if lane is None:
            lane = self._lanes[id(action)] = _Lane(action, lambda *failure: self._failures.append(failure))
        try:
            if not lane.put(event):
                self._tell(
                    lane.subject,
                    f"drops alerts for {action.label}: {CAPACITY} are waiting for it already. Training goes on.",
                )
        except RuntimeError as error:  # no more threads
            self._tell(lane.subject, f"could not send alerts to {action.label}: {error}. Training goes on.")

    def _call(self, action: Any, event: AlertEvent) -> None:
        try:
            action(event)
        except Exception as error:
            name = getattr(action, "__qualname__", type(action).__qualname__)
            self._tell(
                f"action {id(action)}",
                f"could not run the action {name} for {_named(event)}: {type(error).__name__}: {_text(error)}. "
                "Training goes on; further failures of this action are not told.",
            )

    def _tell_failures(self) -> None:
        while self._failures:
            self._tell(*self._failures.popleft())

    def _tell(self, subject: str, text: str) -> None:
        """Complain, once for each subject."""
        if subject not in self._complained:
            self._complained.add(subject)
            self._complain(subject, text)


class _Lane:
    """Events on their way to one action, in order, and the thread that delivers them.

    Args:
        action: Where they go.
        failed: Told the subject and the text of each failure, on that thread.
    """

    def __init__(self, action: Delivery, failed: Callable[[str, str], None]) -> None:
        self.action = action
        self.subject = f"action {id(action)}"
        #: Set when no one waits any more.
        self.cancelled = threading.Event()
        self._failed = failed
        self._lock = threading.Lock()
        # Guarded by the lock. An event stays in it until it has been delivered, or has failed.
        self._pending: collections.deque[AlertEvent] = collections.deque()
        self._thread: threading.Thread | None = None

    def put(self, event: AlertEvent) -> bool:
        """Add an event; False where too many wait already.

        Raises:
            RuntimeError: If the system has no thread for it; the event is not added.
        """
        with self._lock:
            if len(self._pending) >= CAPACITY:
                return False
            if self._thread is None:
                # A daemon: whatever hangs in it must not keep the program from ending.
                thread = threading.Thread(target=self._work, name="xent_monitor alerts", daemon=True)
                thread.start()
                self._thread = thread
            self._pending.append(event)
        return True

    def wait(self, seconds: float) -> None:
        """Wait until all is delivered, or the time is over."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    @property
    def num_pending(self) -> int:
        """Events that are not delivered yet."""
        with self._lock:
            return len(self._pending)

    def _work(self) -> None:
        while (event := self._next()) is not None:
            reason = self._try(event)
            with self._lock:
                self._pending.popleft()
            if reason is not None and not self.cancelled.is_set():
                self._failed(
                    self.subject,
                    f"could not send {_named(event)} to {self.action.label}: {reason}. "
                    "Training goes on; further failures of this action are not told.",
                )

    def _next(self) -> AlertEvent | None:
        """The next event; None where there is none, and then this thread is no longer the one that delivers."""
        with self._lock:
            if self._pending and not self.cancelled.is_set():
                return self._pending[0]
            self._thread = None
            return None

    def _try(self, event: AlertEvent) -> str | None:
        try:
            self.action.deliver(event, self.cancelled)
        except DeliveryError as error:
            return str(error)
        except BaseException as error:  # a thread that ends here would leave the rest undelivered for good
            # Its text is not ours, and may quote the URL.
            return type(error).__name__
        return None


def _reaches(event: AlertEvent, severity: Severity) -> bool:
    return SEVERITIES.index(event.severity) >= SEVERITIES.index(severity)


def _named(event: AlertEvent) -> str:
    return f"the alert {event.rule!r} of epoch {event.epoch}"


def _text(error: Exception) -> str:
    """What an error says, in one line and without the secrets of URLs."""
    try:
        return shortened(one_line(hide_urls(str(error))), ERROR_LENGTH)
    except Exception:
        return "(its text cannot be read)"
