"""Curves as one SVG picture: small panels, both axes logarithmic. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

__all__ = ["draw"]

WIDTH, HEIGHT, MARGIN = 260, 150, 34
COLUMNS = 3


def draw(panels: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> str:
    """Draw one panel for each title with its points, a size and a cost above 0."""
    rows = math.ceil(len(panels) / COLUMNS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}" '
        f'font-family="sans-serif" font-size="9"><rect width="100%" height="100%" fill="white"/>'
    ]
    for number, (title, points) in enumerate(panels):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
        parts.append(f'<g transform="translate({x},{y})">{_panel(title, points)}</g>')
    return "\n".join([*parts, "</svg>\n"])


def _panel(title: str, points: Sequence[tuple[int, float]]) -> str:
    low, high = math.log10(points[0][0]), math.log10(points[-1][0])
    heights = [math.log10(cost) for _, cost in points]
    middle = sum(heights) / len(points)
    # A whole decade above and below at least: a flat curve looks flat.
    half = max(1.0, *(abs(height - middle) for height in heights))
    placed: list[tuple[float, float]] = []
    for (size, _), height in zip(points, heights, strict=True):
        along = (math.log10(size) - low) / (high - low or 1)
        up = (height - middle + half) / (2 * half)
        placed.append((MARGIN + along * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)))
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in placed)
    labels = "".join(
        f'<text x="{x:.0f}" y="{y - 5:.0f}" text-anchor="middle">{cost:.3g}</text>'
        f'<text x="{x:.0f}" y="{HEIGHT - 14}" text-anchor="middle">{_count(size)}</text>'
        for (x, y), (size, cost) in zip(placed, points, strict=True)
    )
    return (
        f'<text x="{MARGIN}" y="14" font-weight="bold">{escape(title)} (us)</text>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>{labels}'
    )


def _count(size: int) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if size >= unit:
            return f"{size / unit:g}{name}"
    return str(size)
