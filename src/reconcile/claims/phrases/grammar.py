"""The grammar of English quantities, as data: phrases, their classes and how they combine."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["COVERAGE", "DIAGNOSES", "FORMS", "FRACTION", "PHRASES", "SHARES", "TIMES", "whole_word"]

# One letter per class of token: numbers are N, words of the lexicon V (W for mere adjectives,
# s for "some"), shares F, coverages I, other words x. Capitals precede their number, small
# letters follow it; G, M and R may do either, and become L or l, U or u, A or a.
PHRASES: Final[dict[str, tuple[str, ...]]] = {
    # One-sided approximations too: "nearly" means near first and below second.
    "A": (
        *(
            "about",
            "around",
            "circa",
            "ca.",
            "ca",
            "c.",
            "~",
            "≈",
            "≃",
            "an estimated",
            "est.",
            "est",
        ),
        *("estimated", "estimated at", "nearly", "almost", "just under", "just below", "close to"),
        *("just over", "just above", "approaching", "nearing", "just short of", "not quite"),
        *("slightly more than", "slightly less than", "slightly fewer than", "slightly over"),
        *("slightly under", "a little more than", "a little less than", "a little over"),
        *("a little under", "in the region of", "in the neighbourhood of", "in the vicinity of"),
        *("perhaps", "possibly", "maybe", "probably", "likely", "believed to be", "thought to be"),
    ),
    "R": ("approximately", "approx.", "approx", "roughly", "more or less"),
    "a": ("or so", "or thereabouts", "or nearly so", "odd", "ish"),
    "L": (
        *("no fewer than", "no less than", "not fewer than", "not less than", "more than", "over"),
        *("above", "upwards of", "upward of", "in excess of", "exceeding", "greater than"),
        *("north of", "well over", "well above", "far more than", "a minimum of", "minimum of"),
        *("as few as", "as little as", ">=", "=>", "≥", "⩾", ">", "min.", "min"),
    ),
    "G": ("at least", "at the least", "at minimum", "at a minimum", "minimum"),
    "l": (
        *("or more", "or over", "or above", "or higher", "and more", "and above", "and over"),
        *("and up", "and counting", "or upwards", "upwards", "and rising"),
    ),
    "U": (
        *("up to", "anything up to", "as many as", "as much as", "as high as", "no more than"),
        *("not more than", "fewer than", "less than", "lower than", "under", "below"),
        *("well under", "well below", "far fewer than", "far less than", "a maximum of"),
        *("maximum of", "not exceeding", "not above", "<=", "=<", "≤", "⩽", "<", "south of"),
    ),
    "M": ("at most", "at the most", "at the outside", "at maximum", "maximum", "max.", "max"),
    "u": ("or less", "or fewer", "or under", "or below", "or lower", "tops"),
    "C": (
        *("confirmed", "officially confirmed", "confirmed so far", "verified", "identified"),
        *("documented", "named", "named so far", "by name", "identified by name"),
    ),
    "!": (
        *("not", "never", "cannot", "unconfirmed", "unverified", "yet to be confirmed"),
        *("to be confirmed", "if confirmed", "denied", "hardly", "scarcely", "barely"),
        *("yet to be verified", "to be verified", "yet to be identified", "nowhere near"),
    ),
    "B": ("between", "anywhere between", "somewhere between"),
    "b": ("from", "anywhere from"),
    "t": ("to", "through"),
    "&": ("and", "but", "&"),
    "o": ("or",),
    "p": ("±", "+/-", "+-", "plus or minus", "plus/minus", "plus-minus"),
    "g": ("give or take",),
    "+": ("+", "plus"),
    "m": ("minus",),
    "e": ("for each", "for every", "to each", "to every", "per", "/"),
    "r": ("in", "in every", "out of", "out of every"),
    "T": ("times as many", "times as much", "times as high", "times as large"),
    "%": ("%", "per cent", "percent", "pct", "pct."),
    "n": (
        *("no one", "nobody", "not one", "not a single", "nil", "no casualties", "no casualty"),
        *("no deaths", "no death", "no dead", "no fatalities", "no fatality", "no victims"),
        *("no victim", "no injuries", "no injury", "no injured", "no wounded", "no killed"),
        *("no losses", "no loss of life", "no people", "no person", "no prisoners", "no cases"),
    ),
    "d": ("-", "–", "—", "‒", "‑", "‐", "−", "―"),  # noqa: RUF001 - dashes of every length
    "f": (
        *("the", "a", "an", "exactly", "precisely", "only", "just", "even", "a total of"),
        *("total of", "in total", "there were", "there are", "there was", "were", "was"),
        *("range", "range of", "a range of", "ranging", "anywhere", "somewhere", "="),
        *("equal to", "estimates of", "an estimate of", "estimate of", "the range", "in the"),
    ),
    "(": ("(", "["),
    ")": (")", "]"),
    ",": (",", ";"),
    ":": (":",),
}
# Shares in words, as numerator and denominator of "two thirds".
SHARES: Final = {
    **dict.fromkeys(("half", "halves"), 2),
    **dict.fromkeys(("third", "thirds"), 3),
    **dict.fromkeys(("quarter", "quarters", "fourth", "fourths"), 4),
    **dict.fromkeys(("fifth", "fifths"), 5),
    **dict.fromkeys(("sixth", "sixths"), 6),
    **dict.fromkeys(("seventh", "sevenths"), 7),
    **dict.fromkeys(("eighth", "eighths"), 8),
    **dict.fromkeys(("ninth", "ninths"), 9),
    **dict.fromkeys(("tenth", "tenths"), 10),
    **dict.fromkeys(("hundredth", "hundredths"), 100),
}
# After "per" or "in" these make a rate, not a ratio of two figures.
TIMES: Final = frozenset(
    (
        *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "night"),
        *("nights", "week", "weeks", "month", "months", "year", "years", "decade", "century"),
        *("annum", "fortnight", "quarter", "h", "hr", "hrs", "sec", "min", "s"),
    )
)


def whole_word(phrase: str) -> str:
    """A pattern for the phrase that does not end within a word."""
    ends_in_letter = phrase[-1].isalnum()
    return re.escape(phrase) + (r"(?![^\W\d_])" if ends_in_letter else "")


_NUMERATORS: Final = "an?|one|two|three|four|five|six|seven|eight|nine"
FRACTION: Final = re.compile(
    rf"(?:(?P<above>[0-9]+)/(?P<below>[0-9]+)(?![0-9/.,]*[0-9])"
    r"|(?P<twice>twice)(?:\ as\ (?:many|much|high|large))?(?![^\W_])"
    rf"|(?:(?P<count>{_NUMERATORS})[ -])?(?P<part>{'|'.join(SHARES)})(?![^\W_])"
    r"(?!\ (?:of\ )?an?\ (?:dozen|hundred|thousand|million|billion|trillion|lakh|crore))"
    r"(?!\ (?:dozen|million|billion)))",
    re.IGNORECASE,
)
_INTERVAL: Final = (
    r"(?:(?:confidence|credible|credibility|uncertainty|compatibility|posterior|prediction)"
    r"[ -](?:intervals?|limits?|ranges?|bounds)|c\.i\.|crl?i|ui|ci|hdi|hpdi?|eti)(?![^\W_])"
)
_PERCENT: Final = r"(?P<{}>[0-9]+(?:\.[0-9]+)?)[ -]?(?:%|per\ ?cent)"
COVERAGE: Final = re.compile(
    rf"{_PERCENT.format('before')}[ -]?(?:{_INTERVAL}|(?:range|interval)(?![^\W_]))"
    rf"|{_INTERVAL}(?:[ ]?[(:=,]?[ ]?{_PERCENT.format('after')}\)?)?",
    re.IGNORECASE,
)
_Q: Final = "[fAs]*"  # what may hedge any number
_SPAN: Final = "(?P<low>N)[td,&](?P<high>N)"
_BEST: Final = f"(?:{_Q}(?P<value>N)x*)?"
# A phrase, as one letter per token without trailing free text, has the first kind it matches.
FORMS: Final = tuple(
    (kind, re.compile(form))
    for kind, form in (
        ("point", "f*(?P<value>N)"),
        ("about", f"(?=.*[Asa]){_Q}(?P<value>N)a*"),
        ("at_least", f"{_Q}L{_Q}(?P<value>N)[aCl]*"),
        ("at_least", f"{_Q}(?P<value>N)a*l[alC]*"),
        ("at_most", f"{_Q}U{_Q}(?P<value>N)[au]*"),
        ("at_most", f"{_Q}(?P<value>N)a*u[au]*"),
        ("between", f"{_Q}B{_Q}(?P<low>N)x*[&td][fAsx]*(?P<high>N)a*"),
        ("between", f"{_Q}b{_Q}(?P<low>N)x*[tdU][fAsx]*(?P<high>N)a*"),
        ("between", f"{_Q}(?P<low>N)[td]{_Q}(?P<high>N)a*"),
        ("between", f"{_Q}L{_Q}(?P<low>N)x*,*[&o]?[fAsx]*U[fA]*(?P<high>N)"),
        ("between", f"{_Q}U{_Q}(?P<high>N)x*,*[&o]?[fAsx]*L[fA]*(?P<low>N)"),
        ("between", rf"{_BEST},?\([fBb:]*{_SPAN}\)"),
        ("between", rf"{_Q}(?P<value>N)x*[,(]*p(?P<half>N)\)*a*"),
        ("either", f"{_Q}(?P<low>N),?o{_Q}(?P<high>N)a*"),
        ("interval", rf"{_BEST}[,(f]*(?P<coverage>I)[x:,(fBb]*{_SPAN}\)*"),
        ("interval", rf"{_BEST}[,(]*[fBb]*{_SPAN}[),(x]*(?P<coverage>I)\)*"),
        ("interval", rf"{_Q}(?P<value>N)x*[,(]*p(?P<half>N)[),(x]*(?P<coverage>I)\)*"),
        ("confirmed", "(?=.*C)[fC:]*(?P<value>N)C*"),
        ("vague", f"{_Q}(?P<words>V)a*"),
        ("vague", "f*(?P<words>[Wsn])"),
        ("ratio", "f*(?P<percent>N)%"),
        ("ratio", "f*(?P<share>F)"),
        ("ratio", "f*(?P<part>N)r(?P<whole>N)"),
        ("ratio", "f*(?P<value>N)x*e"),
        ("ratio", "f*(?P<count>N)(?:x*e|:)(?P<each>N)"),
        ("ratio", "f*(?P<value>N)T"),
    )
)
# Diagnosis of a phrase that matches no form: the first pattern found in its letters.
DIAGNOSES: Final = tuple(
    (re.compile(form), wrong)
    for form, wrong in (
        ("!", "the phrase denies or doubts the number: {!}"),
        ("J", "a confidence interval without its coverage"),
        ("^[^NVWFIn]*$", "no number, and no words of the lexicon"),
        ("^x|^[^NVF]*x", "unknown words before the number: {x}"),
        (r"[+m]", "a stray plus or minus: write -3 for a negative number"),
        ("N.*V|V.*N|V.*V|W.*W|F.*[NV]|[NV].*F", "two quantities in one phrase: {NVWF}"),
        ("%.*N|N.*N.*%|[ALUsalu].*[%FreT]|[BC].*%", "a ratio cannot be a bound, a range or hedged"),
        ("[re].*N.*N|[re]$|[re]", "an incomplete ratio"),
        ("I", "a coverage without a range: {I}"),
        ("N.*N.*N", "too many numbers for one quantity: {N}"),
        ("[LUlu].*N.*[tdo].*N|N[tdo]N[lu]", "a bound and a range at once"),
        ("[BbLU].*N.*N|N.*N", "two numbers with nothing to join them: {N}"),
        ("[Bb]", "'between' or 'from' needs two numbers, not one: {N}"),
        ("[LU].*V|V[lu]", "a vague word cannot be a bound: {V}"),
        ("L.*[uU]|U.*[lL]|l.*[uU]|u.*[lL]", "a lower and an upper bound with one number"),
        ("C", "a confirmed count cannot be hedged, vague or an upper bound"),
        ("N[LUAB]", "a phrase that belongs before its number"),
        ("N[td&op]", "an incomplete range or sum"),
    )
)
