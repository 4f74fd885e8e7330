"""The example documents of the tests, and other ways to write the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from headrace.models import Reading, load_document, read_yaml
from headrace.models.scalar import PlainText, core_value

FOLDER = Path(__file__).parent / "examples"
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))}


def codes_of(text: str | Reading) -> list[str]:
    """The codes of everything found wrong with a document."""
    reading = read_yaml(text) if isinstance(text, str) else text
    return [each.code for each in load_document(reading).diagnostics]


def as_json(data: Any) -> str:
    """Data of a reading as JSON text: numbers, booleans and null where YAML 1.2 has them, numbers as written."""
    if isinstance(data, dict):
        return "{" + ",".join(f"{json.dumps(key)}: {as_json(item)}" for key, item in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(as_json(item) for item in data) + "]"
    if isinstance(data, PlainText) and not isinstance(core_value(data), str):
        value = core_value(data)
        if value is None or isinstance(value, bool):
            return json.dumps(value)
        return str(data) if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", data) else json.dumps(data)
    return json.dumps(data)


def as_python(data: Any) -> Any:
    """Data of a reading as a program would write it: with ints, floats, booleans and None."""
    if isinstance(data, dict):
        return {key: as_python(item) for key, item in data.items()}
    if isinstance(data, list):
        return [as_python(item) for item in data]
    if isinstance(data, PlainText):
        value = core_value(data)
        return (
            value if not isinstance(value, (int, float)) or str(value) == data or value in (True, False) else str(data)
        )
    return data
