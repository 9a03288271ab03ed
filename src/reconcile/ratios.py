"""What is known beforehand of one figure over another."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reconcile.errors import ClaimError, Problem
from reconcile.figures import parse_ratio, parse_sum

__all__ = ["Ratio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Prior of the ratio of two figures, or sums of figures, in every population.

    Parameters
    ----------
    of : str
        ``"wounded / killed"``.
    about : float
        Prior median of the ratio, above 0; for running totals of that at their last date, for
        levels of that of their means.
    sd_log : float
        Standard deviation of its logarithm, above 0; 0.4 puts 95 % within a factor of 2.2.

    Raises
    ------
    ClaimError
        If a field is illegal.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Ratio(of="wounded / killed", about=3, sd_log=0.4).sides
    ('wounded', 'killed')
    """

    of: str
    about: float
    sd_log: float

    def __post_init__(self) -> None:
        problems = []
        field = f"ratios.{self.of}"
        legal = "one figure or sum over another, such as wounded / killed"
        text = isinstance(self.of, str)
        if not text or len(self.sides) != 2 or not all(map(all, map(parse_sum, self.sides))):
            problems.append(Problem(field=field, value=self.of, wrong="not a ratio", legal=legal))
        elif set(parse_sum(self.sides[0])) == set(parse_sum(self.sides[1])):
            wrong = "a ratio of a figure to itself"
            problems.append(Problem(field=field, value=self.of, wrong=wrong, legal=legal))
        for name in ("about", "sd_log"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or value <= 0:
                wrong, legal = "not a positive number", "a number above 0"
                key = f"{field}.{name}"
                problems.append(Problem(field=key, value=value, wrong=wrong, legal=legal))
        if problems:
            raise ClaimError(problems)

    @property
    def sides(self) -> tuple[str, ...]:
        """What stands above and below the line."""
        return parse_ratio(self.of)
