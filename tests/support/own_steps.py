"""A model with a `train_step` and a `test_step` of its own, written as each backend wants them."""

from __future__ import annotations

import importlib
from typing import Any

import keras

from tests.support.networks import Subclassed

__all__ = ["own_steps"]


def own_steps() -> keras.Model:
    """A new model for the current backend."""
    return {"tensorflow": OnTensorFlow, "jax": OnJAX, "torch": OnTorch}[keras.backend.backend()]()


class OnTensorFlow(Subclassed):
    """As the guide "Customizing what happens in `fit()` with TensorFlow" has it."""

    def train_step(self, data: Any) -> dict[str, Any]:
        tensorflow = importlib.import_module("tensorflow")
        x, y = data
        with tensorflow.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return self._logs(loss, y, y_pred)

    def test_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        y_pred = self(x, training=False)
        return self._logs(self.compute_loss(y=y, y_pred=y_pred), y, y_pred)

    def _logs(self, loss: Any, y: Any, y_pred: Any) -> dict[str, Any]:
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


class OnTorch(OnTensorFlow):
    """The same with PyTorch."""

    def train_step(self, data: Any) -> dict[str, Any]:
        torch = importlib.import_module("torch")
        x, y = data
        self.zero_grad()
        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        loss.backward()
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in self.trainable_weights], self.trainable_weights)
        return self._logs(loss, y, y_pred)


class OnJAX(Subclassed):
    """The same with JAX, where `stateless_compute_loss` is `compute_loss` without side effects."""

    def train_step(self, state: Any, data: Any) -> Any:
        jax = importlib.import_module("jax")
        trainable, others, optimizer, metrics = state
        step = jax.value_and_grad(self._loss, has_aux=True)
        (loss, (others, metrics)), gradients = step(trainable, others, metrics, data, training=True)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        return {"loss": loss}, (trainable, others, optimizer, metrics)

    def test_step(self, state: Any, data: Any) -> Any:
        trainable, others, metrics = state
        loss, (others, metrics) = self._loss(trainable, others, metrics, data, training=False)
        return {"loss": loss}, (trainable, others, metrics)

    def _loss(self, trainable: Any, others: Any, metrics: Any, data: Any, *, training: bool) -> Any:
        x, y = data
        y_pred, others = self.stateless_call(trainable, others, x)
        loss, (_, others, metrics) = self.stateless_compute_loss(
            trainable, others, metrics, x=x, y=y, y_pred=y_pred, training=training
        )
        return loss, (others, metrics)
