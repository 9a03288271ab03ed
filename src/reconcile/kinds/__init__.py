"""Kinds of claim: a module for each, and the registry that lists them."""
