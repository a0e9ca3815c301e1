"""Tests of the files of predictions. Without any backend, but for the reports at the end."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import predictions
from xent_monitor.cli.prediction_files import read_prediction_report, read_predictions
from xent_monitor.errors import PredictionFileError, XentMonitorError

LABELS = np.array([0, 2, 1])
P = np.array([[0.75, 0.125, 0.125], [0.25, 0.25, 0.5], [0.5, 0.25, 0.25]])
WEIGHTS = np.array([1.0, 0.5, 2.0])
NAMES = ("cat", "dog", "owl")

TABLE = "label,weight,cat,dog,owl\ncat,1,0.75,0.125,0.125\nowl,0.5,0.25,0.25,0.5\ndog,2,0.5,0.25,0.25\n"


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path, **arguments):
    """The message about a file, without its directory."""
    with pytest.raises(PredictionFileError) as caught:
        read_predictions(path, **arguments)
    return str(caught.value).replace(f"{path.parent}/", "")


def of_csv(tmp_path, text, name="p.csv", **arguments):
    return read_predictions(written(tmp_path, name, text), **arguments)


def check(found, *, kind="probabilities", weighted=True, names=NAMES):
    """What was found is what the constants above say."""
    np.testing.assert_array_equal(found.labels, LABELS)
    np.testing.assert_array_equal(getattr(found, kind), P)
    assert getattr(found, "logits" if kind == "probabilities" else "probabilities") is None
    assert (found.sample_weight is None) != weighted
    if weighted:
        np.testing.assert_array_equal(found.sample_weight, WEIGHTS)
    assert found.class_names == names


# Tables


@pytest.mark.parametrize(
    ("change", "arguments", "kind"),
    [
        (lambda text: text, {}, "probabilities"),
        (lambda text: text, {"logits": True}, "logits"),
        (lambda text: "\ufeff" + text.replace("\n", "\r\n"), {}, "probabilities"),
        (lambda text: text.replace(",", ";"), {}, "probabilities"),
        (lambda text: text.replace(",", "\t"), {}, "probabilities"),
        (lambda text: text.replace(",", " , ") + "\n\n", {}, "probabilities"),
        (
            lambda text: text.replace("cat,dog,owl", '"cat","dog","owl"').replace("\nowl", '\n"owl"'),
            {},
            "probabilities",
        ),
        (lambda text: text.replace("cat,dog,owl", "p:cat,p:dog,p:owl"), {}, "probabilities"),
        (lambda text: text.replace("cat,dog,owl", "logit:cat,logit:dog,logit:owl"), {}, "logits"),
        (
            lambda text: text.replace("\ncat", "\n0").replace("\nowl", "\n2.0").replace("\ndog", "\n1"),
            {},
            "probabilities",
        ),
    ],
)
def test_a_csv_file_is_read(tmp_path, change, arguments, kind):
    check(of_csv(tmp_path, change(TABLE), **arguments), kind=kind)


def test_columns_may_stand_in_any_order_and_weights_may_be_left_out(tmp_path):
    text = "cat,label,dog,owl\n0.75,cat,0.125,0.125\n0.25,owl,0.25,0.5\n0.5,dog,0.25,0.25\n"

    check(of_csv(tmp_path, text), weighted=False)


def test_with_a_prefix_other_columns_are_let_be(tmp_path):
    """Of both kinds, the argument chooses."""
    text = "id,label,p:cat,p:dog,logit:cat,logit:dog\nx7,dog,0.25,0.75,-1,1\n"

    given, asked = of_csv(tmp_path, text), of_csv(tmp_path, text, logits=True)

    assert (given.labels.tolist(), given.class_names) == ([1], ("cat", "dog"))
    assert (given.probabilities.tolist(), given.logits) == ([[0.25, 0.75]], None)
    assert (asked.logits.tolist(), asked.probabilities) == ([[-1.0, 1.0]], None)


@pytest.mark.parametrize(
    ("header", "labels", "found"),
    [
        ("0,1,2", "2 0 7 -1", [2, 0, 7, -1]),  # indices in any case: what is none is counted as invalid
        ("1,2,3", "1 3 2 1", [0, 2, 1, 0]),  # names that are numbers
        ("cat,dog,owl", "1 2 0 9", [1, 2, 0, 9]),
        ("cat,dog,0", "0 cat dog 0", [2, 0, 1, 2]),  # names, one of which looks like an index
    ],
)
def test_labels_are_names_or_indices(tmp_path, header, labels, found):
    rows = "\n".join(f"{label},0.5,0.25,0.25" for label in labels.split())

    assert of_csv(tmp_path, f"label,{header}\n{rows}\n").labels.tolist() == found


@pytest.mark.parametrize(
    ("labels", "found", "names"),
    [
        ("0 1 0", [0, 1, 0], ("not spam", "spam")),
        ("ham spam ham", [0, 1, 0], ("ham", "spam")),
        ("spam spam spam", [1, 1, 1], ("not spam", "spam")),
        ("ham ham ham", [0, 0, 0], ("ham", "spam")),
    ],
)
def test_a_single_column_is_that_of_the_positive_class(tmp_path, labels, found, names):
    rows = "\n".join(f"{label},0.5" for label in labels.split())

    read = of_csv(tmp_path, f"label,spam\n{rows}\n")

    assert (read.labels.tolist(), read.class_names) == (found, names)
    assert read.probabilities.tolist() == [0.5, 0.5, 0.5]


def test_numbers_that_are_none_are_kept_for_the_counts(tmp_path):
    """NaN and infinity are numbers: the report says how many rows have one."""
    read = of_csv(tmp_path, "label,a,b\n0,nan,1\n1,0.5,-inf\n")

    np.testing.assert_array_equal(read.probabilities, [[np.nan, 1.0], [0.5, -np.inf]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.csv: the file is empty."),
        ("label,a,b\n", "p.csv: has no rows below its header."),
        (
            "0,0.9,0.1\n1,0.2,0.8\n",
            "p.csv: has no column `label`. Expected are the columns `label`, perhaps `weight`, and one for each class, "
            "and in a CSV file their names in its first line. Found: `0`, `0.9`, `0.1`.",
        ),
        ("label,weight\n0,1\n", "p.csv: has no column of a class. Found: `label`, `weight`."),
        ("label,a,a\n0,1,0\n", "p.csv: has more than one column 'a'."),
        (
            ",label,a,b\n0,a,1,0\n",
            "p.csv: column 1 has no name, though it would be that of a class. Is it the index, written by pandas? Use "
            "to_csv(index=False).",
        ),
        (
            "label,a,Unnamed: 0\n0,1,0\n",
            "p.csv: column 3 has no name, though it would be that of a class. Is it the index, written by pandas? Use "
            "to_csv(index=False).",
        ),
        (
            "label,p:a,p:\n0,1,0\n",
            "p.csv: column 3 has no name, though it would be that of a class. Is it the index, written by pandas? Use "
            "to_csv(index=False).",
        ),
        (
            "label,a,b\n1,1,0\n2,0,1\n",
            "p.csv: labels seem to count from 1: they are from 1 to 2, and classes count from 0, here to 1. Subtract 1 "
            "from each label.",
        ),
        (
            "label,spam\n1,0.2\n2,0.8\n",
            "p.csv: labels seem to count from 1: they are from 1 to 2, and classes count from 0, here to 1. Subtract 1 "
            "from each label.",
        ),
        ("label,a,b\n0,1,0\n\n1,0,x\n", "p.csv: line 4, column 'b': must be a number. Found: 'x'."),
        ("label,a,b\n0,1,\n", "p.csv: line 2, column 'b': must be a number. Found: ''."),
        ("label,a,b\n0,1_0,0\n", "p.csv: line 2, column 'a': must be a number. Found: '1_0'."),
        ("label,weight,a,b\n0,w,1,0\n", "p.csv: line 2, column 'weight': must be a number. Found: 'w'."),
        (
            "label;a;b\n0;0,5;0,5\n",
            "p.csv: line 2, column 'a': must be a number. Found: '0,5'.",
        ),
        (
            "label,a,b\n0,1,0\n1,0.\n",
            "p.csv: line 3: must have 3 fields, as the header has. Found: 2. Is the file complete?",
        ),
        (
            "label,a,b\na,1,0\nc,0,1\n",
            "p.csv: line 3, column 'label': must be one of the classes `a`, `b`. Found: 'c'.",
        ),
        (
            "label,a,b\na,1,0\n1,0,1\n",
            "p.csv: line 3, column 'label': must be one of the classes `a`, `b`. Found: '1'.",
        ),
        (
            "label,a,b\n0,1,0\n0.5,0,1\n",
            "p.csv: line 3, column 'label': must be one of the classes `a`, `b` or, all labels alike, their index "
            "from 0. Found: '0.5'.",
        ),
        (
            "label,1,2\n1,1,0\n0,0,1\n",
            "p.csv: line 3, column 'label': must be one of the classes `1`, `2`. Found: '0'.",
        ),
        (
            "label,a,b\n0,1,0\n,0,1\n",
            "p.csv: line 3, column 'label': must be one of the classes `a`, `b` or, all labels alike, their index "
            "from 0. Found: ''.",
        ),
        (
            "label,spam\nham,0.5\neggs,0.5\n",
            "p.csv: line 3, column 'label': must be 0 or 1, or one of two names: 'spam' and, of what it is not, one "
            "other. Found: 'eggs'.",
        ),
        (
            b"label,a,b\n\xff,1,0\n",
            "p.csv: cannot be read as a CSV file in UTF-8: 'utf-8' codec can't decode byte 0xff in position 10: "
            "invalid start byte.",
        ),
    ],
)
def test_a_csv_file_that_holds_something_else_is_refused(tmp_path, text, message):
    assert refusal(written(tmp_path, "p.csv", text)) == message


def test_with_a_prefix_columns_without_a_name_are_let_be(tmp_path):
    found = of_csv(tmp_path, ",label,p:a,p:b,\n0,b,0.25,0.75,\n")

    assert (found.labels.tolist(), found.class_names) == ([1], ("a", "b"))


@pytest.mark.parametrize("labels", [LABELS + 1, (LABELS + 1.0)[:, None], np.array([2, 3, 2], np.uint8)])
def test_labels_of_arrays_that_count_from_1_are_refused(tmp_path, labels):
    said = f"they are from {labels.min():g} to 3, and classes count from 0, here to 2. Subtract 1 from each label."

    assert refusal(npz(tmp_path, labels=labels, y_pred=P)) == f"p.npz: labels seem to count from 1: {said}"
    assert refusal(npz(tmp_path, labels=labels, logits=P)) == f"p.npz: labels seem to count from 1: {said}"


@pytest.mark.parametrize(
    ("labels", "outputs"),
    [
        (LABELS, P),
        (np.array([1, 2, 1]), P),
        (np.array([0, 3, 1]), P),
        (np.array([-1, 3, 2]), P),
        (np.array([1, 4, 2]), P),
        (np.array([1, 1, 0]), P[:, 0]),
        (np.ones((3, 1)), P[:, :1]),
        (np.full((3, 3), 3), P),
    ],
)
def test_labels_that_may_count_from_0_are_left_to_the_report(tmp_path, labels, outputs):
    np.testing.assert_array_equal(read_predictions(npz(tmp_path, labels=labels, y_pred=outputs)).labels, labels)


@pytest.mark.parametrize(
    ("text", "named", "says_kind"),
    [
        ("label,cat,dog\ncat,1,0\n", ("cat", "dog"), False),
        ("label,p:cat,p:dog\ncat,1,0\n", ("cat", "dog"), True),
        ("label,0,1\n0,1,0\n", None, False),
        ("label,spam\n0,1\n", (None, "spam"), False),
        ("label,spam\nham,1\n", ("ham", "spam"), False),
    ],
)
def test_what_the_file_itself_says_is_known(tmp_path, text, named, says_kind):
    found = of_csv(tmp_path, text)

    assert (found.named, found.says_kind) == (named, says_kind)


def test_columns_of_probabilities_are_not_logits(tmp_path):
    path = written(tmp_path, "p.csv", "label,p:a,p:b\na,1,0\n")

    assert refusal(path, logits=True) == "p.csv: has columns `p:` only, though logits are asked for."


def test_many_names_are_cut_short(tmp_path):
    path = written(tmp_path, "p.csv", ",".join(f"c{k}" for k in range(1000)) + "\n")

    assert refusal(path).endswith(
        "Found: `c0`, `c1`, `c2`, `c3`, `c4`, `c5`, `c6`, `c7`, `c8`, `c9`, `c10`, `c11`, ... (1000 in all)."
    )


def test_a_long_file_is_read_in_parts(tmp_path, monkeypatch):
    """A mistake far down has the number of its line."""
    monkeypatch.setattr("xent_monitor.cli.prediction_tables.BLOCK_LINES", 7)
    labels, p = predictions(3, 50)
    rows = [",".join(map(str, [NAMES[k], *row])) for k, row in zip(labels, p.tolist(), strict=True)]
    header = "label,cat,dog,owl"

    found = of_csv(tmp_path, "\n".join([header, *rows]))

    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_array_equal(found.probabilities, p)
    rows[40] = "cat,1,?,0"
    path = written(tmp_path, "p.csv", "\n".join([header, *rows]))
    assert refusal(path) == "p.csv: line 42, column 'dog': must be a number. Found: '?'."


def test_a_parquet_file_is_read(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {"label": ["cat", "owl", "dog"], "weight": WEIGHTS, **dict(zip(NAMES, P.T, strict=True))}
    parquet.write_table(pyarrow.table(columns), tmp_path / "names.parquet")
    coded = pyarrow.array(columns["label"]).dictionary_encode()
    parquet.write_table(pyarrow.table({**columns, "label": coded}), tmp_path / "coded.parquet")
    parquet.write_table(pyarrow.table({**columns, "label": LABELS.astype("uint8")}), tmp_path / "indices.parquet")

    for name in ("names", "coded", "indices"):
        check(read_predictions(tmp_path / f"{name}.parquet"))


def test_what_a_parquet_file_may_not_hold(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    def said(**columns):
        parquet.write_table(pyarrow.table(columns), tmp_path / "p.parquet")
        return refusal(tmp_path / "p.parquet")

    assert said(label=["a", None], a=[1.0, 0.0], b=[0.0, 1.0]) == (
        "p.parquet: row 1 (from 0), column 'label': must not be empty."
    )
    assert said(label=["a", "b"], a=[1.0, 0.0], b=[None, 1.0]) == (
        "p.parquet: row 0 (from 0), column 'b': must not be empty."
    )
    assert said(label=["a", "b"], a=["x", "y"], b=[0.0, 1.0]) == (
        "p.parquet: column 'a' must hold numbers. Found: dtype object. Give the columns of classes the prefix `p:` or "
        "`logit:` if there are others."
    )
    assert said(label=[[1], [2]], a=[1.0, 0.0], b=[0.0, 1.0]).startswith(
        "p.parquet: row 0 (from 0), column 'label': must be a number or a name. Found: "
    )
    assert said(label=pyarrow.array([], "int64"), a=pyarrow.array([], "float32")) == "p.parquet: has no rows."
    path = written(tmp_path, "q.parquet", "label,a\n0,1\n")
    assert refusal(path).startswith("q.parquet: cannot be read as a Parquet file: ")


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)

    assert refusal(written(tmp_path, "p.parquet", "x")) == (
        "p.parquet: reading Parquet needs pyarrow: pip install 'xent-monitor[parquet]'"
    )


# Arrays


def npz(tmp_path, **arrays):
    np.savez(tmp_path / "p.npz", **arrays)
    return tmp_path / "p.npz"


@pytest.mark.parametrize(
    ("keys", "arguments", "kind"),
    [
        (("labels", "probabilities"), {}, "probabilities"),
        (("labels", "logits"), {}, "logits"),
        (("labels", "logits"), {"logits": True}, "logits"),
        (("y_true", "y_pred"), {}, "probabilities"),
        (("y_true", "y_pred"), {"logits": True}, "logits"),
    ],
)
def test_an_npz_file_is_read(tmp_path, keys, arguments, kind):
    labels, outputs = keys
    names = np.array(NAMES)

    path = npz(tmp_path, **{labels: LABELS, outputs: P}, sample_weight=WEIGHTS, class_names=names, images=np.zeros(3))

    check(read_predictions(path, **arguments), kind=kind)


def test_an_npz_file_may_have_little_or_much(tmp_path):
    """Names and weights may be missing; of probabilities and logits the argument chooses; the task may be there."""
    check(read_predictions(npz(tmp_path, labels=LABELS, probabilities=P)), weighted=False, names=None)
    both = npz(
        tmp_path, labels=LABELS, probabilities=P, logits=-P, task="multiclass", class_names=np.array([b"a", b"b"])
    )

    given, asked = read_predictions(both), read_predictions(both, logits=True)

    np.testing.assert_array_equal(given.probabilities, P)
    np.testing.assert_array_equal(asked.logits, -P)
    assert (given.logits, asked.probabilities) == (None, None)
    assert (given.task, given.class_names) == ("multiclass", ("a", "b"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": P}, "p.npz: has no array `labels`. It has: `x`."),
        ({"labels": LABELS, "x": P}, "p.npz: has neither `probabilities` nor `logits`. It has: `labels`, `x`."),
        (
            {"labels": LABELS, "y_true": LABELS, "logits": P},
            "p.npz: must have one of the arrays labels, y_true, not both.",
        ),
        (
            {"labels": LABELS, "logits": P, "class_names": np.eye(2)},
            "p.npz: `class_names` must be a list of strings. Found: shape (2, 2), dtype float64.",
        ),
        (
            {"labels": LABELS, "logits": P, "task": np.array("regression")},
            "p.npz: `task` must be one of multiclass, binary, multilabel. Found: array('regression', dtype='<U10').",
        ),
        (
            {"labels": np.array(["a", None], object), "logits": P},
            "p.npz: cannot be read as an npz file of numbers and strings: it holds Python objects, or something else "
            "that is no array.",
        ),
    ],
)
def test_an_npz_file_that_holds_something_else_is_refused(tmp_path, arrays, message):
    assert refusal(npz(tmp_path, **arrays)) == message


def test_an_npz_file_of_probabilities_holds_no_logits(tmp_path):
    path = npz(tmp_path, labels=LABELS, probabilities=P)

    assert refusal(path, logits=True) == "p.npz: has `probabilities` and no `logits`, though logits are asked for."


def test_an_npy_file_is_a_matrix_or_a_table(tmp_path):
    path = tmp_path / "p.npy"
    np.save(path, np.column_stack([LABELS, P]))
    check(read_predictions(path), weighted=False, names=None)
    check(read_predictions(path, logits=True), kind="logits", weighted=False, names=None)
    np.save(path, np.column_stack([[0, 1], [0.25, 0.75]]))
    assert read_predictions(path).probabilities.tolist() == [0.25, 0.75]
    columns = {"label": np.array(["cat", "owl", "dog"]), "weight": WEIGHTS, **dict(zip(NAMES, P.T, strict=True))}
    np.save(path, np.rec.fromarrays(list(columns.values()), names=list(columns)))
    check(read_predictions(path))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            P[:, 0],
            "p.npy: must be a matrix of numbers, in each row the label and then a number for each class, or a "
            "structured array. Found: shape (3,), dtype float64.",
        ),
        (
            P,
            "p.npy: the first column must hold labels, class indices from 0. Found: 0.75 in row 0 (from 0).",
        ),
        (
            np.zeros(2, [("label", "i4"), ("a", "f4", 2)]),
            "p.npy: column 'a' must hold numbers. Found: dtype float32. "
            "Give the columns of classes the prefix `p:` or `logit:` if there are others.",
        ),
        (np.zeros((2, 2), [("label", "i4")]), "p.npy: a structured array must have one axis. Found: shape (2, 2)."),
    ],
)
def test_an_npy_file_that_holds_something_else_is_refused(tmp_path, array, message):
    np.save(tmp_path / "p.npy", array)

    assert refusal(tmp_path / "p.npy") == message


# Files that are damaged, or of another kind


def test_array_files_under_the_name_of_the_other(tmp_path):
    npz(tmp_path, labels=LABELS, probabilities=P).rename(tmp_path / "p.npy")
    assert refusal(tmp_path / "p.npy") == "p.npy: is an archive of arrays; its name must end in .npz."
    np.save(tmp_path / "q.npy", P)
    (tmp_path / "q.npy").rename(tmp_path / "q.npz")
    assert refusal(tmp_path / "q.npz") == "q.npz: is a single array, as an npy file holds; its name must end in .npy."


@pytest.mark.parametrize("suffix", ["npz", "npy", "csv", "parquet"])
def test_every_truncated_or_foreign_file_is_one_error(tmp_path, suffix):
    """Cut anywhere, or full of noise, a file is refused, and never read as something that it is not."""
    rng = np.random.default_rng(0)
    whole = tmp_path / f"whole.{suffix}"
    if suffix == "npz":
        np.savez_compressed(whole, labels=rng.integers(3, size=99), probabilities=rng.random((99, 3)))
    elif suffix == "npy":
        np.save(whole, np.column_stack([rng.integers(3, size=99), rng.random((99, 3))]))
    elif suffix == "csv":
        whole.write_text(TABLE)
    else:
        pyarrow = pytest.importorskip("pyarrow.parquet")
        pyarrow.write_table(__import__("pyarrow").table({"label": [0, 1], "a": [1.0, 0.0]}), whole)
    read_predictions(whole)
    content = whole.read_bytes()
    cuts = [content[:end] for end in range(0, len(content) - 1, max(1, len(content) // 40))]
    if suffix == "csv":
        # A line that ends early, in the middle of its last number, cannot be told from a shorter number.
        cuts = [cut for cut in cuts if cut.decode().rsplit("\n", 1)[-1].count(",") in (1, 2, 3)]
    flipped = bytearray(content)
    flipped[len(content) // 2 :] = rng.bytes(len(content) - len(content) // 2)

    for part in [*cuts, rng.bytes(500), b"\0" * 64, bytes(flipped)]:
        assert refusal(written(tmp_path, f"p.{suffix}", part)).startswith(f"p.{suffix}: ")


def test_the_name_says_how_a_file_is_read(tmp_path):
    assert refusal(written(tmp_path, "p.txt", TABLE)) == (
        "p.txt: the name must end in .npz, .npy, .csv, .tsv, .parquet, which says how it is read."
    )
    check(of_csv(tmp_path, TABLE, name="P.CSV"))
    check(of_csv(tmp_path, TABLE.replace(",", "\t"), name="p.tsv"))


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_predictions(tmp_path / "p.npz")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        read_predictions(tmp_path / "d.csv")


# Reports


def test_the_report_of_a_file(tmp_path):
    report = read_prediction_report(written(tmp_path, "p.csv", TABLE))

    assert (report.split, report.class_names, report.support.tolist()) == ("test", NAMES, [1, 1, 1])
    np.testing.assert_allclose(report.class_cross_entropy, -np.log([0.75, 0.25, 0.5]), rtol=1e-6)
    assert report.weight_sum.tolist() == [1.0, 2.0, 0.5]


def test_what_does_not_fit_together_is_said_with_the_file(tmp_path):
    """Of one-hot labels in a file the task has to be known; it may stand in it, or be given."""
    path = npz(tmp_path, labels=np.eye(3)[LABELS], probabilities=P)

    with pytest.raises(XentMonitorError, match=r"p\.npz: `task` must be given where `labels` have the shape"):
        read_prediction_report(path)

    assert read_prediction_report(path, task="multiclass").support.tolist() == [1, 1, 1]
    path = npz(tmp_path, labels=np.eye(3)[LABELS], probabilities=P, task="multilabel")
    assert read_prediction_report(path).task == "multilabel"
