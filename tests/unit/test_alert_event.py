"""`AlertEvent` as a value."""

from __future__ import annotations

import math

import pytest

from xent_monitor.alerts import AlertEvent


def event(**fields):
    values = {
        "rule": "high",
        "state": "firing",
        "severity": "warning",
        "epoch": 3,
        "split": "validation",
        "output": "",
        "class_name": "cat",
        "value": 1.5,
        "threshold": 1.0,
        "message": "cat: 1.5",
    }
    return AlertEvent(**values | fields)


@pytest.mark.parametrize("value", [1.5, math.nan, math.inf, -math.inf])
def test_event_survives_its_plain_form(value):
    one = event(value=value, class_name=None)

    again = AlertEvent.from_dict(one.to_dict())

    assert again == one
    assert hash(again) == hash(one)
    assert again != event(epoch=4)
    assert one != "high"


def test_log_line_is_one_line():
    assert str(event(message="a\nb", state="resolved")) == "[warning] high is resolved, epoch 3, validation: a b"


def test_event_holds_known_words_only():
    with pytest.raises(ValueError) as error:
        event(state="pending", severity="bad", split="val")

    assert str(error.value).splitlines() == [
        "`state` must be one of firing, resolved. Received: state='pending'.",
        "`severity` must be one of info, warning, critical. Received: severity='bad'.",
        "`split` must be one of train, validation, test. Received: split='val'.",
    ]


def test_plain_form_must_be_whole():
    values = event().to_dict()
    del values["epoch"], values["message"]

    with pytest.raises(ValueError) as error:
        AlertEvent.from_dict(values)

    assert str(error.value) == "The event lacks the keys: epoch, message."
