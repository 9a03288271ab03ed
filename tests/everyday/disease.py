"""Everyday cases: disease."""

from everyday.shape import Everyday, row

# Counts that grow as a logistic curve does.
DAILY = tuple(round(5_100 / (1 + 500 * 0.83**k)) for k in range(60))

DISEASE = (
    Everyday(
        name="epidemic, laboratory cases and a serum survey",
        figure="infections",
        why="laboratory cases are a floor; the survey says how many were infected",
        rows=(
            row("confirmed", 12400, "ministry of health", "own"),
            row("interval", (150_000, 240_000, 190_000), "serum survey", "expert", coverage=0.95),
            row("between", (160_000, 300_000), "a modelling group", "expert"),
        ),
        case={"setting": "disease"},
        median=(150_000, 240_000),
        lower=(95_000, 190_000),
        upper=(205_000, 400_000),
        chances=((12_400, 0, 0.01),),
    ),
    Everyday(
        name="cholera, hospital deaths and a survey in the villages",
        why="many die at home; a survey says two to three times as many as hospitals registered",
        rows=(
            row("confirmed", 310, "ministry of health", "own", said="2019-03-01"),
            row(
                "interval",
                (550, 1150, 800),
                "survey of an aid group",
                "expert",
                coverage=0.95,
                said="2019-06-01",
            ),
        ),
        case={"setting": "disease", "start": "2018-10-01", "end": "2019-02-15"},
        median=(500, 1_000),
        lower=(310, 720),
        upper=(850, 2_000),
    ),
    Everyday(
        name="measles in one town, after the outbreak",
        figure="cases",
        why="county, state and national counts after the end agree within 1 %",
        rows=(
            row("point", 147, "county health department", "own", said="2015-06-10"),
            row("point", 147, "state health department", "third", said="2015-06-20"),
            row("point", 148, "national institute", "expert", said="2015-12-01"),
        ),
        case={"setting": "disease", "start": "2015-01-05", "end": "2015-04-17"},
        median=(142, 155),
        lower=(125, 148),
        upper=(148, 190),
    ),
    Everyday(
        name="epidemic, deaths counted daily for two months",
        figure="deaths",
        why="a daily count that reached 5,000: at least that, and hardly twice it",
        rows=tuple(
            row(
                "point",
                n,
                "ministry of health",
                "own",
                date=f"2020-{3 + k // 30:02}-{1 + k % 30:02}",
            )
            for k, n in enumerate(DAILY)
        ),
        case={"setting": "disease", "start": "2020-02-20"},
        median=(4_800, 7_500),
        lower=(3_400, 5_600),
        upper=(5_100, 13_000),
    ),
)
