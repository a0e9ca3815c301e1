"""Cases of the section "Tasks"."""

from __future__ import annotations

import functools
from typing import Any

from keras import losses, ops

from tests.support import data, networks, row_losses
from tests.support.case import Case, Reading

__all__ = ["CASES"]

#: Its backward pass raises "grad_input must be contiguous".
NO_SOFTMAX_ON_IMAGES = (
    "PyTorch cannot train what Keras makes of class indices for each pixel and a softmax; use logits or one-hot labels."
)

_case = functools.partial(Case, section="Tasks")
SHORT = data.vectors(data.classes, short=True)
SPARSE, ONE_HOT = data.vectors(data.classes), data.vectors(data.one_hot)
MIXED = data.vectors(data.mixed)
BINARY, BINARY_COLUMN = data.vectors(data.positive), data.vectors(data.positive_column)
SEVERAL, SOFTLY_SEVERAL = data.vectors(data.several, short=True), data.vectors(data.softly_several)

logits = functools.partial(networks.dense, activation=None)
unit = functools.partial(networks.dense, 1)
labels = functools.partial(networks.dense, data.LABELS)


def squared_error(y_true: Any, y_pred: Any) -> Any:
    """A loss of the user's own."""
    return ops.sum(ops.square(y_true - y_pred), axis=-1)


def _vectors() -> list[Case]:
    """Classes that exclude each other, one for each example."""
    soft = losses.CategoricalCrossentropy
    return [
        _case("class indices, softmax", build=networks.dense, loss="sparse_categorical_crossentropy", **_of(SHORT)),
        _case(
            "class indices, logits",
            build=logits,
            loss=losses.SparseCategoricalCrossentropy(from_logits=True),
            **_of(SPARSE, Reading(from_logits=True)),
        ),
        _case("one-hot labels, softmax", build=networks.dense, loss="categorical_crossentropy", **_of(ONE_HOT)),
        _case(
            "one-hot labels, logits",
            build=logits,
            loss=soft(from_logits=True),
            **_of(ONE_HOT, Reading(from_logits=True)),
        ),
        _case("soft labels (mix-up)", build=networks.dense, loss=soft(), **_of(MIXED)),
        _case(
            "soft labels, logits", build=logits, loss=soft(from_logits=True), **_of(MIXED, Reading(from_logits=True))
        ),
        _case(
            "label smoothing",
            build=networks.dense,
            loss=soft(label_smoothing=0.1),
            **_of(ONE_HOT, Reading(loss=row_losses.smoothed(0.1))),
        ),
        _case(
            "focal loss",
            build=networks.dense,
            loss=losses.CategoricalFocalCrossentropy(),
            **_of(ONE_HOT, Reading(loss=row_losses.categorical_focal)),
        ),
        _case(
            "a loss function of your own, `f(y_true, y_pred)`",
            build=networks.dense,
            loss=squared_error,
            **_of(ONE_HOT, Reading(loss=row_losses.squared_error)),
        ),
        _case(
            "`KLDivergence`, soft labels",
            build=networks.dense,
            loss="kl_divergence",
            **_of(MIXED, Reading(loss=row_losses.divergence)),
        ),
        _case('`loss="crossentropy"`, which Keras resolves', build=networks.dense, loss="crossentropy", **_of(SPARSE)),
    ]


def _binary() -> list[Case]:
    """A single unit."""
    binary = losses.BinaryCrossentropy
    return [
        _case("binary, labels (N,), sigmoid", build=lambda: unit("sigmoid"), loss=binary(), **_of(BINARY, _BINARY)),
        _case(
            "binary, labels (N, 1), sigmoid",
            build=lambda: unit("sigmoid"),
            loss=binary(),
            **_of(BINARY_COLUMN, _BINARY),
        ),
        _case(
            "binary, labels (N,), logits",
            build=lambda: unit(None),
            loss=binary(from_logits=True),
            **_of(BINARY, Reading("binary", from_logits=True)),
        ),
        _case(
            "binary, labels (N, 1), logits",
            build=lambda: unit(None),
            loss=binary(from_logits=True),
            **_of(BINARY_COLUMN, Reading("binary", from_logits=True)),
        ),
        _case(
            "binary, label smoothing",
            build=lambda: unit("sigmoid"),
            loss=binary(label_smoothing=0.2),
            **_of(BINARY_COLUMN, Reading("binary", loss=row_losses.smoothed_binary(0.2))),
        ),
    ]


def _several_labels() -> list[Case]:
    """Labels that do not exclude each other."""
    binary = losses.BinaryCrossentropy
    return [
        _case("multi-label, sigmoid", build=lambda: labels("sigmoid"), loss=binary(), **_of(SEVERAL, _SEVERAL)),
        _case(
            "multi-label, logits",
            build=lambda: labels(None),
            loss=binary(from_logits=True),
            **_of(SEVERAL, Reading("multilabel", from_logits=True)),
        ),
        _case(
            "multi-label, focal loss",
            build=lambda: labels("sigmoid"),
            loss=losses.BinaryFocalCrossentropy(),
            **_of(SEVERAL, Reading("multilabel", loss=row_losses.binary_focal)),
        ),
        _case(
            "multi-label, soft targets", build=lambda: labels("sigmoid"), loss=binary(), **_of(SOFTLY_SEVERAL, _SEVERAL)
        ),
        _case(
            "one-hot labels, a sigmoid for each class and binary cross-entropy: read as multi-label",
            build=lambda: networks.dense(activation="sigmoid"),
            loss="binary_crossentropy",
            **_of(ONE_HOT, _SEVERAL),
        ),
    ]


def _tokens_and_pixels() -> list[Case]:
    """A class, or labels, for each token or pixel."""
    sparse, soft = losses.SparseCategoricalCrossentropy, losses.CategoricalCrossentropy
    channels = "channels first, `CategoricalCrossentropy(axis=1)`"
    first = data.images(lambda x: data.one_hot(x).transpose(0, 3, 1, 2))
    return [
        _case(
            "a class for each token, labels (N, T), padding masked",
            build=networks.tagger,
            loss=sparse(),
            **_of(data.tokens(data.classes), Reading(mask=data.not_padding)),
        ),
        _case(
            "the same without a mask, one-hot labels (N, T, K)",
            build=lambda: networks.tagger(activation=None, mask_zero=False),
            loss=soft(from_logits=True),
            seed=1,
            **_of(data.tokens(data.one_hot), Reading(from_logits=True)),
        ),
        _case(
            "several labels for each token, padding masked",
            build=lambda: networks.tagger(data.LABELS, "sigmoid"),
            loss=losses.BinaryCrossentropy(),
            **_of(data.tokens(data.several), Reading("multilabel", mask=data.not_padding)),
        ),
        _case(
            "segmentation, labels (N, H, W), softmax",
            build=networks.pixels,
            loss=sparse(),
            unsupported={"torch": NO_SOFTMAX_ON_IMAGES},
            **_of(data.images(data.classes)),
        ),
        _case(
            "segmentation, labels (N, H, W), logits",
            build=lambda: networks.pixels(activation=None),
            loss=sparse(from_logits=True),
            **_of(data.images(data.classes), Reading(from_logits=True)),
        ),
        _case(
            "segmentation, one-hot labels (N, H, W, K)",
            build=networks.pixels,
            loss=soft(),
            **_of(data.images(data.one_hot)),
        ),
        _case(
            "binary segmentation, (N, H, W, 1)",
            build=lambda: networks.pixels(1, "sigmoid"),
            loss=losses.BinaryCrossentropy(),
            seed=1,
            **_of(data.images(data.positive_column), _BINARY),
        ),
        _case(
            f"segmentation, {channels}",
            build=networks.pixels_channels_first,
            loss=soft(axis=1),
            **_of(first, Reading(class_axis=1)),
        ),
        _case(
            f"segmentation, {channels}, logits",
            build=lambda: networks.pixels_channels_first(activation=False),
            loss=soft(axis=1, from_logits=True),
            **_of(first, Reading(class_axis=1, from_logits=True)),
        ),
    ]


_BINARY, _SEVERAL = Reading("binary"), Reading("multilabel")


def _of(parts: Any, *readings: Reading) -> dict[str, Any]:
    return {"train": parts[0], "validation": parts[1]} | ({"readings": readings} if readings else {})


CASES = [*_vectors(), *_binary(), *_several_labels(), *_tokens_and_pixels()]
