"""The models of claims, one package each."""
