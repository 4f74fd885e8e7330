"""Values of documents and hosts as typed literals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from headrace.bind.bound import ParameterFacts
from headrace.grammar.expression import Literal
from headrace.grammar.types import Type
from headrace.models import ALL, Parameter, read_value
from headrace.models.scalar import as_text
from headrace.models.value import EXPECTED


def literal(value: Any, type_: Type) -> Literal:
    """A typed value as a literal."""
    return Literal(type_.with_null(value is None), value)


def declared(parameter: Parameter) -> ParameterFacts | None:
    """What a parameter's declaration says; None where it has no type (which has been reported)."""
    if parameter.type is None:
        return None
    type_ = parameter.type
    default = parameter.default
    value: Any = None
    if default is ALL:
        value = "all"
    elif isinstance(default, tuple):
        value = tuple(literal(each, type_) for each in default)
    elif default is not None:
        value = literal(default, type_)
    return ParameterFacts(parameter.name, type_.with_null(False), parameter.list, value)


def given(facts: ParameterFacts, value: Any) -> ParameterFacts:
    """The parameter with a value that a host or a command line gives: a Python value, or its text.

    Raises ValueError, whose text says what was expected.
    """
    read: Any
    if facts.many:
        if value == "all":
            read = "all"
        else:
            items = value if isinstance(value, Sequence) and not isinstance(value, str) else str(value).split(",")
            read = tuple(_read(item, facts.type) for item in items)
    else:
        read = _read(value, facts.type)
    return ParameterFacts(facts.name, facts.type, facts.many, read)


def _read(value: Any, type_: Type) -> Literal:
    if isinstance(value, (dict, list, tuple, set)):
        raise ValueError("a single value")
    if isinstance(value, (date, time)):
        text = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    elif isinstance(value, Decimal):
        text = str(value)
    elif isinstance(value, (str, bool, int, float)):
        text = as_text(value)
    else:
        raise ValueError(EXPECTED[type_.kind].replace("TYPE", str(type_)))
    return literal(read_value(text, type_), type_)
