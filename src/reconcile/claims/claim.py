"""One claim: what a source said of a figure, checked when it is made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Final

from reconcile.claims.claim_checks import claim_problems, is_plain
from reconcile.claims.constructors import Constructors
from reconcile.claims.fields import normalise
from reconcile.claims.figure import parse_ratio, parse_sum
from reconcile.errors import ClaimError

__all__ = ["COLUMNS", "Claim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Constructors):
    """What one source said of one figure; each kind has a constructor, such as :meth:`at_least`.

    Parameters
    ----------
    figure : str
        What is counted: a name, a sum ``"killed + wounded"``, or for ``ratio`` one such over
        another, ``"wounded / killed"``.
    kind : str
        ``point``, ``about``, ``at_least``, ``at_most``, ``between``, ``interval``, ``confirmed``,
        ``vague``, ``ratio`` or ``truth``.
    source : str
        Who says it.
    population : str, optional
        Whose figure it is; may be left out where there is only one population.
    value, low, high : float, optional
        Numbers on the natural scale, as the kind requires.
    coverage : float, optional
        Stated coverage of an ``interval``, in (0, 1); 1 for a ``between`` that is physically
        guaranteed.
    words : str, optional
        For ``vague``: words of the lexicon.
    scale : str, optional
        Scale on which an ``interval`` is symmetric, ``log`` or ``linear``; empty = judged from its
        numbers. ``linear`` for every claim on a figure that may be negative; of a share, ``share``
        where a range has a best value of zero.
    per : str, optional
        ``day``, ``week``, ``month`` or ``year`` if the numbers are the rate at which a running
        total rises over the period; empty = they are the total.
    date : datetime.date, optional
        Last day that the figure covers; required for a running total, not for a fixed figure.
    since : datetime.date or "last report", optional
        First day that the figure covers; empty = the start of the case. ``"last report"``: the day
        after the date of the source's previous claim.
    said : datetime.date, optional
        Day on which the claim was made; empty = ``date``.
    role : str, optional
        What the source is to the population: ``own``, ``enemy``, ``third``, ``expert``, ``media``,
        ``leak``, ``rumour``; empty = as the case says.
    interest : str, optional
        Which way the speaker would like the number to be: ``low``, ``high``, ``none``.
    origin : str, optional
        What the claim repeats or is derived from.
    status : str, default "standing"
        ``standing``, ``revised`` or ``withdrawn``, and a reason after a colon.
    quote, url, note : str, optional
        Provenance, carried through.
    extra : tuple of (str, object), optional
        Other columns of the table, kept as they are.

    Raises
    ------
    ClaimError
        If anything is illegal; every problem is listed.

    Notes
    -----
    Dates are whole days, and a period contains its first and its last day.

    Examples
    --------
    >>> import reconcile as rc
    >>> claim = rc.Claim.between(7_000, 15_000, figure="killed", source="NATO", role="third")
    >>> claim.kind, claim.low, claim.high
    ('between', 7000.0, 15000.0)
    """

    figure: str
    population: str = ""
    kind: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float | None = None
    words: str = ""
    scale: str = ""
    per: str = ""
    date: dt.date | None = None
    since: dt.date | None = None
    said: dt.date | None = None
    source: str
    role: str = ""
    interest: str = ""
    origin: str = ""
    status: str = "standing"
    quote: str = ""
    url: str = ""
    note: str = ""
    extra: tuple[tuple[str, object], ...] = ()

    def __post_init__(self) -> None:
        if is_plain(self):
            return
        normalise(self)
        problems = list(claim_problems(self, COLUMNS))
        if problems:
            raise ClaimError(problems)

    @property
    def parts(self) -> tuple[str, ...]:
        """Figures that the claim is about; those of both sides for a ratio."""
        return tuple(part for side in self.sides for part in parse_sum(side))

    @property
    def sides(self) -> tuple[str, ...]:
        """The figure, or numerator and denominator of a ratio."""
        return parse_ratio(self.figure) if self.kind == "ratio" else (self.figure,)

    @property
    def is_truth(self) -> bool:
        """Whether it is what the figure turned out to be, and no claim of a source."""
        return self.kind == "truth"

    @property
    def state(self) -> str:
        """``standing``, ``revised`` or ``withdrawn``, without the reason."""
        status = self.status
        return status.partition(":")[0].strip() if ":" in status else status.strip()


COLUMNS: Final = tuple(field.name for field in fields(Claim) if field.name != "extra")
