"""What every test shares."""

from pathlib import Path

import pytest
import xarray as xr
from hypothesis import settings

import reconcile as rc
from places import EXAMPLE, SHARED

# Slow machines are no reason to fail; the examples of a failure are printed, not stored.
settings.register_profile("reconcile", deadline=None, max_examples=40, database=None)
settings.load_profile("reconcile")


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
