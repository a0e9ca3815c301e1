"""Predictions made elsewhere: from labels and probabilities or logits, at rest in arrays, to the sums of a pass.

    >>> import numpy as np
    >>> sums = statistics_of([0, 1, 1], probabilities=np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]))
    >>> sums.confusion
    array([[1, 0],
           [1, 1]])

The sums are those that a training takes of the same predictions, by the same code (`xent_monitor.functional`), a
bounded chunk of rows at a time. Keras is imported when they are taken, not before.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xent_monitor.statistics import TASKS, ClassStatistics, Integers, Task

if TYPE_CHECKING:
    from xent_monitor.functional.prediction_sums import PredictionRows

__all__ = ["CHUNK_LOGITS", "CHUNK_ROWS", "MOST_LOGITS", "WHOLE_LOGITS", "labels_by_name", "statistics_of"]

#: A pass of up to so many logits is whole in the temperature sums; of a larger one a sample of each chunk is.
WHOLE_LOGITS = 2**20
#: Logits of a chunk of a larger pass, unless that were fewer than `CHUNK_ROWS`: each chunk costs the time of some
#: thousand rows.
CHUNK_LOGITS = 2**18
#: Rows of a chunk where classes are so many that each chunk has to add up more sums than it has logits.
CHUNK_ROWS = 32
#: Logits of a chunk at most, or one row.
MOST_LOGITS = 2**22

#: Names that a message lists.
NAMES_SHOWN = 10

Array = NDArray[Any]


def statistics_of(
    labels: ArrayLike,
    *,
    probabilities: ArrayLike | None = None,
    logits: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    task: Task | None = None,
    num_bins: int = 15,
    confusion_limit: int = 256,
) -> ClassStatistics:
    """Sums of one pass over predictions that are there already.

    Below, `lead` is `(num_examples,)`, or `(num_examples, tokens)`, `(num_examples, height, width)` and so on: each
    token or pixel is a row of its own.

    Args:
        labels: What is true. By task:

            - multiclass: class indices, shape `lead` or `(*lead, 1)`, whole numbers in `[0, num_classes)`; or class
              names, strings, of the same shapes; or one-hot or soft rows that sum to 1, shape `(*lead, num_classes)`.
            - binary: 0 or 1, or any target between them, shape `lead` or `(*lead, 1)`; or one of two class names.
            - multilabel: 0 or 1, or any target between them, shape `(*lead, num_classes)`.
        probabilities: Predicted probabilities, float, shape `(*lead, num_classes)`; binary: of the positive class,
            shape `lead` or `(*lead, 1)`. Pass these or `logits`.
        logits: The same before the softmax or sigmoid. Minus infinity is a probability of 0, and a row that gives it to
            its true class is not finite: its cross-entropy is infinite. Probabilities of 0 are clipped instead.
        sample_weight: Weights, shape `lead` or its first axes; None for 1.
        class_names: Names of the classes, where labels are names; binary: (negative, positive).
        task: `"multiclass"`, `"binary"` or `"multilabel"`. None to go by the shapes: one unit is binary, labels
            without an axis of classes are multiclass. Labels in the shape of the outputs may be of any task.
        num_bins: Number of probability bins, >= 1.
        confusion_limit: Number of classes up to which the whole matrix of confusions is kept, >= 0.

    Returns:
        The sums. A row with a label that names no class or with a NaN is counted under its cause, and nowhere else;
        one that is no distribution is counted and stays in the sums. The loss that the model was trained with is not
        known: its sums are NaN. A batch is a chunk.

    Raises:
        TypeError: If something is not an array of the right kind.
        ValueError: If shapes do not fit together, both or none of probabilities and logits are given, nothing is in
            them, a name is no class, or it cannot be told of which task labels are.

    Precision: outputs are read in float32, as in a training, and probabilities clipped at `keras.config.epsilon()`;
    sums are 1e-6 relative. Memory beyond the arguments: `O(num_classes)` and a chunk of at most 2^22 logits.

    Example:
        >>> import numpy as np
        >>> sums = statistics_of(["cat", "dog"], logits=np.array([0.0, 2.0]), class_names=["cat", "dog"])
        >>> sums.task, sums.support, sums.cross_entropy_sum.round(3)
        ('binary', array([1, 1]), array([0.693, 0.127]))
    """
    _check_numbers(num_bins=(num_bins, 1), confusion_limit=(confusion_limit, 0))
    given = _read(labels, probabilities, logits, sample_weight, class_names, task)
    # Importing these imports Keras, and with it a backend: seconds that reading a report must not cost.
    from xent_monitor.functional.prediction_sums import prediction_sums
    from xent_monitor.unpacking import sum_layout, unpack

    layout = sum_layout(given.task, given.num_classes, num_bins, confusion_limit)
    floats, counts = np.zeros(layout.num_floats), np.zeros(layout.num_counts, np.int64)
    for rows in _chunks(given):
        more_floats, more_counts = prediction_sums(
            layout, rows, from_logits=given.from_logits, computed_in=given.computed_in
        )
        floats += more_floats
        counts += more_counts
    # The only rows that are masked are those which lengthen the last chunk.
    return dataclasses.replace(unpack(layout, given.task, floats, counts, knows_loss=False), masked=0)


def labels_by_name(labels: Array, class_names: Sequence[str]) -> Integers:
    """Indices of the classes that labels name.

    Args:
        labels: Class names. Any shape, strings.
        class_names: Name of each class.

    Returns:
        The indices. Shape of the labels, int64.

    Raises:
        ValueError: If a label is none of the names.

    Example:
        >>> labels_by_name(np.array(["dog", "cat", "dog"]), ["cat", "dog"])
        array([1, 0, 1])
    """
    index = {name: k for k, name in enumerate(class_names)}
    names, places = np.unique(labels, return_inverse=True)
    known = np.array([index.get(str(name), -1) for name in names], np.int64)
    found = np.asarray(known[places]).reshape(labels.shape)
    if (known < 0).any():
        place = np.unravel_index(int((found < 0).argmax()), found.shape)
        where = ", ".join(map(str, place))
        raise ValueError(
            f"`labels` must be names of classes. Received: labels[{where}]={str(labels[place])!r}. "
            f"Classes: {_listed(class_names)}."
        )
    return found


class _Given(NamedTuple):
    """Predictions whose shapes are known to fit, one row after the other."""

    task: Task
    #: 2 for binary.
    num_classes: int
    #: Shape `(rows,)`, or `(rows, num_classes)` for targets.
    labels: Array
    #: Shape `(rows, num_classes)`; binary `(rows, 1)`.
    outputs: Array
    #: Shape `(rows,)`.
    weight: Array | None
    from_logits: bool
    #: Dtype of the outputs.
    computed_in: str
    #: Rows of each example.
    rows_per_example: int


# What is given


def _read(
    labels: ArrayLike,
    probabilities: ArrayLike | None,
    logits: ArrayLike | None,
    sample_weight: ArrayLike | None,
    class_names: Sequence[str] | None,
    task: Task | None,
) -> _Given:
    if (probabilities is None) == (logits is None):
        which = "neither" if probabilities is None else "both"
        raise ValueError(f"One of `probabilities` and `logits` must be given. Received: {which}.")
    if task is not None and task not in TASKS:
        raise ValueError(f"`task` must be None or one of {', '.join(TASKS)}. Received: task={task!r}.")
    name = "probabilities" if logits is None else "logits"
    outputs = _outputs(name, probabilities if logits is None else logits)
    truth = _array("labels", labels)
    task = task or _task_by_shape(truth.shape, name, outputs.shape)
    lead = _leading_shape(task, name, outputs.shape, truth.shape)
    num_classes = 2 if task == "binary" else outputs.shape[-1]
    names = None if class_names is None else _names(class_names, num_classes)
    by_class = task == "multilabel" or (task == "multiclass" and truth.shape == outputs.shape)
    truth = _numbers_of(truth, names, by_class=by_class)
    return _Given(
        task=task,
        num_classes=num_classes,
        labels=truth.reshape(-1, num_classes) if by_class else truth.reshape(-1),
        outputs=outputs.reshape(-1, 1 if task == "binary" else num_classes),
        weight=None if sample_weight is None else _weight(_array("sample_weight", sample_weight), lead),
        from_logits=logits is not None,
        computed_in=outputs.dtype.name,
        rows_per_example=math.prod(lead[1:]),
    )


def _array(name: str, given: Any) -> Array:
    """What was given as an array."""
    if isinstance(given, np.ma.MaskedArray):
        raise TypeError(
            f"`{name}` must not be a masked array. Received: {name} with {int(np.ma.getmaskarray(given).sum())} masked "
            "entries. Leave out their rows, or give them a `sample_weight` of 0."
        )
    try:
        return np.asarray(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"`{name}` must be an array, or convert to one. Received: {type(given).__name__}, of which NumPy says: "
            f"{error}"
        ) from error


def _outputs(name: str, given: Any) -> Array:
    outputs = _array(name, given)
    # bfloat16 and its like, which JAX and TensorFlow have, are no floats for NumPy.
    if outputs.dtype.kind != "f" and "float" not in outputs.dtype.name:
        hint = ""
        if outputs.dtype.kind in "biu":
            hint = (
                f" Predicted classes do not say how sure the model is; if these numbers are {name}, "
                "convert them to float."
            )
        raise TypeError(f"`{name}` must be floating-point numbers. Received: {name}.dtype={outputs.dtype}.{hint}")
    if outputs.size == 0 or outputs.ndim == 0:
        raise ValueError(f"`{name}` must hold at least one example. Received: {name}.shape={outputs.shape}.")
    return outputs


def _task_by_shape(labels: tuple[int, ...], name: str, outputs: tuple[int, ...]) -> Task:
    """The task that shapes leave no doubt about."""
    if len(outputs) == 1 or outputs[-1] == 1:
        return "binary"
    if labels == outputs:
        raise ValueError(
            f"`task` must be given where `labels` have the shape of `{name}`, here {outputs}. Pass 'multiclass' where "
            "the classes exclude each other (one-hot or soft rows), 'multilabel' where each column is a label with a "
            "yes or no of its own, 'binary' where each entry is an example of one and the same yes or no."
        )
    return "multiclass"


def _leading_shape(task: Task, name: str, outputs: tuple[int, ...], labels: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of the outputs without the axis of the classes, if the labels fit it."""
    has_classes = task != "binary" or (len(outputs) > 1 and outputs[-1] == 1)
    lead = outputs[:-1] if has_classes else outputs
    if task == "multiclass" and (len(outputs) == 1 or outputs[-1] < 2):
        raise ValueError(
            f"`{name}` of the task 'multiclass' must have an axis of at least 2 classes. Received: "
            f"{name}.shape={outputs}. For one unit that says yes or no, pass task='binary'."
        )
    if not lead:
        raise ValueError(
            f"`{name}` of the task 'multilabel' must have shape (num_examples, num_classes). Received: "
            f"{name}.shape={outputs}."
        )
    shapes = {"multiclass": [lead, (*lead, 1), outputs], "binary": [lead, (*lead, 1)], "multilabel": [outputs]}[task]
    if labels not in shapes:
        hint = ""
        if task == "binary" and labels == outputs[:-1]:
            hint = f" Two columns of {name} are those of two classes, the task 'multiclass'."
        raise ValueError(
            f"`labels` must have shape {' or '.join(map(str, shapes))} for {name} of shape {outputs} and the task "
            f"{task!r}. Received: labels.shape={labels}.{hint}"
        )
    return lead


def _names(class_names: Any, num_classes: int) -> tuple[str, ...]:
    listed = isinstance(class_names, Iterable) and not isinstance(class_names, str)
    names = tuple(class_names) if listed else ()
    if not listed or not all(isinstance(name, str) for name in names):
        raise TypeError(f"`class_names` must be a sequence of strings. Received: class_names={class_names!r}.")
    if len(names) != num_classes:
        raise ValueError(
            f"`class_names` must have one name for each of the {num_classes} classes. Received: {len(names)} names."
        )
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"`class_names` must be distinct. Received {twice!r} more than once.")
    return names


def _numbers_of(labels: Array, class_names: Sequence[str] | None, *, by_class: bool) -> Array:
    """Labels as numbers: as they are, or by the names of the classes where there is not a target for each class."""
    if labels.dtype.kind in "biuf" or "float" in labels.dtype.name:
        return labels
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8")
    elif labels.dtype.kind == "O" and all(isinstance(label, str) for label in labels.flat):
        labels = labels.astype(str)
    if by_class or labels.dtype.kind not in "UT":
        kinds = "numbers, one for each class of a row" if by_class else "numbers or class names"
        raise TypeError(f"`labels` must be {kinds}. Received: labels.dtype={labels.dtype}.")
    if class_names is None:
        raise ValueError(
            "`class_names` must be given where `labels` are names, in the order of the outputs. Received: "
            f"class_names=None, the first label is {str(labels.flat[0])!r}."
        )
    return labels_by_name(labels, class_names)


def _weight(weight: Array, lead: tuple[int, ...]) -> Array:
    """A weight for each row: one of an example is that of all its rows. Shape `(rows,)`."""
    if weight.dtype.kind not in "biuf" and "float" not in weight.dtype.name:
        raise TypeError(f"`sample_weight` must be numbers. Received: sample_weight.dtype={weight.dtype}.")
    shape = weight.shape[:-1] if weight.ndim > 1 and weight.shape[-1] == 1 else weight.shape
    if not shape or shape != lead[: len(shape)]:
        raise ValueError(
            f"`sample_weight` must have shape {lead}"
            + (f" or {lead[:1]}" if len(lead) > 1 else "")
            + f". Received: sample_weight.shape={weight.shape}."
        )
    spread = weight.reshape(shape + (1,) * (len(lead) - len(shape)))
    return np.broadcast_to(spread, lead).reshape(-1)


def _check_numbers(**at_least: tuple[Any, int]) -> None:
    for name, (value, least) in at_least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"`{name}` must be an integer >= {least}. Received: {name}={value!r}.")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown}, ... ({len(names)} in all)"


# What is read of it at a time


def _chunk_rows(num_rows: int, width: int) -> int:
    """Rows of a chunk, where each row has `width` logits."""
    from xent_monitor.functional.sums import TEMPERATURE_LOGITS

    if num_rows * width <= WHOLE_LOGITS:
        return max(1, TEMPERATURE_LOGITS // width)
    return max(1, CHUNK_LOGITS // width, min(CHUNK_ROWS, MOST_LOGITS // width))


def _chunks(given: _Given) -> Iterator[PredictionRows]:
    """The rows, a bounded number of them at a time."""
    from xent_monitor.functional.prediction_sums import PredictionRows

    num_rows, units = given.outputs.shape
    width = units if given.task == "multiclass" else 2 * units
    num_chunks = math.ceil(num_rows / _chunk_rows(num_rows, width))
    size = math.ceil(num_rows / num_chunks)
    for start in range(0, num_rows, size):
        rows = slice(start, min(start + size, num_rows))
        begun = [math.ceil(end / given.rows_per_example) for end in (rows.start, rows.stop)]
        targets = _class_indices(given, rows) if _is_sparse(given) else _single(given.labels[rows])
        # JAX compiles for each shape, and for a mask or none: the last chunk gets the shape of the others, with rows
        # that are masked out.
        missing = size - (rows.stop - rows.start)
        yield PredictionRows(
            targets=_lengthened(targets, missing),
            outputs=_lengthened(_single(given.outputs[rows]), missing),
            weight=None if given.weight is None else _lengthened(_single(given.weight[rows]), missing),
            judged=np.arange(size) < size - missing if num_chunks > 1 else None,
            num_samples=begun[1] - begun[0],
        )


def _lengthened(rows: Array, missing: int) -> Array:
    """The rows, the last one so many times more."""
    return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows


def _is_sparse(given: _Given) -> bool:
    return given.task == "multiclass" and given.labels.ndim == 1


def _class_indices(given: _Given, rows: slice) -> Array:
    """Class indices in int32, -1 for what is none: where int64 and float64 are cut off, 2^32 would be class 0."""
    labels = given.labels[rows]
    valid = (labels >= 0) & (labels < given.num_classes)
    if labels.dtype.kind not in "biu":
        valid &= labels == np.floor(labels)
    indices: Array = np.where(valid, labels, 0).astype(np.int32)
    indices[~valid] = -1
    return indices


def _single(values: Array) -> Array:
    """A copy in float32."""
    with np.errstate(over="ignore"):
        return np.array(values, np.float32)
