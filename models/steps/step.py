"""The base of every step."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import PrivateAttr

from headrace.models.element import Element, join_pointer
from headrace.models.scalar import Flag, Meta, Name, Text


class StepNotes(Element):
    """What may stand beside the key of any step."""

    name: Name | None = None
    note: Text | None = None
    disabled: Flag = False
    meta: Meta = None


class Step(Element):
    """One step of a node.

    ``key`` is the word it is written with (``derive``). ``name`` names it in SQL, previews and diagnostics; a
    ``disabled`` step does nothing.
    """

    word: ClassVar[str] = ""
    example: ClassVar[str] = ""
    """The step as it is mostly written, for messages."""
    beside: ClassVar[tuple[str, ...]] = ()
    """Keys that stand beside the step's word, not in its value; the value itself then is ``short``."""

    _notes: StepNotes | None = PrivateAttr(default=None)
    _is_short: bool = PrivateAttr(default=False)

    @property
    def key(self) -> str | None:
        return self.word

    @property
    def name(self) -> str | None:
        return self._notes.name if self._notes else None

    @property
    def note(self) -> str | None:
        return self._notes.note if self._notes else None

    @property
    def disabled(self) -> bool:
        return self._notes is not None and self._notes.disabled

    @property
    def meta(self) -> Any:
        return self._notes.meta if self._notes else None

    @property
    def reads(self) -> tuple[str, ...]:
        """The sources and nodes that the step reads beside its input, by name."""
        return ()

    def noted(self, notes: StepNotes | None, is_short: bool = False) -> Self:
        """This step with its notes; ``is_short`` where its value is no mapping, as in ``limit: 10``."""
        self._notes = notes
        self._is_short = is_short
        return self

    def at(self, *parts: str | int) -> str:
        """The pointer of a part of the step's value: ``at("label")`` of a derive is ``…/steps/2/derive/label``."""
        if self._is_short and parts and parts[0] == self.short:
            parts = parts[1:]
        if parts and parts[0] in self.beside:
            return join_pointer(self._pointer, *parts)
        return join_pointer(self._pointer, *((self.key,) if self.key else ()), *parts)

    def __repr_args__(self) -> Any:
        yield from super().__repr_args__()
        if self._notes:
            yield from self._notes.__repr_args__()


class InvalidStep(Step):
    """Stands for a step that could not be read, or that this version does not know; the diagnostic has been given."""

    step: str | None = None

    @property
    def key(self) -> str | None:
        return self.step
