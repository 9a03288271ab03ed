"""The form in which a claim of any kind enters the model."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Measure", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Unit of a claim's numbers.

    Parameters
    ----------
    unit_size : float, default 1
        Number of individual items in one unit.
    times : float, default 1
        Multiplier from a rate ("per day") to the total over its period.
    counted : bool, default False
        Whether the figure is a count, so that small numbers have Poisson noise.
    """

    unit_size: float = 1.0
    times: float = 1.0
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The interval that contains a source's reading, and the error terms that apply to it.

    Parameters
    ----------
    centre_log : float
        The stated number, the bound or the middle of the range, log scale.
    down_log, up_log : float
        Distance from the centre to the lower and upper end; 0 to infinity.
    width_log : float
        Logistic scale implied by the stated width, before overconfidence; 0 if none is stated.
    tilt_log : float
        The scale is ``width_log * exp(tilt_log)`` above the centre and ``width_log *
        exp(-tilt_log)`` below it.
    spread_log : float
        Fixed additional scale that comes with the kind.
    counting_log : float
        Scale of the noise of a Poisson count, if it is one; times the root of the dispersion.
    is_bound : bool
        Whether a claim that fails the interval is uninformative.
    is_certain : bool
        Whether the interval cannot fail unless the claim is withdrawn.
    is_truth : bool
        Whether it states the true value, established later, rather than a source's claim.
    is_register : bool
        Whether it counts only what has been registered so far.
    is_linear : bool
        Whether the error is on the natural scale. Then ``linear_centre``, ``down_log``, ``up_log``
        and ``width_log`` (despite their names) are in units of ``exp(unit_log)``, natural scale;
        ``centre_log`` is a positive number near the centre.
    linear_centre, unit_log : float
        See ``is_linear``; 0 otherwise.
    bias_share, noise_share, common_share : float
        Multipliers of the source's bias, its noise and the common error.
    """

    centre_log: float
    down_log: float
    up_log: float
    width_log: float = 0.0
    tilt_log: float = 0.0
    spread_log: float = 0.0
    counting_log: float = 0.0
    is_bound: bool = False
    is_certain: bool = False
    is_truth: bool = False
    is_register: bool = False
    is_linear: bool = False
    linear_centre: float = 0.0
    unit_log: float = 0.0
    bias_share: float = 1.0
    noise_share: float = 1.0
    common_share: float = 1.0
