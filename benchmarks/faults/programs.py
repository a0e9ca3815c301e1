"""All programs: those of this package, and those of another file with a `PROGRAMS` of the same kind."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from benchmarks.faults import (  # noqa: F401  (each registers its programs)
    faulty_data,
    faulty_fitting,
    faulty_outputs,
    faulty_training,
    healthy_networks,
    healthy_tables,
)
from benchmarks.faults.program import PROGRAMS

#: Programs that were written apart from these; used where they are there.
SHARED = Path(__file__).parents[3] / "shared" / "faults" / "programs.py"


def all_programs(other: Path | None = SHARED) -> dict[str, Any]:
    """Programs by id: those of this package first, then those of `other`, if that file exists.

    Raises:
        ValueError: If both have a program of the same id.
    """
    if other is None or not other.exists():
        return dict(PROGRAMS)
    others = _load(other).PROGRAMS
    twice = sorted(PROGRAMS.keys() & others.keys())
    if twice:
        raise ValueError(f"{other} has programs with ids of this package: {', '.join(twice)}.")
    return {**PROGRAMS, **others}


def _load(path: Path) -> Any:
    name = "benchmarks_faults_other"
    if name not in sys.modules:
        specification = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(specification)
        # Dataclasses look their module up.
        sys.modules[name] = module
        specification.loader.exec_module(module)
    return sys.modules[name]
