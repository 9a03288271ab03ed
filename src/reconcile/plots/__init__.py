"""Plots of a fit, one per module, from its DataTree alone."""
