"""Watch a training loop written by hand, without `fit`: hand each batch to the monitor, and say when an epoch ends."""

import argparse

import keras
import numpy as np
from sklearn.datasets import load_digits

from xent_monitor import XentMonitor

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=20)

x, y = load_digits(return_X_y=True)
x, xv, y, yv = x[:1344] / 16, x[1344:] / 16, y[:1344], y[1344:]
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))  # says what the outputs are
model.optimizer.build(model.trainable_variables)

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    @tf.function
    def train_step(x, y):
        with tf.GradientTape() as tape:
            y_pred = model(x, training=True)
            loss = model.loss(y, y_pred)
        model.optimizer.apply(tape.gradient(loss, model.trainable_variables))
        return y_pred

elif keras.backend.backend() == "torch":

    def train_step(x, y):
        model.zero_grad()
        y_pred = model(x, training=True)
        model.loss(y, y_pred).backward()
        model.optimizer.apply([weight.value.grad for weight in model.trainable_variables])
        return y_pred

else:
    import jax

    variables = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables

    @jax.jit
    def step(trainable, others, optimizer, x, y):
        def loss(trainable):
            y_pred, new_others = model.stateless_call(trainable, others, x, training=True)
            return model.loss(y, y_pred), (y_pred, new_others)

        gradients, (y_pred, new_others) = jax.grad(loss, has_aux=True)(trainable)
        trainable, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trainable)
        return y_pred, (trainable, new_others, optimizer)

    def train_step(x, y):
        y_pred, state = step(*([variable.value for variable in part] for part in variables), x, y)
        keras.tree.map_structure(lambda variable, value: variable.assign(value), variables, state)
        return y_pred


monitor = XentMonitor("logs/custom_training_loop")
with monitor.attached(model):  # at its end the monitor says what it has seen, as at the end of `fit`
    for epoch in range(parser.parse_args().epochs):
        for rows in np.random.permutation(len(x)).reshape(-1, 64):
            monitor.observe(y[rows], train_step(x[rows], y[rows]), training=True)
        monitor.observe(yv, model.predict_on_batch(xv), training=False)
        train, validation = monitor.end_epoch(epoch)
        print(f"epoch {epoch}: training {train.cross_entropy:.3f}, validation {validation.cross_entropy:.3f} nats")
