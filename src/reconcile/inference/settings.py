"""Validation of the sampler's settings."""

from __future__ import annotations

import numpy as np

__all__ = ["check_settings"]


def check_settings(
    *, draws: int, tune: int, chains: int, random_seed: int | None, target_accept: float
) -> None:
    """Raise ValueError if a setting of :func:`reconcile.fit` is out of range."""
    for name, value, least in (("draws", draws, 10), ("tune", tune, 10), ("chains", chains, 1)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name}={value!r} must be a whole number of at least {least}")
    if random_seed is not None and (
        not isinstance(random_seed, int | np.integer) or not 0 <= random_seed < 2**63
    ):
        raise ValueError(f"random_seed={random_seed!r} must be a whole number from 0 to 2**63 - 1")
    if not 0 < target_accept < 1:
        raise ValueError(f"target_accept={target_accept!r} must be a number between 0 and 1")
