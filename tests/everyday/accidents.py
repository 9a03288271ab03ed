"""Everyday cases: accidents."""

from everyday.shape import Everyday, row

ACCIDENTS = (
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
        name="hospital fire, days entered as date, no case",
        why="a count of 12, then 14 and 14 in one week: 14",
        rows=(
            row("point", 12, "fire service", "own", date="2021-04-25"),
            row("point", 14, "fire service", "own", date="2021-04-27"),
            row("point", 14, "a news agency", "media", date="2021-04-29"),
        ),
        median=(13, 16.5),
        lower=(9, 14.2),
        upper=(14.2, 25),
    ),
)
