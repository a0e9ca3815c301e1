"""Which process of a distributed training this is: all of them count, and the first one tells."""

from __future__ import annotations

import json
import os

import keras
import numpy as np

__all__ = ["agreed", "is_first_process"]


def is_first_process() -> bool:
    """Whether this process writes files, runs actions and prints.

    On JAX it is the process of index 0; on torch, where a process group has been made, that of rank 0; on TensorFlow
    the chief of the current `tf.distribute` strategy, or of the cluster that `TF_CONFIG` describes. Processes that know
    nothing of each other are each the first.

    Not to be asked before the model exists: on JAX and TensorFlow the answer is only known once the devices are.
    """
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return bool(jax.process_index() == 0)
    if backend == "torch":
        from torch import distributed

        return not (distributed.is_available() and distributed.is_initialized() and distributed.get_rank() != 0)
    if backend == "tensorflow":
        import tensorflow as tf

        # For most strategies it is true everywhere; a strategy over several workers knows its chief.
        return bool(tf.distribute.get_strategy().extended.should_save_summary) and _is_chief()
    return True


def agreed(value: int) -> int:
    """What the first process holds, on every process.

    Where one process stops and the others go on, they wait for it for ever.

    Only JAX is sure to have the monitor on every process: its compiled steps would not fit together otherwise. On the
    other backends the value is returned as it is.

    Args:
        value: A small integer; each process has to call this as often as the others.
    """
    if keras.backend.backend() != "jax":
        return value
    import jax

    if jax.process_count() == 1:
        return value
    from jax.experimental import multihost_utils

    return int(multihost_utils.broadcast_one_to_all(np.int32(value)))


def _is_chief() -> bool:
    """Whether `TF_CONFIG`, as TensorFlow reads it, makes this process the chief of its cluster."""
    try:
        config = json.loads(os.environ.get("TF_CONFIG") or "{}")
        workers, task = config.get("cluster", {}), config.get("task", {})
        kind, index = task.get("type"), int(task.get("index", 0))
    except (AttributeError, TypeError, ValueError):
        return True  # whatever it describes, it is no cluster
    if kind == "worker":
        return index == 0 and "chief" not in workers
    # An evaluator is a cluster of its own.
    return kind in {None, "chief", "evaluator"}
