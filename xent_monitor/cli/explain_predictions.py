"""`xent-monitor explain --predictions`: the report of predictions made elsewhere."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from xent_monitor.alerts.explanation import Explanation, Numbers, explain
from xent_monitor.cli.exits import CLEAN, FOUND, UNUSABLE
from xent_monitor.cli.explanation_text import cause_lines, exit_code, scale_lines, single_cause
from xent_monitor.cli.prediction_faults import no_probabilities
from xent_monitor.cli.prediction_files import read_predictions
from xent_monitor.cli.prediction_tables import Predictions
from xent_monitor.cli.report import body
from xent_monitor.cli.terminal import complain, heading, show
from xent_monitor.report import EvaluationReport

__all__ = ["explain_predictions"]


def explain_predictions(arguments: argparse.Namespace) -> int:
    """Print the report of a file of predictions, and the scale that its cross-entropy stands on.

    Args:
        arguments: Those of `xent-monitor explain`, with `predictions`.

    Returns:
        The exit code.
    """
    path = arguments.predictions
    try:
        found = read_predictions(path, logits=arguments.logits)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "there is no such file" if missing else f"cannot be read ({error.strerror or error})"
        complain(f"xent-monitor: {path}: {reason}.")
        return UNUSABLE
    names, problem = _class_names(arguments.class_names, found)
    problem = f"{path}: {problem}" if problem else _load_keras()
    if problem:
        complain(f"xent-monitor: {problem}")
        return UNUSABLE
    try:
        with _quiet():
            report = EvaluationReport.from_predictions(
                found.labels,
                probabilities=found.probabilities,
                logits=found.logits,
                sample_weight=found.sample_weight,
                class_names=names,
                task=arguments.task or found.task,
            )
    except (TypeError, ValueError) as error:
        message = str(error).replace("`task`", "--task").replace("`class_names`", "--class-names")
        complain(f"xent-monitor: {path}: {message}")
        return UNUSABLE
    fault = no_probabilities(report, found)
    explanation = None if fault else _explained(report)
    code = arguments.exit_code = FOUND if fault else CLEAN if explanation is None else exit_code(explanation)
    if arguments.json:
        told = None if explanation is None else explanation.to_dict()
        cause = None if fault is None else dataclasses.asdict(fault)
        print(json.dumps({"report": report.to_dict(), "explanation": told, "fault": cause}, ensure_ascii=False))
    elif fault:
        show(heading(f"Predictions in {path}"), "", *single_cause(fault))
    else:
        show(*_printed(path, report, explanation, arguments.top))
    return code


def _class_names(given: str | None, found: Predictions) -> tuple[Sequence[str] | None, str | None]:
    """Names of the classes, and what is wrong with those that are given where the file has its own."""
    if given is None:
        return found.class_names, None
    names = [name.strip() for name in given.split(",")]
    own = found.named
    if own is None or _agree(own, names):
        return names, None
    listed = ", ".join(name for name in own if name is not None)
    if sorted(names) == sorted(found.class_names or ()):
        return None, f"names its classes in another order than --class-names: {listed}. Leave --class-names out."
    return None, f"names its classes: {listed}. Leave --class-names out, or change the names in the file."


def _agree(own: Sequence[str | None], names: Sequence[str]) -> bool:
    """Whether names are those of the file, as far as that has some."""
    return len(own) == len(names) and all(one in (None, name) for one, name in zip(own, names, strict=True))


def _explained(report: EvaluationReport) -> Explanation | None:
    """What the cross-entropy and the accuracy say; None where they say nothing, or are of each label.

    Causes that are only possible are left out: the report knows what would decide them.
    """
    spoiled = report.invalid_probabilities > 0 or not report.num_examples
    if report.task == "multilabel" or spoiled or report.num_classes < 2:
        return None
    explanation = explain(
        Numbers(
            num_classes=report.num_classes,
            cross_entropy=report.cross_entropy,
            accuracy=report.accuracy,
            prior=report.support.tolist(),
            examples=report.num_examples,
            # A mean of ones in float32 may be above 1.
            confidence=min(report.confidence, 1.0),
        ),
        report,
    )
    causes = tuple(cause for cause in explanation.causes if cause.certainty != "possible")
    return dataclasses.replace(explanation, causes=causes)


def _printed(
    path: str, report: EvaluationReport, explanation: Explanation | None, top: int | None
) -> Iterator[RenderableType]:
    yield heading(f"Predictions in {path}")
    yield ""
    yield from body(report, [report], top)
    if explanation is not None:
        yield from ("", heading("Where the cross-entropy stands, in nats", "-"), *scale_lines(explanation))
        # What would decide is in the report above.
        yield from cause_lines(explanation, decided_by=False)


def _load_keras() -> str | None:
    """Import Keras, whatever its backend prints on the way; what is wrong where that fails."""
    # TensorFlow reads it when it is imported; what the user has set is kept.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _quiet():
            import keras
    except Exception as error:  # A backend may fail in ways of its own.
        said = str(error).strip().splitlines() or [type(error).__name__]
        return (
            "--predictions needs Keras with its backend, which cannot be imported "
            f"({said[0]}). Install it, or name one that is with KERAS_BACKEND."
        )
    del keras
    return None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on the standard error meanwhile, not even from C++, which writes past `sys.stderr`."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
            sys.stderr.flush()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
