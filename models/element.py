"""The base of every model: frozen data that knows its place in the document."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, PrivateAttr, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from headrace.models.scalar import is_nothing


def join_pointer(pointer: str, *parts: str | int) -> str:
    """The JSON Pointer (RFC 6901) of what lies under ``pointer``.

    >>> join_pointer("/nodes", "a/b", 0)
    '/nodes/a~1b/0'
    """
    for part in parts:
        text = str(part)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer += "/" + text
    return pointer


def split_pointer(pointer: str) -> list[str]:
    """The parts of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


WHOLE = "\0"
"""The alias of the one field that takes the whole value, as ``columns`` of ``derive: {new: formula}``. No document
can hold this key."""


class Element(BaseModel):
    """A part of a document.

    ``pointer`` is its JSON Pointer; ``broken`` names the fields (as the document spells them) that were wrong and
    have been taken away, each after a diagnostic.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    short: ClassVar[str | None] = None
    """The key that a value stands for which is no mapping: ``month: date`` for ``month: {type: date}``."""

    _keys: ClassVar[dict[str, str]] = {}
    _with_parts: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()

    _pointer: str = PrivateAttr(default="")
    _broken: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        fields = cls.model_fields.items()
        whole = {name for name, field in fields if field.validation_alias == WHOLE}
        cls._keys = {field.alias or name: name for name, field in fields if name not in whole}
        cls._with_parts = tuple(
            (name, () if name in whole else (field.alias or name,))
            for name, field in fields
            if _holds_elements(field.annotation)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema of what a document may write: of the whole value, or of the short form beside the mapping."""
        reference = handler(core)
        schema = handler.resolve_ref_schema(reference)
        about = {"title": cls.__name__, "description": inspect.cleandoc(cls.__doc__ or "").replace("``", "`")}
        properties = schema.get("properties", {})
        if WHOLE in properties:
            new = {**properties[WHOLE], **about}
        elif cls.short is not None:
            mapping = {key: value for key, value in schema.items() if key not in about}
            new = {**about, "anyOf": [properties[cls.short], mapping]}
        else:
            new = {**schema, **about}
        schema.clear()
        schema.update(new)
        return reference

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, value: object) -> object:
        """Empty keys count as not written; a whole or a short value goes to its field."""
        known = cls._keys
        if not known and not isinstance(value, Element):
            return value if isinstance(value, dict) and WHOLE in value else {WHOLE: value}
        if isinstance(value, dict):
            if not any(is_nothing(item) for item in value.values()):
                return value
            return {key: item for key, item in value.items() if key not in known or not is_nothing(item)}
        if cls.short is not None and not isinstance(value, Element) and value is not None:
            return {cls.short: value}
        return value

    @property
    def private(self) -> dict[str, Any]:
        """The private attributes, read at once: pydantic looks for them at the end of a long way, and places are asked
        for more often than anything else."""
        found = self.__pydantic_private__
        assert found is not None
        return found

    @property
    def pointer(self) -> str:
        pointer: str = self.private["_pointer"]
        return pointer

    @property
    def broken(self) -> tuple[str, ...]:
        broken: tuple[str, ...] = self.private["_broken"]
        return broken

    @property
    def all_texts(self) -> tuple[str, ...]:
        """Every text in the element, in the order of its fields: formulas, names, words."""
        return tuple(_texts(getattr(self, name) for name in type(self).model_fields))

    def at(self, *parts: str | int) -> str:
        """The pointer of a part: ``node.at("keys", 0)`` is ``/nodes/x/keys/0``."""
        return join_pointer(self.pointer, *parts)

    def placed(self, pointer: str, broken: tuple[str, ...] = ()) -> Self:
        """This element, told its place; and its parts theirs, by where the document has them."""
        private = self.private
        private["_pointer"] = pointer
        if broken:
            private["_broken"] = broken
        for name, keys in self._with_parts:
            value = getattr(self, name)
            if value:
                self._place_part(value, keys)
        return self

    def _place_part(self, value: object, path: tuple[str | int, ...]) -> None:
        if isinstance(value, Element):
            pointer = self.at(*path)
            if value.pointer != pointer:
                value.placed(pointer)
        elif isinstance(value, dict):
            for key, item in value.items():
                self._place_part(item, (*path, key))
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, Element):
                    self._place_part(item, (*path, *(item.path if isinstance(item, Item) else (index,))))

    @classmethod
    def keys_known(cls) -> list[str]:
        """The keys that the document may write on this element; none where it takes the whole value."""
        return list(cls._keys)

    def __repr_args__(self) -> Any:
        yield from ((name, value) for name, value in super().__repr_args__() if value not in (None, (), {}))


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _texts(value)
        elif isinstance(value, Element):
            yield from value.all_texts
        elif isinstance(value, dict):
            for item in value.items():
                yield from _texts(item)


def _holds_elements(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Element):
        return True
    return any(_holds_elements(argument) for argument in get_args(annotation))


class Item(Element):
    """An element of a list that may also be written outside a list; it keeps the way from the list's place to it."""

    _path: tuple[str | int, ...] = PrivateAttr(default=())

    @property
    def path(self) -> tuple[str | int, ...]:
        path: tuple[str | int, ...] = self.private["_path"]
        return path

    def on(self, path: tuple[str | int, ...]) -> Self:
        """This item, ``path`` below what its list is written for."""
        self.private["_path"] = path
        return self


class Named(Element):
    """An element that stands under its name in a mapping; ``name`` is that name."""

    @property
    def name(self) -> str:
        pointer = self.pointer
        return split_pointer(pointer)[-1] if pointer else ""
