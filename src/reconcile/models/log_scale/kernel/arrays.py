"""Data and scratch arrays of the kernel: a table of pointers and lengths in the order of `DATA`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

__all__ = [
    "BY_CLAIM",
    "DATA",
    "INTEGER",
    "LAYOUT",
    "N_ZERO",
    "OPERATORS",
    "SCRATCH",
    "VARIABLES",
    "array",
    "scratch",
    "variable",
    "variables",
]

# Free variables in the order of the point. Totals and paths have their own parametrization
# (see coordinates.py); ``error_z`` holds the variables of all bias terms.
VARIABLES: Final = (
    "level_z",
    "error_z",
    "difficulty_z",
    "common_z",
    "register_z",
    "register_slope_z",
    "register_never_z",
    "noise_log",
    "overconfidence_log",
    "path_spread_z",
    "path_shared",
    "path_own",
)
# Intermediate results in the order of the workspace, all one-dimensional, in one buffer because an
# allocation costs as much as one claim. Accumulators, which start at zero, come first.
SCRATCH: Final = (
    # Gradients with respect to the point, and to claims, nodes, totals, changes and roles.
    *("gradient", "grad_base", "grad_square", "grad_width", "grad_node", "grad_total", "grad_free"),
    *("grad_true", "grad_change", "grad_noise", "grad_rescaled"),
    *("grad_difficulty", "grad_common"),
    # Registered and total amounts of each count.
    *("part", "whole"),
    # Not zeroed from here on.
    "point",
    # Paths: innovations, and the share of each time step in the total.
    *("rescale", "z", "grad_z", "changes", "at_knots", "share", "reached_log", "grad_share"),
    # Slope of each register, minus the log share that it ever counts and that share.
    *("slope", "never", "ever"),
    # Difficulty of each group, what more stays of its errors and the derivative of that, common
    # error of each series and its derivatives.
    *("difficulty", "stays", "stays_slope", "common", "common_slope", "common_rise"),
    # Apparent totals of series and wholes before limits; true ones before and within them, apparent
    # ones within them; indices of the binding ceiling and floor of each group; apparent nodes.
    *("free_log", "before_log", "true_log", "total_log", "binding", "nodes"),
    # What the prior needs of series and wholes.
    *("node_off", "node_log", "grad_here", "is_part"),
    # Sums of claims: numerators and denominators.
    *("above", "below"),
    # Claims: expected error at difficulty 1, expected reading, squared scale of the noise, and
    # stated width.
    *("noise", "excess", "error", "base", "square", "width"),
)
# How many of them are zeroed.
N_ZERO: Final = SCRATCH.index("point")
# One entry per claim.
BY_CLAIM: Final = (
    *("error_mean_log", "difficulty_of", "role_of", "noise_fixed", "noise_factor", "lifted"),
    *("stated_of", "width_log", "width_excess"),
    *("said", "stated_log", "down_log", "up_log", "one_sided", "sound", "unsound", "weight"),
    *("apart_log", "copied_log"),
    *("predecessor", "serial_share", "is_revised", "is_linear", "unit_log", "tilt_log"),
)
# Sparse matrices in CSR form: row starts, columns and values; one row per claim, but for the last,
# with one per series.
OPERATORS: Final = ("sum", "below", "error", "common")
# Derived from the rest: offsets of the free variables in the point, and of the intermediate results
# in the workspace; both with the total size at the end.
LAYOUT: Final = ("begins", "scratch_begins")
# Names of the data in the order of the table, all one-dimensional.
DATA: Final = (
    # Priors of totals, parts of wholes, priors of sums and ratios, and limits.
    *("total_mean_log", "total_sd_log", "part_begin", "part_node"),
    *("range_mean_log", "range_sd_log"),
    *("range_above_series", "range_above_row", "range_below_series", "range_below_row"),
    *("limit_log", "limit_begin", "limit_series", "limit_is_floor", "group_begin"),
    *("limited_begin", "limited_series", "floor"),
    # Paths of running totals, and their parametrization.
    *("days_log", "knot_step", "knot_before", "knot_share", "path_population", "path_sd"),
    "path_apart",
    *(
        "path_spread",
        "level_date",
        "level_root",
        "level_part",
        "level_true",
        "level_leaf",
        "path_centre",
        "path_rotation",
        "path_information",
    ),
    *(f"{name}_{part}" for name in OPERATORS for part in ("begin", "column", "value")),
    # Difficulty and common error.
    *("difficulty_sd_log", "common_sd_log", "common_tail", "common_group", "common_power"),
    *("common_lifted", "fog"),
    # Counts, and claims about true cells.
    *("register_mean", "register_sd", "register_tail", "register_slope", "register_slope_sd"),
    *("register_never", "register_never_sd"),
    *("register_of", "register_claim", "register_true"),
    *("register_count", "register_node", "register_series", "register_weight", "register_age_log"),
    # Claims; unsound ones share one scale.
    *BY_CLAIM,
    "unsound_scale_log",
    "serial_follow",
    # Priors of free variables that are not standard normal.
    *("noise_floor", "noise_mean", "noise_sd", "excess_mean", "excess_sd"),
    *LAYOUT,
)
INTEGER: Final = frozenset(
    (
        *("range_above_series", "range_above_row", "range_below_series", "range_below_row"),
        *("limit_begin", "limit_series", "group_begin", "limited_begin", "limited_series"),
        *("part_begin", "part_node"),
        *("knot_before", "path_population", "level_date", "level_root", "level_leaf"),
        *(f"{name}_{part}" for name in OPERATORS for part in ("begin", "column")),
        *("register_of", "register_claim", "register_count", "register_node", "register_series"),
        *("difficulty_of", "common_group", "role_of", "stated_of", "predecessor"),
        *LAYOUT,
        *("root_order", "root_begin", "root_row"),
    )
)
# The affine map from the sampler's coordinates comes last: its origin and Cholesky factor.
_PLACES: Final = (*DATA, "shift", "root_order", "root_begin", "root_row", "root_value")
_BYTES: Final = 8


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]  # numba has no types
def array(typing: Any, data: Any, name: Any) -> Any:
    """An array of the table, ``array(data, "said")``; the name is resolved at compile time."""
    place = _PLACES.index(name.literal_value)
    kind = types.int64 if name.literal_value in INTEGER else types.float64

    def view(builder: Any, _: Any, table: Any) -> tuple[Any, Any]:
        address, length = (_entry(builder, table, 2 * place + k) for k in range(2))
        return address, length

    return _array(kind)(data, name), _code(kind, view)


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def variables(typing: Any, data: Any, point: Any, first: Any, last: Any) -> Any:
    """The part of a point from one free variable to another."""
    span = VARIABLES.index(first.literal_value), VARIABLES.index(last.literal_value) + 1
    return _array(types.float64)(data, point, first, last), _code(
        types.float64, _part("begins", span)
    )


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def variable(typing: Any, data: Any, point: Any, name: Any) -> Any:
    """One free variable of a point, ``variable(data, point, "noise_log")``; a borrowing view."""
    place = VARIABLES.index(name.literal_value)
    code = _code(types.float64, _part("begins", (place, place + 1)))
    return _array(types.float64)(data, point, name), code


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def scratch(typing: Any, data: Any, work: Any, name: Any) -> Any:
    """An intermediate result in the workspace, ``scratch(data, work, "nodes")``."""
    place = SCRATCH.index(name.literal_value)
    code = _code(types.float64, _part("scratch_begins", (place, place + 1)))
    return _array(types.float64)(data, work, name), code


def _part(begins_of: str, span: tuple[int, int]) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    """Address and length of a part of an array whose parts begin at ``begins_of``."""

    def view(builder: Any, point: Any, table: Any) -> tuple[Any, Any]:
        begins = _entry(builder, table, 2 * _PLACES.index(begins_of))
        begins = builder.inttoptr(begins, table.type)
        begin, end = (_entry(builder, begins, k) for k in span)
        start = builder.ptrtoint(point.data, begin.type)
        address = builder.add(start, builder.mul(begin, begin.type(_BYTES)))
        return address, builder.sub(end, begin)

    return view


def _array(kind: Any) -> Any:
    """Type of a contiguous one-dimensional array."""
    return types.Array(kind, 1, "C")


def _entry(builder: Any, table: Any, place: int) -> Any:
    """Load one integer from a table."""
    table = builder.bitcast(table, cgutils.intp_t.as_pointer())
    return builder.load(builder.gep(table, [cgutils.intp_t(place)]))


def _code(kind: Any, view: Callable[[Any, Any, Any], tuple[Any, Any]]) -> Any:
    """Code generation for an array view at an address, without reference counting."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, point = arguments[0], None
        if isinstance(signature.args[1], types.Array):
            point = context.make_array(signature.args[1])(context, builder, arguments[1])
        address, length = view(builder, point, table)
        made = context.make_array(_array(kind))(context, builder)
        step = context.get_constant(types.intp, _BYTES)
        populate_array(
            made,
            data=builder.inttoptr(address, context.get_value_type(kind).as_pointer()),
            shape=[length],
            strides=[step],
            itemsize=step,
            meminfo=None,
        )
        return made._getvalue()

    return code
