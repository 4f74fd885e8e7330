"""What the models expect at a place of a document, whether or not something stands there: for editors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from headrace.models.document import Document
from headrace.models.element import WHOLE, Element, split_pointer
from headrace.models.node import Node
from headrace.models.scalar import Formula
from headrace.models.steps import STEPS, OutputColumn, SortKey, Step, StepNotes

ScalarKind = Literal["formula", "order", "column", "other"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What may stand at a place.

    ``scalar`` says what a text there is: a ``formula``, a key of an ``order`` (a formula with ``desc``), a ``column``
    of a list that may also hold ``{new: formula}``, or something ``other``. ``keys`` may be written in a mapping
    there, ``words`` are the only texts, where they are.
    """

    scalar: ScalarKind
    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def expected_at(pointer: str) -> Expected:
    """What the models expect at ``pointer`` of a document.

    >>> expected_at("/nodes/x/steps/0/derive/net").scalar
    'formula'
    >>> expected_at("/nodes/x/steps/0/join").keys
    ('with', 'by', 'kind', 'cardinality', 'columns', 'prefix')
    """
    annotations: list[Any] = [Document]
    for part in split_pointer(pointer):
        annotations = [inner for each in annotations for inner in _inner(each, part)]
    kinds = [_scalar(each) for each in annotations]
    scalar: ScalarKind = min(kinds, key=get_args(ScalarKind).index, default="other")
    keys = dict.fromkeys(key for each in annotations for key in _keys(each))
    words = dict.fromkeys(word for each in annotations for word in _words(each))
    return Expected(scalar, tuple(keys), tuple(words))


def _inner(annotation: Any, part: str) -> Iterator[Any]:
    """What is expected at ``part`` of something of this type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Step:
        if part in STEPS:
            step = STEPS[part]
            yield from _inner(step, step.short or "") if step.beside else [step]
        else:
            for step in STEPS.values():
                if part in step.beside:
                    yield from _inner(step, part)
            yield from _inner(StepNotes, part)
    elif isinstance(annotation, type) and issubclass(annotation, Element):
        for name, field in annotation.model_fields.items():
            if field.validation_alias == WHOLE:
                yield from _inner(field.annotation, part)
            elif (field.alias or name) == part:
                # Pydantic takes Annotated apart; the steps of a node are read one by one.
                yield tuple[Step, ...] if annotation is Node and name in ("steps", "then") else field.annotation
        if annotation is OutputColumn:
            yield Formula
    elif origin is dict:
        yield arguments[1]
    elif origin is tuple:
        if part.isdecimal():
            yield arguments[0]
        elif arguments[0] is OutputColumn:
            yield Formula
    elif origin in (Annotated, Union, UnionType):
        for argument in arguments[:1] if origin is Annotated else arguments:
            yield from _inner(argument, part)


def _plain(annotation: Any) -> Iterator[Any]:
    """The types that a value of this type may have, each with a value that stands for a list or mapping of one."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, Union, UnionType):
        for argument in arguments[:1] if origin is Annotated else arguments:
            yield from _plain(argument)
    elif isinstance(annotation, type) and issubclass(annotation, Element):
        yield annotation
        for name, field in annotation.model_fields.items():
            if field.validation_alias == WHOLE or name == annotation.short:
                yield from _plain(field.annotation)
    else:
        yield annotation
        if origin is tuple:
            yield from _plain(arguments[0])


def _scalar(annotation: Any) -> ScalarKind:
    kinds = list(_plain(annotation))
    if SortKey in kinds:
        return "order"
    if OutputColumn in kinds:
        return "column"
    return "formula" if Formula in kinds else "other"


def _keys(annotation: Any) -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Step:
        beside = (key for step in STEPS.values() for key in step.beside)
        yield from (*STEPS, *beside, *StepNotes.keys_known())
    elif isinstance(annotation, type) and issubclass(annotation, Step):
        yield from annotation.keys_known()
    elif isinstance(annotation, type) and issubclass(annotation, Element):
        if annotation not in (OutputColumn, SortKey):
            yield from annotation.keys_known()
    elif origin in (Annotated, Union, UnionType):
        for argument in arguments[:1] if origin is Annotated else arguments:
            yield from _keys(argument)


def _words(annotation: Any) -> Iterator[str]:
    for each in _plain(annotation):
        if get_origin(each) is Literal:
            yield from (word for word in get_args(each) if isinstance(word, str))
