"""Tests of reports from predictions made elsewhere. On any backend."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import multilabel_predictions, predictions
from tests.comparison import assert_same_sums
from tests.monitored_pass import pass_over
from tests.statistics_from_predictions import probabilities_of, statistics_from_predictions
from tests.strategies import label_rows, rows
from xent_monitor import EvaluationReport, XentMonitor
from xent_monitor import predictions as module
from xent_monitor.functional import prediction_sums as functional_module
from xent_monitor.functional.sums import TEMPERATURE_LOGITS
from xent_monitor.predictions import CHUNK_LOGITS, CHUNK_ROWS, MOST_LOGITS, WHOLE_LOGITS, labels_by_name, statistics_of

NAN, INF = np.nan, np.inf

#: Sums of the loss that the model was trained with, which predictions do not say.
LOSS_SUMS = {"loss_sum", "weighted_loss_sum", "batch_mean_loss_sum"}
#: Quantities of that loss.
LOSS_QUANTITIES = {"loss", "class_loss", "batch_averaged_loss", "explained_loss", "logged_loss"}

LABELS = np.array([0, 2, 1, 1])
P = np.array([[0.75, 0.125, 0.125], [0.25, 0.25, 0.5], [0.5, 0.25, 0.25], [0.125, 0.75, 0.125]], "float32")


def chunks_of(monkeypatch, size):
    """Let every chunk have so many rows."""
    monkeypatch.setattr(module, "_chunk_rows", lambda num_rows, width: size)


@pytest.fixture
def handed(monkeypatch):
    """What the tensor code would be handed, chunk by chunk: pairs of layout and rows. Nothing is computed."""
    chunks = []

    def note(layout, some, **_keywords):
        chunks.append((layout, some))
        return np.zeros(layout.num_floats), np.zeros(layout.num_counts, np.int64)

    monkeypatch.setattr(functional_module, "prediction_sums", note)
    return chunks


# The numbers


@pytest.mark.parametrize("task", ["multiclass", "binary", "multilabel"])
def test_sums_are_those_of_the_oracle(task):
    """All counts are exact, all float sums within 5e-6 of float64 NumPy, weights and all."""
    targets, p = (multilabel_predictions if task == "multilabel" else predictions)(2 if task == "binary" else 4)
    p = p[:, 1] if task == "binary" else p
    p, weight = p.astype("float32"), np.linspace(0, 2, len(p))

    found = statistics_of(targets, probabilities=p, sample_weight=weight, task=task)

    expected = statistics_from_predictions(targets, p, sample_weight=weight, task=task)
    assert_same_sums(found, expected, relative=5e-6, ignore={"temperature_sums", *LOSS_SUMS})
    np.testing.assert_allclose(found.temperature_sums, expected.temperature_sums, rtol=1e-4, atol=1e-3)
    assert np.isnan([*found.loss_sum, *found.weighted_loss_sum, found.batch_mean_loss_sum]).all()


@pytest.mark.parametrize(
    ("loss", "units", "labels", "activation"),
    [
        ("sparse_categorical_crossentropy", 3, "sparse", "softmax"),
        ("categorical_crossentropy", 3, "soft", "softmax"),
        ("binary_crossentropy", 1, "binary", None),
        ("binary_crossentropy", 3, "multilabel", "sigmoid"),
        ("sparse_categorical_crossentropy", 3, "tokens", None),
    ],
)
def test_the_report_is_that_of_an_evaluation(loss, units, labels, activation):
    """`evaluate` with a monitor, and the predictions of the same model: all quantities but those of the loss."""
    rng = np.random.default_rng(1)
    shape = (60, 4) if labels == "tokens" else (60,)
    x, weight = rng.normal(size=(*shape, 5)).astype("float32"), rng.uniform(size=shape).astype("float32")
    y = {
        "sparse": rng.integers(3, size=60),
        "soft": rng.dirichlet(np.ones(3), size=60).astype("float32"),
        "binary": rng.integers(2, size=(60, 1)),
        "multilabel": rng.integers(2, size=(60, 3)),
        "tokens": rng.integers(3, size=(60, 4)),
    }[labels]
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(units, activation=activation)])
    keywords = {} if activation else {"from_logits": True}
    loss = keras.losses.get({"class_name": "".join(map(str.title, loss.split("_"))), "config": keywords})
    model.compile(loss=loss)
    monitor = XentMonitor(None, rules=None)
    model.evaluate(x, y, sample_weight=weight, batch_size=60, verbose=0, callbacks=[monitor])
    (expected,) = monitor.reports
    outputs = model.predict(x, verbose=0)

    found = EvaluationReport.from_predictions(
        y,
        **{"probabilities" if activation else "logits": outputs},
        sample_weight=weight,
        task={"soft": "multiclass", "multilabel": "multilabel"}.get(labels),
        epoch=expected.epoch,
    )

    assert (found.split, found.task, found.class_names) == ("test", expected.task, expected.class_names)
    for name in EvaluationReport.quantities():
        if name in LOSS_QUANTITIES:
            assert np.isnan(getattr(found, name)).all(), name
        else:
            np.testing.assert_allclose(
                getattr(found, name), getattr(expected, name), rtol=2e-5, atol=2e-6, err_msg=name
            )
    assert_same_sums(
        found.statistics, expected.statistics, relative=5e-6, absolute=1e-5, ignore={"temperature_sums", *LOSS_SUMS}
    )


@pytest.mark.parametrize("size", [7, 11])
def test_chunks_of_any_size_are_the_same_pass(monkeypatch, size):
    """A last chunk that is lengthened to the size of the others counts for what it is."""
    labels, p = predictions(3, 24)
    weight, kwargs = np.linspace(0, 1, 24), {"ignore": {"num_batches", "confidence_step_sum", *LOSS_SUMS}}
    whole = statistics_of(labels, probabilities=p, sample_weight=weight)

    chunks_of(monkeypatch, size)
    found = statistics_of(labels, probabilities=p, sample_weight=weight)

    assert_same_sums(found, whole, relative=2e-6, absolute=1e-4, **kwargs)
    assert (found.num_rows, found.num_samples, found.masked) == (24, 24, 0)
    assert found.num_batches == -(-24 // size)


@settings(max_examples=8, deadline=None)
@given(rows(), st.sampled_from([8, 11]))
def test_any_chunks_are_the_same_pass(data, size):
    """Integers are the same, floats to 1e-6, whatever is predicted."""
    with pytest.MonkeyPatch.context() as patch:
        whole = statistics_of(data.labels, logits=data.logits)
        chunks_of(patch, size)
        found = statistics_of(data.labels, logits=data.logits)

    ignore = {"num_batches", "confidence_step_sum", "temperature_sums", *LOSS_SUMS}
    assert_same_sums(found, whole, relative=1e-6, absolute=1e-6, ignore=ignore)


@settings(max_examples=5, deadline=None)
@given(label_rows(), st.sampled_from([11]))
def test_any_chunks_of_labels_are_the_same_pass(data, size):
    with pytest.MonkeyPatch.context() as patch:
        whole = statistics_of(data.targets, logits=data.logits, task="multilabel")
        chunks_of(patch, size)
        found = statistics_of(data.targets, logits=data.logits, task="multilabel")

    ignore = {"num_batches", "confidence_step_sum", "temperature_sums", *LOSS_SUMS}
    assert_same_sums(found, whole, relative=1e-6, absolute=1e-6, ignore=ignore)


def test_a_chunk_may_end_within_an_example(monkeypatch):
    """Examples are counted once each, tokens are the rows."""
    rng = np.random.default_rng(0)
    labels, logits = rng.integers(3, size=(5, 7)), rng.normal(size=(5, 7, 3))
    chunks_of(monkeypatch, 4)

    found = statistics_of(labels, logits=logits, sample_weight=np.arange(5.0))

    expected = statistics_from_predictions(labels, probabilities_of(logits), sample_weight=np.arange(5.0))
    ignore = {"num_batches", "confidence_step_sum", "temperature_sums", "saturated", *LOSS_SUMS}
    assert_same_sums(found, expected, relative=5e-6, ignore=ignore)
    assert (found.num_samples, found.num_rows) == (5, 35)


@pytest.mark.parametrize(
    ("num_rows", "width", "size"),
    [
        (10_000, 10, TEMPERATURE_LOGITS // 10),
        (WHOLE_LOGITS // 8, 8, TEMPERATURE_LOGITS // 8),
        (WHOLE_LOGITS // 8 + 1, 8, CHUNK_LOGITS // 8),
        (50_000, 1000, CHUNK_LOGITS // 1000),
        (10_000, 100_000, CHUNK_ROWS),
        (10_000, 1_000_000, MOST_LOGITS // 1_000_000),
        (10, 10_000_000, 1),
    ],
)
def test_size_of_a_chunk(num_rows, width, size):
    assert module._chunk_rows(num_rows, width) == size
    assert size == 1 or size * width <= MOST_LOGITS


@pytest.mark.parametrize(
    ("num_rows", "task", "limit"),
    [
        (10_000, "multiclass", TEMPERATURE_LOGITS),
        (300_000, "multiclass", CHUNK_LOGITS),
        (10_000, "multilabel", TEMPERATURE_LOGITS // 2),
        (300_000, "multilabel", CHUNK_LOGITS // 2),
    ],
)
def test_memory_is_bounded(handed, num_rows, task, limit):
    """No more logits than a chunk may have are handed to the tensor code at once, and every row is, once."""
    logits = np.arange(num_rows * 10, dtype="float32").reshape(num_rows, 10)
    labels = np.zeros(logits.shape if task == "multilabel" else num_rows, "uint8")

    statistics_of(labels, logits=logits, task=task)

    assert len(handed) > 1
    assert len({some.outputs.shape for _, some in handed}) == 1
    assert limit / 2 < handed[0][1].outputs.size <= limit
    np.testing.assert_array_equal(np.concatenate([some.outputs[some.judged] for _, some in handed]), logits)
    assert sum(some.num_samples for _, some in handed) == num_rows


def test_a_pass_of_usual_size_is_whole_in_the_temperature_sums():
    labels, p = predictions(10, 10_000)

    assert statistics_of(labels, probabilities=p).temperature_sample_size == 10_000


def test_many_classes():
    """Without a matrix, and with a sketch of the confusions."""
    labels, p = predictions(300, 40)

    found = statistics_of(labels, probabilities=p.astype("float32"))

    assert found.confusion is None
    assert_same_sums(
        found, pass_over(labels, p.astype("float32")), relative=2e-6, ignore=LOSS_SUMS | {"temperature_sums"}
    )


# What is counted rather than refused


@pytest.mark.parametrize("label", [-1, 3, 2**32, -(2**32), 2**63 - 1])
def test_integers_that_are_no_class_are_invalid(label):
    """Also those that 32 bits would take for a class."""
    found = statistics_of(np.array([0, 1, label, 2]), probabilities=P)

    assert (found.invalid_labels, found.num_rows, found.num_examples) == (1, 4, 3)
    assert found.support.tolist() == [1, 1, 1]


@pytest.mark.parametrize("label", [NAN, INF, -INF, 0.5, 1e30, 2.0**32])
def test_numbers_that_are_no_class_are_invalid(label):
    found = statistics_of(np.array([0.0, 1.0, label, 2.0]), probabilities=P)

    assert (found.invalid_labels, found.support.tolist()) == (1, [1, 1, 1])


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        *((LABELS.astype(dtype), [0, 2, 1, 1]) for dtype in ("uint8", "int8", "uint64", "float16", "float64")),
        (np.array([0, 1, 2**64 - 1, 2], "uint64"), [0, 1, -1, 2]),
        (np.array([True, False, True, False]), [1, 0, 1, 0]),
    ],
)
def test_labels_of_any_type_become_int32(handed, labels, found):
    statistics_of(labels, probabilities=P)

    ((_, some),) = handed
    assert (some.targets.tolist(), some.targets.dtype) == (found, np.int32)


def test_rows_that_are_not_finite_or_no_distribution():
    """The first are left out of all sums, the second are in them, as Keras sees them."""
    p = P.copy()
    p[0, 1], p[1] = NAN, [2.0, 3.0, -1.0]

    found = statistics_of(LABELS, probabilities=p, sample_weight=[1.0, 1.0, 1.0, INF])

    assert (found.non_finite, found.invalid_probabilities, found.num_examples) == (2, 1, 2)
    assert statistics_of(LABELS, logits=np.full((4, 3), 1e300)).non_finite == 4  # infinite in float32


def test_a_logit_of_minus_infinity_is_a_probability_of_0():
    """It costs nothing where it is not the true class; a row that has nothing else is no distribution."""
    found = statistics_of([0, 1, 0, 1], logits=np.array([[1, -INF], [1, -INF], [0, 0], [-INF, -INF]]))
    units = statistics_of([0, 1, 0, 1], logits=np.array([-INF, INF, INF, -1e300]))

    assert (found.non_finite, found.support.tolist()) == (2, [2, 0])
    np.testing.assert_allclose(found.cross_entropy_sum, [np.log(2), 0], rtol=1e-6)
    assert (units.non_finite, units.support.tolist(), units.cross_entropy_sum.tolist()) == (2, [1, 1], [0, 0])


@pytest.mark.parametrize("kind", ["probabilities", "logits"])
def test_a_unit_that_is_not_finite(kind):
    """Of one row of labels, one NaN spoils all."""
    outputs = np.array([NAN, 0.5, 0.5])

    unit = statistics_of([0, 1, 1], **{kind: outputs})
    labels = statistics_of([[0, 1, 1], [1, 1, 0]], **{kind: np.stack([outputs, outputs[::-1] / 2])}, task="multilabel")

    assert (unit.non_finite, unit.support.tolist()) == (1, [0, 2])
    assert (labels.non_finite, labels.num_examples, labels.num_rows) == (2, 0, 2)


def test_targets_out_of_range():
    binary = statistics_of([0.0, 1.0, 2.0, NAN], probabilities=np.full(4, 0.25))
    labels = statistics_of([[0, 1], [1, 3]], probabilities=np.full((2, 2), 0.25), task="multilabel")
    soft = statistics_of([[0.4, 0.6], [0.4, 0.4]], probabilities=np.full((2, 2), 0.5), task="multiclass")

    assert [found.invalid_labels for found in (binary, labels, soft)] == [2, 1, 1]


def test_sums_of_half_precision_may_be_farther_from_one():
    """The outputs are judged by the digits that they had."""
    p = P * np.float32(1.01)

    assert statistics_of(LABELS, probabilities=p).invalid_probabilities == 4
    assert statistics_of(LABELS, probabilities=p.astype("float16")).invalid_probabilities == 0


# Shapes and names


@pytest.mark.parametrize(
    ("labels", "outputs", "task", "found"),
    [
        ((8,), (8, 3), None, "multiclass"),
        ((8, 1), (8, 3), None, "multiclass"),
        ((8, 3), (8, 3), "multiclass", "multiclass"),
        ((8, 5), (8, 5, 3), None, "multiclass"),
        ((8, 5, 1), (8, 5, 3), None, "multiclass"),
        ((8,), (8,), None, "binary"),
        ((8, 1), (8,), None, "binary"),
        ((8,), (8, 1), None, "binary"),
        ((8, 1), (8, 1), None, "binary"),
        ((8, 5), (8, 5, 1), None, "binary"),
        ((8, 5), (8, 5), "binary", "binary"),
        ((8, 3), (8, 3), "multilabel", "multilabel"),
        ((8, 1), (8, 1), "multilabel", "multilabel"),
        ((2, 4, 3), (2, 4, 3), "multilabel", "multilabel"),
    ],
)
def test_shapes_say_what_the_task_is(handed, labels, outputs, task, found):
    """Handed on are rows: class indices, or a target for each of their outputs, of which a binary row has one."""
    sums = statistics_of(np.zeros(labels, int), logits=np.zeros(outputs), task=task)

    ((layout, some),) = handed
    units = 1 if found == "binary" else outputs[-1]
    num_rows = int(np.prod(outputs)) // units
    assert (sums.task, sums.num_classes) == (found, 2 if found == "binary" else units)
    assert some.outputs.shape == (num_rows, units)
    by_class = found == "multilabel" or (found == "multiclass" and labels == outputs)
    assert some.targets.shape == ((num_rows, units) if by_class else (num_rows,))
    assert (some.num_samples, layout.multilabel) == (outputs[0], found == "multilabel")


def test_names_may_come_one_by_one():
    report = EvaluationReport.from_predictions(["b", "a"], probabilities=np.array([0.5, 0.25]), class_names=iter("ab"))

    assert (report.class_names, report.support.tolist()) == (("a", "b"), [1, 1])


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["cat", "owl", "dog", "dog"]),
        np.array([b"cat", b"owl", b"dog", b"dog"]),
        np.array(["cat", "owl", "dog", "dog"], object),
        ["cat", "owl", "dog", "dog"],
        [["cat"], ["owl"], ["dog"], ["dog"]],
    ],
)
def test_labels_may_be_names(labels):
    report = EvaluationReport.from_predictions(labels, probabilities=P, class_names=["cat", "dog", "owl"])

    assert (report.class_names, report.support.tolist()) == (("cat", "dog", "owl"), [1, 2, 1])
    assert report.statistics == EvaluationReport.from_predictions(LABELS, probabilities=P).statistics
    assert report.accuracy == 0.75


def test_names_of_many_shapes_and_classes():
    names = [f"c{k}" for k in range(300)]

    assert labels_by_name(np.array([["c7", "c299"], ["c0", "c7"]]), names).tolist() == [[7, 299], [0, 7]]
    with pytest.raises(ValueError) as caught:
        labels_by_name(np.array([["c7", "c299"], ["c0", "c300"]]), names)
    assert str(caught.value) == (
        "`labels` must be names of classes. Received: labels[1, 1]='c300'. Classes: c0, c1, c2, c3, c4, c5, c6, c7, "
        "c8, c9, ... (300 in all)."
    )


def test_arrays_of_a_framework_are_read(handed):
    """Tensors of the backend are arrays too; bfloat16, which NumPy has not, is floating-point."""
    dtype = "float16" if keras.backend.backend() == "torch" else "bfloat16"

    statistics_of(keras.ops.convert_to_tensor(LABELS), probabilities=keras.ops.cast(P, dtype))

    ((_, some),) = handed
    np.testing.assert_array_equal(some.outputs, P)
    assert (some.targets.tolist(), some.outputs.dtype) == (LABELS.tolist(), np.float32)


def test_what_is_given_is_not_changed():
    """Nor does it have to be writable, or contiguous."""
    labels, p = LABELS.copy(), np.asfortranarray(P)
    labels.flags.writeable = p.flags.writeable = False

    assert statistics_of(labels[::-1], probabilities=p[::-1]).num_examples == 4
    np.testing.assert_array_equal(p, P)


def test_the_report_carries_what_it_is_told():
    report = EvaluationReport.from_predictions(
        LABELS, probabilities=P, split="validation", output="kind", epoch=7, num_bins=4, confusion_limit=2
    )

    assert (report.split, report.output, report.epoch, report.num_bins) == ("validation", "kind", 7, 4)
    assert report.statistics.confusion is None
    assert report.class_names == ("0", "1", "2")
    assert report.loss_accuracy_divergence == 0.0
    assert EvaluationReport.from_dict(report.to_dict()) == report


def test_a_pass_whose_rows_are_all_invalid_is_undefined():
    report = EvaluationReport.from_predictions([9, 9], probabilities=P[:2])

    assert (report.num_examples, report.invalid_labels) == (0, 2)
    assert np.isnan([report.cross_entropy, report.accuracy, report.loss_accuracy_divergence]).all()


# What is refused


TWO = np.full((4, 2), 0.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "One of `probabilities` and `logits` must be given. Received: neither."),
        (
            {"probabilities": P, "logits": P},
            ValueError,
            "One of `probabilities` and `logits` must be given. Received: both.",
        ),
        (
            {"probabilities": P, "task": "regression"},
            ValueError,
            "`task` must be None or one of multiclass, binary, multilabel. Received: task='regression'.",
        ),
        ({"probabilities": P, "num_bins": 0}, ValueError, "`num_bins` must be an integer >= 1. Received: num_bins=0."),
        (
            {"probabilities": P, "confusion_limit": -1},
            ValueError,
            "`confusion_limit` must be an integer >= 0. Received: confusion_limit=-1.",
        ),
        (
            {"probabilities": P.argmax(axis=1)},
            TypeError,
            "`probabilities` must be floating-point numbers. Received: probabilities.dtype=int64. Predicted classes do "
            "not say how sure the model is; if these numbers are probabilities, convert them to float.",
        ),
        (
            {"logits": np.array([["a"]])},
            TypeError,
            "`logits` must be floating-point numbers. Received: logits.dtype=<U1.",
        ),
        (
            {"logits": np.array([[None]])},
            TypeError,
            "`logits` must be floating-point numbers. Received: logits.dtype=object.",
        ),
        (
            {"labels": [], "probabilities": np.zeros((0, 3))},
            ValueError,
            "`probabilities` must hold at least one example. Received: probabilities.shape=(0, 3).",
        ),
        (
            {"labels": 1, "probabilities": 0.5},
            ValueError,
            "`probabilities` must hold at least one example. Received: probabilities.shape=().",
        ),
        (
            {"probabilities": np.ma.masked_less(P, 0.2)},
            TypeError,
            "`probabilities` must not be a masked array. Received: probabilities with 4 masked entries. Leave out "
            "their rows, or give them a `sample_weight` of 0.",
        ),
        (
            {"labels": [0, 1, 2], "probabilities": P},
            ValueError,
            "`labels` must have shape (4,) or (4, 1) or (4, 3) for probabilities of shape (4, 3) and the task "
            "'multiclass'. Received: labels.shape=(3,).",
        ),
        (
            {"labels": np.eye(5)[:4], "logits": P},
            ValueError,
            "`labels` must have shape (4,) or (4, 1) or (4, 3) for logits of shape (4, 3) and the task 'multiclass'. "
            "Received: labels.shape=(4, 5).",
        ),
        (
            {"labels": np.eye(3)[LABELS], "logits": P},
            ValueError,
            "`task` must be given where `labels` have the shape of `logits`, here (4, 3). Pass 'multiclass' where the "
            "classes exclude each other (one-hot or soft rows), 'multilabel' where each column is a label with a yes "
            "or no of its own, 'binary' where each entry is an example of one and the same yes or no.",
        ),
        (
            {"probabilities": TWO, "task": "binary"},
            ValueError,
            "`labels` must have shape (4, 2) or (4, 2, 1) for probabilities of shape (4, 2) and the task 'binary'. "
            "Received: labels.shape=(4,). Two columns of probabilities are those of two classes, the task "
            "'multiclass'.",
        ),
        (
            {"probabilities": TWO[:, :1], "task": "multiclass"},
            ValueError,
            "`probabilities` of the task 'multiclass' must have an axis of at least 2 classes. Received: "
            "probabilities.shape=(4, 1). For one unit that says yes or no, pass task='binary'.",
        ),
        (
            {"probabilities": TWO[:, 0], "task": "multilabel"},
            ValueError,
            "`probabilities` of the task 'multilabel' must have shape (num_examples, num_classes). Received: "
            "probabilities.shape=(4,).",
        ),
        (
            {"probabilities": P, "class_names": ["a", "b"]},
            ValueError,
            "`class_names` must have one name for each of the 3 classes. Received: 2 names.",
        ),
        (
            {"probabilities": P, "class_names": "abc"},
            TypeError,
            "`class_names` must be a sequence of strings. Received: class_names='abc'.",
        ),
        (
            {"probabilities": P, "class_names": [0, 1, 2]},
            TypeError,
            "`class_names` must be a sequence of strings. Received: class_names=[0, 1, 2].",
        ),
        (
            {"probabilities": P, "class_names": ["a", "b", "a"]},
            ValueError,
            "`class_names` must be distinct. Received 'a' more than once.",
        ),
        (
            {"labels": list("abcb"), "probabilities": P},
            ValueError,
            "`class_names` must be given where `labels` are names, in the order of the outputs. Received: "
            "class_names=None, the first label is 'a'.",
        ),
        (
            {"labels": list("abcd"), "probabilities": P, "class_names": ["a", "b", "c"]},
            ValueError,
            "`labels` must be names of classes. Received: labels[3]='d'. Classes: a, b, c.",
        ),
        (
            {"labels": np.array([0, None, 1, 1]), "probabilities": P},
            TypeError,
            "`labels` must be numbers or class names. Received: labels.dtype=object.",
        ),
        (
            {"labels": [list("abc")] * 4, "probabilities": P, "task": "multilabel", "class_names": list("abc")},
            TypeError,
            "`labels` must be numbers, one for each class of a row. Received: labels.dtype=<U1.",
        ),
        (
            {"probabilities": P, "sample_weight": [1.0, 2.0]},
            ValueError,
            "`sample_weight` must have shape (4,). Received: sample_weight.shape=(2,).",
        ),
        (
            {"labels": LABELS[None], "logits": P[None], "sample_weight": 1.0},
            ValueError,
            "`sample_weight` must have shape (1, 4) or (1,). Received: sample_weight.shape=().",
        ),
        (
            {"probabilities": P, "sample_weight": list("abcd")},
            TypeError,
            "`sample_weight` must be numbers. Received: sample_weight.dtype=<U1.",
        ),
        ({"probabilities": P, "epoch": -1}, ValueError, "`epoch` must be an integer >= 0. Received: epoch=-1."),
        (
            {"probabilities": P, "split": "dev"},
            ValueError,
            "`split` must be one of train, validation, test. Received: split='dev'.",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, message):
    with pytest.raises(error) as caught:
        EvaluationReport.from_predictions(**{"labels": LABELS, **arguments})

    assert str(caught.value) == message


def test_ragged_rows_are_refused():
    with pytest.raises(TypeError, match=r"`probabilities` must be an array, or convert to one. Received: list, of "):
        statistics_of([0, 1], probabilities=[[0.5, 0.5], [1.0]])
