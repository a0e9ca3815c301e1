"""Law: report -> file -> report is the identity, to the last bit."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xent_monitor.calibration import INVERSE_TEMPERATURES
from xent_monitor.report import REPORT_NUMBERS, SPLITS, EvaluationReport
from xent_monitor.statistics import TASKS, ClassStatistics, array_fields, scalar_fields
from xent_monitor.tensorboard import ReportWriter, read_reports

#: The field that labels which do not exclude each other have, and no other task.
POSITIVE_COLUMN = "positive_cross_entropy_sum"
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@st.composite
def statistics(draw: st.DrawFn) -> ClassStatistics:
    """Any arrays of the right shapes, whether or not a pass could sum up to them."""
    sizes = {"2": 2, "3": 3, "num_temperatures": len(INVERSE_TEMPERATURES)}
    values: dict[str, Any] = {"task": draw(st.sampled_from(TASKS))}
    for field in array_fields():
        of_labels = field.name == POSITIVE_COLUMN
        if field.metadata["optional"] and (values["task"] != "multilabel" if of_labels else draw(st.booleans())):
            values[field.name] = None
            continue
        if "histogram_classes" in field.metadata["shape"]:
            sizes["histogram_classes"] = draw(st.sampled_from([1, sizes["num_classes"]]))
        shape = tuple(sizes.setdefault(name, draw(st.integers(1, 4))) for name in field.metadata["shape"])
        elements = INTEGERS if field.metadata["dtype"] is np.int64 else FLOATS
        values[field.name] = draw(arrays.arrays(field.metadata["dtype"], shape, elements=elements))
    for field in scalar_fields():
        values[field.name] = draw(INTEGERS if field.type == "int" else FLOATS)
    return ClassStatistics(**values)


@st.composite
def reports(draw: st.DrawFn) -> EvaluationReport:
    sums = draw(statistics())
    names = st.text(st.characters(exclude_categories=()), max_size=5)  # surrogates too
    return EvaluationReport(
        epoch=draw(st.integers(0, 2**40)),
        split=draw(st.sampled_from(SPLITS)),
        output=draw(names),
        class_names=tuple(draw(st.lists(names, min_size=sums.num_classes, max_size=sums.num_classes))),
        statistics=sums,
        loss_accuracy_divergence=draw(FLOATS),
        logged_loss=draw(FLOATS),
        initial_cross_entropy=draw(FLOATS),
        non_finite_weights=draw(st.integers(0, 2**40)),
    )


def bits(report: EvaluationReport) -> dict[str, Any]:
    """Everything a report holds, comparable to the last bit and type."""
    sums = report.statistics
    held = {field.name: getattr(sums, field.name) for field in array_fields()}
    found: dict[str, Any] = {
        name: None if array is None else (array.dtype, array.shape, array.tobytes()) for name, array in held.items()
    }
    for source, names in (
        (sums, [field.name for field in scalar_fields()]),
        (report, REPORT_NUMBERS),
    ):
        for name in names:
            value = getattr(source, name)
            found[name] = (type(value), np.asarray(value).tobytes())
    plain = (report.epoch, report.split, report.output, report.class_names, report.task)
    return found | {"plain": plain}


@settings(max_examples=60, deadline=None)
@given(st.lists(reports(), min_size=1, max_size=3, unique_by=lambda r: (r.split, r.output, r.epoch)))
def test_report_to_file_to_report_is_the_identity(originals: list[EvaluationReport]) -> None:
    with tempfile.TemporaryDirectory() as log_dir:
        writer = ReportWriter(log_dir)
        with np.errstate(all="ignore"):  # sums that no pass could have
            # Epochs that go back are those of a later run, which replaces the earlier one.
            for original in sorted(originals, key=lambda report: report.epoch):
                writer.write(original, "So.")
        writer.close()
        restored = read_reports(log_dir)

    def key(report: EvaluationReport) -> tuple[Any, ...]:
        return (report.epoch, report.split, report.output)

    assert [bits(each) for each in sorted(restored, key=key)] == [bits(each) for each in sorted(originals, key=key)]
