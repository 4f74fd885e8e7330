"""The names of the columns that a pivot makes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from headrace.bind.context import Context
from headrace.bind.pivot_values import Combination
from headrace.catalog.pivots import value_text
from headrace.grammar.expression import Interval, Literal
from headrace.models.steps import Pivot

_PLACE = re.compile(r"\{([^{}]*)\}")

OTHER = "other"
"""What stands for the values that are not listed."""


def column_names(
    step: Pivot, groups: Collection[str], columns: Sequence[str], values: Sequence[Combination], context: Context
) -> dict[tuple[str, Combination | None], str] | None:
    """The name of each column by its measure and its values (None for all others); None after reporting."""
    known = ("column", "value", *columns)
    for match in _PLACE.finditer(step.names):
        if match[1] not in known:
            hints = [f"There are: {', '.join('{' + each + '}' for each in known)}."]
            context.report("S208", step.at("names"), found=match[1], hints=hints)
            return None
    wanted: list[Combination | None] = [*values]
    if step.unseen == "other":
        wanted.append(None)
    names: dict[tuple[str, Combination | None], str] = {}
    told: dict[str, str] = {}
    for measure in step.values:
        for each in wanted:
            texts = [OTHER] * len(columns) if each is None else [_text(value) for value in each]
            joined = OTHER if each is None else "_".join(texts)
            parts = {**dict(zip(columns, texts, strict=True)), "column": measure, "value": joined}
            name = _filled(step.names, parts)
            about = (
                f"{measure} of {joined or 'the empty text'}" if each is not None else f"{measure} of all other values"
            )
            if not name.strip():
                context.report("S209", step.at("names"), about=about)
                return None
            if name in groups:
                context.report("S111", step.at("names"), found=name)
                return None
            if name in told:
                context.report("S210", step.at("names"), first=told[name], second=about, name=name)
                return None
            told[name] = about
            names[measure, each] = name
    return names


def _filled(template: str, parts: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: parts[match[1]], template)


def _text(value: Literal) -> str:
    if value.value is None:
        return "null"
    if isinstance(value.value, Interval):
        raise TypeError("a pivot has no values that are intervals")
    return value_text(value.value)
