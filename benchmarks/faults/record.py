"""Trains programs under the monitor and keeps its reports, so that rules can be judged again and again in seconds."""

from __future__ import annotations

import argparse
import concurrent.futures
import gzip
import json
import multiprocessing
import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

#: Each process is to use one core.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


def path_of(cache: Path, backend: str, program: str, seed: int) -> Path:
    """Where a recording is kept."""
    return cache / backend / f"{program}.{seed}.json.gz"


def record(program: Any, seed: int, source: str = "own") -> dict[str, Any]:
    """Train a program under the monitor; what it told, as plain values.

    Args:
        program: The program.
        seed: Its seed.
        source: Where it comes from: `"own"` or `"other"`.
    """
    import keras

    from xent_monitor import XentMonitor, XentMonitorError

    begun = time.perf_counter()
    error, supported, history = None, True, {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model, fit = program.build(seed)
        setting = _setting(model, fit)
        monitor = XentMonitor(None, rules=None)
        try:
            history = model.fit(**fit, callbacks=[monitor]).history
        except Exception as raised:
            error = f"{type(raised).__name__}: {str(raised)[:500]}"
            supported = not isinstance(raised, XentMonitorError)
    # `quantities` follows from the rest, and would double the file.
    reports = [
        {key: value for key, value in report.to_dict().items() if key != "quantities"} for report in monitor.reports
    ]
    return {
        "id": program.id,
        "kind": program.kind,
        "source": source,
        "expected": sorted(program.expected),
        "primary": program.primary,
        "what": program.what,
        "data": program.data,
        "seed": seed,
        "backend": keras.backend.backend(),
        "seconds": time.perf_counter() - begun,
        "supported": supported,
        "error": error,
        "warnings": sorted({str(one.message)[:500] for one in caught if "xent_monitor" in str(one.message)}),
        "setting": setting,
        "history": {name: [float(value) for value in values] for name, values in history.items()},
        "reports": reports,
    }


def _setting(model: Any, fit: dict[str, Any]) -> dict[str, float | None]:
    """What thresholds of others look at beside the curves: range of the inputs, learning rate."""
    x = fit["x"]
    is_image_or_table = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    return {
        "smallest_input": float(np.nanmin(x)) if is_image_or_table else None,
        "largest_input": float(np.nanmax(x)) if is_image_or_table else None,
        "learning_rate": float(model.optimizer.learning_rate),
    }


def record_into(path: Path, other: Path | None, id_: str, seed: int) -> str:
    """Record a program into a file, and say so in a line; in a process of its own."""
    from benchmarks.faults.program import PROGRAMS
    from benchmarks.faults.programs import all_programs

    program = all_programs(other)[id_]
    recording = record(program, seed, "own" if id_ in PROGRAMS else "other")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    # The time of the file would make equal recordings differ.
    with gzip.GzipFile(unfinished, "wb", mtime=0) as file:
        file.write(json.dumps(recording).encode())
    unfinished.replace(path)
    seen = recording["error"] or f"{len(recording['reports'])} reports"
    return f"{id_:36s} seed {seed}  {recording['seconds']:5.1f} s  {seen}"


def main(ids: list[str], arguments: argparse.Namespace) -> None:
    """Record what is not there yet."""
    # Before the processes begin: each reads them when it imports its backend.
    os.environ.update({name: value for name, value in ONE_THREAD.items() if name not in os.environ})
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    wanted = [(path_of(arguments.cache, backend, id_, seed), id_, seed) for seed in arguments.seeds for id_ in ids]
    missing = [one for one in wanted if arguments.again or not one[0].exists()]
    print(
        f"{len(wanted) - len(missing)} recordings are there, {len(missing)} to be made, in {arguments.cache}/{backend}"
    )
    if not missing:
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(arguments.processes, mp_context=context) as pool:
        jobs = [pool.submit(record_into, path, arguments.other, id_, seed) for path, id_, seed in missing]
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            print(f"{number}/{len(missing)} {job.result()}", flush=True)
