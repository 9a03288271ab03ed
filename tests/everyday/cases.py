"""All everyday cases and pairs.

Names and numbers are invented, or were never in dispute. Bounds are what a knowledgeable person
would say of such claims. They were written down before any answer was seen: change a bound only
where the person was wrong, never because the answer lies outside.
"""

from everyday.accidents import ACCIDENTS
from everyday.conflicts import CONFLICTS
from everyday.counts import COUNTS
from everyday.disasters import DISASTERS
from everyday.disease import DISEASE
from everyday.pairs import PAIRS

__all__ = ["CASES", "PAIRS"]

CASES = (*DISASTERS, *ACCIDENTS, *DISEASE, *CONFLICTS, *COUNTS)
