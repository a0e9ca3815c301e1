"""Tests of the framing of event files."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c as reference

from xent_monitor.errors import EventFormatError
from xent_monitor.tensorboard.records import RecordFile, crc32c, frame, masked_crc32c, read_records

RECORDS = [b"first", b"", bytes(range(256)) * 10, b"last"]
SIZES = [16 + len(data) for data in RECORDS]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with `RECORDS`."""
    path = tmp_path / "events"
    file = RecordFile(path)
    for data in RECORDS:
        file.append(data)
    file.close()
    return path


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (b"a", 0xC1D04330),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_crc32c_of_published_vectors(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


@pytest.mark.parametrize("size", [1, 511, 512, 513, *range(4092, 4100), 4607, 4608, 4609, 5120, 100_003])
def test_crc32c_by_blocks_is_that_by_bytes(size: int) -> None:
    for data in (random.Random(size).randbytes(size), bytes(size), b"\xff" * size):
        assert masked_crc32c(data) == reference(data)


def test_frame_is_length_and_data_with_their_checksums() -> None:
    """Length and data, each followed by its checksum, little-endian."""
    event = b"\x1a\x0dbrain.Event:2"

    framed = frame(event)

    assert framed[:8] == b"\x0f" + bytes(7)
    assert framed[8:12] == reference(framed[:8]).to_bytes(4, "little")
    assert framed[12:-4] == event
    assert framed[-4:] == reference(event).to_bytes(4, "little")


def test_records_are_read_back_with_their_offsets(path: Path) -> None:
    offsets = [sum(SIZES[:index]) for index in range(len(SIZES))]
    assert list(read_records(path)) == list(zip(offsets, RECORDS, strict=True))


def test_a_file_is_never_overwritten(path: Path) -> None:
    with pytest.raises(FileExistsError):
        RecordFile(path)


@pytest.mark.parametrize("kept", range(1, SIZES[-1]))
def test_a_last_record_cut_short_is_no_record(path: Path, kept: int) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: sum(SIZES[:-1]) + kept])
    assert [record for _, record in read_records(path)] == RECORDS[:-1]


@pytest.mark.parametrize("zeros", [1, 11, 12, 5000])
def test_zeros_at_the_end_are_no_record(path: Path, zeros: int) -> None:
    """So a file looks after a loss of power."""
    path.write_bytes(path.read_bytes() + bytes(zeros))
    assert [record for _, record in read_records(path)] == RECORDS


@pytest.mark.parametrize(
    ("place", "part"),
    [(0, "length"), (7, "length"), (8, "length"), (11, "length"), (12, "data"), (17, "data"), (20, "data")],
)
def test_a_damaged_record_is_an_error(path: Path, place: int, part: str) -> None:
    data = bytearray(path.read_bytes())
    start = SIZES[0] + SIZES[1]
    data[start + place] ^= 1
    path.write_bytes(data)
    records = read_records(path)
    assert [next(records)[1], next(records)[1]] == RECORDS[:2]

    message = (
        f"{path}: the record at byte {start} is damaged: the checksum of its {part} does not match. "
        "Move the file away to read the others."
    )
    with pytest.raises(EventFormatError, match=f"^{re.escape(message)}$"):
        next(records)


def test_zeros_before_a_record_are_damage(path: Path) -> None:
    path.write_bytes(bytes(12) + path.read_bytes())
    with pytest.raises(EventFormatError, match="record at byte 0 is damaged: the checksum of its length"):
        list(read_records(path))
