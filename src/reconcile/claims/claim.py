"""One claim: what a source said of a figure, checked when it is made."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, fields
from typing import Any, Final, Unpack

from reconcile.claims.claim_checks import claim_problems, is_plain
from reconcile.claims.fields import ClaimFields, normalise
from reconcile.claims.figure import parse_ratio, parse_sum
from reconcile.claims.phrases.quantity import Quantity, parse_quantity
from reconcile.errors import ClaimError

__all__ = ["COLUMNS", "Claim"]

# Coverage of a normal distribution within one standard deviation.
_ONE_SIGMA: Final = math.erf(math.sqrt(0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one source said of one figure. Use a constructor per kind, such as :meth:`at_least`.

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
        Whose figure; empty where there is only one.
    value, low, high : float, optional
        Numbers on the natural scale, as the kind needs them.
    coverage : float, optional
        Stated coverage of an ``interval``, in (0, 1); 1 for a ``between`` that is physically
        guaranteed.
    words : str, optional
        For ``vague``: words of the lexicon.
    scale : str, optional
        On which scale the error of an ``interval`` is symmetric, ``log`` or ``linear``; empty =
        judged from its numbers. ``linear`` also for every claim on a figure that may be negative.
    per : str, optional
        ``day``, ``week``, ``month`` or ``year`` where the numbers are a rate of a running total
        over its period; empty = they are the total.
    date : datetime.date, optional
        Last day the figure covers; what a running total needs and a fixed figure does not.
    since : datetime.date or "last report", optional
        First day the figure covers; empty = the start of the case. ``"last report"``: the day
        after the one that the source's claim before this one covers last.
    said : datetime.date, optional
        Day the claim was made; empty = ``date``.
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
        Columns of the table that the library does not know; kept as they are.

    Raises
    ------
    ClaimError
        If anything is illegal; all of it is listed.

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
        """Figures the claim speaks of; those of both sides for a ratio."""
        return tuple(part for side in self.sides for part in parse_sum(side))

    @property
    def sides(self) -> tuple[str, ...]:
        """The figure, or what stands above and below the line of a ratio."""
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

    @classmethod
    def of(cls, quantity: Quantity | str, **about: Unpack[ClaimFields]) -> Claim:
        """A quantity as it is said, such as "as many as 40,000".

        Parameters
        ----------
        quantity : Quantity or str
            What :func:`parse_quantity` returned, or the phrase that it is to read. The phrase
            becomes the ``quote``, unless one is given.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> claim = rc.Claim.of("as many as 40,000", figure="killed", source="an official")
        >>> claim.kind, claim.value, claim.quote
        ('at_most', 40000.0, 'as many as 40,000')
        """
        said = parse_quantity(quantity) if isinstance(quantity, str) else quantity
        numbers = {name: getattr(said, name) for name in ("value", "low", "high", "coverage")}
        given = {"quote": said.text} | about
        return cls(kind=said.kind, words=said.words, **numbers, **given)  # type: ignore[arg-type]

    @classmethod
    def point(cls, value: float, **about: Unpack[ClaimFields]) -> Claim:
        """One number, taken to be exact to its last digit.

        Parameters
        ----------
        value : float
            The number, natural scale, at least 0.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.point(9861, figure="killed", source="a newspaper").kind
        'point'
        """
        return cls(kind="point", value=value, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def about(cls, value: float, **about: Unpack[ClaimFields]) -> Claim:
        """One number, said to be rounded.

        Parameters
        ----------
        value : float
            The number, natural scale, at least 0.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.about(10_000, figure="killed", source="a newspaper").value
        10000.0
        """
        return cls(kind="about", value=value, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def at_least(cls, value: float, **about: Unpack[ClaimFields]) -> Claim:
        """A lower bound; an official count is often no more than that.

        Parameters
        ----------
        value : float
            The bound, natural scale, at least 0.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.at_least(1351, figure="killed", source="Kremlin").kind
        'at_least'
        """
        return cls(kind="at_least", value=value, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def at_most(cls, value: float, **about: Unpack[ClaimFields]) -> Claim:
        """An upper bound: "up to", "as many as".

        Parameters
        ----------
        value : float
            The bound, natural scale, at least 0.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.at_most(40_000, figure="killed + wounded", source="an official").parts
        ('killed', 'wounded')
        """
        return cls(kind="at_most", value=value, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def between(
        cls,
        low: float,
        high: float,
        *,
        value: float | None = None,
        guaranteed: bool = False,
        **about: Unpack[ClaimFields],
    ) -> Claim:
        """A range whose coverage nobody stated, or one that physics or arithmetic guarantees.

        Parameters
        ----------
        low, high : float
            Its ends, natural scale, ``0 <= low < high``.
        value : float, optional
            The source's own best value inside the range.
        guaranteed : bool, default False
            Whether the truth cannot lie outside, whoever says it: a hard limit, and no estimate.
            The column ``coverage`` then holds 1.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.between(7_000, 15_000, figure="killed", source="NATO").high
        15000.0
        """
        fields: dict[str, Any] = {"low": low, "high": high, "value": value}
        return cls(kind="between", coverage=1.0 if guaranteed else None, **fields, **about)  # type: ignore[arg-type]

    @classmethod
    def interval(
        cls,
        low: float,
        high: float,
        coverage: float,
        *,
        value: float | None = None,
        **about: Unpack[ClaimFields],
    ) -> Claim:
        """A confidence or credible interval with its stated coverage.

        Parameters
        ----------
        low, high : float
            Its ends, natural scale, ``low < high``; ``low`` may be zero or negative.
        coverage : float
            In (0, 1): 0.95 for a 95 % interval.
        value : float, optional
            The point estimate, natural scale, above 0.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.interval(793, 8498, 0.95, value=4645, figure="deaths", source="a survey").low
        793.0
        """
        return cls(kind="interval", low=low, high=high, coverage=coverage, value=value, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def standard_error(cls, value: float, error: float, **about: Unpack[ClaimFields]) -> Claim:
        """An estimate with its standard error: an interval two standard errors wide.

        Parameters
        ----------
        value : float
            The estimate, natural scale.
        error : float
            Its standard error, above 0, unit of ``value``.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim
            Of kind ``interval``, symmetric on the natural scale, with the coverage that a normal
            distribution has within one standard error.

        Examples
        --------
        >>> import reconcile as rc
        >>> claim = rc.Claim.standard_error(120, 10, figure="deaths", source="a survey")
        >>> claim.kind, claim.low, claim.high, round(claim.coverage, 4)
        ('interval', 110.0, 130.0, 0.6827)
        """
        # The ends lose what floating point adds and, beside a large value, more: the coverage is
        # that of what they came out as, so that nothing of the error is lost.
        low, high = (_tidy(end, error) for end in (value - error, value + error))
        reach = 0.5 * (high - low) / error if error > 0 else 1.0
        coverage = math.erf(reach * math.sqrt(0.5)) or _ONE_SIGMA
        ends = {"low": low, "high": high, "value": value}
        given = {"scale": "linear"} | about
        return cls(kind="interval", coverage=coverage, **ends, **given)  # type: ignore[arg-type]

    @classmethod
    def confirmed(cls, value: float, **about: Unpack[ClaimFields]) -> Claim:
        """A registered count: "13 named so far".

        Parameters
        ----------
        value : float
            How many have been registered, verified or named; natural scale, at least 0.
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.confirmed(13, figure="killed", source="a newspaper").kind
        'confirmed'
        """
        return cls(kind="confirmed", value=value, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def ratio(
        cls,
        value: float | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
        **about: Unpack[ClaimFields],
    ) -> Claim:
        """One figure over another: "three wounded for each man killed", "one in ten".

        Parameters
        ----------
        value : float, optional
            The ratio, above 0; 0.1 for one in ten.
        low, high : float, optional
            Its ends, where it is a range.
        **about
            The other fields of a claim: ``figure`` (``"wounded / killed"``) and ``source`` at
            least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.ratio(3, figure="wounded / killed", source="a surgeon").sides
        ('wounded', 'killed')
        """
        return cls(kind="ratio", value=value, low=low, high=high, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def vague(cls, words: str, **about: Unpack[ClaimFields]) -> Claim:
        """A quantity in words: "dozens", "thousands", "significant".

        Parameters
        ----------
        words : str
            Words of the lexicon (:data:`reconcile.kinds.lexicon.LEXICON`).
        **about
            The other fields of a claim: ``figure`` and ``source`` at least.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.vague("dozens", figure="killed", source="a witness").words
        'dozens'
        """
        return cls(kind="vague", words=words, **about)  # type: ignore[arg-type]  # text becomes a day

    @classmethod
    def truth(
        cls, low: float, high: float, *, value: float | None = None, **about: Unpack[ClaimFields]
    ) -> Claim:
        """What the figure turned out to be, where that became known later.

        Parameters
        ----------
        low, high : float
            Where 90 % of our belief about the true figure lies, natural scale,
            ``0 <= low <= high``; equal where it is known exactly.
        value : float, optional
            The best value, inside.
        **about
            The other fields of a claim: ``figure`` and ``source`` (who established it) at least;
            no ``role``, ``interest`` or ``status``.

        Returns
        -------
        Claim

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Claim.truth(85, 85, figure="killed", source="the county, final count").high
        85.0
        """
        return cls(kind="truth", low=low, high=high, value=value, **about)  # type: ignore[arg-type]  # text becomes a day


def _tidy(end: float, error: float) -> float:
    """A number without digits far below its error."""
    if not (math.isfinite(end) and 0 < error < math.inf):
        return end
    return round(end, _ERROR_DIGITS - math.floor(math.log10(error)))


# Digits of a standard error that the ends of its interval keep.
_ERROR_DIGITS: Final = 9
COLUMNS: Final = tuple(field.name for field in fields(Claim) if field.name != "extra")
