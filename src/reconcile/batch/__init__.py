"""Fitting many cases: workers, executors and files of fits."""
