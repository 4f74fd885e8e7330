"""The base of every model: frozen data that knows its place in the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator


def join_pointer(pointer: str, *parts: str | int) -> str:
    """The JSON Pointer (RFC 6901) of what lies under ``pointer``.

    >>> join_pointer("/nodes", "a/b", 0)
    '/nodes/a~1b/0'
    """
    for part in parts:
        pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
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

    _pointer: str = PrivateAttr(default="")
    _broken: tuple[str, ...] = PrivateAttr(default=())
    _path: tuple[str | int, ...] | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, value: object) -> object:
        """Empty keys count as not written; a whole or a short value goes to its field."""
        known = cls.keys_known()
        if not known and not isinstance(value, Element):
            return value if isinstance(value, dict) and WHOLE in value else {WHOLE: value}
        if isinstance(value, dict):
            return {key: item for key, item in value.items() if item is not None or key not in known}
        if cls.short is not None and not isinstance(value, Element) and value is not None:
            return {cls.short: value}
        return value

    @property
    def pointer(self) -> str:
        return self._pointer

    @property
    def broken(self) -> tuple[str, ...]:
        return self._broken

    def at(self, *parts: str | int) -> str:
        """The pointer of a part: ``node.at("keys", 0)`` is ``/nodes/x/keys/0``."""
        return join_pointer(self._pointer, *parts)

    def placed(self, pointer: str, broken: tuple[str, ...] = ()) -> Self:
        """This element, told its place and, by where the document has them, its parts theirs."""
        self._pointer = pointer
        self._broken = broken
        for name, field in type(self).model_fields.items():
            self._place_part(getattr(self, name), *(() if field.alias == WHOLE else (field.alias or name,)))
        return self

    def _place_part(self, value: object, *parts: str | int) -> None:
        if isinstance(value, Element):
            value.placed(self.at(*parts))
        elif isinstance(value, Mapping):
            for key, item in value.items():
                if not isinstance(item, str):
                    self._place_part(item, *parts, key)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, Element) and item._path is not None:
                    self._place_part(item, *parts, *item._path)
                elif not isinstance(item, str):
                    self._place_part(item, *parts, index)

    @classmethod
    def keys_known(cls) -> list[str]:
        """The keys that the document may write on this element; none where it takes the whole value."""
        return [field.alias or name for name, field in cls.model_fields.items() if field.alias != WHOLE]

    def __repr_args__(self) -> Any:
        yield from ((name, value) for name, value in super().__repr_args__() if value not in (None, (), {}))


class Named(Element):
    """An element that stands under its name in a mapping; ``name`` is that name."""

    @property
    def name(self) -> str:
        return split_pointer(self._pointer)[-1] if self._pointer else ""
