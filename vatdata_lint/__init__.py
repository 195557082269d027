"""Prove, before deployment, that no ``prepare_*`` can miss the first crank."""
