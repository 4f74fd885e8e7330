"""``headrace graph``: what reads what, as a tree in the terminal or a picture. No database is needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from headrace.cli.options import colour_option, folder_argument, format_option
from headrace.cli.project import no_such, open_project
from headrace.cli.screen import plain_text, say
from headrace.cli.tree import Branch, tree_lines

if TYPE_CHECKING:
    from headrace.graph import Graph, Vertex


@click.command("graph")
@folder_argument
@format_option("tree", "mermaid", "dot", "svg", "json")
@click.option("--columns", is_flag=True, help="With the columns and their types.")
@click.option(
    "--upstream", metavar="NODE", multiple=True, help="Only what NODE depends on. May be given several times."
)
@click.option("--downstream", metavar="NODE", multiple=True, help="Only what depends on NODE (or a source).")
@colour_option
def command(folder: str, format_: str, columns: bool, upstream: tuple[str, ...], downstream: tuple[str, ...]) -> int:
    """Show the sources and nodes of the project in FOLDER, and what reads what.

    Nodes that are kept as tables or views are marked. For a picture: headrace graph --format svg > graph.svg
    """
    from headrace.graph import graph_of
    from headrace.graph.dot import dot
    from headrace.graph.mermaid import mermaid
    from headrace.graph.svg import svg

    graph = graph_of(open_project(folder).check())
    for name in (*upstream, *downstream):
        _known(name, graph)
    if upstream or downstream:
        graph = graph.around(upstream, downstream)
    if not columns and format_ != "json":
        graph = graph.without_columns()
    if format_ == "tree":
        _show(graph)
    elif format_ == "json":
        click.echo(json.dumps(graph.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo({"mermaid": mermaid, "dot": dot, "svg": svg}[format_](graph), nl=False)
    return 0


def _known(name: str, graph: Graph) -> None:
    if name not in graph.vertices:
        raise no_such("node or source", name, graph.vertices)


def _show(graph: Graph) -> None:
    for line in tree_lines(_trees(graph)):
        click.echo(line)
    nodes = [vertex for vertex in graph.vertices.values() if vertex.role == "node"]
    if any(vertex.kept for vertex in nodes):
        say("\n● is kept in the warehouse", dim=True)
    if not graph.vertices:
        say("There are no sources and nodes.")


def _trees(graph: Graph) -> Sequence[Branch]:
    """A tree for each source, and for each node that reads nothing. What has several inputs stands in full below the
    first of them."""
    readers, inputs = graph.readers(), graph.inputs()
    roots = []
    told: set[str] = set()
    starts = [name for name in graph.vertices if not inputs[name]]
    # What stands in a circle hangs on no root.
    for start in (*starts, *graph.vertices):
        if start in told:
            continue
        root = Branch("")
        roots.append(root)
        waiting = [(start, root)]
        while waiting:
            name, branch = waiting.pop()
            branch.text = _line(graph.vertices[name])
            if name in told:
                if readers[name] or graph.vertices[name].columns:
                    branch.text += "  (as above)"
                continue
            told.add(name)
            branch.branches = [Branch(plain_text(f"{column}  {kind}")) for column, kind in graph.vertices[name].columns]
            below = [(reader, Branch("")) for reader in readers[name]]
            branch.branches += [each for _, each in below]
            waiting.extend(reversed(below))
    return roots


def _line(vertex: Vertex) -> str:
    mark = "● " if vertex.kept else ""
    state = "" if vertex.state == "ok" else "  (has mistakes)" if vertex.state == "bad" else "  (blocked by mistakes)"
    return plain_text(f"{mark}{vertex.name}  {vertex.about}") + state
