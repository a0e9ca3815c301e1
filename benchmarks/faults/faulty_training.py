"""Faulty programs: optimiser, initialisation, layers and penalties."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import initializers, optimizers, regularizers

from benchmarks.faults import material
from benchmarks.faults.program import pair


@pair(
    "sgd-rate-too-high",
    "constant-output",
    ["diverging", "oscillating", "non-finite", "no-skill", "class-collapse", "worse-than-prior", "bad-initial-loss"],
    fault="SGD with momentum and a learning rate of 2",
    fix="0.02",
    data="digits, K=10, sparse",
)
def _sgd_rate_too_high(seed: int, faulty: bool) -> Any:
    optimizer = optimizers.SGD(2.0 if faulty else 0.02, momentum=0.9)
    return material.compiled(material.dense(64, (48,), 10), optimizer), material.digits(seed).fit(15)


@pair(
    "linear-rate-too-high",
    "worse-than-prior",
    ["diverging", "oscillating", "bad-initial-loss", "neglected-class", "class-collapse"],
    fault="multinomial regression, RMSprop with a learning rate of 1",
    fix="0.003",
    data="clusters, K=5, one-hot",
)
def _linear_rate_too_high(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 5, separation=1.2, wrong=0.1).one_hot(5)
    optimizer = optimizers.RMSprop(1.0 if faulty else 3e-3)
    return material.compiled(material.dense(16, (), 5), optimizer, "categorical_crossentropy"), data.fit(20)


@pair(
    "adam-rate-too-high",
    "constant-output",
    [
        "oscillating",
        "no-skill",
        "class-collapse",
        "worse-than-prior",
        "diverging",
        "bad-initial-loss",
        "neglected-class",
    ],
    fault="Adam with a learning rate of 0.5",
    fix="0.002",
    data="digits, K=10, sparse, convolutional",
)
def _adam_rate_too_high(seed: int, faulty: bool) -> Any:
    model = material.convolutional(10)
    return material.compiled(model, optimizers.Adam(0.5 if faulty else 2e-3)), material.digits(seed, images=True).fit(
        10
    )


@pair(
    "negative-rate",
    "diverging",
    ["worse-than-prior", "class-collapse", "constant-output", "non-finite", "bad-initial-loss", "below-chance"],
    fault="a learning rate below zero: the gradient is climbed",
    fix="above zero",
    data="clusters, K=4, one-hot, SGD",
)
def _negative_rate(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 4, separation=1.6).one_hot(4)
    optimizer = optimizers.SGD(-2e-2 if faulty else 2e-2)
    return material.compiled(material.dense(16, (24,), 4), optimizer, "categorical_crossentropy"), data.fit(15)


@pair(
    "rate-too-small",
    "no-skill",
    ["worse-than-prior", "class-collapse"],
    fault="Adam with a learning rate of 1e-7",
    fix="1e-3",
    data="digits, K=10, sparse, convolutional",
)
def _rate_too_small(seed: int, faulty: bool) -> Any:
    model = material.convolutional(10)
    return material.compiled(model, optimizers.Adam(1e-7 if faulty else 1e-3)), material.digits(seed, images=True).fit(
        12
    )


@pair(
    "rate-decays-in-steps",
    "no-skill",
    ["worse-than-prior", "class-collapse"],
    fault="a learning rate that halves every step instead of every epoch",
    fix="that loses 2 % every hundred steps",
    data="clusters, K=8, sparse, SGD",
)
def _rate_decays_in_steps(seed: int, faulty: bool) -> Any:
    rate = optimizers.schedules.ExponentialDecay(0.05, 1 if faulty else 100, 0.5 if faulty else 0.98)
    data = material.table(seed, 8, separation=1.8)
    return material.compiled(material.dense(16, (32,), 8), optimizers.SGD(rate)), data.fit(18)


@pair(
    "everything-frozen",
    "no-skill",
    ["worse-than-prior", "class-collapse", "bad-initial-loss"],
    fault="trainable = False for the whole model, the new head too",
    fix="for the first layer only",
    data="digits, K=10, one-hot",
)
def _everything_frozen(seed: int, faulty: bool) -> Any:
    model = material.dense(64, (96, 32), 10)
    for layer in model.layers if faulty else model.layers[:1]:
        layer.trainable = False
    data = material.digits(seed).one_hot(10)
    return material.compiled(model, optimizers.Adam(2e-3), "categorical_crossentropy"), data.fit(12)


@pair(
    "weights-all-zero",
    "constant-output",
    ["no-skill", "class-collapse"],
    fault="all weights start at zero: the hidden layer never moves",
    fix="Glorot's initialisation",
    data="clusters, K=3 of unequal shares, sparse",
)
def _weights_all_zero(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 3, shares=[0.5, 0.3, 0.2])
    start = {"kernel_initializer": "zeros"} if faulty else {}
    return material.compiled(material.dense(16, (24, 12), 3, **start), optimizers.Adam(2e-3)), data.fit(12)


@pair(
    "dead-units",
    "constant-output",
    ["no-skill", "class-collapse"],
    fault="biases of the hidden layer that start at -40: every ReLU is dead",
    fix="at zero",
    data="breast cancer, binary",
)
def _dead_units(seed: int, faulty: bool) -> Any:
    model = material.dense(30, (16,), 1, "sigmoid", dropout=0.2)
    if faulty:
        model.layers[0].bias.assign(np.full(16, -40.0))
    data = material.bundled("breast_cancer", 180, seed).column()
    return material.compiled(model, optimizers.AdamW(2e-3), "binary_crossentropy"), data.fit(12, 16)


@pair(
    "sigmoid-stack",
    "no-skill",
    ["constant-output", "class-collapse"],
    fault="eight layers of sigmoids under SGD: the gradient vanishes",
    fix="of ReLUs",
    data="digits, K=10, sparse",
)
def _sigmoid_stack(seed: int, faulty: bool) -> Any:
    model = material.dense(64, (32,) * 8, 10, activation="sigmoid" if faulty else "relu")
    return material.compiled(model, optimizers.SGD(0.01, momentum=0.9)), material.digits(seed).fit(14)


@pair(
    "norm-statistics-lag",
    "validation-mismatch",
    ["worse-than-prior", "class-collapse", "neglected-class", "no-skill", "constant-output"],
    fault="batch normalisation with momentum 0.9999: its statistics never arrive",
    fix="0.9",
    data="digits from 0 to 16, K=10, sparse",
)
def _norm_statistics_lag(seed: int, faulty: bool) -> Any:
    model = material.dense(64, (64, 48, 32), 10, norm=0.9999 if faulty else 0.9)
    return material.compiled(model, optimizers.Adam(2e-3)), material.digits(seed, scale=1.0).fit(10)


@pair(
    "weight-penalty-too-strong",
    "over-regularized",
    ["no-skill", "constant-output", "class-collapse"],
    fault="an L2 penalty of 3 on every layer",
    fix="of 1e-4",
    data="digits, K=10, sparse",
)
def _weight_penalty(seed: int, faulty: bool) -> Any:
    penalty = regularizers.L2(3.0 if faulty else 1e-4)
    return material.compiled(material.dense(64, (48,), 10, kernel_regularizer=penalty)), material.digits(seed).fit(12)


@pair(
    "sparse-penalty-too-strong",
    "over-regularized",
    ["no-skill", "constant-output", "class-collapse"],
    fault="an L1 penalty of 0.1 on every layer",
    fix="of 1e-5",
    data="clusters, K=4, one-hot",
)
def _sparse_penalty(seed: int, faulty: bool) -> Any:
    penalty = regularizers.L1(0.1 if faulty else 1e-5)
    data = material.table(seed, 4, separation=1.6).one_hot(4)
    model = material.dense(16, (32, 16), 4, kernel_regularizer=penalty)
    return material.compiled(model, optimizers.RMSprop(2e-3), "categorical_crossentropy"), data.fit(15)


@pair(
    "rare-class-unlearned",
    "no-skill",
    ["neglected-class", "class-collapse", "constant-output"],
    fault="2 % positives and a step of 1e-6: 98 % accuracy without any skill",
    fix="a step of 3e-3",
    data="clusters, binary 98:2",
)
def _rare_class_unlearned(seed: int, faulty: bool) -> Any:
    data = material.table(seed, 2, 2500, 1500, separation=2.2, shares=[0.98]).column()
    model = material.dense(
        16,
        (16,),
        1,
        "sigmoid",
        kernel_initializer=initializers.RandomNormal(stddev=0.02),
    )
    # The last bias starts at the log odds, as the guide to imbalanced data of TensorFlow says.
    model.layers[-1].bias.assign([-3.9])
    return material.compiled(model, optimizers.Adam(1e-6 if faulty else 3e-3), "binary_crossentropy"), data.fit(12)
