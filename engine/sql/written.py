"""A query that a user wrote, over the tables and values of this statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from headrace.grammar.expression import Column, Expression, In, ParameterValue
from headrace.plan.names import LONGEST, physical_name
from headrace.plan.sql_query import NOW as CLOCK
from headrace.plan.sql_query import SqlQuery
from headrace.sql.expressions import render_expression
from headrace.sql.identifiers import identifier
from headrace.sql.reading.parse import free_tables, read_again
from headrace.sql.types import sql_cast


def written_query(
    node: SqlQuery, tables: Mapping[str, exp.Table], parameter: Callable[[ParameterValue], exp.Expression]
) -> exp.Query:
    """The query of ``node`` with each name that it reads replaced by a table, and each ``$name`` by its value."""
    tree = read_again(node.text)
    for name, table in [*free_tables(tree)]:
        _put_table(table, tables[name], name)
    arguments = dict(node.arguments)
    for each in [*tree.find_all(exp.In)]:
        listed = _listed(each)
        if listed is None or listed not in node.lists:
            continue
        values = arguments[listed]
        if isinstance(values, In):
            each.set("field", None)
            each.set("expressions", [_value(value, parameter) for value in values.items])
        else:
            each.replace(_value(values, parameter))
    for place in [*tree.find_all(exp.Parameter)]:
        place.replace(_value(arguments[place.name], parameter))
    for clock in [*tree.find_all(exp.CurrentTimestamp), *_calls_of_now(tree)]:
        clock.replace(_value(arguments[CLOCK], parameter))
    for identifier_ in tree.find_all(exp.Identifier):
        if len(identifier_.this.encode()) > LONGEST:
            identifier_.set("this", physical_name(identifier_.this))
    return tree


def _value(value: Expression, parameter: Callable[[ParameterValue], exp.Expression]) -> exp.Expression:
    """A value with its type written, so that it is of that type to PostgreSQL wherever it stands."""
    rendered = render_expression(value, _no_column, parameter)
    plain = isinstance(rendered, (exp.Cast, exp.Var, exp.Boolean))
    return rendered if plain else sql_cast(rendered, value.type)


def _no_column(column: Column) -> exp.Expression:
    raise ValueError(f"{column.name}: a parameter has no columns")


def _put_table(node: exp.Table, table: exp.Table, name: str) -> None:
    alias = node.args.get("alias")
    node.set("this", table.this.copy())
    node.set("db", table.args["db"].copy() if table.args.get("db") is not None else None)
    if alias is None:
        node.set("alias", exp.TableAlias(this=identifier(name)))
    elif alias.this is None:
        alias.set("this", identifier(name))


def _listed(node: exp.In) -> str | None:
    """The list parameter that the query looks in, if any."""
    items = node.expressions
    field = node.args.get("field") or (items[0] if len(items) == 1 else None)
    return field.name if isinstance(field, exp.Parameter) else None


def _calls_of_now(tree: exp.Expr) -> list[exp.Anonymous]:
    return [each for each in tree.find_all(exp.Anonymous) if str(each.this).lower() == "now"]
