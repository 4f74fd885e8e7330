"""``distinct``: one of equal rows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from headrace.models.element import WHOLE
from headrace.models.scalar import as_text, check_name, found, wrong
from headrace.models.steps.step import Step


def _columns(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str) and value == "all":
        return None
    items = value if isinstance(value, (list, tuple)) else [value]
    if isinstance(value, dict) or not items:
        raise wrong("M102", expected="all, or a list of columns", found=found(value) if value else "nothing")
    names = tuple(as_text(item, "the name of a column") for item in items)
    for name in names:
        check_name(name)
    return names


_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


class Distinct(Step):
    """``distinct: all`` keeps one of equal rows; ``distinct: [country]`` keeps these columns, and one of each."""

    word = "distinct"
    example = "distinct: all"

    columns: Annotated[tuple[str, ...] | None, PlainValidator(_columns), WithJsonSchema(_SCHEMA)] = Field(
        validation_alias=WHOLE
    )
