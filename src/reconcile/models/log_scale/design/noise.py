"""Noise: scales of the independent error of each claim.

With the unknown noise scale :math:`s_r` of each role and overconfidence :math:`o_k` of each kind of
stated width (both logged), claim :math:`i` has the squared scale
``fixed[i] + factor[i] * (floor[r] + exp(2 s_r))`` and the stated width
``width[i] + excess[i] * exp(o_k)``. The difficulty of the figure multiplies both exponentials.
Terms of either are defined here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.columns import Coded
from reconcile.models.log_scale.design.readings import Readings
from reconcile.models.log_scale.design.shares import Shares
from reconcile.models.log_scale.design.voices import Voices
from reconcile.priors.constants import STATED
from reconcile.priors.priors import Priors

__all__ = ["LOGISTIC_VARIANCE", "Noise", "bare_role", "noise_of"]

# Of a logistic distribution of scale 1.
LOGISTIC_VARIANCE = np.pi**2 / 3

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Coefficients of the noise scales; arrays of shape ``(claim,)``, unless stated.

    Parameters
    ----------
    roles : tuple of str
        Roles that occur, separate for each case; each has a noise scale.
    role_of, stated_of : ndarray
        Index of the role, and of the kind of stated width in ``STATED``.
    floor : ndarray of shape (role,)
        Square below which the role's squared noise does not fall, however easy a figure is.
    fixed, factor : ndarray
        Constant part of the squared logistic scale, and coefficient of the role's squared noise.
    width, excess : ndarray
        Stated scale, 0 if none, and coefficient of overconfidence; on the scale of the claim's own
        error.
    expected_log : ndarray
        Logistic scale of the role's noise at its prior median.
    expected_variance : ndarray
        Variance of all noise at the prior medians; log scale.
    """

    roles: tuple[str, ...]
    role_of: Indices
    stated_of: Indices
    floor: Array
    fixed: Array
    factor: Array
    width: Array
    excess: Array
    expected_log: Array
    expected_variance: Array

    @property
    def role_names(self) -> tuple[str, ...]:
        """Roles without the names of their cases."""
        return tuple(map(bare_role, self.roles))


def bare_role(role: str) -> str:
    """A role without the name of its case."""
    return role.rpartition(" | ")[2]


def noise_of(
    roles: Coded[str],
    speakers: Voices,
    readings: Readings,
    shares: Shares,
    stated_of: Indices,
    priors: Priors,
) -> Noise:
    """Coefficients of the noise of all claims."""
    # Known of a source by its name: a factor on all of its own error.
    own = np.where(readings.is_truth, 1.0, speakers.named(priors).noise[speakers.voice_of])
    noise, width = own * shares.noise, own * readings.width_log
    medians = np.array([priors.roles[bare_role(role)].noise_median_log for role in roles.cells])
    median = medians[roles.codes]
    factor = np.where(shares.listed, 0.0, noise**2)
    square = (priors.coarse_log * shares.coarse) ** 2
    square = square + np.where(shares.listed, (noise * median) ** 2, 0.0)
    square = square + readings.spread_log**2
    square = square + priors.count_dispersion * readings.counting_log**2
    overconfidence = np.array([priors.overconfidence_median[kind] for kind in STATED])[stated_of]
    stated = own * readings.relative_width * (1 + shares.excess * overconfidence)
    return Noise(
        roles=roles.cells,
        role_of=roles.codes,
        stated_of=stated_of,
        floor=(priors.noise_floor * medians) ** 2,
        fixed=square,
        factor=factor,
        width=width,
        excess=width * shares.excess,
        expected_log=noise * median,
        expected_variance=LOGISTIC_VARIANCE * (factor * median**2 + square + stated**2),
    )
