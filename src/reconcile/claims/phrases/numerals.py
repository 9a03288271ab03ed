"""English numbers in digits and words; ambiguous ones are rejected."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = [
    "NUMBER",
    "Numeral",
    "PhraseError",
    "grouped",
    "numeral",
    "range_ends",
    "refuse_elliptic_hundreds",
    "singular",
    "split_at_and",
]


class PhraseError(Exception):
    """A phrase that is not one unambiguous quantity; becomes a ClaimError with the whole phrase."""

    def __init__(self, wrong: str, legal: str) -> None:
        self.wrong, self.legal = wrong, legal
        super().__init__(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """A number and how it is written.

    Parameters
    ----------
    value : Decimal
        Its value.
    scales : tuple of Decimal
        Trailing scale words: 100 and 1,000 for "three hundred thousand".
    plain : bool
        Whether it is an integer in digits without a scale.
    """

    value: Decimal
    scales: tuple[Decimal, ...] = ()
    plain: bool = False


_SCALES: Final = {
    "dozen": Decimal(12),
    "score": Decimal(20),
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "grand": Decimal(1000),
    "lakh": Decimal(10) ** 5,
    "million": Decimal(10) ** 6,
    "crore": Decimal(10) ** 7,
    "billion": Decimal(10) ** 9,
    "trillion": Decimal(10) ** 12,
}
# Scale letters after a number; case matters: M is a million, m may be metres.
_LETTERS: Final = {
    **dict.fromkeys(("k",), Decimal(1000)),
    **dict.fromkeys(("M", "mn", "Mn", "mln", "mio"), Decimal(10) ** 6),
    **dict.fromkeys(("bn", "Bn", "BN", "bln"), Decimal(10) ** 9),
    **dict.fromkeys(("tn", "trn"), Decimal(10) ** 12),
}
_TWO_READINGS: Final = {
    "m": ("million", "metres"),
    "mm": ("million", "millimetres"),
    "MM": ("million", "millimetres"),
    "b": ("billion", "bytes or barrels"),
    "B": ("billion", "bytes or barrels"),
    "t": ("trillion", "tonnes"),
    "T": ("trillion", "tonnes"),
}
_UNITS: Final = frozenset(
    (
        *("g", "kg", "mg", "kt", "km", "cm", "ha", "l", "ml", "ft", "lb", "lbs", "mi", "mph"),
        *("kwh", "mwh", "gwh", "kw", "mw", "gw", "bbl", "bbls"),
    )
)
_VULGAR: Final = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_UNDER_TEN: Final = "zero|one|two|three|four|five|six|seven|eight|nine"
_CARDINALS: Final = (
    f"{_UNDER_TEN}|nought|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_SCALE_WORDS: Final = "|".join(_SCALES)
# By themselves "score" and "grand" are other words.
_BARE_SCALES: Final = "|".join(word for word in _SCALES if word not in ("score", "grand"))
_END: Final = r"(?![^\W_])"
_DIGITS: Final = r"""
    (?P<digits>
        [0-9]{1,3}(?:[\u00a0\u2009\u202f][0-9]{3})+(?:\.[0-9]+)?(?![0-9])
      | [0-9]{1,3}(?:[ ][0-9]{3})*[ ]0[0-9]{2}(?:[ ][0-9]{3})*(?![0-9.,]*[0-9])
      | [0-9](?:[0-9.,]*[0-9])?
      | \.[0-9]+
    )
    (?:[eE](?P<exponent>[+-]?[0-9]{1,3})(?![^\W_]))?
"""
_SPELLED: Final = rf"""
    (?P<spelled>
        (?:half|(?:an?|one|three)[ -]quarters?\ of|half\ of)(?:[ ]an?)?
        [ ](?:(?:{_SCALE_WORDS}){_END}[ ]?)+(?<![ ])
      | (?:an?[ ](?=(?:{_BARE_SCALES}){_END}))?
        (?:{_CARDINALS}|{_BARE_SCALES}){_END}
        (?:(?:-|[ ]|[ ]and[ ])(?:{_CARDINALS}|{_SCALE_WORDS}){_END})*
        (?:[ ]point(?:[ ](?:{_UNDER_TEN}){_END})+)?
        (?:[ ]and[ ]a[ ](?:half|quarter){_END})?
        (?:[ -](?:{_SCALE_WORDS}){_END})*
    )
"""
NUMBER: Final = re.compile(
    rf"""
    (?P<currency>(?:us|a|c|au|ca)?[$€£¥][ ]?)?
    (?:
        (?: {_DIGITS} (?P<vulgar>[{_VULGAR}])? | (?P<only_vulgar>[{_VULGAR}]) )
        (?P<half>[ ]and[ ]a[ ](?:half|quarter){_END})?
        (?:
            (?P<attached>[^\W\d_]+)
          | [ ](?P<apart>(?-i:k|K|M|m|mm|MM|Mn|mn|mln|mio|b|B|bn|Bn|BN|bln|tn|trn)){_END}(?![²³/])
        )?
        (?P<scales>(?:[ -](?:{_SCALE_WORDS}){_END})*)
      | {_SPELLED}
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# In thousands, or as in India in lakhs and crores: 12,34,567.
_GROUPED: Final = re.compile(
    r"(?:[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3})(\.[0-9]+)?"
)
_UNGROUPED: Final = re.compile(r"([0-9]+)?(\.[0-9]+)?")
# Scale words in the wrong order: "million thousand", "hundred dozen".
_FALLING: Final = re.compile(
    r"(million|billion|trillion) (hundred|thousand|million)|thousand hundred|thousand thousand"
    r"|(hundred|dozen|zero|nought) dozen|dozen (?!(hundred|thousand|million|billion)$)\w"
    r"|(zero|nought) |\b(zero|nought)$(?<!^zero)(?<!^nought)"
)
# "And" must follow a scale word: "twenty and three" is not a number.
_LOOSE: Final = re.compile(r"(?<!hundred)(?<!thousand)(?<!illion)(?<!lakh)(?<!crore) and ")


_PLURAL: Final = re.compile(
    rf"(?<![^\W_])((?:[0-9][0-9.,]*|{_CARDINALS}|{_SCALE_WORDS})[ -](?:{_SCALE_WORDS}))s{_END}",
    re.IGNORECASE,
)
_LAC: Final = re.compile(rf"(?<=[0-9a-z][ -])lac(?=s?{_END})", re.IGNORECASE)


def singular(text: str) -> str:
    """Scale words in the singular behind a number: "5 lakhs" and "5 lacs" are 5 lakh."""
    return _PLURAL.sub(r"\1", _LAC.sub("lakh", text))


def grouped(number: Decimal | float) -> str:
    """A number with thousands separators."""
    value = Decimal(repr(number)) if isinstance(number, float) else number
    if abs(value) >= Decimal(10) ** 15 or (value and abs(value) < Decimal("1e-6")):
        return f"{value:.6g}"
    whole = value == value.to_integral_value()
    return f"{int(value):,}" if whole else f"{value.normalize():,f}"


def numeral(match: re.Match[str]) -> Numeral:
    """The number in a match of ``NUMBER``; PhraseError if it is invalid or ambiguous."""
    spelled = match["spelled"]
    found = _from_words(spelled) if spelled else _from_digits(match)
    if found is None:
        raise PhraseError(
            f"{spelled!r} is not an English number", "number words such as twenty-three"
        )
    value = float(found.value)
    if not math.isfinite(value) or (value == 0) != (found.value == 0):
        raise PhraseError("a number too large or too small", "a number between 1e-300 and 1e300")
    return found


def split_at_and(spelled: str) -> list[tuple[Numeral, Numeral]]:
    """Every way to split number words at an "and" into two numbers."""
    pairs = []
    for joint in re.finditer(r" and (?!a (?:half|quarter))", spelled, re.IGNORECASE):
        left, right = _from_words(spelled[: joint.start()]), _from_words(spelled[joint.end() :])
        if left is not None and right is not None:
            pairs.append((left, right))
    return pairs


def range_ends(low: Numeral, high: Numeral, *, elliptic: bool = True) -> tuple[Decimal, Decimal]:
    """Ends of a range whose first end may omit the second's scale; PhraseError if ambiguous."""
    small = Decimal(1) <= abs(low.value) < 1000
    if elliptic and low.plain and high.plain and small and high.value > 1000 * abs(low.value):
        _raise_ambiguous(low.value, low.value * 1000, high.value)
    if low.scales or not high.scales or not low.value:
        return low.value, high.value
    full = math.prod(high.scales, start=Decimal(1))
    if abs(low.value) < high.value / full:
        return low.value * full, high.value
    for k in range(1, len(high.scales)):
        part = math.prod(high.scales[k:], start=Decimal(1))
        if abs(low.value) * part < high.value:
            _raise_ambiguous(low.value, low.value * part, high.value)
    return low.value, high.value


def refuse_elliptic_hundreds(low: Numeral, high: Numeral) -> None:
    """Raise PhraseError for "3-400", which may be 300 to 400."""
    hundreds, rest = divmod(high.value, 100)
    if not (low.plain and high.plain and low.value >= 1 and not rest):
        return
    alike = len(str(int(low.value))) == len(str(int(hundreds)))
    if alike and low.value < hundreds < 100:
        _raise_ambiguous(low.value, low.value * 100, high.value)


def _raise_ambiguous(one: Decimal, other: Decimal, high: Decimal) -> None:
    first, second = (f"{grouped(low)} to {grouped(high)}" for low in (one, other))
    low, top = (str(number.normalize().to_integral_value()) for number in (one, high))
    raise PhraseError(
        f"ambiguous: {first}, or {second}",
        f"both ends in full: {second}; for {first} use Claim.between({float(low):g}, "
        f"{float(top):g})",
    )


def _from_digits(match: re.Match[str]) -> Numeral:
    digits = match["digits"]
    value = _decimal(digits) if digits else Decimal(0)
    if match["exponent"]:
        value = value.scaleb(int(match["exponent"]))
    vulgar = match["vulgar"] or match["only_vulgar"]
    if vulgar:
        value += Decimal(str(unicodedata.numeric(vulgar)))
    if match["half"]:
        value += Decimal("0.25") if match["half"].lower().endswith("quarter") else Decimal("0.5")
    scales = _scales(match["scales"])
    letters = match["attached"] or match["apart"]
    if letters:
        scales = (*_scale_from_letters(letters, match, value), *scales)
    fraction = bool(match["exponent"] or vulgar or match["half"])
    return Numeral(
        value=value * math.prod(scales, start=Decimal(1)),
        scales=scales,
        plain=not (fraction or letters or scales or "." in (digits or "")),
    )


def _decimal(digits: str) -> Decimal:
    """Parse digits with thousands commas or none."""
    text = re.sub(r"[ \u00a0\u2009\u202f]", "", digits)
    if _GROUPED.fullmatch(text) or (text and _UNGROUPED.fullmatch(text)):
        if re.match(r"0[0-9,]", text):
            raise PhraseError(f"{digits!r} begins with a zero", "a number such as 7, or 0.7")
        return Decimal(text.replace(",", ""))
    if "," not in text:
        raise PhraseError(
            f"{digits!r} is not an English number: a point is the decimal separator",
            f"commas as thousands separators: {text.replace('.', ',')}",
        )
    raise PhraseError(*_bad_commas(digits, text))


def _bad_commas(digits: str, text: str) -> tuple[str, str]:
    bare = text.replace(",", "")
    readings = [grouped(Decimal(bare))] if _UNGROUPED.fullmatch(bare) else []
    if text.count(",") == 1 and "." not in text:
        readings.append(text.replace(",", "."))
    parts = [part for part in text.split(",") if part]
    if len(parts) > 1 and all(_UNGROUPED.fullmatch(part) for part in parts):
        readings.append("the numbers " + " and ".join(parts))
    wrong = f"{digits!r} has misplaced commas: "
    legal = "commas as thousands separators and a decimal point, such as 1,234,567.8"
    return wrong + "it may be " + ", or ".join(readings or ["several numbers"]), legal


def _scale_from_letters(
    letters: str, match: re.Match[str], value: Decimal
) -> tuple[()] | tuple[Decimal]:
    number = grouped(value)
    if letters == "K" and match["attached"]:
        return (_LETTERS["k"],)
    if letters in _LETTERS:
        return (_LETTERS[letters],)
    if match["currency"] and letters in ("m", "b", "B"):
        return (_SCALES[_TWO_READINGS[letters][0]],)
    if letters == "K":
        raise PhraseError(
            f"ambiguous: {number} K is {number} thousand, or {number} kelvin",
            f"{number} thousand, {number}k, or {number} kelvin",
        )
    if letters in _TWO_READINGS:
        scale, unit = _TWO_READINGS[letters]
        raise PhraseError(
            f"ambiguous: {number} {letters} is {number} {scale}, or {number} {unit}",
            f"{number} {scale}, or the unit written out",
        )
    if letters.lower() in _UNITS:
        return ()
    raise PhraseError(
        f"{letters!r} after the number {number} is neither a known scale nor unit",
        f"a space before the unit; known scales are {', '.join(_LETTERS)}",
    )


def _scales(text: str) -> tuple[Decimal, ...]:
    return tuple(_SCALES[word] for word in re.split(r"[ -]+", text.lower()) if word)


def _from_words(spelled: str) -> Numeral | None:
    """Parse number words, including halves, quarters and dozens; None if invalid."""
    text = " ".join(spelled.lower().replace("-", " ").split())
    part = re.fullmatch(
        rf"(half|(?:an?|one|three) quarters?)(?: of)?(?: an?)? ((?:{_SCALE_WORDS}| )+)", text
    )
    if part:
        share = Decimal("0.5") if part[1] == "half" else Decimal("0.25")
        share *= 3 if part[1].startswith("three") else 1
        return _scaled(share, _scales(part[2]))
    scales = _trailing_scales(text)
    half = re.search(r" and a (half|quarter)", text)
    if half is None:
        value = _cardinal(text)
        return None if value is None else Numeral(value=value, scales=scales)
    share = Decimal("0.5") if half[1] == "half" else Decimal("0.25")
    stem = text[: half.start()]
    # "A million and a half" is 1.5 million; with smaller scales it is ambiguous.
    if not scales and re.search(r" (?:million|billion|trillion)$", stem):
        word = stem.rpartition(" ")[2]
        count = _cardinal(stem.rpartition(" ")[0])
        return None if count is None else _scaled(count + share, (_SCALES[word],))
    whole = None if re.search(rf"(?:{_SCALE_WORDS})$", stem) else _cardinal(stem)
    return None if whole is None else _scaled(whole + share, scales)


def _trailing_scales(text: str) -> tuple[Decimal, ...]:
    """Trailing scale words, if they multiply everything before them."""
    match = re.fullmatch(rf"(.*?)((?: (?:{_SCALE_WORDS}))*)", text)
    bare = match is None or re.search(rf"\b(?:{_SCALE_WORDS})\b", match[1])
    return () if match is None or bare else _scales(match[2])


def _scaled(number: Decimal, scales: tuple[Decimal, ...]) -> Numeral:
    return Numeral(value=number * math.prod(scales, start=Decimal(1)), scales=scales)


def _cardinal(text: str) -> Decimal | None:
    """Parse number words without fractions, by text2num."""
    from text_to_num import text2num

    text = re.sub(r"^an?( |$)", "one ", text).strip()
    if not text or _LOOSE.search(text) or _FALLING.search(text.replace(" and ", " ")):
        return None
    stem, _, last = text.rpartition(" ")
    if " point " in text:
        whole, _, rest = text.partition(" point ")
        decimals = re.match(rf"(?:(?:{_UNDER_TEN})\b ?)+", rest)
        value = _cardinal(whole)
        if value is None or decimals is None:
            return None
        digits = "".join(str(text2num(word, "en")) for word in decimals[0].split())
        scales = _scales(rest[decimals.end() :])
        return Decimal(f"{int(value)}.{digits}") * math.prod(scales, start=Decimal(1))
    if last in ("dozen", "score", "grand", "lakh", "crore", "trillion"):
        count = _cardinal(stem) if stem else Decimal(1)
        return None if count is None else count * _SCALES[last]
    try:
        return Decimal(text2num(text, "en"))
    except ValueError:
        return None
