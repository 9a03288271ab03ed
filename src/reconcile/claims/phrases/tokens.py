"""A phrase cut into tokens: numbers, words of the lexicon, known phrases, other words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconcile.claims.phrases.grammar import COVERAGE, FRACTION, PHRASES, TIMES, no_end
from reconcile.claims.phrases.numerals import NUMBER, Misread, Numeral, halves, numeral, shown
from reconcile.kinds.lexicon import ENTRIES

__all__ = ["Token", "resolved", "tidy", "tokens_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of a phrase; the letter says what sort, see ``PHRASES``."""

    letter: str
    text: str
    start: int
    end: int
    number: Numeral | None = None


def tidy(text: str) -> str:
    """The phrase with single spaces and without quotation marks."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"(?<![0-9])[\u00a0\u2009\u202f]|[\u00a0\u2009\u202f](?![0-9])", " ", text)
    text = re.sub(r"[\"“”„«»\u200b\ufeff]", "", text)
    return re.sub(r"[^\S\u00a0\u2009\u202f]+", " ", text).strip()


_LETTER_OF: Final = {phrase: letter for letter, group in PHRASES.items() for phrase in group}
_PHRASE: Final = re.compile(
    "|".join(map(no_end, sorted(_LETTER_OF, key=len, reverse=True))), re.IGNORECASE
)
_SORT_OF: Final = {entry.words: entry.sort for entry in ENTRIES}
# Other ways to say what the lexicon says.
_ALIASES: Final = {
    "a couple of": "a couple",
    "handful": "a handful",
    **{
        words.replace(" of ", " ", 1): words
        for words in _SORT_OF
        if words.startswith("a couple of ")
    },
}
_WORDS: Final = re.compile(
    "|".join(map(no_end, sorted({**_SORT_OF, **_ALIASES}, key=len, reverse=True))), re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*", re.IGNORECASE)
_NEGATED: Final = re.compile(r".*n['\u2019]t", re.IGNORECASE)


def tokens_of(text: str) -> Iterator[Token]:
    """The phrase cut into numbers, words of the lexicon, known phrases and other words."""
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
        raise Misread(f"the digit {text[at]!r} is none of 0 to 9", "the digits 0 to 9")
    elif word := _WORD.match(text, at):
        letter = "!" if _NEGATED.fullmatch(word[0]) else "x"
        yield Token(letter=letter, text=word[0], start=at, end=word.end())
    else:
        letter = "." if text[at] in ".!?…'`\u2019" else "z"
        yield Token(letter=letter, text=text[at], start=at, end=at + 1)


_MORE: Final = re.compile(r" (?:and|to|but) \S*(?:[0-9]|[a-z])", re.IGNORECASE)


def _numbers(text: str, match: re.Match[str], last: str) -> Iterator[Token]:
    """One number, or the two that number words joined by "and" may be."""
    spelled, start, end = match["spelled"], match.start(), match.end()
    follow = _MORE.match(text, end)
    another = follow and NUMBER.match(text, follow.end() - 1)
    pairs = halves(spelled) if spelled and " and " in spelled.lower() else []
    try:
        found = numeral(match)
    except Misread:
        if not pairs:
            raise
        found = None
    if pairs and (found is None or (last == "B" and not another)):
        if len(pairs) > 1:
            readings = ", or ".join(f"{shown(a.value)} and {shown(b.value)}" for a, b in pairs)
            raise Misread(f"ambiguous: {readings}", "the numbers in digits")
        (left, right), middle = pairs[0], (start + end) // 2
        yield Token(letter="N", text=shown(left.value), start=start, end=middle, number=left)
        yield Token(letter="&", text="and", start=middle, end=middle)
        yield Token(letter="N", text=shown(right.value), start=middle, end=end, number=right)
        return
    yield Token(letter="N", text=match[0], start=start, end=end, number=found)


_EITHER: Final = {"G": ("L", "l"), "M": ("U", "u"), "R": ("A", "a"), "g": ("p", "a")}


def resolved(tokens: list[Token]) -> list[Token]:
    """What a token is because of its neighbours, and free text after the quantity left out."""
    tokens = _signed([token for token in tokens if token.letter != "."])
    tokens = [_placed(token, tokens[k + 1 :], tokens[:k]) for k, token in enumerate(tokens)]
    if any(token.letter in "NVF" for token in tokens):
        tokens = [_but(token, "x") if token.letter == "W" else token for token in tokens]
    last = max((k for k, token in enumerate(tokens) if token.letter in "NVFIJT%"), default=-1)
    if last < 0:
        last = max((k for k, token in enumerate(tokens) if token.letter == "W"), default=-1)
    if last < 0:
        last = max((k for k, token in enumerate(tokens[:2]) if token.letter in "sn"), default=-1)
    if last < 0:
        return tokens
    head, tail = tokens[: last + 1], tokens[last + 1 :]
    while tail and tail[0].letter == ")":
        head.append(tail.pop(0))
    _refuse_rates(tokens)
    if _dangles(tail):
        return tokens
    return head + [token for token in tail if token.letter in "aluCe!+m"]


# What may follow a quantity only as part of free text: over the weekend, between the lines.
_PROSE: Final = "ALUBbpm&ot:"


def _dangles(tail: list[Token]) -> bool:
    """Whether what follows a quantity is a phrase that has lost its number."""
    if len(tail) == 1 and tail[0].letter == ":":
        return False
    free = next((k for k, token in enumerate(tail) if token.letter == "x"), len(tail))
    if any(token.letter in _PROSE for token in tail[:free]):
        return True
    if tail and tail[0].letter in "dr" and (len(tail) < 2 or tail[1].letter not in "xflC"):
        return True
    symbols = [token for token in tail if not token.text[0].isalpha()]
    return any(token.letter in "ALUp+" for token in symbols)


def _but(token: Token, letter: str) -> Token:
    return Token(
        letter=letter, text=token.text, start=token.start, end=token.end, number=token.number
    )


def _signed(tokens: list[Token]) -> list[Token]:
    """Numbers below zero: a minus that touches its number and joins it to nothing before."""
    kept: list[Token] = []
    for token in tokens:
        before = kept[-1] if kept else None
        if token.number is not None and before is not None:
            ahead = kept[-2].letter if len(kept) > 1 else ""
            apart = len(kept) < 2 or kept[-2].end < before.start or ahead in tuple("(,")
            touches = (
                apart
                and before.letter == "d"
                and before.text in "-\u2212"
                and before.end == token.start
            )
            if before.letter == "m" or (touches and ahead not in tuple("NxV)F%dz")):
                kept.pop()
                below = Numeral(value=-token.number.value, scales=token.number.scales)
                token = Token(  # noqa: PLW2901
                    letter="N", text=f"-{token.text}", start=before.start, end=token.end,
                    number=below,
                )  # fmt: skip
        kept.append(token)
    return kept


def _placed(token: Token, after: list[Token], before: list[Token]) -> Token:
    follows = next((other.letter for other in after if other.letter not in "f"), "")
    if token.letter in _EITHER:
        front, back = _EITHER[token.letter]
        return _but(token, front if follows in tuple("NVAsR") else back)
    if token.letter == "+":
        # "500+", "500 plus", "500-plus".
        near = [other.letter for other in before[-2:]]
        return _but(token, "l") if near[-1:] == ["N"] or near == ["N", "d"] else token
    return token


def _refuse_rates(tokens: list[Token]) -> None:
    for k, token in enumerate(tokens[:-1]):
        rest = [other for other in tokens[k + 1 : k + 3] if other.letter not in "f"]
        timed = [other for other in rest if other.text.lower() in TIMES]
        if token.letter in "er" and timed and k and tokens[k - 1].letter in "Nx":
            if token.letter == "r" and rest[0].letter != "N":
                continue
            raise Misread(
                f"a rate over time ({token.text} ... {timed[0].text}), which is no ratio of two "
                "figures",
                "the number in a stated period, with the claim's since and date",
            )
