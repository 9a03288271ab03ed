"""The model in NumPy: forwards, its likelihood, its prior."""
