"""The same small training over several devices or processes, as a program: without the monitor, and then with it.

`python -m tests.distributed_training WAY FOLDER [RANK ADDRESS]` leaves `FOLDER/RANK.pickle`, a `Record`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any

RANK = int(sys.argv[3]) if __name__ == "__main__" and len(sys.argv) > 3 else 0
#: How many rows of the validation data there are: JAX takes only batches that its devices can share evenly.
VALIDATION_ROWS = {"jax": 600, "tensorflow": 797, "torch": 797}
BATCH = 200
#: Whether a worker's only training is monitored: after one that failed, the next may wait for the others for good.
WORKERS = {"workers without the monitor": (False,), "workers": (True,)}
#: Seconds that a worker waits for the others when it has finished.
PATIENCE = 120


@dataclasses.dataclass
class Record:
    """What is left of the two trainings in one process."""

    #: What Keras raises without the monitor, and with it.
    errors: list[str] = dataclasses.field(default_factory=list)
    #: Without the monitor, and with it.
    weights: list[list[Any]] = dataclasses.field(default_factory=list)
    history: list[dict[str, list[float]]] = dataclasses.field(default_factory=list)
    #: Of the monitored training.
    reports: list[Any] = dataclasses.field(default_factory=list)
    alerts: list[Any] = dataclasses.field(default_factory=list)
    printed: str = ""
    #: Devices over which some variable of the model is spread, or its copies are.
    num_devices: int = 0


def _prepare(way: str, address: str) -> None:
    """What has to be said before the backend is there."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if way in {"data parallel", "model parallel"}:
        os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    elif way == "processes":
        import jax

        jax.distributed.initialize(address, 2, RANK)
    elif way == "mirrored":
        import tensorflow as tf

        two = [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)
    elif way in WORKERS:
        import json

        cluster = {"worker": address.split(",")}
        os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": RANK}})
    elif way == "torch processes":
        import torch

        torch.set_num_threads(1)
        torch.distributed.init_process_group("gloo", init_method=f"tcp://{address}", rank=RANK, world_size=2)


def _scope(way: str) -> Any:
    """The context in which the model is made; a `keras.distribution` is set for good."""
    import keras

    if way in {"mirrored", *WORKERS}:
        import tensorflow as tf

        if way == "mirrored":
            return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()
        return tf.distribute.MultiWorkerMirroredStrategy().scope()
    distribution = keras.distribution
    if way == "model parallel":
        layouts = distribution.LayoutMap(distribution.DeviceMesh((1, 2), ["batch", "model"]))
        layouts[".*hidden/kernel"] = layouts[".*head/kernel"] = (None, "model")
        layouts[".*hidden/bias"] = ("model",)
        distribution.set_distribution(distribution.ModelParallel(layout_map=layouts, batch_dim_name="batch"))
    elif way == "data parallel":
        distribution.set_distribution(distribution.DataParallel())
    elif way == "processes":
        import jax

        distribution.set_distribution(distribution.DataParallel(devices=jax.devices(), auto_shard_dataset=False))
    return contextlib.nullcontext()


def build(way: str = "one device") -> Any:
    """A compiled network without dropout, whose random numbers would depend on the devices."""
    import keras

    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(32, activation="relu", kernel_regularizer="l2", name="hidden")
    if way == "torch processes" or (way == "one device" and keras.backend.backend() == "torch"):
        import torch

        body = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU())
        if way == "torch processes":
            body = torch.nn.parallel.DistributedDataParallel(body)
        # What `DistributedDataParallel` keeps equal are the weights inside it: the head is left as it is.
        hidden = keras.layers.TorchModuleWrapper(body, output_shape=(None, 32))
    head = keras.layers.Dense(10, activation="softmax", name="head", trainable=keras.backend.backend() != "torch")
    model = keras.Sequential([keras.layers.Input((64,)), hidden, head])
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model: Any, *, num_shares: int = 1, **settings: Any) -> dict[str, list[float]]:
    """Train on the rows of this process: every second one where there are two."""
    import keras

    from tests.trainings import X_VALIDATION, Y_VALIDATION, X, Y

    rows, validated = slice(RANK % num_shares, None, num_shares), VALIDATION_ROWS[keras.backend.backend()]
    validation = (X_VALIDATION[:validated][rows], Y_VALIDATION[:validated][rows])
    settings = {"epochs": 2, "batch_size": BATCH // num_shares, "shuffle": False, "verbose": 0} | settings
    return model.fit(X[rows], Y[rows], validation_data=validation, **settings).history


def monitor(folder: Path) -> Any:
    """A monitor that stops the training after its second epoch, by an action that the first process alone has."""
    from xent_monitor import AlertRule, StopTraining, XentMonitor

    rule = AlertRule(name="always", quantity="accuracy", above=-1.0, after=1, severity="critical")

    def note(event):
        (folder / f"action-{RANK}").write_text(str(event))

    return XentMonitor(folder / "logs", rules=[rule], actions=[note, *([StopTraining()] if RANK == 0 else [])])


def _train(way: str, folder: Path, record: Record, monitored: bool) -> None:
    import keras

    ours = [monitor(folder)] if monitored else []
    keras.utils.clear_session()  # it forgets a distribution as well
    with _scope(way):
        model = build(way)
    num_shares = 2 if way in {"processes", "torch processes"} else 1
    printed = io.StringIO()
    # On torch processes are on their own, and do not stop together.
    epochs = 9 if monitored and way != "torch processes" else 2
    with contextlib.redirect_stdout(printed):
        history = fit(model, num_shares=num_shares, callbacks=ours, epochs=epochs, verbose=2)
    record.history.append(history)
    if keras.backend.backend() == "jax":
        parts = [[shard.data for shard in weight.value.addressable_shards] for weight in model.weights]
        record.weights.append([keras.ops.convert_to_numpy(part) for shards in parts for part in shards])
        record.num_devices = max(len(weight.value.sharding.device_set) for weight in model.weights)
    else:
        record.weights.append(model.get_weights())
    if monitored:
        record.reports, record.alerts, record.printed = ours[0].reports, ours[0].alerts, printed.getvalue()


def main(way: str, folder: Path, address: str) -> None:
    """Train twice, and leave the record."""
    _prepare(way, address)
    record = Record()
    for monitored in WORKERS.get(way, (False, True)):
        try:
            _train(way, folder, record, monitored)
        except Exception as error:
            record.errors.append(f"{type(error).__name__}: {error}")
    (folder / f"{RANK}.pickle").write_bytes(pickle.dumps(record))
    if way in WORKERS:
        _wait_for_others(folder, len(address.split(",")))


def _wait_for_others(folder: Path, num_processes: int) -> None:
    """A worker that is gone is the error of those that still train, in place of their own."""
    deadline = time.monotonic() + PATIENCE
    while not all((folder / f"{rank}.pickle").exists() for rank in range(num_processes)):
        if time.monotonic() > deadline:
            sys.exit(f"No record of the other workers after {PATIENCE} s.")
        time.sleep(0.1)


if __name__ == "__main__":
    # Under its own name, so that the record can be read elsewhere.
    from tests import distributed_training

    distributed_training.RANK = RANK
    distributed_training.main(sys.argv[1], Path(sys.argv[2]), sys.argv[4] if len(sys.argv) > 4 else "")
