"""The one error that a decoder of this package raises."""

from __future__ import annotations

__all__ = ["DecodeError"]


class DecodeError(ValueError):
    """Bytes are not an encoding that this package writes.

    Raised by ``decode_key`` and by ``ValueCodec`` alone; whoever knows where the bytes came from turns it into an
    error that names the place (``StoreCorruptError`` for a store).
    """
