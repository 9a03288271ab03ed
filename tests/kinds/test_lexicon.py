"""What words mean is versioned: who changes the table must say so."""

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile._text import tidy
from reconcile.kinds.lexicon import ENTRIES, LEXICON, LEXICON_VERSION, interval_of_words

# A published estimate names the version, so a version never changes its meaning.
DIGESTS = {"1": "ebf9c5473a314baf", "2": "e131e57bf2a65b16", "3": "d8fcc60f93247272"}


def test_a_version_never_changes() -> None:
    content = repr(sorted(LEXICON.items())).encode()
    assert hashlib.sha256(content).hexdigest()[:16] == DIGESTS[LEXICON_VERSION]


# Version 1, of which every interval still stands.
FIRST = {
    "none": (0.0, 0.5),
    "a handful": (2.0, 10.0),
    "a few": (2.0, 10.0),
    "several": (3.0, 20.0),
    "dozens": (24.0, 100.0),
    "scores": (40.0, 200.0),
    "hundreds": (200.0, 1_000.0),
    "thousands": (2_000.0, 10_000.0),
    "tens of thousands": (20_000.0, 100_000.0),
    "hundreds of thousands": (200_000.0, 1_000_000.0),
    "millions": (2_000_000.0, 10_000_000.0),
    "some": (1.0, math.inf),
    "many": (10.0, math.inf),
    "significant": (10.0, math.inf),
    "heavy": (10.0, math.inf),
    "serious": (10.0, math.inf),
    "massive": (10.0, math.inf),
}


def test_the_second_version_only_added_words() -> None:
    assert hashlib.sha256(repr(sorted(FIRST.items())).encode()).hexdigest()[:16] == DIGESTS["1"]
    assert FIRST.items() <= LEXICON.items()


def test_the_third_version_only_added_numbers_of_digits() -> None:
    second = [(words, ends) for words, ends in sorted(LEXICON.items()) if not _of_digits(words)]
    assert hashlib.sha256(repr(second).encode()).hexdigest()[:16] == DIGESTS["2"]
    assert LEXICON["six figures"] == (100_000, 1_000_000)
    assert LEXICON["double digits"] == (10, 100)


def _of_digits(words: str) -> bool:
    return words.endswith((" digits", " figures"))


def test_every_word_stands_once_and_has_a_source() -> None:
    assert len({entry.words for entry in ENTRIES}) == len(ENTRIES)
    assert all(len(entry.source) > 30 for entry in ENTRIES)
    assert {entry.sort for entry in ENTRIES} == {"number", "weight"}


def test_low_mid_and_high_rise() -> None:
    for unit in ("hundreds", "thousands", "tens of thousands", "hundreds of thousands"):
        parts = [LEXICON[f"{part} {unit}"] for part in ("low", "mid", "high")]
        assert parts == sorted(parts)
        assert parts[-1][1] == LEXICON[unit][1]


@pytest.mark.parametrize("words", LEXICON)
def test_words_stand_for_intervals_that_can_be_looked_up(words: str) -> None:
    low, high = interval_of_words(words)
    assert 0 <= low < high
    assert words == " ".join(words.lower().split())
    assert interval_of_words(f"  {words.upper().replace(' ', '  ')} ") == (low, high)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LEXICON["dozens"] = (0.0, 1.0)  # type: ignore[index]


@given(words=st.text().filter(lambda text: tidy(text).lower() not in LEXICON))
def test_unknown_words_are_not_guessed(words: str) -> None:
    with pytest.raises(KeyError):
        interval_of_words(words)


def test_number_words_rise_and_words_of_weight_only_exclude_a_handful() -> None:
    number_words = ("dozens", "hundreds", "thousands", "tens of thousands", "millions")
    lows = [LEXICON[words][0] for words in number_words]
    assert lows == sorted(lows)
    assert all(LEXICON[words][1] < math.inf for words in number_words)
    for words in ("many", "significant", "heavy", "serious", "massive"):
        assert LEXICON[words] == (10.0, math.inf)
