"""Other places where people look: what a place must offer (`Sink`), and three that do.

>>> from xent_monitor.sinks import JsonLinesSink, Sink
>>> isinstance(JsonLinesSink("run.jsonl"), Sink)
True
"""

from __future__ import annotations

from xent_monitor.sinks.json_lines import JsonLinesSink, read_json_lines
from xent_monitor.sinks.mlflow_sink import MLflowSink
from xent_monitor.sinks.protocol import Sink
from xent_monitor.sinks.wandb_sink import WandbSink

__all__ = ["JsonLinesSink", "MLflowSink", "Sink", "WandbSink", "read_json_lines"]
