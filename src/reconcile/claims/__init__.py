"""Claims and sets of claims, and what they are about."""
