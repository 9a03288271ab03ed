"""How the functions of the kernel are compiled, and what tells old machine code from new."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import numba

__all__ = ["jit", "source_stamp"]

# A product and a sum may be rounded once, and a division be a product with the inverse. Sums keep
# their order, and what is not a number stays so.
_FAST: Final = {"contract", "arcp"}


def jit(function: Any) -> Any:
    """Compile a function with numba when something that is compiled calls it.

    It is not kept on disk by itself: numba looks at the file of a function alone, and would go on
    using machine code that holds an old version of what is called from another file. LLVM puts it
    into what calls it (numba would copy all of the caller each time). Were it called by its name,
    the process that compiles would link it to machine code of its own, others to what is kept on
    disk, and the last digits could differ.
    """
    return numba.njit(error_model="numpy", fastmath=_FAST, forceinline=True)(function)


def source_stamp() -> str:
    """Changes with every change of the kernel and of what it calls."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("*.py")), here.parents[2] / "inference" / "cholesky.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
