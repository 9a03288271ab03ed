"""Many cases: workers, executors, files of fits."""
