"""What is learnt of named sources: recovery, pooling, and what must not matter."""

import numpy as np
import pytest

import reconcile as rc
from reconcile.learning.named import named_sources

SHARE = rc.Figure(name="share", unit="percent", scale="linear")
N_SOURCES = 12
type Cases = dict[str, rc.ClaimSet]


def polls(
    rng: np.random.Generator,
    bias: np.ndarray,
    noise: np.ndarray,
    *,
    cases: int = 160,
    each: int = 6,
    common: float = 3.0,
) -> Cases:
    """Elections of ten years; in each some sources, who share most of their error."""
    of_year = rng.normal(0, 0.5 * common, 10)
    found = {}
    for k in range(cases):
        truth = rng.uniform(30, 70)
        shared = rng.normal(0, common) + of_year[k % 10]
        claims = [
            rc.Claim.standard_error(
                round(truth + shared + bias[i] + noise[i] * rng.normal(0, 2.0), 3),
                1.5,
                figure="share",
                scale="linear",
                source=f"pollster {i}",
                role="expert",
            )
            for i in sorted(rng.choice(len(bias), each, replace=False).tolist())
        ]
        found[f"race {k}"] = rc.ClaimSet(
            [
                *claims,
                rc.Claim.truth(
                    truth, truth, value=truth, figure="share", scale="linear", source="result"
                ),
            ],
            figures=[SHARE],
            end=f"{2000 + k % 10}-11-03",
        )
    return found


def table(sources: dict[str, rc.SourcePrior]) -> np.ndarray:
    """Bias, its standard deviation and noise, by the number of the source."""
    return np.array(
        [
            [sources[name].bias, sources[name].bias_sd, sources[name].noise]
            for name in sorted(sources, key=lambda name: int(name.split()[-1]))
        ]
    )


@pytest.fixture(scope="module")
def simulated() -> tuple[Cases, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    bias = rng.normal(0, 1.5, N_SOURCES)
    noise = np.ones(N_SOURCES)
    noise[3], noise[7] = 3.0, 0.4
    return polls(rng, bias, noise), bias, noise


def test_biases_and_noises_come_back(simulated: tuple[Cases, np.ndarray, np.ndarray]) -> None:
    """Although what all claims about a figure share is far larger."""
    cases, bias, _ = simulated
    found = table(named_sources(cases, rc.Priors()))
    off = found[:, 0] - (bias - bias.mean())
    # 80 claims each with an error of 2: 0.25, and the mean of all is known no better.
    assert np.abs(off).max() < 0.8
    assert np.sqrt(np.mean((off / found[:, 1]) ** 2)) < 1.6
    assert found[:, 1].max() < 0.9
    assert np.argmax(found[:, 2]) == 3 and np.argmin(found[:, 2]) == 7
    usual = np.median(np.delete(found[:, 2], [3, 7]))
    assert found[3, 2] / usual == pytest.approx(3.0, rel=0.25)
    assert found[7, 2] / usual == pytest.approx(0.4, abs=0.2)
    assert np.all(np.abs(np.delete(found[:, 2], [3, 7]) / usual - 1) < 0.2)


def test_order_and_names_of_cases_do_not_matter(
    simulated: tuple[Cases, np.ndarray, np.ndarray],
) -> None:
    cases = dict(list(simulated[0].items())[:60])
    found = table(named_sources(cases, rc.Priors()))
    renamed = {f"x{k:03}": case for k, case in enumerate(reversed(cases.values()))}
    np.testing.assert_allclose(table(named_sources(renamed, rc.Priors())), found, rtol=1e-6)


def test_sources_that_do_not_differ_are_left_alike() -> None:
    rng = np.random.default_rng(6)
    cases = polls(rng, np.zeros(N_SOURCES), np.ones(N_SOURCES), cases=80)
    found = table(named_sources(cases, rc.Priors()))
    # The mean of 40 errors of each is off by 0.3.
    assert np.abs(found[:, 0]).max() < 0.2
    assert np.abs(found[:, 2] - 1).max() < 0.12


def test_a_source_in_few_cases_errs_nearly_like_any_other() -> None:
    rng = np.random.default_rng(7)
    cases = polls(rng, np.zeros(N_SOURCES), np.ones(N_SOURCES), cases=80)
    case = cases["race 0"]
    (truth,) = (c.value for c in case if c.is_truth)
    once = rc.Claim.standard_error(
        truth + 15, 1.5, figure="share", scale="linear", source="newcomer", role="expert"
    )
    cases["race 0"] = case.replace([*case, once])
    assert "newcomer" not in named_sources(cases, rc.Priors())
    found = named_sources(cases, rc.Priors(), least_cases=1)["newcomer"]
    assert found.cases == 1
    assert abs(found.bias) < 1.5
    assert 0.8 < found.noise < 1.3


def test_many_claims_in_one_year_count_as_one_year() -> None:
    """A house effect of one year is less of a bias than one of all years."""
    rng = np.random.default_rng(8)
    bias = rng.normal(0, 1.5, N_SOURCES)
    cases = polls(rng, bias, np.ones(N_SOURCES), cases=100)
    moved = {}
    for name, case in cases.items():
        assert case.end is not None
        once = case.end.year == 2004
        claims = [
            rc.Claim.standard_error(
                c.value + 4, 1.5, figure="share", scale="linear", source=c.source, role="expert"
            )
            if c.source == "pollster 2" and once and c.value is not None
            else c
            for c in case
        ]
        moved[name] = case.replace(claims)
    before, after = (table(named_sources(x, rc.Priors())) for x in (cases, moved))
    # A tenth of its claims is off by 4: by no more than that the mean moves, and less is certain.
    assert 0 < after[2, 0] - before[2, 0] < 0.45
    assert after[2, 1] > before[2, 1]


def test_factors_are_learnt_on_the_log_scale() -> None:
    rng = np.random.default_rng(9)
    factor = {"ministry": 1.6, "hospital": 1.0, "paper": 1.0, "agency": 0.8, "court": 1.0}
    cases = {}
    for k in range(60):
        truth = float(np.exp(rng.uniform(5, 9)))
        shared = np.exp(rng.normal(0, 0.3))
        cases[f"event {k}"] = rc.ClaimSet(
            [
                *(
                    rc.Claim.point(
                        round(truth * shared * by * np.exp(rng.normal(0, 0.15))) + 1,
                        figure="injured",
                        source=name,
                        role="third",
                        said=f"{1990 + k % 12}-01-01",
                    )
                    for name, by in factor.items()
                ),
                rc.Claim.truth(round(truth), round(truth), figure="injured", source="inquiry"),
            ],
            setting="disaster",
            end=f"{1990 + k % 12}-01-01",
        )
    found = named_sources(cases, rc.Priors())
    # Said on the day itself: later, less of a bias is left, and these are those at once.
    assert found["ministry"].bias - found["agency"].bias == pytest.approx(np.log(2), abs=0.12)
    assert found["ministry"].scale == "log" and found["ministry"].cases == 60
    assert found["hospital"].bias < 0.5 * found["ministry"].bias


def test_what_is_learnt_predicts_better() -> None:
    """In later cases: medians are closer, and intervals hold the truth as often as they say."""
    rng = np.random.default_rng(10)
    bias = rng.normal(0, 3.0, N_SOURCES)
    # What all have in common is not any one's.
    bias -= bias.mean()
    cases = polls(rng, bias, np.full(N_SOURCES, 0.5), cases=130, each=3, common=0.2)
    names = list(cases)
    old, new = ({n: cases[n] for n in some} for some in (names[:100], names[100:]))
    priors = rc.Priors(sources=named_sources(old, rc.Priors()))
    off, inside = np.zeros((2, len(new))), np.zeros((2, len(new)), dtype=bool)
    for k, case in enumerate(new.values()):
        (truth,) = (c.value for c in case if c.is_truth)
        asked = case.replace(c for c in case if not c.is_truth)
        for row, p in enumerate((rc.Priors(), priors)):
            fit = rc.fit(asked, priors=p, draws=250, random_seed=k, progressbar=False)
            low, middle, high = np.quantile(rc.draws(fit, "share"), [0.05, 0.5, 0.95])
            off[row, k], inside[row, k] = abs(middle - truth), low <= truth <= high
    assert off[1].mean() < 0.8 * off[0].mean()
    assert 0.8 < inside[1].mean() < 0.99


def test_nothing_is_learnt_where_no_truth_is_known() -> None:
    claim = rc.Claim.point(3, figure="share", scale="linear", source="a", role="expert")
    assert named_sources({"one": rc.ClaimSet([claim], figures=[SHARE])}, rc.Priors()) == {}
    assert named_sources({}, rc.Priors()) == {}


def few(
    said: dict[str, float], truth: float, *, scale: str = "log", **more: object
) -> list[rc.Claim]:
    """Numbers by source, and a truth; party polls are of the own side."""
    about = {"figure": "killed", "scale": scale}
    claims = [
        rc.Claim.point(
            value, source=source, role="own" if "party" in source else "expert", **about, **more
        )
        for source, value in said.items()
    ]
    return [*claims, rc.Claim.truth(truth, truth, value=truth, source="archive", **about)]


def test_shares_and_percentages_tell_the_same_of_names() -> None:
    """Two party pollsters four points too high: 0.16 in log odds."""
    rng, cases = np.random.default_rng(1), {"linear": {}, "share": {}}
    for k in range(20):
        truth, shared = 50 + rng.normal(), rng.normal(0, 0.5)
        off = {"party 1": 4, "party 2": 4, "institute 1": 0, "institute 2": 0}
        said = {
            name: round(truth + shared + by + rng.normal(0, 0.3), 2) for name, by in off.items()
        }
        for scale, found in cases.items():
            figure = rc.Figure(name="killed", unit="percent", scale=scale)
            found[f"{k}"] = rc.ClaimSet(few(said, truth, scale=scale), figures=[figure])
    linear, share = (named_sources(found, rc.Priors()) for found in cases.values())
    for name, prior in linear.items():
        assert prior.bias == pytest.approx(2 if "party" in name else -2, abs=0.3)
        assert share[name].bias == pytest.approx(prior.bias * 0.04, rel=0.1)


def test_what_was_withdrawn_is_no_error_of_its_source() -> None:
    said = [few({"a": 100.0 + k, "b": 104.0}, 101.0) for k in range(6)]
    slip = rc.Claim.point(1000, figure="killed", source="a", role="expert", status="withdrawn")
    plain, with_slips = (
        named_sources({str(k): rc.ClaimSet([*more, *c]) for k, c in enumerate(said)}, rc.Priors())
        for more in ([], [slip])
    )
    assert with_slips["a"].bias == pytest.approx(plain["a"].bias, abs=0.02)


def test_days_of_claims_on_a_fixed_figure_do_not_matter() -> None:
    figure = rc.Figure(name="killed", accrues=False)
    cases = {
        str(k): rc.ClaimSet(
            few({"a": 100.0 + k, "b": 104.0}, 101.0, date=f"2020-0{1 + k % 3}-01"), figures=[figure]
        )
        for k in range(5)
    }
    assert set(named_sources(cases, rc.Priors())) == {"a", "b"}
