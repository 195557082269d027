"""The errors that decoders of this package raise."""

from __future__ import annotations

__all__ = ["DecodeError", "UnknownEnumError"]


class DecodeError(ValueError):
    """Bytes are not an encoding that this package writes.

    Raised by ``decode_key`` and by ``ValueCodec`` alone; whoever knows where the bytes came from turns it
    into an error that names the place (``StoreCorruptError`` for a store).
    """


class UnknownEnumError(DecodeError):
    """The bytes are sound, but the vat has not registered the enum, or its class has lost the member."""
