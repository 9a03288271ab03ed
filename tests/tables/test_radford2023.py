"""The adapter for the claims of Radford et al. 2023, on their file where it is at hand."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest

import reconcile as rc
from places import SHARED

HEADER = "days,loss_count,claim_source,time_frame,loss_country,minimum,maximum,category"


@pytest.fixture(scope="module")
def published_file() -> Path:
    path = SHARED / "radford2023_claims.csv"
    if not path.is_file():
        pytest.skip("the claims of Radford et al. 2023 are not beside the repository")
    return path


@pytest.fixture(scope="module")
def losses(published_file: Path) -> rc.ClaimSet:
    return rc.read_radford2023(published_file)


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "replication-data-pnas.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_every_row_is_a_claim(losses: rc.ClaimSet) -> None:
    assert len(losses) == 4609
    assert Counter(c.kind for c in losses) == {"point": 4385, "at_least": 173, "at_most": 51}
    assert sum(c.since is not None for c in losses) == 162
    assert all(c.since in (None, c.date) for c in losses)
    assert losses.setting == "war"
    assert (losses.start, losses.end) == (dt.date(2022, 2, 24), dt.date(2023, 2, 23))
    assert min(c.date for c in losses) == losses.start
    assert max(c.date for c in losses) == losses.end
    assert len(losses.figures) == 19
    assert all(f.accrues and not f.parts for f in losses.figures.values())
    assert {c.interest for c in losses} == {""}


def test_numbers_of_claims_are_the_published_ones(losses: rc.ClaimSet) -> None:
    published = json.loads((SHARED / "radford2023_published.json").read_text(encoding="utf-8"))
    country = {"RU": "Russia", "UA": "Ukraine"}
    counts = Counter((c.population, c.figure) for c in losses)
    for row in published["estimates_day365"]:
        assert counts[country[row["iso2"]], row["category"]] == row["n"], row


def test_roles(losses: rc.ClaimSet) -> None:
    assert {
        name: (source.role_to("Russia"), source.role_to("Ukraine"))
        for name, source in losses.sources.items()
    } == {
        "UA Source": ("enemy", "own"),
        "RU Source": ("own", "enemy"),
        **dict.fromkeys(
            ("US Source", "GB Source", "United Nations", "OSI", "Other"), ("third", "third")
        ),
    }
    assert Counter(losses.role_of(c) for c in losses) == {"enemy": 4023, "third": 504, "own": 82}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (1, ("point", 10, "Civilian Deaths", "Ukraine", "UA Source", "2022-02-24", True)),
        (54, ("point", 536, "Armored Vehicles", "Russia", "UA Source", "2022-02-26", True)),
        (1320, ("point", 40_000, "Military Casualties", "Russia", "Other", "2022-03-29", False)),
        (3377, ("point", 1e5, "Military Casualties", "Russia", "US Source", "2022-11-09", False)),
        (
            4535,
            ("at_least", 150_000, "Military Casualties", "Ukraine", "Other", "2022-08-23", False),
        ),
        (
            4586,
            ("at_most", 200_000, "Military Casualties", "Ukraine", "Other", "2022-08-23", False),
        ),
        (
            4507,
            ("point", 5215, "Vehicles & Fuel Tanks", "Russia", "UA Source", "2023-02-23", False),
        ),
    ],
)
def test_rows_checked_by_hand(losses: rc.ClaimSet, row: int, expected: tuple) -> None:
    kind, value, figure, population, source, date, one_day = expected
    claim = losses.claims[row - 1]
    date = dt.date.fromisoformat(date)
    assert (claim.kind, claim.value) == (kind, value)
    assert (claim.figure, claim.population, claim.source) == (figure, population, source)
    assert (claim.date, claim.since) == (date, date if one_day else None)


def test_a_part_of_the_file(published_file: Path, losses: rc.ClaimSet) -> None:
    figures = ["Military Deaths", "Military Casualties"]
    some = rc.read_radford2023(published_file, figures=figures, populations=["Russia"])
    assert some.claims == tuple(
        c for c in losses if c.figure in figures and c.population == "Russia"
    )
    assert len(some) == 523 + 130
    assert set(some.figures) == set(figures)
    assert some.populations == ("Russia",)
    ships = rc.read_radford2023(published_file, figures="Ships")
    assert len(ships) == 342
    assert set(ships.sources) == {c.source for c in ships}


def test_a_part_that_is_not_there(published_file: Path) -> None:
    with pytest.raises(rc.ClaimError) as caught:
        rc.read_radford2023(published_file, figures=["Tanks", "Tonks", "Planes"])
    assert [p.value for p in caught.value.problems] == ["Tonks", "Planes"]
    assert "Military Deaths" in str(caught.value)
    with pytest.raises(rc.ClaimError, match=r"populations.*'Belarus'.*Russia, Ukraine"):
        rc.read_radford2023(published_file, populations=["Belarus"])
    with pytest.raises(rc.ClaimError, match="no claims"):
        rc.read_radford2023(published_file, figures=["Ships"], populations=["Ukraine"])


def test_it_goes_through_the_claim_table(losses: rc.ClaimSet, tmp_path: Path) -> None:
    small = losses.replace(losses.claims[:200])
    assert rc.read_claims(rc.write_claims(small, tmp_path)) == small


def test_no_loss_on_a_day_is_a_claim(tmp_path: Path) -> None:
    claims = rc.read_radford2023(table(tmp_path, "9,0,RU Source,Day,Russia,0,0,Tanks"))
    (claim,) = claims
    assert (claim.kind, claim.value, claim.since) == ("point", 0.0, dt.date(2022, 3, 4))
    assert claims.role_of(claim) == "own"


def test_missing_columns_are_listed(tmp_path: Path) -> None:
    path = table(tmp_path, "1,2", header="days,count")
    with pytest.raises(rc.ClaimError) as caught:
        rc.read_radford2023(path)
    assert [p.field for p in caught.value.problems] == HEADER.split(",")[1:]
    path.write_text("", encoding="utf-8")
    with pytest.raises(rc.ClaimError, match="the table has no column"):
        rc.read_radford2023(path)


def test_bad_rows_are_listed_together(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "1,10,UA Source,Day,Russia,0,0,Tanks",
        "2,10,OSI,Cumulative,Russia,1,1,Tanks",
        "3,many,OSI,Cumulative,Russia,0,0,Tanks",
        "4,-1,OSI,Cumulative,Russia,0,0,Tanks",
        "0,nan,OSI,Cumulative,Russia,0,0,Tanks",
        "366,1,OSI,Weekly,Belarus,0,0,Tanks",
        "2.5,1,Oryx,Day,Russia,yes,,",
        "7,1",
    )
    with pytest.raises(rc.ClaimError) as caught:
        rc.read_radford2023(path)
    found = [(p.row, p.field) for p in caught.value.problems]
    assert found == [
        (2, "minimum"),
        (3, "loss_count"),
        (4, "loss_count"),
        (5, "days"),
        (5, "loss_count"),
        *((6, field) for field in ("time_frame", "loss_country", "days")),
        *((7, field) for field in ("claim_source", "category", "days", "minimum", "maximum")),
        *(
            (8, field)
            for field in (
                *("claim_source", "time_frame", "loss_country", "category"),
                *("minimum", "maximum"),
            )
        ),
    ]
    message = str(caught.value)
    assert "row 2, source 'OSI', field 'minimum'" in message
    assert "row 3, source 'OSI', field 'loss_count' = 'many'" in message


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rc.read_radford2023(tmp_path / "nowhere.csv")
    path = tmp_path / "data.RData"
    path.write_bytes(b"RDX3\xff\xfe\x00")
    with pytest.raises(rc.ClaimError, match="not UTF-8"):
        rc.read_radford2023(path)
