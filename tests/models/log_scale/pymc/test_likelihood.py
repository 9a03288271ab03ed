"""The interval probability: exact everywhere, in NumPy and in PyTensor, with gradients."""

import functools
import math

import mpmath
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.models.log_scale.pymc import likelihood as intervals_pytensor
from reconcile.models.log_scale.reference import likelihood as intervals

NAMES = ("value", "location", "scale", "down", "up")
CLAIM_NAMES = (
    *("value", "location", "above", "below", "down", "up"),
    *("sound", "unsound_scale", "apart_log", "copied_log", "weight"),
)


def two_scales(given_: dict[str, float], tilt: float) -> dict[str, float]:
    """The same arguments with a scale above and one below."""
    rest = {name: value for name, value in given_.items() if name != "scale"}
    scale = given_["scale"]
    return rest | {"above": scale * math.exp(tilt), "below": scale / math.exp(tilt)}


def exact(value: float, location: float, scale: float, down: float, up: float) -> mpmath.mpf:
    """The difference of two logistic distribution functions, with digits to spare."""
    with mpmath.workdps(120):
        value, location, scale, down, up = map(mpmath.mpf, (value, location, scale, down, up))

        def distribution(x: mpmath.mpf) -> mpmath.mpf:
            return 1 / (1 + mpmath.exp(-x))

        upper = mpmath.mpf(1) if mpmath.isinf(up) else distribution((value + up - location) / scale)
        lower = mpmath.mpf(0)
        if not mpmath.isinf(down):
            lower = distribution((value - down - location) / scale)
        return mpmath.log(upper - lower)


def distances() -> st.SearchStrategy[float]:
    spread = st.floats(-9, 3).map(lambda x: 10.0**x)
    return st.just(math.inf) | spread


def arguments() -> st.SearchStrategy[dict[str, float]]:
    """Locations 40 scales out on either side, widths from 1e-9 to infinite."""
    return st.builds(
        lambda value, scale, far, down, up: {
            "value": value,
            "location": value + far * scale,
            "scale": scale,
            "down": down * scale if math.isfinite(down) else down,
            "up": up * scale if math.isfinite(up) else up,
        },
        st.floats(-5, 20),
        st.floats(-3, 1).map(lambda x: 10.0**x),
        st.floats(-40, 40),
        distances(),
        distances(),
    )


@functools.cache
def compiled(which: str, gradient: bool):
    names = NAMES if which == "interval_logp" else CLAIM_NAMES
    inputs = [pt.dscalar(name) for name in names]
    out = getattr(intervals_pytensor, which)(*inputs)
    if gradient:
        out = pytensor.grad(out, inputs[1:3])
    return pytensor.function(inputs, out, mode="FAST_COMPILE", on_unused_input="ignore")


@given(arguments())
def test_exact_over_the_whole_range(given_: dict[str, float]) -> None:
    ours = float(intervals.interval_logp(**given_))
    truth = float(exact(**{name: given_[name] for name in NAMES}))
    # The location is known to one part in 1e16 of the value: what that does to the log
    # probability in units of the scale is no fault of the formula.
    slack = 1e-15 * (abs(given_["value"]) + abs(given_["location"])) / given_["scale"]
    assert ours == pytest.approx(truth, rel=1e-9, abs=1e-12 + 4 * slack)


@given(arguments())
def test_twins_agree(given_: dict[str, float]) -> None:
    numpy = float(intervals.interval_logp(**given_))
    graph = float(compiled("interval_logp", False)(*[given_[name] for name in NAMES]))
    assert graph == pytest.approx(numpy, rel=1e-9, abs=1e-9)


@given(
    arguments(),
    st.floats(0.01, 0.99),
    st.floats(0.5, 5),
    st.floats(0.05, 1),
    st.just(0.0) | st.floats(-1, 1),
    st.just((0.0, -math.inf)) | st.tuples(st.floats(-3, 0), st.floats(-20, 0)),
)
def test_twins_of_claims_agree(
    given_: dict[str, float],
    sound: float,
    wide: float,
    weight: float,
    tilt: float,
    copies: tuple[float, float],
) -> None:
    given_ = two_scales(given_, tilt)
    rest = {"sound": sound, "unsound_scale": wide}
    logp, _ = intervals.claim_logp(**given_, **rest, copies=copies)
    apart_log, copied_log = copies
    weighted = given_ | rest | {"weight": weight}
    weighted |= {"apart_log": apart_log, "copied_log": copied_log}
    graph = float(compiled("claim_logp", False)(*[weighted[name] for name in CLAIM_NAMES]))
    assert graph == pytest.approx(weight * float(logp), rel=1e-9, abs=1e-9)


@given(arguments())
def test_gradients_against_finite_differences(given_: dict[str, float]) -> None:
    gradient = compiled("interval_logp", True)(*[given_[name] for name in NAMES])
    for name, ours in zip(("location", "scale"), gradient, strict=True):

        def moved(x: mpmath.mpf, name: str = name) -> mpmath.mpf:
            return exact(**({key: given_[key] for key in NAMES} | {name: x}))

        with mpmath.workdps(120):
            step = mpmath.mpf(given_["scale"]) * mpmath.mpf("1e-20")
            centre = mpmath.mpf(given_[name])
            truth = float((moved(centre + step) - moved(centre - step)) / (2 * step))
        assert np.isfinite(ours)
        slack = 1e-14 * (abs(given_["value"]) + 1) / given_["scale"] ** 2
        assert float(ours) == pytest.approx(truth, rel=1e-6, abs=1e-7 / given_["scale"] + slack)


@pytest.mark.parametrize("down", [1e-9, 1.0, math.inf])
@pytest.mark.parametrize("up", [1e-9, 1.0, math.inf])
@pytest.mark.parametrize("far", [-40.0, 0.0, 40.0])
@pytest.mark.parametrize("copied_log", [-math.inf, -1.0])
def test_gradients_are_finite_at_every_corner(
    down: float, up: float, far: float, copied_log: float
) -> None:
    given_ = {"value": 0.0, "location": far, "above": 1.0, "below": 1.0, "down": down, "up": up}
    rest = {"sound": 0.9, "unsound_scale": 2.0, "weight": 1.0}
    rest |= {"apart_log": -0.5, "copied_log": copied_log}
    gradient = compiled("claim_logp", True)(*[(given_ | rest)[name] for name in CLAIM_NAMES])
    assert np.isfinite(gradient).all()


def test_an_unbounded_interval_is_certain() -> None:
    open_ended = {"down": math.inf, "up": math.inf}
    assert intervals.interval_logp(3.0, location=-9.0, scale=0.1, **open_ended) == 0


def test_adjoining_intervals_share_out_all_probability() -> None:
    ends = np.linspace(-30, 30, 601)
    inside = intervals.interval_logp(ends[:-1], location=1.3, scale=0.7, down=0.0, up=np.diff(ends))
    outside = [
        intervals.interval_logp(-30.0, location=1.3, scale=0.7, down=math.inf, up=0.0),
        intervals.interval_logp(30.0, location=1.3, scale=0.7, down=0.0, up=math.inf),
    ]
    assert np.exp(inside).sum() + np.exp(outside).sum() == pytest.approx(1, abs=1e-12)


def test_two_scales_are_one_whole_without_a_step() -> None:
    """The density of what is said, over all that may be said, for a lopsided error."""
    grid = np.linspace(-200, 200, 400_001)
    half = 0.5 * (grid[1] - grid[0])
    scales = {"above": 2.0, "below": 0.5}
    logp = intervals.sound_logp(grid, location=1.0, **scales, down=half, up=half)
    assert np.exp(logp).sum() == pytest.approx(1, abs=1e-3)
    # What is said too low lies as far below as the scale above it says, and the other way.
    share = np.exp(logp[grid < 1.0]).sum()
    assert share == pytest.approx(2.0 / 2.5, abs=1e-3)
    k = int(np.searchsorted(grid, 1.0))
    assert logp[k + 1] == pytest.approx(logp[k - 1], abs=1e-4)


@given(arguments())
def test_two_equal_scales_are_one(given_: dict[str, float]) -> None:
    two = intervals.sound_logp(**two_scales(given_, 0.0))
    assert float(two) == pytest.approx(float(intervals.interval_logp(**given_)), rel=1e-12)
