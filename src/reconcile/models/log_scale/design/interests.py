"""Interest of a speaker: the direction in which it would like a number to be."""

from __future__ import annotations

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

# Roles that have an interest, and the interest of all others.
SIDES: Final = ("own", "enemy")
NO_INTEREST: Final = "none"
# Subject, and the interests of the roles own and enemy.
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
        "economy": "constant",
        "measurement": "constant",
        "other": "toll",
    }
)


def judged_interest(role: str, subject: str) -> str:
    """Interest (``low``, ``high`` or ``none``) that a role implies for a subject.

    Only the two sides have an interest. An army wants its losses to look small and its enemy's
    large; a people wants its victims counted, and those accused of killing them do not. The owner
    of a weapon and a rescuer want success; organisers want a crowd. Strength is exaggerated to
    deter or understated to excuse, so its direction is unknown. Authorities that count the toll of
    a disaster have no interest, and whoever is liable for a spill wants it small.
    """
    if subject not in SUBJECTS:
        raise ValueError(f"no subject {subject!r}; there are: {one_of(SUBJECTS, subject)}")
    return dict(zip(SIDES, SUBJECTS[subject], strict=True)).get(role, NO_INTEREST)


def subject_of(setting: str, *, civilians: bool = False) -> str:
    """Subject (key of ``SUBJECTS``) of a figure in a setting; names of figures have no say."""
    if setting not in _OF_SETTING:
        raise ValueError(f"no setting {setting!r}; there are: {one_of(_OF_SETTING, setting)}")
    return "victims" if civilians and setting == "war" else _OF_SETTING[setting]


def interest_of(claims: ClaimSet, claim: Claim, *, setting: str, role: str) -> str:
    """Interest of a claim: as stated, else as role, setting and ``civilians`` imply."""
    if claim.interest:
        return claim.interest
    return judged_interest(role, counted_in(claims, claim.figure, setting))


def counted_in(claims: ClaimSet, figure: str, setting: str) -> str:
    """Subject of a figure or sum; one with civilians in it is one of victims."""
    civilians = any(claims.figures[base].civilians for base in claims.base_parts(figure))
    return subject_of(setting, civilians=civilians)
