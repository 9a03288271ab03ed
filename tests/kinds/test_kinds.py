"""Kinds of claim: what each says of the truth, and what it takes to add one."""

import math
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

import reconcile as rc
from places import TESTS
from reconcile.kinds.interval import symmetric_scale
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.registry import KINDS
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.design.readings import reading_of
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import (
    interval_logp,
    log_likelihood,
    sound_logp,
)
from reconcile.models.log_scale.reference.prior import draw_parameters

ABOUT = {"figure": "killed", "source": "A", "role": "third"}
COUNTED = Measure(counted=True)


def test_kinds_are_called_what_they_are_registered_as() -> None:
    assert all(kind.name == name for name, kind in KINDS.items())
    assert len({kind.meaning for kind in KINDS.values()}) == len(KINDS)
    assert {kind.glyph for kind in KINDS.values()} == {
        *("points", "ranges", "bounds", "words", "truths")
    }


def likelihoods(claim: rc.Claim, truths: np.ndarray, **changes: float) -> np.ndarray:
    """Log probability of the first claim at each truth, all errors at the middle of their prior."""
    plan = design(rc.ClaimSet([claim], setting="disaster"))
    return log_likelihood(plan, forward(plan, parameters(plan, truths, **changes)))[:, 0]


def parameters(plan: Design, truths: np.ndarray, **changes: float) -> dict[str, np.ndarray]:
    """Every parameter at 0 or at the middle of its prior, the total at each truth in turn."""
    found = {
        name: np.zeros((len(truths), *x.shape[1:]))
        for name, x in draw_parameters(plan, np.random.default_rng(1), 1).items()
    }
    found["noise_log"] += np.log([role.noise_median_log for role in plan.role_priors])
    found["total_log"] += np.log(truths)[:, None]
    for name, value in changes.items():
        found[name] = found[name] + value
    return found


# Intervals on the natural scale, on the log scale, and on neither.


@given(
    middle=st.floats(1, 1e6),
    share=st.floats(0.3, 0.999),
    unit=st.sampled_from([1.0, 1000.0]),
)
def test_an_interval_even_in_numbers_is_taken_for_one(
    middle: float, share: float, unit: float
) -> None:
    ends = middle * (1 - share) * unit, middle * (1 + share) * unit
    assert symmetric_scale(*ends, middle * unit) == ("linear", True)


@given(middle=st.floats(1, 1e6), log=st.floats(0.3, 5), unit=st.sampled_from([1.0, 1000.0]))
def test_an_interval_even_in_factors_is_taken_for_one(
    middle: float, log: float, unit: float
) -> None:
    ends = middle * math.exp(-log) * unit, middle * math.exp(log) * unit
    assert symmetric_scale(*ends, middle * unit) == ("log", True)


@pytest.mark.parametrize(
    ("ends", "value", "found"),
    [
        ((793, 8498), 4645, ("linear", True)),
        ((-200, 1000), 400, ("linear", True)),
        ((-200, 1000), None, ("linear", True)),
        ((-200, 1000), 700, ("linear", False)),
        ((0, 1000), 300, ("linear", False)),
        ((100, 900), 300, ("log", True)),
        ((100, 900), None, ("log", True)),
        ((100, 900), 150, ("log", False)),
        # Almost even on both: no matter which.
        ((95, 105), 100, ("linear", True)),
    ],
)
def test_which_scale(ends: tuple[float, float], value: float | None, found: object) -> None:
    assert symmetric_scale(*ends, value) == found


def test_a_stated_scale_counts() -> None:
    assert symmetric_scale(793, 8498, 4645, "log")[0] == "log"
    assert symmetric_scale(100, 900, 300, "linear")[0] == "linear"
    log, linear = (
        reading_of(rc.Claim.interval(100, 900, 0.9, value=300, scale=scale, **ABOUT))
        for scale in ("log", "linear")
    )
    assert (log.is_linear, linear.is_linear) == (False, True)


def density(reading: Reading, truths: np.ndarray) -> np.ndarray:
    """Relative likelihood of the truth, the stated width alone bearing on it."""
    location = truths / math.exp(reading.unit_log) if reading.is_linear else np.log(truths)
    said = reading.linear_centre if reading.is_linear else reading.centre_log
    logp = sound_logp(
        said,
        location=location,
        above=reading.width_log * math.exp(reading.tilt_log),
        below=reading.width_log / math.exp(reading.tilt_log),
        down=reading.down_log,
        up=reading.up_log,
    )
    return np.exp(logp)


@pytest.mark.parametrize(
    "claim",
    [
        rc.Claim.interval(793, 8498, 0.95, value=4645, **ABOUT),
        rc.Claim.interval(-500, 3000, 0.9, **ABOUT),
        rc.Claim.interval(100, 900, 0.8, **ABOUT),
        rc.Claim.interval(100, 900, 0.9, value=150, **ABOUT),
        rc.Claim.interval(-200, 1000, 0.9, value=700, **ABOUT),
        rc.Claim.standard_error(120, 50, **ABOUT),
    ],
)
def test_an_interval_holds_its_coverage_of_a_flat_prior(claim: rc.Claim) -> None:
    """Flat on the scale of its error; on either side of the best value by itself."""
    reading = reading_of(claim)
    grid = np.linspace(-60, 60, 2_000_001)
    if reading.is_linear:
        truths = grid * math.exp(reading.unit_log)
    else:
        truths = np.exp(reading.centre_log + grid)
    mass = density(reading, truths)
    inside = (truths >= claim.low) & (truths <= claim.high)
    assert mass[inside].sum() / mass.sum() == pytest.approx(claim.coverage, abs=2e-3)
    if claim.value:
        above = truths >= claim.value
        assert mass[inside & above].sum() / mass[above].sum() == pytest.approx(
            claim.coverage, abs=2e-3
        )


def test_an_even_interval_is_even_in_the_whole_model() -> None:
    """4,645 [793, 8,498] does not exclude a small number, and the log scale would."""
    survey = rc.Claim.interval(793, 8498, 0.95, value=4645, **ABOUT)
    quiet = {"noise_log": -20.0}
    floor = 0.3
    low, high = likelihoods(survey, np.array([4645 - 3000.0, 4645 + 3000.0]), **quiet)
    # What is left of the role's noise is a share of the figure: a little more above.
    assert low == pytest.approx(high, abs=0.4 * floor)
    on_log = likelihoods(replace(survey, scale="log"), np.array([50.0]), **quiet)
    assert likelihoods(survey, np.array([50.0]), **quiet) > on_log + 1


def test_a_standard_error_is_an_interval() -> None:
    claim = rc.Claim.standard_error(-3.0, 0.5, scale="linear", figure="net", source="A")
    assert (claim.low, claim.high, claim.value) == (-3.5, -2.5, -3.0)
    with pytest.raises(rc.ClaimError):
        rc.Claim.standard_error(120, -10, **ABOUT)


# Ranges.


@pytest.mark.parametrize("claim", [rc.Claim.between, partial(rc.Claim.interval, coverage=0.5)])
def test_a_best_value_pulls_towards_itself(claim: Callable[..., rc.Claim]) -> None:
    """Medians under a flat prior rise with the best value, from one end of the range to the other.

    With two scales that meet at the best value, one on an end pulled beyond the middle.
    """
    grid = np.exp(np.linspace(np.log(1e-3), np.log(1e9), 4001))
    medians = []
    for value in (450, 600, None, 2000, 3000):
        mass = np.exp(likelihoods(claim(low=450, high=3000, value=value, **ABOUT), grid)).cumsum()
        medians.append(float(np.interp(0.5, mass / mass[-1], grid)))
    assert np.all(np.diff(medians) > 0)
    assert medians[0] < 0.7 * medians[2] and medians[4] > 1.4 * medians[2]


def test_what_is_guaranteed_is_so_whoever_says_it() -> None:
    """Nothing about the source bears on it, so nothing can be learnt of the source from it."""
    claim = rc.Claim.between(100, 900, guaranteed=True, **(ABOUT | {"role": "rumour"}))
    grid = np.array([50.0, 99.0, 150.0, 400.0, 600.0, 910.0, 2000.0])
    usual = likelihoods(claim, grid)
    for name in ("noise_log", "bias_z", "difficulty_z"):
        np.testing.assert_allclose(likelihoods(claim, grid, **{name: 2.0}), usual)
    assert np.all(usual[2:5] > -1e-6), "well inside it says nothing"
    assert usual[0] < -20 and usual[-1] < -20
    ordinary = likelihoods(replace(claim, coverage=None), grid)
    assert ordinary[0] > -20 and ordinary[-1] > -20


# Counts.


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 10, 30, 49])
def test_a_small_count_has_about_the_likelihood_of_a_poisson_count(n: int) -> None:
    """Mean and standard deviation of the log of its mean, for a flat prior from 0.01 on."""
    reading = reading_of(rc.Claim.point(n, **ABOUT), COUNTED)
    log = np.linspace(math.log(0.01), math.log(500), 4000)
    ours = np.exp(
        interval_logp(
            reading.centre_log,
            location=log,
            scale=reading.counting_log,
            down=reading.down_log,
            up=reading.up_log,
        )
    )
    exact = poisson.pmf(n, np.exp(log))
    moments = []
    for weight in (ours, exact):
        mean = np.average(log, weights=weight)
        moments.append((mean, math.sqrt(np.average((log - mean) ** 2, weights=weight))))
    (mean, sd), (exact_mean, exact_sd) = moments
    # The counts are skewed and the logistic is not: a third of a standard deviation at 1 or 2.
    assert abs(mean - exact_mean) < 0.45 * exact_sd
    assert sd == pytest.approx(exact_sd, rel=0.25)


def test_none_is_a_count() -> None:
    few, many = np.array([0.2, 1.0, 3.0, 10.0]), np.array([0.2])
    none = likelihoods(rc.Claim.point(0, **ABOUT), few)
    assert np.all(np.diff(none) < 0)
    # One may be overlooked, three hardly.
    assert none[1] > math.log(0.02) and none[3] < none[2] - 1
    assert likelihoods(rc.Claim.confirmed(0, **ABOUT), many)[0] > math.log(0.5)


def test_none_a_day_is_none_in_all() -> None:
    by = ABOUT | {"date": "2022-03-14", "since": "2022-03-01"}
    none_a_day, none = (
        design(rc.ClaimSet([rc.Claim.point(0, per=per, **by)], start="2022-03-01")).readings
        for per in ("day", "")
    )
    np.testing.assert_array_equal(none_a_day.centre_log, none.centre_log)


def test_digits_are_no_evidence() -> None:
    """111,481 is one count, and no better than 111,480 or 111,500 with as many digits meant."""
    grid = 111_481 * np.exp(np.array([0.0, 0.3]))
    falls = [
        -np.diff(likelihoods(rc.Claim.point(x, **ABOUT), grid))[0]
        for x in (111_481, 111_480, 111_483.0)
    ]
    np.testing.assert_allclose(falls, falls[0], rtol=1e-3)
    # A round number says less, a number said to be rounded too.
    assert -np.diff(likelihoods(rc.Claim.point(100_000, **ABOUT), grid))[0] < falls[0]


def test_what_is_counted_is_judged_from_numbers_and_setting() -> None:
    def counted(*values: float, setting: str = "war", **figure: object) -> bool:
        claims = [rc.Claim.point(v, figure="x", source=f"S{v}", role="third") for v in values]
        figures = [rc.Figure(name="x", **figure)] if figure else []
        return "x" in rc.ClaimSet(claims, figures=figures, setting=setting).counted

    assert counted(3, 400)
    assert not counted(3, 400.5)
    assert counted(0.5, 2, unit_size=1000)
    assert not counted(3, 400, setting="measurement")
    assert not counted(3, 400, counts=False)
    assert counted(3, 400.5, counts=True)


# Ratios.


def ratio_claims(*, unit_size: float = 1.0) -> rc.ClaimSet:
    return rc.ClaimSet(
        [
            rc.Claim.point(120_000 / unit_size, **(ABOUT | {"figure": "killed"})),
            rc.Claim.ratio(3, **(ABOUT | {"figure": "wounded / killed", "source": "B"})),
        ],
        figures=[rc.Figure(name="killed", unit_size=unit_size), rc.Figure(name="wounded")],
    )


def test_a_ratio_is_one_of_single_things() -> None:
    """Killed in thousands, wounded in persons: three wounded for each man killed all the same."""
    plans = [design(ratio_claims(unit_size=size)) for size in (1.0, 1000.0)]
    logs = []
    for plan, size in zip(plans, (1.0, 1000.0), strict=True):
        drawn = parameters(plan, np.ones(1))
        names = [figure for _, figure in plan.structure.series]
        drawn["total_log"][0, names.index("killed")] = math.log(100_000 / size)
        drawn["total_log"][0, names.index("wounded")] = math.log(350_000)
        logs.append(log_likelihood(plan, forward(plan, drawn))[0])
        # Only the ratio speaks of the wounded: their prior is centred on three times the dead.
        means = dict(zip(names, plan.total_mean_log, strict=True))
        assert means["wounded"] - means["killed"] == pytest.approx(math.log(3 * size))
    np.testing.assert_allclose(*logs, rtol=1e-9)


@pytest.mark.parametrize("shift", [-1.0, 2.0])
def test_a_ratio_says_nothing_of_the_size(shift: float) -> None:
    plan = design(ratio_claims())
    drawn = parameters(plan, np.ones(1))
    drawn["total_log"] += math.log(1000)
    moved = drawn | {"total_log": drawn["total_log"] + shift}
    one, other = (log_likelihood(plan, forward(plan, d))[0, 1] for d in (drawn, moved))
    assert one == pytest.approx(other, rel=1e-9)
    # Nor what its source's numbers are all off by.
    biased = drawn | {"bias_z": drawn["bias_z"] + 3}
    assert log_likelihood(plan, forward(plan, biased))[0, 1] == pytest.approx(one, rel=1e-9)


def test_a_prior_ratio_is_the_prior_of_the_ratio() -> None:
    figures = [
        rc.Figure(name="killed", plausible=(1000, 1100)),
        rc.Figure(name="wounded", plausible=(1, 10_000_000)),
    ]
    claims = rc.ClaimSet(
        [rc.Claim.at_least(0, **(ABOUT | {"figure": name})) for name in ("killed", "wounded")],
        figures=figures,
        ratios=[rc.Ratio(of="wounded / killed", about=3, sd_log=0.4)],
    )
    plan = design(claims)
    totals = draw_parameters(plan, np.random.default_rng(1), 20_000)["total_log"]
    ratio = totals[:, 1] - totals[:, 0]
    # The prior of the wounded is so wide that the ratio alone decides, to a hundredth.
    assert ratio.mean() == pytest.approx(math.log(3), abs=0.02)
    assert ratio.std() == pytest.approx(0.4, abs=0.01)


def test_a_prior_ratio_of_sums_is_drawn_like_one_of_figures() -> None:
    """Resampling and conditioning, on a sum of which one part hardly counts."""
    names = ("killed", "wounded", "gone")
    claims = [rc.Claim.at_least(0, **(ABOUT | {"figure": name})) for name in names]
    figures = [
        rc.Figure(name="killed", plausible=(500, 2000)),
        rc.Figure(name="wounded", plausible=(500, 20_000)),
        rc.Figure(name="gone", plausible=(0.001, 0.002)),
    ]
    found = []
    for of in ("wounded / killed", "wounded + gone / killed"):
        ratio = rc.Ratio(of=of, about=3, sd_log=0.4)
        plan = design(rc.ClaimSet(claims, figures=figures, ratios=[ratio]))
        totals = draw_parameters(plan, np.random.default_rng(1), 4000)["total_log"]
        found.append([*totals[:, :2].mean(axis=0), *totals[:, :2].std(axis=0)])
    np.testing.assert_allclose(*found, atol=0.06)


# A kind of one's own.

_MODULE = '''
"""An order of magnitude: "of the order of a thousand"."""

import math

from reconcile.kinds.kind import Display, Kind, required
from reconcile.kinds.numbers import about_middle

HALF_LOG = 0.5 * math.log(10)


def _reading(claim, measure):
    return about_middle(required(claim.value), measure, width_log=HALF_LOG)


def _simulate(claim, simulated):
    return {"value": 10.0 ** round(math.log10(simulated.number))}


def _display(claim):
    value = required(claim.value)
    return Display(low=value / 10**0.5, high=value * 10**0.5, best=value, text=f"~{value:g}")


ORDER = Kind(
    name="order",
    meaning="an order of magnitude",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="ranges",
    needs=("value",),
    overconfidence="between",
)
'''

_USE = """
import numpy as np
import pandas as pd
import reconcile as rc
from prior_trees import prior_tree

table = pd.DataFrame(
    {
        "figure": ["killed"] * 2,
        "kind": ["order", "point"],
        "value": [1000, 1351],
        "source": ["A", "B"],
        "role": ["media", "own"],
    }
)
claims = rc.read_claims(table)
again = rc.read_claims(rc.to_frame(claims))
assert again == claims
print(rc.simulate(claims, rng=1).claims.claims[0].kind)
tree = prior_tree(claims)
rc.plot_claims(tree, "killed", backend="none")
print(rc.sentence(tree, "killed")[:6], rc.equivalence(tree)["kind"][0])
try:
    rc.Claim(kind="order", low=3, figure="killed", source="A")
except rc.ClaimError as error:
    print(len(error.problems))
"""


def test_a_kind_is_one_module_and_one_entry(tmp_path: Path) -> None:
    package = Path(rc.__file__).parent
    shutil.copytree(package, tmp_path / "reconcile", ignore=shutil.ignore_patterns("__pycache__"))
    kinds = tmp_path / "reconcile" / "kinds"
    (kinds / "order.py").write_text(_MODULE)
    registry = (kinds / "registry.py").read_text()
    registry = registry.replace("    TRUTH,\n)", "    TRUTH,\n    ORDER,\n)")
    registry = registry.replace(
        "from reconcile.kinds.point",
        "from reconcile.kinds.order import ORDER\nfrom reconcile.kinds.point",
    )
    (kinds / "registry.py").write_text(registry)
    path = [str(tmp_path), str(TESTS)]
    code = f"import sys; sys.path[:0] = {path}\n" + textwrap.dedent(_USE)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == ["order", "Killed order", "2"]


def test_a_range_whose_ends_are_one_step_apart_is_read() -> None:
    """In floating point its logarithms may be equal."""
    low, high = np.nextafter(1000.0, 0.0), 1000.0
    about = {"source": "A", "role": "third"}
    ratio = rc.Claim.ratio(low=low, high=high, figure="a / b", **about)
    range_ = rc.Claim.between(low, high, value=high, figure="a", **about)
    for claim in (ratio, range_, replace(range_, value=None)):
        reading = reading_of(claim)
        assert np.isfinite([reading.width_log, reading.tilt_log, reading.centre_log]).all()
