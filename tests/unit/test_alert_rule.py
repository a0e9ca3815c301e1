"""`AlertRule`: its checks, and that it is a value."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.alert_reports import made_report
from xent_monitor.alerts import AlertRule, Evaluation, Observation
from xent_monitor.report import EvaluationReport

PLACEHOLDERS = "{value}, {threshold}, {epoch}, {split}, {output}, {class_name}, {quantity}, {rule}"
ACTIONS = "'stop_training', 'raise_error', action objects and callables"


def diagnosis(evaluation):
    return [Observation(evaluation.report.accuracy < 0.5)]


def problems(**fields):
    """The lines of the error, for a rule that would be right without these fields."""
    whole = {"name": "bad", "quantity": "class_accuracy", "below": 0.5} | fields
    with pytest.raises(ValueError) as error:
        AlertRule(**whole)
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="as little as possible"),
        pytest.param({"class_name": "cat"}, id="class"),
        pytest.param({"class_name": "all"}, id="all"),
        pytest.param({"split": None, "output": "kind"}, id="every split"),
        pytest.param({"below": 1}, id="integer"),
        pytest.param({"below": np.float32(0.5), "for_": np.int64(2)}, id="numpy"),
        pytest.param({"below": None, "falls_by": 0.1, "over": 3}, id="change"),
        pytest.param({"below": -0.1, "relative_to": "best"}, id="best"),
        pytest.param({"below": 0.0, "relative_to": "previous"}, id="previous"),
        pytest.param({"below": 0.5, "relative_to": "prior_entropy"}, id="prior entropy"),
        pytest.param({"message": "{class_name:>10} {value:.2f} {{}} {epoch:03d}"}, id="message"),
        pytest.param({"message": "{value:.{epoch}f}"}, id="nested placeholders"),
        pytest.param({"min_support": 0, "keep_firing_for": 2, "after": 5}, id="guards"),
        pytest.param({"actions": ("stop_training", "raise_error", print)}, id="actions"),
        pytest.param({"at_end": True}, id="at the end"),
    ],
)
def test_right_fields_are_taken(fields):
    rule = AlertRule(**{"name": "bad-2", "quantity": "class_accuracy", "below": 0.5} | fields)

    assert {name: getattr(rule, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"name": "Bad Rule"},
            "`name` must be lower-case words joined by hyphens, as 'cat-is-bad'. Received: name='Bad Rule'.",
        ),
        ({"name": 3}, "`name` must be lower-case words joined by hyphens, as 'cat-is-bad'. Received: name=3."),
        (
            {"name": "bad\n"},
            "`name` must be lower-case words joined by hyphens, as 'cat-is-bad'. Received: name='bad\\n'.",
        ),
        ({"severity": "error"}, "`severity` must be one of info, warning, critical. Received: severity='error'."),
        ({"quantity": None}, "A rule must have either `quantity` or `diagnosis`. Received: neither."),
        ({"diagnosis": diagnosis}, "A rule must have either `quantity` or `diagnosis`. Received: both."),
        (
            {"class_name": 3},
            "`class_name` must be the name of a class, 'any' or 'all'. Received: class_name=3.",
        ),
        (
            {"quantity": "accuracy", "class_name": "cat"},
            "`class_name` must be left out where `quantity` is one number, not one for each class. "
            "Received: class_name='cat', quantity='accuracy'. The quantity of each class is class_accuracy.",
        ),
        (
            {"quantity": "skill", "class_name": "any"},
            "`class_name` must be left out where `quantity` is one number, not one for each class. "
            "Received: class_name='any', quantity='skill'.",
        ),
        (
            {"split": "val"},
            "`split` must be one of train, validation, test, or None for each of them. Received: split='val'.",
        ),
        ({"output": 1}, "`output` must be the name of an output, or None for each of them. Received: output=1."),
        (
            {"below": None},
            "A rule on a quantity must have exactly one of above, below, rises_by, falls_by. Received: none of them.",
        ),
        (
            {"above": 1.0},
            "A rule on a quantity must have exactly one of above, below, rises_by, falls_by. "
            "Received: above=1.0, below=0.5.",
        ),
        ({"below": float("nan")}, "`below` must be a finite number. Received: below=nan."),
        ({"below": float("-inf")}, "`below` must be a finite number. Received: below=-inf."),
        ({"below": "0.5"}, "`below` must be a finite number. Received: below='0.5'."),
        ({"below": 10**400}, f"`below` must be a finite number. Received: below=1{'0' * 400}."),
        ({"below": True}, "`below` must be a finite number. Received: below=True."),
        (
            {"below": None, "falls_by": -0.1},
            "`falls_by` must be above 0: the direction is in its name. Received: falls_by=-0.1.",
        ),
        (
            {"below": None, "rises_by": 0},
            "`rises_by` must be above 0: the direction is in its name. Received: rises_by=0.",
        ),
        (
            {"below": None, "rises_by": 0.1, "over": 0},
            "`over` must be an integer number of evaluations >= 1. Received: over=0.",
        ),
        ({"over": 3}, "`over` must stand beside one of rises_by, falls_by. Received: over=3."),
        (
            {"relative_to": "worst"},
            "`relative_to` must be one of best, previous, prior_entropy. Received: relative_to='worst'.",
        ),
        (
            {"below": None, "rises_by": 0.1, "relative_to": "best"},
            "`relative_to` must stand beside `above` or `below`; `rises_by` is relative to an earlier evaluation. "
            "Received: relative_to='best', rises_by=0.1.",
        ),
        (
            {"relative_to": "best"},
            "`below` must be <= 0 with relative_to='best': it bounds the difference to the best value. "
            "Received: below=0.5.",
        ),
        (
            {"below": None, "above": -0.1, "relative_to": "previous"},
            "`above` must be >= 0 with relative_to='previous': it bounds the difference to the previous value. "
            "Received: above=-0.1.",
        ),
        ({"message": 3}, "`message` must be a string. Received: message=3."),
        (
            {"message": "{nats:.2f}"},
            f"`message` must refer to some of {PLACEHOLDERS} only. Received: {{nats}} in message='{{nats:.2f}}'.",
        ),
        (
            {"message": "{}"},
            f"`message` must refer to some of {PLACEHOLDERS} only. Received: {{}} in message='{{}}'.",
        ),
        (
            {"message": "{rule.__class__}"},
            f"`message` must refer to some of {PLACEHOLDERS} only. "
            "Received: {rule.__class__} in message='{rule.__class__}'.",
        ),
        (
            {"message": "{value:{rule.__class__}}"},
            f"`message` must refer to some of {PLACEHOLDERS} only. "
            "Received: {rule.__class__} in message='{value:{rule.__class__}}'.",
        ),
        (
            {"message": "{value"},
            "`message` must be a format string: expected '}' before end of string. Received: message='{value'. "
            "For a brace write two.",
        ),
        (
            {"message": "{value:d}"},
            "`message` must be a format string: Unknown format code 'd' for object of type 'float'. "
            "Received: message='{value:d}'. For a brace write two.",
        ),
        ({"for_": 0}, "`for_` must be an integer number of evaluations >= 1. Received: for_=0."),
        ({"for_": "3m"}, "`for_` must be an integer number of evaluations >= 1. Received: for_='3m'."),
        ({"for_": True}, "`for_` must be an integer number of evaluations >= 1. Received: for_=True."),
        (
            {"keep_firing_for": -1},
            "`keep_firing_for` must be an integer number of evaluations >= 0. Received: keep_firing_for=-1.",
        ),
        ({"after": 1.5}, "`after` must be an integer number of evaluations >= 0. Received: after=1.5."),
        ({"min_support": -1}, "`min_support` must be an integer number of examples >= 0. Received: min_support=-1."),
        (
            {"inhibited_by": "non-finite"},
            "`inhibited_by` must be a sequence of names of rules. Received: inhibited_by='non-finite'.",
        ),
        ({"inhibited_by": ("bad",)}, "`inhibited_by` must name other rules. Received: inhibited_by=('bad',)."),
        ({"at_end": 1}, "`at_end` must be True or False. Received: at_end=1."),
        (
            {"at_end": True, "for_": 2},
            "`for_` must be 1 with at_end=True, which is judged once. Received: for_=2.",
        ),
        ({"actions": "stop_training"}, f"`actions` must be a sequence of {ACTIONS}. Received: a value of type str."),
        ({"actions": ("stop",)}, f"`actions` must hold {ACTIONS} only. Received: 'stop'."),
        ({"actions": (3,)}, f"`actions` must hold {ACTIONS} only. Received: a value of type int."),
        ({"actions": (dict,)}, f"`actions` must hold {ACTIONS} only. Received: the class dict."),
        (
            {"actions": ("https://example.org/secret",)},
            f"`actions` must hold {ACTIONS} only. Received: a value of type str.",
        ),
    ],
)
def test_wrong_field_is_named(fields, problem):
    assert problems(**fields) == [problem]


def test_unknown_quantity_lists_the_close_names_first_and_then_all():
    (problem,) = problems(quantity="acuracy")
    said, _, available = problem.partition(" Available: ")
    names = available.removesuffix(".").split(", ")

    assert said == (
        "`quantity` must be a quantity of `EvaluationReport`. Received: quantity='acuracy'. "
        "Did you mean accuracy or class_accuracy?"
    )
    assert names[:2] == ["accuracy", "class_accuracy"]
    assert sorted(names) == list(EvaluationReport.quantities())


def test_quantity_that_resembles_none_lists_all():
    (problem,) = problems(quantity="???")

    assert "Did you mean" not in problem
    assert "Available: accuracy, batch_averaged_loss, " in problem


def test_all_problems_are_named_at_once():
    found = problems(name="X", severity="bad", quantity="accuracy", class_name="cat", above=2.0, for_=0, actions=(1,))

    assert [line.split(" must ")[0] for line in found] == [
        "`name`",
        "`severity`",
        "`class_name`",
        "A rule on a quantity",
        "`for_`",
        "`actions`",
    ]
    assert all("Received: " in line for line in found)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"diagnosis": 3}, "`diagnosis` must be callable. Received: diagnosis=3."),
        (
            {"class_name": "cat"},
            "`class_name` must be left out in a rule with a `diagnosis`. Received: class_name='cat'.",
        ),
        ({"above": 1.0}, "`above` must be left out in a rule with a `diagnosis`. Received: above=1.0."),
        ({"over": 2}, "`over` must be left out in a rule with a `diagnosis`. Received: over=2."),
        (
            {"relative_to": "best"},
            "`relative_to` must be left out in a rule with a `diagnosis`. Received: relative_to='best'.",
        ),
        ({"message": "no"}, "`message` must be left out in a rule with a `diagnosis`. Received: message='no'."),
        (
            {"split": "train"},
            "`split` must be left out in a rule with a `diagnosis`, which has `diagnosed_splits`. "
            "Received: split='train'.",
        ),
        (
            {"diagnosed_splits": ("val",)},
            "`diagnosed_splits` must hold some of train, validation, test. Received: diagnosed_splits=('val',).",
        ),
        (
            {"diagnosed_splits": ()},
            "`diagnosed_splits` must hold some of train, validation, test. Received: diagnosed_splits=().",
        ),
        (
            {"diagnosed_splits": "train"},
            "`diagnosed_splits` must hold some of train, validation, test. Received: diagnosed_splits='train'.",
        ),
    ],
)
def test_wrong_field_of_a_diagnosis_is_named(fields, problem):
    with pytest.raises(ValueError) as error:
        AlertRule(**{"name": "mine", "diagnosis": diagnosis} | fields)

    assert str(error.value) == problem


def test_rule_is_a_value():
    def make():
        return AlertRule(name="drop", quantity="accuracy", falls_by=0.1, inhibited_by=["other"], actions=[print])

    assert make() == make()
    assert hash(make()) == hash(make())
    assert make() != dataclasses.replace(make(), for_=2)
    assert make().inhibited_by == ("other",)
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().for_ = 2


def test_rule_has_a_hash_whatever_its_actions_are():
    class Action(list):
        def __call__(self, event):
            pass

    assert isinstance(hash(AlertRule(name="a", quantity="accuracy", below=0.5, actions=(Action(),))), int)


def test_changed_copy_is_checked_again():
    rule = AlertRule(name="drop", quantity="accuracy", falls_by=0.1)

    with pytest.raises(ValueError, match="`for_` must be"):
        dataclasses.replace(rule, for_=0)


def test_splits_of_both_kinds():
    threshold = AlertRule(name="a", quantity="accuracy", below=0.5, split="train")
    everywhere = dataclasses.replace(threshold, split=None)
    diagnosed = AlertRule(name="b", diagnosis=diagnosis, diagnosed_splits=["train", "validation"])

    assert threshold.splits == ("train",)
    assert everywhere.splits == ("train", "validation", "test")
    assert diagnosed.splits == ("train", "validation")


def test_rule_observes_by_its_threshold_or_its_diagnosis():
    evaluation = Evaluation(made_report(right=0.4))

    (by_threshold,) = AlertRule(name="a", quantity="accuracy", below=0.5).observe(evaluation)
    (by_diagnosis,) = AlertRule(name="b", diagnosis=diagnosis).observe(evaluation)

    assert (by_threshold.holds, by_threshold.value, by_threshold.threshold) == (True, 0.4, 0.5)
    assert by_diagnosis.holds


def test_a_diagnosis_has_no_threshold():
    with pytest.raises(ValueError) as error:
        _ = AlertRule(name="b", diagnosis=diagnosis).threshold

    assert str(error.value) == "A rule must have a `quantity` to have a threshold. Received: rule 'b'."


def test_evaluation_finds_the_other_passes_of_its_epoch():
    train = [made_report(epoch, split="train") for epoch in range(3)]
    first, last = made_report(0), made_report(2)
    evaluation = Evaluation(last, earlier=(first,), others=tuple(train))

    assert evaluation.train is train[2]
    assert evaluation.validation is last
    assert evaluation.history("validation") == (first, last)
    assert evaluation.history("train") == tuple(train)
    assert evaluation.history("test") == ()


def test_evaluation_does_not_take_the_training_pass_of_another_epoch():
    evaluation = Evaluation(made_report(2), others=(made_report(1, split="train"),))

    assert evaluation.train is None
