"""The model of figures that cannot be negative."""
