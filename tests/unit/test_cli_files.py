"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from xent_monitor.cli.files import open_whole, write_file


def test_a_file_is_replaced_when_it_is_whole(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("before")
    path.chmod(0o640)
    with open_whole(path) as file:
        file.write(b"after")
        assert path.read_text() == "before"

    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_nothing(tmp_path):
    kept, new = tmp_path / "kept.txt", tmp_path / "new.txt"
    kept.write_text("before")

    def fail(path):
        with open_whole(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    for path in (kept, new):
        with pytest.raises(KeyboardInterrupt):
            fail(path)

    assert list(tmp_path.iterdir()) == [kept]
    assert kept.read_text() == "before"


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_text("")
    write_file(tmp_path / "new", "x")

    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize(
    ("content", "written"), [("ä\n", "ä\n".encode()), (b"\x00\r\n", b"\x00\r\n"), ("a\udcffb", b"a?b")]
)
def test_text_and_bytes(tmp_path, content, written):
    write_file(tmp_path / "out", content)

    assert (tmp_path / "out").read_bytes() == written


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "target", tmp_path / "link"
    link.symlink_to(target)
    write_file(link, "x")

    assert link.is_symlink()
    assert target.read_text() == "x"


def test_what_is_no_regular_file_is_written_to():
    write_file(os.devnull, "x")

    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


def test_where_nothing_can_be_written(tmp_path):
    with pytest.raises(IsADirectoryError) as directory:
        write_file(tmp_path, "x")
    with pytest.raises(FileNotFoundError) as missing:
        write_file(tmp_path / "no" / "file", "x")

    assert str(directory.value) == f"{tmp_path} is a directory. Give the path of a file."
    assert str(missing.value) == (
        f"{tmp_path / 'no' / 'file'} cannot be written: there is no directory {tmp_path / 'no'}. Make it first."
    )
