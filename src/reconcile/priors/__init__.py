"""Prior constants."""
