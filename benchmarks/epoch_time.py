"""What the monitor adds to an epoch, beside a callback that calls `predict`.

The same small CNN is trained without a monitor, with it, and with a vectorised callback that predicts the validation
set and counts with `np.bincount`: the pattern of most integrations. The three take turns in one process, so that a
machine that is busy for a while slows all of them; quote the ratios. The first epoch of each fit (tracing and
compiling) is not counted, and is shown on its own.

    KERAS_BACKEND=jax python benchmarks/epoch_time.py --rounds 5
"""

import argparse
import os
import statistics
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from xent_monitor import XentMonitor


def build_cnn(num_classes: int) -> keras.Model:
    """The small CNN of the benchmark: 28 x 28 grey images."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class PredictCallback(keras.callbacks.Callback):
    """Per-class cross-entropy and a confidence histogram from a second forward pass."""

    def __init__(self, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        super().__init__()
        self.x, self.y, self.batch_size = x, y, batch_size

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Predict the validation set, and count."""
        probabilities = self.model.predict(self.x, batch_size=self.batch_size, verbose=0)
        losses = -np.log(np.clip(probabilities[np.arange(len(self.y)), self.y], 1e-7, 1))
        self.support = np.bincount(self.y)
        self.class_cross_entropy = np.bincount(self.y, losses) / self.support
        confidence = probabilities.max(axis=1)
        self.histogram = np.bincount(np.minimum((confidence * 15).astype(int), 14), minlength=15)


class EpochTimer(keras.callbacks.Callback):
    """Wall and processor seconds of each epoch; as the last callback, it sees the work of the others."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[tuple[float, float]] = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Start the clocks."""
        self.started = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Stop the clocks."""
        wall, processor = self.started
        self.seconds.append((time.perf_counter() - wall, time.process_time() - processor))


def main() -> None:
    """Print the medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3, help="of each fit, after the first")
    parser.add_argument("--train", type=int, default=10_000, help="training images")
    parser.add_argument("--validation", type=int, default=10_000, help="validation images")
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--classes", type=int, default=10)
    arguments = parser.parse_args()

    generator = np.random.default_rng(0)
    images = generator.random((arguments.train + arguments.validation, 28, 28, 1), "float32")
    labels = generator.integers(0, arguments.classes, len(images)).astype("int32")
    x, y = images[: arguments.train], labels[: arguments.train]
    validation = (images[arguments.train :], labels[arguments.train :])

    with tempfile.TemporaryDirectory() as log_dir:
        variants = {
            "plain": list,
            "monitor": lambda: [XentMonitor(log_dir)],
            "predict": lambda: [PredictCallback(*validation, arguments.batch_size)],
        }
        models = {name: build_cnn(arguments.classes) for name in variants}
        first = {name: [] for name in variants}
        later = {name: [] for name in variants}
        for _ in range(arguments.rounds):
            for name, callbacks in variants.items():
                timer = EpochTimer()
                models[name].fit(
                    x,
                    y,
                    validation_data=validation,
                    batch_size=arguments.batch_size,
                    epochs=1 + arguments.epochs,
                    verbose=0,
                    callbacks=[*callbacks(), timer],
                )
                first[name].append(timer.seconds[0])
                later[name].append(timer.seconds[1:])

    print(
        f"{keras.backend.backend()}: {arguments.train} training and {arguments.validation} validation images, "
        f"batches of {arguments.batch_size}, {arguments.classes} classes, {os.cpu_count()} cores"
    )
    print(f"{'':8s} {'epoch, ms':>10s} {'of plain':>9s} {'processor, ms':>14s} {'of plain':>9s} {'first, ms':>10s}")
    for name in variants:
        columns = []
        for clock in (0, 1):
            own, plain = (
                [statistics.median(epoch[clock] for epoch in fit) for fit in later[variant]]
                for variant in (name, "plain")
            )
            columns.append(1e3 * statistics.median(own))
            columns.append(statistics.median(a / b for a, b in zip(own, plain, strict=True)))
        wall, wall_ratio, processor, processor_ratio = columns
        first_wall = 1e3 * statistics.median(epoch[0] for epoch in first[name])
        print(f"{name:8s} {wall:10.0f} {wall_ratio:9.3f} {processor:14.0f} {processor_ratio:9.3f} {first_wall:10.0f}")


if __name__ == "__main__":
    main()
