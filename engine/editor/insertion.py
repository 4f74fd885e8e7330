"""What a suggestion puts into a YAML file: in the quotes that stand there, or in its own where it needs them."""

from __future__ import annotations

import json

from headrace.editing import PlaceKind
from headrace.editor.cursor import Cursor
from headrace.grammar.suggestion import Suggestion
from headrace.models import read_yaml


def as_written(item: Suggestion, place: PlaceKind, cursor: Cursor) -> str:
    """The text of the suggestion as YAML has it at the cursor."""
    if place == "key":
        return f"{item.insert}: "
    if cursor.quote:
        return in_quotes(item.insert, cursor.quote)
    if place == "formula" or _is_plain(item.insert, cursor.is_flow):
        return item.insert
    return "'" + item.insert.replace("'", "''") + "'"


def in_quotes(text: str, quote: str) -> str:
    """The text as it stands between quotes of YAML of that kind; as it is, where there are none."""
    if quote == '"':
        return json.dumps(text, ensure_ascii=False)[1:-1]
    return text.replace("'", "''") if quote == "'" else text


def _is_plain(name: str, is_flow: bool) -> bool:
    """Whether YAML reads a name without quotes as it is."""
    return read_yaml(f"k: [{name}]" if is_flow else f"k: {name}").data == {"k": [name] if is_flow else name}
