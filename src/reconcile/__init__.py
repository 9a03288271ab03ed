"""x"""

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.errors import *
from reconcile.figures import Figure
from reconcile.sources import Source
from reconcile.tables import read_claims, to_frame, write_claims
