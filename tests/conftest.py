"""What every test can rely on: a seed, quiet libraries, the name of the backend, the shared data."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

# TensorFlow reads it when it is imported, which no test module may do before this file has run.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import hypothesis
import numpy as np
import pytest

#: Not tests: usage that only mypy reads.
collect_ignore = ["typing"]

hypothesis.settings.register_profile("default", deadline=None, max_examples=50)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("default"), derandomize=True, print_blob=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True)
def _seed() -> None:
    """Every test starts from the same seed; Keras is seeded where it is there already, never imported for it."""
    random.seed(0)
    np.random.seed(0)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.fixture(scope="session")
def backend() -> str:
    """Name of Keras' backend, which `KERAS_BACKEND` chose: `"tensorflow"`, `"jax"` or `"torch"`."""
    import keras

    return keras.backend.backend()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of data that lies beside the repository and is not part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the data in {folder}")
    return folder
