"""Patterns: what a value may be, and guards: what a method accepts.

Pure: built on ``passable`` alone. Patterns and guards are data themselves, and compile to closures.
"""
