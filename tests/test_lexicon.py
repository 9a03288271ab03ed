"""What words mean is versioned: who changes the table must say so."""

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.lexicon import LEXICON, LEXICON_VERSION, interval_of_words

# A published estimate names the version, so a version never changes its meaning.
DIGESTS = {"1": "ebf9c5473a314baf"}


def test_a_version_never_changes() -> None:
    content = repr(sorted(LEXICON.items())).encode()
    assert hashlib.sha256(content).hexdigest()[:16] == DIGESTS[LEXICON_VERSION]


@pytest.mark.parametrize("words", LEXICON)
def test_words_stand_for_intervals_that_can_be_looked_up(words: str) -> None:
    low, high = interval_of_words(words)
    assert 0 <= low < high
    assert words == " ".join(words.lower().split())
    assert interval_of_words(f"  {words.upper().replace(' ', '  ')} ") == (low, high)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LEXICON["dozens"] = (0.0, 1.0)  # type: ignore[index]


@given(words=st.text().filter(lambda text: " ".join(text.lower().split()) not in LEXICON))
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
