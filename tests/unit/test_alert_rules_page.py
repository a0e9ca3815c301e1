"""The reference page has an entry for every built-in rule, with its own facts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xent_monitor.alerts.builtin import default_rules, limits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "alert-rules.md"
TEXT = PAGE.read_text(encoding="utf-8")
NAMES = [rule.name for rule in default_rules()]

#: Words of a pass.
PASSES = {"train": "training", "validation": "validation"}

entry_of_a_rule = pytest.mark.parametrize("rule", default_rules(), ids=NAMES)


def entry(name):
    """The text of one entry, without its heading."""
    found = re.search(rf"^### `{name}`\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{name} has no entry"
    return found[1]


def line(name, title):
    """What an entry says under one of its titles; None where it has none."""
    found = re.search(rf"^- \*{title}:\* (.+)$", entry(name), re.MULTILINE)
    return found and found[1]


def test_entries_are_those_of_the_rules_in_their_order():
    assert re.findall(r"^### `([\w-]+)`$", TEXT, re.MULTILINE) == NAMES


@entry_of_a_rule
def test_entry_has_the_facts_of_the_rule(rule):
    passes = " and ".join(PASSES[split] for split in rule.splits)

    assert entry(rule.name).splitlines()[0] == (
        f"**{rule.severity}**, on {passes}; for {rule.for_}, after {rule.after}, "
        f"keeps firing for {rule.keep_firing_for}, min_support {rule.min_support}."
    )


@entry_of_a_rule
def test_entry_names_what_silences_the_rule(rule):
    said = line(rule.name, "Silenced by")

    assert re.findall(r"\[`([\w-]+)`\]", said) == list(rule.inhibited_by)
    assert rule.inhibited_by or said == "nothing."


@entry_of_a_rule
@pytest.mark.parametrize("title", ["Sees", "Formula", "Why there", "Try"])
def test_entry_says_something(rule, title):
    said = line(rule.name, title)

    assert said
    assert said.endswith(".")


def test_links_lead_to_entries():
    own = set(re.findall(r"\]\(#([\w-]+)\)", TEXT))
    quantities = (PAGE.parent / "quantities.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^### `(\w+)`$", quantities, re.MULTILINE))

    assert own <= set(NAMES)
    assert set(re.findall(r"quantities\.md#(\w+)", TEXT)) <= headings


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("invalid-labels", f"*n* ≥ {limits.MIN_EXAMPLES}"),
        ("invalid-probabilities", f"≥ {limits.INVALID_ROWS:.0%}"),
        ("inconsistent-loss", f"< {limits.IMPOSSIBLE:g} (1"),
        ("inconsistent-loss", f"within {limits.SUM_TOLERANCE:.0%}"),
        ("constant-output", f"≤ {limits.CONSTANT:.5f}"),
        ("bad-initial-loss", f"> {limits.HIGH_START:g} ln *K* + {limits.START_NATS:g}"),
        ("bad-initial-loss", f"> {limits.SATURATED_START:g} ln *K*, or {limits.CLIPPED_START:.0%} of"),
        ("over-regularized", f"`skill` < {limits.NO_SKILL:.0%}"),
        ("redundant-softmax", f"at {limits.PINNED:.0%} of that"),
        ("diverging", f"above {1 + limits.DIVERGED:g} "),
        ("below-chance", f"by {limits.MATERIAL_SHARE:.0%} of it"),
        (
            "validation-mismatch",
            f"a skill of {limits.NO_SKILL:.0%}, and either the training has a skill of {limits.GOOD_SKILL:.0%}",
        ),
        ("validation-mismatch", f"In the first {limits.SETTLING} epochs"),
        ("neglected-class", f"less than {limits.NEVER_FOUND:.0%} of the class"),
        ("loss-accuracy-divergence", f"by {limits.RISE:.0%} of *H* and {limits.NOISE:g} standard errors"),
        ("loss-accuracy-divergence", f"within {limits.HELD_WITHIN:g} standard errors"),
        ("class-collapse", f"{limits.COLLAPSED:.0%} of the predictions"),
        ("no-skill", f"by {limits.NO_SKILL:.0%} of it and {limits.NOISE:g} standard errors"),
        ("no-skill", f"over the last {limits.STILL} evaluations"),
        ("oscillating", f"the last {limits.SWINGS} evaluations: steps of {limits.SWING:.0%}"),
        ("oscillating", f"{limits.TURNS} of them turn back"),
        ("worse-than-prior", f"by {limits.MATERIAL_LEVEL:.0%} of it"),
        ("miscalibrated", f"a gain of {limits.CALIBRATION_GAIN:.0%}"),
        ("miscalibrated", f"above {limits.NOISE**2:g}"),
        ("label-noise", f"More than {limits.CONTRADICTED_SHARE:.0%} of the examples, and {limits.MIN_ERRORS} of them"),
        ("still-improving", f"last {limits.STILL} evaluations, and by {limits.MATERIAL:.0%} of *H*"),
    ],
)
def test_thresholds_are_those_of_the_code(name, threshold):
    assert threshold.replace("%", " %") in line(name, "Formula")
