"""Data sets and networks that the programs are made of: those of scikit-learn, or drawn from a seeded generator."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split


@dataclasses.dataclass(frozen=True)
class Data:
    """Training and validation examples with integer labels, until one of the methods makes other labels of them."""

    x: np.ndarray
    y: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray

    def change(self, **arrays: np.ndarray) -> Data:
        """The same with other arrays."""
        return dataclasses.replace(self, **arrays)

    def standardised(self) -> Data:
        """Columns of mean 0 and standard deviation 1, by the training examples."""
        mean, scale = self.x.mean(0), self.x.std(0) + 1e-9
        return self.change(x=(self.x - mean) / scale, x_validation=(self.x_validation - mean) / scale)

    def one_hot(self, num_classes: int) -> Data:
        """Labels as rows with a single 1."""
        rows = np.eye(num_classes, dtype="float32")
        return self.change(y=rows[self.y], y_validation=rows[self.y_validation])

    def column(self) -> Data:
        """Labels as a column of 0 and 1, for a single unit."""
        return self.change(
            y=self.y[:, None].astype("float32"), y_validation=self.y_validation[:, None].astype("float32")
        )

    def fit(self, epochs: int, batch_size: int = 32, **more: Any) -> dict[str, Any]:
        """Arguments of `fit`."""
        return {
            "x": _single(self.x),
            "y": self.y,
            "validation_data": (_single(self.x_validation), self.y_validation),
            "epochs": epochs,
            "batch_size": batch_size,
            **more,
        }


def _single(x: np.ndarray) -> np.ndarray:
    return x.astype("float32") if x.dtype.kind == "f" else x


def split(x: np.ndarray, y: np.ndarray, num_validation: int, seed: int, *, stratify: bool = True) -> Data:
    """Part of the examples for validation, the same for the same seed."""
    x, x_validation, y, y_validation = train_test_split(
        x, y, test_size=num_validation, random_state=seed + 23, stratify=y if stratify else None
    )
    return Data(x, y.astype("int64"), x_validation, y_validation.astype("int64"))


def bundled(name: str, num_validation: int, seed: int) -> Data:
    """A table of scikit-learn, standardised: `wine`, `iris` or `breast_cancer`."""
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return split(x, y, num_validation, seed).standardised()


def digits(seed: int, num_validation: int = 500, *, scale: float = 1 / 16, images: bool = False) -> Data:
    """Handwritten digits of 8 x 8 pixels from 0 to 16, times `scale`; 10 classes."""
    x, y = datasets.load_digits(return_X_y=True)
    x = x * scale
    return split(x.reshape(-1, 8, 8, 1) if images else x, y, num_validation, seed)


def table(
    seed: int,
    num_classes: int,
    num_train: int = 1600,
    num_validation: int = 800,
    *,
    features: int = 16,
    informative: int = 10,
    separation: float = 1.5,
    wrong: float = 0.0,
    shares: list[float] | None = None,
    clusters: int = 1,
) -> Data:
    """Gaussian clusters at the corners of a hypercube, standardised."""
    x, y = datasets.make_classification(
        n_samples=num_train + num_validation,
        n_features=features,
        n_informative=informative,
        n_redundant=2,
        n_classes=num_classes,
        flip_y=wrong,
        n_clusters_per_class=clusters,
        class_sep=separation,
        weights=shares,
        random_state=1000 + seed,
    )
    return split(x, y, num_validation, seed).standardised()


def blobs(
    seed: int, num_classes: int, num_train: int, num_validation: int, *, features: int = 8, spread: float = 2.0
) -> Data:
    """Round clusters with random centres, standardised."""
    x, y = datasets.make_blobs(
        n_samples=num_train + num_validation,
        n_features=features,
        centers=num_classes,
        cluster_std=spread,
        random_state=2000 + seed,
    )
    return split(x, y, num_validation, seed).standardised()


def moons(seed: int, num_train: int = 1000, num_validation: int = 500, *, noise: float = 0.2) -> Data:
    """Two interleaving half circles."""
    x, y = datasets.make_moons(num_train + num_validation, noise=noise, random_state=3000 + seed)
    return split(x, y, num_validation, seed)


def logistic(
    seed: int, num_train: int, num_validation: int, *, strength: float, bias: float = 0.0, features: int = 10
) -> Data:
    """Standard normal inputs and labels drawn with the probability of a logistic model; no model can be sure."""
    generator = np.random.default_rng(4000 + seed)
    x = generator.normal(size=(num_train + num_validation, features))
    direction = generator.normal(size=features)
    score = strength * x @ direction / np.linalg.norm(direction) + bias
    y = generator.random(len(x)) < 1 / (1 + np.exp(-score))
    return split(x, y, num_validation, seed)


def sentences(
    seed: int, num_classes: int, num_train: int = 1200, num_validation: int = 500, *, length: int = 16, topic: float
) -> Data:
    """Sequences of word numbers 1 to 99; a share `topic` of the words comes from the 9 of the class."""
    generator = np.random.default_rng(5000 + seed)
    y = generator.integers(0, num_classes, num_train + num_validation)
    words = generator.integers(1, 100, (len(y), length))
    own = 1 + 9 * y[:, None] + generator.integers(0, 9, words.shape)
    x = np.where(generator.random(words.shape) < topic, own, words).astype("int32")
    return split(x, y, num_validation, seed)


def wrong_labels(y: np.ndarray, num_classes: int, share: float, seed: int) -> np.ndarray:
    """The labels, a share of them replaced by another class at random."""
    generator = np.random.default_rng(6000 + seed)
    hit = generator.random(len(y)) < share
    return np.where(hit, (y + generator.integers(1, num_classes, len(y))) % num_classes, y)


def dense(
    inputs: int,
    hidden: tuple[int, ...],
    units: int,
    head: str | None = "softmax",
    activation: str = "relu",
    *,
    dropout: float = 0.0,
    norm: float | None = None,
    **layer: Any,
) -> keras.Sequential:
    """A multi-layer perceptron; `norm` is the momentum of batch normalisation, `layer` goes to each dense layer."""
    model = keras.Sequential([keras.Input((inputs,))])
    for width in hidden:
        model.add(keras.layers.Dense(width, activation=activation, **layer))
        if norm is not None:
            model.add(keras.layers.BatchNormalization(momentum=norm))
        if dropout:
            model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(units, activation=head, **layer))
    return model


def convolutional(
    units: int, head: str | None = "softmax", *, filters: int = 12, norm: float | None = None, dropout: float = 0.0
) -> keras.Sequential:
    """A small network for the digits; `norm` is the momentum of its batch normalisation."""
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(filters, 3, padding="same")])
    if norm is not None:
        model.add(keras.layers.BatchNormalization(momentum=norm))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.MaxPooling2D())
    model.add(keras.layers.Conv2D(2 * filters, 3, activation="relu"))
    model.add(keras.layers.Flatten())
    if dropout:
        model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(units, activation=head))
    return model


def compiled(model: Any, optimizer: Any = "adam", loss: Any = "sparse_categorical_crossentropy", **more: Any) -> Any:
    """The model, compiled with the accuracy."""
    model.compile(optimizer, loss, metrics=["accuracy"], **more)
    return model
