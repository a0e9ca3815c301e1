"""The benchmark of faults: its programs are what they claim, and a training can be recorded, replayed and judged."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binomtest

from benchmarks.faults import baselines
from benchmarks.faults.judge import Share, judge, summarise
from benchmarks.faults.program import INFO_RULES, PROGRAMS, WARNING_RULES, Program, pair
from benchmarks.faults.programs import all_programs
from benchmarks.faults.record import path_of, record_into
from benchmarks.faults.recording import Recording, read_all
from xent_monitor.alerts import default_rules

OWN = all_programs(other=None)
FAULTY = [program for program in OWN.values() if program.kind == "faulty"]


def recording(kind: str = "healthy", **curves: list[float]) -> Recording:
    """A recording with curves alone."""
    return Recording("id", kind, "own", frozenset(), None, "", 0, "tensorflow", True, None, (), {}, curves, ())


def test_rule_ids_are_those_of_the_built_in_rules():
    """The ids that programs may expect are those of the rules, by the severity that counts."""
    loud = {rule.name for rule in default_rules() if rule.severity != "info"}

    assert loud == WARNING_RULES
    assert {rule.name for rule in default_rules()} - loud == INFO_RULES


@pytest.mark.parametrize("program", FAULTY, ids=lambda program: program.id)
def test_a_faulty_program_has_a_twin_and_right_answers(program: Program):
    """Each names rules that count as an alarm, and its twin is healthy and names it."""
    twin = OWN[program.twin]

    assert program.primary in program.expected
    assert program.expected <= WARNING_RULES
    assert (twin.kind, twin.twin, twin.expected) == ("healthy", program.id, frozenset())


def test_there_are_enough_programs():
    """Sixteen faulty ones and twenty healthy ones that stand alone, at the least."""
    alone = [program for program in OWN.values() if program.kind == "healthy" and program.twin is None]

    assert len(FAULTY) >= 16
    assert len(alone) >= 20


def test_an_id_is_used_once():
    """A second program with the same id is refused, and leaves the first in place."""
    first = PROGRAMS["tanh-head"]

    with pytest.raises(ValueError) as error:
        pair("tanh-head", "no-skill", fault="", fix="", data="")(lambda seed, faulty: None)

    assert str(error.value) == "There are two programs with the id 'tanh-head'."
    assert PROGRAMS["tanh-head"] is first


@pytest.mark.parametrize(("hits", "total"), [(0, 7), (3, 7), (7, 7), (58, 100)])
def test_the_interval_is_wilsons(hits: int, total: int):
    """The interval is that of an independent library."""
    reference = binomtest(hits, total).proportion_ci(method="wilson")

    assert Share(hits, total).interval == pytest.approx((reference.low, reference.high), abs=1e-6)


@pytest.mark.parametrize(
    ("system", "curves", "epoch"),
    [
        (baselines.early_stopping, {"val_loss": [3, 2, 1, 1, 1, 1, 1, 1]}, 7),
        (baselines.early_stopping, {"val_loss": [3, 2, 1, 1, 1, 1, 1, 0]}, None),
        (baselines.terminate_on_nan, {"loss": [1.0, math.nan]}, 1),
        (baselines.sagemaker, {"loss": [1.0, 0.9], "val_loss": [1.0, 0.8]}, None),
        (baselines.sagemaker, {"loss": [1.0, 0.9], "val_loss": [1.0, 1.0]}, 1),
        (baselines.umlaut, {"loss": [1.0, 0.9, 0.8], "val_loss": [1.0, 0.9, 0.91]}, 2),
        (baselines.autotrainer, {"loss": [1.0] * 4, "accuracy": [0.3] * 4}, 2),
        (baselines.deep_localize, {"loss": [5, 4, 3, 2, 1], "accuracy": [0.9] * 5}, 4),
        (baselines.deep_diagnosis, {"loss": [5, 4, 3, 2, 1], "accuracy": [0.9] * 5}, None),
    ],
)
def test_existing_systems_speak_when_their_thresholds_say(system, curves, epoch):
    """The thresholds of others on curves made up for them."""
    assert system(recording(**curves)) == epoch


@pytest.mark.slow
@pytest.mark.e2e
def test_a_training_is_recorded_and_judged(tmp_path, backend):
    """A fault is caught under a right name, and a healthy training raises no alarm."""
    for id_ in ("first-dummy-dropped", "two-epochs"):
        record_into(path_of(tmp_path, backend, id_, 0), None, id_, 0)

    verdicts = [judge(one) for one in read_all(tmp_path, backend)]

    assert [verdict.recording.id for verdict in verdicts] == ["first-dummy-dropped", "two-epochs"]
    assert [verdict.recording.error for verdict in verdicts] == [None, None]
    summary = summarise(verdicts)
    assert (summary.caught.hits, summary.rightly_named.hits, summary.false_alarms.hits) == (1, 1, 0)
