"""Terms of the bias as one matrix: against what they say in words, and a term of one's own."""

import dataclasses

import numpy as np
import pytest
from pytensor.compile.mode import Mode

from model_sets import ALL_SETS
from reconcile.models.log_scale.design.biases import BiasTerm, biases_of
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.design.difficulty import difficulty_log, error_factors_log
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.pymc.model import model_of
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.prior import draw_parameters


@pytest.fixture(scope="module", params=ALL_SETS)
def plan(request: pytest.FixtureRequest) -> Design:
    return design(ALL_SETS[request.param]())


def test_the_error_of_a_claim_is_what_it_takes_on_of_each_term(plan: Design) -> None:
    """Claim by claim: its share of its voice's bias, category and drift."""
    biases, speakers, shares = plan.biases, plan.speakers, plan.shares
    z = {name: 0.1 + np.arange(size) for name, size in biases.sizes.items()}
    matrices = {term.name: term.matrix.toarray() for term in biases.terms}
    expected = []
    for k, voice in enumerate(speakers.voice_of):
        bias = biases.voice_mean_log[voice] + matrices["bias_z"][voice] @ z["bias_z"]
        for name, of in (("role_z", speakers.situation_of), ("camp_z", speakers.camp_of)):
            if name in z:
                bias += matrices[name][voice, of[voice]] * z[name][of[voice]]
        if plan.categories.labels:
            sd_log = plan.priors.category_sd_log * plan.categories.share[k]
            bias += sd_log * z["category_z"][plan.categories.category_of[k]]
        if "drift_z" in z:
            bias += matrices["drift_z"][k] @ z["drift_z"]
        expected.append(shares.bias[k] * bias)
    every = biases.z({name: values[None] for name, values in z.items()})[0]
    np.testing.assert_allclose(biases.mean_log + biases.matrix @ every, expected, rtol=1e-12)


def test_a_further_term_needs_no_change_elsewhere(plan: Design) -> None:
    """Reference, PyMC model and kernel take on a term of which they have not heard."""
    rng = np.random.default_rng(4)
    loading = rng.uniform(0.1, 0.5, len(plan.claims))
    of = rng.integers(0, 3, len(plan.claims))
    term = BiasTerm.by_row("mood_z", "mood", ("good", "bad", "none"), of, loading)
    others = plan.biases.terms
    of_voices = [other for other in others if other.dim in ("voice", "situation", "camp")]
    biases = biases_of(
        of_voices,
        [*(other for other in others if other not in of_voices), term],
        voice_mean_log=plan.biases.voice_mean_log,
        voice_of=plan.speakers.voice_of,
        share=plan.shares.bias,
    )
    more = dataclasses.replace(plan, biases=biases)
    parameters = draw_parameters(more, rng, 3)
    added = forward(more, parameters).base_log - forward(plan, parameters).base_log
    hard = difficulty_log(plan.difficulties, parameters)[:, plan.difficulties.group_of]
    hard = np.exp(error_factors_log(hard, plan.shares.lifted, plan.priors))
    expected = hard * plan.shares.bias * loading * parameters["mood_z"][:, of]
    np.testing.assert_allclose(added, expected, rtol=1e-9, atol=1e-12)

    density, model = kernel_density(more), model_of(more)
    last = np.full(plan.structure.n_accruing, len(plan.structure.dates) - 1)
    density = density.with_data({"level_date": last})
    step = rng.normal(0, 0.3, density.shift.size)
    variables = density.unpacked(step)
    assert variables["mood_z"].shape == (3,)
    logp = model.compile_logp(mode=Mode("py", "fast_compile"))
    values = {model.rvs_to_values[rv].name: variables[rv.name] for rv in model.free_RVs}
    value, _ = density.slope(density.shift + step)
    assert -value == pytest.approx(float(logp(values)), rel=1e-10)


def test_voices_have_the_variance_of_their_priors(plan: Design) -> None:
    """Whatever of it they share."""
    speakers = plan.speakers
    priors = [plan.priors.bias_of(s.role, s.interest, s.setting) for s in speakers.situations]
    variance = np.array([bias.sd_log**2 + bias.mean_sd_log**2 for bias in priors])
    found = plan.biases.voice_sd_log**2
    np.testing.assert_allclose(found, variance[speakers.situation_of], rtol=1e-12)
