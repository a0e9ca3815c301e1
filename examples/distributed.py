"""Two devices share each batch, and the monitor counts on both: mirrored on TensorFlow, data parallel on JAX.

Runs on two CPU devices made of one; with GPUs, leave out what says how many CPUs there are.
"""

import contextlib
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")  # read by JAX

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from xent_monitor import XentMonitor, interpret


def devices():
    """The context in which the model is made."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        two = [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)
        return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()
    if keras.backend.backend() == "jax":
        keras.distribution.set_distribution(keras.distribution.DataParallel())
        return contextlib.nullcontext()
    raise SystemExit(
        f"Keras {keras.__version__} does not spread `fit` over devices on {keras.backend.backend()}. "
        "Choose another backend: KERAS_BACKEND=tensorflow or jax."
    )


x, y = load_digits(return_X_y=True)
x, xv, y, yv = train_test_split((x / 16).astype("float32"), y, test_size=600, stratify=y, random_state=0)
# JAX shares a batch evenly or not at all, the last one too: 1,000 and 600 images in batches of 200.
x, y = x[:1000], y[:1000]

with devices():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])

monitor = XentMonitor("logs/distributed")
fitted = model.fit(x, y, 200, 10, validation_data=(xv, yv), callbacks=[monitor], verbose=0)

report = monitor.reports[-1]
np.testing.assert_allclose(report.cross_entropy, fitted.history["val_loss"][-1], rtol=1e-6)
np.testing.assert_array_equal(report.support, np.bincount(yv))
print(interpret(report, monitor.reports[:-1]))
