"""Totals about what is said of them, in units of their difficulty: what that brings, and where."""

from __future__ import annotations

import numpy as np
import pytest

import reconcile as rc
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.kernel.coordinates import whitened_paths
from reconcile.models.log_scale.kernel.layout import kernel_data, kernel_density
from reconcile.models.log_scale.kernel.starts import claim_starts
from reconcile.models.log_scale.reference.forward import forward
from reconcile.results.diagnostics import ess_bulk

PLAIN = ("level_offset", "level_scale_log", "level_slab")


def apart() -> Design:
    """Six figures, each of which one claim tells: what is unsound of it, nothing else corrects."""
    about = {"source": "a ministry", "role": "own", "said": "2019-06-04"}
    claims = [rc.Claim.point(900 + 37 * k, figure=f"killed in {k}", **about) for k in range(6)]
    return design(
        rc.ClaimSet(claims, setting="disaster", start="2019-05-04", end="2019-05-04"),
    )


def measured(*numbers: float) -> Design:
    claims = [
        rc.Claim.standard_error(number, 0.1, figure="mass", source=f"source {k}", role="expert")
        for k, number in enumerate(numbers)
    ]
    return design(rc.ClaimSet(claims, setting="measurement"))


def test_totals_that_one_claim_tells_cost_few_draws() -> None:
    """Each about normal, whatever the difficulty: several times as many effective draws."""
    plan, sizes = apart(), []
    density = kernel_density(plan)
    none = np.zeros(6)
    plain = dict.fromkeys(PLAIN, none) | {"level_fixed": none + 1, "level_register": none - 1}
    for each in (density, density.with_data(plain)):
        found, _ = whitened_paths(each).sample(
            seed=5, draws=1000, tune=800, chains=4, cores=2, target_accept=0.85, progress_bar=False
        )
        shape = found["total_z"].shape[:2]
        flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in found.items()}
        estimates = np.log(forward(plan, flat).estimate).reshape(*shape, -1)
        sizes.append(float(ess_bulk(estimates).min()))
    assert sizes[0] > 3 * sizes[1]
    assert sizes[0] > 150


@pytest.mark.parametrize(("numbers", "agree"), [((100, 100.2), True), ((100, 140), False)])
def test_a_total_that_is_contradicted_keeps_its_prior_as_unit(
    numbers: tuple[float, ...], *, agree: bool
) -> None:
    """About one of two modes, the other would be far off, and curved with the difficulty."""
    data = kernel_data(measured(*numbers))
    assert (data["level_fixed"][0] < 1) == agree
    assert (data["level_scale_log"][0] < 0) == agree
    assert (data["level_offset"][0] != 0) == agree


def test_one_claim_after_the_other_is_right_at_the_starts() -> None:
    """However far off in units of the difficulty."""
    plan = measured(100, 100.2, 100.1, 104)
    density = whitened_paths(kernel_density(plan))
    starts = np.array(claim_starts(plan, density))
    masses = np.exp(forward(plan, density.plain.unpacked(starts)).sum_log[:, 0])
    np.testing.assert_allclose(np.sort(masses), [100, 100.1, 100.2, 104], rtol=1e-4)
