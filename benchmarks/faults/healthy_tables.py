"""Healthy programs on tables: imbalance, noise, few examples, weights and losses of many kinds."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import losses, optimizers, regularizers

from benchmarks.faults import material
from benchmarks.faults.program import healthy


@healthy(
    "hundred-classes", what="cross-entropies of several nats, a dozen examples a class", data="blobs, K=100, logits"
)
def _hundred_classes(seed: int) -> Any:
    data = material.blobs(seed, 100, 4000, 1500, features=12, spread=2.5)
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    return material.compiled(material.dense(12, (96,), 100, None), optimizers.Adam(3e-3), loss), data.fit(14, 64)


@healthy("nine-to-one", what="90 % negatives: accuracy barely above the share", data="logistic model, binary")
def _nine_to_one(seed: int) -> Any:
    data = material.logistic(seed, 3000, 1500, strength=2.0, bias=-3.2).column()
    model = material.dense(10, (16,), 1, "sigmoid")
    return material.compiled(model, "adam", "binary_crossentropy"), data.fit(12)


@healthy(
    "always-the-same-and-right",
    what="92 % one class and weak signal: nearly every prediction is that class, and rightly so",
    data="logistic model, two softmax units",
)
def _always_the_same(seed: int) -> Any:
    data = material.logistic(seed, 4000, 2500, strength=1.3, bias=-3.0)
    return material.compiled(material.dense(10, (8,), 2), optimizers.Adam(2e-3)), data.fit(12, 64)


@healthy("rare-and-easy", what="2 % positives, all but a few found", data="clusters, binary 98:2")
def _rare_and_easy(seed: int) -> Any:
    data = material.table(seed, 2, 3000, 2000, separation=2.5, shares=[0.98]).column()
    model = material.dense(16, (24,), 1, None, activation="tanh")
    loss = losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizers.RMSprop(3e-3), loss, metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)])
    return model, data.fit(12)


@healthy("weak-signal", what="skill 0.1 is all that the data hold", data="logistic model, K=2, one-hot")
def _weak_signal(seed: int) -> Any:
    data = material.logistic(seed, 5000, 3000, strength=0.9).one_hot(2)
    model = material.dense(10, (12,), 2)
    return material.compiled(model, "adam", "categorical_crossentropy"), data.fit(8, 64)


@healthy(
    "balanced-weights",
    what="class weights against imbalance: a loss that is not the cross-entropy",
    data="clusters, K=3",
)
def _balanced_weights(seed: int) -> Any:
    data = material.table(seed, 3, 2400, 1200, separation=1.6, shares=[0.8, 0.15, 0.05])
    weights = {0: 0.42, 1: 2.2, 2: 6.5}
    return material.compiled(material.dense(16, (24,), 3), optimizers.Adam(2e-3)), data.fit(14, class_weight=weights)


@healthy("sample-weights", what="random sample weights from 0 to 2", data="clusters, K=6, sparse")
def _sample_weights(seed: int) -> Any:
    data = material.table(seed, 6, separation=1.6)
    weights = np.random.default_rng(seed).uniform(0, 2, len(data.y)).astype("float32")
    model = material.dense(16, (32,), 6)
    return material.compiled(model, optimizers.AdamW(3e-3)), data.fit(14, 32, sample_weight=weights)


@healthy("smooth-table", what="label smoothing 0.2: the loss cannot fall below 0.7", data="clusters, K=4, one-hot")
def _smooth_table(seed: int) -> Any:
    data = material.table(seed, 4, separation=1.8).one_hot(4)
    loss = losses.CategoricalCrossentropy(label_smoothing=0.2)
    return material.compiled(material.dense(16, (24,), 4), optimizers.Adam(3e-3), loss), data.fit(14)


@healthy(
    "focal", what="focal loss: small values, honest to the rare class", data="clusters, K=3 of unequal shares, one-hot"
)
def _focal(seed: int) -> Any:
    data = material.table(seed, 3, 2400, 1200, separation=1.5, shares=[0.6, 0.25, 0.15]).one_hot(3)
    loss = losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=2.0)
    return material.compiled(material.dense(16, (24,), 3), optimizers.Adam(3e-3), loss), data.fit(14)


@healthy("focal-binary", what="binary focal loss", data="breast cancer, binary")
def _focal_binary(seed: int) -> Any:
    data = material.bundled("breast_cancer", 200, seed).column()
    loss = losses.BinaryFocalCrossentropy(gamma=1.5)
    return material.compiled(
        material.dense(30, (12,), 1, "sigmoid", dropout=0.3), optimizers.Adam(2e-3), loss
    ), data.fit(15)


@healthy(
    "wrong-labels-by-nature", what="30 % wrong labels in both sets: high floor, low accuracy", data="clusters, K=10"
)
def _wrong_labels_by_nature(seed: int) -> Any:
    data = material.table(seed, 10, 4000, 2000, separation=2.2)
    labels = [material.wrong_labels(y, 10, 0.3, seed + i) for i, y in enumerate((data.y, data.y_validation))]
    data = data.change(y=labels[0], y_validation=labels[1])
    return material.compiled(material.dense(16, (16,), 10), optimizers.Adam(2e-3)), data.fit(10)


@healthy("thirty-to-validate", what="thirty validation examples: every value is noisy", data="iris, K=3, sparse")
def _thirty_to_validate(seed: int) -> Any:
    data = material.bundled("iris", 30, seed)
    return material.compiled(material.dense(4, (12,), 3, activation="tanh"), optimizers.Adam(8e-3)), data.fit(20, 12)


@healthy("sixty-to-learn", what="sixty examples and strong weight decay", data="wine, K=3, sparse")
def _sixty_to_learn(seed: int) -> Any:
    data = material.bundled("wine", 118, seed)
    model = material.dense(13, (16,), 3, dropout=0.3)
    return material.compiled(model, optimizers.AdamW(5e-3, weight_decay=0.05)), data.fit(20, 10)


@healthy(
    "heavy-tails", what="standardised log-normal columns: single inputs of 20 and more", data="logistic model, binary"
)
def _heavy_tails(seed: int) -> Any:
    data = material.logistic(seed, 2500, 1200, strength=3.0)
    data = data.change(x=np.exp(data.x), x_validation=np.exp(data.x_validation)).standardised().column()
    model = material.dense(10, (16,), 1, "sigmoid", activation="tanh")
    return material.compiled(model, optimizers.Adam(3e-3), "binary_crossentropy"), data.fit(12)


@healthy("long-plateau", what="forty epochs at a loss near 0 without a rise", data="blobs, K=5, sparse")
def _long_plateau(seed: int) -> Any:
    data = material.blobs(seed, 5, 600, 400, features=8, spread=1.0)
    return material.compiled(material.dense(8, (16,), 5), optimizers.Adam(3e-3)), data.fit(45)


@healthy(
    "plain-regression", what="multinomial regression by slow SGD: little by little for 30 epochs", data="clusters, K=5"
)
def _plain_regression(seed: int) -> Any:
    data = material.table(seed, 5, 1200, 800, separation=1.2)
    return material.compiled(material.dense(16, (), 5), optimizers.SGD(2e-3)), data.fit(30, 32)


@healthy("full-batch", what="one step an epoch", data="wine, K=3, one-hot")
def _full_batch(seed: int) -> Any:
    data = material.bundled("wine", 60, seed).one_hot(3)
    model = material.dense(13, (24,), 3)
    return material.compiled(model, optimizers.Adam(1e-2), "categorical_crossentropy"), data.fit(40, 118)


@healthy(
    "penalty-above-loss",
    what="an L2 penalty that is larger than the cross-entropy once that is small",
    data="clusters, K=4",
)
def _penalty_above_loss(seed: int) -> Any:
    data = material.table(seed, 4, separation=2.2)
    model = material.dense(16, (48,), 4, kernel_regularizer=regularizers.L2(3e-3))
    return material.compiled(model, optimizers.Adam(3e-3)), data.fit(20)


@healthy(
    "other-shares-in-validation", what="shares of 3:1 in training and 1:1 in validation", data="clusters, K=2, sparse"
)
def _other_shares(seed: int) -> Any:
    data = material.table(seed, 2, 2000, 1000, separation=1.5, clusters=2)
    keep = (data.y == 0) | (np.arange(len(data.y)) % 3 == 0)
    data = data.change(x=data.x[keep], y=data.y[keep])
    return material.compiled(material.dense(16, (16,), 2), optimizers.Adam(2e-3)), data.fit(14)


@healthy("brisk-and-bumpy", what="batches of 8 and a brisk rate: bumps all along", data="moons, binary")
def _brisk_and_bumpy(seed: int) -> Any:
    data = material.moons(seed, 800, 200, noise=0.3).column()
    model = material.dense(2, (12,), 1, "sigmoid", activation="tanh")
    return material.compiled(model, optimizers.RMSprop(3e-2), "binary_crossentropy"), data.fit(20, 8)


@healthy("two-epochs", what="two epochs only", data="clusters, K=7, sparse")
def _two_epochs(seed: int) -> Any:
    data = material.table(seed, 7, 3000, 1000, separation=1.8)
    return material.compiled(material.dense(16, (48,), 7), optimizers.Adam(5e-3)), data.fit(2, 16)


@healthy("long-tail", what="classes from 900 examples down to 20, all learned", data="clusters, K=8, sparse")
def _long_tail(seed: int) -> Any:
    shares = [0.5**k for k in range(1, 8)]
    data = material.table(seed, 8, 3000, 2000, separation=1.9, shares=[max(share, 0.01) for share in shares])
    model = material.dense(16, (32,), 8, dropout=0.1)
    return material.compiled(model, optimizers.Adam(3e-3)), data.fit(12)


@healthy(
    "forty-classes-few-examples", what="fifteen examples a class: low skill, but real", data="blobs, K=40, one-hot"
)
def _forty_classes(seed: int) -> Any:
    data = material.blobs(seed, 40, 600, 1200, features=5, spread=2.0).one_hot(40)
    model = material.dense(5, (48,), 40, dropout=0.2)
    return material.compiled(model, optimizers.AdamW(3e-3), "categorical_crossentropy"), data.fit(20)


@healthy("mixed-up", what="mixup: training labels are mixtures of two classes", data="clusters, K=4, soft labels")
def _mixed_up(seed: int) -> Any:
    data = material.table(seed, 4, separation=1.6).one_hot(4)
    generator = np.random.default_rng(seed)
    share = generator.beta(0.4, 0.4, (len(data.x), 1))
    other = generator.permutation(len(data.x))
    data = data.change(
        x=share * data.x + (1 - share) * data.x[other],
        y=(share * data.y + (1 - share) * data.y[other]).astype("float32"),
    )
    model = material.dense(16, (32,), 4)
    return material.compiled(model, optimizers.Adam(3e-3), "categorical_crossentropy"), data.fit(15)


@healthy("smoothed-by-hand", what="labels of 0.9 and 0.05, smoothed in the data", data="clusters, K=3, soft labels")
def _smoothed_by_hand(seed: int) -> Any:
    data = material.table(seed, 3, separation=1.5).one_hot(3)
    data = data.change(y=0.85 * data.y + 0.05, y_validation=0.85 * data.y_validation + 0.05)
    loss = losses.CategoricalCrossentropy(from_logits=True)
    return material.compiled(material.dense(16, (20,), 3, None), optimizers.RMSprop(2e-3), loss), data.fit(12)


@healthy(
    "loss-weight", what="loss_weights=0.2: the logged loss is a fifth of the cross-entropy", data="wine, K=3, sparse"
)
def _loss_weight(seed: int) -> Any:
    data = material.bundled("wine", 70, seed)
    model = material.dense(13, (16,), 3)
    return material.compiled(model, optimizers.Adam(3e-3), loss_weights=0.2), data.fit(20, 12)


@healthy(
    "activity-penalty", what="a penalty on activations, which is part of the logged loss", data="clusters, K=5, sparse"
)
def _activity_penalty(seed: int) -> Any:
    data = material.table(seed, 5, separation=1.8)
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(40, activation="relu")])
    model.add(keras.layers.ActivityRegularization(l1=2e-3))
    model.add(keras.layers.Dense(5, activation="softmax"))
    return material.compiled(model, optimizers.Adam(3e-3)), data.fit(15)
