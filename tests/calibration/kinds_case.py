"""A set of claims in which every kind speaks of a figure of its own, alone."""

import reconcile as rc

# Of a prior that does not move with what is claimed. Numbers are not round: those that are have
# further noise, and simulated ones are not.
_WIDE = (300, 30_000)
_FEW = (0.5, 60)
DAY, LATER = "2022-03-31", "2022-05-20"


def _by_three(kind: str, **numbers: object) -> list[rc.Claim]:
    """Three sources that say one thing of the population named after the way it is said."""
    about = {"figure": "killed", "population": kind}
    fields = {"kind": kind} | numbers
    fields["population"] = fields.pop("name", kind)
    return [
        rc.Claim(**(about | fields), source=f"{fields['population']} {k}", role=role)
        for k, role in enumerate(("third", "expert", "media"))
    ]


def every_kind() -> rc.ClaimSet:
    """Every kind and variety of claim, each on a population of its own."""
    few = {"figure": "few"}
    run = {"figure": "fallen", "date": DAY}
    shares = {"figure": "wounded / killed"}
    claims = [
        *_by_three("point", value=2531),
        *_by_three("about", value=2531),
        *_by_three("at_least", value=2531),
        *_by_three("at_most", value=4127),
        *_by_three("between", low=1500, high=6000),
        *_by_three("between", name="lopsided", low=1500, high=9000, value=2000),
        *_by_three("interval", low=1500, high=6000, coverage=0.9, scale="log"),
        *_by_three("interval", name="linear", low=200, high=6200, value=3200, coverage=0.9),
        *_by_three("interval", name="skewed", low=2000, high=9000, value=2500, coverage=0.9),
        *_by_three("confirmed", value=1203, said=DAY),
        *_by_three("vague", words="thousands"),
        *_by_three("ratio", value=3.1, **shares),
        *_by_three("ratio", name="ratio of", low=2, high=4.5, **shares),
        *_by_three("point", name="few", value=7, **few),
        *_by_three("at_least", name="few or more", value=7, **few),
        *_by_three("confirmed", name="few named", value=3, said=DAY, **few),
        *_by_three("confirmed", name="named so far", value=1203, said=LATER, **run),
        *_by_three("point", name="a day", value=83, per="day", since="2022-03-20", **run),
        *_by_three("point", name="flow", value=911, figure="flow", date=DAY),
        *_by_three("between", name="certain", low=900, high=9000, coverage=1.0)[:1],
        *_by_three("point", name="certain", value=2531)[1:],
    ]
    return rc.ClaimSet(
        claims,
        figures=[
            rc.Figure(name="killed", accrues=False, plausible=_WIDE),
            rc.Figure(name="wounded", accrues=False, plausible=_WIDE),
            rc.Figure(name="few", accrues=False, plausible=_FEW),
            rc.Figure(name="fallen", accrues=True, plausible=_WIDE),
            rc.Figure(name="flow", level=True, plausible=_WIDE),
        ],
        start="2022-03-01",
        end="2022-03-02",
        setting="disaster",
    )
