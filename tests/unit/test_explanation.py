"""What a few numbers say: verdicts, causes, bounds, and numbers that cannot be."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.explanation import CERTAINTIES, Numbers, explain
from xent_monitor.alerts.meanings import meaning, remedy
from xent_monitor.alerts.rule import AlertRule


def told(num_classes, cross_entropy, accuracy, **more):
    return explain(Numbers(num_classes=num_classes, cross_entropy=cross_entropy, accuracy=accuracy, **more))


def causes(explanation):
    return {cause.rule: cause.certainty for cause in explanation.causes}


#: Numbers, the beginning of the verdict, and the causes.
CASES = {
    "the question": (
        (10, 2.31, 0.11),
        {},
        "It has learned nothing yet: 2.310 nats is the 2.303 of one who guesses among 10 classes, and 11.0 % right is",
        {"no-skill": "likely", "constant-output": "possible", "class-collapse": "possible"},
    ),
    "a coin": (
        (2, 0.69, 0.5),
        {},
        "It has learned nothing yet: 0.690 nats is the 0.693 of one who guesses among 2 classes, and 50.0 % right is",
        {"no-skill": "likely", "constant-output": "possible", "class-collapse": "possible"},
    ),
    "base rates": (
        (2, 0.325, 0.9),
        {"prior": (0.9, 0.1)},
        "It has learned nothing yet: 0.325 nats is the 0.325 of one who knows the class shares and nothing else, and",
        {"no-skill": "likely", "constant-output": "possible", "class-collapse": "possible"},
    ),
    "skill that the accuracy hides": (
        (2, 0.2, 0.9),
        {"prior": (0.9, 0.1)},
        "It has learned about two fifths of what there is to know (skill 0.38), which the accuracy cannot show: the",
        {},
    ),
    "impossible": (
        (10, 0.05, 0.6),
        {},
        "The two numbers cannot be of the same answers: with 60.0 % right, no model is below 0.277 nats.",
        {"inconsistent-loss": "certain"},
    ),
    "sure of its mistakes": (
        (10, 5.0, 0.9),
        {},
        "Its answers are worth something (90.0 % right against 10.0 %), its probabilities are not: 5.000 nats is worse",
        {"worse-than-prior": "likely", "inconsistent-loss": "possible", "diverging": "possible"},
    ),
    "perfect": ((10, 0.0, 1.0), {}, "As good as perfect: 0.000 of 2.303 nats are left.", {}),
    "1000 classes, on its way": (
        (1000, 3.1, 0.4),
        {},
        "It has learned about three fifths of what there is to know (skill 0.55), and nothing in these numbers speaks",
        {},
    ),
    "two soft-maxes": (
        (10, 1.56, 0.9),
        {},
        "It decides well (90.0 % right), and its probabilities cannot say so: 1.560 nats is what a soft-max that is",
        {"redundant-softmax": "likely"},
    ),
    "two soft-maxes, by the confidence": (
        (10, 1.9, 0.7),
        {"confidence": 0.21},
        "It decides well (70.0 % right), and its probabilities cannot say so",
        {"redundant-softmax": "likely"},
    ),
    "two soft-maxes of two classes are like over-confidence": (
        (2, 0.43, 0.9),
        {},
        "It has learned about two fifths of what there is to know (skill 0.38), but its probabilities are not honest:",
        {"miscalibrated": "likely", "redundant-softmax": "possible", "label-noise": None},
    ),
    "swapped labels": (
        (10, 2.5, 0.02),
        {},
        "It is wrong more often than blind answers are (2.0 % right against 10.0 %): labels and outputs are mixed up",
        {"below-chance": "likely"},
    ),
    "below chance, within noise": (
        (1000, 6.9, 0.0005),
        {},
        "It has learned nothing yet",
        {"no-skill": "likely", "constant-output": "possible", "class-collapse": "possible"},
    ),
    "one class": (
        (3, 0.1, 1.0),
        {"prior": (0, 50, 0)},
        "The labels are all of one class: neither number says anything about the model.",
        {"invalid-labels": "certain"},
    ),
    "validation that never was good": (
        (10, 2.32, 0.1),
        {"train_cross_entropy": 0.3, "train_accuracy": 0.9},
        "It has learned the training (skill 0.87), and knows nothing of the validation",
        {"validation-mismatch": "likely", "overfitting": "possible", "constant-output": "possible"},
    ),
    "a gap": (
        (10, 0.9, 0.7),
        {"train_cross_entropy": 0.2, "train_accuracy": 0.95},
        "It has learned three fifths of what there is to know (skill 0.61); much of what it learned in training",
        {"overfitting": "possible"},
    ),
    "more than its decisions": (
        (10, 0.4, 0.6),
        {},
        "It has learned about four fifths of what there is to know (skill 0.83), more than its accuracy of 60.0 %",
        {"inconsistent-loss": "possible"},
    ),
    "over-confident": (
        (10, 0.5, 0.85),
        {"confidence": 0.97},
        "It has learned about four fifths of what there is to know (skill 0.78), and is over-confident: 97.0 % sure,",
        {"miscalibrated": "likely"},
    ),
    "over-confident by less": (
        (10, 0.54, 0.88),
        {"confidence": 0.95, "examples": 1497},
        "It has learned about three quarters of what there is to know (skill 0.77), and is over-confident: 95.0 % "
        "sure, 88.0 % right.",
        {"miscalibrated": "likely"},
    ),
    "a little too timid": (
        (10, 0.5, 0.85),
        {"confidence": 0.82, "examples": 20_000},
        "It has learned about four fifths of what there is to know (skill 0.78), and is 3.0 points less sure than it "
        "is right.",
        {"miscalibrated": "possible"},
    ),
    "over-confident, and dear": (
        (10, 1.2, 0.8),
        {"confidence": 0.98, "examples": 2000},
        "It has learned about half of what there is to know (skill 0.48), but is over-confident, 98.0 % sure with "
        "80.0 % right: its probabilities need not cost more than 0.940 nats.",
        {"miscalibrated": "likely"},
    ),
    "as sure as it is right": (
        (10, 0.5, 0.85),
        {"confidence": 0.87},
        "It has learned about four fifths of what there is to know (skill 0.78), and nothing in these numbers speaks",
        {},
    ),
    "smoothed labels": (
        (10, 0.6, 0.95),
        {"label_smoothing": 0.1},
        "It has learned about nine tenths of what there is to know (skill 0.94), and nothing in these numbers speaks",
        {},
    ),
    "below what smoothed labels allow": (
        (10, 0.4, 0.95),
        {"label_smoothing": 0.1},
        "The two numbers cannot be of the same answers: with 95.0 % right, no model is below 0.529 nats.",
        {"inconsistent-loss": "certain"},
    ),
}


@pytest.mark.parametrize(("numbers", "more", "verdict", "expected"), CASES.values(), ids=CASES)
def test_verdict_and_causes(numbers, more, verdict, expected):
    explanation = told(*numbers, **more)
    found = causes(explanation)

    assert explanation.verdict[: len(verdict)] == verdict
    assert {rule: found.get(rule) for rule in expected} == expected
    assert set(found) - set(expected) <= {"constant-output", "class-collapse", "loss-accuracy-divergence", "diverging"}


@pytest.mark.parametrize(("numbers", "more", "_verdict", "_expected"), CASES.values(), ids=CASES)
def test_causes_are_told_in_order_and_in_the_words_of_their_rules(numbers, more, _verdict, _expected):
    rules = {rule.name: rule for rule in default_rules()}
    explanation = told(*numbers, **more)

    ranks = [CERTAINTIES.index(cause.certainty) for cause in explanation.causes]
    assert ranks == sorted(ranks)
    for cause in explanation.causes:
        rule = rules[cause.rule]
        assert (cause.severity, cause.meaning, cause.remedy) == (rule.severity, meaning(rule), remedy(rule))
        assert any(letter.isdigit() for letter in cause.evidence)


@pytest.mark.parametrize(("numbers", "more", "_verdict", "_expected"), CASES.values(), ids=CASES)
def test_scale_is_in_order_and_has_the_model(numbers, more, _verdict, _expected):
    explanation = told(*numbers, **more)
    nats = [one.nats for one in explanation.yardsticks]
    (this,) = [one for one in explanation.yardsticks if one.name == "this"]

    assert nats == sorted(nats)
    assert this.nats == numbers[1]
    json.loads(json.dumps(explanation.to_dict(), allow_nan=False))


def test_every_rule_says_what_to_try():
    assert all(remedy(rule) for rule in default_rules())
    assert remedy(AlertRule(name="own", diagnosis=lambda evaluation: [])) is None


# Bounds and costs


def test_bounds_and_costs_of_right_and_wrong_answers():
    explanation = told(10, 0.6, 0.8)

    assert explanation.least == pytest.approx(0.2 * math.log(2))
    assert explanation.calibrated == pytest.approx((0.4 * math.log(2), 0.9398), abs=1e-4)
    # All of it on the wrong answers, or as much on the right ones as wrong ones of ln 2 leave.
    assert explanation.wrong_costs == pytest.approx((math.log(2), 3.0))
    assert explanation.right_costs == pytest.approx((0.0, (0.6 - 0.2 * math.log(2)) / 0.8))


def test_known_shares_lower_the_most_of_an_honest_model():
    assert told(2, 0.3, 0.8).calibrated[1] == pytest.approx(0.5004, abs=1e-4)
    low, high = told(2, 0.3, 0.8, prior=(0.8, 0.2)).calibrated
    assert (low, high) == pytest.approx((0.2773, 0.5004), abs=1e-4)
    # An honest model would be right as often as the most frequent class is.
    assert math.isnan(told(2, 0.3, 0.6, prior=(0.9, 0.1)).calibrated[0])


def test_costs_are_unknown_where_there_are_no_such_answers():
    assert told(3, 0.2, 1.0).wrong_costs is None
    assert told(3, 2.0, 0.0).right_costs is None
    assert told(3, 0.9, 0.9, label_smoothing=0.1).wrong_costs is None


def test_accuracy_of_one_leaves_no_room_above_an_even_guess():
    assert causes(told(10, 3.0, 1.0))["inconsistent-loss"] == "possible"
    assert "inconsistent-loss" not in causes(told(10, 2.2, 1.0))


# Noise and rounding


def test_few_wrong_answers_prove_nothing():
    assert causes(told(10, 0.001, 0.99)) == {"inconsistent-loss": "certain"}
    assert causes(told(10, 0.001, 0.99, examples=1000)) == {"inconsistent-loss": "certain"}
    assert causes(told(10, 0.001, 0.99, examples=400)) == {}


def test_rounding_may_explain_what_is_nearly_impossible():
    near = {"cross_entropy_rounding": 0.005, "accuracy_rounding": 0.005}

    assert causes(told(10, 0.01, 0.98)) == {"inconsistent-loss": "certain"}
    assert causes(told(10, 0.01, 0.98, **near)) == {"inconsistent-loss": "possible"}
    assert causes(told(10, 0.01, 0.9, **near)) == {"inconsistent-loss": "certain"}


def test_more_examples_make_a_difference_likely():
    few, many = told(10, 2.6, 0.1, examples=200), told(10, 2.6, 0.1, examples=100_000)

    assert causes(few)["worse-than-prior"] == "possible"
    assert causes(many)["worse-than-prior"] == "likely"
    assert few.unknown[0] == (
        "Noise: 200 examples give the accuracy a standard error of 2.2 points, of the cross-entropy 0.367 at most "
        "(from clipped probabilities); less than 3 of these are no difference."
    )


def test_assumptions_are_said():
    assert told(10, 2.31, 0.11).unknown[0].startswith("Noise: 1,000 examples are assumed")
    assert told(10, 1.0, 0.6).unknown[1].startswith("Class shares were not given; equal ones are assumed.")
    assert "could explain both" in told(2, 0.33, 0.9).unknown[1]
    assert "could explain both" not in told(2, 0.2, 0.9).unknown[1]


def test_training_above_validation_is_no_fault():
    explanation = told(10, 0.5, 0.85, train_cross_entropy=0.7)

    assert causes(explanation) == {}
    assert "That is no fault" in explanation.training[0]


def test_training_that_is_as_weak_says_what_is_missing():
    (sentence,) = told(10, 1.5, 0.45, train_cross_entropy=1.45).training
    assert "was not learned, rather than learned by heart" in sentence


# Confidence


@pytest.mark.parametrize(
    ("accuracy", "more", "sentence"),
    [
        (
            0.88,
            {"confidence": 0.95, "examples": 1497},
            "88.0 % right with a mean confidence of 95.0 %: the model is 7.0 points surer than it is right, beyond "
            "noise (a standard error of 0.8 points). It is over-confident.",
        ),
        (
            0.88,
            {"confidence": 0.8},
            "88.0 % right with a mean confidence of 80.0 %: the model is 8.0 points less sure than it is right, beyond "
            "noise (a standard error of 1.0 points with 1,000 examples). It is under-confident.",
        ),
        (0.88, {"confidence": 0.9}, "88.0 % right with a mean confidence of 90.0 %: the two agree within noise."),
        (
            0.88,
            {"confidence": 0.885, "examples": 100_000},
            "88.0 % right with a mean confidence of 88.5 %: the two agree to within a point.",
        ),
        (
            0.8,
            {"confidence": 0.95, "examples": 25},
            "80.0 % right with a mean confidence of 95.0 %, which 25 examples cannot tell apart.",
        ),
        (
            0.8,
            {"confidence": 0.95, "examples": 12},
            "80.0 % right with a mean confidence of 95.0 %: 12 examples cannot tell whether the model is as sure as it "
            "is right.",
        ),
    ],
)
def test_confidence_is_told_beside_the_accuracy(accuracy, more, sentence):
    assert sentence in told(10, 0.6, accuracy, **more).together


@pytest.mark.parametrize(("cross_entropy", "accuracy"), [(0.001, 0.999), (0.05, 0.6), (2.31, 0.11), (5.0, 0.9)])
def test_confidence_is_told_whatever_else_is_wrong(cross_entropy, accuracy):
    (sentence,) = [one for one in told(10, cross_entropy, accuracy, confidence=0.7).together if "confidence" in one]
    assert f"{100 * accuracy:.1f} % right with a mean confidence of 70.0 %" in sentence


def test_a_gap_within_rounding_is_none():
    assert "miscalibrated" in causes(told(10, 0.5, 0.85, confidence=0.87, examples=10**5))
    rounding = {"accuracy_rounding": 0.005, "confidence_rounding": 0.005}
    assert "miscalibrated" in causes(told(10, 0.5, 0.85, confidence=0.88, examples=10**5, **rounding))
    assert "miscalibrated" not in causes(told(10, 0.5, 0.85, confidence=0.86, examples=10**5, **rounding))


def test_what_would_decide_is_not_what_was_given():
    def decides(**more):
        (found,) = [one for one in told(10, 1.2, 0.8, **more).causes if one.rule == "miscalibrated"]
        return found.decided_by.split(",")[0]

    assert decides().startswith("the mean confidence: above")
    assert decides(confidence=0.81) == "the temperature"
    assert decides(confidence=0.98) == "the temperature"


# Numbers that cannot be


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"num_classes": 1},
            "`num_classes` must be an integer >= 2. Received: num_classes=1. A single output unit tells 2 classes "
            "apart.",
        ),
        ({"num_classes": 0}, "`num_classes` must be an integer >= 2. Received: num_classes=0."),
        (
            {"cross_entropy": math.nan},
            "`cross_entropy` must be a finite number >= 0. Received: cross_entropy=nan. A loss that is not finite says "
            "no more than that: see the rule non-finite.",
        ),
        (
            {"cross_entropy": -0.5},
            "`cross_entropy` must be a finite number >= 0. Received: cross_entropy=-0.5. A loss below 0 is no "
            "cross-entropy of probabilities: what are the loss and its inputs?",
        ),
        (
            {"train_cross_entropy": math.inf},
            "`train_cross_entropy` must be a finite number >= 0. Received: train_cross_entropy=inf. A loss that is not "
            "finite says no more than that: see the rule non-finite.",
        ),
        (
            {"accuracy": 11},
            "`accuracy` must be a share in [0, 1]. Received: accuracy=11. Write 11 percent as 0.11.",
        ),
        ({"accuracy": -0.1}, "`accuracy` must be a share in [0, 1]. Received: accuracy=-0.1."),
        ({"accuracy": math.nan}, "`accuracy` must be a share in [0, 1]. Received: accuracy=nan."),
        ({"confidence": 0.05}, "`confidence` must be in [1 / K, 1], from 0.333 to 1. Received: confidence=0.05."),
        ({"examples": 0}, "`examples` must be an integer >= 1. Received: examples=0."),
        (
            {"label_smoothing": 1.0},
            "`label_smoothing` must be at least 0 and below 1. Received: label_smoothing=1.",
        ),
        ({"prior": (0.5, 0.5)}, "`prior` must have a value for each of the 3 classes. Received: 2 values."),
        (
            {"prior": (0.5, -0.1, 0.6)},
            "`prior` must have finite values >= 0. Received: -0.1 for class 1.",
        ),
        (
            {"prior": (0.5, 0.2, 0.1)},
            "`prior` must be shares that add up to 1, or whole numbers of examples. Received: values that add up to "
            "0.8.",
        ),
        (
            {"prior": (0, 0, 0)},
            "`prior` must be shares that add up to 1, or whole numbers of examples. Received: values that add up to 0.",
        ),
    ],
)
def test_numbers_that_cannot_be(change, message):
    with pytest.raises(ValueError) as error:
        Numbers(**({"num_classes": 3, "cross_entropy": 1.0, "accuracy": 0.5} | change))

    assert str(error.value) == message


def test_all_mistakes_are_named_at_once():
    with pytest.raises(ValueError) as error:
        Numbers(num_classes=2, cross_entropy=-1, accuracy=2)

    assert [line.split()[0] for line in str(error.value).splitlines()] == ["`cross_entropy`", "`accuracy`"]


def test_shares_and_counts_are_the_same_prior():
    by_count, by_share = told(3, 0.9, 0.6, prior=(50, 30, 20)), told(3, 0.9, 0.6, prior=(0.5, 0.3, 0.2))

    assert by_count.skill == pytest.approx(by_share.skill)
    assert by_count.verdict == by_share.verdict


def test_many_classes_are_no_burden():
    explanation = told(100_000, 11.5, 0.00001)

    assert explanation.verdict.startswith("It has learned nothing yet")
    assert json.loads(json.dumps(explanation.to_dict()))["numbers"]["num_classes"] == 100_000


def drawn(rng):
    """Numbers at random, also odd ones."""
    num_classes = int(rng.choice([2, 3, 10, 1000]))
    prior = None
    if num_classes <= 10 and rng.random() < 0.5:
        prior = tuple(rng.multinomial(500, rng.dirichlet(np.full(num_classes, 0.5))).tolist())
    return Numbers(
        num_classes=num_classes,
        cross_entropy=float(rng.choice([0.0, rng.exponential(0.1), rng.exponential(2.0), 20.0])),
        accuracy=float(rng.choice([0.0, 1.0, rng.random(), 1 / num_classes, rng.beta(9, 1)])),
        prior=prior,
        examples=int(rng.choice([1, 30, 10**6])) if rng.random() < 0.5 else None,
        train_cross_entropy=float(rng.exponential(1.0)) if rng.random() < 0.5 else None,
        train_accuracy=float(rng.random()) if rng.random() < 0.5 else None,
        confidence=float(rng.uniform(1 / num_classes, 1)) if rng.random() < 0.5 else None,
        label_smoothing=0.1 if rng.random() < 0.2 else 0.0,
        cross_entropy_rounding=0.005 if rng.random() < 0.5 else 0.0,
        accuracy_rounding=0.005 if rng.random() < 0.5 else 0.0,
        confidence_rounding=0.005 if rng.random() < 0.5 else 0.0,
    )


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_given_is_told_in_numbers_that_are_some(seed):
    rng = np.random.default_rng(seed)
    for _ in range(250):
        numbers = drawn(rng)
        explanation = explain(numbers)
        low, high = explanation.calibrated
        texts = [explanation.verdict, *explanation.together, *explanation.training, *explanation.unknown]
        texts += [text for cause in explanation.causes for text in (cause.evidence, cause.remedy)]
        texts += [one.meaning for one in explanation.yardsticks]

        assert not [text for text in texts if re.search(r"(?<![\w.])-?(nan|inf)(?!\w)", text)], numbers
        assert not [text for text in texts if not text or "  " in text or "\n" in text], numbers
        assert math.isnan(low) or explanation.least - 1e-9 <= low <= high + 1e-9, numbers
        assert [one.nats for one in explanation.yardsticks] == sorted(one.nats for one in explanation.yardsticks)
        json.dumps(explanation.to_dict(), allow_nan=False)
        for cause in explanation.causes:
            assert cause.certainty != "certain" or cause.rule in ("inconsistent-loss", "invalid-labels")


# What a review has found


@pytest.mark.parametrize(("classes", "examples"), [(2, 100), (10, 100), (100, 100), (100, 200)])
def test_honest_models_are_not_called_dishonest(classes, examples):
    """Labels drawn from the model's own probabilities, and the class shares counted among them."""
    random = np.random.RandomState(classes + examples)
    called = 0
    for _ in range(60):
        logits = random.normal(size=(examples, classes)) * random.choice([0.3, 1.0, 2.0])
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        drawn = (probabilities.cumsum(axis=1) < random.uniform(size=(examples, 1))).sum(axis=1).clip(max=classes - 1)
        nats = float(-np.log(probabilities[np.arange(examples), drawn]).mean())
        accuracy = float((probabilities.argmax(axis=1) == drawn).mean())
        counts = np.bincount(drawn, minlength=classes).tolist()
        found = causes(told(classes, nats, accuracy, examples=examples, prior=counts))
        called += found.get("miscalibrated") == "likely" or found.get("redundant-softmax") == "likely"

    assert called <= 1


def test_below_the_majority_no_model_is_honest():
    (sentence,) = [
        one for one in told(2, 0.25, 0.85, examples=10_000, prior=(900, 100)).together if "honest probabilities" in one
    ]
    assert sentence.startswith("No model with honest probabilities is right only 85.0 % of the time")


def test_the_class_shares_would_change_the_answers():
    explanation = told(3, 1.2, 0.55, examples=10_000, prior=(50, 49, 1))

    assert not any("leave the answers as they are" in one for one in explanation.together)


def test_few_examples_of_one_class_have_no_skill():
    assert "skill" not in told(2, 0.1, 1.0, examples=5, prior=(5, 0)).verdict
