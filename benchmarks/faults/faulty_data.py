"""Faulty programs: labels or inputs that are not what the program takes them for."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import initializers, layers, optimizers

from benchmarks.faults import material
from benchmarks.faults.program import pair


@pair(
    "labels-one-and-two",
    "invalid-labels",
    ["inconsistent-loss"],
    fault="labels 1 and 2 under a binary cross-entropy",
    fix="labels 0 and 1",
    data="logistic model, binary",
)
def _labels_one_and_two(seed: int, faulty: bool) -> Any:
    data = material.logistic(seed, 1200, 600, strength=3.0)
    if faulty:
        data = data.change(y=data.y + 1, y_validation=data.y_validation + 1)
    model = material.dense(10, (16,), 1, "sigmoid")
    return material.compiled(model, optimizers.Adam(3e-3), "binary_crossentropy"), data.column().fit(12)


@pair(
    "first-dummy-dropped",
    "invalid-labels",
    ["inconsistent-loss"],
    fault="one-hot labels without the column of the first class: its rows are all zero",
    fix="all columns",
    data="clusters, K=5, one-hot",
)
def _first_dummy_dropped(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 5, separation=1.8).one_hot(5)
    if faulty:
        data = data.change(y=data.y[:, 1:], y_validation=data.y_validation[:, 1:])
    model = material.dense(16, (32,), 4 if faulty else 5)
    return material.compiled(model, optimizers.Adam(3e-3), "categorical_crossentropy"), data.fit(12)


@pair(
    "single-class",
    "invalid-labels",
    ["constant-output"],
    fault="a comparison that never holds: every label is 0",
    fix="the right comparison",
    data="digits, odd or even, two softmax units, sparse",
)
def _single_class(seed: int, faulty: bool) -> Any:
    data = material.digits(seed)
    odd = [(y > 9 if faulty else y % 2 == 1).astype("int64") for y in (data.y, data.y_validation)]
    data = data.change(y=odd[0], y_validation=odd[1])
    return material.compiled(material.dense(64, (24,), 2)), data.fit(10)


@pair(
    "validation-labels-flipped",
    "below-chance",
    ["validation-mismatch", "worse-than-prior", "neglected-class"],
    fault="0 means positive in the training set and negative in the validation set",
    fix="one meaning",
    data="breast cancer, binary",
)
def _validation_labels_flipped(seed: int, faulty: bool) -> Any:
    data = material.bundled("breast_cancer", 180, seed)
    if faulty:
        data = data.change(y_validation=1 - data.y_validation)
    model = material.dense(30, (16,), 1, "sigmoid", dropout=0.2)
    return material.compiled(model, "adam", "binary_crossentropy"), data.column().fit(10, 16)


@pair(
    "validation-encoder",
    "validation-mismatch",
    ["below-chance", "worse-than-prior", "neglected-class", "overfitting"],
    fault="classes numbered in another order in the validation set: a label encoder fitted anew",
    fix="one encoder",
    data="digits, K=10, sparse, convolutional",
)
def _validation_encoder(seed: int, faulty: bool) -> Any:
    data = material.digits(seed, images=True)
    if faulty:
        order = np.random.default_rng(seed).permutation(10)
        data = data.change(y_validation=order[data.y_validation])
    return material.compiled(material.convolutional(10), optimizers.Adam(2e-3)), data.fit(10)


@pair(
    "labels-one-row-late",
    "no-skill",
    ["worse-than-prior", "overfitting", "validation-mismatch"],
    fault="labels one row later than the inputs, before the split",
    fix="the same row",
    data="blobs, K=4, sparse",
)
def _labels_one_row_late(seed: int, faulty: bool) -> Any:
    data = material.blobs(seed, 4, 1500, 700, features=6, spread=3.0)
    if faulty:
        data = data.change(y=np.roll(data.y, 1), y_validation=np.roll(data.y_validation, 1))
    return material.compiled(material.dense(6, (24,), 4), optimizers.RMSprop(2e-3)), data.fit(15)


@pair(
    "training-rows-shuffled",
    "no-skill",
    ["worse-than-prior", "overfitting", "validation-mismatch"],
    fault="training inputs shuffled without their labels; validation is right",
    fix="shuffled together",
    data="clusters, K=3, one-hot",
)
def _training_rows_shuffled(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 3, 700, 700, separation=1.0, clusters=2)
    if faulty:
        data = data.change(x=np.random.default_rng(seed).permutation(data.x))
    model = material.dense(16, (32,), 3, dropout=0.2)
    return material.compiled(model, optimizers.Adam(3e-3), "categorical_crossentropy"), data.one_hot(3).fit(20)


@pair(
    "class-only-in-validation",
    "neglected-class",
    ["validation-mismatch", "worse-than-prior", "overfitting"],
    fault="a filter has dropped one of the classes from the training set",
    fix="all classes",
    data="clusters, K=4, sparse",
)
def _class_only_in_validation(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 4, separation=1.6)
    if faulty:
        data = data.change(x=data.x[data.y != 2], y=data.y[data.y != 2])
    return material.compiled(material.dense(16, (24,), 4), optimizers.Adam(2e-3)), data.fit(15)


@pair(
    "sorted-validation-split",
    "validation-mismatch",
    ["neglected-class", "worse-than-prior", "below-chance", "overfitting"],
    fault="validation_split on rows sorted by class: the last classes are only there",
    fix="shuffled before",
    data="digits, K=10, sparse",
)
def _sorted_validation_split(seed: int, faulty: bool) -> Any:
    data = material.digits(seed)
    x, y = np.concatenate([data.x, data.x_validation]), np.concatenate([data.y, data.y_validation])
    if faulty:
        order = np.argsort(y, kind="stable")
        x, y = x[order], y[order]
    fit = {"x": x.astype("float32"), "y": y, "validation_split": 0.2, "epochs": 12, "batch_size": 32}
    return material.compiled(material.dense(64, (32,), 10)), fit


@pair(
    "sorted-rows-unshuffled",
    "class-collapse",
    ["worse-than-prior", "neglected-class", "validation-mismatch", "oscillating"],
    fault="rows sorted by class and shuffle=False: each epoch ends on the last class",
    fix="shuffle=True",
    data="clusters, K=4, sparse",
)
def _sorted_rows_unshuffled(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 4, 2400, 900, separation=0.8, clusters=2)
    order = np.argsort(data.y, kind="stable")
    data = data.change(x=data.x[order], y=data.y[order])
    model = material.dense(16, (24,), 4)
    return material.compiled(model, optimizers.SGD(0.1)), data.fit(10, 16, shuffle=not faulty)


@pair(
    "raw-images-large-weights",
    "bad-initial-loss",
    ["worse-than-prior", "oscillating", "neglected-class", "overfitting", "class-collapse"],
    fault="pixels from 0 to 255 into weights of standard deviation 1",
    fix="pixels from 0 to 1, Glorot's initialisation",
    data="digits as bytes, K=10, sparse",
)
def _raw_images(seed: int, faulty: bool) -> Any:
    data = material.digits(seed, scale=255 / 16 if faulty else 1 / 16)
    start = {"kernel_initializer": initializers.RandomNormal(stddev=1.0)} if faulty else {}
    return material.compiled(material.dense(64, (48, 24), 10, **start)), data.fit(12)


@pair(
    "divided-twice",
    "no-skill",
    ["class-collapse"],
    fault="pixels divided by 255 twice: inputs of a thousandth",
    fix="divided once",
    data="digits as bytes, K=10, one-hot, SGD",
)
def _divided_twice(seed: int, faulty: bool) -> Any:
    data = material.digits(seed, scale=1 / 16 / 255 if faulty else 1 / 16).one_hot(10)
    model = material.dense(64, (32,), 10)
    return material.compiled(model, optimizers.SGD(0.1), "categorical_crossentropy"), data.fit(15)


@pair(
    "validation-pixels-shifted",
    "validation-mismatch",
    ["worse-than-prior", "class-collapse", "neglected-class"],
    fault="training images from -1 to 1, validation images from 0 to 1",
    fix="both from -1 to 1",
    data="digits, K=10, one-hot",
)
def _validation_pixels_shifted(seed: int, faulty: bool) -> Any:
    data = material.digits(seed).one_hot(10)
    shifted = data.x_validation if faulty else 2 * data.x_validation - 1
    data = data.change(x=2 * data.x - 1, x_validation=shifted)
    model = material.dense(64, (40,), 10)
    return material.compiled(model, optimizers.Adam(2e-3), "categorical_crossentropy"), data.fit(10)


@pair(
    "validation-pixels-inverted",
    "validation-mismatch",
    ["worse-than-prior", "neglected-class", "below-chance", "class-collapse", "overfitting"],
    fault="dark on light in the training images, light on dark in the validation images",
    fix="both dark on light",
    data="digits, K=10, sparse",
)
def _validation_pixels_inverted(seed: int, faulty: bool) -> Any:
    data = material.digits(seed)
    if faulty:
        data = data.change(x_validation=1 - data.x_validation)
    return material.compiled(material.dense(64, (40,), 10), optimizers.Adam(2e-3)), data.fit(10)


class _Log(layers.Layer):
    """Logarithm of counts, `offset` + them."""

    def __init__(self, offset: float) -> None:
        super().__init__()
        self.offset = offset

    def call(self, x: Any) -> Any:
        return keras.ops.log(self.offset + x)


@pair(
    "log-of-zero",
    "non-finite",
    ["bad-initial-loss"],
    fault="a layer takes the logarithm of counts, some of them 0",
    fix="of 1 + the counts",
    data="digits from 0 to 16, K=10, sparse",
)
def _log_of_zero(seed: int, faulty: bool) -> Any:
    model = keras.Sequential([keras.Input((64,)), _Log(0.0 if faulty else 1.0)])
    model.add(layers.Dense(32, activation="tanh"))
    model.add(layers.Dense(10, activation="softmax"))
    return material.compiled(model), material.digits(seed, scale=1.0).fit(8)


@pair(
    "missing-values-relu",
    "non-finite",
    ["constant-output", "no-skill"],
    fault="a few inputs are NaN, in front of ReLU units",
    fix="imputed",
    data="clusters, K=3, one-hot",
)
def _missing_values_relu(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 3).one_hot(3)
    x = data.x.copy()
    x[np.random.default_rng(seed).random(x.shape) < 0.002] = np.nan if faulty else 0.0
    model = material.dense(16, (24, 12), 3)
    return material.compiled(model, "adam", "categorical_crossentropy"), data.change(x=x).fit(10)


def _reader(num_classes: int, *, recurrent: bool = False) -> Any:
    pooling = layers.GRU(16) if recurrent else layers.GlobalAveragePooling1D()
    return keras.Sequential(
        [
            keras.Input((16,), dtype="int32"),
            layers.Embedding(100, 12),
            pooling,
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


@pair(
    "all-words-unknown",
    "constant-output",
    ["no-skill", "class-collapse"],
    fault="a tokenizer that was never fitted: every word is number 1",
    fix="the numbers of the words",
    data="sentences, K=4, sparse, embedding",
)
def _all_words_unknown(seed: int, faulty: bool) -> Any:
    data = material.sentences(seed, 4, topic=0.4)
    if faulty:
        data = data.change(x=np.ones_like(data.x), x_validation=np.ones_like(data.x_validation))
    return material.compiled(_reader(4), optimizers.Adam(1e-2)), data.fit(12)


@pair(
    "topic-cut-off",
    "no-skill",
    ["constant-output", "class-collapse", "overfitting", "worse-than-prior"],
    fault="sequences cut from the wrong side: the topic words are gone, the rest is noise",
    fix="cut from the other side",
    data="sentences, K=3, sparse, GRU",
)
def _topic_cut_off(seed: int, faulty: bool) -> Any:
    said, noise = (
        material.sentences(seed, 3, 900, 400, topic=0.5),
        material.sentences(seed + 50, 3, 900, 400, topic=0.0),
    )
    if faulty:
        said = said.change(x=noise.x, x_validation=noise.x_validation)
    return material.compiled(_reader(3, recurrent=True), optimizers.Adam(5e-3)), said.fit(10)
