"""The zones and lives of the zone tests."""

from __future__ import annotations

from tests.runtime.zones.conftest import durable, lives, zones

__all__ = ["durable", "lives", "zones"]
