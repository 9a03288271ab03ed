"""Compilation of the kernel's functions, and the stamp that invalidates old machine code."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import numba

__all__ = ["jit", "source_stamp"]

# Fused multiply-add and reciprocal division only: order of summation and NaN are preserved.
_FAST: Final = {"contract", "arcp"}


def jit(function: Any) -> Any:
    """Compile a function with numba, inlined into its compiled callers.

    It is not cached by itself: numba checks only the file of a cached function, and would keep
    machine code with outdated callees from other files. Nor is it linked by name: the compiling
    process and those that load the cache could then run different code and differ in the last
    digits. LLVM does the inlining, since numba would copy the whole caller each time.
    """
    return numba.njit(error_model="numpy", fastmath=_FAST, forceinline=True)(function)


def source_stamp() -> str:
    """Hash of the kernel's source and of what it calls."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("*.py")), here.parents[2] / "inference" / "cholesky.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
