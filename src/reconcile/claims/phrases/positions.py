"""Classifying tokens by their neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from reconcile.claims.phrases.behind import refuse_behind
from reconcile.claims.phrases.numerals import Numeral
from reconcile.claims.phrases.tokens import Token

__all__ = ["disambiguate"]

_BEFORE_OR_AFTER: Final = {"G": ("L", "l"), "M": ("U", "u"), "R": ("A", "a"), "g": ("p", "a")}


def disambiguate(tokens: list[Token]) -> list[Token]:
    """Classify tokens by their neighbours, and drop free text after the quantity."""
    tokens = _attach_minus([token for token in tokens if token.letter != "."])
    tokens = [_by_position(token, tokens[k + 1 :], tokens[:k]) for k, token in enumerate(tokens)]
    if any(token.letter in "NVF" for token in tokens):
        tokens = [replace(token, letter="x") if token.letter == "W" else token for token in tokens]
    last = max((k for k, token in enumerate(tokens) if token.letter in "NVFIJT%"), default=-1)
    if last < 0:
        last = max((k for k, token in enumerate(tokens) if token.letter == "W"), default=-1)
    if last < 0:
        last = max((k for k, token in enumerate(tokens[:2]) if token.letter in "sn"), default=-1)
    if last < 0:
        return tokens
    refuse_behind(tokens)
    head, tail = tokens[: last + 1], tokens[last + 1 :]
    while tail and tail[0].letter == ")":
        head.append(tail.pop(0))
    if _lacks_number(tail):
        return tokens
    return head + [token for token in tail if token.letter in "aluCe!+m"]


# After a quantity these are legal only within free text: "over the weekend".
_PROSE: Final = "ALUBbpm&ot:"


def _lacks_number(tail: list[Token]) -> bool:
    """Whether the text after a quantity contains a phrase without its number."""
    if len(tail) == 1 and tail[0].letter == ":":
        return False
    free = next((k for k, token in enumerate(tail) if token.letter == "x"), len(tail))
    if any(token.letter in _PROSE for token in tail[:free]):
        return True
    if tail and tail[0].letter in "dr" and (len(tail) < 2 or tail[1].letter not in "xflC"):
        return True
    symbols = [token for token in tail if not token.text[0].isalpha()]
    return any(token.letter in "ALUp+" for token in symbols)


def _attach_minus(tokens: list[Token]) -> list[Token]:
    """Make numbers negative where a minus touches them and does not join them to a number."""
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
                text = f"-{token.text}"
                kept.append(replace(token, letter="N", text=text, start=before.start, number=below))
                continue
        kept.append(token)
    return kept


def _by_position(token: Token, after: list[Token], before: list[Token]) -> Token:
    follows = next((other.letter for other in after if other.letter not in "f"), "")
    if token.letter in _BEFORE_OR_AFTER:
        front, back = _BEFORE_OR_AFTER[token.letter]
        return replace(token, letter=front if follows in tuple("NVAsR") else back)
    if token.letter == "+":
        # "500+", "500 plus", "500-plus".
        near = [other.letter for other in before[-2:]]
        return replace(token, letter="l") if near[-1:] == ["N"] or near == ["N", "d"] else token
    return token
