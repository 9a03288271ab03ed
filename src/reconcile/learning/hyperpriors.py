"""Hyperpriors: the joint distribution of the prior constants over roles, interests and settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.priors.constants import STATED, BiasPrior, RolePrior
from reconcile.priors.priors import Priors

__all__ = [
    "HYPERPRIORS",
    "bias_means",
    "cell_index",
    "common_logs",
    "failures",
    "fog_rates",
    "noise_logs",
    "noise_setting_logs",
    "priors_of",
    "spread_logs",
]

type Array = NDArray[np.float64]
# All pairs of role and interest, and all cells of role, interest and setting.
_PAIRS: Final = tuple(product(range(len(ROLES)), range(len(INTERESTS))))
_CELLS: Final = tuple((r, i, s) for (r, i) in _PAIRS for s in range(len(SETTINGS)))
# Role, pair and setting of every cell.
_ROLE_OF, _, _SETTING_OF = np.array(_CELLS).T
_PAIR_OF: Final = np.array([_PAIRS.index((r, i)) for r, i, _ in _CELLS])
_N_ROLES: Final = len(ROLES)
# Name, shape, and distribution: a normal (mean, standard deviation) or a half-normal (scale).
HYPERPRIORS: Final[dict[str, tuple[tuple[int, ...], str, tuple[float, ...]]]] = {
    "role_mean": ((_N_ROLES,), "normal", (0.0, 0.3)),
    "low_mean": ((), "normal", (-0.3, 0.5)),
    "high_mean": ((), "normal", (0.5, 0.5)),
    "pair_sd": ((), "halfnormal", (0.4,)),
    "pair_z": ((len(_PAIRS),), "normal", (0.0, 1.0)),
    "cell_sd": ((), "halfnormal", (0.6,)),
    "cell_z": ((len(_CELLS),), "normal", (0.0, 1.0)),
    "spread_mean": ((), "normal", (float(np.log(0.7)), 0.3)),
    "spread_z": ((len(_PAIRS),), "normal", (0.0, 1.0)),
    "spread_setting_z": ((len(SETTINGS),), "normal", (0.0, 1.0)),
    "camp_share_logit": ((), "normal", (0.5, 1.0)),
    "noise_mean": ((), "normal", (float(np.log(0.15)), 0.5)),
    "noise_role_z": ((_N_ROLES,), "normal", (0.0, 1.0)),
    "noise_setting_z": ((len(SETTINGS),), "normal", (0.0, 1.0)),
    "noise_case_sd": ((), "halfnormal", (0.5,)),
    "fog_mean": ((), "halfnormal", (0.5,)),
    "fog_z": ((len(_PAIRS),), "normal", (0.0, 1.0)),
    "fog_setting_z": ((len(SETTINGS),), "normal", (0.0, 1.0)),
    "common_mean": ((), "normal", (float(np.log(0.3)), 0.5)),
    "common_setting_z": ((len(SETTINGS),), "normal", (0.0, 1.0)),
    "measured_common": ((), "halfnormal", (3.0,)),
    "category_sd": ((), "halfnormal", (0.2,)),
    "excess_log": ((len(STATED),), "normal", (float(np.log(0.6)), 0.7)),
    "coarse": ((), "halfnormal", (0.3,)),
    "failure_mean": ((), "normal", (-2.0, 1.0)),
    "failure_z": ((2 * _N_ROLES,), "normal", (0.0, 1.0)),
    "standing_mean": ((), "normal", (4.5, 0.5)),
    "standing_z": ((_N_ROLES,), "normal", (0.0, 1.0)),
    "withdrawn_mean": ((), "normal", (0.0, 1.0)),
    "withdrawn_z": ((_N_ROLES,), "normal", (0.0, 1.0)),
}
_SPREAD_SD: Final = 0.4
_COMMON_SD: Final = 0.7
_NOISE_ROLE_SD: Final = 0.4
_FOG_SD: Final = 1.2
_SETTING_SD: Final = 0.6
_FAILURE_SD: Final = 0.7
_STANDING_SD: Final = 0.5
_WITHDRAWN_SD: Final = 0.5
# Overconfidence is learnt as one number for all cases; least standard deviation between cases.
_LEAST_EXCESS_SD: Final = 0.4


def bias_means(values: Mapping[str, Any], column: Callable[[Array], Any]) -> Any:
    """Mean log bias of every cell; ``column`` shapes constants to broadcast against the values."""
    low = column(np.array([float(INTERESTS[i] == "low") for _, i, _ in _CELLS]))
    high = column(np.array([float(INTERESTS[i] == "high") for _, i, _ in _CELLS]))
    return (
        values["role_mean"][_ROLE_OF]
        + low * values["low_mean"]
        + high * values["high_mean"]
        + values["pair_sd"] * values["pair_z"][_PAIR_OF]
        + values["cell_sd"] * values["cell_z"]
    )


def spread_logs(values: Mapping[str, Any]) -> Any:
    """Log standard deviation of the biases of every cell."""
    by_pair = values["spread_mean"] + _SPREAD_SD * values["spread_z"]
    return by_pair[_PAIR_OF] + _SETTING_SD * values["spread_setting_z"][_SETTING_OF]


def common_logs(values: Mapping[str, Any]) -> Any:
    """Log standard deviation of the common error, by setting."""
    return values["common_mean"] + _COMMON_SD * values["common_setting_z"]


def noise_logs(values: Mapping[str, Any]) -> Any:
    """Log median noise scale, by role."""
    return values["noise_mean"] + _NOISE_ROLE_SD * values["noise_role_z"]


def noise_setting_logs(values: Mapping[str, Any]) -> Any:
    """Log factor of the noise, by setting."""
    return _SETTING_SD * values["noise_setting_z"]


def fog_rates(values: Mapping[str, Any], exp: Callable[[Any], Any]) -> Any:
    """Exponent with which errors of every cell shrink over time."""
    by_pair, of_setting = _FOG_SD * values["fog_z"], _SETTING_SD * values["fog_setting_z"]
    return values["fog_mean"] * exp(by_pair[_PAIR_OF] + of_setting[_SETTING_OF])


def failures(values: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Logits: failure of "at least" then of "at most", soundness standing, soundness withdrawn."""
    return (
        values["failure_mean"] + _FAILURE_SD * values["failure_z"],
        values["standing_mean"] + _STANDING_SD * values["standing_z"],
        values["withdrawn_mean"] + _WITHDRAWN_SD * values["withdrawn_z"],
    )


def cell_index(role: str, interest: str, setting: str) -> int:
    """Index of a cell."""
    key = (ROLES.index(role), INTERESTS.index(interest), SETTINGS.index(setting))
    return _CELLS.index(key)


def priors_of(draws: Mapping[str, Array], *, base: Priors, learnt_from: str) -> Priors:
    """Prior constants from posterior draws (n, ...) of the hyperparameters; the rest from base."""
    values = {name: np.moveaxis(draws[name], 0, -1) for name in HYPERPRIORS}
    means = bias_means(values, lambda constant: constant[:, None])
    spread = np.exp(spread_logs(values))
    noise, fog = noise_logs(values), fog_rates(values, np.exp)
    empty, standing, withdrawn = (expit(x).mean(axis=-1) for x in failures(values))
    noise_sd = np.sqrt((values["noise_case_sd"] ** 2).mean() + noise.var(axis=-1))
    excess = values["excess_log"]
    excess_sd = np.sqrt(np.maximum(excess.var(axis=-1), _LEAST_EXCESS_SD**2).max())
    roles = {
        role: RolePrior(
            noise_median_log=_rounded(np.exp(noise[k].mean())),
            noise_sd_log=_rounded(noise_sd[k]),
            at_least_failure=_rounded(empty[k]),
            at_most_failure=_rounded(empty[_N_ROLES + k]),
            standing_sound=_rounded(standing[k]),
            withdrawn_sound=_rounded(withdrawn[k]),
        )
        for k, role in enumerate(ROLES)
    }
    return base.replace(
        biases=_biases(values, means, spread, fog),
        noise_setting={
            setting: _rounded(np.exp(noise_setting_logs(values)[k].mean()))
            for k, setting in enumerate(SETTINGS)
        },
        roles=roles,
        camp_share=_rounded(expit(values["camp_share_logit"]).mean()),
        common_bias_sd_log={
            setting: _rounded(_rms(np.exp(common_logs(values)[k])))
            for k, setting in enumerate(SETTINGS)
        },
        measured_common=_rounded(_rms(values["measured_common"])),
        category_sd_log=_rounded(_rms(values["category_sd"])),
        overconfidence_median={
            kind: _rounded(np.exp(excess[k].mean())) for k, kind in enumerate(STATED)
        },
        overconfidence_sd_log=_rounded(excess_sd),
        coarse_log=_rounded(_rms(values["coarse"])),
        learnt_from=learnt_from,
    )


def _biases(
    values: Mapping[str, Array], means: Array, spread: Array, fog: Array
) -> dict[str, BiasPrior]:
    """Bias priors for each role, pair and cell; pairs also cover variation between cells."""
    found = {}
    for r, i in _PAIRS:
        cells = [j for j, cell in enumerate(_CELLS) if cell[:2] == (r, i)]
        middle = means[cells] - values["cell_sd"] * values["cell_z"][cells]
        pair = BiasPrior(
            mean_log=_rounded(middle[0].mean()),
            mean_sd_log=_rounded(np.hypot(middle[0].std(), _rms(values["cell_sd"]))),
            sd_log=_rounded(_rms(spread[cells])),
            fog_rate=_rounded(fog[cells].mean()),
        )
        found[f"{ROLES[r]}/{INTERESTS[i]}"] = pair
        if INTERESTS[i] == "none":
            found[ROLES[r]] = pair
        for j in cells:
            found[f"{ROLES[r]}/{INTERESTS[i]}/{SETTINGS[_CELLS[j][2]]}"] = BiasPrior(
                mean_log=_rounded(means[j].mean()),
                mean_sd_log=_rounded(means[j].std()),
                sd_log=_rounded(_rms(spread[j])),
                fog_rate=_rounded(fog[j].mean()),
            )
    return found


def _rms(values: Array) -> float:
    return float(np.sqrt((values**2).mean()))


def _rounded(value: float | np.floating[Any]) -> float:
    """Three significant digits, as precise as the draws are."""
    return float(f"{float(value):.3g}")
