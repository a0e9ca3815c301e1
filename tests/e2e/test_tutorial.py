"""The tutorial, word for word: its Python, its files, its commands, and what they answer."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "first-monitor.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
#: What is not tried: the installation, and a server that does not end.
NOT_TRIED = ("python -m venv", "pip install", "tensorboard")


def without_numbers(text):
    """Words of an output, without what differs from one processor to another."""
    return re.findall(r"[a-z]{2,}", re.sub(r"\[\.\.\.\]", "", text))


@pytest.fixture(scope="module")
def directory(tmp_path_factory, backend):
    """A directory in which all of the page's Python has run."""
    if backend != "tensorflow":
        pytest.skip("the numbers of the page are those of TensorFlow")
    folder = tmp_path_factory.mktemp("tutorial")
    python = [text for kind, text in BLOCKS if kind == "python"]
    (rules,) = (text for kind, text in BLOCKS if kind == "toml")
    (folder / "alerts.toml").write_text(rules, encoding="utf-8")
    (folder / "train.py").write_text("\n".join(python), encoding="utf-8")
    done = subprocess.run([sys.executable, "train.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def commands():
    """Each command of the page, the exit code that it shows (None: none), and the output in the block after it."""
    found = []
    for place, (kind, text) in enumerate(BLOCKS):
        if kind != "console":
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines):
            command = line.removeprefix("$ ")
            if line.startswith("$ ") and command != "echo $?" and not command.startswith(NOT_TRIED):
                shows_code = lines[number + 1 : number + 2] == ["$ echo $?"]
                code = int(lines[number + 2]) if shows_code else None
                last = not any(later.startswith("$ xent") for later in lines[number + 1 :])
                output = BLOCKS[place + 1][1] if last and BLOCKS[place + 1][0] == "text" else ""
                found.append(pytest.param(command, code, output, id=command))
    return found


@pytest.mark.parametrize(("command", "code", "output"), commands())
def test_command_answers_as_shown(directory, command, code, output):
    program, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", program.replace("-", "_"), *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "80", "PATH": "", "PYTHONUTF8": "1"},
    )

    assert done.stderr == ""
    assert done.returncode == (code or 0)
    printed = without_numbers(done.stdout)
    assert [word for word in without_numbers(output) if word not in printed] == []


def test_training_says_as_shown(directory):
    printed = without_numbers((directory / "printed.txt").read_text(encoding="utf-8"))
    summaries = [text for kind, text in BLOCKS if kind == "text" and "Validation cross-entropy" in text]

    assert len(summaries) == 2
    for summary in summaries:
        assert [word for word in without_numbers(summary) if word not in printed] == []


def test_every_command_is_tried():
    shown = re.findall(r"^\$ (xent-monitor .+)$", PAGE, re.MULTILINE)

    assert [parameters.values[0] for parameters in commands()] == shown
    assert len(shown) >= 5
