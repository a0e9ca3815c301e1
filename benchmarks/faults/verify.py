"""What the programs do without a monitor: whether the faulty ones show their fault, and the healthy ones have skill.

The validation set (the training set, where there is none) is predicted after every epoch, and the cross-entropy taken
from the outputs themselves, by other code than the monitor's.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np

#: A healthy program ends at most so far above its best cross-entropy, as a share of the prior entropy ...
LATE_RISE = 0.05
#: ... and with a skill of at least so many standard errors.
SKILL_IN_ERRORS = 5.0


class Judge(keras.callbacks.Callback):
    """Cross-entropy, accuracy and spread of the outputs after each epoch."""

    def __init__(self, x: Any, y: np.ndarray, from_logits: bool) -> None:
        super().__init__()
        self.x, self.y, self.from_logits = x, np.asarray(y), from_logits
        self.epochs: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict and note."""
        outputs = keras.ops.convert_to_numpy(self.model(self.x, training=False)).astype("float64")
        self.epochs.append(measure(outputs, self.y, self.from_logits))


def measure(outputs: np.ndarray, y: np.ndarray, from_logits: bool) -> dict[str, float]:
    """Cross-entropy of outputs against labels, its standard error, the accuracy, and what else tells a fault."""
    if outputs.shape[-1] == 1:
        p = 1 / (1 + np.exp(-outputs)) if from_logits else outputs
        p, labels = np.concatenate([1 - p, p], axis=1), np.ravel(y)
    else:
        shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        p = shifted / shifted.sum(axis=1, keepdims=True) if from_logits else outputs
        labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else np.ravel(y)
    labels = labels.astype(int)
    shares = np.bincount(labels[labels >= 0]) / len(labels)
    known = (labels >= 0) & (labels < p.shape[1])
    losses = -np.log(np.clip(p[np.arange(len(labels))[known], labels[known]], 1e-7, 1))
    predicted = p.argmax(axis=1)
    # How much worse than its share the worst class is judged, and the noise of that.
    excess = [
        (losses[labels[known] == k].mean() + np.log(share), losses[labels[known] == k].std() / np.sqrt(share * len(y)))
        for k, share in enumerate(shares)
        if share > 0 and k < p.shape[1]
    ]
    worst, noise = max(excess, default=(np.nan, np.nan))
    return {
        "cross_entropy": losses.mean(),
        # Of the gain over the base rates, example by example.
        "standard_error": (losses + np.log(shares[labels[known]])).std() / np.sqrt(len(losses)),
        "accuracy": (predicted == labels).mean(),
        "prior_entropy": -(shares[shares > 0] * np.log(shares[shares > 0])).sum(),
        "spread": p.std(axis=0).max(),
        "row_error": np.abs(p.sum(axis=1) - 1).max(),
        "class_excess": worst,
        "class_excess_noise": noise,
        "commonest": np.bincount(predicted).max() / len(predicted),
    }


def _takes_logits(model: Any) -> bool:
    loss = model._compile_loss._user_loss
    return bool(getattr(loss, "_fn_kwargs", {}).get("from_logits", False))


def verify(program: Any, seed: int) -> dict[str, Any]:
    """Train a program, and gather what was seen."""
    begun = time.perf_counter()
    model, fit = program.build(seed)
    x, y = fit.get("validation_data") or (fit["x"], fit["y"])
    if "validation_split" in fit:
        first = int(len(fit["x"]) * (1 - fit["validation_split"]))
        x, y = fit["x"][first:], fit["y"][first:]
    judge = Judge(x, y, _takes_logits(model))
    history, error = {}, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = model.fit(**fit, callbacks=[judge]).history
    except Exception as raised:
        error = f"{type(raised).__name__}: {str(raised)[:200]}"
    return {
        "id": program.id,
        "kind": program.kind,
        "seed": seed,
        "seconds": time.perf_counter() - begun,
        "error": error,
        "history": {name: [float(value) for value in values] for name, values in history.items()},
        "epochs": judge.epochs,
    }


def complaints(run: dict[str, Any]) -> list[str]:
    """Why a run of a healthy program is not healthy; nothing where it is."""
    if run["error"]:
        return [run["error"]]
    values = np.array([one["cross_entropy"] for one in run["epochs"]])
    last = run["epochs"][-1]
    prior = last["prior_entropy"]
    found = []
    if not np.isfinite(values).all():
        found.append("not finite")
    if not prior - values[-1] > SKILL_IN_ERRORS * last["standard_error"]:
        found.append(f"skill {1 - values[-1] / prior:.3f} within noise")
    rise = (values[-1] - values.min()) / prior
    if rise > LATE_RISE:
        found.append(f"ends {100 * rise:.1f} % of the prior entropy above its best")
    return found


def line(run: dict[str, Any]) -> str:
    """A run in one or two lines."""
    text = f"{run['id']:32s} {run['seed']} {run['seconds']:5.1f}s "
    if run["error"] or not run["epochs"]:
        return text + str(run["error"])
    epochs, history = run["epochs"], run["history"]
    values = np.array([one["cross_entropy"] for one in epochs])
    first, last = epochs[0], epochs[-1]

    def ends(name: str) -> str:
        series = history.get(name, [np.nan])
        return f"{series[0]:.3g}>{series[-1]:.3g}"

    return (
        f"{text} H {last['prior_entropy']:.3f}  loss {ends('loss')} val {ends('val_loss')} acc {ends('accuracy')} "
        f"CE {first['cross_entropy']:.3f}>{values.min():.3f}@{values.argmin()}>{values[-1]:.3f}/{len(values)} "
        f"skill {1 - values[-1] / last['prior_entropy']:.3f} acc {last['accuracy']:.3f} spread {last['spread']:.1e} "
        f"rows {last['row_error']:.1e} commonest {last['commonest']:.2f} "
        f"class {last['class_excess']:.2f}+-{last['class_excess_noise']:.2f}"
    )


def main(programs: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Verify programs over seeds, one line each; `arguments.output` gets all of it as JSON lines."""
    with Path(arguments.output).open("a") as file:
        for program in programs.values():
            for seed in arguments.seeds:
                run = verify(program, seed)
                file.write(json.dumps(run) + "\n")
                file.flush()
                print(line(run), flush=True)
                if program.kind == "healthy":
                    for complaint in complaints(run):
                        print(f"    NOT HEALTHY: {complaint}", flush=True)
