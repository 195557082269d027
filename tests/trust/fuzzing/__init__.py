"""Inputs that nobody would write: what reads bytes from outside must refuse them by its own errors, or read them right.

``mutate`` makes inputs from a corpus, ``targets`` are what reads them, ``records`` and ``server`` fuzz whole programs.
"""
