"""The sentence says what the fit says, and when it says nothing (DESIGN, properties 7 and 8)."""

import re
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from prior_trees import prior_tree
from reconcile.kinds.wording import rounded
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.fit import sample_design
from reconcile.results.selection import claims_on, select
from reconcile.results.sentence import assumed_share, disagreement, remaining_share

MARCH = {"figure": "killed", "date": "2022-03-23"}

PATTERN = re.compile(
    r"Russia, killed up to 23 March 2022: about (?P<median>[\d,]+) soldiers \(posterior median; "
    r"(?P<mass>[\d.]+) % (?P<kind>equal-tailed|highest-density) credible interval "
    r"(?P<low>[\d,]+) to (?P<high>[\d,]+)\), from 5 claims \(1 withdrawn, 1 revised\) by 3 sources "
    r"whose numbers for the same "
    r"day differ by a factor of (?P<factor>[\d.]+), worth about (?P<worth>[\d.]+) independent "
    r"claims; about (?P<share>\d+) % of the remaining "
    r"variance \(log scale\) rests on what is assumed about how far the sources are off "
    r"\(reconcile (?P<version>\S+), seed 2022\)\."
)


def parsed(text: str) -> dict[str, str]:
    match = PATTERN.fullmatch(text)
    assert match, text
    return match.groupdict()


def number(text: str) -> float:
    return float(text.replace(",", ""))


def two_digits(text: str) -> bool:
    return len(text.replace(",", "").rstrip("0")) <= 2


@pytest.mark.parametrize(("kind", "name"), [("eti", "equal-tailed"), ("hdi", "highest-density")])
@pytest.mark.parametrize("mass", [0.5, 0.9, 0.975])
def test_wording(fitted: xr.DataTree, kind: str, name: str, mass: float) -> None:
    said = parsed(rc.sentence(fitted, **MARCH, ci_kind=kind, ci_prob=mass))
    table = rc.summary(fitted, ci_kind=kind, ci_prob=mass)
    (row,) = table[(table["figure"] == "killed") & (table["date"] == "2022-03-23")].to_dict(
        "records"
    )
    low, high = row[f"{kind}{100 * mass:g}_lb"], row[f"{kind}{100 * mass:g}_ub"]
    assert (said["kind"], said["mass"]) == (name, f"{100 * mass:g}")
    assert number(said["median"]) == pytest.approx(row["median"], rel=0.051)
    # Rounded to two digits, the ends outwards.
    assert all(two_digits(said[key]) for key in ("median", "low", "high"))
    assert 0.9 * low < number(said["low"]) <= low
    assert high <= number(said["high"]) < 1.1 * high
    assert said["version"] == rc.__version__


def test_shares_and_factor_are_those_computed(fitted: xr.DataTree) -> None:
    said = parsed(rc.sentence(fitted, **MARCH))
    chosen = select(fitted, **MARCH)
    # In fives, since it comes of draws.
    assert number(said["share"]) == 5 * round(20 * assumed_share(fitted, chosen))
    factor = disagreement(claims_on(fitted, chosen))
    assert number(said["factor"]) == rounded(factor)


def test_the_disagreement_is_taken_on_the_same_day(fitted: xr.DataTree) -> None:
    """498 on 2 March and 1,351 on the 25th are not a contradiction: the total grew meanwhile."""
    median = {
        day: float(rc.draws(fitted, "killed", date=day).median())
        for day in ("2022-03-02", "2022-03-20", "2022-03-23", "2022-03-25")
    }
    ratios = [
        *(498 / median["2022-03-02"], 1351 / median["2022-03-25"], 9861 / median["2022-03-20"]),
        *(7000 / median["2022-03-23"], 15_000 / median["2022-03-23"]),
    ]
    expected = max(ratios) / min(ratios)
    assert disagreement(claims_on(fitted, select(fitted, "killed"))) == pytest.approx(
        expected, rel=0.01
    )
    assert expected < 0.6 * 15_000 / 498


def test_a_sum_one_claim_and_no_claim(fitted: xr.DataTree) -> None:
    text = rc.sentence(fitted, "casualties")
    assert text.startswith("Russia, casualties up to 7 April 2022: about ")
    assert "from 1 claim by 1 source; about" in text
    assert "differ" not in text
    text = rc.sentence(fitted, "captured")
    assert "from claims none of which speaks of it directly" in text


def test_without_population_date_and_unit() -> None:
    claim = rc.Claim.point(120, figure="killed", source="A", role="own")
    assert rc.sentence(prior_tree(rc.ClaimSet([claim])), "killed").startswith("Killed: about ")


@pytest.mark.filterwarnings("ignore:no role is given:reconcile.AssumptionWarning")
def test_what_was_found_out_later_is_no_claim_that_differs() -> None:
    truth = rc.Claim.truth(900, 1100, figure="killed", source="a court")
    two = [
        rc.Claim.point(value, figure="killed", source=source, role="own")
        for value, source in ((120, "A"), (240, "B"))
    ]
    for claims, told in (
        ([*two, truth], "from 2 claims by 2 sources whose numbers differ by a factor of 2, worth"),
        ([two[0], truth], "from 1 claim by 1 source, and 1 later finding of what it was;"),
    ):
        text = rc.sentence(prior_tree(rc.ClaimSet(claims)), "killed")
        assert told in text
        assert "and 1 later finding of what it was; " in text


def test_a_narrow_interval_keeps_its_width() -> None:
    claims = rc.ClaimSet(
        [rc.Claim.interval(6.6741, 6.6745, 0.68, figure="G", source="CODATA", role="expert")],
        figures=[rc.Figure(name="G", plausible=(6.673, 6.676))],
        setting="measurement",
    )
    tree = prior_tree(claims)
    low, high = re.search(r"interval ([\d.]+) to ([\d.]+)\)", rc.sentence(tree, "G")).groups()
    values = np.quantile(rc.draws(tree, "G"), [0.05, 0.95])
    assert float(low) <= values[0] < values[1] <= float(high)
    assert float(high) - float(low) < 1.2 * (values[1] - values[0])


def with_values(tree: xr.DataTree, group: str, name: str, values: np.ndarray) -> xr.DataTree:
    """The tree with other values of one variable."""
    tree = tree.copy(deep=True)
    dataset = tree[group].to_dataset()
    changed = dataset.assign({name: (dataset[name].dims, values)})
    tree[group] = xr.DataTree(dataset=changed)
    return tree


def rescaled(tree: xr.DataTree, *, left: float) -> xr.DataTree:
    """The tree with the log estimate's spread set to a share of the prior's."""
    posterior, prior = (np.log(tree[g]["estimate"].to_numpy()) for g in ("posterior", "prior"))
    factor = left * prior.std() / posterior.std()
    logged = posterior.mean() + factor * (posterior - posterior.mean())
    return with_values(tree, "posterior", "estimate", np.exp(logged))


@pytest.mark.parametrize(("left", "says_so"), [(0.98, True), (0.72, True), (0.68, False)])
def test_what_claims_do_not_determine_is_said(left: float, says_so: bool) -> None:
    claim = rc.Claim.point(120, figure="killed", source="A", role="own")
    tree = rescaled(prior_tree(rc.ClaimSet([claim])), left=left)
    assert remaining_share(tree, select(tree, "killed")) == pytest.approx(left)
    text = rc.sentence(tree, "killed")
    share = f"its standard deviation is still {100 * left:.0f} % of that of the prior"
    assert (share in text) == says_so
    assert ("do not determine this figure" in text) == says_so
    assert ("rests on what is assumed" in text) != says_so


def test_the_assumed_share_is_that_of_the_biases() -> None:
    """Against its definition: the estimate made of a bias and of something else."""
    claim = rc.Claim.point(120, figure="killed", source="A", role="own")
    tree = prior_tree(rc.ClaimSet([claim]))
    bias = tree["posterior"]["bias_log"].to_numpy()[..., 0]
    other = np.random.default_rng(1).normal(size=bias.shape)
    for share in (0.1, 0.5, 0.95):
        logged = np.sqrt(share) * bias / bias.std() + np.sqrt(1 - share) * other
        tree = with_values(tree, "posterior", "estimate", np.exp(logged)[..., None])
        assert assumed_share(tree, select(tree, "killed")) == pytest.approx(share, abs=0.06)


class One:
    """One claim on one fixed figure, fitted under several assumptions."""

    def __init__(self) -> None:
        self.claim = rc.Claim.point(5120, figure="killed", source="A", role="third")

    def fit(self, claim: rc.Claim, **priors: object) -> xr.DataTree:
        return sample_design(
            design(rc.ClaimSet([claim]), rc.Priors(**priors)),
            draws=2000,
            tune=1000,
            chains=4,
            cores=2,
            random_seed=1,
            progressbar=False,
            target_accept=0.95,
        )


@pytest.fixture(scope="module")
def one() -> One:
    return One()


def with_bias(sd: float) -> dict[str, object]:
    bias = rc.BiasPrior(mean_log=0.0, mean_sd_log=sd / 10, sd_log=sd)
    role = replace(rc.Priors().roles["third"], noise_median_log=0.1, standing_sound=0.999)
    return {"biases": {"third": bias}, "roles": {"third": role}, "common_bias_sd_log": sd / 10}


def test_one_source_of_unknown_bias_rests_on_assumption(one: One) -> None:
    tree = one.fit(one.claim, **with_bias(1.0))
    assert assumed_share(tree, select(tree, "killed")) > 0.8
    # One source tells nothing of its own bias, so its spread comes out as it was put in.
    spread = np.log(rc.draws(tree, "killed")).std()
    assert 0.75 < spread < 1.1


def test_one_source_without_bias_does_not(one: One) -> None:
    tree = one.fit(one.claim, **with_bias(0.01))
    assert assumed_share(tree, select(tree, "killed")) < 0.1
    # Of its noise nobody knows more than its prior, which has long tails.
    assert np.log(rc.draws(tree, "killed")).quantile([0.16, 0.84]).diff("quantile") < 2 * 0.4


def test_a_claim_that_says_nothing_leaves_the_prior() -> None:
    claims = rc.ClaimSet([rc.Claim.vague("significant", figure="killed", source="A", role="own")])
    claims = rc.ClaimSet(claims, figures=[rc.Figure(name="killed", plausible=(100, 100_000))])
    tree = rc.fit(claims, random_seed=1, progressbar=False)
    share = remaining_share(tree, select(tree, "killed"))
    assert 0.93 < share < 1.07
    text = rc.sentence(tree, "killed")
    assert "the claims do not determine this figure" in text
    assert f"still {100 * share:.0f} % of that of the prior" in text
    low, high = np.quantile(rc.draws(tree, "killed"), [0.025, 0.975])
    assert 60 < low < 170
    assert 60_000 < high < 170_000


def log_width(low: float, high: float) -> float:
    return float(np.log(high / low))


def naive_intervals() -> dict[str, tuple[float, float]]:
    """What pooling each source's number of about 23 March would give, 90 %.

    The midpoint of a bound is taken to be the bound. 498, of 2 March and revised since, is not a
    number of that date.
    """
    middles = np.log([1351, 9861, np.sqrt(7000 * 15_000)])
    mean, error = middles.mean(), middles.std(ddof=1) / np.sqrt(len(middles))
    # Errors: what a statistician might grant; the range as a 95 % interval, counts 20 %.
    errors = np.array([0.2, 0.2, np.log(15_000 / 7000) / (2 * 1.96)])
    return {
        "mean of midpoints": tuple(np.exp(mean + np.array([-1.645, 1.645]) * error)),
        "DerSimonian and Laird": der_simonian_laird(middles, errors),
        "the range": (7000, 15_000),
    }


def der_simonian_laird(y: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Random-effects interval, 90 %, exponentiated (Controlled Clinical Trials 7, 1986)."""
    weight = errors**-2
    pooled = np.average(y, weights=weight)
    q = np.sum(weight * (y - pooled) ** 2)
    between = (q - (len(y) - 1)) / (weight.sum() - np.sum(weight**2) / weight.sum())
    weight = 1 / (errors**2 + max(0.0, between))
    middle, error = np.average(y, weights=weight), weight.sum() ** -0.5
    low, high = np.exp(middle + np.array([-1.645, 1.645]) * error)
    return float(low), float(high)


def test_der_simonian_laird_here_is_right() -> None:
    """Two estimates with equal errors: the between-study variance is theirs less the errors'."""
    y, errors = np.array([0.0, 2.0]), np.array([0.5, 0.5])
    low, high = np.log(der_simonian_laird(y, errors))
    assert (low + high) / 2 == pytest.approx(1)
    assert (high - low) / 2 == pytest.approx(1.645 * np.sqrt((0.25 + 1.75) / 2))


@pytest.mark.parametrize("pooling", ["mean of midpoints", "DerSimonian and Laird", "the range"])
def test_the_interval_is_wider_than_naive_pooling(fitted: xr.DataTree, pooling: str) -> None:
    low, high = np.quantile(rc.draws(fitted, "killed", date="2022-03-23"), [0.05, 0.95])
    assert log_width(low, high) > log_width(*naive_intervals()[pooling])


def test_the_sentence_says_that_the_claims_differ_tenfold(fitted: xr.DataTree) -> None:
    assert 8 <= number(parsed(rc.sentence(fitted, **MARCH))["factor"]) <= 16


def test_the_factor_follows_the_claims(seven_claims: rc.ClaimSet) -> None:
    closer = seven_claims.replace(
        replace(c, value=8000.0) if c.kind == "at_least" else c for c in seven_claims
    )
    tree = with_values(prior_tree(closer), "claims", "sum_median", np.full(len(closer), 9000.0))
    assert disagreement(claims_on(tree, select(tree, "killed"))) == pytest.approx(15 / 7)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (125, "from 2 claims by 2 sources whose numbers agree"),
        (600, "from 2 claims by 2 sources whose numbers differ by a factor of 5"),
        (1.2e7, "from 2 claims by 2 sources whose numbers differ by a factor of 100,000"),
    ],
)
def test_agreement_and_great_factors(other: float, said: str) -> None:
    claims = [
        rc.Claim.point(120, figure="killed", source="A", role="own"),
        rc.Claim.point(other, figure="killed", source="B", role="enemy"),
    ]
    assert said in rc.sentence(prior_tree(rc.ClaimSet(claims)), "killed")


def test_what_lies_beyond_the_last_claim_is_said_to(fitted: xr.DataTree) -> None:
    """The last claim on the wounded is one on a sum with them."""
    text = rc.sentence(fitted, "wounded")
    assert "up to 7 April 2022 (extrapolated: the last claim is for 23 March 2022): about" in text
    for figure, date in (("wounded", "2022-03-23"), ("casualties", None), ("killed", None)):
        assert "extrapolated" not in rc.sentence(fitted, figure, date=date)


def test_a_unit_of_thousands_is_said() -> None:
    claims = rc.ClaimSet(
        [rc.Claim.point(120, figure="killed", source="A", role="own")],
        figures=[rc.Figure(name="killed", unit="people", unit_size=1000)],
    )
    assert re.search(
        r"about [\d.,]+ times 1,000 people \(", rc.sentence(prior_tree(claims), "killed")
    )
