"""``split``: a row for each part of a text."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from headrace.models.scalar import Name, Text, wrong
from headrace.models.steps.step import Step


def _separator(text: str) -> str:
    if not text:
        raise wrong("M103", expected="the text between the parts, such as ;")
    return text


class Split(Step):
    """``split: {column: tags, at: ";", into: tag, position: n}``: a row for each part of ``tags``, between ``;``.

    Without ``into`` the parts take the place of the column; ``position`` names a column that counts them from 1.
    """

    word = "split"
    example = 'split: {column: tags, at: ";", into: tag}'

    column: Name
    separator: Annotated[Text, AfterValidator(_separator)] = Field(alias="at")
    into: Name | None = None
    position: Name | None = None
