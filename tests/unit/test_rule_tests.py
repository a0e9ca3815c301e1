"""Unit tests of users' rules: the values that they are given, what comes of them, and mistakes in their files."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xent_monitor.alerts.given_report import given_quantities, given_report
from xent_monitor.alerts.rule import AlertRule
from xent_monitor.alerts.rule_test_file import read_test_file
from xent_monitor.alerts.rule_tests import Expectation, RuleTest, run_test
from xent_monitor.errors import RuleFileError
from xent_monitor.report import EvaluationReport

RULES = """
[[rule]]
name = "cat-is-bad"
quantity = "class_cross_entropy"
class = "cat"
above = 1.5
for = 2
keep_firing_for = 1

[[rule]]
name = "neglected"
quantity = "class_accuracy"
below = 0.2
min_support = 20

[[rule]]
name = "accuracy-drops"
quantity = "accuracy"
falls_by = 0.1

[[rule]]
name = "train-is-bad"
quantity = "cross_entropy"
split = "train"
above = 1
relative_to = "prior_entropy"

[[rule]]
name = "all-are-bad"
quantity = "class_accuracy"
class = "all"
below = 0.5

[[action]]
name = "slack"
type = "webhook"
url_env = "NOT_SET"
"""
RULES = RULES.replace("below = 0.5", 'below = 0.5\nactions = ["slack", "stop_training"]')


def sees_nothing(evaluation):
    return []


def fails(evaluation):
    raise RuntimeError("a bug")


BUILTIN = (AlertRule(name="no-skill", diagnosis=sees_nothing),)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the tests of a file, `tests.toml`, on the rules in `alerts.toml`; returns the outcomes."""
    monkeypatch.chdir(tmp_path)

    def run_on(text, rules=RULES, top='class_names = ["cat", "dog"]'):
        (tmp_path / "alerts.toml").write_text(rules, encoding="utf-8")
        (tmp_path / "tests.toml").write_text(f'rules = "alerts.toml"\n{top}\n{text}', encoding="utf-8")
        file = read_test_file("tests.toml", builtin=BUILTIN)
        return [run_test(test, file.rules) for test in file.tests]

    return run_on


def traces(outcome):
    return {trace.rule: trace.letters for trace in outcome.traces}


# Reports of values


def give(values, **changes):
    arguments = {"epoch": 0, "split": "validation", "output": "", "class_names": ("cat", "dog"), "support": (90, 10)}
    return given_report(values, **arguments | changes)


def test_what_is_given_is_what_is_read():
    values = {
        name: [0.25, 0.5] if name in EvaluationReport.class_quantities() else 0.125 for name in given_quantities()
    }
    report = give(values)

    for name, value in values.items():
        np.testing.assert_array_equal(getattr(report, name), value, err_msg=name)


def test_what_is_not_given_is_undefined_but_for_support_and_counts():
    report = give({})
    known = {
        name: np.asarray(getattr(report, name)).tolist()
        for name in EvaluationReport.quantities()
        if not np.isnan(getattr(report, name)).all()
    }

    assert known == {
        "invalid_labels": 0,
        "invalid_probabilities": 0,
        "masked": 0,
        "non_finite": 0,
        "non_finite_weights": 0,
        "num_examples": 100,
        "predicted": [90, 10],
        "prior_entropy": pytest.approx(0.325083),
        "saturated": 0,
        "support": [90, 10],
        "uniform_cross_entropy": pytest.approx(math.log(2)),
        "weight_sum": [90.0, 10.0],
    }


@pytest.mark.parametrize(
    "values",
    [
        {"cross_entropy": 0.2},
        {"perplexity": math.exp(0.2)},
        {"geometric_mean_probability": math.exp(-0.2)},
        {"skill": 1 - 0.2 / 0.32508297339144820},
    ],
    ids=lambda values: next(iter(values)),
)
def test_functions_of_the_cross_entropy_follow_from_each_other(values):
    report = give(values)

    assert report.cross_entropy == pytest.approx(0.2)
    assert report.perplexity == pytest.approx(math.exp(0.2))
    assert report.geometric_mean_probability == pytest.approx(math.exp(-0.2))
    assert report.skill == pytest.approx(1 - 0.2 / report.prior_entropy)
    assert report.standard_error == pytest.approx(0.2 / 10)


def test_standard_errors_follow_from_the_support_or_are_given():
    follows = give({"class_cross_entropy": [0.3, math.nan]}, support=(9, 1))
    given = give({"cross_entropy": 0.2, "standard_error": 0.5, "class_standard_error": [0.1, 0.2]})

    np.testing.assert_allclose(follows.class_standard_error, [0.1, math.nan])
    assert given.standard_error == 0.5
    assert given.class_standard_error.tolist() == [0.1, 0.2]


def test_without_a_prior_there_is_no_skill():
    assert math.isnan(give({"cross_entropy": 0.2}, support=(10, 0)).skill)


# Outcomes


def test_exactly_the_expected_alerts_pass(run):
    (outcome,) = run("""
        [[test]]
        name = "the cat gets worse and better"
        [test.validation]
        class_cross_entropy.cat = [0.4, 1.6, 1.7, 1.0, 1.8, 0.5, 0.5]
        [[test.expect]]
        rule = "cat-is-bad"
        epoch = 2
        class = "cat"
        [[test.expect]]
        rule = "cat-is-bad"
        epoch = 6
        state = "resolved"
    """)

    assert outcome.passed
    assert traces(outcome)["cat-is-bad"] == "ipffffi"
    assert {line.verdict for line in outcome.comparisons} == {"as expected"}


def test_what_is_missing_and_what_is_unexpected_fail(run):
    late, quiet = run("""
        [[test]]
        name = "late"
        [test.validation]
        class_cross_entropy.cat = [1.6, 1.7, 1.8]
        [[test.expect]]
        rule = "cat-is-bad"
        epoch = 2
        [[test]]
        name = "quiet"
        [test.validation]
        class_cross_entropy.cat = [1.6, 1.7, 1.8]
    """)

    assert not late.passed
    assert [(line.verdict, line.epoch, line.rule, line.state, line.class_name) for line in late.comparisons] == [
        ("unexpected", 1, "cat-is-bad", "firing", "cat"),
        ("missing", 2, "cat-is-bad", "firing", "cat"),
    ]
    assert not quiet.passed


def test_missing_values_and_missing_passes(run):
    (outcome,) = run("""
        [[test]]
        name = "gaps"
        [test.train]
        cross_entropy = [0.1, 0.1, 0.1, 0.1, 0.1]
        [test.validation]
        class_cross_entropy = {cat = [1.6, "_", "_", nan, 1.7], dog = [0.1, "_", 0.1, 0.1, 0.1]}
        [[test.expect]]
        rule = "cat-is-bad"
        epoch = 4
    """)

    assert outcome.passed
    assert traces(outcome)["cat-is-bad"] == "p.ppf"
    assert traces(outcome)["train-is-bad"] == "iiiii"


def test_noise_follows_from_the_support(run):
    few, many = run("""
        [[test]]
        name = "few"
        support = 10
        [test.validation]
        accuracy = [0.9, 0.75]
        [[test]]
        name = "many"
        support = {cat = 1000, dog = 1000}
        [test.validation]
        accuracy = [0.9, 0.75]
        [[test.expect]]
        rule = "accuracy-drops"
        epoch = 1
    """)

    assert few.passed
    assert many.passed


def test_support_as_a_series_and_for_all_tests(run):
    text = """
        [[test]]
        name = "too few at first"
        [test.validation]
        support.cat = [19, 20, "_"]
        class_accuracy.cat = [0.1, 0.1, 0.9]
        class_accuracy.dog = [0.9, 0.9, 0.9]
        [[test.expect]]
        rule = "neglected"
        epoch = 1
        class = "cat"
        [[test.expect]]
        rule = "neglected"
        epoch = 2
        class = "cat"
        state = "resolved"
    """
    in_general = 'class_names = ["cat", "dog"]\nsupport = {cat = 30, dog = 5}'

    assert [outcome.passed for outcome in run(text, top=in_general)] == [True]
    assert not run(text.replace('"_"', "5"), top=in_general)[0].passed


def test_rules_for_all_classes_and_outputs(run):
    (outcome,) = run("""
        [[test]]
        name = "both"
        output = "kind"
        [test.validation]
        class_accuracy.cat = [0.4, 0.4]
        class_accuracy.dog = [0.6, 0.4]
        [[test.expect]]
        rule = "all-are-bad"
        epoch = 1
    """)

    assert outcome.passed
    assert outcome.events[0].output == "kind"


def test_only_some_rules_are_under_test(run):
    text = """
        [[test]]
        name = "accuracy"
        [test.validation]
        accuracy = [0.9, 0.1]
        class_accuracy.cat = [0.9, 0.1]
        [[test.expect]]
        rule = "accuracy-drops"
        epoch = 1
    """
    (outcome,) = run(text, top='class_names = ["cat", "dog"]\nonly = ["accuracy-drops", "no-skill"]')

    assert outcome.passed
    assert list(traces(outcome)) == ["no-skill", "accuracy-drops"]


def test_classes_are_needed_only_where_one_is_named(run):
    (outcome,) = run(
        """
        [[test]]
        name = "no classes"
        [test.validation]
        skill = [0.5, -0.1]
        [[test.expect]]
        rule = "below-prior"
        epoch = 1
        """,
        rules='[[rule]]\nname = "below-prior"\nquantity = "skill"\nbelow = 0',
        top="",
    )

    assert outcome.passed


def test_expectations_that_name_a_class_choose_first():
    rule = AlertRule(name="bad", quantity="class_accuracy", below=0.5)
    report = give({"class_accuracy": [0.1, 0.1]})
    any_class = Expectation(0, "bad", "firing", "validation")
    cat = Expectation(0, "bad", "firing", "validation", "cat")

    assert run_test(RuleTest("two", ((report,),), (any_class, cat)), [rule]).passed
    assert not run_test(RuleTest("one", ((report,),), (cat,)), [rule]).passed


def test_a_rule_that_raises_fails_the_test():
    outcome = run_test(RuleTest("bug", ((give({}),),), ()), [AlertRule(name="buggy", diagnosis=fails)])

    assert not outcome.passed
    assert outcome.failures == ("buggy: RuntimeError: a bug",)


# Mistakes

ONE = 'test 1 "one"'
NAMES = 'class_names = ["cat", "dog"]'
SERIES = "[test.validation]\naccuracy = [0.9, 0.8]"
TEST = f'[[test]]\nname = "one"\n{SERIES}'
IN_FORCE = "accuracy-drops, all-are-bad, cat-is-bad, neglected, no-skill, train-is-bad"
UNDER_TEST = IN_FORCE.replace("no-skill, ", "")


def expect(*lines):
    return "\n".join([TEST, "[[test.expect]]", *lines])


#: The head of a file, the rest of it, and the whole messages, without the name of the file.
WRONG = {
    "no test": (NAMES, "", ["there is no test. Write one in a [[test]] table."]),
    "a single test table": (
        NAMES,
        "[test]",
        ["`test` must be an array of tables, [[test]]. Received: a single table. Write [[test]], not [test]."],
    ),
    "unknown key": (
        f"{NAMES}\nsuport = 3",
        TEST,
        [
            "`suport` is not a key of a file of rule tests. Did you mean `support`? "
            "Keys: support, class_names, only, rules, test."
        ],
    ),
    "unknown rule in only": (
        f'{NAMES}\nonly = ["cat-is-baad"]',
        TEST,
        [
            '`only` must be names of rules that alerts.toml puts into force. Received: only = ["cat-is-baad"]. '
            f'Did you mean "cat-is-bad"? Available: cat-is-bad, {IN_FORCE.replace("cat-is-bad, ", "")}.'
        ],
    ),
    "class names": (
        'class_names = ["cat", "cat"]',
        TEST,
        ['`class_names` must be two or more names, each once. Received: class_names = ["cat", "cat"].'],
    ),
    "class names for values": (
        "",
        '[[test]]\nname = "one"\n[test.validation]\nclass_accuracy.cat = [1.0]',
        [
            'test 1 "one": `class_names` is missing, and `class_accuracy` has values of classes. Name all classes, as '
            '`class_names = ["cat", "dog"]`, in this test or once at the top of the file.'
        ],
    ),
    "class names for a rule": (
        "",
        TEST,
        [
            'test 1 "one": `class_names` is missing, and rule "cat-is-bad" names a class. Name all classes, as '
            '`class_names = ["cat", "dog"]`, in this test or once at the top of the file.'
        ],
    ),
    "class of a rule": (
        "",
        f'[[test]]\nname = "one"\nclass_names = ["cats", "dog"]\n{SERIES}',
        [
            "test 1 \"one\": `class` of rule 'cat-is-bad' must be the name of a class, 'any' or 'all'. "
            "Received: class = 'cat'. Did you mean 'cats'? Classes: 'cats', 'dog'."
        ],
    ),
    "support": (
        f"{NAMES}\nsupport = -1",
        f"{TEST}\n{TEST}",
        [
            "`support` must be an integer >= 0 for all classes, or a table with one for each, {cat = 20, dog = 400}. "
            "Received: support = -1."
        ],
    ),
    "support of no class": (
        NAMES,
        f'[[test]]\nname = "one"\nsupport = {{cats = 3}}\n{SERIES}',
        ['test 1 "one": `support`: "cats" is no class. Did you mean "cat"? Classes: cat, dog.'],
    ),
    "an empty test": (
        NAMES,
        "[[test]]",
        [
            'test 1: `name` is missing. Give the test a name, as `name = "the cat gets worse"`.',
            "test 1: there are no values. Write series in [test.validation], [test.train] or [test.test].",
        ],
    ),
    "key of a test": (
        NAMES,
        f"{TEST}\n[test.val]",
        [
            'test 1 "one": `val` is not a key of a test. Did you mean `validation`? Keys: validation, class_names, '
            "expect, name, output, support, test, train."
        ],
    ),
    "output": (
        NAMES,
        f'[[test]]\nname = "one"\noutput = 1\n{SERIES}',
        ['test 1 "one": `output` must be the name of an output. Received: output = 1.'],
    ),
    "values of another type": (
        NAMES,
        '[[test]]\nname = "one"\nvalidation = [1, 2]',
        ['test 1 "one": `validation` must be a table, [test.validation]. Received: validation = [1, 2].'],
    ),
    "what follows from the support": (
        NAMES,
        f"{TEST}\nprior_entropy = [1.0, 1.0]",
        [f"{ONE}, [test.validation]: `prior_entropy` follows from `support`, the examples of each class. Give that."],
    ),
    "series of a class quantity": (
        NAMES,
        f"{TEST}\nclass_accuracy = [1.0, 1.0]",
        [
            f"{ONE}, [test.validation]: `class_accuracy` has a value for each class. Write one series for each, as "
            '`class_accuracy."cat" = [...]`.'
        ],
    ),
    "series of no class": (
        NAMES,
        f"{TEST}\nclass_accuracy.cats = [1.0, 1.0]",
        [f'{ONE}, [test.validation]: `class_accuracy`: "cats" is no class. Did you mean "cat"? Classes: cat, dog.'],
    ),
    "values": (
        NAMES,
        f'{TEST}\nskill = []\nconfidence = 1\nnon_finite = [0, 1.5]\nloss = [1, "-"]\nclass_loss.cat = [true, 1]',
        [
            f'{ONE}, [test.validation]: `skill` must be a list of numbers (nan and inf too), with "_" for missing '
            "ones, not empty. Received: skill = [].",
            f'{ONE}, [test.validation]: `confidence` must be a list of numbers (nan and inf too), with "_" for '
            "missing ones, not empty. Received: confidence = 1.",
            f'{ONE}, [test.validation]: `non_finite` must be a list of integers >= 0, with "_" for missing ones, '
            "not empty. Received: non_finite = [0, 1.5].",
            f'{ONE}, [test.validation]: `loss` must be a list of numbers (nan and inf too), with "_" for missing '
            'ones, not empty. Received: loss = [1, "-"].',
            f'{ONE}, [test.validation]: `class_loss.cat` must be a list of numbers (nan and inf too), with "_" for '
            "missing ones, not empty. Received: class_loss.cat = [true, 1].",
        ],
    ),
    "lengths": (
        NAMES,
        f"{TEST}\nclass_accuracy.cat = [1.0]",
        [
            f'{ONE}, [test.validation]: all series must be equally long; write "_" where a value is missing. '
            "Received: accuracy 2, class_accuracy.cat 1."
        ],
    ),
    "nothing is judged": (
        f'{NAMES}\nonly = ["train-is-bad", "cat-is-bad"]',
        TEST,
        [
            'test 1 "one": no rule under test judges any of these values, so the test says nothing. '
            "Judged: cat-is-bad class_cross_entropy on validation, train-is-bad cross_entropy on train."
        ],
    ),
    "an empty expectation": (
        NAMES,
        expect(),
        [
            f'{ONE}, expect 1: `rule` is missing. Name the rule that fires, as `rule = "cat-is-bad"`.',
            f"{ONE}, expect 1: `epoch` is missing. Say when, from 0, as `epoch = 3`.",
        ],
    ),
    "expectation of an unknown rule": (
        NAMES,
        expect('rule = "acuracy-drops"', "epoch = 2", 'state = "fires"', 'clas = "cat"'),
        [
            f'{ONE}, expect 1 "acuracy-drops": `clas` is not a key of an expected alert. Did you mean `class`? '
            "Keys: class, epoch, rule, split, state.",
            f'{ONE}, expect 1 "acuracy-drops": `rule` must be a rule under test. Received: rule = "acuracy-drops". '
            f'Did you mean "accuracy-drops"? Available: {UNDER_TEST}.',
            f'{ONE}, expect 1 "acuracy-drops": `epoch` must be an epoch of the test, 0 to 1. Received: epoch = 2.',
            f'{ONE}, expect 1 "acuracy-drops": `state` must be one of "firing", "resolved". Received: state = "fires".',
        ],
    ),
    "split of an expectation": (
        NAMES,
        expect('rule = "accuracy-drops"', "epoch = 1", 'split = "train"'),
        [
            f'{ONE}, expect 1 "accuracy-drops": `split` must be one of "validation". Received: split = "train".',
        ],
    ),
    "class of an expectation": (
        NAMES,
        expect('rule = "neglected"', "epoch = 1")
        + '\n[[test.expect]]\nrule = "accuracy-drops"\nepoch = 1\nclass = "cat"'
        + '\n[[test.expect]]\nrule = "neglected"\nepoch = 1\nclass = "cats"',
        [
            f'{ONE}, expect 1 "neglected": `class` is missing: rule "neglected" judges each class by itself. '
            "Say which one fires.",
            f'{ONE}, expect 2 "accuracy-drops": `class` has no meaning: rule "accuracy-drops" judges all classes at '
            "once. Remove it.",
            f'{ONE}, expect 3 "neglected": `class`: "cats" is no class. Did you mean "cat"? Classes: cat, dog.',
        ],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_file(run, case):
    top, text, messages = WRONG[case]
    with pytest.raises(RuleFileError) as caught:
        run(text, top=top)

    assert list(caught.value.errors) == [f"tests.toml: {message}" for message in messages]


def test_unknown_quantity(run):
    with pytest.raises(RuleFileError) as caught:
        run(f"{TEST}\nclass_cross_entropi.cat = [1.0]")

    (message,) = caught.value.errors
    assert message.startswith(
        'tests.toml: test 1 "one", [test.validation]: `class_cross_entropi` is not a quantity of a report. '
        "Did you mean `class_cross_entropy`? Available: class_cross_entropy, accuracy, "
    )


def test_rules_with_mistakes_and_without_rules(run):
    with pytest.raises(RuleFileError) as wrong:
        run("", rules="[[rule]]\nname = 'a'\nquantity = 'accuracy'", top="wrong = 1")
    with pytest.raises(RuleFileError) as empty:
        run(TEST, rules="")

    assert [error.split(": ")[0] for error in wrong.value.errors] == ["tests.toml", "alerts.toml"]
    assert empty.value.errors == (
        "tests.toml: alerts.toml has no [[rule]] to test. Name built-in rules in `only` to test those.",
    )


def test_a_file_that_names_no_rules(tmp_path):
    path = tmp_path / "tests.toml"
    path.write_text(TEST, encoding="utf-8")
    with pytest.raises(RuleFileError) as missing:
        read_test_file(path, builtin=BUILTIN)
    path.write_text('rules = "nowhere.toml"', encoding="utf-8")
    with pytest.raises(RuleFileError) as nowhere:
        read_test_file(path, builtin=BUILTIN)

    assert missing.value.errors == (
        f'{path}: `rules` is missing. Name the file of the rules, as `rules = "alerts.toml"`.',
    )
    assert nowhere.value.errors == (
        f"{tmp_path / 'nowhere.toml'}: There is no such file. Give the path of a TOML file of alert rules.",
    )
