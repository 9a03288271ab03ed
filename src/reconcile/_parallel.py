"""Blockwise processing in threads, so that memory does not grow with the number of items."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from threadpoolctl import threadpool_limits

__all__ = ["AT_ONCE", "in_blocks"]

# Size of the largest array of a block: 8 MB of floats.
AT_ONCE: Final = 1_000_000


def in_blocks[T](work: Callable[[slice, int], T], n: int, *, each: int) -> list[T]:
    """Call ``work(slice, block number)`` on blocks of ``n`` items of ``each`` numbers, in threads.

    The blocks depend on ``n`` and ``each``, never on the machine: results are reproducible.
    """
    size = max(AT_ONCE // max(each, 1), 1)
    ends = [*range(0, n, size), n] if n else [0, 0]
    blocks = [slice(*pair) for pair in itertools.pairwise(ends)]
    if len(blocks) == 1:
        return [work(blocks[0], 0)]
    # One BLAS thread per block: the blocks already use all processors.
    with (
        threadpool_limits(limits=1, user_api="blas"),
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        return list(pool.map(work, blocks, range(len(blocks))))
