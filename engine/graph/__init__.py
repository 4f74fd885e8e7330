"""What depends on what: sources and nodes as a graph, columns as a graph, and pictures of them."""

from headrace.graph.columns import Link, Place, ProjectLineage
from headrace.graph.relations import Graph, Vertex, graph_of

__all__ = ["Graph", "Link", "Place", "ProjectLineage", "Vertex", "graph_of"]
