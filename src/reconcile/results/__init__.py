"""What a fit says: summaries, selections, sentences, convergence, provenance."""
