"""Texts that the commands print at 80 columns, whole, as they are kept in `tests/data/terminal`.

`python -m tests.golden` writes them anew; look at the difference before you commit it.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from rich.console import RenderableType

from tests.builders import HOSTILE_NAMES, multilabel_predictions
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor.alerts import AlertEvent
from xent_monitor.cli.frame import Options, frame
from xent_monitor.cli.log_directory import Log
from xent_monitor.cli.report import last_reports, text
from xent_monitor.cli.terminal import encodable, render
from xent_monitor.report import EvaluationReport

__all__ = ["CASES", "FOLDER", "event", "log", "printed", "report"]

FOLDER = Path(__file__).parent / "data" / "terminal"
#: How far the logit of the true class is above the others in the validation pass of each epoch.
MARGINS = (1.0, 2.5, 3.0, 2.6, 2.2, 1.8)
ANIMALS = ("cat", "dog", "猫と犬", "pale\nsiskin", "northern goldfinch of the western hills", "[bold]owl[/]")


def event(state: str = "firing", epoch: int = 3, **fields: Any) -> AlertEvent:
    """An alert, by what is particular about it."""
    usual = {
        "rule": "overfitting",
        "severity": "warning",
        "split": "validation",
        "output": "",
        "class_name": None,
        "value": 1.0,
        "threshold": 0.5,
        "message": "The validation cross-entropy rose from 0.42 in epoch 1 to 0.99 while that of the training fell. "
        "Keep the weights of the best epoch, then try more data.",
    }
    return AlertEvent(**{**usual, "state": state, "epoch": epoch, **fields})


@functools.cache
def report(
    epoch: int,
    split: str,
    names: tuple[str, ...] = ANIMALS,
    *,
    output: str = "",
    task: str = "multiclass",
    num_examples: int = 240,
) -> EvaluationReport:
    """The pass of a model that learns its training data by heart, and the second class never."""
    size, margin = len(names), 1.0 + epoch if split == "train" else MARGINS[epoch]
    if task == "multilabel":
        targets, probabilities = multilabel_predictions(size, num_examples, seed=epoch % 2, sharpness=2 * margin)
    else:
        random = np.random.RandomState(epoch % 2)
        targets = random.randint(size, size=num_examples)
        logits = random.normal(size=(num_examples, size)) + margin * np.eye(size)[targets]
        logits[:, 1] -= margin
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    sums = statistics_from_predictions(targets, probabilities, task=task)
    return EvaluationReport(epoch, split, output, names, sums)


def log(epochs: int = 6, names: tuple[str, ...] = ANIMALS, *, outputs: tuple[str, ...] = ("",), **fields: Any) -> Log:
    """A run whose validation passes get better and then worse again, with its alerts."""
    reports = [
        report(epoch, split, names, output=output, **fields)
        for epoch in range(epochs)
        for split in ("train", "validation")
        for output in outputs
    ]
    neglected = {"rule": "neglected-class", "message": "The class costs more than a guess by its share."}
    alerts = [
        event("firing", 1, severity="info", rule="miscalibrated", message="The model is over-confident."),
        event("firing", 2, class_name="dog", **neglected),
        event("firing", 2, class_name="pale\nsiskin", **neglected),
        event("resolved", 3, class_name="dog", **{**neglected, "message": "The rule no longer holds."}),
        event("firing", 4, class_name="cat", **neglected),
        event("firing", 4),
        event("firing", 5, severity="critical", rule="diverging", message="The training loss is rising."),
    ]
    return Log(Path("logs", "run1"), reports, [each for each in alerts if each.epoch < epochs], [])


def of_report(run: Log, top: int | None = None) -> Iterator[RenderableType]:
    return text(run, last_reports(run.reports), top)


def many_classes() -> Log:
    names = tuple(f"{colour} {bird}" for bird in ("goldfinch", "nuthatch", "owl") for colour in range(20))
    return log(names=names, num_examples=900)


#: What is printed in each case, by the name of its file.
CASES: dict[str, Callable[[], str]] = {
    "report": lambda: render(*of_report(log())),
    "report-first-epoch": lambda: render(*of_report(log(1))),
    "report-labels": lambda: render(*of_report(log(task="multilabel", outputs=("a", "kind of b")))),
    "report-many-classes": lambda: render(*of_report(many_classes(), 5)),
    "report-hostile-names": lambda: render(*of_report(log(2, HOSTILE_NAMES))),
    "report-in-colours": lambda: colours(*of_report(log())),
    "report-in-ascii": lambda: encodable(render(*of_report(log())), "ascii"),
    "watch": lambda: render(*frame(log(), Options(lines=40, top=10), "12 s ago")),
    "watch-few-lines": lambda: render(*frame(log(), Options(lines=18, top=10), "12 s ago", ["The disk is gone."])),
    "watch-outputs": lambda: render(*frame(log(3, outputs=("a", "b")), Options(lines=40, top=10))),
}


def colours(*renderables: RenderableType) -> str:
    """As in a terminal, with a visible sign for the escape character."""
    return render(*renderables, force_terminal=True, color_system="standard", legacy_windows=False).replace(
        "\x1b", "\N{SYMBOL FOR ESCAPE}"
    )


def printed(name: str) -> str:
    """What is printed in a case at 80 columns."""
    with mock.patch.dict(os.environ, {"COLUMNS": "80", "LINES": "40"}):
        for variable in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
            os.environ.pop(variable, None)
        return CASES[name]()


def main() -> None:
    """Write the files."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    FOLDER.mkdir(exist_ok=True)
    for name in CASES:
        (FOLDER / f"{name}.txt").write_text(printed(name), encoding="utf-8")
        print(FOLDER / f"{name}.txt", file=sys.stderr)


if __name__ == "__main__":
    main()
