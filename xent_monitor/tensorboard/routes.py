"""What each route of the tab answers; `docs/reference/http-api.md` has the contract."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from xent_monitor.interpretation import answers, thresholds
from xent_monitor.report import EvaluationReport, sort_key
from xent_monitor.tensorboard import tables
from xent_monitor.tensorboard.alert_record import AlertRecord
from xent_monitor.tensorboard.alert_spans import alerts_answer, gravest_state
from xent_monitor.tensorboard.listing import Run
from xent_monitor.tensorboard.mistakes import Mistakes
from xent_monitor.tensorboard.parameters import Parameters, Refused
from xent_monitor.tensorboard.provided import Passes, ProvidedReports
from xent_monitor.tensorboard.wire import arrays_message, json_message

__all__ = ["INTERFACE_VERSION", "ROUTES", "Message"]

#: Version of the interface.
INTERFACE_VERSION = 1


class Message(NamedTuple):
    """An answer."""

    #: Media type.
    content_type: str
    #: Content.
    body: bytes


def _json(value: Mapping[str, Any]) -> Message:
    return Message("application/json", json_message(value))


def _arrays(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> Message:
    return Message("application/octet-stream", arrays_message(header, arrays))


def runs(reports: ProvidedReports, parameters: Parameters) -> Message:
    """The runs and outputs that there are."""
    listing = reports.listing()
    return _json(
        {
            "format": INTERFACE_VERSION,
            "runs": [
                {
                    "run": run.name,
                    "output": run.output,
                    "task": run.first.header.task,
                    "num_classes": run.first.num_classes,
                    "splits": list(run.splits),
                    "last_epoch": run.last_epoch,
                    "stamp": run.stamp,
                }
                for run in listing.runs.values()
            ],
            "problems": [dataclasses.asdict(problem) for problem in listing.problems],
        }
    )


def summary(reports: ProvidedReports, parameters: Parameters) -> Message:
    """The last epoch of a run."""
    run, passes = _run_and_passes(reports, parameters)
    split, outlines = next(iter(passes.items()))
    last = outlines[-1]
    trained = [report for report in passes.get("train", ()) if report.epoch <= last.epoch]
    quantities = ("tempered_cross_entropy", "accuracy", "skill", "prior_entropy", "uniform_cross_entropy")
    return _json(
        {
            "run": run.name,
            "output": run.output,
            "split": split,
            "epoch": last.epoch,
            "state": gravest_state(_last_records(reports, run)),
            "headline": _answers(reports, run, passes, last).headline,
            "cross_entropy": last.cross_entropy,
            "train_cross_entropy": trained[-1].cross_entropy if trained else None,
            **{name: getattr(last, name) for name in quantities},
        }
    )


def series(reports: ProvidedReports, parameters: Parameters) -> Message:
    """Everything by epoch, and by class and epoch."""
    run, passes = _run_and_passes(reports, parameters)
    first = next(iter(passes.values()))
    rows = tables.class_rows(passes)
    header = {
        "run": run.name,
        "output": run.output,
        "task": first[-1].task,
        "num_classes": first[-1].num_classes,
        "num_bins": first[-1].num_bins,
        "epochs": tables.epochs_of(passes),
        "stamp": run.stamp,
        "class_indices": rows.tolist(),
        "class_names": [run.class_names[index] for index in rows],
        "splits": list(passes),
        "divergences": [stretch._asdict() for stretch in answers.divergences(first)],
        "noise": thresholds.NOISE,
    }
    return _arrays(header, tables.series_arrays(passes, rows))


def of_class(reports: ProvidedReports, parameters: Parameters) -> Message:
    """Histograms of one class by epoch."""
    run, passes = _run_and_passes(reports, parameters)
    index = parameters.class_index(run)
    header = {"class": index, "class_name": run.class_names[index], "epochs": tables.epochs_of(passes)}
    arrays = tables.class_arrays(passes, index, lambda split, field: reports.stack(run, split, field))
    return _arrays(header, arrays)


def confusion(reports: ProvidedReports, parameters: Parameters) -> Message:
    """The matrix of an epoch where it was kept, and its worst pairs with their history."""
    run, passes = _run_and_passes(reports, parameters)
    mistakes = _mistakes(reports, run, passes, parameters)
    outlines = parameters.reports(mistakes.reports)
    index = parameters.class_index_or_none(run)
    return _arrays(*mistakes.of_epoch(mistakes.kept(outlines)[-1], index))


def pair(reports: ProvidedReports, parameters: Parameters) -> Message:
    """How often one class was taken for another, by epoch."""
    run, passes = _run_and_passes(reports, parameters)
    mistakes = _mistakes(reports, run, passes, parameters)
    return _json(mistakes.of_pair(parameters.class_index(run, "true"), parameters.class_index(run, "predicted")))


def words(reports: ProvidedReports, parameters: Parameters) -> Message:
    """What the numbers of an epoch say, in words."""
    run, passes = _run_and_passes(reports, parameters)
    outline = parameters.reports(passes[parameters.split(passes)])[-1]
    index = parameters.class_index_or_none(run)
    answer = _answers(reports, run, passes, outline, index)
    return _json(
        {
            "epoch": outline.epoch,
            "split": outline.split,
            "class": index,
            "headline": answer.headline,
            "reading": answer.reading,
            "story": answer.story,
            "classes": answer.classes,
            "confidences": answer.confidences,
            "mistakes": answer.mistakes,
        }
    )


def alerts(reports: ProvidedReports, parameters: Parameters) -> Message:
    """States and messages of the alerts."""
    run = parameters.run(reports.listing())
    records = {
        split: {epoch: AlertRecord.from_bytes(content) for epoch, content in reports.alerts(run, split).items()}
        for split in run.splits
    }
    return _json(alerts_answer(records))


#: The answer of each route by its name.
ROUTES: Mapping[str, Callable[[ProvidedReports, Parameters], Message]] = {
    "runs": runs,
    "summary": summary,
    "series": series,
    "class": of_class,
    "confusion": confusion,
    "pair": pair,
    "words": words,
    "alerts": alerts,
}


def _run_and_passes(reports: ProvidedReports, parameters: Parameters) -> tuple[Run, Passes]:
    run = parameters.run(reports.listing())
    passes = reports.passes(run)
    if not passes:
        raise Refused(404, f"No epoch of run {run.name!r} is complete yet.")
    return run, passes


def _answers(
    reports: ProvidedReports, run: Run, passes: Passes, outline: EvaluationReport, class_index: int | None = None
) -> answers.Answers:
    """What the report that an outline is of says, after the outlines of those before it."""
    history = [report for outlines in passes.values() for report in outlines if report.epoch <= outline.epoch]
    return answers.answer(reports.report(run, outline), sorted(history, key=sort_key), class_index)


def _mistakes(reports: ProvidedReports, run: Run, passes: Passes, parameters: Parameters) -> Mistakes:
    split = parameters.split(passes)
    return Mistakes(
        axis=tables.epochs_of(passes),
        reports=passes[split],
        matrices=reports.stack(run, split, "confusion"),
        sketches=reports.stack(run, split, "confusion_sketch"),
    )


def _last_records(reports: ProvidedReports, run: Run) -> list[AlertRecord]:
    """The last record of the alerts of each split that has one."""
    recorded = [reports.alerts(run, split) for split in run.splits]
    return [AlertRecord.from_bytes(contents[max(contents)]) for contents in recorded if contents]
