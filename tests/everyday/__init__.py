"""Everyday cases with the answer that a knowledgeable person accepts."""
