"""Pictures: what is drawn are the numbers of the report, and no report is too odd."""

from __future__ import annotations

import dataclasses
import io
import itertools
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.builders import HOSTILE_NAMES, report
from xent_monitor import plots
from xent_monitor.calibration import wilson_interval
from xent_monitor.errors import XentMonitorError
from xent_monitor.plots.palette import DARK, LIGHT, Palette
from xent_monitor.plots.series import colour_limit, last_fit, main_split, passes_of, worst_classes
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics
from xent_monitor.yardsticks import guess_cross_entropy

pytest.importorskip("matplotlib")

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard" / "src"


def training(epochs=4, **arguments):
    return [
        report(4, epoch=epoch, seed=epoch, split=split, sharpness=1.0 + epoch / 2, **arguments)
        for epoch in range(epochs)
        for split in ("train", "validation")
    ]


def of_statistics(statistics, **values):
    names = tuple(map(str, range(statistics.num_classes)))
    return EvaluationReport(0, "validation", "", names, statistics, **values)


def nothing(task="multiclass"):
    return of_statistics(ClassStatistics.empty(task, 3, 15, num_temperatures=11))


def undefined():
    sums = report(3).statistics
    return of_statistics(dataclasses.replace(sums, cross_entropy_sum=np.full(3, np.nan)))


def lines(axes):
    return {line.get_gid(): line for line in axes.lines if line.get_gid()}


def texts(figure):
    """All that is written, but for axes that are not drawn."""
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    drawn = [axes for axes in figure.axes if axes.axison]
    return found + [label.get_text() for axes in drawn for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]


def drawn(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue().decode()


# Loss and accuracy


def test_lines_are_the_quantities_by_epoch():
    reports = training()
    loss, accuracy = plots.loss_and_accuracy(reports).axes

    for split in ("train", "validation"):
        passes = [one for one in reports if one.split == split]
        for axes, quantity in ((loss, "cross_entropy"), (accuracy, "accuracy")):
            line = lines(axes)[split]
            assert list(line.get_xdata()) == [0, 1, 2, 3]
            np.testing.assert_array_equal(line.get_ydata(), [getattr(one, quantity) for one in passes])
    np.testing.assert_array_equal(
        lines(loss)["tempered"].get_ydata(),
        [one.tempered_cross_entropy for one in reports if one.split == "validation"],
    )


def test_yardsticks_and_the_best_pass_are_marked():
    reports = training()
    last, best = reports[-1], min(reports[1::2], key=lambda one: one.cross_entropy)
    loss = plots.loss_and_accuracy(reports).axes[0]

    heights = [line.get_ydata()[0] for line in loss.lines if line.get_gid() == "yardstick"]
    assert heights == [last.uniform_cross_entropy, last.prior_entropy]
    mark = lines(loss)["best"]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (best.epoch, best.cross_entropy)
    assert f"best {best.epoch}" in [text.get_text() for text in loss.texts]


def test_stretches_of_divergence_are_shaded():
    calm = [report(4, 0, 0, num_examples=2000, sharpness=3.0, loss_accuracy_divergence=0.0)]
    risen = [report(4, epoch, 0, num_examples=2000, sharpness=1.0, loss_accuracy_divergence=0.5) for epoch in (1, 2, 3)]
    loss, accuracy = plots.loss_and_accuracy([*calm, *risen]).axes

    for axes in (loss, accuracy):
        (band,) = [patch for patch in axes.patches if patch.get_gid() == "divergence"]
        assert (band.get_x(), band.get_x() + band.get_width()) == (1, 3)
    assert "loss above its best of epoch 0, accuracy holds" in [text.get_text() for text in loss.texts]
    assert not [patch for patch in plots.loss_and_accuracy(calm).axes[0].patches if patch.get_gid() == "divergence"]


def test_the_longest_stretch_of_several_is_named_within_the_picture():
    def at(epoch):
        high = 2 <= epoch < 5 or epoch >= 8
        sharpness, divergence = (1.0, 0.5) if high else (3.0, 0.0)
        return report(4, epoch, 0, num_examples=2000, sharpness=sharpness, loss_accuracy_divergence=divergence)

    loss, _ = plots.loss_and_accuracy([at(epoch) for epoch in range(14)]).axes

    assert len([patch for patch in loss.patches if patch.get_gid() == "divergence"]) == 2
    (words,) = [text for text in loss.texts if text.get_text().startswith("loss above its best")]
    assert (words.xy[0], words.get_ha()) == (13, "right")


def test_one_pass_is_a_dot_and_a_pass_without_a_loss_a_gap():
    one = lines(plots.loss_and_accuracy([report(3)]).axes[0])["validation"]
    gap = lines(plots.loss_and_accuracy([report(3), dataclasses.replace(undefined(), epoch=1)]).axes[0])["validation"]

    assert one.get_marker() == "o"
    assert one.get_markersize() > 0
    assert np.isnan(gap.get_ydata()).tolist() == [False, True]


def test_labels_at_the_ends_of_lines_keep_apart():
    figure = plots.loss_and_accuracy(training())
    for axes, room in zip(figure.axes, (0.068, 0.105), strict=True):
        places = sorted(text.get_position()[1] for text in axes.texts if text.get_position()[0] == 1.015)
        assert len(places) >= 2
        assert all(above - below >= room - 1e-6 for below, above in itertools.pairwise(places))


@pytest.mark.parametrize("reports", [[], [undefined()], [nothing()]], ids=["none", "undefined", "empty"])
def test_without_a_loss_the_picture_says_so(reports):
    assert "No pass has a cross-entropy that could be drawn." in texts(plots.loss_and_accuracy(reports))


# Confidences


def test_reliability_is_that_of_the_report():
    one = report(3, num_examples=500)
    (axes,) = plots.reliability(one).axes
    table = one.reliability[one.reliability[:, 2] > 0]

    dots = [line for line in axes.lines if line.get_gid() == "accuracy"]
    np.testing.assert_array_equal([line.get_xdata()[0] for line in dots], table[:, 0])
    np.testing.assert_array_equal([line.get_ydata()[0] for line in dots], table[:, 1])
    bars = [patch for patch in axes.patches if patch.get_gid() == "gap"]
    np.testing.assert_allclose([bar.get_height() for bar in bars], table[:, 1] - table[:, 0])
    ends = [line.get_ydata() for line in axes.lines if line.get_gid() == "interval"]
    intervals = wilson_interval(table[:, 1] * table[:, 2], table[:, 2])
    np.testing.assert_array_equal(ends, intervals)
    within = [low <= confidence <= high for confidence, (low, high) in zip(table[:, 0], intervals, strict=True)]
    assert [bar.get_alpha() < 1 for bar in bars] == within
    assert [text.get_text() for text in axes.texts if text.get_gid() == "count"] == [f"{n:.0f}" for n in table[:, 2]]


def test_histograms_have_the_counts_of_the_report():
    one = report(3, num_examples=500)
    (axes,) = plots.confidence_histograms(one).axes
    right, wrong = axes.containers

    assert [bar.get_height() for bar in right] == one.confidence_histogram[1].tolist()
    assert [bar.get_height() for bar in wrong] == (-one.confidence_histogram[0]).tolist()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["right", "wrong"]


@pytest.mark.parametrize(
    ("one", "axis", "least"),
    [
        (report(3), "confidence, the largest probability", 0.0),
        (report(2), "confidence, the larger probability", 7 / 15),
        (report(3, task="multilabel"), "confidence of a decision on a label, max(p, 1 - p)", 7 / 15),
    ],
    ids=["classes", "binary", "labels"],
)
def test_axes_of_confidence_are_those_of_the_task(one, axis, least):
    for figure in (plots.reliability(one), plots.confidence_histograms(one)):
        (axes,) = figure.axes
        assert axes.get_xlabel() == axis
        assert axes.get_xlim()[0] == pytest.approx(least - 0.02)


def test_without_examples_the_picture_says_so():
    for figure in (plots.reliability(nothing()), plots.confidence_histograms(nothing())):
        assert texts(figure) == ["No examples, so no confidences."]
    assert texts(plots.confusion(nothing())) == ["No examples, so no mistakes."]
    for figure in (plots.class_bars(nothing()), plots.class_heatmap([nothing()]), plots.class_heatmap([])):
        assert texts(figure) == ["No class has a cross-entropy that could be drawn."]


# Classes


def test_bars_are_the_worst_classes_with_their_errors_and_guesses():
    one = report(6, num_examples=500)
    (axes,) = plots.class_bars(one, most=4).axes
    worst = worst_classes(one, 4)

    bars = axes.containers[0]
    np.testing.assert_array_equal([bar.get_width() for bar in bars], one.class_cross_entropy[worst])
    assert [label.get_text() for label in axes.get_yticklabels()] == [one.class_names[k] for k in worst]
    (guesses,) = [line for line in axes.lines if line.get_label() == "guess by the share of the class"]
    np.testing.assert_array_equal(guesses.get_xdata(), guess_cross_entropy(one)[worst])
    (segments,) = [found.get_segments() for found in axes.collections]
    reach = np.array([segment[:, 0] for segment in segments])
    np.testing.assert_allclose(reach[:, 1], (one.class_cross_entropy + one.class_standard_error)[worst])
    assert axes.get_xlabel() == "cross-entropy, nats"


def test_heatmap_has_a_row_for_each_class_and_a_column_for_each_pass():
    reports = training()
    passes = reports[1::2]
    axes = plots.class_heatmap(reports, most=3).axes[0]
    worst = worst_classes(passes[-1], 3)

    (image,) = axes.images
    np.testing.assert_array_equal(
        image.get_array(), np.stack([one.class_cross_entropy[worst] for one in passes], axis=1)
    )
    assert [label.get_text() for label in axes.get_yticklabels()] == [passes[-1].class_names[k] for k in worst]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "2", "3"]
    assert image.get_clim() == (0.0, colour_limit(np.asarray(image.get_array()), passes[-1].prior_entropy))


def test_heatmap_of_the_training_passes():
    reports = training()

    assert plots.class_heatmap(reports, split="train").axes[0].images[0].get_array()[:, 0].max() == pytest.approx(
        reports[0].class_cross_entropy.max()
    )


def test_an_outlier_does_not_move_the_colours():
    values = np.full((100, 100), 0.1)
    values[0, 0] = 50.0

    assert colour_limit(values, 2.0) == pytest.approx(1.2)
    assert colour_limit(np.full((2, 2), 0.1), np.nan) == pytest.approx(0.1)
    assert colour_limit(np.full((2, 2), np.nan), np.nan) == 1.0


@pytest.mark.parametrize(
    "draw", [plots.class_bars, plots.confusion, lambda one, most: plots.class_heatmap([one], most=most)]
)
def test_most_must_be_positive(draw):
    with pytest.raises(ValueError) as caught:
        draw(report(3), most=0)

    assert str(caught.value) == "`most` must be an integer >= 1. Received: most=0."


# Mistakes


def test_matrix_has_the_shares_of_the_wrong_answers():
    one = report(4, num_examples=300)
    (axes,) = plots.confusion(one).axes
    shares = one.confusion / one.confusion.sum(axis=1, keepdims=True)

    cells = np.ma.filled(axes.images[0].get_array(), np.nan)
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(cells[off], shares[off])
    assert np.isnan(cells[~off]).all()
    written = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in axes.texts}
    for place in np.argwhere(one.confusion > 0):
        assert written[tuple(place)] == str(one.confusion[tuple(place)])


def test_many_classes_have_their_worst_pairs():
    one = report(30, num_examples=600)
    (axes,) = plots.confusion(one, most=5).axes

    assert [bar.get_width() for bar in axes.containers[0]] == [pair.count for pair in one.worst_confusions(5)]
    names = [f"{pair.true_class} → {pair.predicted_class}" for pair in one.worst_confusions(5)]
    assert [label.get_text() for label in axes.get_yticklabels()] == names


def test_labels_are_missed_or_named_falsely():
    one = report(4, num_examples=300, task="multilabel")
    (axes,) = plots.confusion(one).axes
    missed, false = one.support - one.statistics.true_positives, one.predicted - one.statistics.true_positives
    order = np.argsort(-(missed + false), kind="stable")

    assert [bar.get_width() for bar in axes.containers[0]] == missed[order].tolist()
    assert [bar.get_width() for bar in axes.containers[1]] == false[order].tolist()


def test_no_mistakes():
    assert texts(plots.confusion(report(3, sharpness=60.0))) == ["No mistakes: all 200 answers are right."]
    labels = report(2, sharpness=40.0, task="multilabel")
    assert texts(plots.confusion(labels)) == ["No mistakes: all decisions on all labels are right."]


# Figures


def test_names_are_shown_as_they_are_and_short():
    names = ("$x^2$ \\frac{", "<b>&amp;</b>", "\udcff", "a" * 3000)
    one = report(4, class_names=names)
    figure = plots.class_bars(one)

    labels = {label.get_text() for label in figure.axes[0].get_yticklabels()}
    assert labels >= {"$x^2$ \\frac{", "<b>&amp;</b>", "(blank)"}
    assert max(map(len, labels)) == 24
    assert "<b>" not in drawn(figure)


@pytest.mark.parametrize("draw", [plots.class_bars, plots.confusion])
def test_letters_without_a_glyph_are_no_warning(draw):
    figure = draw(report(12, class_names=HOSTILE_NAMES))

    # A warning would be an error here.
    picture = io.BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight")
    assert picture.getvalue().startswith(b"\x89PNG")


def test_a_figure_shows_itself_without_pyplot_and_is_pickled():
    figure = plots.overview(training(2))

    assert figure._repr_png_().startswith(b"\x89PNG")
    assert len(pickle.loads(pickle.dumps(figure)).axes) == len(figure.axes) == 5


def test_settings_of_the_user_are_neither_used_nor_changed():
    code = (
        "import sys, matplotlib; matplotlib.rcParams.update({'text.usetex': True, 'axes.facecolor': 'red'});"
        # To ask for the backend would choose one.
        "settings = lambda: {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != 'backend'};"
        "before = settings();"
        "from tests.builders import report; from xent_monitor import plots;"
        "axes = plots.reliability(report(3)).axes[0];"
        "assert settings() == before;"
        "assert axes.get_facecolor()[3] == 0 and not axes.title.get_usetex();"
        "assert not any(label.get_usetex() for label in axes.get_xticklabels());"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )

    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=120)


def test_matplotlib_is_imported_when_the_first_picture_is_drawn_and_may_be_missing(monkeypatch):
    code = "import sys, xent_monitor.plots; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(XentMonitorError) as caught:
        plots.reliability(report(3))

    assert str(caught.value) == "Pictures need matplotlib. Install it: pip install 'xent-monitor[plots]'"


def test_colours_are_those_of_the_tab():
    style = (DASHBOARD / "style" / "base.css").read_text(encoding="utf-8")
    light, dark = style.split("body.dark {")
    for ground, palette in ((light, LIGHT), (dark, DARK)):
        for field in dataclasses.fields(Palette):
            value = getattr(palette, field.name)
            if isinstance(value, str):
                assert re.search(rf"--{field.name.replace('_', '-')}: (#\w+);", ground)[1] == value, field.name
    ramps = re.findall(r"\[([^\]]*)\]", (DASHBOARD / "palette.js").read_text(encoding="utf-8").split("trouble: {")[1])
    assert [tuple(re.findall(r"#\w{6}", ramp)) for ramp in ramps[:2]] == [LIGHT.trouble, DARK.trouble]


# Which passes


def test_the_last_fit_counts():
    passes = [report(3, epoch=epoch) for epoch in (0, 1, 2, 0, 1)]

    assert last_fit(passes) == tuple(passes[3:])
    assert last_fit(passes[:3]) == tuple(passes[:3])
    assert last_fit([]) == ()


def test_passes_of_an_output():
    reports = [report(3, output=output, split=split) for output in ("a", "b") for split in ("train", "test")]
    passes = passes_of(reports, "b")

    assert dict(passes) == {"train": (reports[2],), "test": (reports[3],)}
    assert main_split(passes) == "test"
    assert main_split({}) is None


@pytest.mark.parametrize("output", [None, "c"])
def test_an_output_has_to_be_named_where_there_are_several(output):
    reports = [report(3, output="a"), report(3, output="b")]

    with pytest.raises(ValueError) as caught:
        plots.loss_and_accuracy(reports, output)

    assert (
        str(caught.value)
        == f"`output` must be one of the outputs of the reports: 'a', 'b'. Received: output={output!r}."
    )
