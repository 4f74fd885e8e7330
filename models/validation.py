"""Validating one element: pydantic's complaints become diagnostics, and what is wrong is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from headrace.diagnostics import CODES, Diagnostic, closest, diagnose
from headrace.models.element import WHOLE, Element, join_pointer
from headrace.models.scalar import found, is_nothing
from headrace.models.steps.step import Step

E = TypeVar("E", bound=Element)

MAX_PROBLEMS = 50
"""How many problems of one element are told; past that, none of it is kept."""

_OTHER_WORDS = {
    "group_by": "by",
    "how": "kind",
    "of": "with",
    "on": "by",
    "order_by": "order",
    "project": "name",
    "using": "by",
}
"""What a key is called elsewhere, and here."""

_EXPECTED = {
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "dict_type": "a mapping (key: value)",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text",
}


def validate(model: type[E], raw: object, pointer: str) -> tuple[E | None, list[Diagnostic]]:
    """``raw`` as a ``model`` placed at ``pointer``, or None; and everything that is wrong with it."""
    try:
        return model.model_validate(raw).placed(pointer), []
    except ValidationError as error:
        return None, _diagnostics(error.errors(include_url=False), model, raw, pointer)


def salvage(model: type[E], raw: object, pointer: str) -> tuple[E | None, list[Diagnostic]]:
    """As ``validate``, but with what is wrong taken away where the rest can stand without it.

    The element's ``broken`` names the fields that lost something.
    """
    try:
        return model.model_validate(raw).placed(pointer), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    diagnostics = _diagnostics(details, model, raw, pointer)
    if len(details) > MAX_PROBLEMS:
        return None, diagnostics
    broken: dict[str, None] = {}
    for _ in range(8):
        if not isinstance(raw, dict):
            return None, diagnostics
        for detail in details:
            path = _existing(raw, _path(detail))
            if not path:
                return None, diagnostics
            broken[str(path[0])] = None
            raw = _without(raw, path)
        try:
            return model.model_validate(raw).placed(pointer, tuple(broken)), diagnostics
        except ValidationError as error:
            details = error.errors(include_url=False)
    return None, diagnostics


def _diagnostics(details: list[ErrorDetails], model: type[Element], raw: object, pointer: str) -> list[Diagnostic]:
    """What is wrong, each mistake once: a key written wrongly is not missing too."""
    all_ = [_diagnostic(detail, model, raw, pointer) for detail in details[:MAX_PROBLEMS]]
    meant = keys_meant(all_)
    return [each for each in all_ if each.code != "M101" or f"{each.pointer}/{each.params['key']}" not in meant]


def keys_meant(diagnostics: list[Diagnostic]) -> set[str]:
    """The pointers of the keys that unknown keys are likely to be, written wrongly."""
    unknown = [(each.pointer or "", each.params["candidates"]) for each in diagnostics if each.code == "M100"]
    return {f"{pointer.rpartition('/')[0]}/{name}" for pointer, names in unknown for name in names}


def _diagnostic(detail: ErrorDetails, model: type[Element], raw: object, pointer: str) -> Diagnostic:
    path = _path(detail)
    kind, context = detail["type"], dict(detail.get("ctx", {}))
    context.pop("path", None)
    where = join_pointer(pointer, *_existing(raw, path))
    if kind in CODES:
        hints = _hints(kind, context)
        return diagnose(kind, pointer=where, hints=hints, **context)
    if kind == "missing":
        key = str(path[-1])
        if _holds_nothing(raw, path):
            return diagnose("M103", pointer=join_pointer(pointer, *path), expected=f"a value for {key}")
        return missing_key(key, where)
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return unknown_key(str(path[-1]), known, join_pointer(pointer, *path))
    expected = _EXPECTED.get(kind, "something else")
    if not path and issubclass(model, Step):
        expected += f", as in {model.example}"
    if detail["input"] is None:
        return diagnose("M103", pointer=where, expected=expected)
    return diagnose("M102", pointer=where, expected=expected, found=found(detail["input"]))


def unknown_key(key: str, known: list[str], pointer: str) -> Diagnostic:
    """The diagnostic for a key that does not belong here, with what may have been meant."""
    word = {"true": "on", "false": "off"}.get(key, key)
    near = [name for name in [_OTHER_WORDS.get(word, "")] if name in known] or closest(word, known)
    hints = [f"Did you mean {' or '.join(near)}?"] if near else [f"Known here: {', '.join(known)}."] if known else []
    if word != key:
        hints.append(f"Some readers of YAML make {key} of {word}: put quotes around such a key.")
    return diagnose("M100", pointer=pointer, hints=hints, key=key or "An empty key", candidates=near, known=known)


def missing_key(key: str, pointer: str) -> Diagnostic:
    """The diagnostic for a key that the element at ``pointer`` needs."""
    return diagnose("M101", pointer=pointer, key=key)


def _hints(code: str, context: dict[str, Any]) -> list[str]:
    name = context.get({"M108": "word", "M133": "column", "M109": "type"}.get(code, ""))
    known = context.get("known")
    if name is None or not isinstance(known, list):
        return []
    near = closest(str(name), known)
    if near:
        return [f"Did you mean {' or '.join(near)}?"]
    return [f"Known are {', '.join(known)}."] if code != "M108" else []


def _path(detail: ErrorDetails) -> list[str | int]:
    path = [part for part in detail["loc"] if part not in (WHOLE, "[key]")]
    return [*path, *detail.get("ctx", {}).get("path", ())]


def _existing(raw: object, path: list[str | int]) -> list[str | int]:
    """The part of ``path`` that exists in ``raw``; short forms have no place for the key they leave out."""
    return [part for part, _ in _follow(raw, path)]


def _holds_nothing(raw: object, path: list[str | int]) -> bool:
    followed = list(_follow(raw, path))
    return len(followed) == len(path) and is_nothing(followed[-1][1])


def _follow(raw: object, path: list[str | int]) -> Iterator[tuple[str | int, object]]:
    for part in path:
        if isinstance(raw, dict):
            if part not in raw:
                continue
            raw = raw[part]
        elif isinstance(raw, (list, tuple)):
            if not isinstance(part, int) or part >= len(raw):
                continue
            raw = raw[part]
        else:
            return
        yield part, raw


def _without(raw: dict[Any, Any], path: list[str | int]) -> dict[Any, Any]:
    """``raw`` without what is at ``path``, or without the list that holds it: places in a list must not move."""
    key, rest = path[0], path[1:]
    inner = raw[key]
    if rest and isinstance(inner, dict):
        return {**raw, key: _without(inner, rest)}
    return {other: item for other, item in raw.items() if other != key}


def _known_keys(annotation: Any, path: list[str | int]) -> list[str]:
    """The keys of the models found by following ``path`` from ``annotation``; of all, where several may stand."""
    if isinstance(annotation, type) and issubclass(annotation, Element):
        if not path:
            return annotation.keys_known()
        for name, field in annotation.model_fields.items():
            if field.validation_alias == WHOLE:
                return _known_keys(field.annotation, path)
            if (field.alias or name) == path[0]:
                return _known_keys(field.annotation, path[1:])
    if get_origin(annotation) in (dict, tuple, list) and path:
        return _known_keys(get_args(annotation)[1 if get_origin(annotation) is dict else 0], path[1:])
    known = [key for argument in get_args(annotation) for key in _known_keys(argument, path)]
    return list(dict.fromkeys(known))
