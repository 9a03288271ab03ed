"""What may stand behind a number: units and names; rates, factors and differences are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from reconcile.claims.phrases.grammar import TIMES
from reconcile.claims.phrases.numerals import PhraseError
from reconcile.claims.phrases.tokens import Token

__all__ = ["UNITS", "refuse_behind"]

_PEOPLE: Final = """
people person persons man men woman women child children baby infant boy girl adult minor civilian
citizen resident inhabitant villager human soul life live individual student pupil teacher worker
employee staff job miner crew sailor seaman passenger pedestrian driver migrant refugee idp
evacuee homeless pilgrim tourist guest fan spectator crowd demonstrator marcher voter member
soldier troop personnel serviceman conscript recruit reservist fighter combatant militant rebel
insurgent guerrilla terrorist mercenary officer general police policeman guard pow prisoner
captive hostage detainee deserter casualty dead death fatality victim body corpse remains grave
killed wounded injured injury missing captured surrendered loss lost burnt sick ill infected
infection case patient hospitalisation hospitalization admission survivor rescued displaced
arrested detained executed drowned trapped buried homeless orphan widow household family
doctor nurse medic journalist peacekeeper monk nun inmate farmer peasant slave native settler
volunteer name identified confirmed unidentified alive unaccounted
"""
_THINGS: Final = """
tank vehicle truck car bus train plane aircraft airplane helicopter jet drone uav ship boat vessel
submarine gun howitzer artillery mortar rocket missile shell bomb mine round bullet weapon rifle
system launcher armoured armored piece unit battalion brigade division regiment company platoon
building house home flat apartment hut tent school hospital church mosque shop factory bridge
road village town city district province country state site location incident attack strike
battle fight earthquake shock storm fire flood landslide eruption explosion accident crash event
tree animal cow cattle sheep goat horse pig bird fish seal whale plant crop field
vote ballot seat ticket sale order visit test sample dose bed item report claim document copy page
book letter call message account share bond loan
"""
_MEASURES: Final = """
metre meter kilometre kilometer centimetre centimeter millimetre millimeter mile yard foot feet
inch acre hectare gram gramme kilogram kilogramme tonne ton kiloton megaton pound ounce stone litre
liter gallon pint barrel bbl degree celsius fahrenheit kelvin volt watt kilowatt megawatt gigawatt
joule kilojoule calorie hertz pascal bar newton ampere ohm mole becquerel sievert byte bit ppm ppb
sq square cubic second minute hour day night week month year decade century dollar euro pound
cent penny pence quid yen yuan rupee rouble ruble franc mark crown krone peso real rand dinar
pound usd eur gbp point mm cm m km kg mg g t kt mt l ml ha ft lb lbs mi mph kwh mwh gwh kw mw gw w
"""
# Words of a sentence that goes on: no longer what is counted.
_PROSE: Final = """
of in on at by for from since until till during after before over under among amongst across
within outside near around with without and or who whom which that as is are were was be been being
have has had will would may might could can did does do not so thus then there here today yesterday
tonight now overall altogether together total alone already later ago earlier still yet only
according including involved participated attended marched took died perished fell fled left
gathered came joined voted sold destroyed damaged hit shot sunk strong reported reportedly
estimated claimed counted recorded registered verified known believed feared presumed said
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _with_plurals(text: str) -> frozenset[str]:
    words = text.split()
    plurals = (re.sub(r"y$", "ie", re.sub(r"(s|sh|ch|x)$", r"\1e", word)) + "s" for word in words)
    return frozenset((*words, *plurals))


UNITS: Final = _with_plurals(_PEOPLE + _THINGS + _MEASURES)
_FINE: Final = UNITS | _words(_PROSE)
# Who does something: firefighters, rioters, scientists. Others named so are no people.
_AGENTS: Final = re.compile(r"\w{2,}(?:ers|ors|ists|ians|ees|men|women|folk)")
_NO_AGENTS: Final = frozenset(("numbers", "quarters", "factors"))
_EACH: Final = frozenset(("a", "an", "each", "every"))
_PERIODIC: Final = _words(
    "daily nightly hourly weekly fortnightly monthly quarterly yearly annual annually pa pcm pm p"
)
_PERIODS: Final = TIMES | {"head"}
_LATER: Final = frozenset(("after", "before", "later", "earlier", "ago"))
_DIFFERENCES: Final = _words(
    "fewer more less extra additional further another other others higher lower larger smaller "
    "greater short better worse added"
)
_FACTORS: Final = _words("times fold x percentage basis permille permil orders th st nd rd")
# Short forms and sizes of lots that are read in more than one way.
_LOTS: Final = _words(
    "mille mil mill mills bil mrd mio md tsd thou milliard milliards gross pair pairs couple "
    "couples myriad myriads"
)
# Words looked through for a unit: "40 heavily armed soldiers".
_FAR: Final = 4


def refuse_behind(tokens: Sequence[Token]) -> None:
    """Raise PhraseError if a number is a rate, a difference or a factor, or of an unknown thing."""
    for k, token in enumerate(tokens):
        if token.letter in "NVF%":
            _refuse_rate(token, tokens[k + 1 :])
        if token.letter == "N":
            _refuse_words(token, tokens[k + 1 :])


def _refuse_rate(number: Token, rest: Sequence[Token]) -> None:
    """Refuse "300 a day", "300 soldiers daily", "300 or more each week", "12 per 24 hours"."""
    for k, token in enumerate(rest):
        word = token.text.lower()
        after = [other for other in rest[k + 1 : k + 4] if other.letter != "f"]
        period = after[0].text.lower() if after else ""
        if token.letter in "er" and after and after[0].letter == "N":
            period = after[1].text.lower() if len(after) > 1 else ""
        elif token.letter == "r":
            period = ""
        if token.letter in "er" or word in _EACH:
            goes_on = [other.text.lower() for other in after[1:2]]
            if period in _PERIODS and not _LATER.intersection(goes_on):
                raise _rate(number, period)
            if period in _FACTORS | _LOTS:
                raise _not_a_number(number, f"{word} {period}", "a percentage, such as 0.5 %")
        elif word in _PERIODIC and k < _FAR:
            raise _rate(number, word)
        if token.letter in "NVFer&t,:" or (token.letter == "d" and k):
            return


def _rate(number: Token, period: str) -> PhraseError:
    return PhraseError(
        f"a rate over time ({number.text} ... {period}), not a total",
        "the number alone, with per = 'day' (or week, month, year) at the claim, and its since "
        "and date",
    )


def _refuse_words(number: Token, rest: Sequence[Token]) -> None:
    if rest and rest[0].text in "‰‱":
        raise _not_a_number(number, rest[0].text, "a percentage, such as 0.5 %")
    if rest and rest[0].letter == "d":
        rest = rest[1:]
    words = [token.text for token in takewhile(lambda token: token.letter == "x", rest)][:_FAR]
    for k, word in enumerate(words):
        lowered = word.lower()
        if lowered in _DIFFERENCES:
            raise _not_a_number(number, word, "a total; a difference is no claim of a figure")
        if lowered in _FACTORS:
            raise _not_a_number(number, word, "a count, or a ratio such as 3 times as many")
        if lowered in _LOTS:
            raise _not_a_number(number, word, "the number in full: thousand, million, billion")
        is_unit = lowered in _FINE or (_AGENTS.fullmatch(lowered) and lowered not in _NO_AGENTS)
        if is_unit or word[0].isupper() or not word.isascii():
            # "300 soldiers fewer".
            if words[k + 1 : k + 2] and words[k + 1].lower() in _DIFFERENCES - {"other", "others"}:
                raise _not_a_number(number, words[k + 1], "a total, and no difference")
            return
    if words:
        raise PhraseError(
            f"{words[0]!r} behind the number {number.text} is not on the list of units",
            "the number alone, or with a unit such as people, soldiers, barrels or tonnes "
            "(figures.NAME.unit in case.toml says what is counted)",
        )


def _not_a_number(number: Token, word: str, legal: str) -> PhraseError:
    return PhraseError(f"'{number.text} {word}' is not a number of something", legal)
