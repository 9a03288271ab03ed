"""Log densities, their modes and curvature, and how they are sampled: nothing knows claims."""
