"""``statistics:`` of a source: how many rows it has and what its columns hold, where no catalog says so."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from headrace.models.element import Element
from headrace.models.scalar import Count, Name, as_text, found, wrong


def _part(value: object) -> float:
    text = as_text(value, "a number from 0 to 1")
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise wrong("M102", expected="a number from 0 to 1", found=found(value))
    return number


Part = Annotated[float, BeforeValidator(_part), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]


class SourceStatistics(Element):
    """About how many rows a source has, how many different values its columns have, and which part of them is null.

    They decide how something is computed, never what comes out.
    """

    rows: Count | None = None
    distinct: dict[Name, Count] = Field(default_factory=dict)
    nulls: dict[Name, Part] = Field(default_factory=dict)
