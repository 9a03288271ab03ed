"""The model in NumPy: forward computation, likelihood and prior."""
