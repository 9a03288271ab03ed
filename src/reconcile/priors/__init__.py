"""What is assumed of sources."""
