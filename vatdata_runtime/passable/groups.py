"""The members of an exception group, as a tuple that is empty for other exceptions."""

from __future__ import annotations

from typing import cast

__all__ = ["members_of"]


def members_of(error: BaseException) -> tuple[BaseException, ...]:
    """Return the members of *error* where it is a group; a group always has some."""
    if not isinstance(error, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", error).exceptions
