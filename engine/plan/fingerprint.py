"""What a plan means, as a hash: two plans with one fingerprint make the same table.

The serialization has a version of its own and names nothing that may change from one Headrace to the next without a
change of meaning: step names are left out, and an overload goes by the kinds of its arguments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from headrace.grammar.expression import Aggregate, Call, Column, Expression, Frame, Interval, Order
from headrace.grammar.types import Schema, Type
from headrace.plan.assured import Known
from headrace.plan.joins import JoinColumn
from headrace.plan.relation import Relation, RowBounds, postorder
from headrace.plan.scans import NodeScan

VERSION = 1

_LEFT_OUT = ("step", "schema", "keys", "rows", "parameters", "bounds", "unique", "free", "strategy", "made", "decided")


def fingerprint(relation: Relation, node: Callable[[str], str], extra: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits for the plan; ``node`` gives the fingerprint of a node that it reads.

    ``extra`` is whatever else decides what the table is: values of parameters, keys, how it is kept.
    """
    numbers: dict[int, int] = {}
    written: list[Any] = []
    for each in postorder(relation):
        if isinstance(each, NodeScan):
            described: dict[str, Any] = {"node": each.node, "fingerprint": node(each.node)}
        else:
            described = {
                name: _plain(value)
                for name, value in ((name, getattr(each, name)) for name in each.__dataclass_fields__)
                if name not in _LEFT_OUT and not _holds_inputs(value)
            }
        numbers[id(each)] = len(written)
        written.append([type(each).__name__, [numbers[id(one)] for one in each.inputs], described])
    text = json.dumps([VERSION, written, _plain(dict(extra))], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _holds_inputs(value: Any) -> bool:
    return isinstance(value, Relation) or (isinstance(value, tuple) and bool(value) and isinstance(value[0], Relation))


def _plain(value: Any) -> Any:
    """The value as JSON has it. Expressions become one flat list, each part before its own: they nest far."""
    if type(value) is Column:  # Most of a plan is columns that go through it.
        return [["Column"], str(value.type), value.name, value.side]
    if not isinstance(value, _NESTED):
        return _shallow(value)
    written: list[Any] = []
    waiting: list[Any] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            written.append([len(part)])
            waiting.extend(reversed(part))
        elif isinstance(part, _NESTED):
            left_out: tuple[str, ...] = ()
            described: list[Any] = [type(part).__name__]
            if isinstance(part, Call | Aggregate):
                left_out = ("type", "signature", "entry")
                described += [str(part.type), *(argument.type.kind for argument in part.arguments)]
                if part.entry is not None:
                    own = part.entry.signatures[part.signature]
                    described += [dict(each) for each in (own.sql, own.outside, own.each)]
            written.append(described)
            waiting.extend(getattr(part, name) for name in reversed(_names(part)) if name not in left_out)
        else:
            written.append(_shallow(part))
    return written


_NESTED = (Expression, Order, Frame)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(value.__dataclass_fields__)


def _shallow(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            return [type(value).__name__, repr(value) if isinstance(value, float) else str(value)]
        case Type():
            return str(value)
        case Schema():
            return [[name, str(type_)] for name, type_ in value]
        case Interval() | JoinColumn() | RowBounds() | Known():
            return [type(value).__name__, {name: _plain(getattr(value, name)) for name in _names(value)}]
        case frozenset() | set():
            return sorted(_plain(each) for each in value)
        case tuple() | list():
            return [_plain(each) for each in value]
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
    return [type(value).__name__, str(value)]
