"""The prior constants of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as _replace
from types import MappingProxyType
from typing import Any, Final

from reconcile.claims.set_checks import SETTINGS
from reconcile.priors.checks import (
    BY_KEY,
    NUMBERS,
    check_by_setting,
    check_names,
    check_range,
    merged,
)
from reconcile.priors.constants import (
    KNOWN_SD,
    BiasPrior,
    CompletenessPrior,
    RolePrior,
    SourcePrior,
)
from reconcile.priors.shipped import of_table, profile_table, shipped, table_of

__all__ = ["Priors", "priors_or_default"]

# Constants by setting, which may be given as one number for all.
_BY_SETTING: Final = ("register_noise", "difficulty_sd_log", "common_bias_sd_log", "common_tail")
_MAPPINGS: Final = ("roles", "sources", *BY_KEY, *NUMBERS)


def _default(name: str) -> Any:
    return field(default_factory=lambda: shipped()[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Prior constants of the model, all on the log scale of the figure.

    The defaults were learnt from the track record (:func:`reconcile.track_record`), whose cases
    were selected because claims disagreed, and from other cases that were not. They are those that
    best predict truths given the claims, so that this choice does not bear on them.

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
        Lower limit of a role's noise scale as a share, in (0, 1), of its median, however easy a
        figure is to know.
    noise_setting : mapping of str to float
        Factor that multiplies the noise of all roles, by setting.
    register_noise : float or mapping of str to float
        Factor that multiplies the noise of registered counts, by setting, or one number for all
        settings. Where it is below 1, that noise does not grow with the difficulty of the figure.
    documented_sound : float
        Probability, in (0, 1), that a registered count or a measurement with a stated error is no
        slip.
    camp_share : float
        Share, in (0, 1), of the variance of biases that is common to all sources of a population
        with the same role and the same interest in a low or a high number.
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
    common_best : float
        Power of the expected error of the best source in proportion to which that error grows; 0
        or more.
    common_share : float
        Share, from 0 to 1, of the variance of that error that is common to all figures of a case.
    measured_common : float
        The common error in the setting ``measurement``, as a multiple of a standard error.
    elicited_common : float
        So many times as much where stated ranges are wider than standard errors.
    elicited_own : float
        Power, from 0 to 1, of a width that an expert states beside the median one, if it is less.
    measured_typical : float
        Weight, from 0 to 1, of the median stated width beside the smallest one in that multiple.
    overconfidence_median : mapping of str to float
        Stated widths are multiplied by one plus this; by kind of width: ``between``, ``interval``
        and ``measured`` (standard errors in the setting ``measurement``).
    overconfidence_sd_log : float
        Standard deviation of the logarithm of that number.
    coarse_log : float
        Additional scale of a number with a single significant digit.
    count_dispersion : float
        Variance of a count of single things about their number, over that of a Poisson count.
    serial_share : float
        Share, in (0, 1), of the error of a source's last claim that carries over to its next one
        on the same day.
    serial_days : float
        Days in which that share falls by a factor of e; of a running total it stays higher.
    serial_follow : float
        Probability, from 0 to 1, that a source's next claim follows its last one: a slip is not
        repeated.
    copied_share : float
        Probability, in [0, 1), that a number is taken from an earlier source that was expected to
        know no less.
    fog_floor : float
        Share, in (0, 1), of its initial error that a source never loses.
    fog_difficulty : float
        Power of the difficulty in proportion to which the odds of that share grow: what is hard to
        know stays so; 0 or more.
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
        Standard deviation of the log weights of parts that no number tells apart.
    path_days : float
        Days in which the log rate changes by about one of the two standard deviations below.
    path_shared_sd : float
        Median standard deviation of the change of the log rate over that time, shared by the
        figures of a population; itself uncertain by a factor of about two.
    path_own_sd : float
        The same for changes specific to a single figure.
    linear : mapping of str to float
        Figures on the natural scale: ``common_`` constants are of what all sources have in common,
        ``alone_`` ones of a single source, ``stated_flat`` and ``power_`` ones of how far several
        are apart (docs/linear.md).
    sources : mapping of str to SourcePrior
        What is known of sources by their names, as claims write them; the default knows none.
    learnt_from : str
        What the constants were learnt from.

    Raises
    ------
    ClaimError
        If a constant is out of range.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Priors().replace(common_bias_sd_log=0.4).by_setting("common_bias_sd_log", "war")
    0.4
    """

    biases: Mapping[str, BiasPrior] = _default("biases")
    roles: Mapping[str, RolePrior] = _default("roles")
    completeness: Mapping[str, CompletenessPrior] = _default("completeness")
    settling: Mapping[str, CompletenessPrior] = _default("settling")
    noise_floor: float = _default("noise_floor")
    noise_setting: Mapping[str, float] = _default("noise_setting")
    register_noise: float | Mapping[str, float] = _default("register_noise")
    documented_sound: float = _default("documented_sound")
    camp_share: float = _default("camp_share")
    group_share: float = _default("group_share")
    category_sd_log: float = _default("category_sd_log")
    drift_sd_log: float = _default("drift_sd_log")
    difficulty_sd_log: float | Mapping[str, float] = _default("difficulty_sd_log")
    common_bias_sd_log: float | Mapping[str, float] = _default("common_bias_sd_log")
    common_tail: float | Mapping[str, float] = _default("common_tail")
    common_difficulty: float = _default("common_difficulty")
    common_best: float = _default("common_best")
    common_share: float = _default("common_share")
    measured_common: float = _default("measured_common")
    elicited_common: float = _default("elicited_common")
    elicited_own: float = _default("elicited_own")
    measured_typical: float = _default("measured_typical")
    overconfidence_median: Mapping[str, float] = _default("overconfidence_median")
    overconfidence_sd_log: float = _default("overconfidence_sd_log")
    coarse_log: float = _default("coarse_log")
    count_dispersion: float = _default("count_dispersion")
    serial_share: float = _default("serial_share")
    serial_days: float = _default("serial_days")
    serial_follow: float = _default("serial_follow")
    copied_share: float = _default("copied_share")
    fog_floor: float = _default("fog_floor")
    fog_difficulty: float = _default("fog_difficulty")
    unsound_scale_log: float = _default("unsound_scale_log")
    unsound_bound_log: float = _default("unsound_bound_log")
    figure_sd_log: float = _default("figure_sd_log")
    unknown_sd_log: float = _default("unknown_sd_log")
    part_sd_log: float = _default("part_sd_log")
    path_days: float = _default("path_days")
    path_shared_sd: float = _default("path_shared_sd")
    path_own_sd: float = _default("path_own_sd")
    linear: Mapping[str, float] = _default("linear")
    sources: Mapping[str, SourcePrior] = _default("sources")
    learnt_from: str = _default("learnt_from")

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in (*_MAPPINGS, *_BY_SETTING)}
        check_names({name: given[name] for name in _MAPPINGS})
        complete = {name: merged(name, shipped()[name], given[name]) for name in _MAPPINGS}
        for name in _BY_SETTING:
            value = given[name]
            by_setting = value if isinstance(value, Mapping) else dict.fromkeys(SETTINGS, value)
            check_by_setting(name, by_setting)
            complete[name] = {**shipped()[name], **by_setting}
        for name, values in complete.items():
            object.__setattr__(self, name, MappingProxyType(values))
        for name in self.__slots__:
            if name not in (*complete, "learnt_from"):
                check_range(name, getattr(self, name))

    @classmethod
    def of(cls, profile: str) -> Priors:
        """The priors of a shipped profile: the defaults, and what cases of one field taught.

        Parameters
        ----------
        profile : str
            Such as ``"poll"``; docs/profiles.md lists all.

        Returns
        -------
        Priors

        Raises
        ------
        ClaimError
            If there is no such profile.

        Examples
        --------
        >>> import reconcile as rc
        >>> rc.Priors.of("poll") == rc.Priors()
        False
        """
        return cls.of_table(profile_table(profile))

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
        return float(getattr(self, name)[setting])  # expanded by __post_init__

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
            Any parameter of :class:`Priors`. An entry of ``roles`` replaces the old
            one entirely; one of ``biases``, ``completeness`` or ``settling`` also replaces
            everything more specific.

        Returns
        -------
        Priors
        """
        for name in (*_MAPPINGS, *_BY_SETTING):
            if isinstance(changes.get(name), Mapping):
                changes[name] = merged(name, getattr(self, name), changes[name])
        return _replace(self, **changes)

    def as_table(self) -> dict[str, Any]:
        """All constants in a form that JSON can represent.

        Returns
        -------
        dict
            Input of :meth:`of_table`.
        """
        return {name: table_of(getattr(self, name)) for name in self.__slots__}

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


def priors_or_default(priors: Priors | None) -> Priors:
    """The priors given, or the defaults for None; raises TypeError for anything else."""
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")
    return priors or Priors()
