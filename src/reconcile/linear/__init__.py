"""Figures that may be negative: errors are sums on the natural scale, and not factors."""
