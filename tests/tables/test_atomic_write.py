"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

import reconcile as rc
from reconcile.tables.atomic_write import write_atomically, write_text


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    return path


def half(path: Path) -> None:
    path.write_text("half of it", encoding="utf-8")
    raise RuntimeError("the disk is full")


def test_a_failure_leaves_nothing_new(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="disk"):
        write_atomically(tmp_path / "a.txt", half)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file(old: Path) -> None:
    with pytest.raises(RuntimeError, match="disk"):
        write_atomically(old, half)
    assert list(old.parent.iterdir()) == [old]
    assert old.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_stop_leaves_the_old_file(old: Path, error: type[BaseException]) -> None:
    def stopped(path: Path) -> None:
        path.write_text("half of it", encoding="utf-8")
        raise error

    with pytest.raises(error):
        write_atomically(old, stopped)
    assert list(old.parent.iterdir()) == [old]
    assert old.read_text(encoding="utf-8") == "old"


def test_the_old_file_is_there_until_the_new_one_is_whole(old: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("new", encoding="utf-8")
        assert old.read_text(encoding="utf-8") == "old"
        assert path.suffix == old.suffix

    assert write_atomically(str(old), write) == old
    assert old.read_text(encoding="utf-8") == "new"
    assert list(old.parent.iterdir()) == [old]


def test_a_writer_that_writes_nothing_is_an_error(old: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(old, lambda _: None)
    assert old.read_text(encoding="utf-8") == "old"


def test_a_new_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    path = write_text(tmp_path / "a.txt", "a")
    assert path.stat().st_mode == plain.stat().st_mode


def test_text_is_utf8_with_unix_line_ends(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.txt", "Київ\n\r\n")
    assert path.read_bytes() == "Київ\n\r\n".encode()


def test_claims_that_cannot_be_written_leave_the_old_folder(tmp_path: Path) -> None:
    claims = rc.ClaimSet([rc.Claim.point(3, figure="killed", source="A")])
    rc.write_claims(claims, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {"claims.csv", "case.toml"}
    # Half of a surrogate pair has no UTF-8.
    broken = rc.ClaimSet([rc.Claim.point(4, figure="killed", source="\ud800")])
    with pytest.raises(UnicodeEncodeError):
        rc.write_claims(broken, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.skipif(os.name != "posix", reason="rights of folders are those of POSIX")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(old: Path) -> None:
    old.parent.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write_text(old, "new")
    finally:
        old.parent.chmod(0o700)
    assert old.read_text(encoding="utf-8") == "old"
