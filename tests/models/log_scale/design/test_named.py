"""Named sources on the log scale: the mean and spread of their bias, and their noise."""

import numpy as np
import pytest
from scipy import stats

import reconcile as rc
from reconcile.models.log_scale.design.design import Design, design

MINISTRY = rc.SourcePrior(scale="log", bias=0.5, bias_sd=0.2, noise=2.0, cases=12)
PRIORS = rc.Priors(sources={"ministry": MINISTRY})
KILLED = {"figure": "killed"}


def said() -> rc.ClaimSet:
    c = rc.Claim
    return rc.ClaimSet(
        [
            c.point(1210, **KILLED, source="ministry", role="expert"),
            c.interval(900, 1700, 0.9, **KILLED, source="ministry", role="expert"),
            c.point(1420, **KILLED, source="hospital", role="expert"),
            c.point(1530, **KILLED, source="paper", role="media", origin="ministry"),
            c.truth(1300, 1400, **KILLED, source="court"),
        ]
    )


def both() -> tuple[Design, Design]:
    return design(said(), rc.Priors()), design(said(), PRIORS)


def test_the_bias_of_a_named_source_is_moved_and_spread() -> None:
    before, after = (plan.biases for plan in both())
    np.testing.assert_allclose(after.voice_mean_log - before.voice_mean_log, [0.5, 0])
    assert after.voice_sd_log[1] == before.voice_sd_log[1]
    prior = rc.Priors().bias_of("expert", "none", "other")
    expected = np.sqrt((2 * prior.sd_log) ** 2 + 0.2**2 + prior.mean_sd_log**2)
    assert after.voice_sd_log[0] == pytest.approx(expected)


def test_its_noise_and_what_it_states_are_multiplied() -> None:
    """And those of who repeats it, but not those of a truth."""
    before, after = (plan.noise for plan in both())
    times = np.array([2.0, 2.0, 1.0, 2.0, 1.0])
    for name in ("width", "excess", "expected_log"):
        np.testing.assert_allclose(getattr(after, name), times * getattr(before, name))
    np.testing.assert_allclose(after.factor, times**2 * before.factor)
    np.testing.assert_array_equal(after.fixed, before.fixed)
    assert before.width[1] > 0 and before.width[4] > 0


def test_measurements_are_as_wide_as_their_laboratory_deserves() -> None:
    claims = rc.ClaimSet(
        [
            rc.Claim.standard_error(x, 0.1, figure="mass", source=source, role="expert")
            for x, source in ((9.1, "ministry"), (9.3, "hospital"))
        ],
        setting="measurement",
    )
    before, after = design(claims, rc.Priors()).noise, design(claims, PRIORS).noise
    np.testing.assert_allclose(after.width, [2 * before.width[0], before.width[1]])


@pytest.mark.parametrize(
    "sources",
    [
        {"Ministry": MINISTRY},
        {"ministry": rc.SourcePrior(scale="linear", unit="", bias=3.0, noise=2.0)},
    ],
    ids=["another name", "another scale"],
)
def test_what_is_known_of_others_changes_nothing(sources: dict[str, rc.SourcePrior]) -> None:
    before, after = design(said(), rc.Priors()), design(said(), rc.Priors(sources=sources))
    np.testing.assert_array_equal(before.biases.mean_log, after.biases.mean_log)
    np.testing.assert_array_equal(before.biases.matrix.toarray(), after.biases.matrix.toarray())
    np.testing.assert_array_equal(before.noise.factor, after.noise.factor)


def plain_priors() -> rc.Priors:
    """Nothing but one bias and one noise for each source."""
    expert = rc.RolePrior(
        noise_median_log=0.1,
        noise_sd_log=0.001,
        at_least_failure=1e-9,
        at_most_failure=1e-9,
        standing_sound=1 - 1e-9,
        withdrawn_sound=0.5,
    )
    bias = rc.BiasPrior(mean_log=0.0, mean_sd_log=0.001, sd_log=0.25, fog_rate=1e-9)
    zero = {"difficulty_sd_log": 0.0, "common_bias_sd_log": 1e-4, "common_tail": 0.0}
    return rc.Priors(
        roles={"expert": expert},
        biases={"expert": bias},
        noise_setting={"other": 1.0},
        noise_floor=1e-4,
        copied_share=0.0,
        **zero,
        sources={"ministry": MINISTRY},
    )


def test_the_figure_is_as_by_an_integral() -> None:
    """Bias and noise of each source are integrated out on a grid."""
    numbers = {"ministry": 1810, "hospital": 1130}
    claims = rc.ClaimSet(
        [
            rc.Claim.point(x, figure="tonnes", source=name, role="expert")
            for name, x in numbers.items()
        ],
        figures=[rc.Figure(name="tonnes", unit="tonnes", unit_size=1e-3)],
    )
    fit = rc.fit(claims, priors=plain_priors(), draws=2000, random_seed=4, progressbar=False)
    assert fit.attrs["converged"]
    total, z = np.linspace(4.5, 10.5, 3001), np.linspace(-6, 6, 601)
    density = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    logp = np.zeros_like(total)
    for name, x in numbers.items():
        known = MINISTRY if name == "ministry" else rc.SourcePrior(scale="log")
        sd = np.hypot(known.noise * 0.25, known.bias_sd)
        off = np.log(x) - total[:, None] - known.bias - sd * z
        logp += np.log(stats.logistic.pdf(off, scale=known.noise * 0.1) @ density)
    cumulative = np.cumsum(np.exp(logp))
    expected = np.interp([0.05, 0.5, 0.95], cumulative / cumulative[-1], total)
    found = np.quantile(np.log(rc.draws(fit, "tonnes")), [0.05, 0.5, 0.95])
    # A tenth of the distance by which the name moves the median.
    np.testing.assert_allclose(found, expected, atol=0.015)


@pytest.mark.filterwarnings("ignore::reconcile.errors.ConvergenceWarning")
def test_the_picture_marks_who_is_known_by_name() -> None:
    fit = rc.fit(
        said(), priors=PRIORS, draws=100, tune=300, chains=2, random_seed=1, progressbar=False
    )
    assert fit["constant_data"]["named"].to_numpy().tolist() == [1, 0]
    axes = rc.plot_sources(fit, backend="matplotlib").viz["figure"].item().axes[0]
    labels = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert ["known by name" in label for label in labels] == [
        "ministry" in label for label in labels
    ]
