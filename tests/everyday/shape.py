"""What an everyday case and a pair of cases consist of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import reconcile as rc

type Row = dict[str, Any]
type Bounds = tuple[float, float]

ANY: Bounds = (-np.inf, np.inf)
ENDS = ("median", "lower", "upper")


def row(kind: str, what: Any, source: str, role: str = "", /, **rest: Any) -> Row:
    """A row of a claim table: a number, ``(low, high)``, ``(low, high, best)``, or words."""
    numbers: Row
    if isinstance(what, str):
        numbers = {"words": what}
    elif isinstance(what, tuple):
        numbers = dict(zip(("low", "high", "value"), what, strict=False))
    else:
        numbers = {"value": what}
    return {"kind": kind, "source": source} | ({"role": role} if role else {}) | numbers | rest


def count(kind: str, source: str, role: str, *numbers: tuple[float, str]) -> tuple[Row, ...]:
    """Successive numbers of one source, each with the day on which it was said."""
    return tuple(row(kind, number, source, role, said=day) for number, day in numbers)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Claims as a user enters them, and the figure that is asked for."""

    rows: tuple[Row, ...]
    figure: str = "killed"
    population: str | None = None
    date: str | None = None
    case: Mapping[str, Any] | None = None

    def claims(self) -> rc.ClaimSet:
        """The claims, read from a data frame; rows are about the figure unless they name one."""
        frame = pd.DataFrame([{"figure": self.figure} | one for one in self.rows])
        return rc.read_claims(frame) if self.case is None else rc.read_claims(frame, case=self.case)

    def draws(self, posterior: xr.DataTree) -> np.ndarray:
        """All draws of the figure asked for."""
        where = {"population": self.population, "date": self.date}
        return rc.draws(posterior, self.figure, **where).to_numpy().ravel()


@dataclass(frozen=True, kw_only=True)
class Everyday(Asked):
    """A case, and bounds on the median and on both ends of the 90 % interval.

    ``chances`` are further bounds: ``(below, least, most)`` on the probability of less than
    ``below``.
    """

    name: str
    why: str
    median: Bounds
    lower: Bounds
    upper: Bounds
    chances: tuple[tuple[float, float, float], ...] = ()

    @property
    def parts(self) -> tuple[Asked, ...]:
        """What is fitted."""
        return (self,)

    @property
    def accepted(self) -> str:
        """The bounds in words."""
        return ", ".join(f"{name} {_between(getattr(self, name))}" for name in ENDS)

    def faults(self, *posteriors: xr.DataTree) -> list[str]:
        """What a knowledgeable person would not accept of the answer."""
        (draws,) = (self.draws(one) for one in posteriors)
        found = []
        for name, value in answer(draws).items():
            least, most = getattr(self, name)
            if not least <= value <= most:
                found.append(f"{name} {_short(value)} is not {_between((least, most))}")
        for below, least, most in self.chances:
            chance = float(np.mean(draws < below))
            if not least <= chance <= most:
                found.append(f"P(below {below:,.15g}) {chance:.3f} is not {least:g} to {most:g}")
        return found


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A case without and with something, and bounds on what it does to the answer.

    ``median``, ``lower`` and ``upper`` bound the ratio of the second answer to the first; ``width``
    that of the log widths of the 90 % intervals.
    """

    name: str
    why: str
    first: Asked
    second: Asked
    median: Bounds = field(default=(0.9, 1.1))
    lower: Bounds = field(default=(0.85, 1.18))
    upper: Bounds = field(default=(0.85, 1.18))
    width: Bounds = ANY

    @property
    def parts(self) -> tuple[Asked, ...]:
        """What is fitted."""
        return (self.first, self.second)

    @property
    def accepted(self) -> str:
        """The bounds in words."""
        return ", ".join(f"{name} x {_between(getattr(self, name))}" for name in (*ENDS, "width"))

    def faults(self, *posteriors: xr.DataTree) -> list[str]:
        """What a knowledgeable person would not accept of the difference."""
        one, other = (
            answer(part.draws(fit)) for part, fit in zip(self.parts, posteriors, strict=True)
        )
        ratios = {name: other[name] / one[name] for name in ENDS}
        widths = [np.log(ends["upper"] / ends["lower"]) for ends in (one, other)]
        found = []
        for name, ratio in (ratios | {"width": widths[1] / widths[0]}).items():
            least, most = getattr(self, name)
            if not least <= ratio <= most:
                found.append(f"{name} x {ratio:.3g} is not {_between((least, most))}")
        return found


def answer(draws: np.ndarray) -> dict[str, float]:
    """Median and the ends of the 90 % equal-tailed interval."""
    return dict(zip(ENDS, np.quantile(draws, [0.5, 0.05, 0.95]).tolist(), strict=True))


def told(case: Everyday | Pair, posteriors: Sequence[xr.DataTree]) -> str:
    """The answer, or both of a pair, in short."""
    found = [answer(part.draws(fit)) for part, fit in zip(case.parts, posteriors, strict=True)]
    return "; then ".join(
        f"{_short(one['median'])} [{_short(one['lower'])} to {_short(one['upper'])}]"
        for one in found
    )


def _short(number: float) -> str:
    return f"{float(f'{number:.6g}'):,.15g}"


def _between(bounds: Bounds) -> str:
    return "{:,.15g} to {:,.15g}".format(*bounds)
