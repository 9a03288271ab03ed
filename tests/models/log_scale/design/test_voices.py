"""Whose biases there are, and how the prior of a bias is split among those who share it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reconcile as rc
from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.models.log_scale.design.biases import (
    voice_means_log,
    voice_terms,
)
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.design.situations import Situation, contexts_of
from reconcile.models.log_scale.design.voices import Voice, Voices, voices_of
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.prior import draw_parameters
from strategies import spoken_sets

pytestmark = pytest.mark.filterwarnings("ignore::reconcile.AssumptionWarning")


def found(*claims: rc.Claim, sources: tuple[rc.Source, ...] = (), **case: str) -> Voices:
    made = rc.ClaimSet(claims, sources=sources, **case)
    return voices_of(made, contexts_of(made))


def said(source: str, **more: str) -> rc.Claim:
    return rc.Claim.point(120, **{"figure": "killed", "source": source, "role": "media", **more})


MIXED = ("media", "third", "leak", "third", "media")


def test_claims_of_one_origin_share_a_voice() -> None:
    voices = found(said("A", origin="NATO"), said("B", origin="NATO"), said("NATO"), said("C"))
    assert voices.voice_of.tolist() == [0, 0, 0, 1]
    assert [v.source for v in voices.voices] == ["NATO", "C"]


def test_an_origin_that_is_a_known_source_has_its_role_and_group() -> None:
    army = rc.Source(name="army", roles={"X": "own", "Y": "enemy"}, group="the north")
    claims = [said("A", origin="army", population=p) for p in ("X", "Y", "Z")]
    voices = found(*claims, sources=(army,)).voices
    assert [v.role for v in voices] == ["own", "enemy", "media"]
    assert [v.group for v in voices] == ["the north"] * 3


def test_an_unknown_origin_takes_the_role_of_who_repeats_it() -> None:
    (voice,) = found(said("A", origin="a leaflet", role="rumour")).voices
    assert (voice.source, voice.role) == ("a leaflet", "rumour")


def test_an_origin_is_one_voice_whoever_retells_it() -> None:
    """Else six papers of different roles would be six witnesses of what one agency said."""
    retold = [said(f"paper {k}", origin="an agency", role=role) for k, role in enumerate(MIXED)]
    for claims in (retold, retold[::-1]):
        (voice,) = found(*claims).voices
        assert (voice.source, voice.role) == ("an agency", "third")
    (voice,) = found(*retold, said("an agency", role="expert")).voices
    assert voice.role == "expert"


def test_a_group_is_a_camp_and_so_are_all_of_one_role_and_interest() -> None:
    sources = tuple(rc.Source(name=name, group="the north") for name in ("A", "B"))
    voices = found(
        said("A", role="own"),
        said("B", role="media"),
        said("C"),
        said("D"),
        said("E", role="expert"),
        sources=sources,
    )
    assert voices.camp_of.tolist() == [0, 0, 1, 1, 2]
    other = found(said("A", population="X"), said("B", population="Y"), sources=sources)
    assert other.camp_of.tolist() == [0, 1], "camps are those of one population"


def test_a_source_with_two_interests_has_two_voices_that_are_told_apart() -> None:
    voices = found(
        said("A", role="own", interest="low"), said("A", role="own", interest="high"), said("B")
    )
    labels = [v.label for v in voices.voices]
    assert labels == ["A (own, interest low)", "A (own, interest high)", "B (media)"]
    assert voices.voice_of.tolist() == [0, 1, 2]


@given(spoken_sets())
def test_labels_are_unique_and_every_claim_has_the_voice_of_its_source(
    claims: rc.ClaimSet,
) -> None:
    voices = voices_of(claims, contexts_of(claims))
    labels = [v.label for v in voices.voices]
    assert len(set(labels)) == len(labels)
    assert set(voices.voice_of.tolist()) <= set(range(len(labels)))
    for claim, k in zip(claims, voices.voice_of, strict=True):
        if claim.kind != "truth":
            voice = voices.voices[k]
            assert voice.source == (claim.origin or claim.source)
            assert voice.population == claim.population
            assert claim.interest in ("", voice.interest)


def test_truths_have_no_voice() -> None:
    truth = rc.Claim.truth(80, 90, figure="killed", source="archive")
    voices = found(truth, said("A"), said("B"))
    assert [v.source for v in voices.voices] == ["A", "B"]
    assert voices.voice_of.tolist() == [0, 0, 1]
    plan = design(rc.ClaimSet([truth, said("A")]))
    parameters = draw_parameters(plan, np.random.default_rng(1), 50)
    latent = forward(plan, parameters)
    np.testing.assert_array_equal(latent.base_log[:, 0], latent.sum_log[:, 0])
    assert (latent.base_log[:, 1] != latent.sum_log[:, 1]).all()


def test_nothing_but_truths_is_refused() -> None:
    with pytest.raises(rc.ClaimError, match="no claims but truths"):
        found(rc.Claim.truth(80, 90, figure="killed", source="archive"))


def test_who_has_no_role_is_named() -> None:
    with pytest.warns(
        rc.AssumptionWarning, match="no role is given for A, C: they are treated as 'third'"
    ):
        voices = found(said("A", role=""), said("B"), said("C", role=""))
    assert [v.role for v in voices.voices] == ["third", "media", "third"]


def test_of_many_without_a_role_only_some_are_named() -> None:
    with pytest.warns(rc.AssumptionWarning, match="00, 01, .*, 09 and 2 more: they are treated as"):
        found(*(said(f"{k:02}", role="") for k in range(12)))


# Levels


@st.composite
def structures(draw: st.DrawFn) -> Voices:
    """Voices that share situations and camps in any way."""
    one = st.builds(
        Voice,
        source=st.sampled_from("ABCDEFGH"),
        population=st.sampled_from(["", "X"]),
        role=st.sampled_from(ROLES[:3]),
        interest=st.sampled_from(INTERESTS),
        group=st.sampled_from(["", "", "north", "south"]),
    )
    voices = tuple(draw(st.lists(one, min_size=1, max_size=8, unique=True)))
    settings = {p: draw(st.sampled_from(SETTINGS)) for p in ("", "X")}
    by_voice = [
        Situation(role=v.role, interest=v.interest, setting=settings[v.population]) for v in voices
    ]
    situations = tuple(dict.fromkeys(by_voice))
    camps = tuple(dict.fromkeys(v.camp for v in voices))
    return Voices(
        voices=voices,
        voice_of=np.zeros(1, dtype=np.intp),
        situations=situations,
        situation_of=np.array([situations.index(s) for s in by_voice], dtype=np.intp),
        camps=camps,
        camp_of=np.array([camps.index(v.camp) for v in voices], dtype=np.intp),
    )


@given(structures())
def test_the_terms_add_up_whatever_the_structure(voices: Voices) -> None:
    """The variance of every bias is that of its prior, and covariances those of what is shared."""
    priors = rc.Priors()
    terms = voice_terms(voices, priors)
    each = [priors.bias_of(*_cell(voices, k)) for k in range(len(voices.voices))]
    sd, mean_sd = (np.array([getattr(b, n) for b in each]) for n in ("sd_log", "mean_sd_log"))
    means = voice_means_log(voices, priors)
    np.testing.assert_array_equal(means, [b.mean_log for b in each])
    # Only those with an interest err as their camp does.
    camp = {"none": 0.0}
    share = np.array(
        [
            priors.group_share if v.group else camp.get(v.interest, priors.camp_share)
            for v in voices.voices
        ]
    )
    same_situation = voices.situation_of[:, None] == voices.situation_of
    same_camp = voices.camp_of[:, None] == voices.camp_of
    in_camp = np.sqrt(share) * sd
    expected = np.outer(mean_sd, mean_sd) * same_situation + np.outer(in_camp, in_camp) * same_camp
    expected[np.diag_indices_from(expected)] = sd**2 + mean_sd**2
    covariance = sum((term.matrix @ term.matrix.T).toarray() for term in terms)
    np.testing.assert_allclose(covariance, expected)


def _cell(voices: Voices, k: int) -> tuple[str, str, str]:
    situation = voices.situations[voices.situation_of[k]]
    return situation.role, situation.interest, situation.setting


@given(structures())
def test_no_variable_belongs_to_one_voice_alone(voices: Voices) -> None:
    """Nor do two variables stand for the same voices."""
    own, *others = voice_terms(voices, rc.Priors())
    assert own.name == "bias_z" and own.matrix.nnz == len(voices.voices)
    shared = set()
    for term in others:
        for column in term.matrix.toarray().T[term.matrix.toarray().any(axis=0)]:
            members = frozenset(np.flatnonzero(column).tolist())
            assert len(members) > 1
            assert members not in shared
            shared.add(members)
