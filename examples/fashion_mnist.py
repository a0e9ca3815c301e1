# %% [markdown]
"""Clothes in photographs: which classes carry the loss, which are taken for which, and how honest the confidences are.

A small convolutional network on Fashion-MNIST. What one learns: to choose by a validation part and to report on a test
part; to read the classes that are hard beside those that are done; to divide the logits by the temperature that the
validation asks for, and to see on the test part what that is worth.
"""

# %%
import argparse
import gzip
import os
import textwrap
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np

from xent_monitor import EvaluationReport, XentMonitor, interpret

# %% active="ipynb"
# from xent_monitor import plots
#
# if Path.cwd().name == "notebooks":  # logs/ is in the root of the repository
#     os.chdir("../..")

# %%
NAMES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--log-dir", type=Path, default=Path("logs/fashion_mnist"))
args, _ = parser.parse_known_args()  # in a notebook, the command line is that of its kernel
if not args.data.is_dir():
    raise SystemExit(f"{args.data} is not there. On Debian: apt-get install dataset-fashion-mnist")


def photographs(part):
    """A part of Fashion-MNIST: images of 28 x 28 grey values in [0, 1], and their classes."""

    def numbers(name, header):
        return np.frombuffer(gzip.open(args.data / name).read(), np.uint8, offset=header)

    images = numbers(f"{part}-images-idx3-ubyte.gz", header=16).reshape(-1, 28, 28, 1)
    return images.astype("float32") / 255, numbers(f"{part}-labels-idx1-ubyte.gz", header=8).astype(int)


x, y = photographs("train")
x, y, validation = x[:20000], y[:20000], (x[-5000:], y[-5000:])
x_test, y_test = photographs("t10k")

# %% [markdown]
"""
The monitor sees both passes of `fit`; given to `evaluate`, it adds a report of the split `test`.
"""

# %%
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input(x.shape[1:]),
        keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(len(NAMES)),
    ]
)
model.compile(keras.optimizers.Adam(0.002), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
monitor = XentMonitor(args.log_dir, class_names=NAMES)
model.fit(x, y, 128, args.epochs, validation_data=validation, callbacks=[monitor], verbose=0)
chosen = monitor.reports[-1]
model.evaluate(x_test, y_test, 500, callbacks=[monitor], verbose=0)
test = monitor.reports[-1]
print("\n".join(textwrap.fill(line, 96) for line in interpret(test, monitor.reports[:-1]).splitlines()))

# %% active="ipynb"
# plots.loss_and_accuracy(monitor.reports)

# %% [markdown]
"""
In a notebook a monitor shows itself: the reading of its last passes, the key numbers, the worst classes.
"""

# %% active="ipynb"
# monitor

# %% [markdown]
"""
Class by class, on the test part. `found` is the share of a class that gets its name, `precision` the share of a
name that is right; the cross-entropy says what the model pays for the class, and where its work is not done.
"""

# %%
print("class      found  precision  cross-entropy  share of the loss")
for k in np.argsort(-test.class_cross_entropy):
    loss = test.class_cross_entropy[k] * test.support[k] / (test.cross_entropy * test.num_examples)
    print(
        f"{NAMES[k]:10} {test.class_recall[k]:5.0%} {test.class_precision[k]:10.0%} {test.class_cross_entropy[k]:14.2f}"
        f" {loss:18.0%}"
    )
print("\nMost common mistakes:")
for pair in test.worst_confusions(limit=5):
    true, predicted = NAMES[pair.true_class], NAMES[pair.predicted_class]
    print(f"{pair.count:4} of {test.support[pair.true_class]}  {true} taken for {predicted}")

# %% active="ipynb"
# plots.confusion(test)

# %% [markdown]
"""
Are the confidences honest? The temperature is what the logits would have to be divided by for the cross-entropy of the
validation to be least: above 1 the model is too sure. It is fitted on the validation, and judged on the test part.
"""

# %%
logits = model.predict(x_test, 500, verbose=0)
scaled = EvaluationReport.from_predictions(y_test, logits=logits / chosen.temperature, class_names=NAMES)
print(f"temperature of the validation: {chosen.temperature:.2f}")
print("test part          cross-entropy  accuracy  confidence  calibration error")
for name, report in {"as trained": test, "logits divided": scaled}.items():
    print(
        f"{name:18} {report.cross_entropy:13.4f} {report.accuracy:9.1%} {report.confidence:11.1%}"
        f" {report.expected_calibration_error:18.4f}"
    )

# %% active="ipynb"
# plots.reliability(test)

# %% active="ipynb"
# plots.reliability(scaled)

# %% [markdown]
"""
The decisions are the same, the confidence is now what the accuracy is, and the test part is told at a lower
cross-entropy, by one number that was fitted without it.
"""
