"""Parsing English quantities."""
