"""Options that the embedded form and the kernel share: their defaults, and what is refused."""

from __future__ import annotations

from typing import Final

__all__ = ["DEFAULT_CACHE_BYTES", "DEFAULT_VALUE_LIMIT", "check_ambient", "check_number", "check_timeout"]

DEFAULT_CACHE_BYTES: Final = 64 << 20
DEFAULT_VALUE_LIMIT: Final = 64 << 20


def check_ambient(ambient: str) -> bool:
    """Return whether I/O inside cranks is allowed.

    Raises:
        ValueError: *ambient* is neither ``"deny"`` nor ``"allow"``.
    """
    if ambient not in {"deny", "allow"}:
        raise ValueError(f"ambient is 'deny' or 'allow', not {ambient!r}")
    return ambient == "allow"


def check_timeout(crank_timeout: float | None) -> None:
    """Refuse a limit of a crank's time that is none.

    Raises:
        ValueError: it is no number of seconds above 0.
    """
    if crank_timeout is not None and not crank_timeout > 0:
        raise ValueError(f"crank_timeout is a number of seconds above 0, not {crank_timeout!r}")


def check_number(name: str, value: object, least: int) -> None:
    """Refuse an option that is no whole number from *least*.

    Raises:
        ValueError: *value* is something else.
    """
    if type(value) is not int or value < least:
        raise ValueError(f"{name} is a whole number from {least}, not {value!r}")
