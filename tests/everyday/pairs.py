"""Pairs of everyday cases: what something does to the answer, or does not."""

from everyday.shape import ANY, Asked, Pair, row

INF = float("inf")
AT_MOST = row("at_most", 40_000, "an official", "third")
AT_LEAST = row("at_least", 1351, "a ministry", "own")
# Answers that nearly nothing determines move by chance.
WIDE = {"lower": (0.7, 1.4), "upper": (0.7, 1.4)}

THREE = (
    row("point", 214, "a mayor", "own"),
    row("point", 3120, "an aid group", "third"),
    row("point", 2610, "a newspaper", "media"),
)
HOUSES = tuple(
    row("point", 8_800 + 37 * k, f"surveyor {k}", "expert", figure="houses") for k in range(10)
)
AGREEING = (
    row("point", 2050, "civil protection", "own", said="2019-05-20"),
    row("point", 2190, "Red Cross", "third", said="2019-05-21"),
    row("point", 2110, "a news agency", "media", said="2019-05-21"),
)
SHOCK = {"setting": "disaster", "start": "2019-05-04", "end": "2019-05-04"}
SLIP = row("point", 222_000, "Red Cross, a tweet", "third", said="2019-05-20",
           status="withdrawn: a slip of the pen")  # fmt: skip
CASUALTIES = (row("point", 10_210, "a ministry", "own"),)
TEN = [f"kind {k}" for k in range(10)]
PROVINCES = (910, 1240, 450, 2230, 1570, 340, 780, 1660, 1120, 690)
RANGE = (row("between", (450, 3000), "an aid group", "third"),)
SIDES = (
    row("point", 310, "army of Aland", "own", population="Aland"),
    row("about", 3000, "army of Belia", "enemy", population="Aland"),
    row("point", 900, "a monitor", "expert", population="Aland"),
)


def _asked(rows, figure="killed", **rest) -> Asked:
    return Asked(rows=tuple(rows), figure=figure, **rest)


PAIRS = (
    *(
        Pair(
            name=f"at most 40,000, beside at least {least}",
            why="a lower bound never lowers; how far it raises is another matter",
            first=_asked([AT_MOST]),
            second=_asked([AT_MOST, row("at_least", least, "another official", "third")]),
            median=(0.95, INF),
            lower=(0.95, INF),
            upper=(0.78, INF),
        )
        for least in (2, 41)
    ),
    Pair(
        name="at least 1,351, beside at most 1,000,000",
        why="an upper bound far above never raises, and hardly lowers",
        first=_asked([AT_LEAST]),
        second=_asked([AT_LEAST, row("at_most", 1_000_000, "an official", "third")]),
        median=(0.7, 1.12),
        lower=(0.72, 1.3),
        upper=(0.1, 1.3),
    ),
    Pair(
        name="at least 0 and at most ten million beside three numbers",
        why="bounds that say nothing change nothing",
        first=_asked(THREE),
        second=_asked(
            [*THREE, row("at_least", 0, "X", "third"), row("at_most", 1e7, "Y", "third")]
        ),
        median=(0.85, 1.18),
        **WIDE,
    ),
    Pair(
        name="killed, beside ten counts of houses",
        why="what is said of houses has no say in how far sources on the killed contradict",
        first=_asked(THREE),
        second=_asked([*THREE, *HOUSES]),
        median=(0.8, 1.25),
        **WIDE,
    ),
    Pair(
        name="three that agree, beside a slip that was withdrawn",
        why="a slip that was taken back changes next to nothing",
        first=_asked(AGREEING, case=SHOCK),
        second=_asked([*AGREEING, SLIP], case=SHOCK),
        median=(0.95, 1.06),
        lower=(0.85, 1.1),
        upper=(0.92, 1.2),
    ),
    Pair(
        name="a count beside its first version, revised",
        why="a number that its source corrected says nothing once the correction stands",
        first=_asked([row("point", 41, "fire service", "own", said="2019-05-06")], case=SHOCK),
        second=_asked(
            [
                row(
                    "point",
                    412,
                    "fire service",
                    "own",
                    said="2019-05-05",
                    status="revised: a digit too many",
                ),
                row("point", 41, "fire service", "own", said="2019-05-06"),
            ],
            case=SHOCK,
        ),
        median=(0.9, 1.12),
        lower=(0.8, 1.2),
        upper=(0.8, 1.25),
    ),
    *(
        Pair(
            name=f"casualties, declared with {n} parts",
            why="nothing is said of the parts: the same whatever their number",
            first=_asked(CASUALTIES, "casualties"),
            second=_asked(
                CASUALTIES, "casualties", case={"figures": {"casualties": {"parts": TEN[:n]}}}
            ),
            median=(0.9, 1.12),
            lower=(0.8, 1.25),
            upper=(0.8, 1.25),
            width=(0.85, 1.15),
        )
        for n in (2, 10)
    ),
    Pair(
        name="a range, and the same with its lower end as best value",
        why="the best value pulls towards itself",
        first=_asked(RANGE),
        second=_asked([row("between", (450, 3000, 450), "an aid group", "third")]),
        median=(0.2, 0.9),
        lower=ANY,
        upper=ANY,
    ),
    Pair(
        name="a range, and the same with its upper end as best value",
        why="the best value pulls towards itself",
        first=_asked(RANGE),
        second=_asked([row("between", (450, 3000, 3000), "an aid group", "third")]),
        median=(1.1, 4.0),
        lower=ANY,
        upper=ANY,
    ),
    Pair(
        name="ten provinces by one ministry, and its national total",
        why="one ministry's error is one error: the sum is as uncertain as the total",
        first=_asked(
            [row("point", sum(PROVINCES), "a ministry", "own", said="2019-06-04")], case=SHOCK
        ),
        second=_asked(
            [
                row("point", n, "a ministry", "own", said="2019-06-04", figure=f"killed in {k}")
                for k, n in enumerate(PROVINCES)
            ],
            case=SHOCK | {"figures": {"killed": {"parts": [f"killed in {k}" for k in range(10)]}}},
        ),
        median=(0.75, 1.33),
        lower=(0.6, 1.7),
        upper=(0.6, 1.7),
        width=(0.6, 1.5),
    ),
    Pair(
        name="troops killed, and killed",
        why="a name that says who they were changes no one's interest in a war of armies",
        first=_asked(SIDES, population="Aland", case={"setting": "war"}),
        second=_asked(SIDES, "troops killed", population="Aland", case={"setting": "war"}),
    ),
    Pair(
        name="children killed, and killed, in an earthquake",
        why="nobody's interest hangs on the word",
        first=_asked(AGREEING, case=SHOCK),
        second=_asked(AGREEING, "children killed", case=SHOCK),
    ),
    Pair(
        name="one number, and the same five days running",
        why="repeating adds nothing",
        first=_asked([row("point", 830, "a monitor", "expert", said="2019-05-10")], case=SHOCK),
        second=_asked(
            [row("point", 830, "a monitor", "expert", said=f"2019-05-{10 + k}") for k in range(5)],
            case=SHOCK,
        ),
        median=(0.85, 1.1),
        lower=(0.85, 1.3),
        upper=(0.75, 1.15),
    ),
)
