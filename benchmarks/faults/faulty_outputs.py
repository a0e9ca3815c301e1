"""Faulty programs: the output layer and the loss do not belong together."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, losses, optimizers

from benchmarks.faults import material
from benchmarks.faults.program import pair


@pair(
    "sigmoid-head",
    "invalid-probabilities",
    ["inconsistent-loss"],
    fault="sigmoid units under a categorical loss",
    fix="softmax",
    data="clusters, K=6, one-hot",
)
def _sigmoid_head(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 6, separation=1.8).one_hot(6)
    model = material.dense(16, (40,), 6, "sigmoid" if faulty else "softmax")
    return material.compiled(model, optimizers.RMSprop(2e-3), "categorical_crossentropy"), data.fit(15)


@pair(
    "linear-head",
    "invalid-probabilities",
    ["non-finite", "inconsistent-loss", "bad-initial-loss", "worse-than-prior"],
    fault="no activation on the last layer, the loss takes probabilities",
    fix="softmax",
    data="digits, K=10, sparse, convolutional",
)
def _linear_head(seed: int, faulty: bool) -> Any:
    model = material.convolutional(10, None if faulty else "softmax")
    return material.compiled(model, optimizers.Adam(2e-3)), material.digits(seed, images=True).fit(8)


@pair(
    "logits-binary",
    "invalid-probabilities",
    ["inconsistent-loss", "bad-initial-loss", "worse-than-prior"],
    fault="one logit under a binary cross-entropy without from_logits=True",
    fix="from_logits=True",
    data="breast cancer, binary",
)
def _logits_binary(seed: int, faulty: bool) -> Any:
    model = material.dense(30, (20,), 1, None, dropout=0.3)
    loss = losses.BinaryCrossentropy(from_logits=not faulty)
    model.compile("adam", loss, metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)])
    return model, material.bundled("breast_cancer", 200, seed).column().fit(10, 16)


@pair(
    "tanh-head",
    "invalid-probabilities",
    ["inconsistent-loss", "bad-initial-loss", "worse-than-prior", "constant-output", "no-skill"],
    fault="tanh on the single unit of a binary classifier",
    fix="sigmoid",
    data="moons, binary",
)
def _tanh_head(seed: int, faulty: bool) -> Any:
    model = material.dense(2, (24, 12), 1, "tanh" if faulty else "sigmoid")
    return material.compiled(model, optimizers.Adam(5e-3), "binary_crossentropy"), material.moons(seed).column().fit(15)


@pair(
    "softmax-over-batch",
    "invalid-probabilities",
    ["inconsistent-loss"],
    fault="softmax over the batch instead of the classes (axis 0)",
    fix="axis -1",
    data="clusters, K=5, sparse",
)
def _softmax_over_batch(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 5, separation=1.8)
    model = material.dense(16, (32,), 5, None)
    model.add(layers.Softmax(axis=0 if faulty else -1))
    return material.compiled(model, optimizers.Adam(3e-3)), data.fit(15, 40)


@pair(
    "softmax-on-one-unit",
    "constant-output",
    ["no-skill", "worse-than-prior", "inconsistent-loss", "class-collapse", "neglected-class", "bad-initial-loss"],
    fault="softmax on a single unit: always 1",
    fix="sigmoid",
    data="moons, binary",
)
def _softmax_on_one_unit(seed: int, faulty: bool) -> Any:
    data = material.moons(seed, 900, 400, noise=0.15).column()
    model = material.dense(2, (16, 16), 1, None)
    # A layer of its own, as an activation Keras itself warns of it.
    model.add(layers.Softmax() if faulty else layers.Activation("sigmoid"))
    return material.compiled(model, optimizers.Adam(8e-3), "binary_crossentropy"), data.fit(15, 24)


def _mean_of_two(inputs: int, units: int, head: str | None) -> Any:
    x = keras.Input((inputs,))
    branches = [layers.Dense(width, activation="relu")(x) for width in (24, 32)]
    return keras.Model(x, layers.Average()([layers.Dense(units, activation=head)(branch) for branch in branches]))


@pair(
    "probabilities-as-logits",
    "redundant-softmax",
    fault="mean of two softmax heads under a loss with from_logits=True",
    fix="from_logits=False",
    data="clusters, K=7, sparse",
)
def _probabilities_as_logits(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 7, separation=2.0)
    loss = losses.SparseCategoricalCrossentropy(from_logits=faulty)
    return material.compiled(_mean_of_two(16, 7, "softmax"), optimizers.Adam(4e-3), loss), data.fit(18)


@pair(
    "probabilities-as-logits-k30",
    "redundant-softmax",
    fault="softmax, then a reshape, under a loss with from_logits=True",
    fix="no softmax",
    data="blobs, K=30, one-hot",
)
def _probabilities_as_logits_many(seed: int, faulty: bool) -> Any:
    data = material.blobs(seed, 30, 1800, 900, features=10, spread=1.5).one_hot(30)
    model = material.dense(10, (64,), 30, "softmax" if faulty else None)
    model.add(layers.Reshape((30,)))
    return material.compiled(model, "adam", losses.CategoricalCrossentropy(from_logits=True)), data.fit(15)


@pair(
    "sigmoid-twice",
    "redundant-softmax",
    ["class-collapse", "neglected-class", "no-skill", "worse-than-prior"],
    fault="mean of two sigmoid heads under a binary loss with from_logits=True",
    fix="from_logits=False",
    data="logistic model, binary",
)
def _sigmoid_twice(seed: int, faulty: bool) -> Any:
    data = material.logistic(seed, 1600, 800, strength=4.0).column()
    model = _mean_of_two(10, 1, "sigmoid")
    return material.compiled(model, "adam", losses.BinaryCrossentropy(from_logits=faulty)), data.fit(12)


@pair(
    "summed-loss",
    "inconsistent-loss",
    fault="reduction='sum': the logged loss is that of a whole batch",
    fix="the mean",
    data="digits, K=10, sparse",
)
def _summed_loss(seed: int, faulty: bool) -> Any:
    loss = losses.SparseCategoricalCrossentropy(reduction="sum" if faulty else "sum_over_batch_size")
    return material.compiled(material.dense(64, (40,), 10), "adam", loss), material.digits(seed).fit(12)


class _SignError(losses.Loss):
    """A loss of the user's own that forgets the minus."""

    def __init__(self, sign: float) -> None:
        super().__init__(name="own_cross_entropy")
        self.sign = sign

    def call(self, y_true: Any, y_pred: Any) -> Any:
        clipped = keras.ops.clip(y_pred, 1e-7, 1.0)
        return self.sign * keras.ops.sum(keras.ops.cast(y_true, "float32") * keras.ops.log(clipped), axis=-1)


@pair(
    "sign-error",
    "worse-than-prior",
    ["below-chance", "diverging", "inconsistent-loss", "constant-output", "class-collapse", "neglected-class"],
    fault="a loss of the user's own without the minus: it raises the cross-entropy",
    fix="with the minus",
    data="iris, K=3, one-hot",
)
def _sign_error(seed: int, faulty: bool) -> Any:
    data = material.bundled("iris", 60, seed).one_hot(3)
    model = material.dense(4, (16,), 3, activation="tanh")
    return material.compiled(model, optimizers.Adam(1e-2), _SignError(1.0 if faulty else -1.0)), data.fit(20, 10)


@pair(
    "masked-away",
    "no-skill",
    ["inconsistent-loss", "worse-than-prior", "class-collapse", "bad-initial-loss"],
    fault="sample weights from an inverted mask: all of them 0",
    fix="all of them 1",
    data="clusters, K=4, sparse",
)
def _masked_away(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 4)
    weights = (data.y < 0 if faulty else data.y >= 0).astype("float32")
    return material.compiled(material.dense(16, (24,), 4)), data.fit(12, sample_weight=weights)
