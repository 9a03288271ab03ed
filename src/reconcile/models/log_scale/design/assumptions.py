"""What is assumed where a case does not say: what runs, and who would like which number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconcile._text import few_of
from reconcile.claims.claim_set import ClaimSet
from reconcile.errors import AssumptionWarning, warn
from reconcile.models.log_scale.design.interests import SIDES, SUBJECTS
from reconcile.models.log_scale.design.situations import Context

__all__ = ["assumptions_of"]


def assumptions_of(
    claims: ClaimSet, contexts: Mapping[str, Context], subjects: Iterable[str]
) -> tuple[str, ...]:
    """What is assumed of the figures and their sources; warns once of all that is a guess.

    ``subjects`` are those whose interest is judged.
    """
    guesses = [*_of_accrual(claims), *_of_setting(claims, contexts), *_of_figures(claims, contexts)]
    if guesses:
        warn(f"assumed, since the case does not say: {'; '.join(guesses)}", AssumptionWarning)
    return (*guesses, *map(_of_subject, dict.fromkeys(subjects)))


def _of_accrual(claims: ClaimSet) -> Iterator[str]:
    for accrues, what in (
        (True, "runs (a total to each date), since"),
        (False, "is one fixed number, although"),
    ):
        names = [n for n in claims.figures if n in claims.guessed]
        names = [n for n in names if claims.figures[n].accrues == accrues]
        if names:
            reason = f"its claims have several dates (setting {claims.setting!r})"
            yield (
                f"{few_of(names)}: {what} {reason}; say accrues = true or false at the "
                "figure in case.toml, or give the end of the event"
            )


def _of_setting(claims: ClaimSet, contexts: Mapping[str, Context]) -> Iterator[str]:
    """That a case in which somebody is an enemy is no war."""
    if "enemy" in claims.claim_roles and {c.setting for c in contexts.values()} == {"other"}:
        yield (
            "no war, although a source has the role 'enemy': say setting = 'war' in case.toml if "
            "it is one"
        )


def _of_figures(claims: ClaimSet, contexts: Mapping[str, Context]) -> Iterator[str]:
    """Figures of a war that are taken for combatants."""
    names: dict[str, None] = {}
    if all(context.setting != "war" for context in contexts.values()):
        return
    groups = zip(claims.claims, claims.claim_roles, strict=True)
    for claim, role in groups:
        if role in SIDES and not claim.interest and contexts[claim.population].setting == "war":
            names[claim.figure] = None
    open_ = [
        name
        for name in names
        if all(claims.figures[base].civilians is None for base in claims.base_parts(name))
    ]
    if open_:
        yield (
            f"{few_of(open_)}: combatants are counted; say civilians = true or false at the figure "
            "in case.toml, or fill in the column interest"
        )


def _of_subject(subject: str) -> str:
    """The rule for the interest of the two sides."""
    wishes = dict(zip(SIDES, SUBJECTS[subject], strict=True))
    told = ", ".join(f"{role} {wish}" for role, wish in wishes.items())
    return f"interest where none is stated, figures of {subject}: {told}, others none"
