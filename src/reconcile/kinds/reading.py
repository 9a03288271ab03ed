"""What a claim becomes for the model, whatever its kind: an interval and what bears on it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Measure", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a claim's numbers are counted in.

    Parameters
    ----------
    unit_size : float, default 1
        How many single things one unit is.
    times : float, default 1
        What the numbers are multiplied by: the length of the period, for a rate ("per day").
    counted : bool, default False
        Whether the figure counts single things, and small numbers have sampling noise.
    """

    unit_size: float = 1.0
    times: float = 1.0
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The interval in which a source's reading lies, and what bears on it.

    Parameters
    ----------
    centre_log : float
        The stated number (or the bound, or the middle of the range), log scale.
    down_log, up_log : float
        How far the interval reaches below and above it; 0 to infinity.
    width_log : float
        Logistic scale that the stated width implies, before overconfidence; 0 where none is.
    tilt_log : float
        Log ratio of the scale above the stated number to ``width_log``; the one below is as much
        smaller.
    spread_log : float
        Further scale that comes with the kind and is learnt by nobody.
    sampling_log : float
        Further scale of a small count.
    is_bound : bool
        Whether the interval is a bound: a claim that fails it says nothing else.
    is_certain : bool
        Whether it cannot have failed, while it stands.
    is_truth : bool
        Whether it is what the figure turned out to be, and not what a source says of it.
    is_register : bool
        Whether it counts only what has been registered so far.
    is_linear : bool
        Whether the error is on the natural scale. Then ``linear_centre`` is the stated number in
        units of ``exp(unit_log)``, and ``down_log``, ``up_log`` and ``width_log`` are in these
        units too, in spite of their names; ``centre_log`` is a number above zero near it.
    linear_centre, unit_log : float
        See ``is_linear``; 0 where it is not.
    bias_share, noise_share, common_share : float
        Share of the source's bias, of its noise, and of the common error that bears on it.
    """

    centre_log: float
    down_log: float
    up_log: float
    width_log: float = 0.0
    tilt_log: float = 0.0
    spread_log: float = 0.0
    sampling_log: float = 0.0
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
