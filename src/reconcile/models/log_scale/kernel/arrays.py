"""Where the kernel finds its data: a table of pointers and lengths, in the order of ``DATA``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

__all__ = [
    "DATA",
    "FREE",
    "LAID_OUT",
    "N_ZERO",
    "OF_CLAIMS",
    "OF_ENTRIES",
    "ROOMS",
    "WHOLE",
    "given",
    "room",
    "variable",
    "variables",
]

# Free variables in the order of the point. Those of totals and paths are coordinates of their own
# (reconcile.models.log_scale.kernel.coordinates), the others variables of the model.
FREE: Final = (
    "level_z",
    "common_bias_z",
    "bias_z",
    "role_z",
    "camp_z",
    "category_z",
    "drift_z",
    "noise_log",
    "register_z",
    "overconfidence_log",
    "path_spread_z",
    "path_shared",
    "path_own",
)
# What is worked out on the way, in the order of the room for it, all of one axis. What is added to
# is 0 in the beginning, and comes first.
ROOMS: Final = (
    # Slopes of what is below: of the point, claims, nodes, totals, changes, and errors.
    *("gradient", "by_base", "by_square", "by_width", "by_node", "by_total", "by_change"),
    *("by_bias", "by_noise", "by_faded"),
    # Sums that claims speak of, above the line and below it, and what registers hold of how much.
    *("above", "below", "part", "whole"),
    # From here on it is not.
    "point",
    # Paths: what fades and turns changes, changes, shares of stretches of time.
    *("fading", "z", "by_z", "changes", "at_knots", "share", "reached_log", "by_share"),
    # Totals: free, below every ceiling, the ceiling that presses most on each group; nodes.
    *("free_log", "total_log", "pressing", "by_free", "nodes"),
    # Errors, then claims: where readings are expected, nothing known of their noise; the square of
    # the scale of that noise, and the scale that a stated width has.
    *("bias", "noise", "excess", "base", "square", "width"),
)
# How many of them are 0 in the beginning.
N_ZERO: Final = ROOMS.index("point")
# By claim: whose errors it has, and how much of each; what it says.
OF_CLAIMS: Final = (
    *("voice_of", "population_of", "role_of", "category_of", "category_sd", "stated_of"),
    *("common_share", "bias_share", "noise_share", "excess_share", "coarse_log", "width_log"),
    *("said", "stated_log", "down_log", "up_log", "one_sided", "sound", "unsound", "weight"),
    *("anchor", "anchor_share", "is_revised", "is_linear", "unit_log", "tilt_log"),
)
# By entry of a sparse matrix whose rows are claims: its row, and the rest.
OF_ENTRIES: Final = (
    ("claim_row", "claim_node", "claim_weight"),
    ("below_row", "below_node", "below_weight"),
    ("drift_claim", "drift_step", "drift_sd"),
)
# What is laid out once the rest is there: where each free variable begins in the point, and where
# the last one ends; the same of rooms; room that stays, where that is much, and which is taken.
LAID_OUT: Final = ("begins", "rooms", "desks", "desk_taken")
# Data by name, in the order of the table, all of one axis.
DATA: Final = (
    # Priors of totals, of their sums and ratios, and ceilings.
    *("total_mean_log", "total_sd_log", "range_mean_log", "range_sd_log"),
    *("range_above_series", "range_above_row", "range_below_series", "range_below_row"),
    *("ceiling_log", "ceiling_begin", "ceiling_series", "group_begin"),
    *("shrunk_begin", "shrunk_series"),
    # The paths of running totals, and the coordinates of the sampler: where each running total is
    # taken, and how its changes are turned.
    *("days_log", "knot_step", "knot_before", "knot_share", "path_population", "path_sd"),
    *("path_spread", "level_date", "path_centre", "path_turn", "path_pull"),
    # Sparse matrices of sums over nodes, and what registered counts consist of.
    *(name for entries in OF_ENTRIES for name in entries),
    *("register_mean", "register_sd", "register_of", "register_claim", "register_count"),
    *("register_node", "register_weight", "register_gain"),
    # Biases and noise: constants of voices, roles and populations.
    *("bias_mean_log", "voice_level", "role_level", "situation_of", "camp_level", "camp_of"),
    *("common_sd_log", "noise_floor"),
    # The claims; the scale of unsound ones is one number.
    *OF_CLAIMS,
    "unsound_scale_log",
    # Priors of the free variables that are not standard normal.
    *("noise_mean", "noise_sd", "excess_mean", "excess_sd"),
    *LAID_OUT,
)
# Those that are whole numbers.
WHOLE: Final = frozenset(
    (
        *("range_above_series", "range_above_row", "range_below_series", "range_below_row"),
        *("ceiling_begin", "ceiling_series", "group_begin", "shrunk_begin", "shrunk_series"),
        *("knot_before", "path_population", "level_date"),
        *("claim_node", "claim_row", "below_node", "below_row"),
        *("register_of", "register_claim", "register_count", "register_node"),
        *("situation_of", "camp_of", "voice_of", "population_of", "category_of"),
        *("drift_claim", "drift_step", "role_of", "stated_of", "anchor"),
        *("begins", "rooms", "desk_taken"),
        *("root_order", "root_begin", "root_row"),
    )
)
# The coordinates of the sampler come last: its origin, and what its steps are turned by.
_PLACES: Final = (*DATA, "shift", "root_order", "root_begin", "root_row", "root_value")
_BYTES: Final = 8


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]  # numba has no types
def given(typing: Any, data: Any, name: Any) -> Any:
    """An array of the table: ``given(data, "said")``; the name is looked up when it is compiled."""
    place = _PLACES.index(name.literal_value)
    kind = types.int64 if name.literal_value in WHOLE else types.float64

    def view(builder: Any, _: Any, table: Any) -> tuple[Any, Any]:
        address, length = (_entry(builder, table, 2 * place + k) for k in range(2))
        return address, length

    return _array(kind)(data, name), _code(kind, view)


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def variables(typing: Any, data: Any, point: Any, first: Any, last: Any) -> Any:
    """The part of a point from one free variable to another, to read or to write.

    It does not keep the point alive, which whoever calls the function that asks must do.
    """
    span = FREE.index(first.literal_value), FREE.index(last.literal_value) + 1
    code = _code(types.float64, _part("begins", span))
    return _array(types.float64)(data, point, first, last), code


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def variable(typing: Any, data: Any, point: Any, name: Any) -> Any:
    """The part of a point that is one free variable: ``variable(data, point, "bias_z")``."""
    place = FREE.index(name.literal_value)
    code = _code(types.float64, _part("begins", (place, place + 1)))
    return _array(types.float64)(data, point, name), code


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def room(typing: Any, data: Any, work: Any, name: Any) -> Any:
    """The room for something that is worked out: ``room(data, work, "nodes")``.

    To ask the machine for room takes as long as to add up a claim: all is asked for at once.
    """
    place = ROOMS.index(name.literal_value)
    code = _code(types.float64, _part("rooms", (place, place + 1)))
    return _array(types.float64)(data, work, name), code


def _part(begins_of: str, span: tuple[int, int]) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    def view(builder: Any, point: Any, table: Any) -> tuple[Any, Any]:
        begins = _entry(builder, table, 2 * _PLACES.index(begins_of))
        begins = builder.inttoptr(begins, table.type)
        begin, end = (_entry(builder, begins, k) for k in span)
        start = builder.ptrtoint(point.data, begin.type)
        address = builder.add(start, builder.mul(begin, begin.type(_BYTES)))
        return address, builder.sub(end, begin)

    return view


def _array(kind: Any) -> Any:
    return types.Array(kind, 1, "C")


def _entry(builder: Any, table: Any, place: int) -> Any:
    """A number of a table of whole ones."""
    table = builder.bitcast(table, cgutils.intp_t.as_pointer())
    return builder.load(builder.gep(table, [cgutils.intp_t(place)]))


def _code(kind: Any, view: Callable[[Any, Any, Any], tuple[Any, Any]]) -> Any:
    """What numba writes for an array at an address: nobody counts who uses it."""

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
