"""Atomic writing of files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["write_atomically", "write_text"]


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Write to a temporary file beside ``path``, then rename it, so no partial file is seen."""
    target = Path(path)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        temporary = Path(folder) / target.name
        write(temporary)
        temporary.replace(target)
    return target


def write_text(path: str | Path, text: str) -> Path:
    """Write a UTF-8 text file atomically."""
    return write_atomically(path, lambda p: p.write_text(text, encoding="utf-8", newline="\n"))
