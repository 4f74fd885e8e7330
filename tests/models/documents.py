"""The example documents of the tests, and other ways to write the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from headrace.models import Reading, load_document, read_json
from headrace.models.scalar import PlainText, core_value
from headrace.models.yaml_reader import read_yaml

FOLDER = Path(__file__).parent / "examples"
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))}


def reading_of(name: str) -> Reading:
    return read_yaml(TEXTS[name], f"{name}.yaml")


def codes_of(text: str | Reading) -> list[str]:
    """The codes of everything found wrong with a document."""
    reading = read_yaml(text) if isinstance(text, str) else text
    return [each.code for each in load_document(reading).diagnostics]


def node_of(steps: str) -> str:
    """A document with one node that has these steps, written as YAML flow."""
    return f"headrace: 1\nsources: {{t: {{table: a.b}}}}\nnodes:\n  n:\n    from: t\n    steps:\n{steps}"


def as_json(data: Any) -> str:
    """Data of a reading as JSON text: numbers and the like where YAML 1.2 has them, as they were written."""
    if isinstance(data, dict):
        return "{" + ",".join(f"{json.dumps(key)}: {as_json(item)}" for key, item in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(as_json(item) for item in data) + "]"
    if isinstance(data, PlainText):
        value = core_value(data)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and _is_json_number(data):
            return str(data)
        return json.dumps(data if isinstance(value, (int, float)) and not isinstance(value, bool) else value)
    return json.dumps(data)


def _is_json_number(text: str) -> bool:
    return re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", text) is not None


__all__ = ["TEXTS", "as_json", "codes_of", "node_of", "read_json", "reading_of"]
