"""`xent-monitor rules`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xent_monitor import cli
from xent_monitor.alerts.builtin import default_rules
from xent_monitor.alerts.meanings import meaning

pytestmark = pytest.mark.e2e

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "rule-files.md"

RULES = """
[builtin.still-improving]
enabled = false

[[rule]]
name = "cat-is-bad"
quantity = "class_cross_entropy"
class = "cat"
above = 1.5
for = 2

[[rule]]
name = "accuracy-drops"
quantity = "accuracy"
falls_by = 0.1
severity = "critical"
actions = ["slack"]

[[action]]
name = "slack"
type = "webhook"
url_env = "SLACK_URL"
"""

THREE_MISTAKES = """
[builtin.overfiting]
for = 4

[[rule]]
name = "cat-is-bad"
quantity = "class_cross_entropy"
above = 1.5
for = "3m"
severity = "warn"
"""

TESTS = """
rules = "alerts.toml"
class_names = ["cat", "dog"]

[[test]]
name = "the cat gets worse"
[test.validation]
class_cross_entropy.cat = [0.4, 1.6, 1.7, 1.8, 0.4]
[[test.expect]]
rule = "cat-is-bad"
epoch = {epoch}
[[test.expect]]
rule = "cat-is-bad"
epoch = 4
state = "resolved"

[[test]]
name = "all is well"
[test.validation]
accuracy = [0.8, "_", 0.9]
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs `xent-monitor rules` in a directory with these files; returns code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run_with(*arguments, **texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        return cli.main(["rules", *arguments]), *capsys.readouterr()

    return run_with


# list


def test_list_shows_every_built_in_rule_with_its_meaning(run):
    code, output, errors = run("list")

    assert (code, errors) == (0, "")
    words = " ".join(output.split())
    for rule in default_rules():
        assert meaning(rule)
        assert f"{rule.name} {rule.severity} {', '.join(rule.splits)} {meaning(rule)[:20]}" in words
    assert max(map(len, output.splitlines())) <= 100


def test_list_of_a_file_shows_what_it_puts_into_force(run):
    code, output, errors = run("list", "alerts.toml", alerts=RULES)
    own, builtin = output.split("\n\nBuilt-in rules\n")

    assert (code, errors) == (0, "")
    assert own.splitlines() == [
        "Rules of alerts.toml",
        "rule            severity  split       meaning",
        "cat-is-bad      warning   validation  class_cross_entropy of class cat is above 1.5, 2 evaluations",
        "                                      in a row",
        "accuracy-drops  critical  validation  accuracy has fallen by 0.1 or more over 1 evaluation",
    ]
    assert "\nstill-improving " not in builtin
    assert builtin.endswith("\n\nSwitched off: still-improving.\n")


def test_list_as_json(run):
    _, output, _ = run("list", "alerts.toml", "--json", alerts=RULES)
    rules = json.loads(output)

    assert len(rules) == len(default_rules()) - 1 + 2
    assert rules[0]["from"] == "built-in"
    assert rules[-1] == {
        "rule": "accuracy-drops",
        "severity": "critical",
        "splits": ["validation"],
        "output": None,
        "meaning": "accuracy has fallen by 0.1 or more over 1 evaluation",
        "from": "alerts.toml",
        "for": 1,
        "keep_firing_for": 0,
        "after": 0,
        "min_support": 1,
    }


def test_list_of_a_file_without_rules_and_without_built_in_ones(run):
    code, output, _ = run("list", "alerts.toml", alerts="include_default = false")

    assert code == 0
    assert output.startswith("Rules of alerts.toml\nnone\n\nBuilt-in rules\nnone\n\nSwitched off: non-finite, ")


def test_list_of_a_file_with_mistakes(run):
    code, output, errors = run("list", "alerts.toml", alerts="wrong = 1")

    assert (code, output) == (2, "")
    assert errors.startswith("xent-monitor: alerts.toml: `wrong` is not a key of a rule file. ")


# check


def test_check_says_that_all_is_well(run, monkeypatch):
    monkeypatch.setenv("SLACK_URL", "https://hooks.example.org/s3cr3t")
    code, output, errors = run("check", "alerts.toml", alerts=RULES)
    number = len(default_rules())

    assert (code, errors) == (0, "")
    assert output == (
        f"alerts.toml: 2 rules (cat-is-bad, accuracy-drops), {number - 1} of {number} built-in rules, "
        "1 action (slack). All is well.\nNames of classes were not checked: give them with --classes.\n"
    )


def test_check_says_all_mistakes(run):
    code, output, errors = run("check", "alerts.toml", alerts=THREE_MISTAKES)
    first, *others = errors.splitlines()

    assert (code, output) == (2, "")
    assert first.startswith(
        'alerts.toml: [builtin.overfiting]: there is no built-in rule of this name. Did you mean "overfitting"? '
        "Available: overfitting, bad-initial-loss, "
    )
    assert others == [
        'alerts.toml: rule 1 "cat-is-bad": `severity` must be one of "info", "warning", "critical". '
        'Received: severity = "warn". Did you mean "warning"?',
        'alerts.toml: rule 1 "cat-is-bad": `for` must be an integer number of evaluations >= 1. Received: for = "3m".',
        "3 mistakes in alerts.toml.",
    ]


def test_check_wraps_mistakes_in_a_terminal(run, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    _, _, errors = run("check", "alerts.toml", alerts=THREE_MISTAKES)

    assert max(map(len, errors.splitlines())) <= 100
    assert [line[:12] for line in errors.splitlines() if not line.startswith("    ")] == ["alerts.toml:"] * 3 + [
        "3 mistakes i"
    ]


def test_check_of_class_names(run, monkeypatch):
    monkeypatch.setenv("SLACK_URL", "https://hooks.example.org/s3cr3t")
    fine = run("check", "alerts.toml", "--classes", "cat, dog", alerts=RULES)
    wrong = run("check", "alerts.toml", "--classes", "cats,dog", alerts=RULES)

    assert fine[0] == 0
    assert fine[1].endswith("All is well.\n")
    assert wrong == (
        2,
        "",
        "alerts.toml: `class` of rule 'cat-is-bad' must be the name of a class, 'any' or 'all'. "
        "Received: class = 'cat'. Did you mean 'cats'? Classes: 'cats', 'dog'.\n1 mistake in alerts.toml.\n",
    )


def test_check_as_json(run, monkeypatch):
    monkeypatch.setenv("SLACK_URL", "https://hooks.example.org/s3cr3t")
    code, output, errors = run("check", "alerts.toml", "--json", alerts=RULES)
    found = json.loads(output)

    assert (code, errors) == (0, "")
    assert found.pop("builtin_rules") == [rule.name for rule in default_rules() if rule.name != "still-improving"]
    assert found == {
        "file": "alerts.toml",
        "mistakes": [],
        "rules": ["cat-is-bad", "accuracy-drops"],
        "actions": ["slack"],
        "classes_checked": False,
    }


def test_check_of_mistakes_as_json(run):
    code, output, errors = run("check", "alerts.toml", "--json", alerts=THREE_MISTAKES)
    found = json.loads(output)

    assert (code, errors) == (2, "")
    assert list(found) == ["file", "mistakes"]
    assert [text.partition(": ")[2][:28] for text in found["mistakes"]] == [
        "[builtin.overfiting]: there ",
        'rule 1 "cat-is-bad": `severi',
        'rule 1 "cat-is-bad": `for` m',
    ]


def test_check_of_no_file(run):
    assert run("check", "alerts.toml") == (
        2,
        "",
        "alerts.toml: There is no such file. Give the path of a TOML file of alert rules.\n1 mistake in alerts.toml.\n",
    )


# test


def test_tests_that_pass(run):
    code, output, errors = run("test", "tests.toml", alerts=RULES, tests=TESTS.format(epoch=2))

    assert (code, output, errors) == (0, "tests.toml ..\n\n2 passed\n", "")


def test_tests_that_fail(run):
    code, output, errors = run("test", "tests.toml", alerts=RULES, tests=TESTS.format(epoch=3))

    assert (code, errors) == (1, "")
    assert output == (
        "tests.toml F.\n"
        "\n"
        "FAILED tests.toml: the cat gets worse\n"
        "\n"
        "  epoch  rule        split       expected  got       class\n"
        "  2      cat-is-bad  validation  -         firing    cat\n"
        "  3      cat-is-bad  validation  firing    -         cat\n"
        "  4      cat-is-bad  validation  resolved  resolved  cat\n"
        "\n"
        "  rule        split       states by epoch (i inactive, p pending, f firing, . not evaluated)\n"
        "  cat-is-bad  validation  ipffi\n"
        "\n"
        "1 failed, 1 passed\n"
    )


def test_files_with_mistakes_do_not_stop_the_others(run):
    code, output, errors = run(
        *("test", "nowhere.toml", "wrong.toml", "tests.toml"),
        alerts=RULES,
        tests=TESTS.format(epoch=2),
        wrong='rules = "alerts.toml"\nclass_names = ["cat", "dog"]\n[[test]]\nname = "empty"',
    )

    assert code == 2
    assert output == "nowhere.toml E\nwrong.toml E\ntests.toml ..\n\n2 passed, 2 files with mistakes\n"
    assert errors.splitlines() == [
        "nowhere.toml: There is no such file. Give the path of a TOML file of tests for alert rules.",
        'wrong.toml: test 1 "empty": there are no values. '
        "Write series in [test.validation], [test.train] or [test.test].",
    ]


def test_tests_as_json(run):
    code, output, errors = run(
        *("test", "nowhere.toml", "tests.toml", "--json"), alerts=RULES, tests=TESTS.format(epoch=3)
    )
    found = json.loads(output)
    missing, failing = found.pop("files")

    assert (code, errors) == (2, "")
    assert found == {"passed": 1, "failed": 1, "files_with_mistakes": 1, "exit_code": 2}
    assert missing == {
        "file": "nowhere.toml",
        "mistakes": ["nowhere.toml: There is no such file. Give the path of a TOML file of tests for alert rules."],
        "tests": [],
    }
    bad, good = failing["tests"]
    assert (failing["file"], failing["mistakes"]) == ("tests.toml", [])
    assert (good["test"], good["passed"], good["events"], good["failures"]) == ("all is well", True, [], [])
    assert (bad["test"], bad["passed"]) == ("the cat gets worse", False)
    assert [(event["verdict"], event["epoch"], event["state"]) for event in bad["events"]] == [
        ("unexpected", 2, "firing"),
        ("missing", 3, "firing"),
        ("as expected", 4, "resolved"),
    ]
    assert {"rule": "cat-is-bad", "split": "validation", "letters": "ipffi"} in bad["states"]


@pytest.mark.parametrize(("epoch", "expected"), [(2, 0), (3, 1)])
def test_exit_codes_of_tests_as_json(run, epoch, expected):
    code, output, _ = run("test", "tests.toml", "--json", alerts=RULES, tests=TESTS.format(epoch=epoch))

    assert code == json.loads(output)["exit_code"] == expected


# The program


@pytest.mark.parametrize("command", [[], ["list"], ["check"], ["test"]])
def test_help_has_examples(capsys, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        cli.main(["rules", *command, "--help"])

    assert caught.value.code == 0
    output = capsys.readouterr().out
    assert f"examples:\n  xent-monitor rules {command[0] if command else 'list'}" in output
    assert max(map(len, output.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rules"], "the following arguments are required: COMMAND"),
        (["rules", "check"], "the following arguments are required: FILE"),
        (["rules", "test"], "the following arguments are required: FILE"),
        (["rules", "list", "--format", "json"], "unrecognized arguments: --format"),
    ],
)
def test_wrong_usage(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)

    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_the_examples_of_the_documentation(run, monkeypatch):
    """The rule file and its tests on the page of the format pass, and fail as it shows."""
    monkeypatch.setenv("SLACK_URL", "https://hooks.example.org/s3cr3t")
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n# (\w+)\.toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    files = dict(blocks)

    assert list(files) == ["alerts", "alerts_test"]
    assert run("check", "alerts.toml", **files)[0] == 0
    assert run("test", "alerts_test.toml")[:2] == (0, "alerts_test.toml ..\n\n2 passed\n")
    files["alerts_test"] = files["alerts_test"].replace("epoch = 4", "epoch = 3")
    assert f"```\n{run('test', 'alerts_test.toml', **files)[1]}```\n" in page


def test_it_needs_no_keras(tmp_path):
    """The program, as its own process: without Keras and a backend, and with the exit code of the command."""
    (tmp_path / "alerts.toml").write_text(THREE_MISTAKES, encoding="utf-8")
    program = (
        "import sys; from xent_monitor.cli import main; code = main(sys.argv[1:]); "
        "sys.exit(9 if {'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules) else code)"
    )
    codes = [
        subprocess.run(
            [sys.executable, "-c", program, "rules", *arguments], cwd=tmp_path, capture_output=True, timeout=120
        ).returncode
        for arguments in (["list"], ["check", "alerts.toml"], ["test", "alerts.toml"])
    ]

    assert codes == [0, 2, 2]
