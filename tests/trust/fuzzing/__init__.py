"""Inputs that nobody would write: what reads bytes from outside must refuse them by its own errors, or read them right.

``mutate`` makes inputs from others, ``targets`` are what reads them, ``coverage`` tells what a reading reached, ``grow`` keeps by
it what leads further in, ``corpus`` is where; ``records`` and ``server`` fuzz whole programs.
"""
