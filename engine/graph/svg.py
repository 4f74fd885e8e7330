"""The graph as an SVG picture, made of nothing but text: no network, no Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from headrace.graph.layout import Box, layered
from headrace.graph.relations import Graph, Vertex
from headrace.graph.words import one_line, shortened, width

_LETTER = 6.6  # points of a letter of middling width, at the size of a name
_SMALL = 0.86  # the size of what stands below the name, as a part of the name's
_LINE = 16
_MARGIN = 16
_WIDEST = 34

_STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px;fill:#1c2733}"
    ".name{font-weight:600}"
    ".about{font-size:10.3px;fill:#51606f}"
    ".edge{fill:none;stroke:#8696a7;stroke-width:1.2}"
    ".tip{fill:#8696a7}"
    ".box{fill:#ffffff;stroke:#8696a7;stroke-width:1}"
    ".source .box{fill:#eef3f8;stroke:#5b7c99}"
    ".kept .box{fill:#e3f3e6;stroke:#2f7d3b;stroke-width:2}"
    ".bad .box{fill:#fbe9e7;stroke:#b3362b;stroke-dasharray:4 3}"
)


def svg(graph: Graph) -> str:
    """A whole SVG document. Kept nodes are green and bold-edged, sources blue, nodes with mistakes red and dashed.

    Names that are too long are cut; the whole stands in the title that a browser shows under the pointer.
    """
    sizes = {name: _size(vertex) for name, vertex in graph.vertices.items()}
    layout = layered(sizes, graph.edges)
    wide, high = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_number(wide)}" height="{_number(high)}" '
        f'viewBox="{_number(-_MARGIN)} {_number(-_MARGIN)} {_number(wide)} {_number(high)}" role="img">',
        f"<title>{_counted(graph)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{_number(wide)}" height="{_number(high)}" fill="#ffffff"/>',
    ]
    for edge in graph.edges:
        lines.extend(_edge(layout.ways[edge]))
    for name, vertex in graph.vertices.items():
        lines.extend(_vertex(vertex, layout.boxes[name]))
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _counted(graph: Graph) -> str:
    sources = sum(vertex.role == "source" for vertex in graph.vertices.values())
    nodes = len(graph.vertices) - sources
    return f"{sources} source{'' if sources == 1 else 's'}, {nodes} node{'' if nodes == 1 else 's'}"


def _texts(vertex: Vertex) -> tuple[str, list[str]]:
    """The name, and the lines below it, each as long as there is room."""
    below = [vertex.about, *(f"{name}  {type_}" for name, type_ in vertex.columns)]
    return shortened(one_line(vertex.name), _WIDEST), [shortened(one_line(line), _WIDEST / _SMALL) for line in below]


def _size(vertex: Vertex) -> tuple[float, float]:
    name, below = _texts(vertex)
    widest = max(width(name) * 1.2, *(width(line) * _SMALL for line in below))
    return round(widest * _LETTER + 20), _LINE * (1 + len(below)) + 10


def _vertex(vertex: Vertex, box: Box) -> Iterator[str]:
    kinds = ["source" if vertex.role == "source" else "node"]
    if vertex.kept:
        kinds.append("kept")
    if vertex.state != "ok":
        kinds.append("bad")
    name, below = _texts(vertex)
    yield f'<g class="{" ".join(kinds)}">'
    whole = "\n".join((one_line(vertex.name), one_line(vertex.about)))
    yield f"<title>{escape(whole)}</title>"
    radius = 9 if vertex.role == "source" else 3
    yield (
        f'<rect class="box" x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="{radius}"/>'
    )
    x, y = box.x + 10, box.y + _LINE + 2
    yield f'<text class="name" x="{_number(x)}" y="{_number(y)}">{escape(name)}</text>'
    for line in below:
        y += _LINE
        yield f'<text class="about" x="{_number(x)}" y="{_number(y - 1)}">{escape(line)}</text>'
    yield "</g>"


def _edge(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """A smooth line through the points, flat where it passes boxes, with a tip at its end."""
    (x, y), *rest = points
    end_x, end_y = rest[-1]
    rest[-1] = (end_x - 5, end_y)
    path = f"M{_number(x)} {_number(y)}"
    for next_x, next_y in rest:
        if abs(next_y - y) < 0.5:
            path += f"L{_number(next_x)} {_number(next_y)}"
        else:
            bend = max(abs(next_x - x) / 2, 20)
            path += (
                f"C{_number(x + bend)} {_number(y)} {_number(next_x - bend)} {_number(next_y)} "
                f"{_number(next_x)} {_number(next_y)}"
            )
        x, y = next_x, next_y
    yield f'<path class="edge" d="{path}"/>'
    tip = f"M{_number(end_x)} {_number(end_y)}l-7 -3.5v7z"
    yield f'<path class="tip" d="{tip}"/>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
