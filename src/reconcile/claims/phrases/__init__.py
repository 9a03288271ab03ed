"""Quantities as they are said in English."""
