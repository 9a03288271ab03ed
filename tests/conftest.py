"""What every test shares."""

from pathlib import Path

import pytest
import xarray as xr
from hypothesis import HealthCheck, settings

import reconcile as rc
from places import EXAMPLE, SHARED

# The clock decides nothing: a busy machine took 30 seconds over the first ten examples of a test,
# which Hypothesis calls too slow. Nor does chance: a change is judged by the same examples as the
# one before it; new ones are looked for at night. Those of a failure are printed, not stored.
BY_DAY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=40,
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.register_profile("day", BY_DAY)
settings.register_profile("night", BY_DAY, derandomize=False, max_examples=200)
settings.load_profile("day")


@pytest.fixture(scope="session")
def founding_article() -> Path:
    """Folder with the claims that the library was founded on."""
    folder = SHARED / "founding_article"
    if not folder.is_dir():
        pytest.skip("the claims of the founding article are not beside the repository")
    return folder


@pytest.fixture(scope="session")
def seven_claims() -> rc.ClaimSet:
    """The example's claims."""
    return rc.read_claims(EXAMPLE)


@pytest.fixture(scope="session")
def fitted(seven_claims: rc.ClaimSet) -> xr.DataTree:
    """A fit of the example's claims. Not to be changed."""
    return rc.fit(seven_claims, random_seed=2022, progressbar=False)
