"""`AlertDesk`: judges each epoch by the rules, tells whoever has to know, and says what the training must do."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xent_monitor.alerts.actions import check_actions
from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.delivery import ActionRunner, Verdict
from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.fields import SEVERITIES
from xent_monitor.alerts.log import AlertLog
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_file import load_rules
from xent_monitor.interpretation.wording import count
from xent_monitor.report import EvaluationReport

__all__ = ["LOGGER", "VERDICTS", "AlertDesk", "resolve_rules"]

#: Where every alert is logged; Python shows warnings and errors of it unless logging is configured otherwise.
LOGGER = logging.getLogger("xent_monitor")

#: Levels of firing alerts in the log; an alert that is resolved, or is only worth knowing, is information.
LEVELS = dict(zip(SEVERITIES, (logging.INFO, logging.WARNING, logging.ERROR), strict=True))

#: Most alerts of one rule that are logged line by line in an epoch: one rule may fire for hundreds of classes.
LOGGED_EACH = 5

#: What a training may have to do, the gravest last.
VERDICTS: tuple[Verdict, ...] = ("continue", "stop", "raise")


def resolve_rules(rules: Any) -> tuple[AlertRule, ...]:
    """The rules that an argument `rules` stands for.

    Args:
        rules: `"default"`, the path of a TOML file, an iterable of `AlertRule`, or None for no rules.

    Raises:
        TypeError: If it is none of these.
        RuleFileError: If the file cannot be read or has mistakes.
        ValueError: If two rules have the same name, or inhibit each other in a circle.

    Example:
        >>> len(resolve_rules(None)), resolve_rules("default")[0].name
        (0, 'non-finite')
    """
    if rules is None:
        return ()
    if isinstance(rules, str | os.PathLike):
        return default_rules() if rules == "default" else load_rules(rules)
    if isinstance(rules, AlertRule) or not isinstance(rules, Iterable):
        raise TypeError(
            '`rules` must be "default", the path of a rule file, an iterable of `AlertRule` objects, or None. '
            f"Received: rules={rules!r}."
        )
    return AlertEngine(rules).rules


class AlertDesk:
    """The engine of a monitor, its log and its actions.

    Args:
        rules: As for `resolve_rules`.
        actions: Actions for the alerts of every rule, beyond the log.
        log_dir: Directory of `alerts.jsonl`; None to write no file.
        complain: Told what went wrong: a subject, and a text that goes on from "xent_monitor ".
        clock: Seconds since the epoch, for the lines of the file.
        before_logging: Called before something is logged that will be shown, to end a line that is being written.

    Raises:
        TypeError: As for `resolve_rules`.
        ValueError: If a rule or an action is wrong.
    """

    def __init__(
        self,
        rules: Any,
        actions: Sequence[Any],
        log_dir: str | os.PathLike[str] | None,
        *,
        complain: Callable[[str, str], None],
        clock: Callable[[], float],
        before_logging: Callable[[], None] = lambda: None,
    ) -> None:
        check_actions(actions)
        self.engine = AlertEngine(resolve_rules(rules))
        for rule in self.engine.rules:
            check_actions(rule.actions, f"actions of rule {rule.name}")
        #: Whether it judges only, and leaves it to another process to log, to write and to run the actions.
        self.quiet = False
        self._runner = ActionRunner(actions, complain=complain)
        self._log = None if log_dir is None else AlertLog(log_dir)
        self._complain = complain
        self._clock = clock
        self._before_logging = before_logging
        self._told: set[str] = set()
        self._firing: dict[tuple[str, str, str, str | None], AlertEvent] = {}

    @property
    def firing(self) -> list[AlertEvent]:
        """The alerts of this run that are firing now, oldest first."""
        return list(self._firing.values())

    def begin(self, epoch: int, earlier: Sequence[EvaluationReport] = ()) -> None:
        """A run begins, or goes on.

        Args:
            epoch: Its first epoch.
            earlier: Reports of the epochs before it, where it goes on: the rules then know what they would have known
                without the interruption, and nobody is told again.
        """
        self.engine.reset()
        self._told, self._firing = set(), {}
        for before in sorted({report.epoch for report in earlier}):
            self._keep(self.engine.evaluate([report for report in earlier if report.epoch == before]))
        self._tell_failures()
        if self._log is not None and not self.quiet:
            try:
                self._log.begin(epoch, time=self._clock())
            except OSError as error:
                self._cannot_write(error)

    def judge(self, reports: Sequence[EvaluationReport]) -> tuple[list[AlertEvent], Verdict]:
        """Judge the reports of one epoch, and tell whoever has to know.

        Returns:
            What began to fire or is resolved, and what the training has to do about it.
        """
        return self._tell(self.engine.evaluate(reports))

    def finish(self) -> tuple[list[AlertEvent], Verdict]:
        """The training has ended: judge it as a whole, and wait for what is still to be delivered, not for long."""
        told = self._tell(self.engine.finish())
        self.close()
        return told

    def close(self) -> None:
        """Deliver what is left, and close the file."""
        self._runner.drain()
        if self._log is not None:
            self._log.close()

    def _keep(self, events: Sequence[AlertEvent]) -> None:
        for event in events:
            instance = (event.rule, event.split, event.output, event.class_name)
            self._firing.pop(instance, None)
            if event.state == "firing":
                self._firing[instance] = event

    def _tell(self, events: list[AlertEvent]) -> tuple[list[AlertEvent], Verdict]:
        self._keep(events)
        self._tell_failures()
        if not self.quiet:
            if any(LOGGER.isEnabledFor(_level(event)) for event in events):
                self._before_logging()
            _log_events(events)
        verdicts: list[Verdict] = ["continue"]
        rules = {rule.name: rule for rule in self.engine.rules}
        for event in events:
            if self._log is not None and not self.quiet:
                try:
                    self._log.append(event, time=self._clock(), at_end=rules[event.rule].at_end)
                except OSError as error:
                    self._cannot_write(error)
            verdicts.append(self._runner.run(event, rules[event.rule].actions, quiet=self.quiet))
        return events, max(verdicts, key=VERDICTS.index)

    def _tell_failures(self) -> None:
        for name, error in self.engine.failures.items():
            if name not in self._told:
                self._told.add(name)
                self._complain(
                    f"rule {name}",
                    f"could not judge by the rule {name!r}, which is switched off for this run: "
                    f"{type(error).__name__}: {error}. Training goes on.",
                )

    def _cannot_write(self, error: OSError) -> None:
        self._complain(
            "alerts.jsonl", f"could not write alerts.jsonl: {type(error).__name__}: {error}. Training goes on."
        )


def _log_events(events: Sequence[AlertEvent]) -> None:
    """Log each event, but of many classes of one rule only the first."""
    logged: dict[tuple[str, str], int] = {}
    for event in events:
        key = (event.rule, event.state)
        logged[key] = logged.get(key, 0) + 1
        if logged[key] <= LOGGED_EACH:
            LOGGER.log(_level(event), "%s", event)
    for (rule, state), number in logged.items():
        if number > LOGGED_EACH:
            one = next(event for event in events if event.rule == rule and event.state == state)
            more = count(number - LOGGED_EACH, "class", "classes")
            LOGGER.log(_level(one), "[%s] %s is %s for %s more", one.severity, one.rule, one.state, more)


def _level(event: AlertEvent) -> int:
    return LEVELS[event.severity] if event.state == "firing" else logging.INFO
