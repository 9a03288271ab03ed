"""The log density of the model and its gradient, compiled by numba once for all models."""
