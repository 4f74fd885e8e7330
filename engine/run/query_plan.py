"""PostgreSQL's plan of a statement, each of its parts attributed to the step that it computes.

A scan belongs to the SELECT in which its alias stands (``headrace.sql.trace``). What joins or stacks belongs to the
nearest SELECT that reads all its inputs, directly or through others. What groups, sorts or limits belongs to the first
step of its kind, from there upward, whose inputs it has all below it. PostgreSQL's own means (hash tables, kept rows,
sorts for a merge join, workers) belong to what they serve. Where several steps of a SELECT could be meant, none is
named, only the SELECT.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headrace.grammar.expression import Window, walk
from headrace.plan import (
    Aggregation,
    Distinct,
    Expansion,
    Limit,
    Project,
    Relation,
    SeriesBetween,
    SetOperation,
    Sort,
    Split,
    Union,
    Unpivot,
)
from headrace.plan.intervals import Disjoint, Spread
from headrace.sql.trace import Blocks

_JOINS = ("Nested Loop", "Hash Join", "Merge Join")
_STACKS = ("Append", "Merge Append")
_HELPERS = ("Hash", "Materialize", "Memoize", "Gather", "Gather Merge", "Bitmap Index Scan", "BitmapAnd", "BitmapOr")
_SORTS = ("Sort", "Incremental Sort")
_SORTED_FOR = ("Merge Join", "Aggregate", "Group", "Unique", "WindowAgg", "SetOp", "Gather Merge", "Merge Append")
_GROUPS = ("Aggregate", "Group", "Unique")
_LATERALS = (Split, SeriesBetween, Spread, Unpivot)


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One node of PostgreSQL's plan.

    ``step`` is the step that it computes, empty where several of ``block`` could be meant; ``block`` the SELECT, by the
    name of its CTE or of the table that the statement makes. ``reads`` is what a scan reads. ``estimated`` and
    ``actual`` rows are those of all its passes, of which there were ``loops``; ``seconds`` and ``cost`` its own,
    without what is below; ``share`` its part in the time of the statement or, where it was not run, in the cost.
    ``on_disk`` are bytes that it wrote because its memory did not hold them, ``batches`` into how many parts a hash
    table fell. ``is_helper``: it only serves the part above. ``may_stop_early``: that may ask for fewer rows than there
    are.
    """

    operation: str
    step: str
    block: str
    reads: str
    estimated: float
    actual: float | None
    loops: float
    cost: float
    seconds: float | None
    share: float
    on_disk: int
    batches: int
    is_helper: bool
    is_apart: bool
    cte: str
    may_stop_early: bool
    inputs: tuple[PlanPart, ...]

    def parts(self) -> Iterator[PlanPart]:
        """This part and all below it."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.inputs))

    @property
    def factor(self) -> float | None:
        """How many times as many rows as expected there were; below 1, fewer. None where it was not run."""
        if self.actual is None or not self.loops:
            return None
        return max(self.actual, 1.0) / max(self.estimated, 1.0)

    def to_json(self) -> dict[str, Any]:
        return {
            "operation": self.operation,
            "step": self.step or None,
            "block": self.block,
            "reads": self.reads or None,
            "rows": {"estimated": self.estimated, "actual": self.actual},
            "loops": self.loops,
            "cost": self.cost,
            "seconds": self.seconds,
            "share": round(self.share, 4),
            "bytes_on_disk": self.on_disk,
            "inputs": [each.to_json() for each in self.inputs],
        }


def attributed(plan: Mapping[str, Any], blocks: Blocks, name: str) -> PlanPart:
    """The plan that ``EXPLAIN (VERBOSE, FORMAT JSON)`` gives, as parts; ``name`` is that of the statement."""
    found = _Attribution(blocks).attribute(plan)
    times = _Times(plan)
    total = sum(times.own.values()) or 1.0

    def part(each: _Found, above: _Found | None, limited: bool) -> PlanPart:
        raw = each.raw
        if each.block is None and above is not None:
            each.block = above.block
        if each.helps and not each.step:
            serves = above or next((inner for inner in each.inputs if not inner.apart), each)
            each.step, each.block = serves.step, serves.block
        stops = (limited or _may_stop(raw)) and not _takes_all(raw)
        inputs = tuple(part(child, each, stops) for child in each.inputs)
        block = "" if each.block is None else blocks.blocks[each.block].name
        analyzed = "Actual Loops" in raw
        loops = raw.get("Actual Loops", 1)
        return PlanPart(
            operation=_operation(raw),
            step=each.step,
            block=block or name,
            reads=raw.get("CTE Name") or each.reads or raw.get("Relation Name") or _alias(raw),
            estimated=float(raw["Plan Rows"]) * max(loops, 1),
            actual=float(raw["Actual Rows"]) * loops if analyzed else None,
            loops=float(loops),
            cost=times.costs[id(raw)],
            seconds=times.own[id(raw)] / 1000 if analyzed else None,
            share=times.own[id(raw)] / total,
            on_disk=_on_disk(raw),
            batches=int(raw.get("Hash Batches") or raw.get("HashAgg Batches") or 1),
            is_helper=each.helps,
            is_apart=each.apart,
            cte=name_of_cte(raw),
            may_stop_early=limited,
            inputs=inputs,
        )

    return part(found, None, False)


@dataclass(slots=True)
class _Found:
    """A part being attributed: ``block`` where it is known, ``aliases`` of the scans below, ``used`` the plan nodes
    that parts below have been taken for."""

    raw: Mapping[str, Any]
    block: int | None = None
    at: int | None = None
    closed: bool = False
    step: str = ""
    helps: bool = False
    apart: bool = False
    reads: str = ""
    used: set[int] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    inputs: list[_Found] = field(default_factory=list)


class _Attribution:
    """``scope`` is the block within which a part must lie, as far as the parts above say; ``inside``: it lies in a
    query within an expression, which is part of one step and holds none."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.above = [self._above(number) for number in range(len(blocks.blocks))]
        self.present: dict[int, set[str]] = defaultdict(set)

    def attribute(self, plan: Mapping[str, Any]) -> _Found:
        for raw in _walked(plan):
            alias = self.alias(raw)
            if alias:
                self.present[self.blocks.aliases[alias]].add(alias)
        return self.visit(plan, None, 0, False)

    def alias(self, raw: Mapping[str, Any]) -> str:
        """The alias of a scan, empty where it is none of the statement's or cannot be told from others."""
        alias: str = raw.get("Alias", "")
        if raw["Node Type"] == "Values Scan":
            # All that PostgreSQL says is *VALUES*, and how many rows there are.
            counts = self.blocks.written.items()
            likely = [each for each, count in counts if count == raw["Plan Rows"] or len(counts) == 1]
            return likely[0] if len(likely) == 1 and (len(counts) == 1 or "Filter" not in raw) else ""
        if alias not in self.blocks.aliases:
            # The second time that a CTE is computed in a plan, its tables go by other aliases: sales_1.
            alias = re.sub(r"_\d+$", "", alias)
        return alias if alias in self.blocks.aliases else ""

    def visit(self, raw: Mapping[str, Any], above: Mapping[str, Any] | None, scope: int, inside: bool) -> _Found:
        found = _Found(raw)
        alias = self.alias(raw)
        inner = self.blocks.ctes.get(self.blocks.reads.get(alias, ""), scope)
        main = []
        for child in raw.get("Plans", ()):
            apart = child.get("Parent Relationship") in ("InitPlan", "SubPlan")
            cte = self.blocks.ctes.get(name_of_cte(child))
            within = cte if cte is not None else inner if raw["Node Type"] == "Subquery Scan" else scope
            visited = self.visit(child, raw, within, inside or (apart and cte is None))
            visited.apart = apart and cte is None
            visited.helps |= visited.apart
            if cte is not None and visited.block is None:
                visited.block = cte
            found.inputs.append(visited)
            if not apart:
                main.append(visited)
        for each in main:
            found.used |= each.used
            found.aliases |= each.aliases
        if alias:
            found.block = self.blocks.aliases[alias]
            found.aliases.add(alias)
            own = self.blocks.blocks[found.block].name if alias in self.blocks.written else ""
            found.reads = own or self.blocks.reads.get(alias, "")
        self.tell(found, above, main, scope, inside)
        return found

    def tell(
        self, found: _Found, above: Mapping[str, Any] | None, main: Sequence[_Found], scope: int, inside: bool
    ) -> None:
        """Find the block and the step of a part from what is below it."""
        raw = found.raw
        kind = raw["Node Type"]
        if found.block is not None:
            found.at = found.block
            if kind == "Function Scan":
                found.step = self.lateral(found.block)
            return
        if kind in _JOINS or kind in _STACKS:
            found.at = self.common(main, scope)
        elif main:
            found.at, found.closed = main[0].at, main[0].closed
        # What PostgreSQL does not tell of one side could be of any block above.
        found.block = found.at if all(each.at is not None for each in main) else None
        if kind in _JOINS:
            found.step = "" if found.block is None else self.join(found.block, main)
            return
        found.helps = kind in _HELPERS or (kind in _SORTS and above is not None and above["Node Type"] in _SORTED_FOR)
        fits = _KINDS.get(kind)
        if found.helps or inside or fits is None or found.block is None:
            return
        lasting = kind in ("WindowAgg", *_SORTS) or raw.get("Partial Mode") == "Partial"
        self.claim(found, fits, scope, consume=not lasting)
        if not found.step and kind in _GROUPS:
            self.again(found, main)
        found.helps = kind in _SORTS and not found.step

    def again(self, found: _Found, main: Sequence[_Found]) -> None:
        """What groups the groups of several workers once more does what was done below."""
        below = list(main)
        while below and below[0].helps:
            below = below[0].inputs[:1]
        if below and below[0].step and below[0].raw["Node Type"] in _GROUPS and below[0].at == found.at:
            found.step, found.block = below[0].step, below[0].block

    def claim(self, found: _Found, fits: Callable[[Relation], bool], scope: int, consume: bool) -> None:
        """The first step that fits, from the block of what is below upward, whose inputs are all below."""
        block = found.block
        while block is not None and self.present[block] <= found.aliases:
            for node in self.blocks.blocks[block].nodes:
                if fits(node) and id(node) not in found.used:
                    found.block, found.step, found.at = block, node.step, block
                    if consume:
                        found.used.add(id(node))
                        found.closed = True
                    return
            if block == scope:
                return
            readers = [each for each in self.blocks.blocks[block].readers if scope in self.above[each]]
            block = readers[0] if len(readers) == 1 else None

    def common(self, sides: Sequence[_Found], scope: int) -> int | None:
        """The nearest block within ``scope`` that can hold what all sides give, None where none or several can."""
        reached = [self.above[side.at] - ({side.at} if side.closed else set()) for side in sides if side.at is not None]
        if not reached:
            return None
        shared = {each for each in set.intersection(*reached) if scope in self.above[each]}
        nearest = [each for each in shared if not any(other != each and each in self.above[other] for other in shared)]
        return nearest[0] if len(nearest) == 1 else None

    def _above(self, block: int) -> set[int]:
        """The block and all that read it, directly or not."""
        found, waiting = {block}, [block]
        while waiting:
            for reader in self.blocks.blocks[waiting.pop()].readers:
                if reader not in found:
                    found.add(reader)
                    waiting.append(reader)
        return found

    def join(self, block: int, sides: Sequence[_Found]) -> str:
        """The join of a block that brings together what two parts of a plan give."""
        groups = [self.direct(block, side.aliases) for side in sides]
        for group in reversed(groups):
            if len(group) == 1:
                (alias,) = group
                if alias in self.blocks.joins:
                    return self.blocks.joins[alias].step
        return self.lateral(block) if any(len(group) == 1 for group in groups) else ""

    def lateral(self, block: int) -> str:
        steps = [node.step for node in self.blocks.blocks[block].nodes if isinstance(node, _LATERALS)]
        return steps[0] if len(steps) == 1 else ""

    def direct(self, block: int, aliases: Iterable[str]) -> set[str]:
        """The aliases in FROM of a block that lead to what is below."""
        found = set()
        for alias in aliases:
            at = self.blocks.aliases[alias]
            if at == block:
                found.add(alias)
                continue
            for own, holder in self.blocks.aliases.items():
                cte = self.blocks.ctes.get(self.blocks.reads.get(own, ""))
                if holder == block and cte is not None and cte in self.above[at]:
                    found.add(own)
        return found


def _windows(node: Relation) -> bool:
    if isinstance(node, Project):
        return any(isinstance(part, Window) for _, value in node.columns for part in walk(value))
    return isinstance(node, Disjoint) or (isinstance(node, Limit) and bool(node.per))


def _stacks(node: Relation) -> bool:
    return isinstance(node, Union | Expansion | SetOperation)


_KINDS: Mapping[str, Callable[[Relation], bool]] = {
    "Append": _stacks,
    "Merge Append": _stacks,
    "Sort": lambda node: isinstance(node, Sort | Limit),
    "Incremental Sort": lambda node: isinstance(node, Sort | Limit),
    "Aggregate": lambda node: isinstance(node, Aggregation | Distinct),
    "Group": lambda node: isinstance(node, Aggregation | Distinct),
    "Unique": lambda node: isinstance(node, Aggregation | Distinct),
    "WindowAgg": _windows,
    "ProjectSet": lambda node: isinstance(node, _LATERALS),
    "Limit": lambda node: isinstance(node, Limit) and not node.per,
    "SetOp": lambda node: isinstance(node, SetOperation),
}


class _Times:
    """Each part's own time in milliseconds, or its own cost where nothing was run, by the id of its mapping.

    A CTE is computed while the first that reads it asks for rows: that time is taken off from those that read it. What
    workers do at the same time counts once.
    """

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self.own: dict[int, float] = {}
        self.costs: dict[int, float] = {}
        self._ctes: dict[str, float] = {}
        self._measure(plan, 1)
        scans = [raw for raw in _walked(plan) if raw["Node Type"] == "CTE Scan"]
        for raw in scans:
            taken = min(self.own[id(raw)], self._ctes.get(raw["CTE Name"], 0.0))
            self.own[id(raw)] -= taken
            self._ctes[raw["CTE Name"]] = self._ctes.get(raw["CTE Name"], 0.0) - taken

    def _measure(self, raw: Mapping[str, Any], workers: float) -> tuple[float, float]:
        analyzed = "Actual Total Time" in raw
        whole = raw["Actual Total Time"] * raw["Actual Loops"] / workers if analyzed else float(raw["Total Cost"])
        inner = workers * (1 + raw.get("Workers Launched", 0))
        below = costs_below = 0.0
        for child in raw.get("Plans", ()):
            time, cost = self._measure(child, inner)
            if child.get("Parent Relationship") == "InitPlan":
                # It is computed wherever its value is first asked for.
                if name_of_cte(child):
                    self._ctes[name_of_cte(child)] = time
                costs_below += cost
                below += 0.0 if analyzed else cost
                continue
            below += time
            costs_below += cost
        self.own[id(raw)] = max(0.0, whole - below)
        self.costs[id(raw)] = round(max(0.0, float(raw["Total Cost"]) - costs_below), 2)
        return whole, float(raw["Total Cost"])


def name_of_cte(raw: Mapping[str, Any]) -> str:
    """The CTE whose rows a part computes, to be kept; empty where it is none."""
    name: str = raw.get("Subplan Name", "")
    return name.removeprefix("CTE ") if name.startswith("CTE ") else ""


def _walked(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [plan]
    while waiting:
        raw = waiting.pop()
        yield raw
        waiting.extend(reversed(raw.get("Plans", ())))


def _may_stop(raw: Mapping[str, Any]) -> bool:
    """Whether it may be done before it has seen all rows of what is below."""
    return raw["Node Type"] in ("Limit", "Merge Join") or raw.get("Join Type") in ("Semi", "Anti")


def _takes_all(raw: Mapping[str, Any]) -> bool:
    """Whether it reads all rows below before it gives the first, so that no limit above stops what is below."""
    if raw["Node Type"] == "Aggregate":
        return raw.get("Strategy") in ("Hashed", "Plain", "Mixed")
    return raw["Node Type"] in ("Sort", "Hash", "SetOp")


def _alias(raw: Mapping[str, Any]) -> str:
    return "written rows" if raw["Node Type"] == "Values Scan" else str(raw.get("Alias", ""))


def _operation(raw: Mapping[str, Any]) -> str:
    kind: str = raw["Node Type"]
    if kind == "Aggregate":
        strategy = {"Hashed": "Hash Aggregate", "Sorted": "Sorted Aggregate", "Mixed": "Mixed Aggregate"}
        kind = strategy.get(raw.get("Strategy", ""), kind)
        if raw.get("Partial Mode") in ("Partial", "Finalize"):
            kind = f"{raw['Partial Mode']} {kind}"
    if kind in _JOINS and raw.get("Join Type") not in (None, "Inner"):
        kind = f"{kind.removesuffix(' Join')} {raw['Join Type']} Join"
    if raw.get("Parallel Aware"):
        kind = f"Parallel {kind}"
    return kind


def _on_disk(raw: Mapping[str, Any]) -> int:
    """Bytes that a sort, a hash table or kept rows took on disk, those of workers too."""
    total = 0
    for each in (raw, *raw.get("Workers", ())):
        if each.get("Sort Space Type") == "Disk":
            total += int(each.get("Sort Space Used", 0))
        for groups in ("Full-sort Groups", "Pre-sorted Groups"):
            total += int(each.get(groups, {}).get("Sort Space Disk", {}).get("Peak Sort Space Used", 0))
        if each.get("Storage") == "Disk":
            total += int(each.get("Maximum Storage", 0))
        total += int(each.get("Disk Usage", 0))
    return total * 1024
