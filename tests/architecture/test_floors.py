"""Who may import whom: each module only from lower floors, and each floor only the libraries it is meant for."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Floor of each module or subpackage, by its first name below `xent_monitor`.
FLOORS = {
    "errors": 0,
    "functional": 1,
    "statistics": 2,
    "calibration": 2,
    "confusion": 2,
    "baselines": 2,
    "divergence": 2,
    "unpacking": 2,
    "quantity": 3,
    "sampling": 3,
    "yardsticks": 3,
    "derived": 3,
    "report": 3,
    "report_table": 3,
    "predictions": 3,
    "tidy": 3,
    "scalars": 3,
    "interpretation": 3,
    "plots": 3,
    "alerts": 4,
    "documents": 4,
    "sinks": 4,
    "tensorboard": 4,
    "accumulator": 5,
    "outputs": 5,
    "weights": 5,
    "observation": 5,
    "processes": 5,
    "wiring": 5,
    "arguments": 6,
    "console": 6,
    "faults": 6,
    "notebook": 6,
    "loops": 6,
    "passes": 6,
    "callback": 6,
    "cli": 7,
    "__main__": 7,
    "testing": 7,
}

#: On this floor are siblings that do not import each other; on the others the order only has to be free of cycles.
SIBLINGS = 4

#: The highest floor.
EDGES = 7

#: Libraries that each floor may import, beside the standard library. Keras stays out of floors 0 and 2 to 4.
LIBRARIES = {
    0: set(),
    1: {"keras", "numpy"},
    2: {"numpy"},
    3: {"numpy"},
    4: {"google", "numpy", "tensorboard", "werkzeug"},
    5: {"keras", "numpy"},
    6: {"keras", "numpy"},
    7: {"keras", "numpy", "rich"},
}

#: What only an extra brings: imported in a function, where it is needed, by the modules that this names.
OPTIONAL = {
    "jinja2": {"documents"},
    "matplotlib": {"plots"},
    "mlflow": {"sinks"},
    "pandas": {"cli", "notebook"},
    "pyarrow": {"cli"},
    "wandb": {"sinks"},
}

#: The modules that know the backends. They import them in functions: two of the three are never installed for sure.
KNOW_BACKENDS = {"observation", "processes"}
BACKENDS = {"jax", "tensorflow", "torch"}


class Import(NamedTuple):
    """One imported name."""

    name: str
    line: int
    in_function: bool


def imports_of(tree: ast.AST, in_function: bool = False) -> Iterator[Import]:
    """Every import, those in functions and under `if TYPE_CHECKING` too; `from a import b` is `a.b`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, in_function)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            for alias in node.names:
                yield Import(f"{node.module}.{alias.name}", node.lineno, in_function)
        else:
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports_of(node, in_function or is_function)


def own_floor(module: str, name: str) -> str | None:
    """What is wrong with `module` importing `name` of this package, or None."""
    target = name.removeprefix("xent_monitor.").split(".")[0]
    if target not in FLOORS:
        # The top of the package exports the callback, so that it lies below the edges and above all else.
        if FLOORS[module] == EDGES:
            return None
        return "goes through the top of the package; import from the module itself"
    if target == module:
        return None
    floor, target_floor = FLOORS[module], FLOORS[target]
    if target_floor > floor:
        return f"floor {floor} imports from floor {target_floor}"
    if target_floor == floor == SIBLINGS:
        return f"siblings of floor {SIBLINGS} do not import each other"
    return None


def library_floor(module: str, name: str, in_function: bool) -> str | None:
    """What is wrong with `module` importing `name` of a library, or None."""
    library = name.split(".")[0]
    if library in sys.stdlib_module_names:
        return None
    if library in BACKENDS:
        if module not in KNOW_BACKENDS:
            return "only `observation` and `processes` may import a backend"
        return None if in_function else "a backend may be imported in a function only"
    if library in OPTIONAL:
        if module not in OPTIONAL[library]:
            return f"only {', '.join(sorted(OPTIONAL[library]))} may import {library}"
        return None if in_function else "an optional library may be imported in a function only"
    if library not in LIBRARIES[FLOORS[module]]:
        return f"floor {FLOORS[module]} may not import {library}"
    return None


def violations(module: str, source: str) -> list[str]:
    """One line for each import of `module`, a first name below `xent_monitor`, that breaks a rule."""
    found = []
    for name, line, in_function in imports_of(ast.parse(source)):
        own = name == "xent_monitor" or name.startswith("xent_monitor.")
        problem = own_floor(module, name) if own else library_floor(module, name, in_function)
        if problem:
            found.append(f"{module}:{line}: {name}: {problem}")
    return found


def sources() -> dict[str, Path]:
    """Files of the package by their dotted name below `xent_monitor`, but for its own `__init__`, which may do all."""
    package = ROOT / "xent_monitor"
    paths = [path for path in package.rglob("*.py") if path != package / "__init__.py"]
    names = [path.relative_to(package).with_suffix("").as_posix().replace("/", ".") for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def cycle(files: dict[str, str]) -> list[str] | None:
    """Modules, by name and source, that import each other in a circle, or None."""
    graph = {}
    for module, source in files.items():
        names = {found.name.removeprefix("xent_monitor.") for found in imports_of(ast.parse(source))}
        targets = {name if name in files else name.rpartition(".")[0] for name in names}
        graph[module] = {target for target in targets if target in files and target != module}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return None


@pytest.mark.parametrize("name", sorted(sources()))
def test_module_keeps_to_its_floor(name):
    module = name.split(".")[0]

    assert module in FLOORS, f"say on which floor {module} is"
    assert violations(module, sources()[name].read_text(encoding="utf-8")) == []


def test_no_modules_import_each_other_in_a_circle():
    assert cycle({name: path.read_text(encoding="utf-8") for name, path in sources().items()}) is None


@pytest.mark.parametrize(
    ("module", "source", "problem"),
    [
        ("errors", "import numpy", "floor 0 may not import numpy"),
        ("statistics", "import keras", "floor 2 may not import keras"),
        ("statistics", "from xent_monitor.report import SPLITS", "floor 2 imports from floor 3"),
        ("report", "from xent_monitor import accumulator", "floor 3 imports from floor 5"),
        ("report", "from xent_monitor import XentMonitor", "goes through the top of the package"),
        ("report", "import xent_monitor", "goes through the top of the package"),
        ("tensorboard", "from xent_monitor.alerts import engine", "siblings of floor 4"),
        ("functional", "def f():\n    import jax", "only `observation` and `processes` may import a backend"),
        ("callback", "import tensorflow as tf", "only `observation` and `processes` may import a backend"),
        ("observation", "from torch import nn", "a backend may be imported in a function only"),
        ("cli", "if TYPE_CHECKING:\n    from scipy import stats", "floor 7 may not import scipy"),
        ("report", "def f():\n    import pandas", "only cli, notebook may import pandas"),
        ("plots", "import matplotlib", "an optional library may be imported in a function only"),
    ],
)
def test_a_bad_import_is_found(module, source, problem):
    (line,) = violations(module, source)

    assert problem in line


def test_allowed_imports_are_not_found():
    source = "def f():\n    import jax\nimport keras\nfrom xent_monitor import report\nimport json"

    assert violations("observation", source) == []


def test_a_circle_is_found():
    files = {"report": "from xent_monitor.calibration import x", "calibration": "from xent_monitor import report"}

    assert set(cycle(files)) == {"calibration", "report"}
