"""Patterns are compared as text only where the answer is certain."""

from __future__ import annotations

import pytest

from vatdata_lint.manifest.patterns import admits_none, covers


@pytest.mark.parametrize(
    ("new", "old", "answer"),
    [
        ("M.nat()", "M.nat()", True),
        ("M.nat( )", "M.nat()", True),
        ("M.any()", "M.array_of(M.nat())", True),
        ("M.int()", "M.nat()", True),
        ("M.nat()", "M.int()", False),
        ("M.scalar()", "M.string()", True),
        ("M.string()", "M.scalar()", False),
        ("M.string()", "M.any()", False),
        ("M.string()", "M.int()", False),
        ("M.or_(M.string(), M.int())", "M.int()", True),
        ("M.or_(M.string(), M.int())", "M.nat()", True),
        ("M.or_(M.string(), M.int())", "M.bytes()", False),
        ("M.string()", "M.or_(M.string(), M.int())", False),
        ("M.int()", "M.or_(None, M.int())", False),
        ("M.opt(M.int())", "M.or_(None, M.int())", None),
        ("M.or_(M.string(), M.number())", "M.or_(M.string(), M.int())", True),
        ("M.string(string_length_limit=5)", "M.string()", None),
        ("M.array_of(M.int())", "M.array_of(M.nat())", None),
        ("shape", "M.int()", None),
        ("M.gte(3)", "M.int()", None),
        ("not python(", "M.int()", None),
    ],
)
def test_covers(new: str, old: str, answer: bool | None) -> None:
    assert covers(new, old) is answer


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("M.any()", True),
        ("None", True),
        ("M.opt(M.int())", True),
        ("M.or_(M.int(), None)", True),
        ("M.or_(M.int(), M.string())", False),
        ("M.int()", False),
        ("3", False),
        ("M.array()", None),
        ("shape", None),
    ],
)
def test_admits_none(pattern: str, answer: bool | None) -> None:
    assert admits_none(pattern) is answer
