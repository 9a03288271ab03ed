"""Cases that tests share: one that is hard to draw, and trees without sampling."""

import numpy as np
import xarray as xr

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.models.log_scale.tree import PRIOR_DRAWS, result_tree

# Nine sources with names as long as they come.
_SOURCES = {
    "Ministry of Health and Population of the Provisional Government of National Unity": "own",
    "Office of the United Nations High Commissioner for Refugees (UNHCR)": "third",
    "Northern Liberation Front, political department, through its spokesman abroad": "enemy",
    "AFP": "media",
    "Centre for Research on the Epidemiology of Disasters, Université de Louvain": "expert",
    "A document that was seen by two newspapers and could not be checked": "leak",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft": "expert",
    "talk in the market": "rumour",
    "Міністерство оборони (ранкове зведення, без підпису)": "enemy",
}


def hard_case() -> rc.ClaimSet:
    """Twenty claims of every kind by nine sources, over five decades, many on one day."""
    army, agency, front, wire, centre, leak, long_word, market, ministry = (
        {"figure": "people killed", "source": name, "role": role} for name, role in _SOURCES.items()
    )
    day, c = "2023-05-14", rc.Claim
    gone = {"status": "withdrawn: the website was taken down"}
    return rc.ClaimSet(
        [
            c.point(0, date="2023-05-01", **army),
            c.at_least(3, date="2023-05-02", **army),
            c.at_most(40, date="2023-05-05", **army),
            c.point(1351, date=day, **army),
            c.between(7_000, 15_000, date=day, **agency),
            c.between(0, 12_000, date=day, **agency, status="revised: summed twice"),
            c.at_least(250_000, date=day, **front),
            c.point(912_345, date="2023-06-30", **front),
            c.about(600, date="2023-05-03", **wire),
            c.about(3_000, date=day, **wire, **gone),
            c.interval(4_000, 9_000, 0.9, value=6_000, date=day, **centre),
            c.interval(0, 20_000, 0.95, date="2023-06-30", **centre),
            c.point(98_761, date=day, **leak, **gone),
            c.at_most(500_000, date=day, **leak, **gone),
            c.between(11, 12, date="2023-05-03", **long_word),
            c.vague("tens of thousands", date=day, **market),
            c.vague("significant", date=day, **market),
            c.vague("a handful", date="2023-05-03", **market),
            c.at_least(0, date=day, **ministry),
            c.point(300_000, date="2023-06-30", **ministry),
        ],
        figures=[rc.Figure(name="people killed", unit="people", accrues=True)],
        setting="war",
        start="2023-05-01",
        title="A case that is hard to draw",
    )


def prior_tree(claims: rc.ClaimSet, *, draws: int = 250, seed: int = 1) -> xr.DataTree:
    """What ``fit`` returns, with draws from the prior in place of sampled ones; no compiler runs.

    Its four chains are independent draws, and it is marked as converged.
    """
    plan = design(claims)
    drawn = draw_parameters(plan, np.random.default_rng(seed), 4 * draws)
    parameters = {name: x.reshape(4, draws, *x.shape[1:]) for name, x in drawn.items()}
    tree = result_tree(
        plan,
        parameters,
        xr.Dataset({"diverging": (("chain", "draw"), np.zeros((4, draws), dtype=bool))}),
        seed=seed,
        settings={"draws": draws, "tune": 0, "chains": 4},
        prior_parameters=draw_parameters(plan, np.random.default_rng(seed + 1), PRIOR_DRAWS),
        predictive_rng=np.random.default_rng(seed + 2),
    )
    tree.attrs |= {"converged": 1, "convergence_problems": ""}
    return tree
