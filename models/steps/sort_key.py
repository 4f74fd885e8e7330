"""Orders: ``[country, day desc, amount desc nulls first]``."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import PlainValidator, WithJsonSchema

from headrace.models.element import Item
from headrace.models.formula_text import split_list
from headrace.models.scalar import Flag, Formula, as_text, found, words, wrong

Nulls = Literal["first", "last"]


class SortKey(Item):
    """What to sort by: a column or formula, downward or upward, and where nulls go (last unless said)."""

    formula: Formula
    descending: Flag = False
    nulls: Annotated[Nulls, words(Nulls)] = "last"


_WORDS = re.compile(r"(?i)\s+(?:(?P<direction>asc|desc)|nulls\s+(?P<nulls>first|last))\s*$")


def read_sort_key(text: str) -> SortKey:
    """One key of an order.

    >>> read_sort_key("amount desc nulls first")
    SortKey(formula='amount', descending=True, nulls='first')
    """
    rest = text.strip()
    nulls, direction = "last", "asc"
    if (match := _WORDS.search(rest)) and match["nulls"]:
        nulls, rest = match["nulls"].lower(), rest[: match.start()]
    if (match := _WORDS.search(rest)) and match["direction"]:
        direction, rest = match["direction"].lower(), rest[: match.start()]
    return SortKey.model_validate({"formula": rest, "descending": direction == "desc", "nulls": nulls})


def _order(value: object) -> tuple[SortKey, ...]:
    if not isinstance(value, (list, tuple)):
        return (_item(value, ()),)
    return tuple(_item(item, (index,)) for index, item in enumerate(value))


def _item(value: object, path: tuple[int, ...]) -> SortKey:
    if isinstance(value, SortKey):
        return value
    if isinstance(value, (dict, list, tuple)):
        raise wrong("M102", path=list(path), expected="a column, such as day or day desc", found=found(value))
    text = as_text(value, "a column to sort by")
    if (parts := split_list(text)) and len(parts) > 1:
        raise wrong("M124", path=list(path), parts=", ".join(parts))
    return read_sort_key(text).on(path)


_TEXT = {"type": ["string", "number"]}

Order = Annotated[
    tuple[SortKey, ...],
    PlainValidator(_order),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}),
]
"""One key, or a list of them."""
