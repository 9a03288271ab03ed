"""Fits in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from places import TESTS

ON_THE_LOG_SCALE = "from places import EXAMPLE; claims = rc.read_claims(EXAMPLE)"
ON_THE_NATURAL_SCALE = "from model_sets import *; claims = cold(*NUMBERS, *OTHERS)"
DRAWS = """
import numpy as np, reconcile as rc, sys, warnings
sys.path.append(sys.argv[1])
warnings.simplefilter("ignore", rc.ConvergenceWarning)
{claims}
posterior = rc.fit(claims, draws=500, random_seed=2022, progressbar=False)
np.save(sys.argv[2], posterior.posterior["estimate"])
"""


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(ON_THE_LOG_SCALE, id="log"),
        pytest.param(ON_THE_NATURAL_SCALE, id="linear", marks=pytest.mark.slow),
    ],
)
def test_the_process_that_compiles_has_the_draws_of_later_ones(claims: str, tmp_path: Path) -> None:
    # To the last bit: sums in another order are enough for NUTS to go another way.
    compiled = {
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
        "PYTENSOR_FLAGS": f"base_compiledir={tmp_path / 'pytensor'}",
    }
    code, tests = DRAWS.format(claims=claims), str(TESTS)
    draws = []
    for name in ("first.npy", "later.npy"):
        file = tmp_path / name
        subprocess.run(
            [sys.executable, "-c", code, tests, str(file)], env=os.environ | compiled, check=True
        )
        draws.append(np.load(file))
    assert any(Path(tmp_path / "numba").rglob("density*.nbc"))
    np.testing.assert_array_equal(*draws, strict=True)
