"""Which step each part of a printed query computes: kept while a query is rendered, for whoever explains it.

PostgreSQL's plan speaks of tables by their aliases. While a query is traced, no two tables in FROM have the same alias,
in the whole statement, and each SELECT knows the plan nodes that were taken into it: so a scan tells its SELECT, and
what is made of scans tells the SELECT that holds them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from headrace.plan import Join, Relation
from headrace.plan.lineage import name_of
from headrace.plan.names import NameSpace
from headrace.sql.identifiers import identifier

_MARK = "headrace_block"


@dataclass(frozen=True, slots=True)
class QueryBlock:
    """One SELECT (or stack of SELECTs) of a statement: ``name`` is that of its CTE, empty for the statement itself.

    One within another has the name of that. ``readers`` are the numbers of the blocks that read it, ``nodes`` the plan
    nodes that it computes, in their order.
    """

    name: str
    readers: tuple[int, ...]
    nodes: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a statement, and the tables in their FROM by alias: in which block, what is read, by which join.

    ``ctes`` are the blocks of the CTEs by name; ``written`` are how many rows stand in the statement under which alias:
    PostgreSQL does not keep those.
    """

    blocks: tuple[QueryBlock, ...]
    aliases: Mapping[str, int]
    reads: Mapping[str, str]
    joins: Mapping[str, Join]
    ctes: Mapping[str, int]
    written: Mapping[str, int]


class Trace:
    """What is kept while a query is rendered."""

    def __init__(self) -> None:
        self.names = NameSpace()
        self.parts: list[list[Relation]] = []
        self.reads: dict[str, str] = {}
        self.joins: dict[str, Join] = {}

    def aliased(self, table: exp.Expression, node: Relation) -> exp.Expression:
        """The table under an alias that nothing else of the statement has."""
        known = table.args.get("alias")
        alias = self.names.claim(table.alias_or_name)
        columns = known.args.get("columns") if known else None
        table.set("alias", exp.TableAlias(this=identifier(alias), columns=columns))
        self.reads[alias] = table.name if node.inputs else name_of(node)
        return table

    def mark(self, query: exp.Expr, nodes: Iterable[Relation]) -> None:
        """Keep that ``query`` computes ``nodes``, beside what is known of it already."""
        if _MARK in query.meta:
            self.parts[query.meta[_MARK]].extend(nodes)
            return
        query.meta[_MARK] = len(self.parts)
        self.parts.append(list(nodes))

    def blocks(self, query: exp.Query) -> Blocks:
        """The blocks of a finished statement."""
        for each in [query, *(cte.this for cte in query.ctes)]:
            self.mark(each, ())
        marked = [each for each in query.walk() if _MARK in each.meta]
        numbers = {id(each): number for number, each in enumerate(marked)}
        names = {id(cte.this): cte.alias for cte in query.ctes}
        ctes = {name: numbers[each] for each, name in names.items()}
        readers: dict[str, set[int]] = defaultdict(set)
        aliases: dict[str, set[int]] = defaultdict(set)
        for table in query.find_all(exp.Table, exp.Values, exp.Lateral, exp.Subquery):
            holder = _holder(table, numbers)
            if holder is None:
                continue
            if isinstance(table, exp.Table) and not table.args.get("db") and table.name in ctes:
                readers[table.name].add(holder)
            if table.alias_or_name:
                aliases[table.alias_or_name].add(holder)
        found: list[QueryBlock] = []
        for each in marked:
            name = names.get(id(each), "")
            holder = None if each is query or name else _holder(each, numbers)
            read_by = sorted(readers[name]) if name else [] if holder is None else [holder]
            name = name or ("" if holder is None else found[holder].name)
            found.append(QueryBlock(name, tuple(read_by), tuple(self.parts[each.meta[_MARK]])))
        known = {alias: holders.pop() for alias, holders in aliases.items() if len(holders) == 1}
        written = {each.alias: len(each.expressions) for each in query.find_all(exp.Values) if each.alias in known}
        return Blocks(tuple(found), known, dict(self.reads), dict(self.joins), ctes, written)


def _holder(each: exp.Expr, numbers: Mapping[int, int]) -> int | None:
    """The number of the block around a part of the statement."""
    above = each.parent
    while above is not None:
        if id(above) in numbers:
            return numbers[id(above)]
        above = above.parent
    return None
