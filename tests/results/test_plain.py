"""The plain style is a line that can be printed, whatever is counted."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from prior_trees import prior_tree

# Median and ends of the interval.
ESTIMATE = (12_000, 3_000, 53_000)
SAID = "between 3,000 and 53,000"


def plain(
    claims: list[rc.Claim], asked: str, estimate: tuple[float, ...] = ESTIMATE, **case: object
) -> str:
    """Sentence on the first estimate, with these numbers in place of draws."""
    tree = prior_tree(rc.ClaimSet(claims, **case), draws=100)
    posterior = tree["posterior"].to_dataset()
    shares = np.array([0.0, 0.05, 0.5, 0.95, 1.0])
    middle, low, high = estimate
    values = np.interp(np.linspace(0, 1, 400), shares, [low, low, middle, high, high])
    every = np.ones_like(posterior["estimate"].to_numpy())
    every[...] = values.reshape(4, 100, 1)
    if "/" in asked:
        every[..., 1] = 1.0
    posterior = posterior.assign(estimate=(posterior["estimate"].dims, every))
    tree["posterior"] = xr.DataTree(dataset=posterior)
    return rc.sentence(tree, asked, style="plain")


def said(figure: str, **further: object) -> list[rc.Claim]:
    about = {"figure": figure, "source": "A", "role": "third"} | further
    return [rc.Claim.point(12_000, **about)]


CENTRE = "; the central estimate is 12,000."


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        # One fixed number: participles, nouns with participles, adjectives, nouns.
        (rc.Figure(name="killed", unit="soldiers"), f"{SAID} soldiers were probably killed"),
        (rc.Figure(name="killed"), f"{SAID} were probably killed"),
        (rc.Figure(name="houses destroyed"), f"{SAID} houses were probably destroyed"),
        (rc.Figure(name="dead", unit="people"), f"the number of people dead probably lay {SAID}"),
        (rc.Figure(name="casualties"), f"casualties probably lay {SAID}"),
        (rc.Figure(name="area burned", unit="ha"), f"area burned probably lay {SAID} ha"),
        (rc.Figure(name="spilled", unit="barrels"), f"{SAID} barrels were probably spilled"),
        (rc.Figure(name="need", unit="tonnes"), f"need probably lay {SAID} tonnes"),
    ],
)  # fmt: skip
def test_fixed_figures(figure: rc.Figure, expected: str) -> None:
    text = plain(said(figure.name), figure.name, figures=[figure])
    assert text == expected[0].upper() + expected[1:] + CENTRE


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (rc.Figure(name="killed", unit="soldiers", accrues=True),
         f"{SAID} soldiers had probably been killed by 23 March"),
        (rc.Figure(name="casualties", accrues=True),
         f"casualties had probably reached {SAID} by 23 March"),
        (rc.Figure(name="missing", unit="people", accrues=True),
         f"the number of people missing had probably reached {SAID} by 23 March"),
        (rc.Figure(name="flow", unit="barrels per day", level=True),
         f"flow probably lay {SAID} barrels per day on 23 March"),
    ],
)  # fmt: skip
def test_figures_that_change(figure: rc.Figure, expected: str) -> None:
    case = {"figures": [figure], "start": "2022-02-24"}
    text = plain(said(figure.name, date="2022-03-23"), figure.name, **case)
    assert text == expected[0].upper() + expected[1:] + CENTRE
    # A case of several years names the year.
    text = plain(
        said(figure.name, date="2022-03-23"), figure.name, **case | {"start": "2021-12-01"}
    )
    assert "23 March 2022; " in text


def test_sums_ratios_and_several_populations() -> None:
    parts = ("killed", "wounded", "captured")
    figures = [rc.Figure(name=part) for part in parts]
    text = plain(said(" + ".join(parts)), " + ".join(parts), figures=figures)
    assert text == f"Between 3,000 and 53,000 were probably killed, wounded or captured{CENTRE}"
    figures = [rc.Figure(name=part, unit="soldiers") for part in (*parts, "missing")]
    text = plain(said("killed + missing"), "missing + killed", figures=figures)
    assert text == f"The number of soldiers killed or missing probably lay {SAID}{CENTRE}"
    ratio = plain(said("wounded") + said("killed"), "wounded / killed", (3, 2, 5))
    assert ratio == (
        "The ratio of wounded to killed probably lay between 2 and 5; the central estimate is 3."
    )
    claims = [*said("killed", population="Troy"), *said("killed", population="Sparta")]
    tree = prior_tree(rc.ClaimSet(claims))
    text = rc.sentence(tree, "killed", population="Troy", style="plain")
    assert text.startswith("Troy: between ")


def test_percent_thousands_and_an_interval_of_one_number() -> None:
    share = rc.Figure(name="turnout", unit="%", counts=False)
    text = plain(said("turnout"), "turnout", (62, 61, 63), figures=[share])
    assert text == "Turnout probably lay between 61 and 63 %; the central estimate is 62 %."
    text = plain(
        said("displaced"),
        "displaced",
        (12, 3, 53),
        figures=[rc.Figure(name="displaced", unit="people", unit_size=1000)],
    )
    assert text == f"{SAID[0].upper()}{SAID[1:]} people were probably displaced{CENTRE}"
    text = plain(said("killed"), "killed", (176, 176, 176))
    assert text == "About 176 were probably killed."


def test_an_undetermined_figure_has_no_centre() -> None:
    text = rc.sentence(prior_tree(rc.ClaimSet(said("killed"))), "killed", style="plain")
    assert re.fullmatch(
        r"Between [\d,.]+ and [\d,]+ were probably killed; "
        r"the claims do not determine the figure\.",
        text,
    )


def test_the_founding_article_s(fitted: xr.DataTree) -> None:
    text = rc.sentence(fitted, "killed", date="2022-03-23", style="plain")
    note = rc.sentence(fitted, "killed", date="2022-03-23")
    low, high = re.search(r"interval ([\d,]+) to ([\d,]+)\)", note).groups()
    middle = re.search(r"about ([\d,]+) soldiers", note)[1]
    assert text == (
        f"Between {low} and {high} soldiers had probably been killed by 23 March; the central "
        f"estimate is {middle}."
    )
