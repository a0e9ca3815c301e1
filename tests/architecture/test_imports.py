"""Looking at stored reports must not cost the seconds that a deep learning library takes to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = {"jax", "jinja2", "keras", "matplotlib", "mlflow", "pandas", "pyarrow", "tensorflow", "torch", "wandb"}


def heavy_libraries_after(statement: str) -> set[str]:
    """Heavy libraries that a fresh interpreter has imported after the statement."""
    program = f"import sys\n{statement}\nprint(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import xent_monitor",
        "from xent_monitor import EvaluationReport, interpret, read_reports",
        "import xent_monitor.cli",
        "import xent_monitor.documents, xent_monitor.plots, xent_monitor.sinks",
    ],
)
def test_import_is_light(statement):
    assert heavy_libraries_after(statement) == set()


def test_a_heavy_import_is_found():
    assert "keras" in heavy_libraries_after("from xent_monitor import functional; functional.cross_entropy")
