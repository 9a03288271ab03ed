"""The prior constants of the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as _replace
from types import MappingProxyType
from typing import Any, Final

from reconcile._text import one_of
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.priors.constants import (
    KNOWN_SD,
    BiasPrior,
    CompletenessPrior,
    RolePrior,
    check_constants,
    prior_error,
)
from reconcile.priors.tables import BY_KEY, REGISTERS, check_key, merged, of_table, shipped

__all__ = ["STATED", "Priors", "priors_or_default"]

# Kinds of stated width, each with its own overconfidence.
STATED: Final = ("between", "interval", "measured")
# Constants by setting, which may be given as one number for all.
_BY_SETTING: Final = ("difficulty_sd_log", "common_bias_sd_log", "common_tail")
_SHARES: Final = ("camp_share", "group_share", "serial_share", "fog_floor", "noise_floor")
# May be 0, and at most this.
_FROM_ZERO: Final = MappingProxyType(
    {
        **dict.fromkeys(("difficulty_sd_log", "common_tail", "common_difficulty"), math.inf),
        **dict.fromkeys(("common_share", "serial_follow"), 1.0),
    }
)


def _default(name: str) -> Any:
    return field(default_factory=lambda: shipped(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Prior constants of the model, all on the log scale of the figure.

    The defaults were learnt from the track record (:func:`reconcile.track_record`), whose cases
    were selected because claims disagreed, so errors are more common there than usual.

    Parameters
    ----------
    biases : mapping of str to BiasPrior, optional
        By role, ``"own"``; by role and interest, ``"own/low"``; or by role, interest and setting,
        ``"own/low/war"``. The most specific one applies; an entry given here replaces all more
        specific defaults.
    roles : mapping of str to RolePrior, optional
        By role. Roles not given keep their defaults.
    completeness : mapping of str to CompletenessPrior, optional
        Completeness of registered counts (kind ``confirmed``) by role, ``"own"``, or by role and
        setting, ``"own/disaster"``. The most specific one applies; an entry given here replaces
        all more specific defaults.
    settling : mapping of str to CompletenessPrior, optional
        Completeness of the counts behind numbers of other kinds, with the same keys. Where there
        is none, numbers are not taken to come from a count that still grows.
    noise_floor : float
        Lower limit of a role's noise scale as a share, in (0, 1), of its median: the agreement of
        a few claims does not prove that they are accurate.
    noise_setting : mapping of str to float
        Factor that multiplies the noise of all roles, by setting.
    camp_share : float
        Share, in (0, 1), of the variance of biases that is common to all sources of a population
        with the same role and interest.
    group_share : float
        The same for sources of one declared group.
    category_sd_log : float
        Standard deviation of a source's bias between figures.
    drift_sd_log : float
        Standard deviation of the change of a source's bias in a year.
    difficulty_sd_log : float or mapping of str to float
        Standard deviation of the logarithm of a figure's difficulty, the factor on all errors of
        its sources, by setting, or one number for all settings; 0 or more.
    common_bias_sd_log : float or mapping of str to float
        Standard deviation of the error common to all claims about a figure of usual difficulty, by
        setting, or one number for all settings.
    common_tail : float or mapping of str to float
        Weight of the tails of that error (the ``h`` of Tukey's distribution), by setting, or one
        number for all settings; 0 for a normal distribution.
    common_difficulty : float
        Power of the difficulty in proportion to which that error grows; 0 or more.
    common_share : float
        Share, from 0 to 1, of the variance of that error that is common to all figures of a case.
    measured_common : float
        The common error in the setting ``measurement``, as a multiple of the smallest stated
        width.
    overconfidence_median : mapping of str to float
        Stated widths are multiplied by one plus this; by kind of width: ``between``, ``interval``
        and ``measured`` (in the setting ``measurement``).
    overconfidence_sd_log : float
        Standard deviation of the logarithm of that number.
    coarse_log : float
        Additional scale of a number with a single significant digit.
    serial_share : float
        Share, in (0, 1), of the error of a source's last claim that carries over to its next one
        on the same day.
    serial_days : float
        Days in which that share falls by a factor of e.
    serial_follow : float
        Probability, from 0 to 1, that a source's next claim follows its last one: a slip is not
        repeated.
    fog_floor : float
        Share, in (0, 1), of its initial error that a source never loses.
    unsound_scale_log : float
        Logistic scale of a claim that is not sound.
    unsound_bound_log : float
        The same for a bound: how far off failed bounds are.
    figure_sd_log : float
        Standard deviation of a figure about the middle of its numbers, if the case gives no
        ``plausible`` range; 3.0 puts 95 % within a factor of 357 either way.
    unknown_sd_log : float
        Standard deviation about 100 of a figure for which no claim gives a number.
    part_sd_log : float
        Standard deviation of the log weights of parts that no number tells apart: two of them are
        equal in the median, and one is ``exp(sqrt(2) * part_sd_log)`` times the other in one case
        of six.
    path_days : float
        Days in which the log rate changes by about one of the two standard deviations below.
    path_shared_sd : float
        Median standard deviation of the change of the log rate over that time, shared by the
        figures of a population; itself uncertain by a factor of about two.
    path_own_sd : float
        The same for changes specific to a single figure.
    learnt_from : str
        What the constants were learnt from.

    Raises
    ------
    ClaimError
        If a constant is out of range.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Priors().replace(common_bias_sd_log=0.4).common_sd_of("war")
    0.4
    """

    biases: Mapping[str, BiasPrior] = _default("biases")
    roles: Mapping[str, RolePrior] = _default("roles")
    completeness: Mapping[str, CompletenessPrior] = _default("completeness")
    settling: Mapping[str, CompletenessPrior] = _default("settling")
    noise_floor: float = _default("noise_floor")
    noise_setting: Mapping[str, float] = _default("noise_setting")
    camp_share: float = _default("camp_share")
    group_share: float = _default("group_share")
    category_sd_log: float = _default("category_sd_log")
    drift_sd_log: float = _default("drift_sd_log")
    difficulty_sd_log: float | Mapping[str, float] = _default("difficulty_sd_log")
    common_bias_sd_log: float | Mapping[str, float] = _default("common_bias_sd_log")
    common_tail: float | Mapping[str, float] = _default("common_tail")
    common_difficulty: float = _default("common_difficulty")
    common_share: float = _default("common_share")
    measured_common: float = _default("measured_common")
    overconfidence_median: Mapping[str, float] = _default("overconfidence_median")
    overconfidence_sd_log: float = _default("overconfidence_sd_log")
    coarse_log: float = _default("coarse_log")
    serial_share: float = _default("serial_share")
    serial_days: float = _default("serial_days")
    serial_follow: float = _default("serial_follow")
    fog_floor: float = _default("fog_floor")
    unsound_scale_log: float = _default("unsound_scale_log")
    unsound_bound_log: float = _default("unsound_bound_log")
    figure_sd_log: float = _default("figure_sd_log")
    unknown_sd_log: float = _default("unknown_sd_log")
    part_sd_log: float = _default("part_sd_log")
    path_days: float = _default("path_days")
    path_shared_sd: float = _default("path_shared_sd")
    path_own_sd: float = _default("path_own_sd")
    learnt_from: str = _default("learnt_from")

    def __post_init__(self) -> None:
        self._check_names()
        complete: dict[str, Any] = {
            "roles": {**shipped("roles"), **self.roles},
            **{name: merged(shipped(name), getattr(self, name)) for name in BY_KEY},
        }
        for name in _NUMBERS:
            complete[name] = {**shipped(name), **getattr(self, name)}
        for name, values in complete.items():
            object.__setattr__(self, name, MappingProxyType(values))
        for name in _NUMBERS:
            for key, value in getattr(self, name).items():
                check_constants(f"{name}.{key}", value, 0, math.inf)
        for name in _BY_SETTING:
            self._expand(name)
        for name in self.__slots__:
            if name not in (*_MAPPINGS, *_BY_SETTING, "learnt_from"):
                _check(name, getattr(self, name))

    def _check_names(self) -> None:
        """Check that every key is known and every entry has the right type."""
        legal = {
            "roles": ROLES,
            "noise_setting": SETTINGS,
            "overconfidence_median": STATED,
        }
        for name, known in legal.items():
            for key in getattr(self, name):
                if key not in known:
                    raise prior_error(name, key, "unknown key", one_of(known, key))
        for name, parts in BY_KEY.items():
            for key in getattr(self, name):
                check_key(name, key, parts)
        kinds = {"roles": RolePrior, "biases": BiasPrior}
        kinds |= dict.fromkeys(REGISTERS, CompletenessPrior)
        for name, kind in kinds.items():
            for key, value in getattr(self, name).items():
                if not isinstance(value, kind):
                    wrong = f"not a {kind.__name__}"
                    raise prior_error(f"{name}.{key}", value, wrong, f"a {kind.__name__}")

    def _expand(self, name: str) -> None:
        """Expand a constant by setting to all settings and check it."""
        given = getattr(self, name)
        by_setting = given if isinstance(given, Mapping) else dict.fromkeys(SETTINGS, given)
        for setting, value in by_setting.items():
            if setting not in SETTINGS:
                raise prior_error(name, setting, "unknown setting", one_of(SETTINGS, setting))
            _check(name, value)
        complete = {**shipped(name), **by_setting}
        object.__setattr__(self, name, MappingProxyType(complete))

    def common_sd_of(self, setting: str) -> float:
        """Standard deviation of the error common to all claims about a figure.

        Parameters
        ----------
        setting : str
            Setting of the case.

        Returns
        -------
        float
            Log scale.
        """
        return self.by_setting("common_bias_sd_log", setting)

    def by_setting(self, name: str, setting: str) -> float:
        """A constant that differs by setting.

        Parameters
        ----------
        name : str
            ``"difficulty_sd_log"``, ``"common_bias_sd_log"`` or ``"common_tail"``.
        setting : str
            Setting of the case.

        Returns
        -------
        float

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Priors(common_tail=0.1).by_setting("common_tail", "war")
        0.1
        """
        found: Mapping[str, float] = getattr(self, name)  # expanded by __post_init__
        return found[setting]

    def register_of(
        self, role: str, setting: str, *, kind: str = "settling"
    ) -> CompletenessPrior | None:
        """The most specific prior of the completeness of a count.

        Parameters
        ----------
        role, setting : str
            Role of the source, and setting of the case.
        kind : {"settling", "completeness"}
            Whether the count is behind a plain number or a ``confirmed`` one.

        Returns
        -------
        CompletenessPrior or None
            None if such numbers are not taken to come from a count.

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Priors().register_of("media", "economy") is None
        True
        """
        known: Mapping[str, CompletenessPrior] = getattr(self, kind)
        return known.get(f"{role}/{setting}") or known.get(role)

    def bias_of(self, role: str, interest: str, setting: str) -> BiasPrior:
        """The most specific prior of a bias.

        Parameters
        ----------
        role, interest, setting : str
            Role and interest of the source, and setting of the case.

        Returns
        -------
        BiasPrior

        Examples
        --------
        >>> import reconcile as rc
        >>> own = rc.BiasPrior(mean_log=-0.5, sd_log=0.4)
        >>> rc.Priors(biases={"own": own}).bias_of("own", "low", "war").mean_log
        -0.5
        """
        for key in (f"{role}/{interest}/{setting}", f"{role}/{interest}", role):
            if key in self.biases:
                return self.biases[key]
        raise KeyError(role)

    def without_bias(self) -> Priors:
        """A copy in which no role is expected to over- or understate.

        Returns
        -------
        Priors
            With the mean of every bias fixed at 0.
        """
        flat = {
            key: _replace(bias, mean_log=0.0, mean_sd_log=KNOWN_SD)
            for key, bias in self.biases.items()
        }
        return _replace(self, biases=flat)

    def replace(self, **changes: Any) -> Priors:
        """A copy with some constants changed.

        Parameters
        ----------
        **changes
            Any parameter of :class:`Priors`. An entry of ``roles`` replaces that role entirely; an
            entry of ``biases``, ``completeness`` or ``settling`` also replaces everything more
            specific.

        Returns
        -------
        Priors
        """
        for name in ("roles", *_NUMBERS, *_BY_SETTING):
            if isinstance(changes.get(name), Mapping):
                changes[name] = {**getattr(self, name), **changes[name]}
        for name in BY_KEY:
            if name in changes:
                changes[name] = merged(getattr(self, name), changes[name])
        return _replace(self, **changes)

    def as_table(self) -> dict[str, Any]:
        """All constants in a form that JSON can represent.

        Returns
        -------
        dict
            Input of :meth:`of_table`.
        """
        table: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, Mapping):
                table[name] = {
                    key: v if isinstance(v, float | int) else asdict(v) for key, v in value.items()
                }
            else:
                table[name] = value
        return table

    @classmethod
    def of_table(cls, table: Mapping[str, Any]) -> Priors:
        """Priors from the output of :meth:`as_table`.

        Parameters
        ----------
        table : mapping
            Constants by name.

        Returns
        -------
        Priors

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Priors.of_table(rc.Priors().as_table()) == rc.Priors()
        True
        """
        return cls(**{name: of_table(name, value) for name, value in table.items()})

    def __reduce__(self) -> tuple[object, ...]:
        return Priors.of_table, (self.as_table(),)


_NUMBERS: Final = ("noise_setting", "overconfidence_median")
_MAPPINGS: Final = ("roles", *BY_KEY, *_NUMBERS)


def _check(name: str, value: object) -> None:
    """Raise unless a constant is in its range."""
    if name not in _FROM_ZERO:
        check_constants(name, value, 0, 1 if name in _SHARES else math.inf)
    elif value not in (0, 1) or isinstance(value, bool):
        check_constants(name, value, 0, _FROM_ZERO[name])


def priors_or_default(priors: Priors | None) -> Priors:
    """The priors given, or the defaults for None; raises TypeError for anything else."""
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")
    return priors or Priors()
