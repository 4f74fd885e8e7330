"""The base of every step."""

from __future__ import annotations

from functools import cached_property
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
    def notes(self) -> StepNotes | None:
        notes: StepNotes | None = self.private["_notes"]
        return notes

    @cached_property
    def all_texts(self) -> tuple[str, ...]:
        """As of any element; kept, since each step is looked through for the sake of those before it too."""
        return super().all_texts

    @property
    def name(self) -> str | None:
        notes = self.notes
        return notes.name if notes else None

    @property
    def note(self) -> str | None:
        notes = self.notes
        return notes.note if notes else None

    @property
    def disabled(self) -> bool:
        notes = self.notes
        return notes is not None and notes.disabled

    @property
    def meta(self) -> Any:
        notes = self.notes
        return notes.meta if notes else None

    @property
    def reads(self) -> tuple[str, ...]:
        """The sources and nodes that the step reads beside its input, by name."""
        return ()

    def noted(self, notes: StepNotes | None, is_short: bool = False) -> Self:
        """This step with its notes; ``is_short`` where its value is no mapping, as in ``limit: 10``."""
        self.private["_notes"] = notes
        self.private["_is_short"] = is_short
        return self

    def at(self, *parts: str | int) -> str:
        """The pointer of a part of the step's value: ``at("label")`` of a derive is ``…/steps/2/derive/label``."""
        if parts and self.private["_is_short"] and parts[0] == self.short:
            parts = parts[1:]
        if parts and parts[0] in self.beside:
            return join_pointer(self.pointer, *parts)
        return join_pointer(self.pointer, *((self.key,) if self.key else ()), *parts)

    def __repr_args__(self) -> Any:
        yield from super().__repr_args__()
        notes = self.notes
        if notes:
            yield from notes.__repr_args__()


class InvalidStep(Step):
    """Stands for a step that could not be read, or that this version does not know; the diagnostic has been given."""

    step: str | None = None

    @property
    def key(self) -> str | None:
        return self.step
