"""`xent-monitor check`: what it prints, in each form, and its exit codes."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.alert_reports import made_report
from tests.builders import HOSTILE_NAMES, report
from xent_monitor import cli
from xent_monitor.cli.github import annotation
from xent_monitor.tensorboard import ReportWriter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "ci-gate.md"

#: Fires from epoch 1 to 2 for the cat, and from epoch 2 on for the dog.
RULES = """
include_default = false

[[rule]]
name = "high"
quantity = "class_cross_entropy"
above = 1.0
severity = "{severity}"
message = "{{class_name}} costs {{value:.1f}} nats: 100 % bad."
actions = ["hook"]

[[action]]
name = "hook"
type = "webhook"
url_env = "NO_SUCH_VARIABLE"
"""

RUN = [
    made_report(0, nats=0.5, support=1000),
    made_report(1, nats=[2.0, 0.5, 0.5], support=1000),
    made_report(2, nats=[0.5, 2.0, 0.5], right=[0.8, 0.4, 0.9], support=1000),
]
CALM = [made_report(epoch, nats=0.5, support=1000) for epoch in range(3)]
#: No rule but one that nothing in these reports can meet.
NEVER = 'include_default = false\n[[rule]]\nname = "never"\nquantity = "accuracy"\nbelow = -1.0'


def write(path, reports):
    writer = ReportWriter(path)
    for one in reports:
        writer.write(one, "")
    writer.close()


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs `xent-monitor check run` in a directory with these runs and rules; returns code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def run_on(reports, *arguments, baseline=None, rules=None):
        write("run", reports)
        if baseline is not None:
            write("main", baseline)
            arguments = (*arguments, "--baseline", "main")
        if rules is not None:
            (tmp_path / "alerts.toml").write_text(rules, encoding="utf-8")
            arguments = (*arguments, "--rules", "alerts.toml")
        return cli.main(["check", "run", *arguments]), *capsys.readouterr()

    return run_on


def rules(severity="warning"):
    return RULES.format(severity=severity)


# Exit codes


@pytest.mark.parametrize(
    ("severity", "arguments", "code", "verdict"),
    [
        ("warning", [], 1, "Failed: 2 alerts at warning or above fired."),
        ("warning", ["--at-end"], 1, "Failed: 1 alert at warning or above is firing at the end."),
        ("info", [], 0, "Passed: no alert at warning or above fired."),
        ("info", ["--at-end"], 0, "Passed: no alert at warning or above is firing at the end."),
        ("info", ["--fail-on", "info"], 1, "Failed: 2 alerts at info or above fired."),
        ("warning", ["--fail-on", "critical"], 0, "Passed: no alert at critical fired."),
        ("critical", ["--fail-on", "critical"], 1, "Failed: 2 alerts at critical fired."),
        ("critical", [], 1, "Failed: 2 alerts at warning or above fired."),
    ],
)
def test_alerts_fail_by_their_severity_and_end(run, severity, arguments, code, verdict):
    found = run(RUN, *arguments, rules=rules(severity))

    assert found[0] == code
    assert found[1].splitlines()[-1] == verdict
    assert found[2] == ""


def test_a_good_run_passes_the_built_in_rules(run):
    good = [report(3, epoch=epoch, sharpness=3.0 + epoch, num_examples=400) for epoch in range(2)]

    code, output, _ = run(good)

    assert code == 0
    assert output.endswith("\n\nPassed: no alert at warning or above fired.\n")
    assert "Alerts" not in output


def test_a_run_that_recovered_fails_unless_only_its_end_counts(run):
    recovered = [*RUN, made_report(3, nats=0.5, support=1000)]

    assert run(recovered, rules=rules())[0] == 1
    assert run(recovered, "--at-end", rules=rules())[0] == 0


def test_the_built_in_rules_are_the_default(run):
    code, output, _ = run([made_report(epoch, nats=3.0, right=[1.0, 0.0, 0.0], support=1000) for epoch in range(6)])

    assert code == 1
    assert output.startswith("Check of run\n============\n\nJudged by the built-in rules. With nothing to judge, ")
    assert "\ncritical: inconsistent-loss, validation, since epoch 0\n" in output


@pytest.mark.parametrize(
    ("baseline", "code", "verdict"),
    [
        (
            CALM,
            0,
            "Passed: no alert at warning or above fired, and nothing is worse than in the baseline.",
        ),
        (
            [made_report(0, nats=0.1, right=0.95, support=1000)],
            1,
            "Failed: 8 changes for the worse against the baseline.",
        ),
        (
            [made_report(0, nats=2.5, right=0.5, support=1000)],
            0,
            "Passed: no alert at warning or above fired, and nothing is worse than in the baseline.",
        ),
    ],
)
def test_what_is_worse_than_the_baseline_fails(run, baseline, code, verdict):
    found = run(CALM, baseline=baseline, rules=NEVER)

    assert found[0] == code
    assert found[1].endswith("\n\n" + "\n".join(wrapped(verdict)) + "\n")


def wrapped(text):
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if len(longer) <= 80 else [*lines, word]
    return lines


def test_tolerance_and_best_epoch(run):
    best_first = [made_report(0, nats=0.4, support=1000), *CALM[1:]]
    baseline = [made_report(0, nats=0.4, support=1000)]

    assert run(best_first, baseline=baseline, rules=NEVER)[0] == 1
    assert run(best_first, "--at", "best", baseline=baseline, rules=NEVER)[0] == 0
    for tolerance in ("0.1", "10%", "10 %"):
        assert run(best_first, "--tolerance", tolerance, baseline=baseline, rules=NEVER)[0] == 0
    assert run(best_first, "--tolerance", "0.1%", baseline=baseline, rules=NEVER)[0] == 1


def test_a_rule_that_cannot_judge_leaves_no_verdict(run, monkeypatch):
    def broken(evaluation):
        raise ZeroDivisionError("half\nof it")

    monkeypatch.setattr("xent_monitor.cli.check.default_rules", lambda: (rule(broken),))
    code, output, errors = run(CALM)

    assert code == 2
    assert output.endswith("\n\nNo verdict: 1 rule could not judge the run.\n")
    assert errors == "xent-monitor: rule broken could not judge the run: ZeroDivisionError: half of it.\n"


def rule(diagnosis):
    from xent_monitor.alerts import AlertRule

    return AlertRule(name="broken", diagnosis=diagnosis)


# As text


def test_text(run):
    moved = [*RUN[:2], made_report(2, nats=[0.5, 2.0, 0.3], right=[0.8, 0.4, 0.9], support=1000)]
    code, output, errors = run(moved, "--at-end", baseline=CALM, rules=rules())

    assert (code, errors) == (1, "")
    assert output == (
        "Check of run\n"
        "============\n"
        "\n"
        "Judged by alerts.toml.\n"
        "\n"
        "Alerts: 1 firing, 1 resolved\n"
        "----------------------------\n"
        "\n"
        "warning: high, validation, class dog, since epoch 2\n"
        "  dog costs 2.0 nats: 100 % bad.\n"
        "\n"
        "warning, resolved: high, validation, class cat, epochs 1 to 2\n"
        "  Rule high no longer holds: class_cross_entropy of class cat is 0.5 on\n"
        "  validation at epoch 2, the threshold 1.\n"
        "\n"
        "Against the baseline main\n"
        "-------------------------\n"
        "\n"
        "Validation, epoch 2, against epoch 2 of the baseline\n"
        "class                 before  after  change  limit\n"
        "─────  ─────────────  ──────  ─────  ──────  ─────  ──────\n"
        "(all)  cross-entropy   0.500  0.933  +0.433  0.047   worse\n"
        "(all)  accuracy        0.800  0.700  -0.100  0.038   worse\n"
        "dog    cross-entropy   0.500  2.000  +1.500  0.022   worse\n"
        "dog    recall          0.800  0.400  -0.400  0.081   worse\n"
        "owl    cross-entropy   0.500  0.300  -0.200  0.022  better\n"
        "owl    recall          0.800  0.900  +0.100  0.059  better\n"
        "By class 2 of 6 comparisons are within noise, or not worth a word.\n"
        "\n"
        "Failed: 1 alert at warning or above is firing at the end; 4 changes for the\n"
        "worse against the baseline.\n"
    )


def test_many_classes_are_cut_short(run):
    names = tuple(f"class-{index}" for index in range(60))
    before = made_report(right=0.9, support=1000, class_names=names)
    after = made_report(right=[0.5] * 30 + [0.9] * 5 + [0.999] * 25, support=1000, class_names=names)
    _, output, _ = run([after], baseline=[before], rules=NEVER)
    lines = output.splitlines()

    assert sum(line.endswith("  worse") for line in lines) == 20 + 1
    assert sum(line.endswith("  better") for line in lines) == 20
    assert lines[-5:-2] == [
        "... and 10 more that are worse.",
        "... and 5 more that are better.",
        "By class 65 of 120 comparisons are within noise, or not worth a word.",
    ]


def test_other_data_and_classes_are_said(run):
    baseline = [made_report(0, support=900, class_names=("cat", "dog", "cow")), made_report(0, split="test")]
    code, output, _ = run(CALM, baseline=baseline, rules=NEVER)
    words = " ".join(output.split())

    assert code == 0
    assert "validation: only this run has class owl. What depends on all classes is not compared." in words
    assert "validation: 3000 examples here, 2700 in the baseline. These are other data: " in words
    assert "Only the baseline has a test pass: it is not compared." in words
    assert "(all)" not in words


def test_rules_with_nothing_to_judge_are_said(run):
    _, output, _ = run(CALM, rules=NEVER + '\nsplit = "test"')

    assert "Judged by alerts.toml. With nothing to judge, as the run has no such pass:\nnever.\n" in output


def test_names_that_are_hostile_keep_the_width(run):
    one = report(len(HOSTILE_NAMES), num_examples=900, class_names=HOSTILE_NAMES)
    worse = report(len(HOSTILE_NAMES), num_examples=900, class_names=HOSTILE_NAMES, sharpness=0.2)
    for arguments in ([], ["--format", "github"], ["--json"]):
        code, output, _ = run([worse], *arguments, baseline=[one])
        assert code == 1
        assert "\x1b" not in output
        if not arguments:
            assert max(map(len, output.splitlines())) <= 80


# As JSON


@pytest.mark.parametrize("arguments", [["--json"], ["--format", "json"]])
def test_json(run, arguments):
    code, output, errors = run(RUN, *arguments, baseline=[made_report(5, nats=0.5, support=1000)], rules=rules())
    found = json.loads(output)
    changes = found["baseline"].pop("changes")

    assert (code, errors) == (1, "")
    assert found.pop("alerts") == [
        {
            "rule": "high",
            "state": "firing",
            "severity": "warning",
            "epoch": 2,
            "split": "validation",
            "output": "",
            "class_name": "dog",
            "value": 2.0,
            "threshold": 1.0,
            "message": "dog costs 2.0 nats: 100 % bad.",
            "resolved_at": None,
            "fails": True,
        },
        {
            "rule": "high",
            "state": "firing",
            "severity": "warning",
            "epoch": 1,
            "split": "validation",
            "output": "",
            "class_name": "cat",
            "value": 2.0,
            "threshold": 1.0,
            "message": "cat costs 2.0 nats: 100 % bad.",
            "resolved_at": 2,
            "fails": True,
        },
    ]
    assert found == {
        "verdict": "failed",
        "exit_code": 1,
        "summary": "Failed: 2 alerts at warning or above fired; 4 changes for the worse against the baseline.",
        "log_dir": "run",
        "fail_on": "warning",
        "at_end": False,
        "idle_rules": [],
        "failed_rules": {},
        "baseline": {
            "log_dir": "main",
            "passes": [
                {
                    "split": "validation",
                    "output": "",
                    "epoch": 2,
                    "baseline_epoch": 5,
                    "num_examples": 3000,
                    "baseline_num_examples": 3000,
                }
            ],
            "notes": [],
        },
    }
    assert len(changes) == 2 + 2 * 3
    assert changes[3] == {
        "split": "validation",
        "output": "",
        "class_name": "dog",
        "quantity": "class_cross_entropy",
        "before": 0.5,
        "after": 2.0,
        "limit": pytest.approx(0.02 * math.log(3)),
        "verdict": "worse",
        "change": 1.5,
    }


def test_json_without_findings(run):
    found = json.loads(run(CALM, "--json", rules=NEVER)[1])

    assert (found["verdict"], found["exit_code"], found["alerts"], found["baseline"]) == ("passed", 0, [], None)


# For GitHub


def test_github(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    moved = [*RUN[:2], made_report(2, nats=[0.5, 2.0, 0.3], right=[0.8, 0.4, 0.8], support=[1000, 999, 1001])]
    code, output, errors = run(moved, "--at-end", "--format", "github", baseline=CALM, rules=rules())

    assert (code, errors) == (1, "")
    assert output.splitlines() == [
        "::error title=[warning] high%2C validation%2C class dog%2C since epoch 2::dog costs 2.0 nats: 100 %25 bad.",
        "::notice title=[warning] high%2C validation%2C class cat%2C epochs 1 to 2::cat costs 2.0 nats: 100 %25 bad.",
        "::error title=Worse than the baseline%3A cross-entropy of dog%2C validation::cross-entropy of dog, "
        "validation: 0.500 in the baseline, 2.000 now; a change of more than 0.022 counts.",
        "::error title=Worse than the baseline%3A cross-entropy%2C validation::cross-entropy, validation: 0.500 in "
        "the baseline, 0.933 now; a change of more than 0.047 counts.",
        "::error title=Worse than the baseline%3A recall of dog%2C validation::recall of dog, validation: 0.800 in "
        "the baseline, 0.400 now; a change of more than 0.081 counts.",
        "::error title=Worse than the baseline%3A accuracy%2C validation::accuracy, validation: 0.800 in the "
        "baseline, 0.667 now; a change of more than 0.039 counts.",
        "::notice title=Better than the baseline::cross-entropy of owl, validation: 0.500 in the baseline, 0.300 now; "
        "a change of more than 0.022 counts.",
        "::warning title=The baseline::validation: 2 classes with another number of examples than in the baseline. "
        "These are other data: a change may come from them, not from the model.",
        "::error title=xent-monitor check::Failed: 1 alert at warning or above is firing at the end; 4 changes for "
        "the worse against the baseline.",
    ]
    assert (tmp_path / "summary.md").read_text().splitlines()[:11] == [
        "before",
        "## xent-monitor check",
        "",
        "Run run, judged by alerts.toml, against the baseline main.",
        "",
        "**Failed: 1 alert at warning or above is firing at the end; 4 changes for the worse against the baseline.**",
        "",
        "| severity | rule | pass | epochs | message |",
        "|---|---|---|---|---|",
        "| warning | high | validation, class dog | since epoch 2 | dog costs 2.0 nats: 100 % bad. |",
        "| warning | high | validation, class cat | epochs 1 to 2 | cat costs 2.0 nats: 100 % bad. |",
    ]
    lines = (tmp_path / "summary.md").read_text().splitlines()
    header = lines.index("| pass | class | quantity | before | after | change | limit | |")
    assert lines[header + 1].count("|") == lines[header].count("|")
    assert "| validation | dog | recall | 0.800 | 0.400 | -0.400 | 0.081 | worse |" in lines
    assert "| validation | owl | cross-entropy | 0.500 | 0.300 | -0.200 | 0.022 | better |" in lines
    assert "| validation | (all) | cross-entropy | 0.500 | 0.933 | +0.433 | 0.047 | worse |" in lines


def test_the_summary_names_the_run_as_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    write("a_b|c/run", CALM)
    cli.main(["check", "a_b|c", "--format", "github"])

    assert Path("summary.md").read_text().splitlines()[2] == (
        "Run a&#95;b&#124;c/run, judged by the built&#45;in rules."
    )


@pytest.mark.parametrize(
    ("severity", "fail_on", "level"),
    [
        ("info", "warning", "notice"),
        ("info", "info", "error"),
        ("warning", "critical", "warning"),
        ("critical", "critical", "error"),
    ],
)
def test_levels(run, severity, fail_on, level):
    _, output, _ = run(RUN, "--format", "github", "--fail-on", fail_on, rules=rules(severity))

    assert output.startswith(f"::{level} title=[{severity}] high%2C validation%2C class dog")


def test_many_alerts_of_a_rule_are_cut_short(run):
    names = tuple(f"class-{index}" for index in range(40))
    _, output, _ = run(
        [made_report(nats=2.0, support=100, class_names=names)], "--format", "github", rules=rules("critical")
    )
    lines = output.splitlines()

    assert len(lines) == 5 + 1 + 1
    assert lines[5] == "::error title=high%2C validation::... and 35 alerts more of this rule."


def test_a_passing_run_is_a_notice(run):
    assert run(CALM, "--format", "github", rules=NEVER)[:2] == (
        0,
        "::notice title=xent-monitor check::Passed: no alert at warning or above fired.\n",
    )


def test_a_summary_that_cannot_be_written_changes_nothing(run, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))
    code, output, errors = run(CALM, "--format", "github", rules=NEVER)

    assert code == 0
    assert output.startswith("::notice title=xent-monitor check::Passed")
    assert errors.startswith("xent-monitor: could not append the summary to GITHUB_STEP_SUMMARY: [Errno 2] ")


def test_escapes():
    line = annotation("warning", "a:b,c%d\r\ne", "1: 50 %, 2\r\n::error::x")

    assert line == "::warning title=a%3Ab%2Cc%25d%0D%0Ae::1: 50 %25, 2%0D%0A::error::x"


# The page on gates


def test_the_commands_of_the_page_are_understood(monkeypatch, tmp_path):
    """Every command line that `docs/how-to/ci-gate.md` shows has options that exist."""
    lines = [line.strip(" $") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    commands = [
        line.partition(" | ")[0] for line in lines if line.startswith(("xent-monitor ", "- run: xent-monitor "))
    ]
    monkeypatch.chdir(tmp_path)
    write("logs/run1", CALM)
    write("logs/main", CALM)
    (tmp_path / "alerts.toml").write_text(NEVER, encoding="utf-8")

    assert len(commands) >= 7
    for command in commands:
        arguments = shlex.split(command.partition("xent-monitor ")[2])
        assert cli.main([argument for argument in arguments if argument != "$@"]) in (0, 1), command


def test_the_rule_file_of_the_page_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (toml,) = re.findall(r"^```toml\n# alerts.toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "alerts.toml").write_text(toml, encoding="utf-8")

    assert cli.main(["rules", "check", "alerts.toml"]) == 0


# Wrong use


def test_a_class_that_the_run_does_not_have(run):
    code, output, errors = run(CALM, rules=rules().replace("above", 'class = "cats"\nabove'))

    assert (code, output) == (2, "")
    assert errors == (
        "xent-monitor: alerts.toml: `class` of rule 'high' must be the name of a class, 'any' or 'all'. Received: "
        "class = 'cats'. Did you mean 'cat'? Classes: 'cat', 'dog', 'owl'.\n"
    )


def test_an_output_that_the_run_does_not_have(run):
    code, output, errors = run(CALM, rules=rules().replace("above", 'output = "kind"\nabove'))

    assert (code, output) == (2, "")
    assert errors == (
        "xent-monitor: alerts.toml: `output` of rule 'high' must be the name of an output of the run. Received: "
        "output = 'kind'. Outputs: ''.\n"
    )


def test_a_baseline_that_cannot_be_one(run):
    code, output, errors = run(CALM, baseline=[made_report(class_names="abc")], rules=NEVER)

    assert (code, output) == (2, "")
    assert errors == (
        "xent-monitor: main cannot be the baseline. The output must have classes in common with the baseline, by their "
        "names. Received: classes cat, dog and owl; in the baseline classes a, b and c.\n"
    )


def test_a_rule_file_with_mistakes(run):
    code, output, errors = run(CALM, rules="wrong = 1")

    assert (code, output) == (2, "")
    assert errors.startswith("xent-monitor: alerts.toml: `wrong` is not a key of a rule file.")


@pytest.mark.parametrize("arguments", [["nowhere"], ["run", "--run", "x"], ["run", "--baseline", "nowhere"]])
def test_what_is_not_there(run, capsys, arguments):
    run(CALM)

    assert cli.main(["check", *arguments]) == 2
    assert capsys.readouterr().err.startswith("xent-monitor: There ")


def test_a_baseline_of_several_runs_is_named(run, tmp_path, monkeypatch, capsys):
    """`--run` does not apply to it."""
    monkeypatch.chdir(tmp_path)
    for name in ("first", "it's"):
        write(f"logs/{name}", CALM)

    assert cli.main(["check", "logs", "--run", "first", "--baseline", "logs"]) == 2
    assert capsys.readouterr() == (
        "",
        """xent-monitor: --baseline: there are 2 runs in logs: give logs/first or 'logs/it'"'"'s'.\n""",
    )
    assert cli.main(["check", "logs", "--run", "first", "--baseline", "logs/first"]) == 1
    assert "Against the baseline logs/first" in capsys.readouterr().out

    for name in range(12):
        write(f"logs/run-{name:02}", CALM)
    assert cli.main(["check", "logs", "--run", "first", "--baseline", "logs"]) == 2
    assert capsys.readouterr().err.endswith("logs/run-07 or one of 4 more.\n")


def test_a_single_run_below_the_directory_is_the_baseline(run, tmp_path, capsys):
    write("logs/only", CALM)

    assert run(CALM, "--baseline", "logs", rules=NEVER)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-on", "error"], "argument --fail-on: invalid choice: 'error'"),
        *(
            (
                ["--tolerance", text],
                f"argument --tolerance: must be a share, from 0 to 1 or from 0% to 100%. Received: {text!r}.",
            )
            for text in ("2", "nan", "200%", "%", "2%%")
        ),
        (["--at", "first"], "argument --at: invalid choice: 'first'"),
        (["--json", "--format", "text"], "argument --format: not allowed with argument --json"),
    ],
)
def test_wrong_usage(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", "logs", *arguments])

    assert caught.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_help_has_examples(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", "--help"])
    output = capsys.readouterr().out

    assert caught.value.code == 0
    assert "examples:\n  xent-monitor check logs/run1\n" in output
    assert max(map(len, output.splitlines())) <= 80


def test_one_class_and_no_examples(run):
    nothing = dataclasses.replace(made_report(support=0, nats=0.0))
    alone = made_report(class_names=("only",), support=50, right=1.0, nats=0.0)

    assert run([nothing], baseline=[nothing], rules=NEVER)[0] == 0
    assert np.isnan(alone.skill)
