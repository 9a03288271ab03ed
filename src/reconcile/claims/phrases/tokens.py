"""Tokenising a phrase: numbers, words of the lexicon, known phrases, other words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconcile.claims.phrases.grammar import COVERAGE, FRACTION, PHRASES, whole_word
from reconcile.claims.phrases.numerals import (
    NUMBER,
    Numeral,
    PhraseError,
    grouped,
    numeral,
    singular,
    split_at_and,
)
from reconcile.kinds.lexicon import ENTRIES

__all__ = ["Token", "normalise", "tokenise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of a phrase; ``letter`` is its class, see ``PHRASES``."""

    letter: str
    text: str
    start: int
    end: int
    number: Numeral | None = None


def normalise(text: str) -> str:
    """Collapse whitespace and remove quotation marks."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"(?<![0-9])[\u00a0\u2009\u202f]|[\u00a0\u2009\u202f](?![0-9])", " ", text)
    text = re.sub(r"[\"“”„«»\u00ad\u200b-\u200f\u2060\ufeff]", "", text)
    text = re.sub(r"[^\S\u00a0\u2009\u202f]+", " ", text).strip()
    # "300-odd", "300ish".
    return singular(re.sub(r"(?<=[0-9a-z])-odd(?![^\W_])|(?<=[0-9])-?ish(?![^\W_])", " odd", text))


_LETTER_OF: Final = {phrase: letter for letter, group in PHRASES.items() for phrase in group}
_PHRASE: Final = re.compile(
    "|".join(map(whole_word, sorted(_LETTER_OF, key=len, reverse=True))), re.IGNORECASE
)
_SORT_OF: Final = {entry.words: entry.sort for entry in ENTRIES}
# Variants of words of the lexicon.
_ALIASES: Final = {
    "a couple of": "a couple",
    "handful": "a handful",
    **{
        f"{word}{joint}digit": f"{word} digits"
        for word in ("single", "double", "triple")
        for joint in "- "
    },
    **{
        f"{number}{joint}{noun}": f"{word} figures"
        for k, word in enumerate(("four", "five", "six", "seven", "eight", "nine"), start=4)
        for number in (word, str(k))
        for joint in "- "
        for noun in ("figure", "figures", "digit", "digits")
        if (number, joint, noun) != (word, " ", "figures")
    },
    **{
        words.replace(" of ", " ", 1): words
        for words in _SORT_OF
        if words.startswith("a couple of ")
    },
}
_WORDS: Final = re.compile(
    "|".join(map(whole_word, sorted({**_SORT_OF, **_ALIASES}, key=len, reverse=True))),
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*", re.IGNORECASE)
_NEGATED: Final = re.compile(r".*n['\u2019]t", re.IGNORECASE)


def tokenise(text: str) -> Iterator[Token]:
    """Cut a phrase into tokens."""
    at, last = 0, ""
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        for token in _tokens_at(text, at, last):
            yield token
            at, last = token.end, token.letter


def _tokens_at(text: str, at: int, last: str) -> Iterator[Token]:
    if coverage := COVERAGE.match(text, at):
        letter = "I" if coverage["before"] or coverage["after"] else "J"
        yield Token(letter=letter, text=coverage[0], start=at, end=coverage.end())
    elif words := _WORDS.match(text, at):
        known = _ALIASES.get(words[0].lower(), words[0].lower())
        letter = "s" if known == "some" else "V" if _SORT_OF[known] == "number" else "W"
        yield Token(letter=letter, text=known, start=at, end=words.end())
    elif share := FRACTION.match(text, at):
        yield Token(letter="F", text=share[0], start=at, end=share.end())
    elif number := NUMBER.match(text, at):
        yield from _numbers(text, number, last)
    elif phrase := _PHRASE.match(text, at):
        letter = _LETTER_OF[phrase[0].lower()]
        yield Token(letter=letter, text=phrase[0], start=at, end=phrase.end())
    elif text[at].isdecimal():
        raise PhraseError(f"the digit {text[at]!r} is not one of 0 to 9", "the digits 0 to 9")
    elif word := _WORD.match(text, at):
        letter = "!" if _NEGATED.fullmatch(word[0]) else "x"
        yield Token(letter=letter, text=word[0], start=at, end=word.end())
    else:
        letter = "." if text[at] in ".!?…'`\u2019" else "z"
        yield Token(letter=letter, text=text[at], start=at, end=at + 1)


_MORE: Final = re.compile(r" (?:and|to|but) \S*(?:[0-9]|[a-z])", re.IGNORECASE)


def _numbers(text: str, match: re.Match[str], last: str) -> Iterator[Token]:
    """One number, or two if number words joined by "and" are a pair."""
    spelled, start, end = match["spelled"], match.start(), match.end()
    follow = _MORE.match(text, end)
    another = follow and NUMBER.match(text, follow.end() - 1)
    pairs = split_at_and(spelled) if spelled and " and " in spelled.lower() else []
    try:
        found = numeral(match)
    except PhraseError:
        if not pairs:
            raise
        found = None
    if pairs and (found is None or (last == "B" and not another)):
        if len(pairs) > 1:
            readings = ", or ".join(f"{grouped(a.value)} and {grouped(b.value)}" for a, b in pairs)
            raise PhraseError(f"ambiguous: {readings}", "the numbers in digits")
        (left, right), middle = pairs[0], (start + end) // 2
        yield Token(letter="N", text=grouped(left.value), start=start, end=middle, number=left)
        yield Token(letter="&", text="and", start=middle, end=middle)
        yield Token(letter="N", text=grouped(right.value), start=middle, end=end, number=right)
        return
    yield Token(letter="N", text=match[0], start=start, end=end, number=found)
