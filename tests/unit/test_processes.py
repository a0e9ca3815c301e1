"""Which process is the first, on the backend that the suite runs on."""

from __future__ import annotations

import json
import sys

import pytest

from xent_monitor.processes import agreed, is_first_process

BACKENDS = {"jax", "tensorflow", "torch"}


def cluster(kind: str, index: int, **others: int) -> str:
    """A `TF_CONFIG` of two workers and others, for one of them."""
    jobs = {job: [f"localhost:{port}" for port in range(1, number + 1)] for job, number in others.items()}
    return json.dumps(
        {"cluster": {"worker": ["localhost:8", "localhost:9"], **jobs}, "task": {"type": kind, "index": index}}
    )


def test_a_single_process_is_the_first():
    assert is_first_process()
    assert agreed(2) == 2


def test_only_the_backend_is_imported(backend, monkeypatch):
    """With the other two uninstallable, as they are in most environments, it works all the same."""
    for other in BACKENDS - {backend}:
        monkeypatch.setitem(sys.modules, other, None)

    assert is_first_process()
    assert agreed(1) == 1


@pytest.mark.parametrize("index", [0, 1])
def test_on_jax_it_is_the_one_of_index_0(index, backend, monkeypatch):
    if backend != "jax":
        pytest.skip("for JAX")
    monkeypatch.setattr("jax.process_index", lambda: index)

    assert is_first_process() == (index == 0)


@pytest.mark.parametrize("rank", [0, 1])
def test_on_torch_it_is_the_one_of_rank_0(rank, backend, monkeypatch):
    if backend != "torch":
        pytest.skip("for torch")
    monkeypatch.setattr("torch.distributed.get_rank", lambda: rank)

    assert is_first_process()  # no process group

    monkeypatch.setattr("torch.distributed.is_initialized", lambda: True)

    assert is_first_process() == (rank == 0)


@pytest.mark.parametrize(
    ("config", "first"),
    [
        (cluster("worker", 0), True),
        (cluster("worker", 1), False),
        (cluster("chief", 0, chief=1), True),
        (cluster("worker", 0, chief=1), False),
        (cluster("ps", 0, ps=1), False),
        (cluster("evaluator", 0), True),
        ("", True),
        ("{}", True),
        ('{"cluster": {"worker": ["localhost:8"]}}', True),
        ("not JSON", True),
        ("[]", True),
        ('{"task": {"type": "worker", "index": null}}', True),
    ],
)
def test_on_tensorflow_it_is_the_chief_of_the_cluster(config, first, backend, monkeypatch):
    if backend != "tensorflow":
        pytest.skip("for TensorFlow")
    monkeypatch.setenv("TF_CONFIG", config)

    assert is_first_process() == first


def test_on_tensorflow_a_strategy_knows_its_chief(backend, monkeypatch):
    """One that found its cluster elsewhere than in `TF_CONFIG`."""
    if backend != "tensorflow":
        pytest.skip("for TensorFlow")
    import tensorflow as tf

    strategy = tf.distribute.get_strategy()
    monkeypatch.setattr(type(strategy.extended), "should_save_summary", False)

    assert not is_first_process()


@pytest.mark.parametrize("config", [cluster("worker", 1)])
def test_on_other_backends_no_cluster_of_tensorflow_counts(config, backend, monkeypatch):
    if backend == "tensorflow":
        pytest.skip("for JAX and torch")
    monkeypatch.setenv("TF_CONFIG", config)

    assert is_first_process()
