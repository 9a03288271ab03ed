"""Slow changes of the bias of a voice that speaks often."""

import datetime as dt

import numpy as np
import pytest

import reconcile as rc
from reconcile.models.log_scale.design.biases import drift_terms

START = dt.date(2022, 1, 1)


def daily(n: int, *, every: int, accrues: bool = True) -> rc.ClaimSet:
    """``n`` claims by one source on one figure, evenly in time."""
    return rc.ClaimSet(
        [
            rc.Claim.point(
                100 + 10 * k,
                figure="killed",
                source="A",
                role="own",
                date=START + dt.timedelta(days=every * k),
            )
            for k in range(n)
        ],
        figures=[rc.Figure(name="killed", accrues=accrues)],
    )


def voices(claims: rc.ClaimSet) -> np.ndarray:
    return np.zeros(len(claims), dtype=np.intp)


def drift(claims: rc.ClaimSet, voice_of: np.ndarray | None = None) -> np.ndarray:
    """Changes of the bias by claim and step, for unit yearly standard deviation."""
    terms = drift_terms(claims, voices(claims) if voice_of is None else voice_of, 1.0)
    if not terms:
        return np.zeros((len(claims), 0))
    (term,) = terms
    assert len(set(term.labels)) == len(term.labels) == term.matrix.shape[1]
    return term.matrix.toarray()


@pytest.mark.parametrize(
    ("n", "every", "accrues", "steps"),
    [
        (19, 20, True, 0),  # too few claims
        (20, 20, True, 7),  # 380 days, a knot every 60
        (20, 20, False, 0),  # a fixed figure has no time
        (61, 1, True, 1),
        (62, 1, True, 2),
    ],
)
def test_only_voices_with_many_claims_on_running_totals_drift(
    n: int, every: int, accrues: bool, steps: int
) -> None:
    claims = daily(n, every=every, accrues=accrues)
    assert drift(claims).shape == (n, steps)


def test_claims_of_one_day_do_not_drift() -> None:
    claims = daily(1, every=1).replace(list(daily(1, every=1)) * 25)
    assert drift(claims).size == 0


def test_the_walk_starts_at_nothing_and_its_variance_grows_by_one_a_year() -> None:
    claims = daily(25, every=60)
    found = drift(claims) @ drift(claims).T
    assert found[0].tolist() == [0] * 25
    years = 60 * np.arange(25) / 365.25
    # At the knots it is a random walk: covariances are the time both have had.
    np.testing.assert_allclose(found, np.minimum.outer(years, years), atol=1e-12)


def test_between_knots_the_walk_is_linear() -> None:
    claims = daily(25, every=20)
    for step, path in enumerate(drift(claims).T):
        expected = np.clip(20 * np.arange(25) / 60 - step, 0, 1) * np.sqrt(60 / 365.25)
        np.testing.assert_allclose(path, expected)


def test_each_voice_has_its_own_walk_and_truths_have_none() -> None:
    one = daily(25, every=10)
    truth = rc.Claim.truth(900, 900, figure="killed", source="archive", date="2023-06-01")
    claims = one.replace([*one, *one, truth])
    voice_of = np.repeat([0, 1, 0], [25, 25, 1]).astype(np.intp)
    found = drift(claims, voice_of)
    assert found.shape == (51, 2 * 4)
    for voice in (0, 1):
        steps = np.flatnonzero(found[25 * voice : 25 * (voice + 1)].any(axis=0))
        assert steps.tolist() == list(range(4 * voice, 4 * voice + 4))
    assert not found[50].any()
