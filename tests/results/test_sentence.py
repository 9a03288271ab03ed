"""The sentence says what the fit says, and when it says nothing (DESIGN, properties 7 and 8)."""

import re

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from prior_trees import prior_tree
from reconcile.results.assumption import assumed_share, remaining_share
from reconcile.results.selection import select

MARCH = {"figure": "killed", "date": "2022-03-23"}

PATTERN = re.compile(
    r"Russian soldiers lost in Ukraine, February to April 2022 "
    r"\(Russia, killed up to 23 March 2022\): about (?P<median>[\d,]+) soldiers "
    r"\(posterior median; (?P<mass>[\d.]+) % (?P<kind>equal-tailed|highest-density) "
    r"credible interval (?P<low>[\d,.]+) to (?P<high>[\d,]+)\), "
    r"from 5 claims \(1 withdrawn, 1 revised\) by 3 sources, "
    r"worth about (?P<worth>[\d.]+) independent claims; "
    r"about (?P<share>\d+) % of the width of the interval \(log scale\) "
    r"rests on what is assumed about the sources and the figure "
    r"\(reconcile (?P<version>\S+), seed 2022\)\."
)


def parsed(text: str) -> dict[str, str]:
    match = PATTERN.fullmatch(text)
    assert match, text
    return match.groupdict()


def number(text: str) -> float:
    return float(text.replace(",", ""))


def two_digits(text: str) -> bool:
    return len(re.sub("[,.]", "", text).strip("0")) <= 2


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


def test_the_share_is_the_one_computed(fitted: xr.DataTree) -> None:
    share = assumed_share(fitted, select(fitted, **MARCH))
    # In fives, since it comes of draws.
    assert number(parsed(rc.sentence(fitted, **MARCH))["share"]) == 5 * round(20 * share)


def test_a_sum_one_claim_and_no_claim(fitted: xr.DataTree) -> None:
    text = rc.sentence(fitted, "casualties")
    assert " (Russia, casualties up to 7 April 2022): about " in text
    assert "from 1 claim by 1 source; " in text
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
    """The tree with the width of the log estimate set to a share of the prior's."""
    posterior, prior = (np.log(tree[g]["estimate"].to_numpy()) for g in ("posterior", "prior"))
    widths = [np.ptp(np.quantile(log, [0.05, 0.95])) for log in (prior, posterior)]
    factor = left * widths[0] / widths[1]
    logged = posterior.mean() + factor * (posterior - posterior.mean())
    return with_values(tree, "posterior", "estimate", np.exp(logged))


@pytest.mark.parametrize(("left", "says_so"), [(0.98, True), (0.72, True), (0.68, False)])
def test_what_claims_do_not_determine_is_said(left: float, says_so: bool) -> None:
    claim = rc.Claim.point(120, figure="killed", source="A", role="own")
    tree = rescaled(prior_tree(rc.ClaimSet([claim])), left=left)
    assert remaining_share(tree, select(tree, "killed")) == pytest.approx(left)
    text = rc.sentence(tree, "killed")
    share = f"its interval is still {100 * left:.0f} % as wide as that of the prior"
    assert (share in text) == says_so
    assert ("do not determine this figure" in text) == says_so
    assert ("rests on what is assumed" in text) != says_so


def test_a_claim_that_says_nothing_leaves_the_prior() -> None:
    claims = rc.ClaimSet([rc.Claim.vague("significant", figure="killed", source="A", role="own")])
    claims = rc.ClaimSet(claims, figures=[rc.Figure(name="killed", plausible=(100, 100_000))])
    tree = rc.fit(claims, random_seed=1, progressbar=False)
    share = remaining_share(tree, select(tree, "killed"))
    assert 0.93 < share < 1.07
    text = rc.sentence(tree, "killed")
    assert "the claims do not determine this figure" in text
    assert f"still {100 * share:.0f} % as wide as that of the prior" in text
    low, high = np.quantile(rc.draws(tree, "killed"), [0.025, 0.975])
    assert 60 < low < 170
    assert 60_000 < high < 170_000


def log_width(low: float, high: float) -> float:
    return float(np.log(high / low))


def test_the_interval_is_wider_than_the_one_range_that_stands(fitted: xr.DataTree) -> None:
    low, high = np.quantile(rc.draws(fitted, "killed", date="2022-03-23"), [0.05, 0.95])
    assert log_width(low, high) > log_width(7000, 15_000)


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
    assert "up to 7 April 2022 (extrapolated: the last claim is for 23 March 2022)): about" in text
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


def test_a_ratio_has_a_sentence() -> None:
    claims = [
        rc.Claim.point(300, figure="wounded", source="A", role="own"),
        rc.Claim.point(100, figure="killed", source="A", role="own"),
        rc.Claim.ratio(3, figure="wounded / killed", source="B", role="expert"),
    ]
    tree = prior_tree(rc.ClaimSet(claims))
    text = rc.sentence(tree, "wounded / killed")
    assert re.match(r"Wounded / killed: about [\d.,]+ \(posterior median; ", text)
    assert "from 1 claim by 1 source; " in text


def test_a_share_near_none_or_all_is_not_rounded_to_it() -> None:
    """The figure known but for its prior, and but for nothing."""
    claim = rc.Claim.point(120, figure="killed", source="A", role="own")
    tree = rescaled(prior_tree(rc.ClaimSet([claim])), left=0.69)
    assert "more than 95 % of the width" in rc.sentence(tree, "killed")
    constant = np.full_like(tree["posterior"]["estimate"].to_numpy(), 120.0)
    tree = with_values(tree, "posterior", "estimate", constant)
    assert "less than 5 % of the width" in rc.sentence(tree, "killed")


def test_a_style_that_is_not_there_is_refused(fitted: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="style='plan' must be one of: note, plain"):
        rc.sentence(fitted, "killed", style="plan")
