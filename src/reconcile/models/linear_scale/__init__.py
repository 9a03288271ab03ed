"""The model of figures that may be negative."""
