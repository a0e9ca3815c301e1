"""Which numbers of a report are shown, under which names."""

from __future__ import annotations

import math

import pytest

from tests.alert_reports import made_report
from tests.builders import report
from xent_monitor.scalars import MULTILABEL_SCALARS, SCALARS, ClassChoice, scalars, shown_classes
from xent_monitor.tensorboard.summaries import report_values


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
@pytest.mark.parametrize("output", ["", "kind/of"])
def test_they_are_the_defined_scalars_of_tensorboard(task, output):
    given = report(3, task=task, output=output, class_names=["cat", "cat", "dog"])
    shown = shown_classes(given, 10)
    tags = {
        value.tag for value in report_values(given, "", shown) if value.metadata.plugin_data.plugin_name == "scalars"
    }
    found = scalars(given, shown)

    assert {scalar.name for scalar in found if math.isfinite(scalar.value)} == tags
    assert [scalar.name for scalar in found][-3:] == [
        ("kind%2Fof/" if output else "") + f"class_cross_entropy/{label}" for label in ("cat#0", "cat#1", "dog")
    ]


def test_each_has_its_value_and_its_meaning():
    given = report(3)
    found = {scalar.name: scalar for scalar in scalars(given, [2])}

    assert list(found) == [*SCALARS, "class_cross_entropy/2"]
    assert found["skill"] == ("skill", given.skill, SCALARS["skill"])
    assert found["class_cross_entropy/2"].value == given.class_cross_entropy[2]
    assert math.isnan(found["loss_accuracy_divergence"].value)


def test_labels_have_meanings_of_their_own():
    found = {scalar.name: scalar.meaning for scalar in scalars(report(3, task="multilabel"), [0])}

    assert {name: found[name] for name in MULTILABEL_SCALARS} == MULTILABEL_SCALARS
    assert found["class_cross_entropy/0"] == "Mean of -ln p(true outcome) of one label over all examples, nats."


def test_the_choice_of_the_first_report_is_kept_for_each_output():
    names = [f"c{index}" for index in range(21)]
    first = made_report(nats=[1.0] * 19 + [3.0, 2.0], class_names=names)
    later = made_report(1, nats=[9.0] + [1.0] * 20, class_names=names, split="train")
    other = made_report(1, nats=[9.0] + [1.0] * 20, class_names=names, output="other")
    choice = ClassChoice(2)

    assert [choice.of(one) for one in (first, later, other)] == [(19, 20), (19, 20), (0, 1)]
    assert choice.outputs == ["", "other"]


def test_no_class_need_be_shown():
    assert shown_classes(report(30), 0) == ()
    assert [scalar.name for scalar in scalars(report(30), ())] == list(SCALARS)
