"""Patterns: what a value may be; guards: what a method accepts and gives.

Pure: built on ``passable`` alone. Patterns and guards are data, and compile to closures and wrappers.
"""

from __future__ import annotations

from vatdata_runtime.patterns.coercion import Spawn
from vatdata_runtime.patterns.compile import compile_pattern
from vatdata_runtime.patterns.covers import KeyCover, KeyRange, key_ranges
from vatdata_runtime.patterns.explain import Mismatch, explain_mismatch
from vatdata_runtime.patterns.guarded_method import compile_method
from vatdata_runtime.patterns.guards import (
    ArgumentGuard,
    AwaitGuard,
    DefaultGuards,
    InterfaceGuard,
    MethodGuard,
    RawGuard,
    check_interface,
)
from vatdata_runtime.patterns.limits import DEFAULT_LIMITS, Limit
from vatdata_runtime.patterns.matchers import Matcher, Pattern, Test, check_pattern, is_pattern
from vatdata_runtime.patterns.matching import container_has_split, matches, must_match
from vatdata_runtime.patterns.namespace import M, PatternNamespace
from vatdata_runtime.patterns.text import pattern_text
from vatdata_runtime.patterns.widening import allows_none, narrowings

__all__ = [
    # for users
    "M",
    "DEFAULT_LIMITS",
    "InterfaceGuard",
    "Limit",
    "Matcher",
    "MethodGuard",
    "Pattern",
    "PatternNamespace",
    "container_has_split",
    "is_pattern",
    "matches",
    "must_match",
    # patterns, for the floors above
    "KeyCover",
    "KeyRange",
    "Mismatch",
    "Test",
    "allows_none",
    "check_pattern",
    "compile_pattern",
    "explain_mismatch",
    "key_ranges",
    "narrowings",
    "pattern_text",
    # guards, for the floors above
    "ArgumentGuard",
    "AwaitGuard",
    "DefaultGuards",
    "RawGuard",
    "Spawn",
    "check_interface",
    "compile_method",
]
