"""Pictures of a fit: one plot per module, all from the tree alone."""
