"""The engine: documents and a catalog in, programs and diagnostics out. Pure, and shared between threads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from headrace.asking import Asking
from headrace.catalog import Catalog
from headrace.compilation import AsOf, Compilation
from headrace.diagnostics import Diagnostic, diagnose, meant
from headrace.editing import (
    CompletionResult,
    Explanation,
    FormatResult,
    HoverResult,
    complete,
    complete_keys,
    explain,
    format_text,
    hover_over,
)
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.own_functions import GivenFunctions, given_functions
from headrace.models.expected import expected_at
from headrace.plan import Relation
from headrace.plan.limits import MOST_COLUMNS
from headrace.policy import Policy
from headrace.program.explained import place_explained
from headrace.program.place import place
from headrace.program.preview import place_preview
from headrace.results import CheckResult, CompileResult, DiscoverResult, ExplainResult, PivotQuery, PreviewResult
from headrace.rules.optimizer import chosen_rules
from headrace.testing import TestsResult, ready_tests


class Engine:
    """Compiles documents. It holds its policy and, within bounds, what it has seen; any number of threads may use one.

    None of its methods raises for what a user wrote: what is wrong comes back as diagnostics. A ``document`` is a
    mapping of plain values (as JSON has them), a ``Reading`` (a text that ``read_yaml`` or ``read_json`` has read),
    or a sequence of such, which are then one project. A ``catalog`` is a ``Catalog`` or what its ``to_json`` gave.
    What is no catalog raises ValueError: that is a host's mistake.

    >>> engine = Engine()
    >>> document = {
    ...     "headrace": 1,
    ...     "sources": {"tiers": {"rows": [{"name": "small", "limit": 10}]}},
    ...     "nodes": {"names": {"from": "tiers", "steps": [{"select": ["nmae"]}]}},
    ... }
    >>> [each.code for each in engine.check(document).diagnostics]
    ['S110']
    """

    def __init__(
        self, policy: Policy | None = None, *, functions: GivenFunctions = (), as_of: AsOf | None = None
    ) -> None:
        """``as_of`` is what ``now()`` and ``today()`` are where a call does not say so; else the beginning of a run.

        ``functions`` may be called in every formula: texts as ``headrace.yaml`` has them, or entries of a catalogue
        with SQL of their own. Raises ValueError for one that makes no sense.

        >>> engine = Engine(functions=["net(x): x / 1.19"])
        """
        self.policy = policy or Policy()
        self.functions = given_functions(functions)
        self._memory = FormulaMemory()
        self._asking = Asking(self.policy, self.functions, self._memory)
        self.as_of = as_of

    def check(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        row_filters: Mapping[str, str] | None = None,
    ) -> CheckResult:
        """Schemas, keys, lineage and everything that is wrong, without SQL."""
        compilation = self._bound(document, catalog, parameters, row_filters)
        return CheckResult(compilation.diagnostics, compilation.nodes(None), compilation.sources())

    def compile(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        row_filters: Mapping[str, str] | None = None,
        *,
        as_of: AsOf | None = None,
        rules: Iterable[str] | None = None,
    ) -> CompileResult:
        """The program of all nodes that are kept, the SQL of every node, and what ``check`` gives.

        ``parameters`` take the place of defaults, as Python values or texts. ``row_filters`` are formulas by the name
        of a source or node: whoever reads it sees only the rows for which they are true. ``as_of`` is the moment
        that ``now()`` and ``today()`` are; without it, that at which the program begins to run. ``rules`` are the
        names of those that may rewrite plans, by default all of them, which is faster SQL for the same rows. Raises
        ValueError for a name that no rule has.
        """
        chosen = chosen_rules(rules)
        compilation = self._bound(document, catalog, parameters, row_filters)
        instant = compilation.instant(self.as_of if as_of is None else as_of)
        placement = place(
            compilation.bound, compilation.catalog, compilation.project, compilation.schema, instant, chosen
        )
        compilation.add_placed(placement)
        size = sum(len(text) for text in placement.sql.values())
        if size > self.policy.sql:
            compilation.add(diagnose("P202", count=size, what="characters of SQL", limit=self.policy.sql))
            return CompileResult(compilation.diagnostics, compilation.nodes(None), compilation.sources())
        return CompileResult(
            compilation.diagnostics, compilation.nodes(placement), compilation.sources(), placement.program
        )

    def preview(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        node: str,
        step: int | str | None = None,
        limit: int = 100,
        parameters: Mapping[str, Any] | None = None,
        row_filters: Mapping[str, str] | None = None,
        *,
        as_of: AsOf | None = None,
        rules: Iterable[str] | None = None,
    ) -> PreviewResult:
        """One SELECT for the first ``limit`` rows of a node, or of one of its steps, by number from 1 or by name.

        It computes everything from the sources, so it shows what the document says now, or ``as_of`` a moment.
        ``rules`` are those of ``compile``.
        """
        chosen = chosen_rules(rules)
        compilation = self._bound(document, catalog, parameters, row_filters)
        instant = compilation.instant(self.as_of if as_of is None else as_of)
        plan = compilation.plan(node, step)
        if isinstance(plan, Relation):
            shown = place_preview(compilation.bound, compilation.catalog, plan, node, max(0, limit), instant, chosen)
            if not isinstance(shown, Diagnostic):
                return PreviewResult(compilation.diagnostics, shown.sql, shown.schema, shown.loads, shown.reads)
            plan = shown
        compilation.add(plan)
        return PreviewResult(compilation.diagnostics)

    def explain_plan(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        node: str,
        parameters: Mapping[str, Any] | None = None,
        row_filters: Mapping[str, str] | None = None,
        *,
        as_of: AsOf | None = None,
        rules: Iterable[str] | None = None,
    ) -> ExplainResult:
        """The statements of a node, ready for PostgreSQL to explain: ``headrace.run.explaining`` asks it."""
        chosen = chosen_rules(rules)
        compilation = self._bound(document, catalog, parameters, row_filters)
        instant = compilation.instant(self.as_of if as_of is None else as_of)
        if node not in compilation.bound.nodes:
            near, hints = meant(node, compilation.bound.nodes)
            compilation.add(diagnose("P104", found=node, candidates=near, hints=hints))
            return ExplainResult(compilation.diagnostics)
        found = place_explained(compilation.bound, compilation.catalog, node, compilation.schema, instant, chosen)
        if not isinstance(found, Diagnostic):
            return ExplainResult(compilation.diagnostics, found)
        compilation.add(found)
        return ExplainResult(compilation.diagnostics)

    def complete(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        pointer: str,
        text: str | None = None,
        offset: int | None = None,
        *,
        key: bool = False,
        parameters: Mapping[str, Any] | None = None,
    ) -> CompletionResult:
        """What can stand at a place, half-written as the document may be.

        ``pointer`` is the JSON Pointer of a formula or name (``/nodes/x/steps/2/derive/net``, ``/nodes/x/from``); one
        that leads to a source, a node or a step means a formula over its rows. ``text`` is what is being written
        there, by default what the document has; ``offset`` is the cursor, counted in characters, by default at the
        end. With ``key``, the keys of the mapping at ``pointer`` are completed instead.
        """
        if key:
            written = (text or "")[:offset]
            return complete_keys(expected_at(pointer).keys, written)
        return complete(self._asking.place(document, catalog, pointer, text, parameters), offset)

    def explain(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        pointer: str,
        text: str | None = None,
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """What a formula means where it stands: its type and level, the columns it reads, its SQL; or what is wrong.

        ``pointer`` and ``text`` are those of ``complete``.
        """
        return explain(self._asking.place(document, catalog, pointer, text, parameters))

    def hover(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        pointer: str,
        offset: int,
        text: str | None = None,
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> HoverResult:
        """What stands at character ``offset`` of a formula or name: a column with its type, a function and how it is
        called, a part with its type. ``pointer`` and ``text`` are those of ``complete``."""
        return hover_over(self._asking.place(document, catalog, pointer, text, parameters), offset)

    def discover(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        row_filters: Mapping[str, str] | None = None,
        *,
        as_of: AsOf | None = None,
    ) -> DiscoverResult:
        """The queries that find which values the pivots without ``only`` make columns of."""
        compilation = self._bound(document, catalog, parameters, row_filters)
        instant = compilation.instant(self.as_of if as_of is None else as_of)
        bound, limit = compilation.bound, MOST_COLUMNS + 1
        queries = []
        for each in bound.discoveries:
            shown = place_preview(bound, compilation.catalog, each.relation, each.node, limit, instant)
            if isinstance(shown, Diagnostic):
                compilation.add(shown)
            else:
                queries.append(PivotQuery(each.node, each.step, shown.schema, shown.sql, shown.loads, shown.reads))
        return DiscoverResult(compilation.diagnostics, tuple(queries))

    def tests(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None = None,
        *,
        as_of: AsOf | None = None,
    ) -> TestsResult:
        """The tests that the documents hold, typed and made ready to run; ``as_of`` is for those that give none."""
        compilation = self._bound(document, catalog, None, None)
        return ready_tests(compilation, self.as_of if as_of is None else as_of)

    def format(self, text: str, *, formula: bool = False) -> FormatResult:
        """The text of a YAML document, or of a formula, as Headrace writes it: the same meaning, comments kept.

        What cannot be read is left as it is. A formula with comments is kept too.

        >>> Engine().format("SUM( [amount] )", formula=True).text
        'sum(amount)'
        """
        return format_text(text, formula=formula)

    def _bound(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        parameters: Mapping[str, Any] | None,
        row_filters: Mapping[str, str] | None,
    ) -> Compilation:
        compilation = Compilation(document, catalog)
        compilation.obey(self.policy)
        compilation.bind(parameters, row_filters, self.policy, functions=self.functions, memory=self._memory)
        return compilation
