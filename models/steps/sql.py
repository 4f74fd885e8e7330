"""``sql``: a query of PostgreSQL."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from headrace.models.parameter import TypeText
from headrace.models.scalar import Flag, Name, as_text, wrong
from headrace.models.steps.step import Step


def _query(value: object) -> str:
    text = as_text(value, "a query")
    if not text.strip():
        raise wrong("M103", expected="a query, such as select * from input")
    return text


class Sql(Step):
    """``sql: select customer_id, sum(amount) as revenue from sales group by 1``: one query that reads.

    It names sources and nodes; ``input``, or the node's own name, are the rows that come in. Beside it may stand
    ``columns``, the types of columns that cannot be told from the query, and ``jinja: true``, which makes the text a
    template of Jinja.
    """

    word = "sql"
    example = "sql: select customer_id, sum(amount) as revenue from input group by 1"
    short = "query"
    beside = ("columns", "jinja")

    query: Annotated[str, BeforeValidator(_query), WithJsonSchema({"type": "string"})]
    columns: dict[Name, TypeText] = Field(default_factory=dict)
    jinja: Flag = False
