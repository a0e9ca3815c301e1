"""Name the digit under each pixel of a scene; pixels at the edge of the ink, which may be either, are ignored."""

import argparse
import os
import textwrap

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from xent_monitor import XentMonitor, interpret

UNSURE = 255

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--log-dir", default="logs/segmentation")
args = parser.parse_args()


def scenes(images, digits, count, seed):
    """Scenes of 16 x 16 pixels with four digits each, and a class for each pixel: 0 for paper, 1 + digit for ink."""
    chosen = np.random.default_rng(seed).integers(len(images), size=(count, 2, 2))
    x = images[chosen].transpose(0, 1, 3, 2, 4).reshape(count, 16, 16)
    y = np.kron(digits[chosen] + 1, np.ones((8, 8), int))
    y[x < 0.5] = UNSURE
    y[x < 0.2] = 0
    return x[..., None], y


images, digits = load_digits(return_X_y=True)
images = (images / 16).reshape(-1, 8, 8).astype("float32")
# Split before the scenes are composed: no digit is in both parts.
images, images_v, digits, digits_v = train_test_split(images, digits, test_size=0.25, stratify=digits, random_state=0)
x, y = scenes(images, digits, 1200, seed=1)
xv, yv = scenes(images_v, digits_v, 300, seed=2)

keras.utils.set_random_seed(0)
inputs = keras.Input((16, 16, 1))
fine = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
coarse = layers.Conv2D(32, 3, padding="same", activation="relu")(layers.MaxPooling2D()(fine))
coarse = layers.Conv2D(64, 3, padding="same", activation="relu")(layers.MaxPooling2D()(coarse))
together = layers.Concatenate()([fine, layers.UpSampling2D(4)(coarse)])
# Logits, not a softmax: on torch, Keras cannot train a softmax over images with `ignore_class`.
model = keras.Model(inputs, layers.Conv2D(11, 1)(together))
model.compile(
    optimizer=keras.optimizers.Adam(0.005),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=UNSURE),
)

monitor = XentMonitor(args.log_dir, class_names=["paper", *map(str, range(10))])
model.fit(x, y, 32, args.epochs, validation_data=(xv, yv), callbacks=[monitor], verbose=2)

*earlier, last = monitor.reports
print("", textwrap.fill(interpret(last, earlier), 96), sep="\n")
print(f"\nPixels judged: {last.num_examples}. Ignored, and in none of these numbers: {last.masked}.")
print("class   pixels  found  cross-entropy")
for name, *row in zip(last.class_names, last.support, last.class_recall, last.class_cross_entropy, strict=True):
    print("{:7} {:6} {:6.0%} {:14.2f}".format(name, *row))
