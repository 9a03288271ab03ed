"""Many cases: same fits as one by one, on any executor, through restarts and deaths of workers."""

import gc
import os
import unicodedata
import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import reconcile as rc
from fatal_cases import FatalClaims
from many_cases import SMALL, alone, exact, same, sampled, unconverged
from reconcile.batch.fit_files import file_names, read_record


def truths() -> rc.ClaimSet:
    """A case that fit refuses."""
    return rc.ClaimSet([rc.Claim.truth(120, 120, figure="killed", source="the county")])


class Counting(ThreadPoolExecutor):
    """Counts what it is asked."""

    submitted = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.submitted += 1
        return super().submit(fn, *args, **kwargs)


@pytest.fixture
def threads() -> Iterator[Counting]:
    with Counting(2) as executor:
        yield executor


def test_fits_are_those_of_fit_in_any_order_and_company(threads: Counting) -> None:
    cases = {"exact": exact(), "sampled": sampled(), "third": exact(3)}
    with unconverged():
        fits = rc.fit_each(cases, executor=threads, random_seed=7, **SMALL)
    assert list(fits) == ["exact", "sampled", "third"]
    assert len({fits[name].attrs["random_seed"] for name in fits}) == 3
    for name, fit in fits.items():
        assert same(fit, alone(cases[name], fit)), name
        assert fit.attrs["case_name"] == name
    fewer = {name: cases[name] for name in ("third", "exact")}
    with ThreadPoolExecutor(1) as one:
        again = rc.fit_each(fewer, executor=one, random_seed=7, **SMALL)
    assert list(again) == ["third", "exact"]
    assert all(again[name].identical(fits[name]) for name in again)
    # Another root, other draws.
    other = rc.fit_each({"exact": exact()}, executor=threads, random_seed=8, **SMALL)
    assert not same(other["exact"], fits["exact"])


def test_cases_without_names_are_called_by_their_place(threads: Counting) -> None:
    fits = rc.fit_each([exact(0), exact(1)], executor=threads, random_seed=1, **SMALL)
    assert list(fits) == ["0001", "0002"]
    named = rc.fit_each({"0002": exact(1)}, executor=threads, random_seed=1, **SMALL)
    assert named["0002"].identical(fits["0002"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two fits; copied, not changed."""
    folder = tmp_path_factory.mktemp("finished")
    with ThreadPoolExecutor(1) as executor:
        rc.fit_each(
            {"a": exact(1), "b": exact(2)}, executor=executor, out=folder, random_seed=1, **SMALL
        )
    return folder


def copied(folder: Path, to: Path) -> Path:
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


CHANGES: dict[str, tuple[dict[str, Any], int]] = {
    "nothing": ({}, 0),
    "any seed": ({"random_seed": None}, 0),
    "the same priors in words": ({"priors": rc.Priors()}, 0),
    "claims": ({"cases": {"a": exact(1), "b": exact(3)}}, 1),
    "a new case": ({"cases": {"c": exact(3), "a": exact(1), "b": exact(2)}}, 1),
    "seed": ({"random_seed": 2}, 2),
    "priors": ({"priors": rc.Priors().replace(camp_share=0.5)}, 2),
    "draws": ({"draws": 30}, 2),
    "target": ({"target_accept": 0.9}, 2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_restart_fits_what_changed(
    change: str, finished: Path, tmp_path: Path, threads: Counting
) -> None:
    out = copied(finished, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    what, n = CHANGES[change]
    asked = {"cases": {"a": exact(1), "b": exact(2)}, "random_seed": 1, **SMALL} | what
    cases = asked.pop("cases")
    fits = rc.fit_each(cases, executor=threads, out=out, **asked)
    assert threads.submitted == n
    kept = [name for name, when in before.items() if (out / name).stat().st_mtime_ns == when]
    assert len(kept) == len(cases) - n
    assert fits.folder == out
    for name in cases:
        fit = fits[name]
        assert fit["posterior"].sizes["draw"] == asked["draws"]
        assert fit.attrs["case_name"] == name
        assert fit["claims"]["value"][0] == cases[name].claims[0].value


def test_a_restart_with_another_version_fits_all(
    finished: Path, tmp_path: Path, threads: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconcile.batch.fit_files.__version__", "0.0.1")
    cases = {"a": exact(1), "b": exact(2)}
    rc.fit_each(cases, executor=threads, out=copied(finished, tmp_path), random_seed=1, **SMALL)
    assert threads.submitted == 2


def test_half_a_file_is_fitted_again_and_a_strange_one_left_alone(
    finished: Path, tmp_path: Path, threads: Counting
) -> None:
    out = copied(finished, tmp_path)
    (out / "a.nc").write_bytes((out / "a.nc").read_bytes()[:5000])
    cases = {"a": exact(1), "b": exact(2)}
    fits = rc.fit_each(cases, executor=threads, out=out, random_seed=1, **SMALL)
    assert threads.submitted == 1
    assert fits["a"]["posterior"].sizes["draw"] == 20
    xr.Dataset({"x": 1}).to_netcdf(out / "c.nc", engine="h5netcdf")
    with pytest.raises(FileExistsError, match="not written by fit_each"):
        rc.fit_each({**cases, "c": exact(3)}, executor=threads, out=out, random_seed=1, **SMALL)
    assert threads.submitted == 1


def test_records_are_read_whichever_library_wrote_them(finished: Path, tmp_path: Path) -> None:
    copied(finished, tmp_path)
    # netCDF4, which xarray prefers where it is installed, writes texts as bytes.
    with h5py.File(tmp_path / "a.nc", "r+") as file:
        for name, value in dict(file.attrs).items():
            if isinstance(value, str):
                file.attrs[name] = np.bytes_(value.encode())
    record = read_record(tmp_path / "a.nc")
    assert record == read_record(finished / "a.nc")
    assert record is not None
    assert len(record.inputs_sha256) == 64


def test_a_worker_of_another_version_is_refused(
    threads: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconcile.batch.worker.__version__", "0.0.1")
    with pytest.warns(rc.FailedCaseWarning, match="install the same version on every machine"):
        fits = rc.fit_each({"a": exact()}, executor=threads, random_seed=1, **SMALL)
    assert not fits


def test_a_bad_case_is_reported_and_stops_no_other(threads: Counting) -> None:
    cases = {
        "good": exact(),
        "truths": truths(),
        "unreadable": FatalClaims(exact().claims, title="raise:", figures=exact().figures.values()),
        "too": exact(2),
    }
    with pytest.warns(rc.FailedCaseWarning, match="2 of 4 cases could not be fitted: 'truths'"):
        fits = rc.fit_each(cases, executor=threads, random_seed=1, **SMALL)
    assert list(fits) == ["good", "too"]
    assert list(fits.failed) == ["truths", "unreadable"]
    assert "ClaimError: 1 problem" in fits.failed["truths"]
    assert "ZeroDivisionError: unpacking was of no use" in fits.failed["unreadable"]
    with pytest.raises(KeyError, match="failed: ClaimError: 1 problem"):
        fits["truths"]
    with pytest.raises(KeyError, match="unknown case 'nobody'; the cases are: 'good', 'too'"):
        fits["nobody"]
    assert "truths" not in fits
    assert repr(fits) == f"<CaseFits: 2 fits, 2 failed, in {fits.folder}>"


def test_warnings_of_workers_come_back_once(threads: Counting, tmp_path: Path) -> None:
    cases = {"x": sampled(role=""), "y": sampled(1, role=""), "z": exact()}
    told: list[list[str]] = []
    # The second time nothing is fitted, and all is said again.
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fits = rc.fit_each(cases, executor=threads, out=tmp_path, random_seed=1, **SMALL)
        assert [each.category for each in caught] == [rc.AssumptionWarning, rc.ConvergenceWarning]
        assert {each.filename for each in caught} == {__file__}
        told.append([str(each.message) for each in caught])
    assert threads.submitted == 3
    assert told[0] == told[1]
    assert "no role is given for a hospital" in told[0][0]
    assert "(in 2 of 3 cases: 'x', 'y')" in told[0][0]
    assert "2 of 3 fits have not converged; do not use them: 'x', 'y'" in told[0][1]
    with unconverged():
        table = fits.summary()
    assert table.columns[0] == "case"
    assert table["case"].to_list() == ["x", "y", "z"]
    assert table["converged"].to_list() == [False, False, True]
    assert table["random_seed"].to_list() == [fit.attrs["random_seed"] for fit in fits.values()]
    with pytest.warns(rc.ConvergenceWarning):
        one = rc.summary(fits["y"])
    row = table[table["case"] == "y"].reset_index(drop=True)
    assert row[one.columns].equals(one)


def test_names_must_be_names_of_files(threads: Counting) -> None:
    names = ["", "Kyiv", "kyiv", "é", "e\u0301", "long" * 70, "fine", "\ud800"]
    with pytest.raises(rc.ClaimError, match="4 problems") as caught:
        rc.fit_each(dict.fromkeys(names, exact()), executor=threads, **SMALL)
    wrong = [problem.value for problem in caught.value.problems]
    assert wrong == ["", "kyiv", "long" * 70, "\ud800"]
    with pytest.raises(rc.ClaimError):
        rc.fit_each({3: exact()}, executor=threads, **SMALL)
    assert threads.submitted == 0


@given(st.lists(st.text(max_size=20), unique=True))
def test_names_come_back_from_their_files(names: list[str]) -> None:
    try:
        files = file_names(names)
    except rc.ClaimError:
        return
    assert list(files) == names
    folded = {unicodedata.normalize("NFC", file.casefold()) for file in files.values()}
    assert len(folded) == len(names)
    for name, file in files.items():
        assert unquote(file.removesuffix(".nc")) == name
        assert not set(file) & set('/\\:*?"<>|\0\n')
        assert file[0] not in ". "


@pytest.mark.parametrize("name", ["con", "NUL.x", "..", "../up", "a/b", " x", "100 %", "Київ"])
def test_odd_names_are_kept(name: str) -> None:
    (file,) = file_names([name]).values()
    assert unquote(file.removesuffix(".nc")) == name
    assert Path(file).name == file
    assert file.split(".")[0].lower() not in ("con", "nul", "")


def test_what_is_wrong_is_found_before_anything_runs(threads: Counting) -> None:
    with pytest.raises(TypeError, match="several cases, not one ClaimSet"):
        rc.fit_each(exact(), executor=threads)
    with pytest.raises(TypeError, match="'b': int"):
        rc.fit_each({"a": exact(), "b": 3}, executor=threads)
    with pytest.raises(TypeError, match="get_executor"):
        rc.fit_each([exact()], executor=threads.submit)
    with pytest.raises(TypeError, match="priors is not a Priors"):
        rc.fit_each([exact()], executor=threads, priors={})
    for setting in ({"draws": 1}, {"target_accept": 1.0}, {"random_seed": -1}, {"chains": 0}):
        with pytest.raises(ValueError, match=next(iter(setting))):
            rc.fit_each([exact()], executor=threads, **setting)
    assert threads.submitted == 0


def test_no_cases_no_fits() -> None:
    fits = rc.fit_each({}, **SMALL)
    assert len(fits) == 0
    with pytest.raises(ValueError, match="no case was fitted"):
        fits.summary()


def test_the_temporary_folder_lives_as_long_as_the_fits(threads: Counting) -> None:
    fits = rc.fit_each([exact()], executor=threads, random_seed=1, **SMALL)
    folder, fit = fits.folder, fits["0001"]
    assert [path.name for path in folder.iterdir()] == ["0001.nc"]
    del fits
    gc.collect()
    assert not folder.exists()
    assert fit["posterior"]["estimate"].shape == (2, 20, 1)


def test_no_file_stays_open(finished: Path, threads: Counting) -> None:
    cases = {"a": exact(1), "b": exact(2)}
    fits = rc.fit_each(cases, executor=threads, out=finished, random_seed=1, **SMALL)
    fits["a"], fits.summary()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    kept = [fits["a"], fits["b"], fits.summary()]
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    assert kept


def test_progress_goes_to_the_error_stream(
    finished: Path, threads: Counting, capfd: pytest.CaptureFixture[str]
) -> None:
    cases = {"a": exact(1), "b": exact(2)}
    rc.fit_each(cases, executor=threads, out=finished, random_seed=1, **SMALL)
    assert capfd.readouterr() == ("", "")
    shown = SMALL | {"progressbar": True}
    rc.fit_each(cases, executor=threads, out=finished, random_seed=1, **shown)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "2/2" in printed.err


class Scripted(Executor):
    """Runs each task at once, but for those that its script has an exception for."""

    def __init__(self, script: dict[int, BaseException], *, workers: int = 2) -> None:
        self._script, self._max_workers = script, workers
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        error = self._script.get(len(self.futures))
        self.futures.append(future)
        if error is None:
            future.set_result(fn(*args, **kwargs))
        elif not isinstance(error, TimeoutError):
            future.set_exception(error)
        return future


def test_a_foreign_executor_that_breaks_fails_the_rest_and_a_restart_goes_on(
    tmp_path: Path, threads: Counting
) -> None:
    cases = {f"c{k}": exact(k) for k in range(6)}
    executor = Scripted({1: BrokenExecutor("a node is gone")}, workers=1)
    with pytest.warns(rc.FailedCaseWarning, match="same folder to resume"):
        fits = rc.fit_each(cases, executor=executor, out=tmp_path, random_seed=1, **SMALL)
    # Four were handed in before it broke.
    assert list(fits) == ["c0", "c2", "c3"]
    assert "BrokenExecutor: a node is gone" in fits.failed["c5"]
    rest = rc.fit_each(cases, executor=threads, out=tmp_path, random_seed=1, **SMALL)
    assert threads.submitted == 3
    assert list(rest) == list(cases)


def test_an_executor_that_takes_nothing_more_fails_the_rest() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.warns(rc.FailedCaseWarning, match="2 of 2 .* cannot schedule new futures"):
        rc.fit_each([exact(0), exact(1)], executor=executor, **SMALL)


def test_what_the_executor_does_to_one_task_fails_that_case() -> None:
    executor = Scripted({1: MemoryError("a worker was killed")})
    with pytest.warns(rc.FailedCaseWarning, match="MemoryError: a worker was killed"):
        fits = rc.fit_each(
            [exact(0), exact(1), exact(2)], executor=executor, random_seed=1, **SMALL
        )
    assert list(fits) == ["0001", "0003"]


def test_an_interrupt_keeps_what_is_done_and_cancels_the_rest(tmp_path: Path) -> None:
    # A time that is out stands for a task that does not end.
    executor = Scripted({1: KeyboardInterrupt(), 2: TimeoutError(), 3: TimeoutError()})
    cases = {f"c{k}": exact(k) for k in range(12)}
    with pytest.raises(KeyboardInterrupt):
        rc.fit_each(cases, executor=executor, out=tmp_path, random_seed=1, **SMALL)
    assert executor.futures[2].cancelled()
    assert executor.futures[3].cancelled()
    assert len(executor.futures) == 8
    assert len(list(tmp_path.iterdir())) <= 5


def test_few_results_are_held_at_a_time() -> None:
    class Late(ThreadPoolExecutor):
        waiting = most = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            future = super().submit(fn, *args, **kwargs)
            fetch = future.result

            def fetched(timeout: float | None = None) -> Any:
                self.waiting -= 1
                return fetch(timeout)

            future.result = fetched  # type: ignore[method-assign]
            return future

    with Late(1) as executor:
        cases = [truths() for _ in range(40)]
        with pytest.warns(rc.FailedCaseWarning, match="40 of 40"):
            rc.fit_each(cases, executor=executor, **SMALL)
    assert executor.waiting == 0
    assert executor.most <= 4
