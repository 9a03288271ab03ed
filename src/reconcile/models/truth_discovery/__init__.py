"""The model of figures on record, which many sources copy."""
