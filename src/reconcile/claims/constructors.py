"""A constructor for each kind of claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Self, Unpack

from reconcile.claims.fields import NUMBERS, ClaimFields
from reconcile.claims.phrases.quantity import Quantity, parse_quantity

__all__ = ["Constructors"]

# Coverage of a normal distribution within one standard deviation.
_ONE_SIGMA: Final = math.erf(math.sqrt(0.5))
# Digits of a standard error that the ends of its interval keep.
_ERROR_DIGITS: Final = 9


class Constructors:
    """Class methods of :class:`Claim`, one for each kind."""

    __slots__ = ()

    @classmethod
    def _made(cls, kind: str, about: Mapping[str, Any], **numbers: Any) -> Self:
        """Call the constructor of the subclass, which takes all fields by name."""
        return cls(kind=kind, **numbers, **about)  # type: ignore[call-arg]

    @classmethod
    def of(cls, quantity: Quantity | str, **about: Unpack[ClaimFields]) -> Self:
        """A quantity in words, such as "as many as 40,000".

        Parameters
        ----------
        quantity : Quantity or str
            A phrase, or what :func:`parse_quantity` made of it. The phrase becomes the ``quote``
            unless another is given.
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
        numbers = {name: getattr(said, name) for name in NUMBERS}
        given = {"quote": said.text} | about
        return cls._made(said.kind, given, words=said.words, **numbers)

    @classmethod
    def point(cls, value: float, **about: Unpack[ClaimFields]) -> Self:
        """One number, exact to its last digit.

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
        return cls._made("point", about, value=value)

    @classmethod
    def about(cls, value: float, **about: Unpack[ClaimFields]) -> Self:
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
        return cls._made("about", about, value=value)

    @classmethod
    def at_least(cls, value: float, **about: Unpack[ClaimFields]) -> Self:
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
        return cls._made("at_least", about, value=value)

    @classmethod
    def at_most(cls, value: float, **about: Unpack[ClaimFields]) -> Self:
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
        return cls._made("at_most", about, value=value)

    @classmethod
    def between(
        cls,
        low: float,
        high: float,
        *,
        value: float | None = None,
        guaranteed: bool = False,
        **about: Unpack[ClaimFields],
    ) -> Self:
        """A range without a stated coverage, or one guaranteed by physics or arithmetic.

        Parameters
        ----------
        low, high : float
            Its ends, natural scale, ``0 <= low < high``.
        value : float, optional
            The source's best estimate, inside the range.
        guaranteed : bool, default False
            Whether the truth cannot lie outside, whoever says so: a hard limit and not an estimate.
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
        coverage = 1.0 if guaranteed else None
        return cls._made("between", about, low=low, high=high, value=value, coverage=coverage)

    @classmethod
    def interval(
        cls,
        low: float,
        high: float,
        coverage: float,
        *,
        value: float | None = None,
        **about: Unpack[ClaimFields],
    ) -> Self:
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
        return cls._made("interval", about, low=low, high=high, coverage=coverage, value=value)

    @classmethod
    def standard_error(cls, value: float, error: float, **about: Unpack[ClaimFields]) -> Self:
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
            Of kind ``interval``, symmetric on the natural scale, with the coverage of a normal
            distribution within one standard error.

        Examples
        --------
        >>> import reconcile as rc
        >>> claim = rc.Claim.standard_error(120, 10, figure="deaths", source="a survey")
        >>> claim.kind, claim.low, claim.high, round(claim.coverage, 4)
        ('interval', 110.0, 130.0, 0.6827)
        """
        # The coverage is that of the rounded ends, so that no part of the error is lost.
        low, high = (_tidy(end, error) for end in (value - error, value + error))
        reach = 0.5 * (high - low) / error if error > 0 else 1.0
        coverage = math.erf(reach * math.sqrt(0.5)) or _ONE_SIGMA
        given = {"scale": "linear"} | about
        return cls._made("interval", given, low=low, high=high, value=value, coverage=coverage)

    @classmethod
    def confirmed(cls, value: float, **about: Unpack[ClaimFields]) -> Self:
        """A registered count: "13 named so far".

        Parameters
        ----------
        value : float
            Number registered, verified or named; natural scale, at least 0.
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
        return cls._made("confirmed", about, value=value)

    @classmethod
    def ratio(
        cls,
        value: float | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
        **about: Unpack[ClaimFields],
    ) -> Self:
        """One figure over another: "three wounded for each man killed", "one in ten".

        Parameters
        ----------
        value : float, optional
            The ratio, above 0; 0.1 for one in ten.
        low, high : float, optional
            Its ends, if it is a range.
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
        return cls._made("ratio", about, value=value, low=low, high=high)

    @classmethod
    def vague(cls, words: str, **about: Unpack[ClaimFields]) -> Self:
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
        return cls._made("vague", about, words=words)

    @classmethod
    def truth(
        cls, low: float, high: float, *, value: float | None = None, **about: Unpack[ClaimFields]
    ) -> Self:
        """What the figure turned out to be, if that became known later.

        Parameters
        ----------
        low, high : float
            Central 90 % interval of our belief about the true figure, natural scale,
            ``0 <= low <= high``; equal if it is known exactly.
        value : float, optional
            The best estimate, inside.
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
        return cls._made("truth", about, low=low, high=high, value=value)


def _tidy(end: float, error: float) -> float:
    """Drop the digits far below the error."""
    if not (math.isfinite(end) and 0 < error < math.inf):
        return end
    return round(end, _ERROR_DIGITS - math.floor(math.log10(error)))
