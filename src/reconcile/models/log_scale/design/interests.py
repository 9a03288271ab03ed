"""Which way a speaker would like a number to be, judged from who speaks and what is counted."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from reconcile._text import one_of
from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet

__all__ = [
    "NO_INTEREST",
    "SIDES",
    "SUBJECTS",
    "counted_in",
    "interest_of",
    "judged_interest",
    "subject_of",
]

# Roles of those who have an interest at all, and what the others have.
SIDES: Final = ("own", "enemy")
NO_INTEREST: Final = "none"
# What is counted, and the interest of the two sides in it: its own, and the other one.
SUBJECTS: Final = MappingProxyType(
    {
        "fighters": ("low", "high"),
        "victims": ("high", "low"),
        "strength": ("none", "none"),
        "success": ("high", "low"),
        "rescued": ("high", "none"),
        "toll": ("none", "high"),
        "attendance": ("high", "low"),
        "spill": ("low", "high"),
        "constant": ("none", "none"),
    }
)
_OF_SETTING: Final = MappingProxyType(
    {
        "war": "fighters",
        "disaster": "toll",
        "disease": "toll",
        "crowd": "attendance",
        "economy": "spill",
        "measurement": "constant",
        "other": "toll",
    }
)


def _beginning(*words: str) -> re.Pattern[str]:
    """A word that begins with one of these."""
    return re.compile(rf"\b(?:{'|'.join(words)})")


# Beginnings of words in the name of a figure that tell more than the setting does.
_OF_WORDS: Final = MappingProxyType(
    {
        "war": (
            ("victims", _beginning("civilian", "victim", "massacre", "hostage")),
            ("success", _beginning("success")),
            ("strength", _beginning("troop", "strength", "produc", "armed")),
        ),
        "disaster": (("rescued", _beginning("rescue", "save", "surviv")),),
        "disease": (("rescued", _beginning("rescue", "save", "surviv")),),
    }
)


def judged_interest(role: str, subject: str) -> str:
    """Which way a source would like a number to be, by what it is and what is counted.

    Only a side has an interest; third parties, experts, media, leaks and rumours have none. An
    army wants its losses to look small and its enemy's large; a people wants its victims counted,
    and those who are said to have killed them do not. A weapon's owner and a rescuer want success;
    organisers want a crowd. Strength is now exaggerated, to deter or to excuse, and now hidden:
    nobody's wish is known. Authorities that count the toll of a disaster want nothing, and who is
    liable for a spill wants it small.

    Parameters
    ----------
    role : str
        Of the source to the population; may be empty.
    subject : str
        A key of ``SUBJECTS``.

    Returns
    -------
    str
        ``low``, ``high`` or ``none``.

    Raises
    ------
    ValueError
        If there is no such subject.

    Examples
    --------
    >>> from reconcile.models.log_scale.design.interests import judged_interest
    >>> judged_interest("own", "fighters"), judged_interest("own", "victims")
    ('low', 'high')
    """
    if subject not in SUBJECTS:
        raise ValueError(f"no subject {subject!r}; there are: {one_of(SUBJECTS, subject)}")
    return dict(zip(SIDES, SUBJECTS[subject], strict=True)).get(role, NO_INTEREST)


def subject_of(setting: str, figure: str) -> str:
    """What is counted, guessed from the setting and the name of the figure.

    In a war all that no word marks is taken for harm to fighters, though it may be a massacre:
    where somebody knows, let them say so.

    Parameters
    ----------
    setting : str
        Of the case.
    figure : str
        Name of the figure, or a sum.

    Returns
    -------
    str
        A key of ``SUBJECTS``.

    Raises
    ------
    ValueError
        If there is no such setting.

    Examples
    --------
    >>> from reconcile.models.log_scale.design.interests import subject_of
    >>> subject_of("war", "killed"), subject_of("war", "civilians killed")
    ('fighters', 'victims')
    """
    if setting not in _OF_SETTING:
        raise ValueError(f"no setting {setting!r}; there are: {one_of(_OF_SETTING, setting)}")
    lowered = figure.lower()
    for subject, words in _OF_WORDS.get(setting, ()):
        if words.search(lowered):
            return subject
    return _OF_SETTING[setting]


def interest_of(claims: ClaimSet, claim: Claim, *, setting: str, role: str) -> str:
    """Which way the speaker of a claim would like the number to be.

    Parameters
    ----------
    claims : ClaimSet
        What the claim belongs to.
    claim : Claim
        One of them.
    setting : str
        Of the case.
    role : str
        Of the speaker.

    Returns
    -------
    str
        As the claim says it, else judged from role, setting and figure.
    """
    if claim.interest:
        return claim.interest
    return judged_interest(role, counted_in(claims, claim.figure, setting))


def counted_in(claims: ClaimSet, figure: str, setting: str) -> str:
    """What a figure counts, judged from the setting and from the names of it and its parts.

    Parameters
    ----------
    claims : ClaimSet
        What knows the figure.
    figure : str
        Its name, a sum or a ratio.
    setting : str
        Of the case.

    Returns
    -------
    str
        A key of ``SUBJECTS``.
    """
    return subject_of(setting, " ".join((figure, *claims.base_parts(figure))))
