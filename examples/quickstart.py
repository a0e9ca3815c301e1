"""Train a small network on real images, and read what its cross-entropy says."""

import argparse
import gzip
import os
import textwrap
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from xent_monitor import XentMonitor, interpret

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
FASHION_NAMES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


def digits():
    x, y = load_digits(return_X_y=True)
    x, xv, y, yv = train_test_split(x.reshape(-1, 8, 8, 1) / 16, y, test_size=0.25, stratify=y, random_state=0)
    return (x, y), (xv, yv), [str(digit) for digit in range(10)]


def fashion_mnist():
    if not FASHION_MNIST.is_dir():
        raise SystemExit(f"{FASHION_MNIST} is not there. On Debian: apt-get install dataset-fashion-mnist")

    def read(name, header):
        return np.frombuffer(gzip.open(FASHION_MNIST / name).read(), np.uint8, offset=header)

    def part(name):
        images = read(f"{name}-images-idx3-ubyte.gz", header=16).reshape(-1, 28, 28, 1)
        return images.astype("float32") / 255, read(f"{name}-labels-idx1-ubyte.gz", header=8)

    return part("train"), part("t10k"), FASHION_NAMES


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", choices=["digits", "fashion-mnist"], default="digits")
parser.add_argument("--epochs", type=int, help="default: 20 for digits, 5 for fashion-mnist")
parser.add_argument("--log-dir", default="logs/quickstart")
args = parser.parse_args()

(x, y), validation, names = digits() if args.data == "digits" else fashion_mnist()
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input(x.shape[1:]),
        keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(len(names), activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

monitor = XentMonitor(args.log_dir, class_names=names)
epochs = args.epochs or {"digits": 20, "fashion-mnist": 5}[args.data]
model.fit(x, y, 64, epochs, validation_data=validation, callbacks=[monitor], verbose=2)

reading = interpret(monitor.reports[-1], monitor.reports[:-1])
print("", *(textwrap.fill(line, 96) for line in reading.splitlines()), sep="\n")
print(f"\nThe Cross-entropy tab:      tensorboard --logdir {args.log_dir}")
print(f"The numbers in a terminal:  xent-monitor report {args.log_dir}")
