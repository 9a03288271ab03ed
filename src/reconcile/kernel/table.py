"""Where the kernel finds its data: a table of pointers and lengths, in the order of ``DATA``.

The places are written out, not generated, so that numba can keep the functions on disk;
a test reads every one of them back.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Final

import numba
import numpy as np
from nutpie.compile_pymc import address_as_void_pointer

from reconcile.kernel.errors import Errors
from reconcile.kernel.figures import Figures
from reconcile.kernel.jit import jit
from reconcile.kernel.likelihood import Claims
from reconcile.kernel.sums import Sums

__all__ = [
    "DATA",
    "WHOLE",
    "Priors",
    "read_begins",
    "read_claims",
    "read_errors",
    "read_figures",
    "read_priors",
    "read_root",
    "read_sums",
]

# Priors of the free variables that are not standard normal.
Priors = namedtuple("Priors", "noise_mean noise_sd excess_mean excess_sd")

# Data by name, in the order of the table. Places of the free variables, and the coordinates of
# the sampler, come last.
DATA: Final = (
    *Figures._fields,
    *Sums._fields,
    *Errors._fields,
    *Claims._fields,
    *Priors._fields,
    "begins",
)
# Those that are whole numbers.
WHOLE: Final = frozenset(
    (
        "range_above_series",
        "range_above_row",
        "range_below_series",
        "range_below_row",
        "ceiling_begin",
        "ceiling_series",
        "group_begin",
        "shrunk_begin",
        "shrunk_series",
        "knot_before",
        "path_population",
        "level_date",
        "claim_node",
        "claim_row",
        "below_node",
        "below_row",
        "register_of",
        "register_claim",
        "register_count",
        "register_node",
        "situation_of",
        "camp_of",
        "voice_of",
        "population_of",
        "category_of",
        "drift_claim",
        "drift_step",
        "role_of",
        "stated_of",
        "anchor",
        "begins",
    )
)


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba has no types
def _number(table: Any, place: Any) -> Any:
    address = address_as_void_pointer(table[2 * place])
    return numba.carray(address, (table[2 * place + 1],), np.float64)


@numba.njit(inline="always")  # type: ignore[untyped-decorator]
def _whole(table: Any, place: Any) -> Any:
    address = address_as_void_pointer(table[2 * place])
    return numba.carray(address, (table[2 * place + 1],), np.int64)


@jit
def read_figures(table: Any) -> Any:
    """Figures at the pointers."""
    return Figures(
        total_mean_log=_number(table, 0),
        total_sd_log=_number(table, 1),
        range_mean_log=_number(table, 2),
        range_sd_log=_number(table, 3),
        range_above_series=_whole(table, 4),
        range_above_row=_whole(table, 5),
        range_below_series=_whole(table, 6),
        range_below_row=_whole(table, 7),
        ceiling_log=_number(table, 8),
        ceiling_begin=_whole(table, 9),
        ceiling_series=_whole(table, 10),
        group_begin=_whole(table, 11),
        shrunk_begin=_whole(table, 12),
        shrunk_series=_whole(table, 13),
        days_log=_number(table, 14),
        knot_step=_number(table, 15),
        knot_before=_whole(table, 16),
        knot_share=_number(table, 17),
        path_population=_whole(table, 18),
        path_sd=_number(table, 19),
        path_spread=_number(table, 20),
        level_date=_whole(table, 21),
        path_centre=_number(table, 22),
        path_turn=_number(table, 23),
        path_pull=_number(table, 24),
    )


@jit
def read_sums(table: Any) -> Any:
    """Sums at the pointers."""
    return Sums(
        claim_node=_whole(table, 25),
        claim_row=_whole(table, 26),
        claim_weight=_number(table, 27),
        below_node=_whole(table, 28),
        below_row=_whole(table, 29),
        below_weight=_number(table, 30),
        register_mean=_number(table, 31),
        register_sd=_number(table, 32),
        register_of=_whole(table, 33),
        register_claim=_whole(table, 34),
        register_count=_whole(table, 35),
        register_node=_whole(table, 36),
        register_weight=_number(table, 37),
        register_gain=_number(table, 38),
    )


@jit
def read_errors(table: Any) -> Any:
    """Errors at the pointers."""
    return Errors(
        bias_mean_log=_number(table, 39),
        voice_level=_number(table, 40),
        role_level=_number(table, 41),
        situation_of=_whole(table, 42),
        camp_level=_number(table, 43),
        camp_of=_whole(table, 44),
        common_sd_log=_number(table, 45),
        voice_of=_whole(table, 46),
        population_of=_whole(table, 47),
        category_of=_whole(table, 48),
        category_sd=_number(table, 49),
        drift_claim=_whole(table, 50),
        drift_step=_whole(table, 51),
        drift_sd=_number(table, 52),
        common_share=_number(table, 53),
        bias_share=_number(table, 54),
        noise_share=_number(table, 55),
        noise_floor=_number(table, 56),
        role_of=_whole(table, 57),
        coarse_log=_number(table, 58),
        width_log=_number(table, 59),
        stated_of=_whole(table, 60),
        excess_share=_number(table, 61),
    )


@jit
def read_claims(table: Any) -> Any:
    """Claims at the pointers."""
    return Claims(
        said=_number(table, 62),
        stated_log=_number(table, 63),
        down_log=_number(table, 64),
        up_log=_number(table, 65),
        one_sided=_number(table, 66),
        sound_log=_number(table, 67),
        unsound_log=_number(table, 68),
        weight=_number(table, 69),
        anchor=_whole(table, 70),
        anchor_share=_number(table, 71),
        is_revised=_number(table, 72),
        is_linear=_number(table, 73),
        unit_log=_number(table, 74),
        tilt_log=_number(table, 75),
        unsound_scale_log=_number(table, 76),
    )


@jit
def read_priors(table: Any) -> Any:
    """Priors at the pointers."""
    return Priors(
        noise_mean=_number(table, 77),
        noise_sd=_number(table, 78),
        excess_mean=_number(table, 79),
        excess_sd=_number(table, 80),
    )


@jit
def read_begins(table: Any) -> Any:
    """Where each free variable begins in the point, and where the last one ends."""
    return _whole(table, 81)


@jit
def read_root(table: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Origin of the sampler's coordinates, and what its steps are turned by."""
    shift = _number(table, 82)
    order, begin = _whole(table, 83), _whole(table, 84)
    return shift, order, begin, _whole(table, 85), _number(table, 86)
