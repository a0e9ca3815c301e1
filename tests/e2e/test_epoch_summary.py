"""The line on an epoch beside Keras' progress bar, in a terminal and in a file."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from collections.abc import Iterator

import keras
import pytest

from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y, network
from xent_monitor import XentMonitor

pty = pytest.importorskip("pty")

pytestmark = pytest.mark.e2e

LINE = re.compile(r"epoch (\d)  validation cross-entropy \d\.\d\d( \([^)]*\))?, accuracy \d\.\d\d.*")


@contextlib.contextmanager
def terminal(monkeypatch, columns: int) -> Iterator[list[str]]:
    """A terminal in the place of the standard output; what was written to it is there after the block."""
    shown: list[str] = []
    parent, child = pty.openpty()

    def read() -> None:
        pieces = []
        # Linux says that the other end is closed by an error.
        with contextlib.suppress(OSError):
            while piece := os.read(parent, 65536):
                pieces.append(piece)
        shown.extend(displayed(b"".join(pieces).decode()))

    reader = threading.Thread(target=read)
    reader.start()
    with monkeypatch.context() as patch, os.fdopen(child, "w", encoding="utf-8") as file:
        patch.setattr(sys, "stdout", file)
        patch.setenv("COLUMNS", str(columns))
        yield shown
    reader.join()
    os.close(parent)


def displayed(written: str) -> list[str]:
    """What stands on the lines of a terminal, of text that goes back to their beginning and writes over them."""
    lines = []
    for line in re.sub(r"\x1b\[[0-9;]*m", "", written).split("\n"):
        cells: list[str] = []
        at = 0
        for letter in line.rstrip("\r"):
            if letter == "\r":
                at = 0
            elif letter == "\b":
                at -= 1
            else:
                cells[at : at + 1] = [letter]
                at += 1
        lines.append("".join(cells).rstrip())
    return lines


def fit(epochs: int = 2, callbacks=(), **arguments) -> None:
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    monitor = XentMonitor(None, rules=None, epoch_summary=True)
    validation = (X_VALIDATION, Y_VALIDATION)
    model.fit(
        X, Y, validation_data=validation, epochs=epochs, batch_size=250, callbacks=[monitor, *callbacks], **arguments
    )


def test_in_a_terminal_the_bar_stays_whole(monkeypatch):
    """As `fit` is by default, with `verbose="auto"`."""
    with terminal(monkeypatch, 80) as shown:
        fit()

    bars = [line for line in shown if "━" in line]
    assert len(bars) == 2
    for epoch, bar in enumerate(bars):
        assert re.fullmatch(
            r"4/4 ━{20} \d+m?s .*/step - accuracy: 0\.\d+ - loss: \d.* - val_accuracy: .* - val_loss: [\d.]+", bar
        )
        at = shown.index(bar)
        assert shown[at - 1] == f"Epoch {epoch + 1}/2"
        found = LINE.fullmatch(shown[at + 1])
        assert found
        assert int(found[1]) == epoch
    ours = shown[shown.index(bars[-1]) + 1 :]
    assert ours[1].startswith("Validation cross-entropy")
    assert max(map(len, ours)) <= 80
    assert len(ours) > 5


def test_in_a_file_also_where_the_training_was_stopped(capsys):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    fit(epochs=5, verbose=2, callbacks=[Stop()])
    lines = capsys.readouterr().out.splitlines()

    assert [line[:5] for line in lines[:6]] == ["Epoch", "4/4 -", "epoch", "Epoch", "4/4 -", "epoch"]
    assert all(LINE.fullmatch(line) for line in (lines[2], lines[5]))
    assert lines[6].startswith("Validation cross-entropy")


def test_a_loop_of_the_users_own_prints_when_an_epoch_ends(capsys):
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    monitor = XentMonitor(None, rules=None, epoch_summary=True)
    with monitor.attached(model):
        monitor.observe(Y, model.predict(X, verbose=0), training=False)
        monitor.end_epoch(0)
        assert LINE.fullmatch(capsys.readouterr().out.rstrip("\n"))
