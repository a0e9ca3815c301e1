"""Faulty programs: too much fitted, or the wrong classes."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, optimizers

from benchmarks.faults import material
from benchmarks.faults.program import pair


@pair(
    "few-examples-long",
    "overfitting",
    ["loss-accuracy-divergence", "worse-than-prior"],
    fault="a wide network on 120 examples for 60 epochs",
    fix="a narrow one with dropout for 25",
    data="clusters, K=3, 120 examples, sparse",
)
def _few_examples_long(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 3, 120, 1200, separation=0.8)
    if faulty:
        return material.compiled(material.dense(16, (256, 128), 3), optimizers.Adam(3e-3)), data.fit(60, 20)
    return material.compiled(material.dense(16, (16,), 3, dropout=0.3), optimizers.Adam(3e-3)), data.fit(25, 16)


@pair(
    "wrong-labels-memorised",
    "overfitting",
    ["loss-accuracy-divergence", "worse-than-prior"],
    fault="a quarter of the labels wrong, and a network large enough to learn them by heart",
    fix="a small network, a few epochs",
    data="digits with wrong labels, K=10, one-hot",
)
def _wrong_labels_memorised(seed: int, faulty: bool) -> Any:
    data = material.digits(seed, 800)
    labels = [material.wrong_labels(y, 10, 0.25, seed + i) for i, y in enumerate((data.y, data.y_validation))]
    data = data.change(y=labels[0], y_validation=labels[1]).one_hot(10)
    model = material.dense(64, (300, 150), 10) if faulty else material.dense(64, (32,), 10, dropout=0.3)
    loss = "categorical_crossentropy"
    return material.compiled(model, optimizers.Adam(2e-3), loss), data.fit(40 if faulty else 14)


@pair(
    "surer-and-surer",
    "loss-accuracy-divergence",
    ["overfitting", "worse-than-prior"],
    fault="a wide network far too long: as accurate as before, but ever surer of its errors",
    fix="weight decay, dropout and a third of the epochs",
    data="overlapping clusters, binary, 400 examples",
)
def _surer_and_surer(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 2, 400, 1500, separation=1.0, features=20, clusters=2).column()
    if faulty:
        model = material.dense(20, (200, 100), 1, "sigmoid")
        return material.compiled(model, optimizers.Adam(2e-3), "binary_crossentropy"), data.fit(60)
    model = material.dense(20, (24,), 1, "sigmoid", dropout=0.4)
    return material.compiled(model, optimizers.AdamW(2e-3), "binary_crossentropy"), data.fit(20)


@pair(
    "few-sentences",
    "overfitting",
    ["loss-accuracy-divergence", "worse-than-prior"],
    fault="a large embedding on 150 sentences for 50 epochs",
    fix="a small one with dropout for 20",
    data="sentences, K=5, sparse, embedding",
)
def _few_sentences(seed: int, faulty: bool) -> Any:
    data = material.sentences(seed, 5, 150, 900, topic=0.15)
    model = keras.Sequential([keras.Input((16,), dtype="int32")])
    model.add(layers.Embedding(100, 128 if faulty else 8))
    model.add(layers.Flatten() if faulty else layers.GlobalAveragePooling1D())
    model.add(layers.Dense(64, activation="relu") if faulty else layers.Dropout(0.3))
    model.add(layers.Dense(5, activation="softmax"))
    return material.compiled(model, optimizers.Adam(1e-2)), data.fit(50 if faulty else 20)


@pair(
    "class-weights-inverted",
    "neglected-class",
    ["worse-than-prior", "class-collapse", "validation-mismatch"],
    fault="class weights as the shares instead of their inverses",
    fix="no class weights",
    data="clusters, K=3 of shares 0.8, 0.1, 0.1, sparse",
)
def _class_weights_inverted(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 3, 2000, 1200, separation=0.7, shares=[0.8, 0.1, 0.1])
    weights = {"class_weight": {0: 2.4, 1: 0.03, 2: 0.03}} if faulty else {}
    return material.compiled(material.dense(16, (16,), 3), optimizers.Adam(2e-3)), data.fit(12, **weights)


@pair(
    "class-weights-misplaced",
    "neglected-class",
    ["worse-than-prior", "validation-mismatch", "class-collapse", "below-chance"],
    fault="class weights keyed in the wrong order: the common class has the weight of the rare one, times 50",
    fix="keyed in the right order",
    data="clusters, K=2, two softmax units, sparse",
)
def _class_weights_misplaced(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 2, 1600, 900, separation=0.8, shares=[0.75])
    weights = {0: 50.0, 1: 1.0} if faulty else {0: 1.0, 1: 1.5}
    return material.compiled(material.dense(16, (16,), 2), optimizers.Adam(2e-3)), data.fit(12, class_weight=weights)
