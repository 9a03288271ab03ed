"""Log density of the model and its gradient, compiled by numba."""
