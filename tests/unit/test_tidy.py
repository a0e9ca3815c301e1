"""Reports as a tidy table: which rows there are, in which order, and that the values are those of the reports."""

from __future__ import annotations

import numpy as np
import pytest

from tests.alert_reports import made_report
from tests.builders import HOSTILE_NAMES, report
from xent_monitor.report import EvaluationReport
from xent_monitor.tidy import COLUMNS, check_quantities, columns, series


def rows(reports, quantities=None):
    table = columns(reports, quantities)
    assert tuple(table) == COLUMNS
    return list(zip(*(table[name].tolist() for name in COLUMNS), strict=True))


def test_rows_of_numbers_and_of_classes():
    passes = [
        made_report(0, nats=[0.5, 1.0, 1.5], right=[1.0, 0.5, 0.25], support=[4, 4, 8]),
        made_report(2, nats=0.25, support=[2, 0, 0], split="test", output="kind"),
    ]

    assert rows(passes, ["num_examples", "class_cross_entropy"]) == [
        (0, "validation", "", None, "num_examples", 16.0),
        (0, "validation", "", "cat", "class_cross_entropy", 0.5),
        (0, "validation", "", "dog", "class_cross_entropy", 1.0),
        (0, "validation", "", "owl", "class_cross_entropy", 1.5),
        (2, "test", "kind", None, "num_examples", 2.0),
        (2, "test", "kind", "cat", "class_cross_entropy", 0.25),
        (2, "test", "kind", "dog", "class_cross_entropy", pytest.approx(np.nan, nan_ok=True)),
        (2, "test", "kind", "owl", "class_cross_entropy", pytest.approx(np.nan, nan_ok=True)),
    ]


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_all_quantities_are_there_with_their_values(task):
    one = report(len(HOSTILE_NAMES), epoch=7, class_names=HOSTILE_NAMES, task=task)
    table = columns([one])

    assert {name: table[name].dtype for name in COLUMNS} == {
        **dict.fromkeys(COLUMNS, np.dtype(object)),
        "epoch": np.int64,
        "value": np.float64,
    }
    assert list(dict.fromkeys(table["quantity"])) == [
        *EvaluationReport.scalar_quantities(),
        *EvaluationReport.class_quantities(),
    ]
    for name in EvaluationReport.quantities():
        of_quantity = table["quantity"] == name
        np.testing.assert_array_equal(table["value"][of_quantity], np.atleast_1d(getattr(one, name)))
        is_scalar = name in EvaluationReport.scalar_quantities()
        assert tuple(table["class"][of_quantity]) == ((None,) if is_scalar else HOSTILE_NAMES)


def test_counts_stay_integers_in_series():
    found = {one.quantity: one for one in series(made_report(support=2**53 + 1), ["support", "num_examples"])}

    assert found["support"].values.tolist() == [2**53 + 1] * 3
    assert found["num_examples"].values.tolist() == [3 * (2**53 + 1)]
    assert found["support"].class_names == ("cat", "dog", "owl")
    assert found["num_examples"].class_names is None


def test_the_order_is_that_of_the_names_and_each_is_there_once():
    found = rows([made_report()], ["support", "accuracy", "support"])

    assert [row[4] for row in found] == ["support"] * 3 + ["accuracy"]


def test_no_reports_and_no_quantities():
    table = columns([])

    assert [len(values) for values in table.values()] == [0] * 6
    assert (table["epoch"].dtype, table["value"].dtype, table["class"].dtype) == (np.int64, np.float64, object)
    assert rows([made_report()], []) == []


@pytest.mark.parametrize("reports", [[], [made_report()]])
def test_an_unknown_quantity(reports):
    with pytest.raises(ValueError) as caught:
        columns(reports, ["accuracy", "class_ece"])

    assert str(caught.value) == (
        f"Unknown quantity 'class_ece'. Available: {', '.join(EvaluationReport.quantities())}."
    )
    check_quantities(EvaluationReport.quantities())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("class_recal", " Did you mean 'class_recall'?"),
        ("acuracy", " Did you mean 'accuracy'?"),
        ("crossentropy", " Did you mean 'cross_entropy'?"),
        ("class_of_its_own", ""),
        (3, ""),
    ],
)
def test_the_quantity_that_was_meant(name, meant):
    with pytest.raises(ValueError) as caught:
        check_quantities([name])

    assert str(caught.value).startswith(f"Unknown quantity {name!r}.{meant} Available: accuracy, ")


def test_a_report_does_not_grow():
    one = report(4)
    before = set(vars(one))
    columns([one])

    assert set(vars(one)) == before
