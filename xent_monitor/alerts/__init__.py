"""Alert rules: what is looked for in the reports of a training, and what is done when it is seen."""

from __future__ import annotations

from xent_monitor.alerts.actions import Notify, RaiseError, StopTraining, Webhook
from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.engine import AlertEngine
from xent_monitor.alerts.episodes import Episode, episodes
from xent_monitor.alerts.evaluation import Evaluation, Observation
from xent_monitor.alerts.event import AlertEvent
from xent_monitor.alerts.log import read_alerts
from xent_monitor.alerts.rule import SEVERITIES, AlertRule, Diagnosis, Severity
from xent_monitor.alerts.rule_file import load_rules
from xent_monitor.alerts.state import Instance, State, step

__all__ = [
    "SEVERITIES",
    "AlertEngine",
    "AlertEvent",
    "AlertRule",
    "Diagnosis",
    "Episode",
    "Evaluation",
    "Instance",
    "Notify",
    "Observation",
    "RaiseError",
    "Severity",
    "State",
    "StopTraining",
    "Webhook",
    "default_rules",
    "episodes",
    "load_rules",
    "read_alerts",
    "step",
]
