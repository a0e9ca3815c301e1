"""Healthy programs on images and sentences: layers, schedules, augmentation, and other ways to call `fit`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, losses, optimizers

from benchmarks.faults import material
from benchmarks.faults.program import healthy


class SawTeeth(optimizers.schedules.LearningRateSchedule):
    """A rate that climbs from `low` to `high` in `period` steps and starts again."""

    def __init__(self, low: float, high: float, period: int) -> None:
        self.low, self.high, self.period = low, high, period

    def __call__(self, step: Any) -> Any:
        """The rate at a step."""
        share = keras.ops.cast(step % self.period, "float32") / self.period
        return self.low + (self.high - self.low) * share

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"low": self.low, "high": self.high, "period": self.period}


@healthy(
    "norm-and-small-batches",
    what="batch normalisation in front of ReLUs, half of them inactive",
    data="digits, convolutional",
)
def _norm(seed: int) -> Any:
    model = material.convolutional(10, norm=0.9)
    return material.compiled(model, optimizers.Adam(1e-3)), material.digits(seed, images=True).fit(10, 16)


@healthy("cosine", what="SGD with momentum, cosine schedule down to 0: flat at the end", data="digits, K=10, one-hot")
def _cosine(seed: int) -> Any:
    data = material.digits(seed).one_hot(10)
    optimizer = optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 15 * 41), momentum=0.9)
    return material.compiled(material.dense(64, (48,), 10), optimizer, "categorical_crossentropy"), data.fit(18)


@healthy("cyclic-rate", what="saw-teeth in the learning rate and so in the loss", data="digits, K=10, sparse")
def _cyclic_rate(seed: int) -> Any:
    optimizer = optimizers.SGD(SawTeeth(0.02, 0.6, 4 * 41))
    return material.compiled(material.dense(64, (32,), 10), optimizer), material.digits(seed).fit(24)


@healthy(
    "warm-up", what="warm-up: nothing seems to happen in the first epochs", data="digits, K=10, convolutional, AdamW"
)
def _warm_up(seed: int) -> Any:
    rate = optimizers.schedules.CosineDecay(0.0, 12 * 41, warmup_target=3e-3, warmup_steps=4 * 41)
    model = material.convolutional(10)
    return material.compiled(model, optimizers.AdamW(rate)), material.digits(seed, images=True).fit(14)


@healthy("raw-digits", what="pixels from 0 to 16, not scaled", data="digits, K=10, sparse, RMSprop")
def _raw_digits(seed: int) -> Any:
    return material.compiled(material.dense(64, (40,), 10), optimizers.RMSprop(1e-3)), material.digits(
        seed, scale=1
    ).fit(10)


@healthy(
    "raw-images-with-norm", what="pixels from 0 to 255 into batch normalisation", data="digits as bytes, convolutional"
)
def _raw_images_with_norm(seed: int) -> Any:
    model = material.convolutional(10, norm=0.9)
    return material.compiled(model, optimizers.Adam(2e-3)), material.digits(seed, scale=255 / 16, images=True).fit(10)


@healthy(
    "noise-and-dropout",
    what="noise and dropout 0.5: training looks far worse than validation",
    data="digits, K=10, sparse",
)
def _noise_and_dropout(seed: int) -> Any:
    model = keras.Sequential([keras.Input((64,)), layers.GaussianNoise(0.3)])
    for _ in range(2):
        model.add(layers.Dense(96, activation="relu"))
        model.add(layers.Dropout(0.5))
    model.add(layers.Dense(10, activation="softmax"))
    return material.compiled(model, optimizers.Adam(1.5e-3)), material.digits(seed).fit(15)


@healthy(
    "shifted-images", what="augmentation: training images are shifted and zoomed", data="digits, convolutional, one-hot"
)
def _shifted_images(seed: int) -> Any:
    model = material.convolutional(10, None)
    shifted = keras.Sequential([keras.Input((8, 8, 1)), layers.RandomTranslation(0.15, 0.15), *model.layers])
    data = material.digits(seed, images=True).one_hot(10)
    return material.compiled(
        shifted, optimizers.Adam(3e-3), losses.CategoricalCrossentropy(from_logits=True)
    ), data.fit(14)


@healthy(
    "slow-sgd", what="plain SGD, slow and steady: the first epochs look like no skill", data="digits, K=10, sparse"
)
def _slow_sgd(seed: int) -> Any:
    return material.compiled(material.dense(64, (32,), 10), optimizers.SGD(0.01)), material.digits(seed).fit(25)


@healthy(
    "fine-tuned", what="a start from trained weights: the initial loss is far below ln K", data="digits, K=10, sparse"
)
def _fine_tuned(seed: int) -> Any:
    data = material.digits(seed)
    model = material.compiled(material.dense(64, (48,), 10), optimizers.Adam(3e-3))
    model.fit(data.x[:600].astype("float32"), data.y[:600], epochs=8, batch_size=32, verbose=0)
    return material.compiled(model, optimizers.Adam(3e-4)), data.fit(10)


@healthy("new-head", what="the trained first layer frozen, a new head", data="digits below 5, then all, K=10, sparse")
def _new_head(seed: int) -> Any:
    data = material.digits(seed)
    low = data.y < 5
    body = layers.Dense(64, activation="relu")
    first = keras.Sequential([keras.Input((64,)), body, layers.Dense(5, activation="softmax")])
    material.compiled(first, optimizers.Adam(3e-3))
    first.fit(data.x[low].astype("float32"), data.y[low], epochs=5, batch_size=32, verbose=0)
    body.trainable = False
    model = keras.Sequential([keras.Input((64,)), body, layers.Dense(10, activation="softmax")])
    return material.compiled(model, optimizers.Adam(5e-3)), data.fit(12)


@healthy("without-validation", what="no validation data", data="digits, K=10, sparse")
def _without_validation(seed: int) -> Any:
    fit = material.digits(seed).fit(12)
    del fit["validation_data"]
    return material.compiled(material.dense(64, (32,), 10)), fit


@healthy("validation-every-other", what="validation_freq=2", data="digits, K=10, one-hot, convolutional")
def _validation_every_other(seed: int) -> Any:
    data = material.digits(seed, images=True).one_hot(10)
    model = material.convolutional(10, dropout=0.3)
    return material.compiled(model, optimizers.RMSprop(1e-3), "categorical_crossentropy"), data.fit(
        13, validation_freq=2
    )


class _Batches(keras.utils.PyDataset):
    """Batches that are drawn anew each epoch, with noise on the images."""

    def __init__(self, data: material.Data, seed: int) -> None:
        super().__init__()
        self.data, self.generator = data, np.random.default_rng(seed)

    def __len__(self) -> int:
        return 30

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.generator.integers(0, len(self.data.y), 32)
        x = self.data.x[rows] + self.generator.normal(0, 0.1, (32, *self.data.x.shape[1:]))
        return x.astype("float32"), self.data.y[rows]


@healthy("generated-batches", what="batches from a generator, several steps a call", data="digits, K=10, sparse")
def _generated_batches(seed: int) -> Any:
    data = material.digits(seed)
    model = material.compiled(material.dense(64, (64,), 10), optimizers.Adam(2e-3), steps_per_execution=5)
    validation = (data.x_validation.astype("float32"), data.y_validation)
    return model, {"x": _Batches(data, seed), "validation_data": validation, "epochs": 14}


@healthy("large-rate-at-first", what="a brisk rate that falls: bumps early on", data="digits, K=10, convolutional")
def _large_rate_at_first(seed: int) -> Any:
    rate = optimizers.schedules.PiecewiseConstantDecay([3 * 82, 6 * 82], [1.5e-2, 4e-3, 1e-3])
    model = material.convolutional(10, norm=0.9)
    return material.compiled(model, optimizers.Adam(rate)), material.digits(seed, images=True).fit(12, 16)


@healthy("sentences-binary", what="mean of embeddings, a slow start", data="sentences, binary")
def _sentences_binary(seed: int) -> Any:
    data = material.sentences(seed, 2, 1600, 700, topic=0.3).column()
    model = keras.Sequential([keras.Input((16,), dtype="int32"), layers.Embedding(100, 8)])
    model.add(layers.GlobalAveragePooling1D())
    model.add(layers.Dense(1, activation="sigmoid"))
    return material.compiled(model, optimizers.Adam(5e-3), "binary_crossentropy"), data.fit(15)


@healthy("sentences-gru", what="a recurrent network", data="sentences, K=3, sparse")
def _sentences_gru(seed: int) -> Any:
    data = material.sentences(seed, 3, 1200, 600, topic=0.45)
    model = keras.Sequential([keras.Input((16,), dtype="int32"), layers.Embedding(100, 8), layers.GRU(12)])
    model.add(layers.Dense(3, activation="softmax"))
    return material.compiled(model, optimizers.Adam(4e-3)), data.fit(6)


@healthy("own-weights-decay", what="AdamW with a weight decay of 0.1", data="digits, K=10, logits")
def _weight_decay(seed: int) -> Any:
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model = material.dense(64, (64, 32), 10, None, norm=0.9, dropout=0.2)
    return material.compiled(model, optimizers.AdamW(2e-3, weight_decay=0.1), loss), material.digits(seed).fit(12)


@healthy(
    "scaled-inside", what="bytes from 0 to 255, scaled by a layer of the model", data="digits as bytes, convolutional"
)
def _scaled_inside(seed: int) -> Any:
    network = material.convolutional(10)
    model = keras.Sequential([keras.Input((8, 8, 1), dtype="uint8"), layers.Rescaling(1 / 255), *network.layers])
    data = material.digits(seed, scale=255 / 16, images=True)
    data = data.change(x=data.x.astype("uint8"), x_validation=data.x_validation.astype("uint8"))
    return material.compiled(model, optimizers.AdamW(2e-3)), data.fit(10)


@healthy(
    "norm-of-slow-statistics",
    what="batch normalisation with Keras' momentum of 0.99: validation is poor for the first epochs",
    data="digits from 0 to 16, K=10, sparse",
)
def _norm_of_slow_statistics(seed: int) -> Any:
    model = material.dense(64, (48,), 10, norm=0.99)
    return material.compiled(model, optimizers.Adam(1e-3)), material.digits(seed, scale=1.0).fit(14)


@healthy("heavy-dropout", what="dropout 0.7: the training loss is slow and high", data="digits, K=10, one-hot")
def _heavy_dropout(seed: int) -> Any:
    data = material.digits(seed).one_hot(10)
    model = material.dense(64, (128, 64), 10, dropout=0.7)
    return material.compiled(model, optimizers.Adam(1.5e-3), "categorical_crossentropy"), data.fit(18)


@healthy(
    "half-precision",
    what="float16 throughout: rows of probabilities add up to 1 within 0.001",
    data="digits, K=10, sparse",
)
def _half_precision(seed: int) -> Any:
    model = material.dense(64, (48,), 10, dtype="mixed_float16")
    return material.compiled(model, optimizers.Adam(2e-3)), material.digits(seed).fit(10)
