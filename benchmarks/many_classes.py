"""What the monitor adds to the training of a vocabulary-size softmax: time, memory, files.

One dense layer from 16 inputs is trained without the monitor, with it, and with it on the validation pass alone, each
in a process of its own, because only a whole process has a greatest memory. The first epoch (tracing and compiling) is
not counted.

    KERAS_BACKEND=tensorflow python benchmarks/many_classes.py --classes 100000
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VARIANTS = ("plain", "monitor", "validation only")


def train(variant: str, num_classes: int, epochs: int) -> None:
    """Train one variant in this process, and print a row of the table."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import numpy as np

    from xent_monitor import XentMonitor

    seconds: list[float] = []

    class EpochTimer(keras.callbacks.Callback):
        """An epoch ends when the next begins, so that what the monitor writes is in it."""

        def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
            seconds.append(time.perf_counter())

    generator = np.random.default_rng(0)
    x = generator.normal(size=(2048, 16)).astype("float32")
    y = generator.integers(0, num_classes, 2048)
    model = keras.Sequential([keras.layers.Input((16,)), keras.layers.Dense(num_classes)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with tempfile.TemporaryDirectory() as folder:
        monitors = [] if variant == "plain" else [XentMonitor(folder, train=variant == "monitor")]
        callbacks = [EpochTimer(), *monitors]
        model.fit(
            x, y, batch_size=64, epochs=epochs + 2, validation_data=(x[:512], y[:512]), verbose=0, callbacks=callbacks
        )
        written = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    times = np.diff(seconds)[1:]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{variant:16}{statistics.median(times):9.2f}{min(times):7.2f}{max(times):7.2f}{memory:12.0f}"
        f"{written / (epochs + 2) / 1e6:16.1f}"
    )


def main() -> None:
    """Train each variant in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=100_000)
    parser.add_argument("--epochs", type=int, default=5, help="that count, after the first")
    parser.add_argument("--variant", choices=VARIANTS, help="train this one alone, in this process")
    arguments = parser.parse_args()

    if arguments.variant is not None:
        train(arguments.variant, arguments.classes, arguments.epochs)
        return
    print(f"{arguments.classes} classes, {os.cpu_count()} cores")
    print(f"{'':16}{'epoch, s':>9}{'least':>7}{'most':>7}{'memory, MB':>12}{'files, MB/epoch':>16}", flush=True)
    for variant in VARIANTS:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--variant", variant], check=True)


if __name__ == "__main__":
    main()
