"""Trees to documents, written as the documentation has them."""

from __future__ import annotations

from typing import Any

from .trees import (
    Column,
    Dedupe,
    Derive,
    Distinct,
    Drop,
    Except,
    Expect,
    Fill,
    Filter,
    Flow,
    Formula,
    Group,
    Intersect,
    Join,
    Limit,
    Lookup,
    Named,
    Node,
    Pivot,
    Rename,
    Sample,
    Select,
    Series,
    Sort,
    Source,
    Split,
    Step,
    Union,
    Unpivot,
    Value,
    Values,
)
from .wording import distance, name_of, orders, text, written


def document_of(flow: Flow) -> dict[str, Any]:
    """The whole flow as a document."""
    parameters = {name: _parameter(type_, value) for name, (type_, value) in flow.parameters.items()}
    functions = {
        f"{name}({', '.join(name_of(each.name) for each in own.arguments)})": text(own.formula)
        for name, own in flow.functions.items()
    }
    return {
        "headrace": 1,
        **({"parameters": parameters} if parameters else {}),
        **({"functions": functions} if functions else {}),
        "sources": {name: _source(name, source) for name, source in flow.sources.items()},
        "nodes": {name: _node(node) for name, node in flow.nodes.items()},
    }


def _parameter(type_: str, value: Value) -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"type": type_, "list": True, "default": list(map(written, value))}
    return {"type": type_, "default": written(value)}


def declared(source: Source) -> dict[str, str]:
    """The types of its columns as they are declared."""
    return {name: "decimal(30, 2)" if name in source.precise else type_ for name, type_ in source.columns}


def table_name(source: str) -> str:
    """The table in which the rows of a source lie, where they lie in one."""
    return f"data.{source}"


def _source(name: str, source: Source) -> dict[str, Any]:
    keys: dict[str, Any] = {"keys": [list(key) for key in source.keys]} if source.keys else {}
    if source.relations:
        keys["relations"] = {
            relation: {"with": each.target, "by": {each.ours: each.theirs}, "cardinality": "many_to_one"}
            for relation, each in source.relations
        }
    if source.virtual:
        keys["formulas"] = _formulas(source.virtual)
    if source.is_table:
        return {"table": table_name(name), **keys}
    names = [column for column, _ in source.columns]
    rows = [dict(zip(names, map(written, row), strict=True)) for row in source.rows]
    return {"columns": declared(source), "rows": rows, **keys}


def _formulas(virtual: tuple[Named, ...]) -> dict[str, str]:
    return {name: text(formula) for name, formula in virtual}


def _node(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {"from": node.start, "steps": [step_of(step) for step in node.steps]}
    if node.for_each:
        values = {name: _values(each) for name, each in node.for_each}
        made["for_each"] = {"zip": values} if node.zipped else values
    if node.then:
        made["then"] = [step_of(step) for step in node.then]
    if node.materialize != "inline":
        made["materialize"] = node.materialize
    if node.strategy is not None:
        made["strategy"] = node.strategy
    if node.virtual:
        made["formulas"] = _formulas(node.virtual)
    return made


def _values(values: Values) -> Any:
    if values.listed is not None:
        return [written(value) for value in values.listed]
    if values.node is not None:
        return {"node": values.node, "column": values.column}
    return {"every": distance(values.every, values.unit), "from": written(values.start), "to": written(values.end)}


# Steps.


def step_of(step: Step) -> dict[str, Any]:
    match step:
        case Select(columns):
            return {"select": [_column(each) for each in columns]}
        case Drop(names):
            return {"drop": list(map(listed, names))}
        case Rename(names):
            return {"rename": dict(names)}
        case Derive(columns):
            return {"derive": {name: text(formula) for name, formula in columns}}
        case Filter(condition):
            return {"filter": text(condition)}
        case Group(by, measures):
            made: dict[str, Any] = {"by": [_column(each) for each in by]} if by else {}
            if measures:
                made["measures"] = {name: text(formula) for name, formula in measures}
            return {"aggregate": made}
        case Join():
            return {"join": _join(step)}
        case Lookup(other, keys, columns, prefix, missing):
            made = {"with": other, "by": _keys(keys)}
            if columns is not None:
                made["columns"] = list(map(listed, columns))
            if prefix:
                made["prefix"] = prefix
            if missing:
                made["missing"] = {name: written(value.value) for name, value in missing}
            return {"lookup": made}
        case Union(others, origin, distinct):
            if origin is None and not distinct:
                return {"union": list(others)}
            made = {"with": list(others)}
            if origin is not None:
                made["origin"] = origin
            if distinct:
                made["distinct"] = True
            return {"union": made}
        case Intersect(others):
            return {"intersect": list(others)}
        case Except(others):
            return {"except": list(others)}
        case Distinct(names):
            return {"distinct": "all" if names is None else list(map(listed, names))}
        case Dedupe(by, order):
            return {"dedupe": {"by": list(map(listed, by)), **({"order": orders(order)} if order else {})}}
        case Sort(order):
            return {"sort": orders(order)}
        case Limit(rows, offset, per, order):
            made = {"rows": rows}
            if offset:
                made["offset"] = offset
            if per:
                made["per"] = list(map(listed, per))
            if order:
                made["order"] = orders(order)
            return {"limit": made}
        case Pivot(by, columns, values, only, unseen, names):
            is_one = len(columns) == 1
            made = {
                "columns": columns[0].name if is_one else [column.name for column in columns],
                "values": {name: text(formula) for name, formula in values},
                "only": [written(each[0]) if is_one else list(map(written, each)) for each in only],
                "unseen": unseen,
                "names": names,
            }
            return {"pivot": {"by": list(by), **made} if by else made}
        case Unpivot(columns, name, value, position):
            made = {"columns": list(map(listed, columns)), "name": name, "value": value}
            return {"unpivot": made if position is None else {**made, "position": position}}
        case Fill():
            return {"fill": _fill(step)}
        case Split(column, at, into, position):
            made = {"column": column, "at": at}
            if into is not None:
                made["into"] = into
            if position is not None:
                made["position"] = position
            return {"split": made}
        case Sample(rows):
            return {"sample": rows}
        case Expect(items, doubts):
            doubted = [{word: content, "severity": "warn"} for word, content in doubts]
            return {"expect": [*({word: content} for word, content in items), *doubted]}


def listed(name: str) -> str:
    """A column in a list that takes patterns: its whole name always means that column."""
    return name


def _column(named: Named) -> Any:
    name, formula = named
    return name if formula == Column(name, formula.type) else {name: text(formula)}


def _keys(keys: tuple[tuple[Formula, Column], ...]) -> Any:
    if all(isinstance(ours, Column) and ours.name == theirs.name for ours, theirs in keys):
        return [theirs.name for _, theirs in keys]
    return {ours.name if isinstance(ours, Column) else text(ours): theirs.name for ours, theirs in keys}


def _join(step: Join) -> dict[str, Any]:
    made: dict[str, Any] = {"with": step.other, "kind": step.kind}
    if step.keys:
        made["by"] = _keys(step.keys)
    if step.where is not None:
        made["where"] = text(step.where)
    if step.latest is not None:
        sign = "<" if step.latest.strict else "<="
        made["latest"] = f"{text(step.latest.theirs)} {sign} {text(step.latest.ours)}"
        if step.latest.at_most is not None:
            unit = "" if step.latest.ours.type in ("integer", "decimal") else "day"
            made["at_most"] = distance(step.latest.at_most, unit)
    if step.columns is not None:
        made["columns"] = list(map(listed, step.columns))
    if step.prefix:
        made["prefix"] = step.prefix
    if step.cardinality is not None:
        made["cardinality"] = step.cardinality
    return made


def _fill(step: Fill) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if step.series is not None:
        made["series"] = {step.series.column: _series(step.series)}
    for word, names in (("per", step.per), ("combinations", step.combinations), ("down", step.down)):
        if names:
            made[word] = list(map(listed, names))
    if step.values:
        made["values"] = {name: text(formula) for name, formula in step.values}
    if step.order:
        made["order"] = orders(step.order)
    return made


def _series(series: Series) -> dict[str, Any]:
    return {
        "every": distance(series.every, series.unit),
        "from": written(series.start),
        "to": written(series.end),
    }
