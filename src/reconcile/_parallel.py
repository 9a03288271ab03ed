"""Draws, or variables, a block at a time, so that memory does not grow with their number."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from threadpoolctl import threadpool_limits

__all__ = ["AT_ONCE", "in_blocks"]

# Numbers in the largest array of a block: 8 MB.
AT_ONCE: Final = 1_000_000


def in_blocks[T](work: Callable[[slice, int], T], n: int, *, each: int) -> list[T]:
    """Work on many things a block of them at a time, as many blocks at once as processors.

    Parameters
    ----------
    work : callable
        Takes a slice of the things, and the number of the block; called from several threads.
    n : int
        How many things there are.
    each : int
        How many numbers the largest array has for each of them. The blocks follow from this and
        ``n`` alone, and not from the machine.

    Returns
    -------
    list
        What came of each block, in their order; at least one, if of nothing.

    Examples
    --------
    >>> from reconcile._parallel import in_blocks
    >>> in_blocks(lambda block, k: (k, block.stop - block.start), 3, each=1_000_000)
    [(0, 1), (1, 1), (2, 1)]
    """
    size = max(AT_ONCE // max(each, 1), 1)
    ends = [*range(0, n, size), n] if n else [0, 0]
    blocks = [slice(*pair) for pair in itertools.pairwise(ends)]
    if len(blocks) == 1:
        return [work(blocks[0], 0)]
    # Matrix products of each block on one processor: there is a block for each.
    with (
        threadpool_limits(limits=1, user_api="blas"),
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        return list(pool.map(work, blocks, range(len(blocks))))
