"""Train a model with three outputs on handwritten digits, and read each that is a classification."""

import argparse
import os
import textwrap

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from xent_monitor import XentMonitor, interpret

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=15)
parser.add_argument("--log-dir", default="logs/multi_output")
args = parser.parse_args()

# 1797 images of 8 x 8 pixels, which come with scikit-learn.
images, digit = load_digits(return_X_y=True)
images = images.astype("float32") / 16
x, xv, digit, digit_v = train_test_split(images, digit, test_size=0.25, stratify=digit, random_state=0)


def targets(x, digit):
    """One target for each output, by its name: which digit, whether it is odd, and how much ink it takes."""
    return {"digit": digit, "odd": digit % 2, "ink": x.mean(axis=1)}


keras.utils.set_random_seed(0)
inputs = keras.Input((64,))
hidden = keras.layers.Dense(32, activation="relu")(inputs)
outputs = {
    "digit": keras.layers.Dense(10, activation="softmax", name="digit")(hidden),
    "odd": keras.layers.Dense(1, activation="sigmoid", name="odd")(hidden),
    "ink": keras.layers.Dense(1, name="ink")(hidden),
}
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(0.003),
    loss={
        "digit": "sparse_categorical_crossentropy",
        "odd": "binary_crossentropy",
        "ink": "mean_squared_error",
    },
)

monitor = XentMonitor(
    args.log_dir,
    outputs=["digit", "odd"],  # the default: every classification; "ink" has no cross-entropy to read
    class_names={"digit": [str(k) for k in range(10)], "odd": ["even", "odd"]},
)
validation = (xv, targets(xv, digit_v))
model.fit(x, targets(x, digit), 64, args.epochs, validation_data=validation, callbacks=[monitor], verbose=2)

# One report for each epoch, pass and output.
for output in ("digit", "odd"):
    *earlier, last = [report for report in monitor.reports if report.output == output]
    print("", textwrap.fill(interpret(last, earlier), 96), sep="\n")
print(f"\nCurves of each output:  tensorboard --logdir {args.log_dir}")
