"""Log directories of real trainings, for the development and the tests of the TensorBoard tab.

`python -m tests.dashboard_logs DIRECTORY` makes all of them, of any backend, in a few minutes on two cores. A test
makes one alone, with few epochs: `wide_digits(tmp_path / "digits" / "wide-300", epochs=4)`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

from xent_monitor import XentMonitor

__all__ = ["HOSTILE_CLASSES", "HOSTILE_RUN", "RUNS", "birds", "careful_digits", "hostile", "labels", "main"]
__all__ += ["two_outputs", "wide_digits"]

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

#: Properties of a digit, for a multi-label training.
LABELS: Mapping[str, tuple[int, ...]] = {
    "even": (0, 2, 4, 6, 8),
    "above four": (5, 6, 7, 8, 9),
    "prime": (2, 3, 5, 7),
    "with a loop": (0, 6, 8, 9),
    "seven": (7,),
}

ADJECTIVES = (
    *("amber", "ashen", "azure", "banded", "bright", "crested", "dusky", "golden"),
    *("hooded", "ivory", "little", "marsh", "northern", "pale", "ruddy"),
)
NOUNS = (
    *("avocet", "bunting", "crane", "dunlin", "egret", "finch", "godwit", "heron", "ibis", "jay"),
    *("kestrel", "lark", "merlin", "nuthatch", "oriole", "plover", "rail", "siskin", "tern", "wren"),
)
#: 300 birds that do not exist; those of one noun are neighbours.
BIRDS = tuple(f"{adjective} {noun}" for noun in NOUNS for adjective in ADJECTIVES)
#: Two classes with nearly the same centre, of which the second is rare.
TWINS = ((3, 11), (77, 84), (141, 148), (206, 214), (229, 236), (262, 268))

#: Class names that have broken pages, tables, addresses or spreadsheets somewhere.
HOSTILE_CLASSES = (
    "<script>document.title='broken'</script>",
    "<img src=x onerror=\"document.title='broken'\">",
    "\"double\" 'single' `tick`",
    "../../etc/passwd",
    "a/b?c=d&e=f#g%2F",
    "two\nlines\r\nthree\ttabs",
    "long " * 400,
    "\u202egnitirw tfel ot thgir\u202c שלום",
    "👩‍👩‍👧‍👦 ☃",
    '=HYPERLINK("http://example.invalid","x")',
    "__proto__",
    "constructor",
    "cat#7",
    "",
    "\udcff",
    "NaN",
)
#: The same for the name of a run, which is a directory: no slash of its own.
HOSTILE_RUN = "hostile/<img src=x onerror=alert(1)> \"run\" 'of' #1?&=%2F..%2F 👾"

#: An array of inputs of shape (N, D), and labels of shape (N,) or (N, L), or those of each output by its name.
Examples = tuple[np.ndarray, Any]


def wide_digits(log_dir: Path, epochs: int = 40) -> None:
    """A wide net on 300 digits: accuracy holds while the confidence in the wrong ones runs away."""
    training, validation = _digits(300)
    layers = [keras.layers.Dense(1024, "relu"), keras.layers.Dense(1024, "relu"), keras.layers.Dense(10)]
    # A short memory keeps the steps large when the gradients have all but vanished.
    optimizer = keras.optimizers.Adam(1e-3, beta_2=0.95)
    _train(log_dir, _classifier(64, layers), optimizer, training, validation, epochs, class_names=DIGITS)


def careful_digits(log_dir: Path, epochs: int = 40) -> None:
    """A small net with dropout on 1,000 digits: nothing goes wrong."""
    training, validation = _digits(1000)
    layers = [keras.layers.Dense(128, "relu"), keras.layers.Dropout(0.4), keras.layers.Dense(10)]
    optimizer = keras.optimizers.Adam(1e-3, weight_decay=1e-3)
    _train(log_dir, _classifier(64, layers), optimizer, training, validation, epochs, class_names=DIGITS)


def birds(log_dir: Path, epochs: int = 60) -> None:
    """300 classes of which some are rare and some twins, with wrong labels: neglected classes, and overfitting."""
    training, validation = _blobs(np.random.default_rng(11))
    layers = [keras.layers.Dense(512, "relu"), keras.layers.Dense(512, "relu"), keras.layers.Dense(len(BIRDS))]
    model, optimizer = _classifier(training[0].shape[1], layers), keras.optimizers.Adam(3e-3)
    _train(log_dir, model, optimizer, training, validation, epochs, batch_size=128, class_names=BIRDS)


def two_outputs(log_dir: Path, epochs: int = 8) -> None:
    """A model that names the digit, and says whether it is odd."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((64,))
    hidden = keras.layers.Dense(128, "relu")(inputs)
    digit = keras.layers.Dense(10, "softmax", name="digit")(hidden)
    parity = keras.layers.Dense(1, "sigmoid", name="parity")(hidden)
    model = keras.Model(inputs, {"digit": digit, "parity": parity})
    model.compile("adam", {"digit": "sparse_categorical_crossentropy", "parity": "binary_crossentropy"})
    training, validation = ((x, {"digit": y, "parity": y % 2}) for x, y in _digits(600))
    names = {"digit": DIGITS, "parity": ("even", "odd")}
    _fit(log_dir, model, training, validation, epochs, class_names=names)


def labels(log_dir: Path, epochs: int = 8) -> None:
    """A multi-label model: several properties of a digit, each a decision of its own."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(128, "relu"), keras.layers.Dense(len(LABELS), "sigmoid")]
    model = keras.Sequential([keras.Input((64,)), *layers])
    model.compile("adam", "binary_crossentropy")
    training, validation = (
        (x, np.stack([np.isin(y, digits) for digits in LABELS.values()], axis=1).astype("float32"))
        for x, y in _digits(600)
    )
    _fit(log_dir, model, training, validation, epochs, class_names=tuple(LABELS))


def hostile(log_dir: Path, epochs: int = 6) -> None:
    """Names that a page must show as they are; the first classes have wrong labels, so that alerts name them too."""
    rng = np.random.default_rng(5)
    count = len(HOSTILE_CLASSES)
    centres = rng.normal(0, 2, (count, 8))

    def examples(each: int) -> Examples:
        y = np.repeat(np.arange(count), each)
        return (centres[y] + rng.normal(0, 1, (len(y), 8))).astype("float32"), y

    (x, y), validation = examples(40), examples(20)
    model = _classifier(8, [keras.layers.Dense(64, "relu"), keras.layers.Dense(count)])
    shifted = np.where(y < 4, (y + 1) % 4, y)
    optimizer = keras.optimizers.Adam(5e-3)
    _train(log_dir, model, optimizer, (x, shifted), validation, epochs, class_names=HOSTILE_CLASSES)


#: What `main` makes: the training of each run, by the path of its log directory.
RUNS: Mapping[str, Callable[[Path], None]] = {
    "digits/wide-300": wide_digits,
    "digits/dropout-1000": careful_digits,
    "birds-300": birds,
    "several/two-outputs": two_outputs,
    "several/labels": labels,
    HOSTILE_RUN: hostile,
}


def main() -> None:
    """Make the log directories that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard_logs", description=__doc__)
    parser.add_argument("directory", type=Path, help="where to put them, each below its name")
    parser.add_argument("--run", action="append", choices=RUNS, metavar="NAME", help="only this one; may be repeated")
    arguments = parser.parse_args()
    for name in arguments.run or RUNS:
        RUNS[name](arguments.directory / name)
        print(f"{arguments.directory / name}")


def _digits(num_training: int) -> tuple[Examples, Examples]:
    """Noisy images of handwritten digits: so many for training, and 797 others for validation."""
    images, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(3)
    x = (images / 16).astype("float32")
    x = (x + rng.normal(0, 0.24, x.shape)).astype("float32")
    order = rng.permutation(len(y))
    x, y = x[order], y[order]
    return (x[797 : 797 + num_training], y[797 : 797 + num_training]), (x[:797], y[:797])


def _blobs(rng: np.random.Generator, dimensions: int = 14) -> tuple[Examples, Examples]:
    """Gaussian clouds around neighbouring centres, long-tailed; 4 % of the training labels are wrong."""
    count = len(BIRDS)
    centres = np.repeat(rng.normal(0, 4, (len(NOUNS), dimensions)), len(ADJECTIVES), axis=0)
    centres += rng.normal(0, 1.35, centres.shape)
    spreads = rng.uniform(0.75, 1.45, count)
    shares = np.exp(-2.6 * rng.permutation(count) / count)
    num_training, num_validation = np.maximum(7, (150 * shares)).astype(int), np.maximum(12, (75 * shares)).astype(int)
    for common, rare in TWINS:
        centres[rare] = centres[common] + rng.normal(0, 0.03, dimensions)
        num_training[[common, rare]] = 190, 6
        num_validation[rare] = 14

    def examples(counts: np.ndarray) -> Examples:
        y = np.repeat(np.arange(count), counts)
        return centres[y] + spreads[y, None] * rng.normal(size=(len(y), dimensions)), y

    (x, y), (x_validation, y_validation) = examples(num_training), examples(num_validation)
    wrong = rng.random(len(y)) < 0.04
    y = np.where(wrong, rng.integers(0, count, len(y)), y)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    return (
        (((x - mean) / deviation).astype("float32"), y),
        (((x_validation - mean) / deviation).astype("float32"), y_validation),
    )


def _classifier(dimensions: int, layers: list[keras.layers.Layer]) -> keras.Model:
    """The layers in a row, with the same initial weights in every call."""
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((dimensions,)), *layers])


def _train(
    log_dir: Path,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    training: Examples,
    validation: Examples,
    epochs: int,
    *,
    class_names: tuple[str, ...],
    batch_size: int = 32,
) -> None:
    """Compile a classifier whose outputs are logits, and train it."""
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    _fit(log_dir, model, training, validation, epochs, class_names=class_names, batch_size=batch_size)


def _fit(
    log_dir: Path,
    model: keras.Model,
    training: Examples,
    validation: Examples,
    epochs: int,
    *,
    class_names: Any,
    batch_size: int = 32,
) -> None:
    monitor = XentMonitor(log_dir, class_names=class_names)
    model.fit(
        *training, validation_data=validation, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=[monitor]
    )


if __name__ == "__main__":
    main()
