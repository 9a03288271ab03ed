"""Who speaks: a source, its role to each population, and the group it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconcile._text import one_of
from reconcile.errors import ClaimError, Problem

__all__ = ["ROLES", "Source"]

ROLES = ("own", "enemy", "third", "expert", "media", "leak", "rumour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who makes claims.

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
        problems = []
        if not self.name.strip():
            problems.append(
                Problem(
                    field="sources", value=self.name, wrong="a source needs a name", legal="text"
                )
            )
        for population, role in self.roles.items():
            if role not in ROLES:
                problems.append(
                    Problem(
                        field=f"sources.{self.name}.roles.{population}",
                        value=role,
                        wrong="not a role",
                        legal=one_of(ROLES, role),
                    )
                )
        if problems:
            raise ClaimError(problems)
        object.__setattr__(self, "roles", MappingProxyType(dict(self.roles)))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled; the mapping it shows can.
        return _source, (self.name, dict(self.roles), self.group)

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


def _source(name: str, roles: dict[str, str], group: str) -> Source:
    return Source(name=name, roles=roles, group=group)
