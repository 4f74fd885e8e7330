"""The graph in the language of Graphviz."""

from __future__ import annotations

from headrace.graph.relations import Graph, Vertex
from headrace.graph.words import one_line

_SHAPES = {"source": "parallelogram", "table": "cylinder", "view": "ellipse"}


def dot(graph: Graph) -> str:
    """The text of a directed graph, from left to right."""
    numbers = {name: f"v{number}" for number, name in enumerate(graph.vertices)}
    lines = ["digraph headrace {", "  rankdir=LR;", '  node [fontname="Helvetica", fontsize=11];']
    for name, vertex in graph.vertices.items():
        shape = _SHAPES.get("source" if vertex.role == "source" else vertex.kind, "box")
        bold = ", penwidth=2.5" if vertex.kept else ""
        lines.append(f'  {numbers[name]} [label="{_label(vertex)}", shape={shape}{bold}];')
    lines += [f"  {numbers[read]} -> {numbers[reader]};" for read, reader in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _label(vertex: Vertex) -> str:
    lines = [vertex.name, vertex.about]
    text = "\\n".join(_escaped(line) for line in lines)
    return text + "".join(f"\\n{_escaped(f'{name}  {type_}')}\\l" for name, type_ in vertex.columns)


def _escaped(text: str) -> str:
    """Graphviz reads backslashes and HTML's entities in labels."""
    return one_line(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
