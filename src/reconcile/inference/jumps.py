r"""Transitions of a sampler for densities of several parts between which NUTS does not move.

The state is a point and the label of a part of a mixture that was fitted to earlier draws (Pompe,
Holmes and Łatuszyński 2020, Annals of Statistics 48(5), https://doi.org/10.1214/19-AOS1916). With
:math:`Q_k` the share times the density of part :math:`k`, its target is
:math:`\pi(x) Q_k(x) / \sum_j Q_j(x)`, the marginal of which is the density :math:`\pi`, however
poor the fit. A transition is

1. a label given the point, and a jump to the same place relative to another part;
2. an independent proposal from the mixture;
3. a few steps of single variables, drawn from Cauchy distributions: out of a narrow part into a
   wide one about it, as that of a claim that may be a slip, and back;
4. Hamiltonian Monte Carlo in the coordinates of a label, with a random number of steps.

Each is accepted or rejected by the ratio of the target, so that all leave it invariant.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from reconcile.inference.mixture import DEGREES

__all__ = ["n_uniform", "walk"]

# Uniform numbers that one transition takes, without those for the step of a single variable.
_OTHERS: Final = 9
_SINGLE: Final = 4
# Variables to one such step; at least two steps, one of each sort.
_VARIABLES: Final = 4
_DEGREES: Final = DEGREES
# Acceptance rate to which step sizes are tuned, and the largest step.
_TARGET: Final = 0.8
_WIDEST: Final = 2.0
_MOST_LEAPS: Final = 64
_jit: Final = numba.njit(cache=True, error_model="numpy", nogil=True)


def n_uniform(dim: int) -> int:
    """Number of uniform numbers that one transition takes."""
    return _OTHERS + _SINGLE * max(dim // _VARIABLES, 2)


@intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def _call(_: Any, address: Any, n: Any, x: Any, slope: Any, value: Any, table: Any) -> Any:
    """Call a C function, of a size and four pointers, at an address."""
    signature = types.int64(types.uintp, *[types.uintp] * 5)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(word, [word] * 5).as_pointer()
        return builder.call(builder.inttoptr(values[0], kind), values[1:])

    return signature, generate


@_jit  # type: ignore[untyped-decorator]
def _relative(x: Any, centre: Any, root: Any, z: Any) -> float:
    """Set ``z`` to the place of ``x`` relative to a part; returns its squared length."""
    square = 0.0
    for i in range(x.size):
        total = x[i] - centre[i]
        for j in range(i):
            total -= root[i, j] * z[j]
        z[i] = total / root[i, i]
        square += z[i] * z[i]
    return float(square)


@_jit  # type: ignore[untyped-decorator]
def _absolute(z: Any, centre: Any, root: Any, x: Any) -> None:
    """Set ``x`` to the point at ``z`` relative to a part."""
    for i in range(z.size):
        x[i] = centre[i]
        for j in range(i + 1):
            x[i] += root[i, j] * z[j]


@_jit  # type: ignore[untyped-decorator]
def _pulled(gradient: Any, root: Any, slope: Any) -> None:
    """Set ``slope`` to a gradient in the coordinates of a part."""
    slope[:] = 0.0
    # Row by row, as the root lies in memory.
    for i in range(slope.size):
        for j in range(i + 1):
            slope[j] += root[i, j] * gradient[i]


@_jit  # type: ignore[untyped-decorator]
def _log_shares(x: Any, mixture: Any, z: Any, out: Any) -> float:
    """Set ``out`` to the log probability of each label; returns the mixture's log density."""
    centre, root, height, _ = mixture
    n, most, total = x.size, -np.inf, 0.0
    for k in range(height.size):
        square = _relative(x, centre[k], root[k], z)
        out[k] = height[k] - 0.5 * (_DEGREES + n) * math.log1p(square / _DEGREES)
        most = max(most, out[k])
    for k in range(height.size):
        total += math.exp(out[k] - most)
    whole = most + math.log(total)
    for k in range(height.size):
        out[k] -= whole
    return float(whole)


@_jit  # type: ignore[untyped-decorator]
def _label(log_share: Any, uniform: float) -> int:
    total = 0.0
    for k in range(log_share.size - 1):
        total += math.exp(log_share[k])
        if uniform < total:
            return int(k)
    return int(log_share.size - 1)


@_jit  # type: ignore[untyped-decorator]
def _evaluate(density: Any, state: Any) -> None:
    """Set gradient and log density of a state, given its point."""
    address, table, _ = density
    x, gradient, _, number = state
    failed = _call(
        address,
        np.uint64(x.size),
        x.ctypes.data,
        gradient.ctypes.data,
        number.ctypes.data,
        table.ctypes.data,
    )
    if failed:
        number[0] = -np.inf


@_jit  # type: ignore[untyped-decorator]
def _complete(density: Any, mixture: Any, state: Any) -> None:
    """Set gradient, labels and log densities of a state, given its point."""
    _evaluate(density, state)
    state[3][1] = _log_shares(state[0], mixture, density[2], state[2])


@_jit  # type: ignore[untyped-decorator]
def _replace(log_ratio: float, uniform: float, here: Any, there: Any) -> None:
    """Metropolis: replace a state by another one, or not."""
    # NaN is rejected.
    if math.log(uniform) < log_ratio:
        _move(here, there)


@_jit  # type: ignore[untyped-decorator]
def _move(here: Any, there: Any) -> None:
    for k in range(4):
        here[k][:] = there[k]


@_jit  # type: ignore[untyped-decorator]
def _jump(density: Any, mixture: Any, here: Any, there: Any, uniform: Any) -> None:
    """A jump to the same place relative to another part."""
    centre, root, height, _ = mixture
    z, parts = density[2], height.size
    old = _label(here[2], uniform[0])
    new = (old + 1 + int(uniform[1] * (parts - 1))) % parts
    _relative(here[0], centre[old], root[old], z)
    _absolute(z, centre[new], root[new], there[0])
    _complete(density, mixture, there)
    # The ratio of the volumes is that of the heights without the shares; the label is kept.
    volume = 0.0
    for i in range(z.size):
        volume += math.log(root[new, i, i] / root[old, i, i])
    ratio = there[3][0] + there[2][new] - here[3][0] - here[2][old] + volume
    _replace(ratio, uniform[2], here, there)


@_jit  # type: ignore[untyped-decorator]
def _propose(
    density: Any, mixture: Any, here: Any, there: Any, uniform: Any, normal: Any, radius: float
) -> None:
    """An independent proposal from the mixture."""
    centre, root, _, upto = mixture
    part = min(np.searchsorted(upto, uniform[0]), upto.size - 1)
    _absolute(normal * radius, centre[part], root[part], there[0])
    _complete(density, mixture, there)
    ratio = there[3][0] - there[3][1] - here[3][0] + here[3][1]
    _replace(ratio, uniform[1], here, there)


@_jit  # type: ignore[untyped-decorator]
def _nudge(
    density: Any, mixture: Any, here: Any, there: Any, uniform: Any, spread: Any, away: bool
) -> None:
    """One variable to a place by the size of a part: ``away`` from where it is, or in the part."""
    centre, upto = mixture[0], mixture[3]
    i = int(uniform[0] * here[0].size)
    k = min(np.searchsorted(upto, uniform[1]), upto.size - 1)
    x, scale = here[0][i], spread[k, i]
    step = math.tan(math.pi * (uniform[2] - 0.5))
    there[0][:] = here[0]
    there[0][i] = (x if away else centre[k, i]) + scale * step
    _evaluate(density, there)
    ratio = there[3][0] - here[3][0]
    if not away:
        ratio += math.log1p(step * step) - math.log1p(((x - centre[k, i]) / scale) ** 2)
    # Labels take longer than the density, and most steps are rejected; NaN is.
    if math.log(uniform[3]) < ratio:
        there[3][1] = _log_shares(there[0], mixture, density[2], there[2])
        _move(here, there)


@_jit  # type: ignore[untyped-decorator]
def _leap(
    density: Any, mixture: Any, here: Any, there: Any, uniform: Any, momentum: Any, step: Any
) -> Any:
    """Hamiltonian Monte Carlo; returns the label, energy's acceptance rate, and steps."""
    centre, root, _, _ = mixture
    k = _label(here[2], uniform[0])
    z, p, slope = np.empty(momentum.size), momentum.copy(), np.empty(momentum.size)
    epsilon = step[k] * (0.8 + 0.4 * uniform[1])
    leaps = 1 + int(uniform[2] * min(_MOST_LEAPS, math.ceil(math.pi / step[k])))
    _relative(here[0], centre[k], root[k], z)
    _pulled(here[1], root[k], slope)
    before = here[3][0] - 0.5 * (p @ p)
    for _ in range(leaps):
        p += 0.5 * epsilon * slope
        z += epsilon * p
        _absolute(z, centre[k], root[k], there[0])
        _evaluate(density, there)
        if not math.isfinite(there[3][0]):
            return k, 0.0, leaps
        _pulled(there[1], root[k], slope)
        p += 0.5 * epsilon * slope
    there[3][1] = _log_shares(there[0], mixture, density[2], there[2])
    gain = there[3][0] - 0.5 * (p @ p) - before
    _replace(gain + there[2][k] - here[2][k], uniform[3], here, there)
    return k, math.exp(min(0.0, gain)), leaps


@_jit  # type: ignore[untyped-decorator]
def walk(
    density: Any, mixture: Any, start: Any, step: Any, random: Any, tuning: bool, out: Any
) -> Any:
    """Transitions from ``start``, a row of ``out`` each; returns log densities and statistics.

    ``density`` is the address of its callback, its table of pointers and working space. The step
    size of each part is tuned in place if ``tuning``. ``random`` has normal, again normal,
    chi-squared and uniform numbers, a row for each transition.
    """
    normal, momentum, square, uniform = random
    parts = step.size
    here = (start.copy(), start.copy(), np.empty(parts), np.empty(2))
    there = (start.copy(), start.copy(), np.empty(parts), np.empty(2))
    count, found = np.zeros(parts), np.zeros((len(out), 3))
    # Scale of each variable within each part.
    spread = np.sqrt((mixture[1] ** 2).sum(axis=2))
    # A part that is explored by itself is not to be left.
    singles = (uniform.shape[1] - _OTHERS) // _SINGLE if parts > 1 else 0
    _complete(density, mixture, here)
    for t in range(len(out)):
        u = uniform[t]
        if parts > 1:
            _jump(density, mixture, here, there, u[:3])
        radius = math.sqrt(_DEGREES / square[t])
        _propose(density, mixture, here, there, u[3:5], normal[t], radius)
        for s in range(singles):
            of_step = u[_OTHERS + s * _SINGLE :]
            _nudge(density, mixture, here, there, of_step, spread, s % 2 == 0)
        k, chance, leaps = _leap(density, mixture, here, there, u[5:9], momentum[t], step)
        if tuning:
            count[k] += 1
            step[k] = min(step[k] * math.exp((chance - _TARGET) / count[k] ** 0.6), _WIDEST)
        out[t] = here[0]
        found[t, 0], found[t, 1], found[t, 2] = here[3][0], chance, leaps + singles + min(parts, 2)
    return found
