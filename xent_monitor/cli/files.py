"""How the commands write a file: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["open_whole", "write_file"]


@contextlib.contextmanager
def open_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    r"""A file to write that is there whole or not at all: what is written takes its place when the block ends.

    Where the block raises, what was at `path` before is still there. What is no regular file, as `/dev/stdout` or a
    pipe, is written to directly.

    Args:
        path: The file; its directory must exist.

    Raises:
        FileNotFoundError: If there is no such directory.
        IsADirectoryError: If `path` is a directory.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "table.csv")
        >>> with open_whole(path) as file:
        ...     _ = file.write(b"epoch,value\n")
        >>> path.read_bytes()
        b'epoch,value\n'
    """
    given = Path(path)
    if given.exists() and not given.is_file() and not given.is_dir():
        # Where a pipe such as /dev/stdout points to is no path.
        with given.open("wb") as file:
            yield file
        return
    # A link stays a link: what it points to is replaced.
    target = given.resolve()
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a directory. Give the path of a file.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no directory {target.parent}. Make it first.")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(name, target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def write_file(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file whole or not at all, as `open_whole` does.

    Args:
        path: The file; its directory must exist.
        content: What it holds; text is written in UTF-8.

    Raises:
        OSError: As for `open_whole`.
    """
    with open_whole(path) as file:
        file.write(content.encode("utf-8", "replace") if isinstance(content, str) else content)


def _umask() -> int:
    """What the process takes from the permissions of a new file; it cannot be asked for without setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
