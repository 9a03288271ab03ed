"""Quantities as they are said: what each phrase becomes, and what is refused."""

# ruff: noqa: RUF001 - dashes of every length are what is tested
import contextlib
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reconcile as rc
from reconcile.claims.fields import KINDS
from reconcile.claims.phrases.grammar import PHRASES
from reconcile.claims.phrases.numerals import grouped
from reconcile.claims.phrases.quantity import QUANTITY_KINDS
from reconcile.kinds.lexicon import LEXICON

# Phrase, kind, and the fields that are filled.
SAID: list[tuple[str, str, dict[str, Any]]] = [
    ("40,000", "point", {"value": 40_000}),
    ("at least 1,351", "at_least", {"value": 1351}),
    ("no fewer than 300", "at_least", {"value": 300}),
    ("no less than 300", "at_least", {"value": 300}),
    ("more than 500", "at_least", {"value": 500}),
    ("over 9,000 soldiers", "at_least", {"value": 9000}),
    ("above 20", "at_least", {"value": 20}),
    ("upwards of 200", "at_least", {"value": 200}),
    ("in excess of 10,000", "at_least", {"value": 10_000}),
    ("nearly 40,000", "about", {"value": 40_000}),
    ("almost 3,000", "about", {"value": 3000}),
    ("just under 500", "about", {"value": 500}),
    ("close to 1,200", "about", {"value": 1200}),
    ("up to 40,000", "at_most", {"value": 40_000}),
    ("as many as 40,000", "at_most", {"value": 40_000}),
    ("at most 12", "at_most", {"value": 12}),
    ("no more than 250", "at_most", {"value": 250}),
    ("fewer than 100", "at_most", {"value": 100}),
    ("less than 5", "at_most", {"value": 5}),
    ("under 80", "at_most", {"value": 80}),
    ("around 700", "about", {"value": 700}),
    ("about 300 people were killed", "about", {"value": 300}),
    ("approximately 1,500", "about", {"value": 1500}),
    ("roughly 60", "about", {"value": 60}),
    ("some 300", "about", {"value": 300}),
    ("some", "vague", {"words": "some"}),
    ("some soldiers", "vague", {"words": "some"}),
    ("circa 900", "about", {"value": 900}),
    ("c. 400", "about", {"value": 400}),
    ("c.400", "about", {"value": 400}),
    ("ca. 400", "about", {"value": 400}),
    ("~300", "about", {"value": 300}),
    ("~ 1.2 million", "about", {"value": 1_200_000}),
    ("300 or so", "about", {"value": 300}),
    ("100 or more", "at_least", {"value": 100}),
    ("500+", "at_least", {"value": 500}),
    ("500+ people", "at_least", {"value": 500}),
    ("500 plus", "at_least", {"value": 500}),
    ("500-plus", "at_least", {"value": 500}),
    ("between 7,000 and 15,000", "between", {"low": 7000, "high": 15_000}),
    ("between 7,000 and 15,000 soldiers", "between", {"low": 7000, "high": 15_000}),
    ("from 200 to 300", "between", {"low": 200, "high": 300}),
    ("200-300", "between", {"low": 200, "high": 300}),
    ("200–300", "between", {"low": 200, "high": 300}),
    ("200 — 300", "between", {"low": 200, "high": 300}),
    ("7,000 to 15,000", "between", {"low": 7000, "high": 15_000}),
    (">= 5", "at_least", {"value": 5}),
    ("≥5", "at_least", {"value": 5}),
    ("< 100", "at_most", {"value": 100}),
    ("<= 12.5", "at_most", {"value": 12.5}),
    ("> 3", "at_least", {"value": 3}),
    ("1.2 million", "point", {"value": 1_200_000}),
    ("40k", "point", {"value": 40_000}),
    ("2 bn", "point", {"value": 2_000_000_000}),
    ("2bn", "point", {"value": 2_000_000_000}),
    ("twenty-three", "point", {"value": 23}),
    ("a hundred", "point", {"value": 100}),
    ("half a million", "point", {"value": 500_000}),
    ("a dozen", "point", {"value": 12}),
    ("two dozen", "point", {"value": 24}),
    ("one and a half million", "point", {"value": 1_500_000}),
    ("several hundred", "vague", {"words": "several hundred"}),
    ("several hundred people", "vague", {"words": "several hundred"}),
    ("5 ± 2", "between", {"value": 5, "low": 3, "high": 7}),
    ("5 +/- 2", "between", {"value": 5, "low": 3, "high": 7}),
    ("5 plus or minus 2", "between", {"value": 5, "low": 3, "high": 7}),
    (
        "4,645 (95% CI 793 to 8,498)",
        "interval",
        {"value": 4645, "low": 793, "high": 8498, "coverage": 0.95},
    ),
    (
        "4,645 (95 % CI: 793–8,498)",
        "interval",
        {"value": 4645, "low": 793, "high": 8498, "coverage": 0.95},
    ),
    ("4,645 [793, 8,498]", "between", {"value": 4645, "low": 793, "high": 8498}),
    ("[793, 8,498]", "between", {"low": 793, "high": 8498}),
    (
        "4,645 (95% CI [793, 8,498])",
        "interval",
        {"value": 4645, "low": 793, "high": 8498, "coverage": 0.95},
    ),
    (
        "4,645 (793 to 8,498; 95% CI)",
        "interval",
        {"value": 4645, "low": 793, "high": 8498, "coverage": 0.95},
    ),
    ("95% CI 793 to 8,498", "interval", {"low": 793, "high": 8498, "coverage": 0.95}),
    (
        "4645, 95% confidence interval 793 to 8498",
        "interval",
        {"value": 4645, "low": 793, "high": 8498, "coverage": 0.95},
    ),
    (
        "a 90% credible interval of 200 to 300",
        "interval",
        {"low": 200, "high": 300, "coverage": 0.9},
    ),
    ("13 confirmed", "confirmed", {"value": 13}),
    ("13 named so far", "confirmed", {"value": 13}),
    ("13 confirmed dead", "confirmed", {"value": 13}),
    ("13 deaths have been confirmed", "confirmed", {"value": 13}),
    ("at least 13 confirmed dead", "at_least", {"value": 13}),
    ("dozens", "vague", {"words": "dozens"}),
    ("dozens of soldiers", "vague", {"words": "dozens"}),
    ("scores", "vague", {"words": "scores"}),
    ("tens of thousands", "vague", {"words": "tens of thousands"}),
    ("hundreds of thousands of people", "vague", {"words": "hundreds of thousands"}),
    ("a handful", "vague", {"words": "a handful"}),
    ("heavy", "vague", {"words": "heavy"}),
    ("heavy losses", "vague", {"words": "heavy"}),
    ("significant casualties", "vague", {"words": "significant"}),
    ("3-4 thousand", "between", {"low": 3000, "high": 4000}),
    ("3 to 4 million", "between", {"low": 3_000_000, "high": 4_000_000}),
    ("between two and three hundred", "between", {"low": 200, "high": 300}),
    ("between one hundred and two hundred", "between", {"low": 100, "high": 200}),
    ("between one hundred and one thousand", "between", {"low": 100, "high": 1000}),
    ("two or three hundred", "between", {"low": 200, "high": 300}),
    ("12 or 13", "between", {"low": 12, "high": 13}),
    ("1.234", "point", {"value": 1.234}),
    ("one in ten", "ratio", {"value": 0.1}),
    ("1 in 10", "ratio", {"value": 0.1}),
    ("nine out of ten", "ratio", {"value": 0.9}),
    ("three wounded for each man killed", "ratio", {"value": 3}),
    ("3 wounded for every 1 killed", "ratio", {"value": 3}),
    ("10 per cent", "ratio", {"value": 0.1}),
    ("10%", "ratio", {"value": 0.1}),
    ("0.5%", "ratio", {"value": 0.005}),
    ("a third", "ratio", {"value": 1 / 3}),
    ("two thirds of the army", "ratio", {"value": 2 / 3}),
    ("half", "ratio", {"value": 0.5}),
    ("1/3", "ratio", {"value": 1 / 3}),
    ("3:1", "ratio", {"value": 3}),
    ("twice as many", "ratio", {"value": 2}),
    ("3 times as many wounded", "ratio", {"value": 3}),
    ("-3 degrees", "point", {"value": -3}),
    ("minus 3", "point", {"value": -3}),
    ("between -5 and -3", "between", {"low": -5, "high": -3}),
    ("-5 to -3", "between", {"low": -5, "high": -3}),
    ("from 5 up to 10", "between", {"low": 5, "high": 10}),
    ("more than 5 but fewer than 10", "between", {"low": 5, "high": 10}),
    (">= 5 and <= 10", "between", {"low": 5, "high": 10}),
    ("at least 200, perhaps as many as 300", "between", {"low": 200, "high": 300}),
    ("300, give or take 20", "between", {"value": 300, "low": 280, "high": 320}),
    ("300 give or take", "about", {"value": 300}),
    ("40 000", "point", {"value": 40_000}),
    ("exactly 9,861", "point", {"value": 9861}),
    ("a total of 300", "point", {"value": 300}),
    ("the 300", "point", {"value": 300}),
    ("nobody was killed", "vague", {"words": "none"}),
    ("none", "vague", {"words": "none"}),
    ("zero", "point", {"value": 0}),
    ("0", "point", {"value": 0}),
    ("a couple", "vague", {"words": "a couple"}),
    ("a couple of hundred", "vague", {"words": "a couple of hundred"}),
    ("a couple hundred people", "vague", {"words": "a couple of hundred"}),
    ("low hundreds", "vague", {"words": "low hundreds"}),
    ("in the low hundreds", "vague", {"words": "low hundreds"}),
    ("high tens of thousands", "vague", {"words": "high tens of thousands"}),
    ("300 people at least", "at_least", {"value": 300}),
    ("300 at most", "at_most", {"value": 300}),
    ("40 heavy tanks", "point", {"value": 40}),
    ("300 killed around Kyiv", "point", {"value": 300}),
    ("12,000 people in the city", "point", {"value": 12_000}),
    ("five hundred to six hundred", "between", {"low": 500, "high": 600}),
    ("$3m", "point", {"value": 3_000_000}),
    ("more than a dozen", "at_least", {"value": 12}),
    ("at least two hundred and fifty", "at_least", {"value": 250}),
    ("300-strong", "point", {"value": 300}),
    ("300.", "point", {"value": 300}),
    ('"about 300"', "about", {"value": 300}),
    ("300 (approximately)", "about", {"value": 300}),
    ("300 killed and wounded", "point", {"value": 300}),
    ("at least5", "at_least", {"value": 5}),
    ("300 killed over the weekend", "point", {"value": 300}),
    ("300, among them children under age", "point", {"value": 300}),
    ("12 people between the lines", "point", {"value": 12}),
    ("300 °C", "point", {"value": 300}),
    ("300 €", "point", {"value": 300}),
    ("5/100,000", "ratio", {"value": 5e-05}),
    ("300 in a week of fighting", "point", {"value": 300}),
    ("a 300-strong crowd", "point", {"value": 300}),
    ("5 ± 2 million", "between", {"value": 5_000_000, "low": 3_000_000, "high": 7_000_000}),
    (
        "4,645 ± 200 (95% CI)",
        "interval",
        {"value": 4645, "low": 4445, "high": 4845, "coverage": 0.95},
    ),
    ("300,000 ± 2 thousand", "between", {"value": 300_000, "low": 298_000, "high": 302_000}),
    ("1,200-1,300 killed", "between", {"low": 1200, "high": 1300}),
    ("5 million to 10 million", "between", {"low": 5_000_000, "high": 10_000_000}),
    ("500 to 3 million", "between", {"low": 500, "high": 3_000_000}),
    ("12 to 15k", "between", {"low": 12_000, "high": 15_000}),
    ("0 to 15,000", "between", {"low": 0, "high": 15_000}),
    ("1 to 1,000", "between", {"low": 1, "high": 1000}),
    ("ten to a thousand", "between", {"low": 10, "high": 1000}),
    ("5 to ten thousand", "between", {"low": 5000, "high": 10_000}),
    ("as few as 20", "at_least", {"value": 20}),
    ("between 40 000 and 50 000", "between", {"low": 40_000, "high": 50_000}),
    ("US$2bn", "point", {"value": 2_000_000_000}),
    ("a few", "vague", {"words": "a few"}),
    ("few", "vague", {"words": "few"}),
    ("many", "vague", {"words": "many"}),
    ("300 max", "at_most", {"value": 300}),
    ("about 300 or more", "at_least", {"value": 300}),
    ("as much as 5.5 million barrels", "at_most", {"value": 5_500_000}),
    ("no fewer than a hundred people", "at_least", {"value": 100}),
    ("estimated 300", "about", {"value": 300}),
    ("confirmed: 13", "confirmed", {"value": 13}),
    ("between 3-5", "between", {"low": 3, "high": 5}),
    ("0.05", "point", {"value": 0.05}),
    ("5 per 100,000", "ratio", {"value": 5e-05}),
    ("one out of every ten", "ratio", {"value": 0.1}),
    ("three quarters of a million", "point", {"value": 750_000}),
    ("two million and a half", "point", {"value": 2_500_000}),
    ("2 trillion", "point", {"value": 2_000_000_000_000}),
    ("3 lakh", "point", {"value": 300_000}),
    ("1e5", "point", {"value": 100_000}),
    ("1½ million", "point", {"value": 1_500_000}),
    ("5km", "point", {"value": 5}),
    ("95% CI -3 to 5", "interval", {"low": -3, "high": 5, "coverage": 0.95}),
    ("300 km²", "point", {"value": 300}),
    ("NO MORE THAN 12", "at_most", {"value": 12}),
    ("  about   12 ", "about", {"value": 12}),
    ("an estimated 1.5 to 2 million people", "between", {"low": 1_500_000, "high": 2_000_000}),
    ("negligible", "vague", {"words": "negligible"}),
    ("considerable losses", "vague", {"words": "considerable"}),
    ("one point two million", "point", {"value": 1_200_000}),
]

# Phrase, and what the message says is wrong.
REFUSED = [
    ("", "no number, and no words of the lexicon"),
    ("nearly 3 and 5", "two numbers with nothing to join them"),
    ("10-15,000", "ambiguous: 10 to 15,000, or 10,000 to 15,000"),
    ("10 to 15,000", "ambiguous: 10 to 15,000, or 10,000 to 15,000"),
    ("1.234.567", "'1.234.567' is not an English number: a point is the decimal s"),
    ("1,23", "'1,23' has misplaced commas: it may be"),
    ("12,34,567", "'12,34,567' has misplaced commas: it may"),
    ("3m", "ambiguous: 3 m is 3 million, or 3 metres"),
    ("5 b", "ambiguous: 5 b is 5 billion, or 5 bytes or barrels"),
    ("300 K", "ambiguous: 300 K is 300 thousand, or 300 kelvin"),
    ("3 t to 5", "two numbers with nothing to join them"),
    ("13th", "'th' after the number 13 is neither a known scale nor u"),
    ("1990s", "'s' after the number 1,990 is neither a known scale nor u"),
    ("5xyz", "'xyz' after the number 5 is neither a known scale nor u"),
    ("007", "'007' begins with a zero"),
    ("40 200", "two numbers with nothing to join them"),
    ("200 killed and 300 wounded", "two numbers with nothing to join them"),
    ("300 of 500", "two numbers with nothing to join them"),
    ("2014-15", "the range falls from 2,014 to 15"),
    ("5 to 3", "the range falls from 5 to 3"),
    ("5 to 5", "both ends of the range are 5"),
    ("between 5", "'between' or 'from' needs two numbers, not one"),
    ("between 5 and", "'between' or 'from' needs two numbers, not one"),
    ("between 5 and 3", "the range falls from 5 to 3"),
    ("from 5", "'between' or 'from' needs two numbers, not one"),
    ("5 to", "an incomplete range or sum"),
    ("5 -", "an incomplete range or sum"),
    ("at least", "no number, and no words of the lexicon"),
    ("about", "no number, and no words of the lexicon"),
    ("soldiers", "no number, and no words of the lexicon"),
    ("hardly 300", "the phrase denies or doubts the number"),
    ("Russia lost 300 soldiers", "unknown words before the number"),
    ("not confirmed", "the phrase denies or doubts the number"),
    ("300 not confirmed", "the phrase denies or doubts the number"),
    ("at least 200 to 300", "a bound and a range at once"),
    ("up to 200-300", "a bound and a range at once"),
    ("at least 5 at most 3", "the range falls from 5 to 3"),
    ("at least 300 at most", "a lower and an upper bound with one number"),
    ("more than several hundred", "a vague word cannot be a bound"),
    ("about 10%", "a ratio cannot be a bound, a range or hedged"),
    ("10-20%", "a ratio cannot be a bound, a range or hedged"),
    ("between 10 and 20%", "a ratio cannot be a bound, a range or hedged"),
    ("one in", "an incomplete ratio"),
    ("ten in one", "10 in 1 is not a share: the first number must be smaller"),
    ("3 in 2014", "ambiguous: a share of 2,014, or the year 2014"),
    ("12 per day", "a rate over time (per ... day), not a ratio of two fig"),
    ("12 in 24 hours", "a rate over time (in ... hours), not a ratio of two fi"),
    ("12 or 500", "12 or 500 are too far apart to be one estimate"),
    ("up to 13 confirmed", "a confirmed count cannot be hedged, vague or an upper bound"),
    ("about 13 confirmed", "a confirmed count cannot be hedged, vague or an upper bound"),
    ("300 (CI 200 to 400)", "a confidence interval without its coverage"),
    ("300 (100% CI 200 to 400)", "a coverage of 100 %"),
    ("500 (95% CI 200 to 400)", "500 is outside its own range, 200 to 400"),
    ("300 (95% CI)", "a coverage without a range"),
    ("95% CI 300", "a coverage without a range"),
    ("5 ± 0", "the width must be above zero"),
    ("5 ±", "an incomplete range or sum"),
    ("5 ± 2 ± 1", "too many numbers for one quantity"),
    ("2022-03-25", "'03' begins with a zero"),
    ("1-2-3", "too many numbers for one quantity"),
    ("++5", "a stray plus or minus: write -3 for a negative number"),
    ("+5", "a stray plus or minus: write -3 for a negative number"),
    ("--5", "not understood as one quantity"),
    ("5 + 3", "two numbers with nothing to join them"),
    ("٣٠٠", "the digit '٣' is not one of 0 to 9"),
    ("²", "no number, and no words of the lexicon"),
    ("5²", "'²' after the number 5 is neither a known scale nor u"),
    ("1e400", "a number too large or too small"),
    ("dozens and scores", "two quantities in one phrase"),
    ("hundreds, perhaps thousands", "two quantities in one phrase"),
    ("300 and dozens", "two quantities in one phrase"),
    ("several several", "two quantities in one phrase"),
    ("twenty thirty", "'twenty thirty' is not an English number"),
    ("one hundred and two hundred", "two numbers with nothing to join them"),
    ("million thousand", "'million thousand' is not an English number"),
    ("five to one hundred thousand", "ambiguous: 5 to 100,000, or 5,000 to 100,000"),
    ("half a soldier and 3", "two quantities in one phrase"),
    ("2 millions", "two quantities in one phrase"),
    ("a thousand and a half", "'a thousand and a half' is not an English number"),
    ("a", "no number, and no words of the lexicon"),
    ("the", "no number, and no words of the lexicon"),
    ("?", "no number, and no words of the lexicon"),
    ("5 5", "two numbers with nothing to join them"),
    ("-", "no number, and no words of the lexicon"),
    ("∞", "no number, and no words of the lexicon"),
    ("nan", "no number, and no words of the lexicon"),
    ("inf", "no number, and no words of the lexicon"),
    ("300 about", "a phrase that belongs before its number"),
    ("ten or a hundred", "10 or 100 are too far apart to be one estimate"),
    ("heavy and significant", "two quantities in one phrase"),
    ("0/0", "'0/0' is not a share between 0 and 1"),
    ("5/3", "'5/3' is not a share between 0 and 1"),
    ("3:0", "both numbers of a ratio must be pos"),
    ("300 weren't killed", "the phrase denies or doubts the number"),
    ("more than one in ten", "a ratio cannot be a bound, a range or hedged"),
    ("from 3 and 5", "two numbers with nothing to join them"),
    ("between one and a half million", "'between' or 'from' needs two numbers, not one"),
    ("5--3", "two numbers with nothing to join them"),
    ("300 killed, one of the worst days", "two numbers with nothing to join them"),
    ("3,000 dead; 12 named", "two numbers with nothing to join them"),
    ("two point five point three", "two numbers with nothing to join them"),
    ("no casualties", "no number, and no words of the lexicon"),
    ("no information", "no number, and no words of the lexicon"),
    ("no fewer", "no number, and no words of the lexicon"),
    ("3, documented, <", "a confirmed count cannot be hedged, vague or an upper bound"),
    ("two, north of", "not understood as one quantity"),
    ("a-5k", "not understood as one quantity"),
    ("9e251 ± 1", "the width is negligible beside the number"),
    ("light to heavy losses", "two quantities in one phrase"),
    ("300 T72 tanks", "two numbers with nothing to join them"),
    ("covid19", "unknown words before the number"),
    ("300 >", "a phrase that belongs before its number"),
    ("300/day", "a rate over time (/ ... day), not a ratio of two figur"),
    ("twenty and three", "two numbers with nothing to join them"),
    (
        "between two hundred and three thousand and five hundred",
        "ambiguous: 200 and 3,500, or 203,000 and 500",
    ),
    ("5 " * 200, "longer than 300 characters"),
]


def filled(quantity: rc.Quantity) -> dict[str, Any]:
    numbers = {name: getattr(quantity, name) for name in ("value", "low", "high", "coverage")}
    told = {name: number for name, number in numbers.items() if number is not None}
    return told | ({"words": quantity.words} if quantity.words else {})


def a_claim(quantity: rc.Quantity) -> rc.Claim:
    """A claim made by hand, as a reader of the documentation would."""
    return rc.Claim(
        kind=quantity.kind,
        value=quantity.value,
        low=quantity.low,
        high=quantity.high,
        coverage=quantity.coverage,
        words=quantity.words,
        figure=figure_of(quantity),
        source="an agency",
    )


def figure_of(quantity: rc.Quantity) -> str:
    return "wounded / killed" if quantity.kind == "ratio" else "killed"


def is_claimable(quantity: rc.Quantity) -> bool:
    """Whether a claim can say it: of a kind that is built, with numbers that have a logarithm."""
    numbers = [quantity.low, quantity.high, quantity.value]
    return quantity.kind in KINDS and all(number is None or number > 0 for number in numbers)


@pytest.mark.parametrize(("text", "kind", "fields"), SAID, ids=[text for text, _, _ in SAID])
def test_phrases(text: str, kind: str, fields: dict[str, Any]) -> None:
    quantity = rc.parse_quantity(text)
    assert quantity.kind == kind
    assert filled(quantity) == (fields if kind == "vague" else pytest.approx(fields))
    assert quantity.text == text
    if is_claimable(quantity):
        assert a_claim(quantity).kind == kind


@pytest.mark.parametrize(("text", "wrong"), REFUSED, ids=[text[:30] for text, _ in REFUSED])
def test_what_is_refused_and_why(text: str, wrong: str) -> None:
    with pytest.raises(rc.ClaimError) as raised:
        rc.parse_quantity(text)
    (problem,) = raised.value.problems
    assert problem.field == "quantity"
    assert problem.value == text
    assert wrong in problem.wrong
    assert problem.legal
    assert "{" not in problem.wrong


def test_there_are_phrases_of_every_kind() -> None:
    assert {kind for _, kind, _ in SAID} == set(QUANTITY_KINDS)
    assert len(SAID) >= 90
    assert len(REFUSED) >= 50


@pytest.mark.parametrize("given", [None, 300, 3.5, b"300", ["300"]])
def test_what_is_no_text_is_refused(given: Any) -> None:
    with pytest.raises(rc.ClaimError, match="not text"):
        rc.parse_quantity(given)


def test_a_message_reads_well() -> None:
    with pytest.raises(rc.ClaimError) as raised:
        rc.parse_quantity("3m")
    assert str(raised.value).splitlines() == [
        "1 problem with the claims:",
        "  field 'quantity' = '3m': ambiguous: 3 m is 3 million, or 3 metres. "
        "Legal: 3 million, or the unit written out.",
    ]


def test_words_that_nobody_knows_are_told_which_are_known() -> None:
    with pytest.raises(rc.ClaimError) as raised:
        rc.parse_quantity("dozzens")
    (problem,) = raised.value.problems
    assert problem.wrong == "no number, and no words of the lexicon"
    assert all(words in problem.legal for words in LEXICON)
    assert "did you mean 'dozens'?" in problem.legal


# Every phrase in the place where it belongs, and the kinds it may give there.
KIND_OF = {"a": "about", "r": "about", "l": "at_least", "g": "at_least", "u": "at_most"}
KIND_OF |= {"m": "at_most", "c": "confirmed"}
BEFORE = [(phrase, KIND_OF[letter.lower()]) for letter in "ARLGUM" for phrase in PHRASES[letter]]
AFTER = [(phrase, KIND_OF[letter.lower()]) for letter in "aRlGuMC" for phrase in PHRASES[letter]]


@pytest.mark.parametrize(("phrase", "kind"), BEFORE)
def test_every_phrase_before_a_number(phrase: str, kind: str) -> None:
    for text in (f"{phrase} 9,861", f"{phrase.upper()} 9,861 soldiers"):
        quantity = rc.parse_quantity(text)
        assert (quantity.kind, quantity.value) == (kind, 9861)


@pytest.mark.parametrize(("phrase", "kind"), AFTER)
def test_every_phrase_after_a_number(phrase: str, kind: str) -> None:
    for text in (f"9,861 {phrase}", f"9,861 soldiers {phrase}", f"9,861 soldiers, {phrase}."):
        quantity = rc.parse_quantity(text)
        assert (quantity.kind, quantity.value) == (kind, 9861)


@pytest.mark.parametrize("words", LEXICON)
def test_every_word_of_the_lexicon(words: str) -> None:
    for text in (words, words.upper(), f"{words} of the soldiers", f" {words}, it was said"):
        quantity = rc.parse_quantity(text)
        assert (quantity.kind, quantity.words) == ("vague", words)
        assert a_claim(quantity).words == words


def test_words_of_weight_beside_a_number_are_adjectives() -> None:
    assert rc.parse_quantity("12 serious injuries").kind == "point"
    with pytest.raises(rc.ClaimError, match="two quantities"):
        rc.parse_quantity("12 injuries, several of them serious")


def test_claims_of_quantities_keep_the_phrase() -> None:
    quantity = rc.parse_quantity("4,645 (95% CI 793 to 8,498)")
    claim = rc.Claim.of(quantity, figure="deaths", source="a survey", role="expert")
    assert claim == rc.Claim.interval(
        *(793, 8498, 0.95),
        value=4645,
        figure="deaths",
        source="a survey",
        role="expert",
        quote="4,645 (95% CI 793 to 8,498)",
    )
    told = rc.Claim.of("dozens", figure="deaths", source="a witness", quote="there were dozens")
    assert (told.kind, told.words, told.quote) == ("vague", "dozens", "there were dozens")


def test_claims_say_what_is_wrong_with_phrases_and_with_numbers() -> None:
    with pytest.raises(rc.ClaimError, match="field 'quantity' = 'nearly 3 and 5'"):
        rc.Claim.of("nearly 3 and 5", figure="killed", source="an agency")
    with pytest.raises(rc.ClaimError, match="negative"):
        rc.Claim.of("-3 degrees", figure="killed", source="an agency")


def test_quantities_check_themselves() -> None:
    with pytest.raises(rc.ClaimError) as raised:
        rc.Quantity(kind="at least", value=math.inf, low="5")  # type: ignore[arg-type]
    assert [problem.field for problem in raised.value.problems] == ["kind", "value", "low"]
    assert "did you mean 'at_least'?" in str(raised.value)
    assert rc.Quantity(kind="point", value=3) == rc.Quantity(kind="point", value=3.0)


def read_or_refused(text: str) -> rc.Quantity | rc.ClaimError:
    try:
        return rc.parse_quantity(text)
    except rc.ClaimError as error:
        return error


def accepts(text: str) -> None:
    """A quantity that a claim takes, or an error of the library; nothing else."""
    found = read_or_refused(text)
    if isinstance(found, rc.ClaimError):
        assert found.problems[0].field == "quantity"
        assert "{" not in found.problems[0].wrong or "{" in text
    elif is_claimable(found):
        assert replace(
            rc.Claim.of(found, figure=figure_of(found), source="an agency"), quote=""
        ) == a_claim(found)
    elif found.kind in KINDS:
        # Numbers of zero or below, which some kinds do not take.
        with contextlib.suppress(rc.ClaimError):
            a_claim(found)


@given(text=st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    accepts(text)


@given(text=st.text(st.sampled_from("0123456789.,-–+±%()[]/: kmbMKe½"), max_size=12))
def test_any_digits_and_signs_are_read_or_refused(text: str) -> None:
    accepts(text)


VOCABULARY = sorted(
    {phrase for group in PHRASES.values() for phrase in group}
    | set(LEXICON)
    | {"3", "5", "12", "40,000", "1.2", "0", "-3", "10", "15,000", "2014", "1e3", "½", "5k", "3m"}
    | {"one", "two", "twenty", "hundred", "thousand", "million", "dozen", "a half", "half", "third"}
    | {"95% CI", "CI", "90 per cent range", "soldiers", "killed", "of", "weren't", "day", "1/3"}
)


@given(
    pieces=st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=8),
    joint=st.sampled_from([" ", " ", "", ", ", "-"]),
)
def test_the_vocabulary_in_any_order_is_read_or_refused(pieces: list[str], joint: str) -> None:
    accepts(joint.join(pieces))


def written(number: int) -> list[str]:
    """A whole number in every way that has one reading."""
    commas = f"{number:,}"
    ways = [str(number), commas, commas.replace(",", "\u202f"), commas.replace(",", "\u00a0")]
    for name, unit in (("thousand", 10**3), ("million", 10**6), ("bn", 10**9), ("k", 10**3)):
        whole, rest = divmod(number * 1000, unit)
        if rest == 0 and number >= unit:
            ways.append(f"{whole / 1000:.3f} {name}")
            ways.append(f"{grouped(whole / 1000)} {name}")
    return ways


@given(number=st.integers(0, 10**12))
def test_a_number_is_read_as_itself_however_it_is_written(number: int) -> None:
    for text in written(number):
        quantity = rc.parse_quantity(text)
        assert (quantity.kind, quantity.value) == ("point", number)
        assert rc.parse_quantity(f"at least {text} soldiers").value == number


@given(number=st.floats(1e-5, 1e12))
def test_decimals_are_read_as_themselves(number: float) -> None:
    for text in (f"{number:.6f}", f"{number:,.6f}", repr(number), f"{number:.6e}"):
        assert rc.parse_quantity(text).value == float(text.replace(",", ""))


ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int, *, link: str = "and ") -> str:
    """A number in words, written apart from the library that reads them."""
    for unit, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if number >= unit:
            rest = number % unit
            return (
                f"{in_words(number // unit, link=link)} {name}"
                + (f" {link if rest < 100 else ''}{in_words(rest, link=link)}" if rest else "")
            )  # fmt: skip
    if number >= 100:
        rest = number % 100
        return f"{ONES[number // 100]} hundred" + (
            f" {link}{in_words(rest, link=link)}" if rest else ""
        )
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")


@given(number=st.integers(0, 10**12 - 1), link=st.sampled_from(["and ", ""]))
def test_number_words_are_read_as_the_number(number: int, link: str) -> None:
    assert rc.parse_quantity(in_words(number, link=link)).value == number
    assert rc.parse_quantity(f"nearly {in_words(number, link=link).upper()} men").value == number


@given(ends=st.lists(st.integers(1, 10**9), min_size=2, max_size=2, unique=True).map(sorted))
def test_ranges_are_read_as_both_ends(ends: list[int]) -> None:
    low, high = ends
    forms = ("{}-{}", "{}–{}", "{} to {}", "between {} and {}", "from {} to {}")
    for form in forms:
        text = form.format(f"{low:,}", f"{high:,}")
        if low < 1000 and high > 1000 * low:
            with pytest.raises(rc.ClaimError, match="ambiguous"):
                rc.parse_quantity(text)
        else:
            quantity = rc.parse_quantity(text)
            assert (quantity.kind, quantity.low, quantity.high) == ("between", low, high)
    survey = rc.parse_quantity(f"95% CI {low:,} to {high:,}")
    assert (survey.low, survey.high, survey.coverage) == (low, high, 0.95)


@given(ends=st.lists(st.integers(1, 10**6), min_size=2, max_size=2, unique=True).map(sorted))
def test_ranges_in_words(ends: list[int]) -> None:
    """Two numbers in words after "between" are found apart, or are refused as ambiguous."""
    low, high = ends
    text = f"between {in_words(low)} and {in_words(high)}"
    quantity = read_or_refused(text)
    if isinstance(quantity, rc.ClaimError):
        assert "ambiguous" in str(quantity)
        return
    readings = {(low, high)}
    for unit in (100, 1000, 10**5, 10**6):
        if high % unit == 0:
            # "Two to three hundred" lends its scale to the two.
            readings.add((low * unit, high))
    assert (quantity.low, quantity.high) in readings
