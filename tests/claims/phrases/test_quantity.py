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
from phrases_said import REFUSED, SAID
from reconcile.claims.fields import KINDS
from reconcile.claims.phrases.grammar import PHRASES
from reconcile.claims.phrases.numerals import grouped
from reconcile.claims.phrases.quantity import QUANTITY_KINDS
from reconcile.kinds.lexicon import LEXICON


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
        hundreds, rest = divmod(high, 100)
        alike = len(str(low)) == len(str(hundreds)) and rest == 0
        left_out = alike and low < hundreds < 100 and not form.startswith(("between", "from"))
        if left_out or (low < 1000 and high > 1000 * low):
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
