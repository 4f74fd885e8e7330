"""``join``: put columns of another relation beside ours."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from headrace.models.keys import CardinalityWord, JoinFormulas
from headrace.models.scalar import Formula, Name, Names, Text, words, wrong
from headrace.models.steps.step import Step

JoinKind = Literal["inner", "left", "right", "full", "semi", "anti", "cross"]


class Join(Step):
    """``join: {with: customers, by: customer_id, cardinality: many_to_one}``.

    ``by`` holds pairs of our key and theirs; ``where`` must be true of a pair of rows; ``latest`` takes, of the rows
    that match, the one with the greatest value of its side, not further back than ``at_most``. All three are empty for
    a cross join only. ``columns`` are those taken from the other side, None for all of them; ``prefix`` goes before
    their names.
    """

    word = "join"
    example = "join: {with: customers, by: customer_id}"

    with_: Name = Field(alias="with")
    by: JoinFormulas = ()
    kind: Annotated[JoinKind, words(JoinKind)] = "inner"
    cardinality: CardinalityWord | None = None
    columns: Names | None = None
    prefix: Text | None = None
    where: Formula | None = None
    latest: Formula | None = None
    at_most: Formula | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.with_,)

    @model_validator(mode="after")
    def _agree(self) -> Join:
        if self.kind == "cross":
            for key in ("by", "where", "latest"):
                if getattr(self, key):
                    raise wrong("M123", problem=f"A cross join has no {key}: it pairs every row with every row.")
        elif not self.by and self.where is None and self.latest is None:
            raise wrong("M123", problem="by is missing: the columns on which the rows meet, such as by: customer_id.")
        if self.kind in ("semi", "anti") and (self.columns or self.prefix):
            raise wrong("M123", problem=f"A join of kind {self.kind} takes no columns from the other side.")
        if self.latest is not None and self.kind not in ("inner", "left"):
            raise wrong("M123", problem=f"latest goes with joins of kind inner or left, not {self.kind}.")
        if self.at_most is not None and self.latest is None:
            raise wrong("M123", problem="at_most says how far back latest may reach, and there is no latest.")
        return self
