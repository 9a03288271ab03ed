"""Sources, with their roles and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from reconcile._text import one_of, tidy
from reconcile.errors import ClaimError, Problem

__all__ = ["ROLES", "Source"]

ROLES = ("own", "enemy", "third", "expert", "media", "leak", "rumour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of claims.

    Parameters
    ----------
    name : str
        Its name, as claims write it.
    roles : mapping of str to str, optional
        Its role by population: one of ``own``, ``enemy``, ``third``, ``expert``, ``media``,
        ``leak``, ``rumour``. The key ``"*"`` stands for every population not named.
    group : str, optional
        The group it belongs to (an alliance, a news agency).

    Raises
    ------
    ClaimError
        If a role is unknown.

    Examples
    --------
    >>> import reconcile as rc
    >>> army = rc.Source(name="Army of A", roles={"A": "own", "B": "enemy"})
    >>> army.role_to("B")
    'enemy'
    """

    name: str
    roles: Mapping[str, str] = field(default_factory=dict)
    group: str = ""

    def __post_init__(self) -> None:
        problems = list(_source_problems(self))
        if problems:
            raise ClaimError(problems)
        for key in ("name", "group"):
            object.__setattr__(self, key, tidy(getattr(self, key)))
        roles = {tidy(population): role for population, role in self.roles.items()}
        object.__setattr__(self, "roles", MappingProxyType(roles))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled.
        return partial(Source, name=self.name, roles=dict(self.roles), group=self.group), ()

    def role_to(self, population: str) -> str:
        """Role of this source to a population, empty where none is known.

        Parameters
        ----------
        population : str
            Whose figure is spoken of.

        Returns
        -------
        str
            A role, or ``""``.
        """
        return self.roles.get(population, self.roles.get("*", ""))


def _source_problems(source: Source) -> Iterator[Problem]:
    """Problems of one source, by the keys of ``case.toml``."""
    prefix = f"sources.{source.name}"

    def problem(key: str, value: object, wrong: str, legal: str) -> Problem:
        return Problem(field=f"{prefix}.{key}", value=value, wrong=wrong, legal=legal)

    if not isinstance(source.name, str) or not source.name.strip():
        yield problem("name", source.name, "a source needs a name", "a non-empty text")
    if not isinstance(source.group, str):
        yield problem("group", source.group, "not text", "text")
    if not isinstance(source.roles, Mapping):
        yield problem("roles", source.roles, "not a table", "a role for each population")
        return
    for population, role in source.roles.items():
        if not isinstance(population, str):
            yield problem("roles", population, "a population that is not text", "text")
        if role not in ROLES:
            yield problem(f"roles.{population}", role, "unknown role", one_of(ROLES, role))
