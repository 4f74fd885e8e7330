"""A chart of lines as SVG, both axes logarithmic, with nothing but text and lines in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 420, 70, 190, 50, 50
_COLOURS = ("#1f6f8b", "#c8553d", "#7a6c5d", "#588157", "#9a4c95")


def line_chart(title: str, across: str, up: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """One line a series through its points, all above 0; each is named at its end.

    >>> line_chart("t", "x", "y", {"a": [(1, 1), (10, 5)]}).startswith("<svg")
    True
    """
    points = [point for each in series.values() for point in each]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right = log10(min(xs)), log10(max(xs)) or 1.0
    low, high = floor(log10(min(ys))), ceil(log10(max(ys)))

    def place(x: float, y: float) -> tuple[float, float]:
        wide, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        across_ = (log10(x) - left) / ((right - left) or 1)
        up_ = (log10(y) - low) / ((high - low) or 1)
        return _LEFT + across_ * wide, _HEIGHT - _BOTTOM - up_ * tall

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        _, y = place(min(xs), 10.0**power)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for x in sorted(set(xs)):
        across_, _ = place(x, 10.0**low)
        parts.append(f'<text x="{across_:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{x:,g}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP - 8}">{escape(up)}</text>')
    parts.append(
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(across)}</text>'
    )
    ends = sorted((place(*each[-1])[1], name) for name, each in series.items())
    heights: dict[str, float] = {}
    for y, name in ends:
        heights[name] = max([y, *(other + 15 for other in heights.values())])
    for (name, each), colour in zip(series.items(), _COLOURS, strict=False):
        line = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in each)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += ['<circle cx="{:.1f}" cy="{:.1f}" r="3" fill="{}"/>'.format(*place(*point), colour) for point in each]
        parts.append(
            f'<text x="{_WIDTH - _RIGHT + 8}" y="{heights[name] + 4:.1f}" fill="{colour}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])
