"""Everyday cases: disasters of nature."""

from everyday.shape import Everyday, count, row

SHOCK = {"setting": "disaster", "start": "2019-05-04", "end": "2019-05-04"}


def _shock(day: str) -> tuple[dict[str, object], ...]:
    """An agency's counts over a month and television on day one, with their days as ``day``."""
    counts = ((1800, "06"), (2100, "10"), (2180, "17"), (2190, "24"), (2191, "31"))
    return (
        row("point", 5000, "national television", "media", **{day: "2019-05-04"}),
        *(
            row("point", n, "civil protection", "own", **{day: f"2019-05-{when}"})
            for n, when in counts
        ),
    )


SETTLED = {"median": (2_000, 2_700), "lower": (1_570, 2_250), "upper": (2_192, 3_080)}

GREAT = {"setting": "disaster", "start": "2023-02-06", "end": "2023-02-06"}
FIRST_DAYS = (400, "2023-02-06"), (1_500, "2023-02-07"), (5_000, "2023-02-09")

DISASTERS = (
    Everyday(
        name="earthquake of one day, counts entered by date",
        why="the count has settled at 2,191; about 2,200, within a factor of 1.4",
        rows=_shock("date"),
        case=SHOCK,
        **SETTLED,
    ),
    Everyday(
        name="earthquake of one day, counts entered by said",
        why="the count has settled at 2,191; about 2,200, within a factor of 1.4",
        rows=_shock("said"),
        case=SHOCK,
        **SETTLED,
    ),
    Everyday(
        name="earthquake of one day, counts entered by date, accrues = false",
        why="the count has settled at 2,191; about 2,200, within a factor of 1.4",
        rows=_shock("date"),
        case=SHOCK | {"figures": {"killed": {"accrues": False}}},
        **SETTLED,
    ),
    Everyday(
        name="one expert body, a year later",
        why="a study of all death certificates, a year later: right within some 10 %",
        rows=(row("point", 2977, "school of public health", "expert", said="2018-08-28"),),
        case={"setting": "disaster", "start": "2017-09-20", "end": "2017-09-20"},
        median=(2_860, 3_130),
        lower=(2_600, 2_965),
        upper=(2_989, 3_400),
    ),
    Everyday(
        name="three expert surveys with stated intervals",
        why="pooled they say 105 to 122; experts miss a little more often than they state",
        rows=(
            row("interval", (90, 130, 110), "survey A", "expert", coverage=0.95),
            row("interval", (95, 140, 116), "survey B", "expert", coverage=0.95),
            row("interval", (100, 128, 113), "survey C", "expert", coverage=0.95),
        ),
        case={"setting": "disaster"},
        median=(108, 118),
        lower=(94, 108),
        upper=(118, 137),
    ),
    Everyday(
        name="hurricane, registered dead settle",
        why="the registered dead stopped growing at 79; a few may never be registered",
        rows=(
            row("point", 100, "television", "media", said="2018-10-12"),
            row("confirmed", 14, "the governor", "own", said="2018-10-12"),
            row("confirmed", 38, "the governor", "own", said="2018-10-16"),
            row("confirmed", 61, "the governor", "own", said="2018-10-22"),
            row("confirmed", 74, "the governor", "own", said="2018-11-05"),
            row("confirmed", 79, "the governor", "own", said="2018-11-28"),
            row("confirmed", 79, "the governor", "own", said="2019-01-10"),
        ),
        case={"setting": "disaster", "start": "2018-10-10", "end": "2018-10-11"},
        median=(78, 95),
        lower=(72, 83),
        upper=(80, 130),
    ),
    Everyday(
        name="great earthquake, a ministry's count of six weeks",
        why="50,000, and it had nearly stopped: a little more, hardly 70,000",
        rows=count(
            *("point", "the ministry", "own", *FIRST_DAYS),
            (22_000, "2023-02-13"),
            (41_000, "2023-02-25"),
            (50_000, "2023-03-20"),
        ),
        case=GREAT,
        median=(50_000, 58_000),
        lower=(36_000, 51_000),
        upper=(52_000, 80_000),
    ),
    Everyday(
        name="great earthquake, the first five days",
        why="from 400 to 9,000 in five days, and no end in sight: many more, nobody knows how many",
        rows=count("point", "the ministry", "own", *FIRST_DAYS, (9_000, "2023-02-11")),
        case=GREAT,
        median=(10_000, 40_000),
        lower=(4_000, 10_000),
        upper=(20_000, 400_000),
    ),
    Everyday(
        name="tornado, one broadcaster on day one",
        why="a lone number of the first day may be off by a factor of two or three either way",
        rows=(row("point", 42, "a local broadcaster", "media", said="2021-12-11"),),
        case={"setting": "disaster", "start": "2021-12-11", "end": "2021-12-11"},
        median=(22, 75),
        lower=(10, 33),
        upper=(60, 220),
    ),
    Everyday(
        name="heat wave, two studies of excess deaths",
        why="two studies agree on about 6,000; the ministry spoke in the first week",
        rows=(
            row("about", 1300, "ministry of health", "own", said="2012-08-14"),
            row(
                "interval",
                (5700, 6500, 6100),
                "health institute",
                "expert",
                coverage=0.95,
                said="2013-06-01",
            ),
            row(
                "interval",
                (5200, 6600, 5900),
                "a university",
                "expert",
                coverage=0.95,
                said="2013-11-01",
            ),
        ),
        case={"setting": "disaster", "start": "2012-08-01", "end": "2012-08-12"},
        median=(5_500, 6_400),
        lower=(4_400, 5_900),
        upper=(6_200, 7_700),
    ),
    Everyday(
        name="fire, the missing counted as dead, then a coroner",
        why="the coroner named 129; early numbers held people who were only missing",
        rows=(
            row("point", 600, "television", "media", said="2020-09-12"),
            row("about", 400, "county sheriff", "own", said="2020-09-13"),
            row("point", 210, "county sheriff", "own", said="2020-09-28"),
            row("point", 131, "coroner", "expert", said="2020-12-15"),
            row("point", 129, "coroner", "expert", said="2021-09-15"),
        ),
        case={"setting": "disaster", "start": "2020-09-09", "end": "2020-09-10"},
        median=(123, 138),
        lower=(105, 129.3),
        upper=(129.2, 160),
    ),
    Everyday(
        name="school collapse, two broadcasters on day one",
        why="two early numbers that differ: a factor of two either way",
        rows=(
            row("about", 120, "state radio", "media", said="2017-09-19"),
            row("about", 200, "a news channel", "media", said="2017-09-19"),
        ),
        case={"setting": "disaster", "start": "2017-09-19", "end": "2017-09-19"},
        median=(85, 230),
        lower=(40, 145),
        upper=(175, 520),
    ),
    Everyday(
        name="flood, dozens",
        why="a witness's 'dozens' is some 20 to 100, and may be far off",
        rows=(row("vague", "dozens", "a witness", "rumour", said="2022-07-02"),),
        case={"setting": "disaster", "start": "2022-07-01", "end": "2022-07-01"},
        median=(20, 110),
        lower=(6, 45),
        upper=(75, 900),
    ),
    Everyday(
        name="five papers with one number on day two",
        why="five equal numbers are one report: a factor of two either way, not five witnesses",
        rows=tuple(
            row("point", 340, f"newspaper {k}", "media", said="2013-11-10") for k in range(1, 6)
        ),
        case={"setting": "disaster", "start": "2013-11-09", "end": "2013-11-09"},
        median=(225, 480),
        lower=(100, 315),
        upper=(365, 1_000),
    ),
    Everyday(
        name="dam break, survey a year later",
        why="a household survey is worth more than an early official count, and is itself rough",
        rows=(
            row("point", 60, "the government", "own", said="2018-07-26", interest="low"),
            row("about", 240, "an aid group", "third", said="2018-08-02"),
            row(
                "interval",
                (300, 560, 410),
                "a university's survey",
                "expert",
                coverage=0.95,
                said="2019-08-01",
            ),
        ),
        case={"setting": "disaster", "start": "2018-07-23", "end": "2018-07-23"},
        median=(260, 470),
        lower=(140, 370),
        upper=(400, 750),
    ),
    Everyday(
        name="avalanche, rescuers",
        why="rescuers twice say 11, police 12: 11 or 12",
        rows=(
            row("point", 11, "mountain rescue", "expert", said="2022-07-05"),
            row("point", 11, "civil protection", "own", said="2022-07-09"),
            row("point", 12, "police", "own", said="2022-07-04"),
        ),
        case={"setting": "disaster", "start": "2022-07-03", "end": "2022-07-03"},
        median=(10.3, 12.2),
        lower=(8.2, 11.4),
        upper=(11.2, 15.5),
    ),
    Everyday(
        name="wildfire, hectares burned",
        figure="hectares burned",
        why="satellite and forest institute agree within 2 %; the fire service spoke early",
        rows=(
            row("about", 48000, "fire service", "own", said="2021-08-10"),
            row("point", 52300, "satellite service", "expert", said="2021-09-20"),
            row("point", 51700, "forest institute", "expert", said="2022-02-01"),
        ),
        case={"setting": "disaster", "start": "2021-08-03", "end": "2021-08-16"},
        median=(49_500, 53_800),
        lower=(43_500, 51_900),
        upper=(52_000, 61_000),
    ),
    Everyday(
        name="landslide, one source says 412, then 41",
        why="it says 41 now, and 412 looks like a slip that nobody marked: 41, perhaps not",
        rows=(
            row("point", 412, "fire service", "own", said="2019-05-05"),
            row("point", 41, "fire service", "own", said="2019-05-07"),
        ),
        case=SHOCK,
        median=(36, 75),
        lower=(14, 42),
        upper=(44, 520),
    ),
)
