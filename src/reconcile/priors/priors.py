"""What is assumed before any claim is read: every prior constant of the model."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as _replace
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from reconcile._text import one_of
from reconcile.claims.fields import INTERESTS
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

__all__ = ["Priors", "priors_or_default"]

# Kinds of stated width, each with its own overconfidence.
_STATED: Final = ("between", "interval", "measured")
_SHARES: Final = ("camp_share", "group_share", "serial_share", "fog_floor", "noise_floor")


@functools.cache
def _shipped() -> Mapping[str, Any]:
    """The default priors, as ``benchmarks/track_record.py`` wrote them."""
    text = (files("reconcile") / "data" / "default_priors.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return MappingProxyType(loaded)


def _default(name: str) -> Any:
    return field(default_factory=lambda: _of_table(name, _shipped()["priors"][name]))


def _of_table(name: str, value: Any) -> Any:
    if name == "biases":
        return {key: BiasPrior(**entry) for key, entry in value.items()}
    if name == "roles":
        return {key: RolePrior(**entry) for key, entry in value.items()}
    if name == "completeness":
        return {key: CompletenessPrior(**entry) for key, entry in value.items()}
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Prior constants of the model, all on the log scale of the figure.

    The defaults were learnt from the track record (:func:`reconcile.track_record`); its cases were
    chosen because claims differed, so errors are more common in it than elsewhere.

    Parameters
    ----------
    biases : mapping of str to BiasPrior, optional
        By role, ``"own"``; or by role and interest, ``"own/low"``; or by role, interest and
        setting, ``"own/low/war"``. The most specific one counts; one that is given takes the
        place of all defaults that are more specific.
    roles : mapping of str to RolePrior, optional
        One for each role. Given roles replace the defaults, the others stay.
    completeness : mapping of str to CompletenessPrior, optional
        One for each role, of registered counts. Given roles replace the defaults, the others stay.
    noise_floor : float
        Share, in (0, 1), of the median scale of a role's noise that is left however well the
        claims agree: agreement of a few claims is no proof of accuracy.
    noise_setting : mapping of str to float
        What the noise of all roles is multiplied by, by setting.
    camp_share : float
        Share, in (0, 1), of the variance of biases that all sources of a population with one role
        and interest have in common.
    group_share : float
        The same for sources of one declared group.
    category_sd_log : float
        Standard deviation of the bias of a source between the figures it speaks of.
    drift_sd_log : float
        Standard deviation of the change of a source's bias in a year.
    common_bias_sd_log : float or mapping of str to float
        Standard deviation of the error that all claims of a population share, by setting; one
        number holds for all settings. The claims cannot tell it: what is put here is what comes
        out.
    common_per_scatter : float
        By how much it is larger, in quadrature, for each unit by which the sources contradict each
        other; 0 or more.
    measured_common : float
        The same in the setting ``measurement``, as a multiple of the smallest stated width.
    overconfidence_median : mapping of str to float
        By how much stated widths are too narrow: they are multiplied by one plus this; for
        ``between``, ``interval`` and ``measured``, which are stated widths of measurements.
    overconfidence_sd_log : float
        Standard deviation of the logarithm of that number.
    coarse_log : float
        Further scale of a number with a single significant digit.
    serial_share : float
        Share, in (0, 1), of the deviation of a source's last figure from its bias that stays in
        its next one on the same day.
    serial_days : float
        Days in which that share falls by a factor of e.
    fog_floor : float
        Share, in (0, 1), of its first error that a source keeps for ever.
    unsound_scale_log : float
        Logistic scale of a claim that is not sound.
    figure_sd_log : float
        Standard deviation of a figure about the middle of what is claimed of it, where the case
        gives no ``plausible`` range; 2.0 puts 95 % within a factor of 50 either way.
    bound_sd_log : float
        The same where only bounds speak of a figure.
    bound_slack : float
        Where only bounds speak of a figure, its prior is centred this factor below the lowest
        upper one or above the highest lower one; in the middle where there are both.
    path_days : float
        Days in which the log rate changes by about one of the next two.
    path_shared_sd : float
        Median standard deviation of the change of the log rate in that time, shared by the figures
        of a population; it is known to a factor of two or so.
    path_own_sd : float
        The same for the changes of single figures apart from the others.
    learnt_from : str
        What the constants were learnt from.

    Raises
    ------
    ClaimError
        If a constant is out of its range.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Priors().replace(common_bias_sd_log=0.4).common_sd_of("war")
    0.4
    """

    biases: Mapping[str, BiasPrior] = _default("biases")
    roles: Mapping[str, RolePrior] = _default("roles")
    completeness: Mapping[str, CompletenessPrior] = _default("completeness")
    noise_floor: float = _default("noise_floor")
    noise_setting: Mapping[str, float] = _default("noise_setting")
    camp_share: float = _default("camp_share")
    group_share: float = _default("group_share")
    category_sd_log: float = _default("category_sd_log")
    drift_sd_log: float = _default("drift_sd_log")
    common_bias_sd_log: float | Mapping[str, float] = _default("common_bias_sd_log")
    common_per_scatter: float = _default("common_per_scatter")
    measured_common: float = _default("measured_common")
    overconfidence_median: Mapping[str, float] = _default("overconfidence_median")
    overconfidence_sd_log: float = _default("overconfidence_sd_log")
    coarse_log: float = _default("coarse_log")
    serial_share: float = _default("serial_share")
    serial_days: float = _default("serial_days")
    fog_floor: float = _default("fog_floor")
    unsound_scale_log: float = _default("unsound_scale_log")
    figure_sd_log: float = _default("figure_sd_log")
    bound_sd_log: float = _default("bound_sd_log")
    bound_slack: float = _default("bound_slack")
    path_days: float = _default("path_days")
    path_shared_sd: float = _default("path_shared_sd")
    path_own_sd: float = _default("path_own_sd")
    learnt_from: str = _default("learnt_from")

    def __post_init__(self) -> None:
        self._check_names()
        shipped = {name: _of_table(name, _shipped()["priors"][name]) for name in _MAPPINGS}
        complete: dict[str, Any] = {
            "biases": _with_biases(shipped["biases"], self.biases),
            "roles": {**shipped["roles"], **self.roles},
            "completeness": {**shipped["completeness"], **self.completeness},
        }
        for name in _NUMBERS:
            complete[name] = {**shipped[name], **getattr(self, name)}
        for name, values in complete.items():
            object.__setattr__(self, name, MappingProxyType(values))
        for name in _NUMBERS:
            for key, value in getattr(self, name).items():
                check_constants(f"{name}.{key}", value, 0, math.inf)
        self._check_common()
        if self.common_per_scatter != 0:
            check_constants("common_per_scatter", self.common_per_scatter, 0, math.inf)
        for name in self.__slots__:
            if name not in (*_MAPPINGS, *_APART):
                check_constants(name, getattr(self, name), 0, 1 if name in _SHARES else math.inf)

    def _check_names(self) -> None:
        """Check that every key is known and every entry of its kind."""
        legal = {
            "roles": ROLES,
            "completeness": ROLES,
            "noise_setting": SETTINGS,
            "overconfidence_median": _STATED,
        }
        for name, known in legal.items():
            for key in getattr(self, name):
                if key not in known:
                    raise prior_error(name, key, "not one of them", one_of(known, key))
        for key in self.biases:
            _check_bias_key(key)
        kinds = {"roles": RolePrior, "completeness": CompletenessPrior, "biases": BiasPrior}
        for name, kind in kinds.items():
            for key, value in getattr(self, name).items():
                if not isinstance(value, kind):
                    wrong = f"not a {kind.__name__}"
                    raise prior_error(f"{name}.{key}", value, wrong, f"a {kind.__name__}")

    def _check_common(self) -> None:
        """Make one number into one for every setting, and check them."""
        name, given = "common_bias_sd_log", self.common_bias_sd_log
        by_setting = given if isinstance(given, Mapping) else dict.fromkeys(SETTINGS, given)
        for setting, value in by_setting.items():
            if setting not in SETTINGS:
                raise prior_error(name, setting, "not a setting", one_of(SETTINGS, setting))
            check_constants(name, value, 0, math.inf)
        complete = {**_shipped()["priors"][name], **by_setting}
        object.__setattr__(self, name, MappingProxyType(complete))

    def common_sd_of(self, setting: str) -> float:
        """Standard deviation of the error common to all claims.

        Parameters
        ----------
        setting : str
            Of the case.

        Returns
        -------
        float
            Log scale.
        """
        assert isinstance(self.common_bias_sd_log, Mapping)  # made one when the priors were made
        return self.common_bias_sd_log[setting]

    def bias_of(self, role: str, interest: str, setting: str) -> BiasPrior:
        """The most specific prior of a bias.

        Parameters
        ----------
        role, interest, setting : str
            Of a source, its interest in a figure, and the case.

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
        """The same priors, with no role expected to say too much or too little.

        Returns
        -------
        Priors
            With the mean of every bias known to be 0.
        """
        flat = {
            key: _replace(bias, mean_log=0.0, mean_sd_log=KNOWN_SD)
            for key, bias in self.biases.items()
        }
        return _replace(self, biases=flat)

    def replace(self, **changes: Any) -> Priors:
        """The same priors with some constants changed.

        Parameters
        ----------
        **changes
            Any parameter of :class:`Priors`. A role named in ``roles`` is replaced whole, and one
            named in ``biases`` with everything more specific.

        Returns
        -------
        Priors
        """
        for name in ("roles", "completeness", *_NUMBERS):
            if name in changes:
                changes[name] = {**getattr(self, name), **changes[name]}
        if isinstance(changes.get("common_bias_sd_log"), Mapping):
            assert isinstance(self.common_bias_sd_log, Mapping)
            changes["common_bias_sd_log"] = {
                **self.common_bias_sd_log,
                **changes["common_bias_sd_log"],
            }
        if "biases" in changes:
            changes["biases"] = _with_biases(dict(self.biases), changes["biases"])
        return _replace(self, **changes)

    def as_table(self) -> dict[str, Any]:
        """All constants as plain numbers and texts, as JSON holds them.

        Returns
        -------
        dict
            :meth:`of_table` makes priors of it again.
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
        """Priors from what :meth:`as_table` gave.

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
        return cls(**{name: _of_table(name, value) for name, value in table.items()})

    def __reduce__(self) -> tuple[object, ...]:
        return Priors.of_table, (self.as_table(),)


_NUMBERS: Final = ("noise_setting", "overconfidence_median")
# Checked apart from the other numbers.
_APART: Final = ("learnt_from", "common_bias_sd_log", "common_per_scatter")
_MAPPINGS: Final = ("biases", "roles", "completeness", "noise_setting", "overconfidence_median")


def _check_bias_key(key: str) -> None:
    for part, known in zip(key.split("/"), (ROLES, INTERESTS, SETTINGS), strict=False):
        if part not in known:
            raise prior_error("biases", key, f"{part!r} is unknown", one_of(known, part))
    if key.count("/") > 2:
        raise prior_error("biases", key, "too many parts", "role/interest/setting")


def _with_biases(
    old: Mapping[str, BiasPrior], new: Mapping[str, BiasPrior]
) -> dict[str, BiasPrior]:
    """New biases over old ones; what is more specific than a new one is dropped."""
    kept = {key: bias for key, bias in old.items() if not any(name in new for name in _above(key))}
    return {**kept, **new}


def _above(key: str) -> tuple[str, ...]:
    """A key of biases, and all that are less specific."""
    parts = key.split("/")
    return tuple("/".join(parts[: k + 1]) for k in range(len(parts)))


def priors_or_default(priors: Priors | None) -> Priors:
    """The priors given, or the defaults for None; raises TypeError for anything else."""
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors is not a Priors but {type(priors).__name__}: see Priors.replace")
    return priors or Priors()
