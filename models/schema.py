"""The JSON Schema of documents, for editors and hosts."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic.json_schema import models_json_schema

from headrace.models.document import VERSION, Document
from headrace.models.element import Element
from headrace.models.for_each import NodeColumn
from headrace.models.ranges import Range
from headrace.models.steps import LATER_STEPS, STEPS, Step, StepNotes

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12, of a whole document as YAML, JSON or Python data: plain, and a new dict each time.

    >>> json_schema()["required"]
    ['headrace']
    """
    models: list[type[Element]] = [Document, Range, NodeColumn, StepNotes, *STEPS.values()]
    references, generated = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}"
    )
    definitions = generated["$defs"]
    document = definitions.pop(Document.__name__)
    notes = definitions.pop(StepNotes.__name__)["properties"]
    steps = [_step(step, references[step, "validation"], notes, definitions) for step in STEPS.values()]
    steps += [_later_step(key) for key in LATER_STEPS]
    definitions["Step"] = {
        "title": "Step",
        "description": "One step word with its value, and beside it name, note, disabled and meta.",
        "anyOf": steps,
    }
    title = {"$schema": DIALECT, "title": f"Headrace document, format {VERSION}"}
    schema = {**title, **_without(document, "title"), "required": ["headrace"]}
    used = _referenced(schema, definitions)
    return {**schema, "$defs": {name: definitions[name] for name in sorted(used)}}


def _step(
    step: type[Step], reference: dict[str, Any], notes: dict[str, Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    own = {step.word: reference}
    if step.beside:
        properties = definitions[step.__name__]["anyOf"][1]["properties"]
        own = {step.word: properties[step.short], **{key: properties[key] for key in step.beside}}
    return {
        "type": "object",
        "title": step.word,
        "description": inspect.cleandoc(step.__doc__ or "").replace("``", "`"),
        "properties": {**own, **notes},
        "required": [step.word],
        "additionalProperties": False,
    }


def _later_step(key: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": key,
        "description": "Not in this version of Headrace yet.",
        "properties": {key: {}},
        "required": [key],
    }


def _referenced(schema: object, definitions: dict[str, Any]) -> set[str]:
    """The names of the definitions that ``schema`` leads to."""
    names: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
            name = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in names:
                names.add(name)
                waiting.append(definitions[name])
    return names


def _without(schema: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}
