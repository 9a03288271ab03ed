"""Everything the model of some claims consists of, as plain arrays."""
