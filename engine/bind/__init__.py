"""Binding: documents and a catalog become a graph of plans."""

from headrace.bind.bound import Bound, BoundNode, BoundSource, BoundStep
from headrace.bind.project import Placed, bind

__all__ = ["Bound", "BoundNode", "BoundSource", "BoundStep", "Placed", "bind"]
