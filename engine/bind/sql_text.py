"""The text of a step of SQL: as it is written, or as its template makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headrace.bind.bound import ParameterFacts
from headrace.catalog.pivots import value_text
from headrace.grammar.expression import Interval, Literal
from headrace.models import Node
from headrace.models.steps import Sql as SqlStep
from headrace.sql.reading import Parsed, Problem, parse_query

INPUT = "input"
"""What a query calls the rows that come into its step; it may use the node's own name too."""


def query_text(step: SqlStep, single: Iterable[str], declared: Mapping[str, ParameterFacts]) -> str | Problem:
    """The query, or what is wrong with its template.

    ``single`` are the names of the parameters of one value; ``declared`` those of the project, of which lists give
    their values to the template.
    """
    if not step.jinja:
        return step.query
    from headrace.sql.reading.jinja import rendered

    lists = {
        name: [_template_value(value) for value in facts.value]
        for name, facts in declared.items()
        if facts.many and isinstance(facts.value, tuple)
    }
    return rendered(step.query, lists, single)


def relations_read(step: SqlStep, node: Node, declared: Mapping[str, ParameterFacts]) -> tuple[str, ...]:
    """The sources and nodes that the query of a step of ``node`` names; none where it cannot be read."""
    single = [name for name, facts in declared.items() if not facts.many]
    if node.for_each is not None:
        single += [each.name for each in node.for_each.parameters]
    text = query_text(step, single, declared)
    parsed = parse_query(text) if isinstance(text, str) else text
    if not isinstance(parsed, Parsed):
        return ()
    return tuple(name for name in parsed.relations if name not in (INPUT, node.name))


def _template_value(value: Literal) -> object:
    """A value as templates have it, or the piece of SQL that it is."""
    from headrace.sql.reading.jinja import Sql

    inner = value.value
    if inner is None or (isinstance(inner, (str, bool, int)) and value.type.kind in ("text", "boolean", "integer")):
        return inner
    if isinstance(inner, Interval):
        raise TypeError("no parameter is an interval of parts")
    return Sql(f"'{value_text(inner)}'::{value.type}".replace("::float", "::double precision"))
