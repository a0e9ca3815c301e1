"""What the cross-entropy of a Keras training says, per class, while it trains.

```python
from xent_monitor import XentMonitor

model.fit(x, y, validation_data=(xv, yv), callbacks=[XentMonitor("logs/run1", class_names=names)])
```

Reading what was written needs neither Keras nor a backend: what imports Keras is loaded on first use.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any

from xent_monitor.alerts import (
    AlertEngine,
    AlertEvent,
    AlertRule,
    Notify,
    RaiseError,
    StopTraining,
    Webhook,
    default_rules,
    load_rules,
    read_alerts,
)
from xent_monitor.errors import AlertError, EventFormatError, RuleFileError, XentMonitorError
from xent_monitor.interpretation import interpret
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics
from xent_monitor.tensorboard import read_reports

if TYPE_CHECKING:
    from xent_monitor import functional
    from xent_monitor.callback import XentMonitor

__all__ = [
    "AlertEngine",
    "AlertError",
    "AlertEvent",
    "AlertRule",
    "ClassStatistics",
    "EvaluationReport",
    "EventFormatError",
    "Notify",
    "RaiseError",
    "RuleFileError",
    "StopTraining",
    "Webhook",
    "XentMonitor",
    "XentMonitorError",
    "__version__",
    "default_rules",
    "functional",
    "interpret",
    "load_rules",
    "read_alerts",
    "read_reports",
]

__version__ = importlib.metadata.version("xent-monitor")


def __getattr__(name: str) -> Any:
    if name == "functional":
        return importlib.import_module("xent_monitor.functional")
    if name == "XentMonitor":
        return importlib.import_module("xent_monitor.callback").XentMonitor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
