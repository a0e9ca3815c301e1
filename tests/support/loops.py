"""Cases of the section "Loops"."""

from __future__ import annotations

import functools
from typing import Any

import keras
from keras import layers, losses

from tests.support import data, networks
from tests.support.case import BATCH, Case, Data, Reading, fit
from tests.support.own_steps import own_steps

__all__ = ["CASES"]

_case = functools.partial(Case, section="Loops")
TRAIN, VALIDATION = data.vectors(data.classes)
PARTS = {"train": TRAIN, "validation": VALIDATION}
PLAIN = {"loss": losses.SparseCategoricalCrossentropy(), **PARTS}
LOGITS = {
    "loss": losses.SparseCategoricalCrossentropy(from_logits=True),
    "readings": (Reading(from_logits=True),),
    **PARTS,
}

History = dict[str, list[float]]


class WithoutTraining(networks.Subclassed):
    """A model whose `compute_loss` does not say which pass it is."""

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        return super().compute_loss(x, y, y_pred, sample_weight)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of a pass."""

    def __init__(self, part: Data) -> None:
        super().__init__()
        self.part = part

    def __len__(self) -> int:
        return -(-len(self.part.x) // BATCH)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return tuple(array[BATCH * index : BATCH * (index + 1)] for array in self.part.tuple)


class EvaluatesTraining(keras.callbacks.Callback):  # type: ignore[misc]
    """Evaluates the training data after each epoch, as some people's callbacks do."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.evaluate(TRAIN.x, TRAIN.y, batch_size=BATCH, verbose=0)


def nested() -> keras.Model:
    """A model inside a model."""
    inputs = layers.Input((data.FEATURES,))
    return keras.Model(inputs, networks.dense(activation="softmax")(layers.Dense(data.FEATURES, "relu")(inputs)))


def frozen() -> keras.Model:
    """A model whose first layer does not train, with a batch normalisation."""
    model = keras.Sequential(
        [
            layers.Input((data.FEATURES,)),
            layers.Dense(8, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(data.CLASSES, "softmax"),
        ]
    )
    model.layers[0].trainable = False
    return model


def penalized() -> keras.Model:
    """A model with a regulariser."""
    return networks.dense(kernel_regularizer=keras.regularizers.L2(0.1))


def from_datasets(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, History]:
    history = model.fit(
        Batches(case.train), validation_data=Batches(case.validation), epochs=2, verbose=0, callbacks=callbacks
    )
    return model, history.history


def compiled_again(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, History]:
    fit(case, model, callbacks)
    case.compile_again(model)
    return fit(case, model, callbacks)


def evaluated_between(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, History]:
    return fit(case, model, [EvaluatesTraining(), *callbacks])


def on_two_models(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, History]:
    fit(case, model, callbacks)
    return fit(case, case.compiled(), callbacks)


def by_hand(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, History]:
    """A loop that hands its batches to the monitor, without Keras' `fit`."""
    for monitor in callbacks:
        with monitor.attached(model):
            for x, y in Batches(case.validation):
                monitor.observe(y, model(x, training=False), training=False)
            monitor.end_epoch(0)
    return model, {}


def _models() -> list[Case]:
    return [
        _case("a subclassed model", build=networks.Subclassed, **LOGITS),
        _case(
            "`train_step` and `test_step` of your own that call `compute_loss`",
            build=own_steps,
            averaged=False,
            **LOGITS,
        ),
        _case("`compute_loss` of your own, without `training`", build=WithoutTraining, **LOGITS),
        _case("a model inside a model", build=nested, **PLAIN),
        _case("frozen layers, batch normalisation, dropout", build=frozen, **PLAIN),
        _case("regularisers", build=penalized, **PLAIN),
    ]


def _fits() -> list[Case]:
    plain = {"build": networks.dense, **PLAIN}
    return [
        _case("`PyDataset`", loop=from_datasets, **plain),
        _case("`compile` again between two fits", loop=compiled_again, **plain),
        _case("another callback that evaluates during the fit", loop=evaluated_between, **plain),
        _case("two monitors on one model", monitors=2, **plain),
        _case("one monitor on two models, one after the other", loop=on_two_models, **plain),
        _case("a loop of your own, `monitor.observe`", loop=by_hand, **plain),
    ]


CASES = [*_models(), *_fits()]
