"""How fast the "Cross-entropy" tab is: the first picture, each interaction, and the memory of the server.

Two trainings of a dense layer on Gaussian blobs fill a log directory; a real TensorBoard serves it, and a real Chromium
opens the tab and uses it. An interaction is timed from the event to the second frame after it, when the picture of what
is in sight stands. What is out of sight is drawn after that, and what the server is asked for comes later too; neither
is waited for. Median and worst of the rounds, in milliseconds.

    KERAS_BACKEND=tensorflow python benchmarks/dashboard.py --classes 1000 --epochs 200
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

RUNS = ("small-steps", "large-steps")

#: In the frame: bring the place of an action into sight, run it, and return the milliseconds until its picture stands.
TIMED = """
async ([place, action]) => {
  const element = (selector) => document.querySelector(selector) ?? (() => { throw new Error(`no ${selector}`); })();
  element(place).scrollIntoView();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await frame();
  const start = performance.now();
  new Function("element", action)(element);
  await frame();
  await frame();
  return performance.now() - start;
}
"""

#: What a user does: the section in sight, and a script in the frame. `{n}` is the number of the round.
ACTIONS = {
    "one epoch back, at the top": ("#runs", "element('[data-action=previous]').click()"),
    "one epoch back, at the classes": ("#classes", "element('[data-action=previous]').click()"),
    "slider to another epoch, at the top": (
        "#runs",
        "const s = element('#epoch'); s.value = 20 + 7 * {n};"
        " s.dispatchEvent(new Event('input', {{bubbles: true}}));"
        " s.dispatchEvent(new Event('change', {{bubbles: true}}))",
    ),
    "a class, in the table": (
        "#classes",
        "element('.class-table tbody tr[aria-rowindex]:nth-of-type({row}) td').click()",
    ),
    "another quantity": (
        "#classes",
        "const m = element('#quantity'); m.selectedIndex = {n} % 4;"
        " m.dispatchEvent(new Event('change', {{bubbles: true}}))",
    ),
    "a letter in the filter": (
        "#classes",
        "const f = element('#filter'); f.value = '1'.repeat(1 + {n} % 2);"
        " f.dispatchEvent(new Event('input', {{bubbles: true}}))",
    ),
    "no filter": (
        "#classes",
        "const f = element('#filter'); f.value = ''; f.dispatchEvent(new Event('input', {{bubbles: true}}))",
    ),
    "sort by a column": ("#classes", "element('.class-table thead button[data-key={column}]').click()"),
    "zoom in": ("#classes", "element('[data-action=zoom-in]').click()"),
    "zoom out": ("#classes", "element('[data-action=zoom-out]').click()"),
    "the other split, at the top": ("#runs", "element('[data-split={split}]').click()"),
    "the other split, at the classes": ("#classes", "element('[data-split={split}]').click()"),
    "an epoch, at the confidences": ("#confidences", "element('[data-action=previous]').click()"),
    "dark, or light": ("#runs", "element('[data-action=theme]').click()"),
}


def train(log_dir: Path, num_classes: int, epochs: int) -> None:
    """Train the two runs."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import numpy as np

    from xent_monitor import XentMonitor

    generator = np.random.default_rng(0)
    centres = generator.normal(size=(num_classes, 32))
    labels, held_out = np.repeat(np.arange(num_classes), 10), np.repeat(np.arange(num_classes), 10)
    x, x_held_out = (centres[y] + 1.4 * generator.normal(size=(len(y), 32)) for y in (labels, held_out))
    for run, rate in zip(RUNS, (0.002, 0.02), strict=True):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.layers.Input((32,)), keras.layers.Dense(num_classes)])
        model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        monitor = XentMonitor(log_dir / run)
        model.fit(
            x,
            labels,
            batch_size=500,
            epochs=epochs,
            validation_data=(x_held_out, held_out),
            validation_batch_size=2000,
            verbose=0,
            callbacks=[monitor],
        )


class Server:
    """A TensorBoard process."""

    def __init__(self, log_dir: Path, output: Path) -> None:
        self._output = output
        with output.open("w") as file:
            command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(log_dir), "--port", "0"]
            self._process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)
        self.url = ""

    def wait(self, num_runs: int, last_epoch: int) -> None:
        """Return once it has read all."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            address = re.search(r"at (http://\S+/)", self._output.read_text())
            if address is not None:
                self.url = address[1]
                with urllib.request.urlopen(f"{self.url}data/plugin/xent_monitor/runs") as answer:
                    runs = json.load(answer)["runs"]
                if len(runs) == num_runs and all(run["last_epoch"] == last_epoch for run in runs):
                    return
            time.sleep(0.5)
        raise TimeoutError(f"TensorBoard has not read the runs:\n{self._output.read_text()}")

    def memory(self) -> dict[str, float]:
        """Resident memory of TensorBoard and of its data server, MB."""
        found = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
                group = os.getpgid(int(status.parent.name))
            except OSError:  # it has ended
                continue
            if group == self._process.pid:
                name = "data server" if "server" in text.splitlines()[0] else "plugin and TensorBoard"
                found[name] = found.get(name, 0.0) + int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024
        return found

    def stop(self) -> None:
        """End it, and its data server."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


def measure_page(url: str, rounds: int) -> None:
    """Open the tab, use it, and print the times."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        first = []
        for _ in range(3):
            page = chromium.new_page(viewport={"width": 1400, "height": 1000})
            page.goto(f"{url}#timeseries")
            tab = page.get_by_role("tab", name="Cross-entropy")
            tab.wait_for()
            page.wait_for_timeout(1000)
            start = time.perf_counter()
            tab.click()
            frame = page.frame_locator("iframe[src*='name=xent_monitor']")
            frame.locator(".class-table tbody tr[aria-rowindex]").first.wait_for()
            first.append(1000 * (time.perf_counter() - start))
        print(f"{'first picture after opening the tab':40}{statistics.median(first):8.0f}{max(first):8.0f}")
        inside = next(frame for frame in page.frames if "name=xent_monitor" in frame.url)
        page.wait_for_timeout(2000)
        for name, (place, script) in ACTIONS.items():
            times = []
            for n in range(rounds):
                column = ("class_accuracy", "class_cross_entropy", "rise")[n % 3]
                split = ("train", "validation")[n % 2]
                action = script.format(n=n, row=2 + n % 8, column=column, split=split)
                times.append(inside.evaluate(TIMED, [place, action]))
                page.wait_for_timeout(150)
            print(f"{name:40}{statistics.median(times):8.0f}{max(times):8.0f}")
        chromium.close()


def main() -> None:
    """Train, serve, open, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--log-dir", type=Path, help="keep the trainings here, or take those of an earlier call")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        log_dir = arguments.log_dir or Path(folder) / "logs"
        if not log_dir.exists():
            train(log_dir, arguments.classes, arguments.epochs)
        empty = Path(folder) / "empty"
        empty.mkdir()
        memory = []
        for directory, num_runs in ((empty, 0), (log_dir, len(RUNS))):
            server = Server(directory, Path(folder) / "output.txt")
            try:
                server.wait(num_runs, arguments.epochs - 1)
                if num_runs:
                    print(f"{arguments.classes} classes, {arguments.epochs} epochs, {num_runs} runs, ms median, worst")
                    measure_page(server.url, arguments.rounds)
                memory.append(server.memory())
            finally:
                server.stop()
        for name in memory[1]:
            each = (memory[1][name] - memory[0].get(name, 0.0)) / len(RUNS)
            print(f"memory of a run, {name}: {each:.0f} MB")


if __name__ == "__main__":
    main()
