"""What `pyproject.toml` says in two places is the same in both."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import xent_monitor

ROOT = Path(__file__).resolve().parents[2]

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_version_is_that_of_the_installed_package():
    assert xent_monitor.__version__ == PYPROJECT["project"]["version"]


def test_group_without_tensorflow_is_the_run_time_dependencies_without_tensorflow():
    names = {name for name in PYPROJECT["project"]["dependencies"] if re.split(r"\W", name)[0] != "tensorflow"}

    assert set(PYPROJECT["dependency-groups"]["without-tensorflow"]) == names
