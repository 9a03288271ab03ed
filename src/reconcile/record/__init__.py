"""Figures that are on record: counted and published once, and copied, well or badly, since."""
