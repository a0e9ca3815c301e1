"""What can be done when an alert fires: stop, raise, post to a webhook, notify. A callable is an action too.

>>> for action in (StopTraining(), RaiseError(severity="warning"), Webhook("https://hooks.slack.com/services/secret")):
...     print(action)
StopTraining(severity='critical')
RaiseError(severity='warning')
Webhook('https://hooks.slack.com', severity='warning')
"""

from __future__ import annotations

import abc
import contextlib
import contextvars
import dataclasses
import importlib
import logging
import math
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.fields import ACTION_NAMES, SEVERITIES, Severity
from xent_monitor.alerts.payloads import PAYLOADS, Payload, encode, payload_for
from xent_monitor.alerts.posting import parse_address, post

__all__ = ["Delivery", "DeliveryError", "Notify", "RaiseError", "StopTraining", "Webhook", "check_actions"]


@dataclasses.dataclass(frozen=True)
class StopTraining:
    """Ends the training after the epoch in which an alert fires.

    Args:
        severity: The lowest severity of alerts that it counts for. Named in the `actions` of a rule, it counts for
            every alert of that rule.

    Raises:
        ValueError: If `severity` is unknown.

    Example:
        >>> StopTraining(severity="warning")
        StopTraining(severity='warning')
    """

    severity: Severity = "critical"

    def __post_init__(self) -> None:
        _raise_if_any(_severity_problems(self.severity))


@dataclasses.dataclass(frozen=True)
class RaiseError:
    """Ends the training with an `AlertError` after the epoch in which an alert fires.

    Args:
        severity: As in `StopTraining`.

    Raises:
        ValueError: If `severity` is unknown.

    Example:
        >>> RaiseError()
        RaiseError(severity='critical')
    """

    severity: Severity = "critical"

    def __post_init__(self) -> None:
        _raise_if_any(_severity_problems(self.severity))


class DeliveryError(Exception):
    """An alert could not be delivered; the text holds no secret."""


class Delivery(abc.ABC):
    """An action that takes an alert elsewhere, off the training thread; for firing and for resolved alerts."""

    #: The lowest severity of alerts that are delivered.
    severity: Severity
    #: What it is called in a warning; no secret in it.
    label: str

    @abc.abstractmethod
    def deliver(self, event: AlertEvent, cancelled: threading.Event) -> None:
        """Deliver one event.

        Args:
            event: The event.
            cancelled: Once it is set no one waits any more: give up at the next occasion.

        Raises:
            DeliveryError: If it could not be delivered.
        """


class Webhook(Delivery):
    """Posts each alert as JSON to a URL: Slack, Discord, Microsoft Teams, Mattermost, or a server of your own.

    It is sent from a thread of its own: training never waits for it. The URL is a secret: texts show no more
    than scheme and host.

    Args:
        url: Where to post; `http://` or `https://`. Redirects are not followed.
        severity: The lowest severity of alerts that are sent. Named in the `actions` of a rule, it gets every alert of
            that rule.
        timeout: Seconds for the connection, and again for each wait for data; > 0.
        retries: Attempts after the first, >= 0; made after errors of the connection, 429 and 5xx.
        payload: The form of the body: `"chat"`, `"slack"`, `"discord"` or `"teams"`. None: as the host of the URL takes
            it, `"chat"` where it is not known.

    Raises:
        ValueError: If an argument has a wrong value; all problems are named at once.

    Example:
        >>> Webhook("https://user:password@example.org/hooks/secret?token=secret", severity="info")
        Webhook('https://example.org', severity='info')
    """

    def __init__(
        self,
        url: str,
        *,
        severity: Severity = "warning",
        timeout: float = 5.0,
        retries: int = 2,
        payload: Payload | None = None,
    ) -> None:
        problems = [*_severity_problems(severity), *_count_problems(timeout, retries)]
        if payload is not None and payload not in tuple(PAYLOADS):
            names = ", ".join(PAYLOADS)
            problems.append(f"`payload` must be one of {names}, or None. Received: payload={payload!r}.")
        with _collecting(problems):
            self._address = parse_address(url)
        _raise_if_any(problems)
        self.severity = severity
        self.timeout = float(timeout)
        self.retries = retries
        self.payload: Payload = payload or payload_for(self._address.host, self._address.path)
        self.label = f"the webhook at {self._address}"

    def deliver(self, event: AlertEvent, cancelled: threading.Event) -> None:
        """Post one event.

        Raises:
            DeliveryError: If the service did not take it, or could not be reached.
        """
        failure = post(
            self._address,
            encode(event, self.payload),
            timeout=self.timeout,
            retries=self.retries,
            cancelled=cancelled,
        )
        if failure is not None:
            raise DeliveryError(failure)

    def __repr__(self) -> str:
        return f"Webhook({self._address.shown!r}, severity={self.severity!r})"


class Notify(Delivery):
    """Sends each alert through apprise: e-mail, Telegram, ntfy, Pushover and a hundred more.

    It is sent from a thread of its own: training never waits for it. URLs are secrets; texts show their schemes only.

    Args:
        urls: One apprise URL or several, as `"ntfy://topic"` or `"mailto://user:password@example.org"`.
        severity: The lowest severity of alerts that are sent. Named in the `actions` of a rule, it gets every alert of
            that rule.

    Raises:
        ImportError: If apprise is not installed.
        ValueError: If an argument has a wrong value, as a URL that apprise does not understand.

    Example:
        ```python
        Notify(["ntfy://my-topic", "mailto://user:password@example.org"])
        ```
    """

    def __init__(self, urls: str | Sequence[str], *, severity: Severity = "warning") -> None:
        try:
            self._apprise: Any = importlib.import_module("apprise")
        except ImportError as error:
            raise ImportError('Notify needs apprise. Install it: pip install "xent-monitor[notify]"') from error
        problems = _severity_problems(severity)
        given = [urls] if isinstance(urls, str) else list(urls)
        if not given:
            problems.append("`urls` must be an apprise URL, or a sequence of them. Received: none.")
        #: One service each, so that a warning can name the one that failed.
        self._services: list[tuple[str, Any]] = []
        for index, url in enumerate(given):
            service = self._service(url)
            if service is None:
                problems.append(
                    f"`urls` must hold URLs that apprise understands (https://github.com/caronc/apprise/wiki). "
                    f"Received: urls[{index}] of scheme {_scheme(url)!r}."
                )
            else:
                self._services.append((_scheme(url), service))
        _raise_if_any(problems)
        self.severity = severity
        self._schemes = list(dict.fromkeys(scheme for scheme, _ in self._services))
        self.label = f"Notify ({', '.join(self._schemes)})"

    def _service(self, url: object) -> Any:
        """What apprise makes of a URL, or None."""
        if not isinstance(url, str):
            return None
        # apprise imports all of its services here, some with what Python deprecates: not the user's to mend.
        with _mute(), contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asset = self._apprise.AppriseAsset(app_id="xent_monitor", async_mode=False)
            service = self._apprise.Apprise(asset=asset)
            return service if service.add(url) else None
        return None

    def deliver(self, event: AlertEvent, cancelled: threading.Event) -> None:
        """Send one event to each service.

        Raises:
            DeliveryError: If a service did not take it; the others are asked all the same.
        """
        kinds = {"info": "INFO", "warning": "WARNING", "critical": "FAILURE"}
        kind = "SUCCESS" if event.state == "resolved" else kinds[event.severity]
        failed = []
        for scheme, service in self._services:
            if cancelled.is_set():
                return
            if not self._send(service, event, kind):
                failed.append(scheme)
        if failed:
            raise DeliveryError(f"apprise could not send it by {', '.join(dict.fromkeys(failed))}")

    def _send(self, service: Any, event: AlertEvent, kind: str) -> bool:
        # What apprise raises may quote the URL.
        with _mute(), contextlib.suppress(Exception):
            return bool(
                service.notify(
                    title=f"[{event.severity}] {event.rule}",
                    body=str(event),
                    notify_type=self._apprise.NotifyType[kind],
                    body_format=self._apprise.NotifyFormat.TEXT,
                )
            )
        return False

    def __repr__(self) -> str:
        return f"Notify({', '.join(self._schemes)}, severity={self.severity!r})"


def check_actions(actions: object, argument: str = "actions") -> None:
    """Raise unless each is an action.

    Args:
        actions: A sequence of actions, callables, `"stop_training"` and `"raise_error"`.
        argument: What it is called in the error.

    Raises:
        ValueError: If one is not; all are named at once, by their types.

    Example:
        >>> check_actions([StopTraining])
        Traceback (most recent call last):
        ValueError: `actions[0]` must be an action, a callable, 'stop_training' or 'raise_error'. Received: the class
        StopTraining. Write StopTraining(...).
    """
    if isinstance(actions, str) or not isinstance(actions, Sequence):
        raise ValueError(f"`{argument}` must be a sequence of actions. Received: {_kind(actions)}.")
    _raise_if_any(
        [
            f"`{argument}[{index}]` must be an action, a callable, 'stop_training' or 'raise_error'. "
            f"Received: {_kind(action)}."
            for index, action in enumerate(actions)
            if not _is_action(action)
        ]
    )


def _is_action(action: object) -> bool:
    if isinstance(action, str):
        return action in ACTION_NAMES
    # A class is callable, but what it would make of an event is no action.
    return isinstance(action, StopTraining | RaiseError | Delivery) or (
        callable(action) and not isinstance(action, type)
    )


def _kind(action: object) -> str:
    """What was given, without its value: it may be a URL."""
    if isinstance(action, type):
        return f"the class {action.__name__}. Write {action.__name__}(...)"
    return f"a value of type {type(action).__name__}"


def _severity_problems(severity: object) -> list[str]:
    if severity in SEVERITIES:
        return []
    return [f"`severity` must be one of {', '.join(SEVERITIES)}. Received: severity={severity!r}."]


def _count_problems(timeout: object, retries: object) -> Iterator[str]:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        yield f"`timeout` must be a finite number of seconds > 0. Received: timeout={timeout!r}."
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        yield f"`retries` must be an integer >= 0. Received: retries={retries!r}."


def _raise_if_any(problems: Sequence[str]) -> None:
    if problems:
        raise ValueError("\n".join(problems))


@contextlib.contextmanager
def _collecting(problems: list[str]) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        problems.append(str(error))


def _scheme(url: object) -> str:
    """Scheme of a URL; nothing of a text that has none, since all of it may be secret."""
    found = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]{0,31})://", url) if isinstance(url, str) else None
    return found[1].lower() if found else ""


#: Whether the log of apprise is kept silent where this runs; the threads that apprise starts take it over.
_muted = contextvars.ContextVar("_muted", default=False)

#: apprise, and the libraries it sends with: urllib3 logs the path of each request.
_TALKATIVE = {"apprise", "oauthlib", "requests", "requests_oauthlib", "urllib3"}


def _is_heard(record: logging.LogRecord) -> bool:
    return not _muted.get()


@contextlib.contextmanager
def _mute() -> Iterator[None]:
    """Keep URLs out of the logs, here and nowhere else: other users of these libraries keep their logs."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in _TALKATIVE:
            logging.getLogger(name).addFilter(_is_heard)
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)
