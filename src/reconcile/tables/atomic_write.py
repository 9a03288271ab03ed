"""Writing files whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["write_text", "write_whole"]


def write_whole(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Write a file beside its place, then move it there, so that no half of it is ever seen.

    Parameters
    ----------
    path : str or pathlib.Path
        Where the file goes; an old one is replaced.
    write : callable
        Given the path to write to, which has the same ending.

    Returns
    -------
    pathlib.Path
        ``path``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from reconcile.tables.atomic_write import write_whole
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_whole(Path(folder) / "a.txt", lambda p: p.write_text("a"))
    ...     path.read_text()
    'a'
    """
    target = Path(path)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        temporary = Path(folder) / target.name
        write(temporary)
        temporary.replace(target)
    return target


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file (UTF-8) whole or not at all."""
    return write_whole(path, lambda p: p.write_text(text, encoding="utf-8", newline="\n"))
