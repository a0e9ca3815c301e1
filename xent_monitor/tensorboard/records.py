"""Event files as TensorFlow frames them: length, checksum of the length, data, checksum of the data.

TensorBoard's own reader and writer import TensorFlow wherever it is installed, which a run on another backend must
not pay for; hence this one, in Python and NumPy.

Source: https://www.tensorflow.org/tutorials/load_data/tfrecord (TFRecords format details); RFC 3720, appendix B.4,
for the CRC-32C and its test vectors.
"""

from __future__ import annotations

import functools
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xent_monitor.errors import EventFormatError

__all__ = ["FRAME_SIZE", "RecordFile", "crc32c", "frame", "masked_crc32c", "read_records"]

#: CRC-32C, bits reversed.
_POLYNOMIAL = 0x82F63B78
_WORD = 0xFFFFFFFF
#: Bytes that are looked up together; at 512 the tables (512 KiB) stay in a core's cache.
_BLOCK = 512
#: Below this many bytes the plain loop is faster than 512 calls of NumPy, which take about a millisecond.
_SHORT = 4096

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_HEADER_SIZE = _LENGTH.size + _CHECKSUM.size
#: Bytes that the frame of a record takes, beside its data.
FRAME_SIZE = _HEADER_SIZE + _CHECKSUM.size


@functools.cache
def _tables() -> NDArray[np.uint32]:
    """What byte b at place i of a block adds to the checksum at its end. Shape `(_BLOCK, 256)`."""
    byte = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        byte = np.where(byte & 1, (byte >> 1) ^ np.uint32(_POLYNOMIAL), byte >> 1)
    tables = np.empty((_BLOCK, 256), np.uint32)
    tables[-1] = byte
    for place in range(_BLOCK - 2, -1, -1):
        later = tables[place + 1]
        tables[place] = byte[later & 0xFF] ^ (later >> 8)
    return tables


@functools.cache
def _lookup(place: int) -> list[int]:
    """One row of `_tables` as Python integers, which a Python loop reads faster."""
    row: list[int] = _tables()[place].tolist()
    return row


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli) of some bytes, in `[0, 2^32)`.

    A checksum is linear over XOR, so each byte of a block is looked up by its place and all are added at once. Zeros
    in front of everything add nothing, and the initial value is the same as inverting the first four bytes.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    if len(data) < _SHORT:
        return _crc32c_bytewise(data)
    padded = np.zeros(-(-len(data) // _BLOCK) * _BLOCK, np.uint8)
    start = len(padded) - len(data)
    padded[start:] = np.frombuffer(data, np.uint8)
    padded[start : start + 4] ^= 0xFF
    places = np.ascontiguousarray(padded.reshape(-1, _BLOCK).T)
    sums = np.zeros(places.shape[1], np.uint32)
    for table, column in zip(_tables(), places, strict=True):
        sums ^= table[column]
    first, second, third, fourth = (_lookup(place) for place in range(4))
    crc = 0
    for block in sums.tolist():
        crc = block ^ first[crc & 0xFF] ^ second[crc >> 8 & 0xFF] ^ third[crc >> 16 & 0xFF] ^ fourth[crc >> 24]
    return crc ^ _WORD


def _crc32c_bytewise(data: bytes) -> int:
    table = _lookup(_BLOCK - 1)
    crc = _WORD
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ _WORD


def masked_crc32c(data: bytes) -> int:
    """The checksum as the files hold it: rotated by 15 bits, plus a constant, modulo 2^32."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _WORD


def frame(data: bytes) -> bytes:
    """One record, ready to be appended to a file."""
    length = _LENGTH.pack(len(data))
    checksums = (_CHECKSUM.pack(masked_crc32c(part)) for part in (length, data))
    return b"".join((length, next(checksums), data, next(checksums)))


def read_records(path: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """The records of a file, each with its offset in bytes.

    A last record that is cut short ends the reading without a word: the run is being written, or was killed.

    Args:
        path: The file.
        start: Offset of the first record to read, in bytes.

    Raises:
        EventFormatError: If a record does not match its checksum.
        OSError: If the file cannot be read.
    """
    with path.open("rb") as file:
        offset = file.seek(start)
        while len(header := file.read(_HEADER_SIZE)) == _HEADER_SIZE:
            # A file system that lost power may leave zeros where the end of a file was to come.
            if not any(header) and not any(file.read()):
                return
            (length,) = _LENGTH.unpack_from(header)
            _check(path, offset, "length", header[: _LENGTH.size], header[_LENGTH.size :])
            body = file.read(length + _CHECKSUM.size)
            if len(body) < length + _CHECKSUM.size:
                return
            _check(path, offset, "data", body[:length], body[length:])
            yield offset, body[:length]
            offset += _HEADER_SIZE + len(body)


def _check(path: Path, offset: int, part: str, data: bytes, checksum: bytes) -> None:
    """Raise unless `data` has the checksum that the file states."""
    if masked_crc32c(data) != _CHECKSUM.unpack(checksum)[0]:
        raise EventFormatError(
            f"{path}: the record at byte {offset} is damaged: the checksum of its {part} does not match. "
            "Move the file away to read the others."
        )


class RecordFile:
    """A new file that records are appended to, each on its way to the disk before `append` returns.

    Raises:
        FileExistsError: If there is such a file already.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Unbuffered: what a buffer still holds after a failed write would be written again on closing.
        self._file = path.open("xb", buffering=0)

    def append(self, data: bytes) -> None:
        """Write one record.

        Raises:
            OSError: If not all of it could be written. The end of the file is then cut short, so that nothing may
                be appended any more.
        """
        rest = memoryview(frame(data))
        while rest:
            rest = rest[self._file.write(rest) :]

    def sync(self) -> None:
        """Wait until the device has what was appended."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()
