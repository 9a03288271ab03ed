"""Workers that are other processes, and that die."""

import os
import warnings
from pathlib import Path

import pytest

import reconcile as rc
from fatal_cases import FatalClaims
from many_cases import SMALL, alone, exact, same, sampled, unconverged


def test_worker_processes_that_die_lose_nothing(tmp_path: Path) -> None:
    about = {"figures": exact().figures.values()}
    cases = {
        "deadly": FatalClaims(exact(1).claims, title="always:", **about),
        "unlucky": FatalClaims(exact(2).claims, title=f"once:{tmp_path / 'marker'}", **about),
        "sampled": sampled(),
        "exact": exact(3),
    }
    with (
        unconverged(),
        pytest.warns(rc.FailedCaseWarning, match="1 of 4 .*'deadly'.* process died 2 times"),
    ):
        fits = rc.fit_each(cases, out=tmp_path / "out", random_seed=5, **SMALL)
    assert list(fits) == ["unlucky", "sampled", "exact"]
    assert (tmp_path / "marker").exists()
    for name, fit in fits.items():
        assert same(fit, alone(cases[name], fit)), name


def test_a_dask_cluster_that_loses_a_worker_loses_no_case(tmp_path: Path) -> None:
    """One of the cases ends the process of its worker, once."""
    distributed, dask = (pytest.importorskip(name) for name in ("distributed", "dask"))
    marker, about = tmp_path / "marker", {"figures": exact().figures.values()}
    cases = {f"c{k}": exact(k) for k in range(8)} | {"sampled": sampled()}
    cases["c5"] = FatalClaims(exact(5).claims, title=f"once:{marker}", **about)
    with (
        warnings.catch_warnings(),
        dask.config.set({"distributed.comm.timeouts.connect": "1h"}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs="CRITICAL",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        before = set(client.run(os.getpid).values())
        assert len(before) == 2
        with unconverged():
            fits = rc.fit_each(
                cases, executor=client.get_executor(), out=tmp_path / "out", random_seed=3, **SMALL
            )
        (dead,) = before - set(client.run(os.getpid).values())
        assert dead == int(marker.read_text())
        # The executor is not ours: it still runs.
        assert client.get_executor().submit(len, "abc").result() == 3
    assert list(fits) == list(cases)
    assert not fits.failed
    for name, fit in fits.items():
        assert same(fit, alone(cases[name], fit)), name
