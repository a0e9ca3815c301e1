"""What goes wrong in a monitor: warned of once, and a training goes on."""

from __future__ import annotations

import warnings

import pytest

from xent_monitor.errors import EventFormatError, XentMonitorError
from xent_monitor.faults import Faults


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError("disk full"), "xent_monitor could not write: OSError: disk full. Training goes on."),
        (
            EventFormatError("file, record at byte 7 is damaged."),
            "xent_monitor could not write: file, record at byte 7 is damaged. Training goes on.",
        ),
    ],
)
def test_a_fault_is_said_once_and_survived(error, message):
    faults = Faults()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            with faults.surviving("write"):
                raise error

    assert [str(one.message) for one in caught] == [message]


def test_what_the_user_has_to_mend_is_raised():
    with pytest.raises(XentMonitorError), Faults().surviving("read"):
        raise XentMonitorError("no such output")


def test_after_a_new_beginning_it_is_said_again():
    faults = Faults()

    with pytest.warns(UserWarning, match="could not write"), faults.surviving("write"):
        raise OSError
    faults.forget()
    with pytest.warns(UserWarning, match="could not write"), faults.surviving("write"):
        raise OSError
