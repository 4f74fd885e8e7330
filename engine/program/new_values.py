"""A node that computes only new values, as plans: its expansion over the table of these values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headrace.bind import BoundNode
from headrace.bind.bound import Check, Increment, Values
from headrace.plan import Expansion, Key, NodeScan, Relation, RowBounds, Rows, rebuild
from headrace.program.program import Refresh


@dataclass(frozen=True, slots=True)
class NewValues:
    """The values that a run computes of an incremental node: the rows of ``scan``, a table that the run makes."""

    values: Values
    increment: Increment
    scan: NodeScan
    refresh: Refresh

    @property
    def all(self) -> Relation:
        """All values of the node."""
        values = self.values
        if values.given is not None:
            return values.given
        return Rows("v", values.names, values.rows, (Key(values.names.names),), step=self.scan.step)

    def over(self, relation: Relation) -> Relation:
        """The relation with every expansion over the node's values computed for the new ones alone."""

        def change(each: Relation) -> Relation:
            if isinstance(each, Expansion) and is_over(each, self.values):
                return replace(each, values=(), given=self.scan)
            return each

        return rebuild(relation, change)

    def are_all_of(self, check: Check) -> bool:
        """Whether rows of other values cannot break the check: it is of a key with the parameters in it."""
        return check.is_key and frozenset(self.values.names.names) <= frozenset(check.order)

    @property
    def note(self) -> str:
        """What a reader of the SQL is told."""
        last, of = self.increment.last, self.increment.of
        again = "" if not last else f", and the last {last} of {of}" if last > 1 else f", and the last of {of}"
        return f"incremental: computed are the values that the table has not yet{again}"


def is_over(expansion: Expansion, values: Values) -> bool:
    """Whether the expansion is over these very values."""
    if expansion.names != values.names:
        return False
    return expansion.given is values.given if values.given is not None else expansion.values is values.rows


def scan_of_values(name: str, values: Values) -> NodeScan:
    """A scan of the table ``name`` of values."""
    most = len(values.rows) if values.given is None else values.given.rows.most
    label = f"{'_'.join(values.names.names)}_values"
    return NodeScan(name, values.names, (Key(values.names.names),), RowBounds(0, most), step=label)


def defined(relation: Relation, node: BoundNode) -> Relation:
    """The relation without the values of the node's own ``for_each``: what is computed for any of them."""
    values = node.values
    if node.increment is None or values is None:
        return relation

    def change(each: Relation) -> Relation:
        if isinstance(each, Expansion) and is_over(each, values):
            return replace(each, values=(), given=None)
        return each

    return rebuild(relation, change)
