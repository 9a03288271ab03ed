"""Sets of claims that several tests share: every term of the models, and what is hard to draw."""

import datetime as dt

import numpy as np

import reconcile as rc

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


def rich_claims(*, ceilings: bool = True) -> rc.ClaimSet:
    """Every kind, two populations, running totals and a fixed figure, a window, a sum, ceilings.

    And all that ties claims together: a group, an origin, a chain in time, a revision, a truth.
    """
    war = {"population": "A", "source": "army of A", "role": "own"}
    foe = {"population": "A", "source": "army of B", "role": "enemy"}
    agency = {"population": "A", "source": "agency", "role": "third"}
    second = {"population": "A", "source": "second agency", "role": "third"}
    paper = {"population": "A", "source": "paper", "role": "media"}
    radio = {"population": "A", "source": "radio", "role": "media"}
    claims = [
        rc.Claim.at_least(100, figure="killed", date="2022-03-05", **war),
        rc.Claim.point(400, figure="killed", date="2022-03-20", **foe),
        rc.Claim.about(150, figure="killed", date="2022-03-20", since="2022-03-06", **foe),
        rc.Claim.at_most(2000, figure="killed + wounded", date="2022-03-20", **foe),
        rc.Claim.between(200, 900, figure="wounded", date="2022-03-12", **war),
        rc.Claim.interval(-5, 300, 0.9, figure="losses", date="2022-03-12", **war),
        rc.Claim.vague("dozens", figure="killed", date="2022-03-02", **war),
        rc.Claim.point(0, figure="tanks", population="B", source="army of B", role="own"),
        rc.Claim.point(
            7, figure="tanks", population="B", source="army of A", role="enemy", status="withdrawn"
        ),
        # A chain in time by a source that speaks of two figures, and says what it would like.
        rc.Claim.point(310, figure="killed", date="2022-03-08", interest="low", **agency),
        rc.Claim.point(370, figure="killed", date="2022-03-15", interest="low", **agency),
        rc.Claim.about(1200, figure="wounded", date="2022-03-15", interest="low", **agency),
        # Revised two days later.
        rc.Claim.point(950, figure="killed", date="2022-03-18", status="revised", **second),
        rc.Claim.point(420, figure="killed", date="2022-03-20", **second),
        # Two that repeat one.
        rc.Claim.point(405, figure="killed", date="2022-03-20", origin="a report", **paper),
        rc.Claim.between(350, 500, figure="killed", date="2022-03-20", origin="a report", **radio),
        rc.Claim.truth(380, 400, figure="killed", population="A", source="c", date="2022-03-20"),
    ]
    return rc.ClaimSet(
        claims,
        figures=[
            rc.Figure(name="killed", accrues=True, ceiling=1200 if ceilings else None),
            rc.Figure(name="wounded", accrues=True),
            rc.Figure(
                name="losses",
                parts=("killed", "wounded"),
                ceiling=3000 if ceilings else None,
                plausible=(50, 2500),
            ),
        ],
        sources=GROUPED,
        start="2022-03-01",
        setting="war",
    )


GROUPED = [rc.Source(name=name, group="agencies") for name in ("agency", "second agency")]


def frequent_claims() -> rc.ClaimSet:
    """Twenty-five claims by one voice over 200 days, and a few by another: the first drifts.

    By date, so that the kernel, which goes from voice to voice, has another order.
    """
    days = [dt.date(2022, 3, 1) + dt.timedelta(days=200 * k // 24) for k in range(25)]
    own = [
        rc.Claim.point(100 + 45 * k, figure="killed", source="A", role="own", date=day)
        for k, day in enumerate(days)
    ]
    foe = [
        rc.Claim.at_least(300 * k, figure="killed", source="B", role="enemy", date=days[6 * k])
        for k in (1, 2, 3)
    ]
    return rc.ClaimSet(
        sorted([*foe, *own], key=lambda claim: claim.date or dt.date.min),
        figures=[rc.Figure(name="killed", accrues=True)],
        start="2022-02-24",
        setting="war",
    )


def measured_claims() -> rc.ClaimSet:
    """Measurements with stated errors, one without, and what is known by now."""
    ends = {"1900": (8.7, 8.9), "1920": (8.79, 8.81), "1950": (8.790, 8.798)}
    stated = [
        rc.Claim.interval(*pair, 0.68, figure="parallax", source=f"Observatory {y}", role="expert")
        for y, pair in ends.items()
    ]
    return rc.ClaimSet(
        [
            *stated,
            rc.Claim.point(8.83, figure="parallax", source="An almanac", role="media"),
            rc.Claim.truth(8.794, 8.79415, figure="parallax", source="radar"),
        ],
        setting="measurement",
    )


def spoken_claims() -> rc.ClaimSet:
    """What the rich set lacks: registers, ratios, rates, a level, lopsided and hard ranges."""
    paper = {"source": "paper", "role": "media"}
    army = {"source": "army", "role": "own"}
    survey = {"source": "survey", "role": "expert"}
    c = rc.Claim
    return rc.ClaimSet(
        [
            c.confirmed(13, figure="killed", date="2022-03-05", said="2022-03-25", **paper),
            c.confirmed(31, figure="killed", date="2022-03-20", **paper),
            c.confirmed(9, figure="houses burnt", said="2022-04-01", **army),
            c.point(45, figure="houses burnt", **survey),
            c.ratio(3, figure="wounded / killed", date="2022-03-20", **army),
            c.ratio(low=0.05, high=0.2, figure="officers / killed", date="2022-03-20", **paper),
            c.interval(40, 400, 0.9, value=80, figure="killed", date="2022-03-20", **survey),
            c.interval(-90, 900, 0.9, value=80, figure="wounded", date="2022-03-20", **survey),
            c.standard_error(110, 30, figure="killed", date="2022-03-20", **survey),
            c.between(20, 500, value=60, figure="killed", date="2022-03-12", **army),
            c.between(0, 5000, guaranteed=True, figure="wounded", date="2022-03-20", **survey),
            c.between(10, 900, guaranteed=True, figure="killed", date="2022-03-20", **survey),
            c.point(4, figure="killed", date="2022-03-12", per="day", since="2022-03-06", **army),
            c.point(70, figure="killed", date="2022-03-20", since="last report", **army),
            c.point(900, figure="flow", date="2022-03-02", **survey),
            c.about(500, figure="flow", date="2022-03-20", since="2022-03-11", **paper),
        ],
        figures=[
            rc.Figure(name="killed", accrues=True),
            rc.Figure(name="wounded", accrues=True),
            rc.Figure(name="officers", accrues=True),
            rc.Figure(name="houses burnt", accrues=False),
            rc.Figure(name="flow", unit="barrels a day", level=True, plausible=(10, 9000)),
        ],
        ratios=[
            rc.Ratio(of="officers / killed", about=0.1, sd_log=0.5),
            rc.Ratio(of="killed + wounded / officers", about=50, sd_log=1),
        ],
        start="2022-03-01",
        setting="war",
    )


def settling_claims() -> rc.ClaimSet:
    """Counts of a disaster that still grow, of a running total and of fixed figures, and levels."""
    agency = {"source": "agency", "role": "own"}
    paper = {"source": "paper", "role": "media"}
    c = rc.Claim
    return rc.ClaimSet(
        [
            c.point(1800, figure="killed", said="2023-02-07", **agency),
            c.point(2100, figure="killed", said="2023-02-10", **agency),
            c.at_least(2150, figure="killed", said="2023-02-20", **agency),
            c.confirmed(2120, figure="killed", said="2023-02-20", **agency),
            c.about(5000, figure="killed", said="2023-02-06", **paper),
            c.point(9000, figure="killed + injured", said="2023-02-15", **paper),
            c.between(1000, 9000, guaranteed=True, figure="killed + injured", **paper),
            c.point(2000, figure="killed", **paper),
            c.point(300, figure="displaced", date="2023-02-08", **agency),
            c.point(400, figure="displaced", date="2023-02-18", said="2023-02-25", **agency),
            c.interval(200, 900, 0.9, figure="displaced", date="2023-02-18", **paper),
            c.point(40, figure="in hospital", date="2023-02-12", **agency),
            c.truth(430, 450, figure="displaced", date="2023-02-18", source="inquiry"),
        ],
        figures=[
            rc.Figure(name="killed", accrues=False, plausible=(500, 20_000)),
            rc.Figure(name="injured", accrues=False),
            rc.Figure(name="displaced", accrues=True),
            rc.Figure(name="in hospital", level=True),
        ],
        setting="disaster",
        start="2023-02-06",
        end="2023-02-06",
    )


SETS = {
    "rich": rich_claims,
    "frequent": frequent_claims,
    "measured": measured_claims,
    "spoken": spoken_claims,
    "settling": settling_claims,
}


def few_claims() -> rc.ClaimSet:
    """One claim: hardly any term of the model is there."""
    return rc.ClaimSet([rc.Claim.point(7, figure="killed", source="A", role="own")])


def one_day() -> rc.ClaimSet:
    """A running total with a single stretch of time, whose path cannot bend."""
    return rc.ClaimSet(
        [rc.Claim.point(70, figure="killed", source="A", role="own", date="2022-03-01")],
        figures=[rc.Figure(name="killed", accrues=True)],
        start="2022-02-24",
    )


def many_series() -> rc.ClaimSet:
    """Running totals of four populations over twenty days, and sums of them."""
    claims = [
        rc.Claim.point(
            10 * day * (place + 1),
            figure=figure,
            population=population,
            source=f"source {day % 3}",
            role=("own", "enemy", "third")[day % 3],
            date=f"2022-03-{day:02}",
        )
        for day in range(1, 21)
        for place, population in enumerate("ABCD")
        for figure in ("killed", "killed + wounded")
    ]
    figures = [rc.Figure(name=name, accrues=True) for name in ("killed", "wounded")]
    return rc.ClaimSet(claims, figures=figures, start="2022-02-20", setting="war")


def only_ratios() -> rc.ClaimSet:
    """Claims that tell nothing of the bias of a voice."""
    by = {"figure": "wounded / killed", "source": "a surgeon", "role": "expert"}
    return rc.ClaimSet([rc.Claim.ratio(3, **by), rc.Claim.ratio(low=2, high=5, **by)])


def only_guaranteed() -> rc.ClaimSet:
    """A claim without any error."""
    limits = {"figure": "killed", "source": "the manifest", "role": "expert"}
    return rc.ClaimSet([rc.Claim.between(100, 300, guaranteed=True, **limits)])


def wholes() -> rc.ClaimSet:
    """Nested and overlapping sums that grow: numbers, bounds and ranges, in two populations."""
    by = {"source": "ministry", "role": "own", "population": "A"}
    foe = {"source": "enemy", "role": "enemy", "population": "A"}
    c, day = rc.Claim, {"date": "2022-03-20"}
    return rc.ClaimSet(
        [
            c.point(900, figure="casualties", **day, **by),
            c.about(2000, figure="casualties", date="2022-03-10", **foe),
            c.point(150, figure="killed", date="2022-03-12", **by),
            c.about(300, figure="captured + missing", **day, **foe),
            c.about(400, figure="killed + captured", **day, **foe),
            c.at_least(40, figure="wounded", date="2022-03-04", **foe),
            c.at_least(5, figure="casualties", **day, **foe | {"population": "B"}),
            c.point(70, figure="tanks + guns + trucks + planes", **foe),
            c.at_most(9, figure="planes", **foe),
            c.ratio(2, figure="tanks / guns", **by),
        ],
        figures=[
            *(rc.Figure(name=name, accrues=True) for name in ("killed", "captured", "missing")),
            rc.Figure(name="wounded", accrues=True, plausible=(100, 5000)),
            *(rc.Figure(name=name) for name in ("tanks", "guns", "trucks", "planes")),
            rc.Figure(
                name="casualties",
                parts=("killed", "wounded", "captured", "missing"),
                plausible=(300, 9000),
            ),
        ],
        start="2022-03-01",
        setting="war",
    )


def limits() -> rc.ClaimSet:
    """Floors and ceilings, alone and together, of series, of wholes and of sums that overlap."""
    by = {"source": "ministry", "role": "own", "population": "A"}
    foe = {"source": "enemy", "role": "enemy", "population": "A"}
    c, day = rc.Claim, {"date": "2022-03-20"}
    return rc.ClaimSet(
        [
            c.point(900, figure="casualties", **day, **by),
            c.about(2000, figure="casualties", date="2022-03-10", **foe),
            c.point(150, figure="killed", **day, **by),
            c.about(30, figure="tanks", **by),
            c.about(50, figure="guns + trucks", **foe),
            c.about(80, figure="tanks + guns", **foe),
            c.about(80, figure="houses", **foe),
            c.about(9, figure="ships + boats", **by | {"population": "B"}),
        ],
        figures=[
            rc.Figure(name="killed", accrues=True, floor=120, ceiling=1500),
            rc.Figure(name="wounded", accrues=True, ceiling=4000),
            rc.Figure(name="missing", accrues=True),
            rc.Figure(
                name="casualties", parts=("killed", "wounded", "missing"), floor=700, ceiling=3000
            ),
            rc.Figure(name="tanks", ceiling=70, floor=4),
            rc.Figure(name="armour", parts=("tanks", "guns"), ceiling=100),
            rc.Figure(name="guns"),
            rc.Figure(name="trucks", floor=3),
            rc.Figure(name="houses", floor=60),
            rc.Figure(name="fleet", parts=("ships", "boats"), floor=8),
        ],
        start="2022-03-01",
        setting="war",
    )


ALL_SETS = SETS | {
    "wholes": wholes,
    "limits": limits,
    "few": few_claims,
    "one day": one_day,
    "many": many_series,
    "only ratios": only_ratios,
    "only guaranteed": only_guaranteed,
}


# Figures that may be negative.
C = rc.Claim
COLD = {"figure": "temperature", "scale": "linear"}
FIGURE = rc.Figure(name="temperature", unit="degrees", scale="linear")


def cold(*claims: rc.Claim, figure: rc.Figure = FIGURE) -> rc.ClaimSet:
    """Claims on a January temperature."""
    return rc.ClaimSet(claims, figures=[figure])


def said_of(source: str, **more: str) -> dict[str, str]:
    return {**COLD, "source": source, **more}


NUMBERS = (
    C.standard_error(-14.2, 0.8, **said_of("station")),
    C.point(-16.5, **said_of("logbook")),
    C.about(-10, **said_of("trapper")),
    C.between(-18, -11, **said_of("reanalysis")),
    C.interval(-17, -9, 0.9, value=-12, **said_of("tree rings")),
    C.interval(-15, -12, 0.5, **said_of("station")),
)
OTHERS = (
    C.at_least(-13, **said_of("harbour", role="own")),
    C.at_most(-2, **said_of("station", role="third")),
    C.point(3.5, **said_of("telegram", role="leak"), status="withdrawn: a typing error"),
    C.at_most(-20, **said_of("telegram", role="leak"), status="withdrawn"),
    C.point(-1, **said_of("trapper", role="media"), status="revised"),
    C.point(-1.5, **said_of("pilot", role="media"), status="revised: no other"),
    C.between(-60, 10, guaranteed=True, **said_of("physics")),
)
TRUTH = C.truth(-14.5, -13, **said_of("later study"))


def moved(claims: rc.ClaimSet, *, by: float = 0.0, times: float = 1.0) -> rc.ClaimSet:
    """The same claims in another unit, counted from another zero."""

    def number(x: float | None) -> float | None:
        # Decimal digits stay decimal digits: they say how far a number is rounded.
        return None if x is None else float(np.round(by + times * x, 9))

    def one(claim: rc.Claim) -> rc.Claim:
        fields = {name: number(getattr(claim, name)) for name in ("value", "low", "high")}
        return rc.Claim(
            kind=claim.kind,
            figure=claim.figure,
            source=claim.source,
            role=claim.role,
            status=claim.status,
            scale="linear",
            coverage=claim.coverage,
            **fields,
        )

    return claims.replace([one(claim) for claim in claims])
