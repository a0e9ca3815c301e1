"""`xent-monitor explain`: what it prints at 80 columns, its options and its exit codes."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.builders import multilabel_predictions, predictions
from xent_monitor import cli

QUESTION = """\
10 classes, cross-entropy 2.310 nats, accuracy 11.0 %
=====================================================

It has learned nothing yet: 2.310 nats is the 2.303 of one who guesses among 10
classes, and 11.0 % right is no better.

Where it stands, in nats
------------------------
     0.000  every true class has probability 1
     0.617  the least of any model that is right 11.0 % of the time
     1.461  the least that a soft-max applied twice allows, however right
     2.208  the least of a calibrated model that is right 11.0 % of the time
     2.302  the most of a calibrated model that is right 11.0 % of the time
     2.303  a fair guess among 10 classes: ln 10 (equal class shares too)
>    2.310  this model: skill -0.3 %, 0.10 for the true class, as unsure as a
            fair pick among 10.1
      16.1  the most that an example costs from probabilities, which Keras clips
            at 1e-7

What the two say together
-------------------------
- 11.0 % right, where blind answers are right 10.0 % of the time if the classes
  are equally frequent; if one is more frequent, to name it always is right as
  often as its share.
- A model with honest (calibrated) probabilities that is right 11.0 % of the
  time has from 2.208 to 2.302 nats, give or take noise and rounding; 2.310 may
  be honest.
- A wrong answer costs from 2.311 to 2.596 nats in the mean, so that its true
  class gets 0.07 or more (geometric mean).

What may be wrong, the likeliest first
--------------------------------------
1. no-skill (likely, warning): A model that has learned the base rates and
   nothing else.
   Seen:    2.310 nats against the 2.303 of one who guesses: skill -0.3 %.
   Try:     another learning rate; whether labels belong to inputs (shuffled
            apart?); whether anything is trainable.
   Decides: the next epochs: does the cross-entropy still fall? In the first
            epoch or two this is common.
2. constant-output (possible, critical): The same prediction for every input.
   Seen:    11.0 % right is, within noise, what the same answer to every input
            scores (10.0 %).
   Try:     a lower learning rate, another initialisation, leaky ReLU; look
            whether the inputs are all alike.
   Decides: how often each class is predicted, and whether the probabilities
            differ from input to input.
3. class-collapse (possible, warning): Nearly every prediction is one class,
   though the labels are not.
   Seen:    11.0 % right is about what one class for nearly every input scores
            (10.0 %).
   Try:     a lower learning rate; balanced batches; class weights that are not
            too far apart.
   Decides: how often each class is predicted.

What these numbers do not tell
------------------------------
- Noise: 1,000 examples are assumed, which give the accuracy a standard error of
  1.0 points; with fewer, less is certain. Say how many there are.
- Class shares were not given; equal ones are assumed.
- One epoch of one pass: whether it still falls, or rises above its best, and
  what the training does.
- The classes one by one (neglected-class), and whether the outputs are
  probabilities at all.
"""

IMPOSSIBLE = """\
10 classes, cross-entropy 0.050 nats, accuracy 60.0 %
=====================================================

The two numbers cannot be of the same answers: with 60.0 % right, no model is
below 0.277 nats.

Where it stands, in nats
------------------------
     0.000  every true class has probability 1
>    0.050  this model: skill 98 %, 0.95 for the true class, as unsure as a fair
            pick among 1.1
     0.277  the least of any model that is right 60.0 % of the time
     0.555  the least of a calibrated model that is right 60.0 % of the time
     1.461  the least that a soft-max applied twice allows, however right
     1.552  the most of a calibrated model that is right 60.0 % of the time
     2.303  a fair guess among 10 classes: ln 10 (equal class shares too)
      16.1  the most that an example costs from probabilities, which Keras clips
            at 1e-7

What the two say together
-------------------------
- 60.0 % right, where blind answers are right 10.0 % of the time if the classes
  are equally frequent; if one is more frequent, to name it always is right as
  often as its share.

What may be wrong, the likeliest first
--------------------------------------
1. inconsistent-loss (certain, critical): A loss that is not about these outputs
   and labels.
   Seen:    40.0 % wrong answers bring any model to 0.277 nats or more, as none
            can cost less than ln 2; 0.050 is below that.
   Try:     the loss that fits the head; `reduction="sum_over_batch_size"`.
   Decides: what the loss and the accuracy look at: outputs, labels, weights,
            and whether both are of the same pass.

What these numbers do not tell
------------------------------
- Noise: 1,000 examples are assumed, which give the accuracy a standard error of
  1.5 points; with fewer, less is certain. Say how many there are.
- Class shares were not given; equal ones are assumed.
- One epoch of one pass: whether it still falls, or rises above its best, and
  what the training does.
- The classes one by one (neglected-class), and whether the outputs are
  probabilities at all.
"""


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs `xent-monitor explain` at 80 columns; returns code, output and errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run_with(*arguments):
        code = cli.main(["explain", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run_with


def numbers(classes, cross_entropy, accuracy, *more):
    return "--classes", classes, "--cross-entropy", cross_entropy, "--accuracy", accuracy, *more


def rules_of(output):
    return re.findall(r"^\d+\. ([a-z-]+) \((\w+),", output, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(numbers(10, 2.31, 0.11), QUESTION), (numbers(10, 0.05, "60%"), IMPOSSIBLE)],
    ids=["question", "impossible"],
)
def test_the_whole_answer(run, arguments, expected):
    assert run(*arguments) == (1, expected, "")


@pytest.mark.parametrize(
    ("arguments", "code", "verdict", "rules"),
    [
        (
            numbers(2, 0.69, 0.5),
            1,
            "It has learned nothing yet: 0.690 nats is the 0.693 of one who guesses among 2\n"
            "classes, and 50.0 % right is no better.",
            [("no-skill", "likely"), ("constant-output", "possible"), ("class-collapse", "possible")],
        ),
        (
            ("--prior", "0.9,0.1", "--cross-entropy", "0.2", "--accuracy", "0.9"),
            0,
            "It has learned about two fifths of what there is to know (skill 0.38), which the\n"
            "accuracy cannot show: the same answer to every input is right 90.0 % of the time\n"
            "too.",
            [],
        ),
        (
            numbers(10, 5, 0.9),
            1,
            "Its answers are worth something (90.0 % right against 10.0 %), its probabilities\n"
            "are not: 5.000 nats is worse than the 2.303 of the class shares alone.",
            [("worse-than-prior", "likely"), ("inconsistent-loss", "possible"), ("diverging", "possible")],
        ),
        (
            numbers(1000, 3.1, 0.4),
            0,
            "It has learned about three fifths of what there is to know (skill 0.55), and\n"
            "nothing in these numbers speaks of a fault.",
            [],
        ),
        (numbers(10, 0, 1), 0, "As good as perfect: 0.000 of 2.303 nats are left.", []),
        (
            numbers(10, 1.2, 0.8, "--train-cross-entropy", 0.2, "--train-accuracy", "95%", "--examples", 10000),
            0,
            "It has learned about half of what there is to know (skill 0.48), but its\n"
            "probabilities are not honest: with 80.0 % right they need not cost more than\n"
            "0.940 nats.",
            [("miscalibrated", "likely"), ("loss-accuracy-divergence", "possible"), ("overfitting", "possible")],
        ),
    ],
)
def test_verdict_causes_and_code(run, arguments, code, verdict, rules):
    found, output, errors = run(*arguments)

    assert (found, errors) == (code, "")
    assert output.split("\n\n")[1] == verdict
    assert rules_of(output) == rules
    assert max(map(len, output.splitlines())) <= 80


def test_without_a_cause_it_says_so(run):
    _, output, _ = run(*numbers(10, 0.5, 0.85))

    assert "No fault that the built-in rules know speaks from these numbers.\n" in output


def test_counts_are_a_prior_and_say_how_many_classes_there_are(run):
    counts = run("--prior", "900,100", "--cross-entropy", 0.2, "--accuracy", 0.9)

    assert counts == run("--prior", "0.9,0.1", "--cross-entropy", 0.2, "--accuracy", 0.9)
    assert counts == run("--prior", "90%,10%", "--cross-entropy", 0.2, "--accuracy", 0.9)


def test_bits(run):
    _, output, _ = run(*numbers(10, 1, 0.8, "--bits", "--train-cross-entropy", 0.5))

    assert output.startswith("10 classes, cross-entropy 0.693 nats (1.000 bits), accuracy 80.0 %\n")
    assert "The training is at 0.347 nats" in output


def test_label_smoothing_is_in_the_heading(run):
    _, output, _ = run(*numbers(10, 0.6, 0.95, "--label-smoothing", 0.1))
    assert output.startswith("10 classes, cross-entropy 0.600 nats, accuracy 95.0 %, labels smoothed by 0.1\n")

    _, output, _ = run(*numbers(10, 1, 0.95, "--label-smoothing", 0.1, "--bits"))
    assert output.startswith("10 classes, 0.693 nats (1.000 bits), accuracy 95.0 %, labels smoothed by 0.1\n")


def test_confidence_is_judged(run):
    code, output, _ = run(*numbers(10, 0.54, 0.88, "--confidence", 0.95, "--examples", 1497))

    assert code == 0
    assert rules_of(output) == [("miscalibrated", "likely")]
    assert "the model is 7.0 points surer than it is right, beyond noise" in output.replace("\n  ", " ")
    assert "and is over-confident: 95.0 % sure, 88.0 % right." in output.replace("\n", " ")


def test_help_fits_80_columns(run, capsys):
    with pytest.raises(SystemExit):
        run("--help")

    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_json_has_all_of_it_and_nothing_else(run):
    code, output, errors = run(*numbers(10, 2.31, 0.11, "--json"))
    told = json.loads(output)

    assert (code, errors) == (1, "")
    assert told["numbers"]["num_classes"] == 10
    assert told["skill"] == pytest.approx(1 - 2.31 / math.log(10))
    assert told["calibrated"] == pytest.approx([2.2078, 2.3020], abs=1e-4)
    assert [cause["rule"] for cause in told["causes"]] == ["no-skill", "constant-output", "class-collapse"]
    assert {one["name"] for one in told["yardsticks"]} >= {"zero", "least", "uniform", "this", "clip"}


def test_undefined_is_null_in_json(run):
    _, output, _ = run("--prior", "1,0", "--cross-entropy", 0.1, "--accuracy", 1, "--json")

    assert json.loads(output)["skill"] is None


@pytest.mark.parametrize(
    ("typed", "certainty"),
    [("0.01", "possible"), ("0.010", "certain"), ("0", "certain")],
)
def test_decimals_that_were_not_typed_are_rounding(run, typed, certainty):
    _, output, _ = run(*numbers(10, typed, "0.950" if typed == "0" else "0.980"))

    assert rules_of(output) == [("inconsistent-loss", certainty)]


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--classes, --cross-entropy, --accuracy must be given, or --predictions FILE."),
        (("--classes", 10, "--accuracy", 0.5), "--cross-entropy must be given, or --predictions FILE."),
        (
            numbers(10, "nan", 0.5),
            "--cross-entropy must be a finite number >= 0. Received: cross_entropy=nan. A loss that is not finite says "
            "no more than that: see the rule non-finite.",
        ),
        (
            numbers(10, -1, 0.5),
            "--cross-entropy must be a finite number >= 0. Received: cross_entropy=-1. A loss below 0 is no "
            "cross-entropy of probabilities: what are the loss and its inputs?",
        ),
        (
            numbers(10, 1, 11),
            "--accuracy must be a share in [0, 1]. Received: accuracy=11. Write 11 percent as 0.11 or 11%.",
        ),
        (
            numbers(1, 1, 0.5),
            "--classes must be an integer >= 2. Received: classes=1. A single output unit tells 2 classes apart.",
        ),
        (
            numbers(3, 1, 0.5, "--prior", "0.5,0.5"),
            "--prior must have a value for each of the 3 classes. Received: 2 values.",
        ),
        (numbers(3, 1, 0.5, "--predictions", "x.npz"), "--classes cannot be used with --predictions."),
        (numbers(3, 1, 0.5, "--logits"), "--logits needs --predictions."),
        (numbers(3, 1, 0.5, "--top", 3), "--top needs --predictions."),
    ],
)
def test_wrong_use(run, arguments, message):
    assert run(*arguments) == (2, "", f"xent-monitor: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (numbers("ten", 1, 0.5), "argument --classes: must be an integer >= 1. Received: 'ten'."),
        (numbers(10, "low", 0.5), "argument --cross-entropy: must be a number. Received: 'low'."),
        (numbers(10, 1, "half"), "argument --accuracy: must be a number. Received: 'half'."),
        (numbers(10, 1, 0.5, "--prior", "1,,2"), "argument --prior: must be a number. Received: ''."),
    ],
)
def test_what_is_no_number(run, capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        run(*arguments)

    assert stop.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {message}\n")


# Predictions


@pytest.fixture
def saved(tmp_path):
    """Writes an npz file of predictions; returns its path."""

    def save(name="p.npz", **arrays):
        path = tmp_path / name
        np.savez(path, **arrays)
        return path

    return save


def test_predictions_give_the_report_and_the_scale(run, saved):
    labels, probabilities = predictions(3, 300)
    path = saved(labels=labels, probabilities=probabilities)
    code, output, errors = run("--predictions", path, "--class-names", "cat,dog,owl")
    nats = -np.log(probabilities[np.arange(300), labels]).mean()

    assert (code, errors) == (0, "")
    assert f"Test cross-entropy {nats:.2f} nats on 300 examples of 3 classes." in output.replace("\n", " ")
    assert re.search(r"^owl +\d+", output, re.MULTILINE)
    assert f"\n> {nats:8.3f}  this model: skill" in output


def test_predictions_as_json(run, saved):
    labels, probabilities = predictions(3, 300)
    code, output, _ = run("--predictions", saved(labels=labels, logits=np.log(probabilities)), "--json")
    told = json.loads(output)

    assert code == 0
    assert sum(told["report"]["statistics"]["support"]) == 300
    nats = -np.log(probabilities[np.arange(300), labels]).mean()
    assert told["explanation"]["numbers"]["cross_entropy"] == pytest.approx(nats, rel=1e-6)
    assert told["explanation"]["numbers"]["prior"] == np.bincount(labels).tolist()


def test_predictions_that_are_mostly_wrong_are_found(run, saved):
    labels, probabilities = predictions(3, 300, sharpness=6.0)
    code, output, _ = run("--predictions", saved(labels=(labels + 1) % 3, probabilities=probabilities))

    assert code == 1
    assert rules_of(output) == [("below-chance", "likely")]


def test_labels_that_do_not_exclude_each_other_have_no_scale(run, saved):
    targets, probabilities = multilabel_predictions(3, 100)
    path = saved(labels=targets, probabilities=probabilities)
    code, output, _ = run("--predictions", path, "--task", "multilabel")

    assert code == 0
    assert "each with 3 labels" in output.replace("\n", " ")
    assert "Where the cross-entropy stands" not in output
    assert json.loads(run("--predictions", path, "--task", "multilabel", "--json")[1])["explanation"] is None


def test_predictions_that_do_not_fit(run, saved, tmp_path):
    labels, probabilities = predictions(3, 50)
    path = saved(labels=labels, probabilities=probabilities)

    assert run("--predictions", path, "--class-names", "a,b") == (
        2,
        "",
        f"xent-monitor: {path}: --class-names must have one name for each of the 3 classes. Received: 2 names.\n",
    )
    code, output, errors = run("--predictions", tmp_path / "none.npz")
    assert (code, output, errors) == (2, "", f"xent-monitor: {tmp_path / 'none.npz'}: there is no such file.\n")
    (tmp_path / "d.csv").mkdir()
    assert run("--predictions", tmp_path / "d.csv") == (
        2,
        "",
        f"xent-monitor: {tmp_path / 'd.csv'}: cannot be read (Is a directory).\n",
    )


def table(tmp_path, header, labels, outputs):
    path = tmp_path / "p.csv"
    rows = [",".join([str(label), *map(str, row)]) for label, row in zip(labels, outputs.tolist(), strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "dog,cat,owl",
            "names its classes in another order than --class-names: cat, dog, owl. Leave --class-names out.",
        ),
        ("a,b,c", "names its classes: cat, dog, owl. Leave --class-names out, or change the names in the file."),
        ("cat,dog", "names its classes: cat, dog, owl. Leave --class-names out, or change the names in the file."),
    ],
)
def test_names_that_the_file_has_are_not_replaced(run, saved, tmp_path, given, message):
    labels, probabilities = predictions(3, 50)
    for path in (
        table(tmp_path, "label,cat,dog,owl", labels, probabilities),
        saved(labels=labels, probabilities=probabilities, class_names=np.array(["cat", "dog", "owl"])),
    ):
        assert run("--predictions", path, "--class-names", given) == (2, "", f"xent-monitor: {path}: {message}\n")


def test_names_that_the_file_has_not_are_given(run, saved, tmp_path):
    labels, probabilities = predictions(3, 50)
    same = table(tmp_path, "label,cat,dog,owl", labels, probabilities)
    assert run("--predictions", same, "--class-names", "cat, dog,owl") == run("--predictions", same)
    _, named, _ = run("--predictions", same)
    places = table(tmp_path, "label,0,1,2", labels, probabilities)
    assert run("--predictions", places, "--class-names", "cat,dog,owl")[1] == named


def test_of_a_single_column_only_the_other_class_is_named(run, tmp_path):
    path = table(tmp_path, "label,spam", [0, 1] * 20, np.array([[0.2], [0.7]] * 20))

    code, output, _ = run("--predictions", path, "--class-names", "ham,spam")
    assert (code, "ham (20) against spam (20)" in output.replace("\n", " ")) == (0, True)
    for given in ("spam,ham", "no,yes"):
        code, output, errors = run("--predictions", path, "--class-names", given)
        assert (code, output) == (2, "")
        assert "names its classes: spam. Leave --class-names out" in errors


# Outputs that are no probabilities


def logits_of(probabilities):
    return np.log(probabilities) + 3.0


def test_logits_that_are_read_as_probabilities_are_the_one_finding(run, tmp_path):
    labels, probabilities = predictions(3, 60)
    path = table(tmp_path, "label,cat,dog,owl", labels, logits_of(probabilities) - 3.0)
    code, output, errors = run("--predictions", path)
    text = " ".join(output.split())

    assert (code, errors) == (1, "")
    assert "invalid-probabilities (certain, critical): " in text
    assert "60 of 60 rows are negative, above 1, or do not add up to 1 (values from -" in text
    assert "Try: they look like logits: pass `--logits`." in text
    assert not re.search("confidence|accuracy|from_logits|surer|support", text)
    assert max(map(len, output.splitlines())) <= 80
    assert run("--predictions", path, "--logits")[0] == 0


def test_outputs_that_are_no_probabilities_as_json(run, saved):
    labels, probabilities = predictions(3, 60)
    code, output, _ = run("--predictions", saved(y_true=labels, y_pred=logits_of(probabilities)), "--json")
    told = json.loads(output)

    assert (code, told["explanation"]) == (1, None)
    assert told["report"]["statistics"]["invalid_probabilities"] == 60
    fault = {name: told["fault"][name] for name in ("rule", "severity", "certainty")}
    assert fault == {"rule": "invalid-probabilities", "severity": "critical", "certainty": "certain"}
    sound = json.loads(run("--predictions", saved(labels=labels, probabilities=probabilities), "--json")[1])
    assert sound["fault"] is None


@pytest.mark.parametrize(
    ("change", "name", "remedy"),
    [
        (lambda p: np.log(p), "probabilities", "they look like logits, though the file calls them probabilities: name"),
        (lambda p: 100 * p, "y_pred", "they look like percent: divide them by 100."),
        (lambda p: 5 * p**2 + 1, "y_pred", "if they are logits, pass `--logits`; else divide each row by its sum."),
        (lambda p: p**2, "y_pred", "whether the column of a class is missing, or one too many; of sigmoids, divide"),
        (lambda p: 100 * p[:, 1], "y_pred", "if they are percent, divide them by 100; if they are logits, pass"),
    ],
)
def test_what_outputs_look_like_that_are_no_probabilities(run, saved, change, name, remedy):
    labels, probabilities = predictions(3, 60)
    outputs = change(probabilities)
    labels = labels if outputs.ndim == 2 else labels % 2

    code, output, _ = run("--predictions", saved(**{"labels": labels, name: outputs}))

    assert code == 1
    assert f"Try: {remedy}" in " ".join(output.split())


def test_a_few_rows_that_are_none_leave_the_report(run, saved):
    labels, probabilities = predictions(3, 300)
    probabilities[:2] *= 1.5
    code, output, _ = run("--predictions", saved(labels=labels, probabilities=probabilities))

    assert code == 0
    assert "For 2 of 300 rows the outputs are not probabilities" in output.replace("\n", " ")
    assert "confidence" in output


def test_what_the_report_has_is_not_asked_for(run, saved):
    labels, probabilities = predictions(3, 600)
    sharp = probabilities**6 / (probabilities**6).sum(axis=1, keepdims=True)
    _, output, _ = run("--predictions", saved(labels=labels, probabilities=sharp))

    assert rules_of(output)
    assert "Decides:" not in output


def test_missing_backend_is_one_line(saved):
    labels, probabilities = predictions(3, 50)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "xent_monitor",
            "explain",
            "--predictions",
            saved(labels=labels, probabilities=probabilities),
        ],
        env=os.environ | {"KERAS_BACKEND": "none-such"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "xent-monitor: --predictions needs Keras with its backend, which cannot be imported ("
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("accuracy", ["99.9%", "0.999"])
def test_a_percentage_is_as_exact_as_the_same_share(run, accuracy):
    code, output, _ = run(*numbers(10, 0.0004, accuracy))

    assert code == 0
    assert "As good as perfect" in output
