"""``relations:`` of sources and nodes: named ways to the rows of others."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import Named
from headrace.models.keys import CardinalityWord, JoinKeys
from headrace.models.scalar import Name


class Relation(Named):
    """A named way from one relation to another: ``{with: customers, by: customer_id, cardinality: many_to_one}``."""

    with_: Name = Field(alias="with")
    by: JoinKeys
    cardinality: CardinalityWord | None = None
