"""Priors learnt from cases whose truth is known."""
