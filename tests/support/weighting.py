"""Cases of the section "Weights and masks"."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import losses

from tests.support import data, networks, row_losses
from tests.support.case import BATCH, Case, Data, Reading
from tests.support.tasks import NO_SOFTMAX_ON_IMAGES

__all__ = ["CASES"]

_case = functools.partial(Case, section="Weights and masks")
#: With it the weights stay as they are, so that the oracle can say what the training pass should have seen.
STILL = {"optimizer": lambda: keras.optimizers.SGD(0.0)}
TRAINED = {"split": "train", "compile": STILL}

CLASS_WEIGHT = {0: 0.5, 1: 1.0, 2: 3.0, 3: 0.0}


def class_weights(x: Any) -> np.ndarray:
    """What Keras makes of `CLASS_WEIGHT`."""
    return np.array([CLASS_WEIGHT[label] for label in data.classes(x).tolist()])


def ignored(x: Any, value: int) -> np.ndarray:
    """Classes, with a value that is ignored for every third entry."""
    labels = data.classes(x)
    places = np.arange(labels.size).reshape(labels.shape) % 3 == 1
    return np.where(places, value, labels).astype("int32")


def _of(parts: tuple[Data, Data], *readings: Reading) -> dict[str, Any]:
    return {"train": parts[0], "validation": parts[1]} | ({"readings": readings} if readings else {})


def _batches(part: Data) -> Iterator[tuple[Any, ...]]:
    while True:
        for start in range(0, len(part.x), BATCH):
            yield tuple(array[start : start + BATCH] for array in part.tuple)


def generators(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, dict[str, list[float]]]:
    """Training and validation data from generators of batches with weights."""
    history = model.fit(
        _batches(case.train),
        validation_data=_batches(case.validation),
        shuffle=False,
        steps_per_epoch=2,
        validation_steps=2,
        epochs=2,
        verbose=0,
        callbacks=callbacks,
    )
    return model, history.history


def tf_data(case: Case, model: Any, callbacks: list[Any]) -> tuple[Any, dict[str, list[float]]]:
    """The same from `tf.data` pipelines."""
    import tensorflow as tf

    first, second = (
        tf.data.Dataset.from_tensor_slices(part.tuple).batch(BATCH) for part in (case.train, case.validation)
    )
    history = model.fit(first, validation_data=second, shuffle=False, epochs=2, verbose=0, callbacks=callbacks)
    return model, history.history


def _weights() -> list[Case]:
    weighted = data.vectors(data.classes, data.weights)
    sparse = losses.SparseCategoricalCrossentropy
    plain = {"build": networks.dense, "loss": sparse(), **_of(weighted)}
    of_classes = data.vectors(data.classes, class_weights)
    return [
        _case("`sample_weight` (N,)", **plain),
        _case("`sample_weight` from a generator", loop=generators, **plain),
        _case(
            "`sample_weight` from `tf.data`",
            loop=tf_data,
            unsupported={
                "jax": "`tf.data` is TensorFlow's, which is not installed beside JAX.",
                "torch": "`tf.data` is TensorFlow's, which is not installed beside PyTorch.",
            },
            **plain,
        ),
        _case(
            "`class_weight`",
            build=networks.dense,
            loss=sparse(),
            train=Data(of_classes[0].x, of_classes[0].y),
            validation=of_classes[1],
            readings=(Reading(weight=lambda _: of_classes[0].weight),),
            fit={"class_weight": CLASS_WEIGHT, "shuffle": False},
            seed=1,
            **TRAINED,
        ),
        _case(
            "binary, `sample_weight` (N,)",
            build=lambda: networks.dense(1, "sigmoid"),
            loss="binary_crossentropy",
            **_of(data.vectors(data.positive_column, data.weights), Reading("binary")),
        ),
        _case(
            "multi-label, `sample_weight` (N,)",
            build=lambda: networks.dense(data.LABELS, "sigmoid"),
            loss="binary_crossentropy",
            **_of(data.vectors(data.several, data.weights), Reading("multilabel")),
        ),
        _case(
            '`reduction="sum"`',
            build=networks.dense,
            loss=sparse(reduction="sum"),
            averaged=False,
            **_of(weighted),
        ),
        _case(
            '`reduction="mean_with_sample_weight"`',
            build=networks.dense,
            loss=sparse(reduction="mean_with_sample_weight"),
            **_of(weighted, Reading(reduction="mean_with_sample_weight")),
        ),
        _case(
            "one-hot labels, some rows without a class",
            build=networks.dense,
            loss=losses.CategoricalCrossentropy(),
            **_of(data.vectors(lambda x: data.one_hot(x) * (np.arange(len(x), dtype="float32") % 4 > 0)[:, None])),
        ),
    ]


def _masks() -> list[Case]:
    sparse = losses.SparseCategoricalCrossentropy
    masked = Reading(mask=data.not_padding)
    token_weights = data.tokens(data.classes, data.entry_weights, short=True)
    padding = data.tokens(data.classes)
    nothing = Data(np.where(np.arange(len(padding[1].x))[:, None] < BATCH, padding[1].x, 0), padding[1].y)
    return [
        _case(
            "a weight for each token, no mask",
            build=lambda: networks.tagger(mask_zero=False),
            loss=sparse(),
            **_of(token_weights),
        ),
        _case(
            "a weight for each token, padding masked",
            build=networks.tagger,
            loss=sparse(),
            **_of(token_weights, masked),
        ),
        _case(
            "the same, multi-label",
            build=lambda: networks.tagger(data.LABELS, "sigmoid"),
            loss=losses.BinaryCrossentropy(),
            **_of(data.tokens(data.several, data.entry_weights), Reading("multilabel", mask=data.not_padding)),
        ),
        _case(
            'the same, `reduction="mean_with_sample_weight"`',
            build=networks.tagger,
            loss=sparse(reduction="mean_with_sample_weight"),
            **_of(token_weights, Reading(mask=data.not_padding, reduction="mean_with_sample_weight")),
        ),
        _case(
            "a weight for each sequence, (N, 1), padding masked",
            build=networks.tagger,
            loss=sparse(),
            unsupported={
                "torch": "With a mask, Keras multiplies PyTorch's weights in place: they must be one for each token."
            },
            **_of(data.tokens(data.classes, lambda x: data.weights(x)[:, None]), masked),
        ),
        _case(
            "a batch with nothing but padding",
            build=networks.tagger,
            loss=sparse(),
            train=padding[0],
            validation=nothing,
            readings=(masked,),
        ),
        _case(
            "padding masked, focal loss",
            build=networks.tagger,
            loss=losses.CategoricalFocalCrossentropy(),
            **_of(data.tokens(data.one_hot), Reading(mask=data.not_padding, loss=row_losses.categorical_focal)),
        ),
        *_ignored_classes(),
    ]


def _ignored_classes() -> list[Case]:
    sparse = losses.SparseCategoricalCrossentropy
    return [
        _case(
            "`ignore_class=0`, softmax",
            build=networks.dense,
            loss=sparse(ignore_class=0),
            **_of(data.vectors(lambda x: ignored(x, 0)), Reading(ignore_class=0)),
        ),
        _case(
            "`ignore_class=-1`, logits",
            build=lambda: networks.dense(activation=None),
            loss=sparse(from_logits=True, ignore_class=-1),
            **_of(data.vectors(lambda x: ignored(x, -1)), Reading(from_logits=True, ignore_class=-1)),
        ),
        _case(
            "segmentation, `ignore_class=0`, softmax",
            build=networks.pixels,
            loss=sparse(ignore_class=0),
            unsupported={"torch": NO_SOFTMAX_ON_IMAGES},
            seed=4,
            **_of(data.images(lambda x: ignored(x, 0)), Reading(ignore_class=0)),
        ),
        _case(
            "segmentation, `ignore_class=255`, logits",
            build=lambda: networks.pixels(activation=None),
            loss=sparse(from_logits=True, ignore_class=255),
            **_of(data.images(lambda x: ignored(x, 255)), Reading(from_logits=True, ignore_class=255)),
        ),
        _case(
            "padding masked and `ignore_class=0`",
            build=networks.tagger,
            loss=sparse(ignore_class=0),
            **_of(data.tokens(lambda x: ignored(x, 0)), Reading(mask=data.not_padding, ignore_class=0)),
        ),
    ]


CASES = [*_weights(), *_masks()]
