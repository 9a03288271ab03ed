"""Parsing an English quantity into the kind and numbers of a claim."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reconcile._text import one_of
from reconcile.claims.phrases.grammar import COVERAGE, DIAGNOSES, FORMS, FRACTION, SHARES
from reconcile.claims.phrases.numerals import (
    Numeral,
    PhraseError,
    grouped,
    range_ends,
    refuse_elliptic_hundreds,
)
from reconcile.claims.phrases.positions import disambiguate
from reconcile.claims.phrases.tokens import Token, normalise, tokenise
from reconcile.errors import ClaimError, Problem
from reconcile.kinds.lexicon import LEXICON

__all__ = ["QUANTITY_KINDS", "Quantity", "parse_quantity"]

QUANTITY_KINDS: Final = (
    *("point", "about", "at_least", "at_most", "between", "interval", "confirmed", "vague"),
    "ratio",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A parsed quantity, as returned by :func:`parse_quantity`.

    Parameters
    ----------
    kind : str
        ``point``, ``about``, ``at_least``, ``at_most``, ``between``, ``interval``, ``confirmed``,
        ``vague`` or ``ratio``.
    value : float, optional
        The number or bound, natural scale; the best value of a ``between`` or ``interval``;
        for ``ratio`` the ratio, 0.1 for 10 %.
    low, high : float, optional
        Ends of a ``between`` or an ``interval``, natural scale.
    coverage : float, optional
        Stated coverage of an ``interval``, in (0, 1).
    words : str, optional
        Words of the lexicon, for ``vague``.
    text : str, optional
        The phrase it was parsed from.

    Raises
    ------
    ClaimError
        If the kind is unknown or a number is not finite.

    See Also
    --------
    reconcile.Claim.of : A claim of a quantity.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.parse_quantity("up to 40,000") == rc.Quantity(
    ...     kind="at_most", value=40_000, text="up to 40,000"
    ... )
    True
    """

    kind: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float | None = None
    words: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        problems = []
        if self.kind not in QUANTITY_KINDS:
            legal = one_of(QUANTITY_KINDS, self.kind)
            wrong = "not a kind of quantity"
            problems.append(Problem(field="kind", value=self.kind, wrong=wrong, legal=legal))
        for name in ("value", "low", "high", "coverage"):
            number = getattr(self, name)
            if number is None:
                continue
            if isinstance(number, int | float) and math.isfinite(number):
                object.__setattr__(self, name, float(number))
            else:
                wrong, legal = "not a finite number", "a number, or None"
                problems.append(Problem(field=name, value=number, wrong=wrong, legal=legal))
        if problems:
            raise ClaimError(problems)


def parse_quantity(text: str) -> Quantity:
    """Parse a quantity in English.

    An ambiguous phrase is an error that lists its readings.

    Parameters
    ----------
    text : str
        One quantity: ``"as many as 40,000"``, ``"between 7,000 and 15,000 soldiers"``,
        ``"dozens"``. A number may be followed by a unit on a list or by a name; what goes on from
        there is ignored unless it contains another number.

    Returns
    -------
    Quantity

    Raises
    ------
    ClaimError
        If the phrase is not understood, is ambiguous or contains two quantities.

    Notes
    -----
    "Nearly", "almost", "just under" and "close to" become ``about``, and so do "just over" and
    "slightly more than". They state both that the truth is near the number and on which side it
    lies. A claim can carry only one of these, and nearness is far more informative: a bound leaves
    its whole side open. The ranges that readers give for such words differ little from "about"
    [1]_. "More than" and "over" become ``at_least``, although readers expect a number before the
    next round one [2]_, since they do not say how far above. The bound itself is included.

    A "±" without a coverage becomes ``between`` with a best value, since it may be one standard
    error or two, and so does a range in brackets. A percentage, a share ("one in ten", "a third")
    and a rate per other thing ("three wounded for each man killed") become ``ratio``, with 0.1
    for 10 %. Registered counts ("13 confirmed", "13 named so far") become ``confirmed``; "at
    least 13 confirmed" is ``at_least``.

    References
    ----------
    .. [1] Ferson, S., O'Rawe, J., Antonenko, A., Siegrist, J., Mickley, J., Luhmann, C. C.,
       Sentz, K., Finkel, A. M. (2015). Natural language of uncertainty: numeric hedge words.
       International Journal of Approximate Reasoning.
    .. [2] Cummins, C., Sauerland, U., Solt, S. (2012). Granularity and scalar implicature in
       numerical expressions. Linguistics and Philosophy 35, 135-169.
       https://doi.org/10.1007/s10988-012-9114-0

    Examples
    --------
    >>> import reconcile as rc
    >>> quantity = rc.parse_quantity("as many as 40,000")
    >>> quantity.kind, quantity.value
    ('at_most', 40000.0)
    >>> survey = rc.parse_quantity("4,645 (95% CI 793 to 8,498)")
    >>> survey.kind, survey.value, survey.low, survey.high, survey.coverage
    ('interval', 4645.0, 793.0, 8498.0, 0.95)
    >>> try:
    ...     rc.parse_quantity("10-15,000")
    ... except rc.ClaimError as error:
    ...     print(error)
    1 problem with the claims:
      field 'quantity' = '10-15,000': ambiguous: 10 to 15,000, or 10,000 to 15,000. Legal: both
      ends in full: 10,000 to 15,000; for 10 to 15,000 use Claim.between(10, 15000).
    """
    try:
        return _read(text)
    except PhraseError as misread:
        problem = Problem(field="quantity", value=text, wrong=misread.wrong, legal=misread.legal)
    raise ClaimError([problem])


_LEGAL: Final = (
    "one quantity, such as 300, about 300, at least 300, up to 300, 200 to 300, "
    "300 (95% CI 200 to 400), 13 confirmed, dozens, one in ten"
)
_LONGEST: Final = 300


def _read(text: str) -> Quantity:
    if not isinstance(text, str):
        raise PhraseError("not text", "text such as 'about 300'; for a number use Claim.point")
    if len(text) > _LONGEST:
        raise PhraseError(f"longer than {_LONGEST} characters", _LEGAL)
    tokens = disambiguate(list(tokenise(normalise(text))))
    letters = "".join(token.letter for token in tokens)
    for kind, form in FORMS:
        match = form.fullmatch(letters)
        if match:
            return _quantity(kind, match, tokens, text)
    named = set(letters) & set("NVWFI")
    legal = _LEGAL if named else f"a number, or words of the lexicon: {one_of(LEXICON, text)}"
    raise PhraseError(_diagnosis(letters, tokens), legal)


def _diagnosis(letters: str, tokens: list[Token]) -> str:
    for form, wrong in DIAGNOSES:
        if form.search(letters):
            return re.sub(r"\{(.+?)\}", lambda match: _listed(match[1], tokens), wrong)
    return "not understood as one quantity"


def _listed(letters: str, tokens: list[Token]) -> str:
    texts = [repr(token.text) for token in tokens if token.letter in letters]
    return " and ".join(texts[:4]) or "nothing"


def _quantity(kind: str, match: re.Match[str], tokens: list[Token], text: str) -> Quantity:
    """Build the quantity from a phrase that matches a form."""
    group = {name: tokens[match.start(name)] for name, found in match.groupdict().items() if found}
    number = {name: token.number for name, token in group.items() if token.number is not None}
    if kind == "vague":
        words = group["words"]
        return Quantity(
            kind=kind, words="none" if words.letter == "n" else words.text.lower(), text=text
        )
    if kind == "ratio":
        return Quantity(kind=kind, value=_ratio(group, number), text=text)
    value = number["value"].value if "value" in number else None
    coverage = _coverage(group["coverage"].text) if "coverage" in group else None
    low = high = None
    if "half" in number and value is not None:
        value, low, high = _plus_minus(number["value"], number["half"])
    elif "low" in number:
        elliptic = kind != "interval" and "(" not in match.string
        if elliptic and not set("Bb") & set(match.string):
            refuse_elliptic_hundreds(number["low"], number["high"])
        low, high = range_ends(number["low"], number["high"], elliptic=elliptic)
        _check_range(low, high, value)
    if kind == "either" and low is not None and high is not None and not 0 <= high <= 2 * low:
        one, other = grouped(low), grouped(high)
        raise PhraseError(
            f"{one} or {other} are too far apart to be one estimate",
            f"a claim for {one} and another for {other}, or {one} to {other}",
        )
    return Quantity(
        kind="between" if kind == "either" else kind,
        value=None if value is None else float(value),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        coverage=coverage,
        text=text,
    )


def _plus_minus(value: Numeral, half: Numeral) -> tuple[Decimal, Decimal, Decimal]:
    """Best value, low and high of "5 ± 2"; in "5 ± 2 million" both are millions."""
    scale = math.prod(half.scales, start=Decimal(1))
    centre = value.value
    if not value.scales and abs(centre) < scale:
        centre *= scale
    if half.value <= 0:
        raise PhraseError("the width must be above zero", "a width above 0, such as 5 ± 2")
    low, high = centre - half.value, centre + half.value
    if float(low) == float(high):
        raise PhraseError("the width is negligible beside the number", "a width such as 5 ± 2")
    return centre, low, high


def _check_range(low: Decimal, high: Decimal, value: Decimal | None) -> None:
    if float(low) == float(high):
        raise PhraseError(
            f"both ends of the range are {grouped(low)}", f"{grouped(low)}, or two ends"
        )
    if low > high:
        raise PhraseError(
            f"the range falls from {grouped(low)} to {grouped(high)}",
            f"{grouped(high)} to {grouped(low)}; a second end that leaves out digits of the first "
            f"written in full; {grouped(low)}:{grouped(high)} for a ratio",
        )
    if value is not None and not low <= value <= high:
        raise PhraseError(
            f"{grouped(value)} is outside its own range, {grouped(low)} to {grouped(high)}",
            "a best value inside the range",
        )


def _coverage(text: str) -> float:
    match = COVERAGE.fullmatch(text)
    assert match is not None  # the token matched this pattern
    percent = Decimal(match["before"] or match["after"])
    if not 0 < percent < 100 or not 0 < float(percent / 100) < 1:
        raise PhraseError(f"a coverage of {grouped(percent)} %", "a coverage between 0 % and 100 %")
    return float(percent / 100)


def _ratio(group: dict[str, Token], number: dict[str, Numeral]) -> float:
    if "share" in group:
        return _share(group["share"].text)
    if "percent" in number:
        return float(number["percent"].value / 100)
    if "value" in number:
        return float(number["value"].value)
    above, below = ("part", "whole") if "part" in number else ("count", "each")
    top, bottom = number[above].value, number[below].value
    if bottom <= 0 or top < 0:
        raise PhraseError("both numbers of a ratio must be positive", "a ratio such as one in ten")
    if above == "part" and top >= bottom:
        raise PhraseError(
            f"{grouped(top)} in {grouped(bottom)} is not a share: the first number must be smaller",
            "a share such as one in ten, or one quantity",
        )
    if number[below].plain and above == "part" and re.fullmatch("[12][0-9]{3}", group[below].text):
        raise PhraseError(
            f"ambiguous: a share of {grouped(bottom)}, or the year {group[below].text}",
            f"1 in {grouped(bottom)} for a share; without the year for a count",
        )
    quotient = float(top / bottom)
    if not math.isfinite(quotient) or (quotient == 0) != (top == 0):
        raise PhraseError("a ratio too large or too small", "a ratio such as one in ten")
    return quotient


_COUNTS: Final = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _share(text: str) -> float:
    match = FRACTION.fullmatch(text)
    assert match is not None  # the token matched this pattern
    if match["twice"]:
        return 2.0
    if match["part"]:
        count = (match["count"] or "one").lower()
        above = 1 if count in ("a", "an") else _COUNTS.index(count)
        below = SHARES[match["part"].lower()]
    else:
        above, below = int(match["above"]), int(match["below"])
    if not 0 < above < below:
        raise PhraseError(f"{text!r} is not a share between 0 and 1", "a share such as 1/3")
    return above / below
