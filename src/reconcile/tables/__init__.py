"""Files and data frames of claims, in and out."""
