"""Records of the alerts: what is in them, and that what cannot be read is said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.builders import HOSTILE_NAMES
from xent_monitor.errors import EventFormatError
from xent_monitor.tensorboard.alert_record import (
    ALERT_STATES_FORMAT,
    RECORD_LIMIT,
    ActiveInstance,
    AlertRecord,
    WatchedRule,
    alert_states_metadata,
)

STORED = Path(__file__).parents[1] / "data" / "alert_records"

RULES = [("overfitting", "warning"), ("slow", "info")]
INSTANCES = [("overfitting", "warning", None, None, "firing"), ("slow", "info", "cat", 0, "pending")]
EVENTS: list[dict[str, Any]] = [{"rule": "overfitting", "state": "firing", "epoch": 3, "value": None, "message": "So."}]

RECORD = AlertRecord(
    rules=(WatchedRule("overfitting", "warning"), WatchedRule("slow", "info")),
    instances=(
        ActiveInstance("overfitting", "warning", None, None, "firing"),
        ActiveInstance("slow", "info", "cat", 0, "pending"),
    ),
    more={},
    events=tuple(EVENTS),
)


def test_record_of_plain_values() -> None:
    assert AlertRecord.of(RULES, INSTANCES, EVENTS) == RECORD


def test_record_comes_back_as_it_was() -> None:
    assert AlertRecord.from_bytes(RECORD.to_bytes()) == RECORD


def test_hostile_names_come_back_as_they_were() -> None:
    instances = [("<rule>", "info", name, index, "firing") for index, name in enumerate(HOSTILE_NAMES)]
    record = AlertRecord.of([("<rule>", "info")], instances, [{"message": name} for name in HOSTILE_NAMES])

    assert record.to_bytes().isascii()
    assert AlertRecord.from_bytes(record.to_bytes()) == record


def test_what_is_beyond_the_limit_is_counted() -> None:
    instances = [("slow", "info", str(index), index, "firing") for index in range(RECORD_LIMIT + 2)]
    instances += [("late", "info", str(index), index, "pending") for index in range(3)]
    asked = []

    def events() -> Any:
        for number in range(RECORD_LIMIT + 10):
            asked.append(number)
            yield {"epoch": number}

    record = AlertRecord.of(RULES, instances, events())

    assert len(record.instances) == len(record.events) == len(asked) == RECORD_LIMIT
    assert record.instances[-1].class_index == RECORD_LIMIT - 1
    assert record.more == {"slow": 2, "late": 3}
    assert AlertRecord.from_bytes(record.to_bytes()) == record


def test_a_number_that_json_does_not_know_is_refused() -> None:
    """`AlertEvent.to_dict` has none; a page that parses the record must not meet one."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        AlertRecord.of([], [], [{"value": float("nan")}]).to_bytes()


def test_further_keys_are_left_out() -> None:
    values = json.loads(RECORD.to_bytes()) | {"note": "new"}
    values["rules"][0]["note"] = values["instances"][0]["note"] = "new"

    assert AlertRecord.from_bytes(json.dumps(values).encode()) == RECORD


def test_a_newer_format_is_named() -> None:
    values = json.loads(RECORD.to_bytes()) | {"format": ALERT_STATES_FORMAT + 1}
    message = (
        f"Written in format {ALERT_STATES_FORMAT + 1} by a newer xent_monitor; this one reads up to format "
        f"{ALERT_STATES_FORMAT}. Upgrade it: pip install --upgrade xent-monitor."
    )

    with pytest.raises(EventFormatError, match=f"^{re.escape(message)}$"):
        AlertRecord.from_bytes(json.dumps(values).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        RECORD.to_bytes()[:-1],
        *(
            json.dumps(json.loads(RECORD.to_bytes()) | change).encode()
            for change in (
                {"format": ALERT_STATES_FORMAT - 1},
                {"format": "4"},
                {"rules": None},
                {"rules": [{"name": "one"}]},
                {"instances": [["slow"]]},
                {"more": [1]},
                {"more": {"slow": "many"}},
                {"events": [3]},
            )
        ),
    ],
)
def test_nonsense_is_named(content: bytes) -> None:
    with pytest.raises(EventFormatError, match="The states of the alerts cannot be understood"):
        AlertRecord.from_bytes(content)


def test_header_says_what_it_is_of() -> None:
    metadata = alert_states_metadata("validation", "<kind>")

    assert metadata.plugin_data.plugin_name == "xent_monitor"
    assert json.loads(metadata.plugin_data.content) == {
        "format": ALERT_STATES_FORMAT,
        "field": "alert_states",
        "split": "validation",
        "output": "<kind>",
    }


def test_stored_records_of_every_format_stay_readable() -> None:
    """A record as it was written by the version that brought its format."""
    stored = sorted(STORED.glob("v*.json"))

    assert [path.stem for path in stored] == [f"v{version}" for version in range(4, ALERT_STATES_FORMAT + 1)]
    for path in stored:
        assert AlertRecord.from_bytes(path.read_bytes()) == RECORD
