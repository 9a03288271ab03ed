"""The truth discovery model: figures on record that many sources copy."""
