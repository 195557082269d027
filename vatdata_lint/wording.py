"""The phrases that findings about the first crank are made of."""

from __future__ import annotations

from vatdata_lint.facts.diagnosis import Diagnosis

__all__ = ["cause_of", "holder_of", "subject_of"]


def subject_of(found: Diagnosis) -> str:
    """Name the kind, or the call where its name is not known."""
    if found.kind_name:
        return f"kind '{found.kind_name}'"
    if found.is_unresolved:
        return f"what '{found.callee}', whose source is not in sight, defines"
    return "a kind with a computed name"


def cause_of(found: Diagnosis) -> str:
    """Name the line that makes it so."""
    cause = found.cause
    if cause.location.path != found.location.path and "line" in cause.text:
        return f"{cause.text} of {cause.location.path}"
    comma = "," if ", which " in cause.text and not cause.text.endswith(",") else ""
    return f"{cause.text}{comma}" if cause.text else f"line {cause.location.line}"


def holder_of(found: Diagnosis) -> str:
    """Name the function that is called later."""
    known = {"<lambda>": "a lambda", "<genexpr>": "a generator expression", "": "a function without a name"}
    return known.get(found.text, f"'{found.text}'")
