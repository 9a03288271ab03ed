"""Kinds of claim, one per module, and their registry."""
