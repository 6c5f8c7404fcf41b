"""A few SVG shapes on a unit square with axes: enough for the pictures of a run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Point = tuple[float, float]
SIDE = 360
LEFT, TOP, RIGHT, BOTTOM = 64, 44, 24, 56
INK = "#222"


class Chart:
    """A chart whose two axes run from 0 to 1."""

    def __init__(self, title: str, across: str, upwards: str) -> None:
        """Begin with title, axes and grid."""
        self._parts: list[str] = []
        self._legend: list[tuple[str, str]] = []
        self._text(LEFT, 24, title, "start", 15)
        self._text(LEFT + SIDE / 2, TOP + SIDE + 44, across, "middle")
        middle = TOP + SIDE / 2
        self._parts.append(
            f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle" '
            f'font-size="13" fill="{INK}">{escape(upwards)}</text>'
        )
        for step in range(6):
            share = step / 5
            x, y = self._at((share, share))
            self._line((share, 0), (share, 1), "#ddd")
            self._line((0, share), (1, share), "#ddd")
            self._text(x, TOP + SIDE + 20, f"{share:.1f}", "middle")
            self._text(LEFT - 8, y + 4, f"{share:.1f}", "end")

    def diagonal(self) -> None:
        """Draw the line on which both axes are equal."""
        self._line((0, 0), (1, 1), "#999", dashed=True)

    def curve(self, points: Sequence[Point], color: str, label: str) -> None:
        """Draw a line through points."""
        self._legend.append((color, label))
        self._parts.append(
            f'<polyline points="{self._path(points)}" fill="none" stroke="{color}" '
            'stroke-width="2"/>'
        )

    def band(self, low: Sequence[Point], high: Sequence[Point], color: str) -> None:
        """Fill what lies between two lines."""
        around = [*low, *reversed(high)]
        self._parts.append(
            f'<polygon points="{self._path(around)}" fill="{color}" fill-opacity="0.18"/>'
        )

    def dots(
        self,
        points: Sequence[tuple[Point, str]],
        color: str,
        radius: float = 4,
        label: str | None = None,
    ) -> None:
        """Draw dots, each with what a pointer on it shows."""
        if label is not None:
            self._legend.append((color, label))
        for point, told in points:
            x, y = self._at(point)
            self._parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{color}">'
                f"<title>{escape(told)}</title></circle>"
            )

    def render(self) -> str:
        """Return the picture."""
        parts = list(self._parts)
        width, height = LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM + 20 * len(self._legend)
        for number, (color, label) in enumerate(self._legend):
            y = TOP + SIDE + BOTTOM + 20 * number + 8
            parts.append(f'<rect x="{LEFT}" y="{y - 9}" width="18" height="4" fill="{color}"/>')
            parts.append(
                f'<text x="{LEFT + 26}" y="{y}" font-size="13" fill="{INK}">{escape(label)}</text>'
            )
        inside = "\n".join(parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif">\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n{inside}\n</svg>\n'
        )

    def _at(self, point: Point) -> Point:
        return LEFT + point[0] * SIDE, TOP + (1 - point[1]) * SIDE

    def _path(self, points: Sequence[Point]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self._at, points))

    def _line(self, start: Point, end: Point, color: str, *, dashed: bool = False) -> None:
        (x1, y1), (x2, y2) = self._at(start), self._at(end)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{color}"{dash}/>'
        )

    def _text(self, x: float, y: float, text: str, anchor: str, size: int = 13) -> None:
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{INK}">{escape(text)}</text>'
        )
