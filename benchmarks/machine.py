"""The machine and the versions behind a measurement, for every result file."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

__all__ = ["machine", "versions"]

_PACKAGES = (
    *("numpy", "scipy", "numba", "nutpie", "pymc", "pytensor", "arviz", "xarray"),
    "reconcile-estimates",
)


def machine() -> dict[str, object]:
    """Processor, number of cores, memory and Python."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "gib": round(pages * os.sysconf("SC_PAGE_SIZE") / 2**30, 1) if pages else None,
        "python": platform.python_version(),
        "system": platform.system(),
    }


def versions() -> dict[str, str]:
    """Versions of the packages that results depend on."""
    return {package: version(package) for package in _PACKAGES}
