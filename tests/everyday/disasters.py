"""Everyday cases: disasters and accidents."""

from everyday.shape import Everyday, row

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
        name="plane crash, four counts",
        why="first reports of 179 and 180, then the manifest: 176, plus or minus 4",
        rows=(
            row("point", 180, "a news agency", "media", said="2020-01-08"),
            row("point", 179, "emergency services", "own", said="2020-01-08"),
            row("point", 176, "the airline", "own", said="2020-01-09"),
            row("point", 176, "accident investigators", "expert", said="2020-03-20"),
        ),
        case={"setting": "disaster", "start": "2020-01-08", "end": "2020-01-08"},
        median=(174, 179),
        lower=(169, 176.6),
        upper=(175.9, 185),
    ),
    Everyday(
        name="plane crash, manifest known",
        why="airline and authority agree on 118 aboard; nobody survived",
        rows=(
            row("about", 120, "television", "media", said="2016-06-01"),
            row("point", 118, "the airline", "own", said="2016-06-01"),
            row("point", 118, "aviation authority", "third", said="2016-06-14"),
        ),
        case={"setting": "disaster", "start": "2016-06-01", "end": "2016-06-01"},
        median=(116.5, 120),
        lower=(108, 118.4),
        upper=(117.6, 128),
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
        name="tornado, one broadcaster on day one",
        why="a lone number of the first day may be off by a factor of two or three either way",
        rows=(row("point", 42, "a local broadcaster", "media", said="2021-12-11"),),
        case={"setting": "disaster", "start": "2021-12-11", "end": "2021-12-11"},
        median=(22, 75),
        lower=(10, 33),
        upper=(60, 220),
    ),
    Everyday(
        name="hotel fire, three who counted",
        why="fire service, hospital and coroner counted 17, 17 and 18 bodies",
        rows=(
            row("point", 17, "fire service", "own", said="2019-08-04"),
            row("point", 17, "university hospital", "expert", said="2019-08-06"),
            row("point", 18, "coroner", "expert", said="2019-09-17"),
        ),
        case={"setting": "disaster", "start": "2019-08-03", "end": "2019-08-03"},
        median=(16.3, 18.7),
        lower=(13.5, 17.9),
        upper=(17.1, 23),
    ),
    Everyday(
        name="mine explosion, shift list",
        why="company, union and inspectorate name the same 29 miners",
        rows=(
            row("point", 31, "television", "media", said="2010-11-19"),
            row("point", 29, "mining company", "own", said="2010-11-24"),
            row("point", 29, "miners' union", "third", said="2010-11-26"),
            row("point", 29, "mines inspectorate", "expert", said="2011-09-01"),
        ),
        case={"setting": "disaster", "start": "2010-11-19", "end": "2010-11-19"},
        median=(27.8, 30.2),
        lower=(24, 29.3),
        upper=(28.7, 35),
    ),
    Everyday(
        name="ferry, commission after a year",
        why="a commission named 342 dead a year later; owner and survivors had guessed",
        rows=(
            row("at_most", 190, "the owner", "own", said="2014-02-03", interest="low"),
            row("about", 400, "survivors", "rumour", said="2014-02-04"),
            row("point", 260, "coast guard", "third", said="2014-02-20"),
            row("point", 342, "commission of inquiry", "expert", said="2015-03-01"),
        ),
        case={"setting": "disaster", "start": "2014-02-02", "end": "2014-02-02"},
        median=(300, 370),
        lower=(230, 341),
        upper=(343, 440),
    ),
    Everyday(
        name="ferry, nobody knows",
        why="owner, relatives and a paper differ by a factor of three in the first week: wide",
        rows=(
            row("point", 240, "the owner", "own", said="2014-02-03", interest="low"),
            row("point", 700, "relatives' association", "third", said="2014-02-06"),
            row("about", 500, "a newspaper", "media", said="2014-02-05"),
        ),
        case={"setting": "disaster", "start": "2014-02-02", "end": "2014-02-02"},
        median=(280, 650),
        lower=(120, 400),
        upper=(520, 1_500),
    ),
    Everyday(
        name="bridge collapse, prosecutors later",
        why="43 were recovered and named; the first figure was a lower bound",
        rows=(
            row("at_least", 30, "police", "own", said="2018-08-14"),
            row("point", 43, "the prefecture", "own", said="2018-08-19"),
            row("point", 43, "prosecutors", "expert", said="2019-08-01"),
        ),
        case={"setting": "disaster", "start": "2018-08-14", "end": "2018-08-14"},
        median=(41.5, 45),
        lower=(37, 43.4),
        upper=(42.6, 51),
    ),
    Everyday(
        name="stampede, embassies' count beside the ministry's",
        why="two tallies of what embassies reported are three times the ministry's: believe them",
        rows=(
            row("point", 363, "ministry of interior", "own", said="2006-01-14", interest="low"),
            row("point", 1100, "a news agency's tally", "media", said="2006-02-10"),
            row("point", 1180, "a second agency's tally", "media", said="2006-02-20"),
        ),
        case={"setting": "disaster", "start": "2006-01-12", "end": "2006-01-12"},
        median=(650, 1_500),
        lower=(330, 1_150),
        upper=(1_050, 2_800),
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
        name="building collapse, bodies recovered until none was left",
        why="97, then 98 recovered and named, and the site was cleared",
        rows=tuple(
            row("confirmed", n, "the mayor", "own", said=day)
            for n, day in (
                (4, "2021-06-25"),
                (18, "2021-07-01"),
                (36, "2021-07-06"),
                (60, "2021-07-08"),
                (90, "2021-07-11"),
                (97, "2021-07-15"),
                (98, "2021-07-26"),
                (98, "2021-08-20"),
            )
        ),
        case={"setting": "disaster", "start": "2021-06-24", "end": "2021-06-24"},
        median=(97, 106),
        lower=(90, 100),
        upper=(98, 125),
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
        name="train crash, no case, no days, no roles",
        why="three papers within 6 %: one count with small slips, whoever they are",
        rows=(
            row("point", 51, "the Gazette"),
            row("point", 52, "the Courier"),
            row("point", 54, "Evening Post"),
        ),
        median=(48, 56),
        lower=(35, 51.5),
        upper=(53.5, 80),
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
        name="explosion, an agency retold by papers, and an inspector",
        why="57 by an agency and 54 by an inspector later: about 55",
        rows=(
            *(
                row("point", 57, paper, "media", origin="a news agency", said="2015-08-20")
                for paper in ("Tribune", "Herald", "Mercury")
            ),
            row("point", 54, "labour inspectorate", "expert", said="2016-02-01"),
        ),
        case={"setting": "disaster", "start": "2015-08-12", "end": "2015-08-12"},
        median=(51.5, 58),
        lower=(41, 54.5),
        upper=(55, 72),
    ),
    Everyday(
        name="factory fire, nobody killed",
        why="fire service and company both say none: none, at the very most a few",
        rows=(
            row("point", 0, "fire service", "own", said="2023-03-03"),
            row("point", 0, "the company", "own", said="2023-03-04"),
        ),
        case={"setting": "disaster", "start": "2023-03-02", "end": "2023-03-02"},
        median=(0, 0.8),
        lower=(0, 0.4),
        upper=(0, 4),
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
)
