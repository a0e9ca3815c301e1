"""What a monitor shows in a notebook."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.builders import HOSTILE_NAMES, report
from xent_monitor.errors import XentMonitorError
from xent_monitor.interpretation import answer
from xent_monitor.notebook import NotebookViews
from xent_monitor.report_table import report_table
from xent_monitor.tidy import COLUMNS


class Monitor(NotebookViews):
    def __init__(self, reports):
        self.reports = reports


def training(**arguments):
    return [
        report(3, epoch=epoch, seed=epoch, split=split, **arguments)
        for epoch in (0, 1)
        for split in ("train", "validation")
    ]


def test_the_reports_as_a_data_frame():
    pytest.importorskip("pandas")
    reports = training()
    frame = Monitor(reports).to_dataframe(["accuracy", "class_accuracy"])

    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 4 * (1 + 3)
    last = frame[(frame["epoch"] == 1) & (frame["split"] == "validation")]
    assert last[last["quantity"] == "accuracy"]["value"].tolist() == [reports[-1].accuracy]
    assert last[last["quantity"] == "class_accuracy"]["value"].tolist() == reports[-1].class_accuracy.tolist()
    assert last[last["quantity"] == "class_accuracy"]["class"].tolist() == ["0", "1", "2"]


def test_all_quantities_without_a_choice():
    pytest.importorskip("pandas")
    frame = Monitor(training()[:1]).to_dataframe()

    assert set(frame["quantity"]) == set(report(3).quantities())


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(XentMonitorError) as caught:
        Monitor([]).to_dataframe()

    assert str(caught.value) == "A data frame needs pandas. Install it: pip install 'xent-monitor[dataframe]'"


def test_a_picture_of_the_output_that_is_asked_for():
    pytest.importorskip("matplotlib")
    reports = [report(3, output="a"), report(3, output="b", seed=1)]
    figure = Monitor(reports).plot("b")

    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    right = int(reports[1].statistics.correct.sum())
    assert f"validation, epoch 0: {right} right, {200 - right} wrong" in said
    with pytest.raises(ValueError, match="`output` must be one of the outputs of the reports: 'a', 'b'"):
        Monitor(reports).plot()


def test_a_model_with_one_output_needs_no_name():
    with pytest.raises(ValueError) as caught:
        Monitor(training()).plot("digit")

    assert str(caught.value) == (
        "`output` must be the name of an output. Received: output='digit'. The model has one output: leave `output` "
        "out."
    )


def test_percent_signs_stay_with_their_numbers():
    text = Monitor(training())._repr_html_()

    assert "\N{NO-BREAK SPACE}%" in text
    assert " %" not in text


def test_a_monitor_shows_its_last_pass(monkeypatch):
    for library in ("jinja2", "matplotlib", "pandas"):
        monkeypatch.setitem(sys.modules, library, None)
    reports = training(class_names=("<b>", "cat", "dog"))
    text = Monitor(reports)._repr_html_()

    assert f"<b>{answer(reports[-1], reports[:-1]).headline}</b>" in text
    assert f"<td>{reports[-1].cross_entropy:.3f}</td>" in text
    assert f"<td>{reports[-1].class_cross_entropy[1]:.3f}</td>" in text
    assert "&lt;b&gt;</th>" in text


def test_a_monitor_before_its_first_pass():
    assert Monitor([])._repr_html_() == "<p>No pass has been monitored yet.</p>"


def test_many_classes_are_left_out():
    text = Monitor([report(12, class_names=HOSTILE_NAMES)])._repr_html_()

    text.encode("utf-8")
    assert "<p>and 4 more</p>" in text
    assert "<img" not in text


def test_a_table_of_a_report():
    text = report_table(
        "epoch 3", {"accuracy": 0.123456, "n": 12}, ["a", "b\udcff", ""], {"loss": np.array([1.0, np.nan, 2.5])}
    )

    assert text == (
        "<div><p><b>epoch 3</b></p>"
        '<table><thead><tr><th scope="col">accuracy</th><th scope="col">n</th></tr></thead>'
        "<tbody><tr><td>0.1235</td><td>12</td></tr></tbody></table>"
        '<table><thead><tr><th scope="col"></th><th scope="col">loss</th></tr></thead><tbody>'
        '<tr><th scope="row" style="text-align: left">(blank)</th><td>2.5</td></tr>'
        '<tr><th scope="row" style="text-align: left">a</th><td>1</td></tr>'
        '<tr><th scope="row" style="text-align: left">b</th><td>-</td></tr></tbody></table></div>'
    )


def test_a_table_of_many_classes_shows_the_first_few():
    text = report_table("x", {"n": 1.0}, [str(k) for k in range(20)], {"loss": np.arange(20.0)})

    assert "<p>and 12 more</p>" in text
    assert ">19</th>" in text
    assert ">11</th>" not in text
