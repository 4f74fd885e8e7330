"""The fingerprints of nodes and of a whole program: the same as long as the same rows come of the same inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from headrace.bind import Bound, BoundNode
from headrace.plan import Relation
from headrace.plan.fingerprint import fingerprint
from headrace.program.new_values import defined
from headrace.program.program import Build


class Fingerprints:
    """The fingerprints of a graph's nodes, by name in ``tables``; those that a node reads are asked for before it."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.tables: dict[str, str] = {}
        self._definitions: dict[str, str] = {}

    def add(self, node: BoundNode, plan: Relation) -> None:
        """Find the fingerprint of what the node's table holds."""
        if any(each.increment is not None for each in self.bound.nodes.values()):
            self._definitions[node.node.name] = self.definition(node, plan)
        self.tables[node.node.name] = self._described(node, plan, self.tables)

    def definition(self, node: BoundNode, plan: Relation) -> str:
        """The fingerprint of how it is computed: an incremental node's own values, and those that it reads of others
        of its kind, leave it the same."""
        return self._described(node, plan, self._definitions, apart=True)

    def _described(self, node: BoundNode, plan: Relation, others: Mapping[str, str], apart: bool = False) -> str:
        def of(relation: Relation) -> str:
            return fingerprint(defined(relation, node) if apart else relation, others.__getitem__, {})

        own = [check for check in node.checks if not check.is_key]
        names = plan.parameters.union(*(check.failing.parameters for check in own))
        extra: dict[str, object] = {
            "parameters": {name: self.bound.parameters[name].value for name in sorted(names)},
            "keys": node.keys,
        }
        if own:
            # A check that is new or other has not been made yet, also where it changes no row.
            extra["checks"] = [(check.severity, of(check.failing)) for check in own]
        return fingerprint(defined(plan, node) if apart else plan, others.__getitem__, extra)


def of_program(schema: str, builds: Iterable[Build]) -> str:
    """One fingerprint for all that a program keeps in ``schema``."""
    parts = [f"{build.node} {build.fingerprint}" for build in builds]
    return sha256("\n".join([schema, *parts]).encode()).hexdigest()[:16]
