"""Python objects to a ``Reading``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from headrace.diagnostics import Diagnostic, diagnose
from headrace.models.element import join_pointer
from headrace.models.reading import Reading
from headrace.models.scalar import Data, PlainText, found
from headrace.models.text import mend_text
from headrace.models.yaml_composer import MAX_DEPTH, MAX_DIAGNOSTICS, MAX_VALUES


def read_data(value: object) -> Reading:
    """The reading of a document given as Python objects: mappings, sequences, texts, numbers, dates, booleans, None.

    The objects are copied. Numbers, booleans, dates and None become the plain text they are written with, so that
    the same document gives the same as YAML. Never raises for what the objects hold.

    >>> read_data({"limit": 3, "distinct": True}).data
    {'limit': '3', 'distinct': 'true'}
    """
    copier = _Copier()
    return Reading(copier.copy(value, "", 0), tuple(copier.diagnostics), complete=not copier.full)


class _Copier:
    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.count = 0
        self.full = False

    def report(self, code: str, pointer: str, **params: Any) -> None:
        if len(self.diagnostics) < MAX_DIAGNOSTICS:
            self.diagnostics.append(diagnose(code, pointer=pointer, **params))

    def copy(self, value: object, pointer: str, depth: int) -> Data:
        self.count += 1
        if self.full:
            return None
        if self.count > MAX_VALUES or depth > MAX_DEPTH:
            self.full = True
            if depth > MAX_DEPTH:
                self.report("M008", pointer, limit=MAX_DEPTH)
            else:
                self.report("M007", pointer, limit=MAX_VALUES, what="values")
            return None
        if isinstance(value, str):  # Asked first: most values are texts, and asking for a mapping takes long.
            return self.scalar(value, pointer)
        if isinstance(value, Mapping):
            return self.mapping(value, pointer, depth)
        if isinstance(value, (list, tuple)):
            return [self.copy(item, f"{pointer}/{index}", depth + 1) for index, item in enumerate(value)]
        return self.scalar(value, pointer)

    def mapping(self, value: Mapping[Any, Any], pointer: str, depth: int) -> dict[str, Data]:
        data: dict[str, Data] = {}
        for key, item in value.items():
            if key is None:
                self.report("M006", pointer, found=found(None))
                continue
            text = self.scalar(key, pointer)
            where = join_pointer(pointer, text)
            if text in data:
                self.report("M006", where, found=f"{found(text)} again")
                continue
            data[str(text)] = self.copy(item, where, depth + 1)
        return data

    def scalar(self, value: object, pointer: str) -> str:
        if value is None:
            return PlainText("null")
        if isinstance(value, PlainText):
            return value
        if isinstance(value, str):
            text, problem = mend_text(str(value))
        elif isinstance(value, (bool, int, float, Decimal, date, time)):
            text, problem = PlainText(_plain(value)), None
        else:
            text, problem = "", None
            self.report("M020", pointer, found=f"an object of type {type(value).__name__}")
        if problem:
            self.report("M011", pointer, character=problem)
        return text


def _plain(value: bool | int | float | Decimal | date | time) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:d}" if value.bit_length() < 10_000 else hex(value)
    if isinstance(value, (date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
