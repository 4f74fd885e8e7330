"""As much of a JSON Schema validator as the schema of documents needs."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}

_KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "default", "examples"),
    *("type", "const", "enum", "minimum", "anyOf", "properties", "required", "additionalProperties", "items"),
    *("minProperties", "maxProperties"),
}


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    """Where and why ``value`` does not fit ``schema``; raises where the schema uses a keyword not known here."""
    return _problems(schema, value, schema.get("$defs", {}), "")


def _problems(schema: dict[str, Any], value: Any, definitions: dict[str, Any], where: str) -> list[str]:
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    found: list[str] = []
    if "$ref" in schema:
        found += _problems(definitions[schema["$ref"].removeprefix("#/$defs/")], value, definitions, where)
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is(value, name) for name in names):
            return [*found, f"{where}: not of type {names}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: none of {schema['enum']}")
    if "minimum" in schema and _is(value, "number") and value < schema["minimum"]:
        found.append(f"{where}: less than {schema['minimum']}")
    if "anyOf" in schema and all(_problems(each, value, definitions, where) for each in schema["anyOf"]):
        found.append(f"{where}: fits none of the choices")
    if isinstance(value, dict):
        found += _object_problems(schema, value, definitions, where)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            found += _problems(schema["items"], item, definitions, f"{where}/{index}")
    return found


def _object_problems(schema: dict[str, Any], value: Any, definitions: dict[str, Any], where: str) -> list[str]:
    found = [f"{where}: no {key}" for key in schema.get("required", []) if key not in value]
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        found.append(f"{where}: {len(value)} keys")
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, item in value.items():
        if key in properties:
            found += _problems(properties[key], item, definitions, f"{where}/{key}")
        elif rest is False:
            found.append(f"{where}: unknown key {key}")
        elif isinstance(rest, dict):
            found += _problems(rest, item, definitions, f"{where}/{key}")
    return found


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
