"""Defects that are put into the runtime on purpose, one at a time, to see whether the tests of this folder notice.

``defects`` is what can be planted, and ``hunt`` looks for one of them in a process of its own.
"""
