"""Whatever coordinates the kernel moves in, the posterior is the same."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import reconcile as rc
from reconcile.inference.density import CompiledDensity
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.kernel.coordinates import whitened_paths
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.reference.forward import forward
from reconcile.results.diagnostics import ess_bulk

SETTINGS = {"draws": 1500, "tune": 600, "chains": 4, "cores": 2, "progress_bar": False}


@pytest.fixture(scope="module")
def plan() -> Design:
    """Precise claims on a rate that rises and falls, and a last day long after them."""
    claims = []
    for day in (1, 2, 3, 5, 8, 12, 16, 20, 25, 30):
        total = 100 * day + 300 * (1 - np.cos(day / 4))
        date = dt.date(2022, 3, 1) + dt.timedelta(days=day)
        for source, off in {"A": 1.0, "C": 1.02, "D": 0.97}.items():
            said = {"figure": "killed", "source": source, "role": "expert", "date": date}
            claims.append(rc.Claim.point(round(off * total), **said))
    far = {"figure": "killed", "source": "B", "role": "own", "date": "2022-06-01"}
    claims.append(rc.Claim.at_least(10, **far))
    return design(
        rc.ClaimSet(
            claims,
            figures=[rc.Figure(name="killed", accrues=True)],
            start="2022-03-01",
            setting="war",
        ),
        # Of hard figures and careless sources a chain may get stuck far out, on any coordinates,
        # and copies of a slip are a mode of their own.
        rc.Priors().replace(difficulty_sd_log=0.05, common_tail=0.0, copied_share=0),
    )


def drawn(
    plan: Design, density: CompiledDensity, seed: int, target_accept: float = 0.95
) -> dict[str, np.ndarray]:
    """Draws of what the coordinates are about, shape (chain, draw, variable)."""
    found, statistics = density.sample(seed=seed, target_accept=target_accept, **SETTINGS)
    assert not statistics["diverging"].any()
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in found.items()}
    latent = forward(plan, flat)
    shape = found["total_z"].shape[:2]
    estimates = np.log(latent.estimate).reshape(*shape, -1)
    return {
        "estimates": estimates,
        "spread": found["path_spread_z"],
        "spread squared": found["path_spread_z"] ** 2,
        "changes": found["path_shared_z"].reshape(*shape, -1),
    }


def test_turned_or_not_the_posterior_is_the_same(plan: Design) -> None:
    """Means of all, to five standard errors of both runs."""
    turned = whitened_paths(kernel_density(plan))
    data = turned.compiled.shared_data
    # Or else nothing would be compared: some directions are pinned down, and a total is not
    # taken at the last day.
    assert data["path_information"].max() > 0.3
    assert data["level_date"][0] < len(plan.structure.dates) - 1
    last = np.array([len(plan.structure.dates) - 1])
    plain = kernel_density(plan).with_data({"level_date": last})
    ours, theirs = drawn(plan, turned, 1), drawn(plan, plain, 2, 0.99)
    for name, values in ours.items():
        means = values.mean(axis=(0, 1)), theirs[name].mean(axis=(0, 1))
        errors = [
            draws.std(axis=(0, 1)) / np.sqrt(ess_bulk(draws)) for draws in (values, theirs[name])
        ]
        off = (means[0] - means[1]) / np.hypot(*errors)
        assert np.abs(off).max() < 5, name


def test_the_last_day_costs_less_if_totals_are_taken_amid_their_claims(plan: Design) -> None:
    """On a day that nobody speaks of, it is worth far more draws than if it is the coordinate."""
    last = np.array([len(plan.structure.dates) - 1])
    densities = kernel_density(plan), kernel_density(plan).with_data({"level_date": last})
    amid, at_the_end = (
        ess_bulk(drawn(plan, whitened_paths(density), 3)["estimates"]) for density in densities
    )
    assert amid[-1] > 2 * at_the_end[-1]
    assert amid.min() > 700
