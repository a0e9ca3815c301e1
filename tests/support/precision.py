"""Cases of the section "Precision and compilers"."""

from __future__ import annotations

import functools

from keras import losses

from tests.support import data, networks
from tests.support.case import Case, Reading

__all__ = ["CASES"]

_case = functools.partial(Case, section="Precision and compilers")
TRAIN, VALIDATION = data.vectors(data.classes)
PLAIN = {
    "build": networks.dense,
    "loss": losses.SparseCategoricalCrossentropy(),
    "train": TRAIN,
    "validation": VALIDATION,
}
#: As the guide on mixed precision has it: the last layer in single precision.
SINGLE_HEAD = PLAIN | {"build": lambda: networks.dense(dtype="float32")}
LOGITS = PLAIN | {
    "build": lambda: networks.dense(activation=None),
    "loss": losses.SparseCategoricalCrossentropy(from_logits=True),
    "readings": (Reading(from_logits=True),),
}

CASES = [
    _case("`mixed_float16`, last layer in `float32`", dtype_policy="mixed_float16", **SINGLE_HEAD),
    _case("`mixed_bfloat16`, last layer in `float32`", dtype_policy="mixed_bfloat16", **SINGLE_HEAD),
    # On JAX, XLA leaves out the rounding to bfloat16 between the logits and Keras' loss.
    _case("`mixed_bfloat16`, logits in `bfloat16`", dtype_policy="mixed_bfloat16", logged=1e-3, seed=1, **LOGITS),
    _case(
        "`float64`",
        dtype_policy="float64",
        unsupported={"jax": "JAX computes in single precision unless told otherwise before anything else runs."},
        **PLAIN,
    ),
    _case(
        "`jit_compile=True`",
        compile={"jit_compile": True},
        untested={"torch": "It works, but `torch.compile` takes a minute for the smallest of models."},
        **PLAIN,
    ),
    _case(
        "`steps_per_execution=2`",
        compile={"steps_per_execution": 2},
        unsupported={"torch": "Keras refuses `steps_per_execution` above 1 with PyTorch."},
        **PLAIN,
    ),
    _case("`run_eagerly=True`", compile={"run_eagerly": True}, **PLAIN),
]
