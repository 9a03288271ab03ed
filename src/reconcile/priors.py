"""What is assumed before any claim is read: every prior constant of the model, with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as _replace
from types import MappingProxyType
from typing import Any

from reconcile._text import one_of
from reconcile.errors import ClaimError, Problem
from reconcile.sources import ROLES

__all__ = ["Priors", "RolePrior"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePrior:
    """How sources of one role err, on the log scale.

    Parameters
    ----------
    bias_mean_log : float
        Mean log ratio of what such a source says to the truth; -0.2 is 18 % too low.
    bias_sd_log : float
        Standard deviation of that ratio between sources, above 0.
    bound_failure : float
        Probability, in (0, 1), that an "at least", an "at most" or a verbal quantity of such a
        source says nothing about its reading.
    """

    bias_mean_log: float
    bias_sd_log: float
    bound_failure: float

    def __post_init__(self) -> None:
        _check("bias_mean_log", self.bias_mean_log, -math.inf, math.inf)
        _check("bias_sd_log", self.bias_sd_log, 0, math.inf)
        _check("bound_failure", self.bound_failure, 0, 1)


def _check(name: str, value: object, above: float, below: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < below:
        raise _prior_error(name, value, "not in its range", f"a number in ({above:g}, {below:g})")


def _prior_error(name: str, value: object, wrong: str, legal: str) -> ClaimError:
    return ClaimError([Problem(field=f"priors.{name}", value=value, wrong=wrong, legal=legal)])


_ROLES = MappingProxyType(
    {
        "own": RolePrior(bias_mean_log=-0.2, bias_sd_log=0.4, bound_failure=0.05),
        "enemy": RolePrior(bias_mean_log=0.9, bias_sd_log=0.5, bound_failure=0.2),
        "third": RolePrior(bias_mean_log=0.0, bias_sd_log=0.5, bound_failure=0.1),
        "expert": RolePrior(bias_mean_log=0.0, bias_sd_log=0.5, bound_failure=0.1),
        "media": RolePrior(bias_mean_log=0.0, bias_sd_log=0.5, bound_failure=0.1),
        "leak": RolePrior(bias_mean_log=0.0, bias_sd_log=1.0, bound_failure=0.2),
        "rumour": RolePrior(bias_mean_log=0.3, bias_sd_log=1.0, bound_failure=0.3),
    }
)
_SOUND = MappingProxyType({"standing": 0.95, "revised": 0.5, "withdrawn": 0.5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Prior constants of the model, all on the log scale of the figure.

    Parameters
    ----------
    roles : mapping of str to RolePrior, optional
        One for each role. Given roles replace the defaults, the others stay.
    common_bias_sd_log : float, default 0.2
        Standard deviation of the error that all claims of a population share. The claims cannot
        tell it: what is put here is what comes out.
    noise_median_log : float, default 0.15
        Median of the logistic scale of a single reading about its source's bias; one scale for
        each role.
    noise_sd_log : float, default 0.5
        Standard deviation of the logarithm of that scale.
    overconfidence_sd : float, default 1.0
        The scale that a stated range or interval implies is multiplied by 1 + HalfNormal(this).
    sound : mapping of str to float, optional
        Probability, by status, that a claim is a reading at all and not a gross error.
    unsound_scale_log : float, default 2.0
        Logistic scale of a claim that is not sound.
    figure_sd_log : float, default 2.0
        Standard deviation of a figure about the middle of what is claimed of it, where the case
        gives no ``plausible`` range; 2.0 puts 95 % within a factor of 50 either way.
    bound_slack : float, default 2.5
        Where only bounds speak of a figure, its prior is centred this factor below the lowest
        upper one or above the highest lower one; in the middle where there are both.
    path_days : float, default 30
        Days in which the log rate changes by about one of the next two.
    path_shared_sd : float, default 1.0
        Half-normal scale of the change of the log rate in that time, shared by the figures of a
        population.
    path_own_sd : float, default 0.5
        The same for the change of one figure apart from the others.

    Raises
    ------
    ClaimError
        If a constant is out of its range.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Priors().replace(common_bias_sd_log=0.4).common_bias_sd_log
    0.4
    """

    roles: Mapping[str, RolePrior] = field(default_factory=lambda: _ROLES)
    common_bias_sd_log: float = 0.2
    noise_median_log: float = 0.15
    noise_sd_log: float = 0.5
    overconfidence_sd: float = 1.0
    sound: Mapping[str, float] = field(default_factory=lambda: _SOUND)
    unsound_scale_log: float = 2.0
    figure_sd_log: float = 2.0
    bound_slack: float = 2.5
    path_days: float = 30.0
    path_shared_sd: float = 1.0
    path_own_sd: float = 0.5

    def __post_init__(self) -> None:
        legal = {"roles": ROLES, "sound": tuple(_SOUND)}
        for field_name, names in legal.items():
            for name in getattr(self, field_name):
                if name not in names:
                    raise _prior_error(field_name, name, "not one of them", one_of(names, name))
        for name, role in self.roles.items():
            if not isinstance(role, RolePrior):
                raise _prior_error(f"roles.{name}", role, "not a RolePrior", "a RolePrior")
        object.__setattr__(self, "roles", MappingProxyType({**_ROLES, **self.roles}))
        object.__setattr__(self, "sound", MappingProxyType({**_SOUND, **self.sound}))
        for status, probability in self.sound.items():
            _check(f"sound.{status}", probability, 0, 1)
        for name in self.__slots__:
            if name not in ("roles", "sound"):
                _check(name, getattr(self, name), 0, math.inf)

    def replace(self, **changes: Any) -> Priors:
        """The same priors with some constants changed.

        Parameters
        ----------
        **changes
            Any parameter of :class:`Priors`. A role named in ``roles`` is replaced whole.

        Returns
        -------
        Priors
        """
        for name in ("roles", "sound"):
            if name in changes:
                changes[name] = {**getattr(self, name), **changes[name]}
        return _replace(self, **changes)

    def __reduce__(self) -> tuple[object, ...]:
        values = {name: getattr(self, name) for name in self.__slots__}
        values |= {name: dict(values[name]) for name in ("roles", "sound")}
        return _priors, (values,)


def _priors(values: dict[str, Any]) -> Priors:
    return Priors(**values)
