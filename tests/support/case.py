"""What a case of the support table consists of, and how the oracle reads what its model predicts."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from xent_monitor.statistics import Floats, Task

__all__ = ["BACKENDS", "SECTIONS", "Case", "Data", "Reading", "dtype_policy", "fit"]

#: Keras' names of the backends, and their own.
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
#: Sections of the page, in order.
SECTIONS = (
    "Tasks",
    "Weights and masks",
    "Several outputs",
    "Loops",
    "Precision and compilers",
    "Many classes",
)
#: Examples of a batch.
BATCH = 16


def _itself(value: Any) -> Any:
    return value


@dataclasses.dataclass(frozen=True)
class Data:
    """What is given to `fit` for one pass."""

    x: Any
    y: Any
    weight: Any = None

    @property
    def tuple(self) -> tuple[Any, ...]:
        return (self.x, self.y) if self.weight is None else (self.x, self.y, self.weight)


@dataclasses.dataclass(frozen=True)
class Reading:
    """How the oracle reads one output."""

    task: Task = "multiclass"
    _: dataclasses.KW_ONLY
    #: Name of the output in reports.
    name: str = ""
    from_logits: bool = False
    class_axis: int = -1
    #: From what `predict` returns to this output, from `y` to its targets, from the weights to its own.
    output: Callable[[Any], Any] = _itself
    target: Callable[[Any], Any] = _itself
    weight: Callable[[Any], Any] = _itself
    #: From `x` to which rows count; None for all.
    mask: Callable[[Any], Any] | None = None
    ignore_class: int | None = None
    #: From targets and float64 probabilities to the compiled loss of each row; None for the cross-entropy.
    loss: Callable[[Any, Floats], Floats] | None = None
    reduction: str = "sum_over_batch_size"
    #: What Keras multiplies the loss of the output with.
    loss_weight: float = 1.0


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to train a classifier."""

    #: As the page shows it.
    name: str
    section: str
    build: Callable[[], Any]
    loss: Any
    train: Data
    validation: Data
    readings: tuple[Reading, ...] = (Reading(),)
    _: dataclasses.KW_ONLY
    #: Further arguments of `compile`, `fit` and `XentMonitor`.
    compile: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    fit: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    monitor: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: How it trains: from the case, a compiled model and callbacks to the model that was trained last and its history.
    loop: Callable[[Case, Any, list[Any]], tuple[Any, dict[str, list[float]]]] = dataclasses.field(
        default_factory=lambda: fit
    )
    #: Monitors that watch at once.
    monitors: int = 1
    #: The pass that is compared; the training pass only where the weights stay as they are.
    split: str = "validation"
    #: Losses of the model that are no classification and that the logged loss holds as well.
    other_losses: bool = False
    #: Whether the logged loss is the mean over the examples.
    averaged: bool = True
    #: Backends that cannot do this, monitored or not, and why: a sentence.
    unsupported: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: Backends on which the tests leave it out, and why: a sentence.
    untested: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: Seed of the weights. Chosen so that no probability is at the edge of a bin.
    seed: int = 0
    #: Tolerance of the float sums, and of the logged loss, relative.
    relative: float = 2e-6
    logged: float = 1e-5
    dtype_policy: str = "float32"

    def __post_init__(self) -> None:
        assert self.section in SECTIONS
        assert {*self.unsupported, *self.untested} < set(BACKENDS)

    @property
    def data(self) -> Data:
        """The data of the pass that is compared."""
        return self.train if self.split == "train" else self.validation

    def compiled(self) -> Any:
        """A new model with the weights of the seed, compiled."""
        # Without a collection of garbage, which takes as long as the training.
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(self.seed)
        with dtype_policy(self.dtype_policy):
            model = self.build()
        if not model.built:
            model(keras.tree.map_structure(lambda array: array[:2], self.train.x))
        rng = np.random.default_rng(self.seed)
        model.set_weights(
            [rng.normal(scale=0.5, size=old.shape) if old.ndim > 1 else old for old in model.get_weights()]
        )
        self.compile_again(model)
        return model

    def compile_again(self, model: Any) -> None:
        """Compile, with an optimizer of its own each time."""
        arguments = {"optimizer": keras.optimizers.SGD(0.1), "loss": self.loss} | dict(self.compile)
        if callable(arguments["optimizer"]):
            arguments["optimizer"] = arguments["optimizer"]()
        model.compile(**arguments)

    def fit_arguments(self) -> dict[str, Any]:
        """Those of a plain `fit`, without callbacks."""
        data = {"x": self.train.x, "y": self.train.y, "validation_data": self.validation.tuple}
        if self.train.weight is not None:
            data["sample_weight"] = self.train.weight
        return data | {"batch_size": BATCH, "epochs": 2, "verbose": 0} | dict(self.fit)


def fit(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, dict[str, list[float]]]:
    """A plain `fit`."""
    return model, model.fit(**case.fit_arguments(), callbacks=callbacks).history


@contextlib.contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Layers made inside compute so."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
