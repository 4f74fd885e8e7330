"""YAML events composed into plain data and places, without recursion and within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from headrace.diagnostics import Diagnostic, diagnose
from headrace.models.element import join_pointer
from headrace.models.formula_text import is_torn
from headrace.models.place import Place
from headrace.models.scalar import Data, PlainText
from headrace.models.text import mend_text

MAX_DEPTH = 64
MAX_VALUES = 500_000
MAX_DIAGNOSTICS = 100

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(slots=True)
class _Container:
    data: dict[str, Data] | list[Data]
    place: Place
    anchor: str | None
    before: int
    flow: bool
    height: int
    expects_key: bool
    key: str | None = None  # None where the value is to be thrown away
    key_start: int = 0
    key_end: int = 0


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value that aliases may repeat, how many values it holds and how deep they are nested."""

    value: Data
    place: Place
    count: int = 1
    height: int = 0


@dataclass(slots=True)
class Composed:
    """What was read, as far as the text could be read. ``error`` is YAML's own, where it stopped there.

    ``torn`` are the starts of values that YAML took apart: ``round(amount`` and the key ``2)`` of
    ``{net: round(amount, 2)}``, or what a `` #`` has cut off within its quotes.
    """

    data: Data = None
    place: Place | None = None
    diagnostics: list[tuple[int, Diagnostic]] = field(default_factory=list)
    error: yaml.YAMLError | None = None
    stopped: bool = False
    open: str = ""
    torn: list[tuple[int, str]] = field(default_factory=list)


def compose(text: str) -> Composed:
    """The one document of ``text``. Every scalar keeps its text; a plain one is ``PlainText``, nothing is None."""
    composer = _Composer(text)
    try:
        composer.run(yaml.parse(text, Loader=LOADER))
    except yaml.YAMLError as error:
        composer.result.error = error
        composer.close()
    return composer.result


class _Composer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.result = Composed()
        self.stack: list[_Container] = []
        self.anchors: dict[str, _Anchored] = {}
        self.count = 0
        self.documents = 0
        self.has_comments = " #" in text

    def before_comment(self, end: int) -> bool:
        return self.has_comments and self.text[end : end + 40].lstrip(" \t").startswith("#")

    def report(self, index: int, code: str, **params: Any) -> None:
        if len(self.result.diagnostics) == MAX_DIAGNOSTICS:
            return
        self.result.diagnostics.append((index, diagnose(code, pointer=self.pointer(), **params)))

    def pointer(self) -> str:
        pointer = ""
        for container in self.stack:
            if isinstance(container.data, list):
                pointer = join_pointer(pointer, len(container.data))
            elif isinstance(container.key, str):
                pointer = join_pointer(pointer, container.key)
        return pointer

    def close(self) -> None:
        """Keep what is open when reading stops."""
        self.result.stopped = True
        self.result.open = self.pointer()
        while self.stack:
            self.end(len(self.text))

    def run(self, events: Iterator[Any]) -> None:
        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        starts = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        for event in events:
            kind = type(event)
            if kind is scalar:
                self.scalar(event)
            elif kind in starts:
                self.start(event, {} if kind is yaml.MappingStartEvent else [])
                if len(self.stack) > MAX_DEPTH:
                    self.report(event.start_mark.index, "M008", limit=MAX_DEPTH)
                    return self.close()
            elif kind in ends:
                self.end(event.end_mark.index)
            elif kind is alias:
                self.alias(event)
            elif kind is yaml.DocumentStartEvent:
                self.documents += 1
                if self.documents > 1:
                    self.report(event.start_mark.index, "M009")
                    return None
            if self.count > MAX_VALUES:
                self.report(event.start_mark.index, "M007", limit=MAX_VALUES, what="values")
                return self.close()
        return None

    def scalar(self, event: Any) -> None:
        start, end, text = event.start_mark.index, event.end_mark.index, event.value
        style = event.style or ""
        if style == '"':
            text, problem = mend_text(text)
            if problem:
                self.report(start, "M011", character=problem)
        value: Data
        if style or event.tag == "tag:yaml.org,2002:str":
            value = text
        elif start == end and not text:
            value = None
        else:
            value = PlainText(text)
            in_flow = bool(self.stack) and self.stack[-1].flow
            if (in_flow or self.before_comment(end)) and is_torn(text):
                self.result.torn.append((start, self.pointer()))
        if event.tag is not None and not self.check_tag(event) and not text:
            value = PlainText(event.tag)
        container = self.stack[-1] if self.stack else None
        if container is not None and container.expects_key:
            self.key(container, value, start, end)
            return
        if value is None and container is not None and container.flow and end == container.key_end:
            self.result.torn.append((container.key_start, self.pointer()))
        place = Place(start, end, style)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, place)
        self.add(value, place)

    def key(self, container: _Container, value: Data, start: int, end: int) -> None:
        container.key_start, container.key_end, container.key = start, end, None
        container.expects_key = False
        if not isinstance(value, str):
            self.report(start, "M006", found="nothing")
        elif value == "<<" and isinstance(value, PlainText):
            self.report(start, "M005")
        elif isinstance(container.place.parts, dict) and value in container.place.parts:
            container.key = value
            line = self.text.count("\n", 0, container.place.parts[value][0]) + 1
            self.report(start, "M004", key=value, line=line)
            container.key = None
        else:
            container.key = str(value)

    def start(self, event: Any, data: dict[str, Data] | list[Data]) -> None:
        start = event.start_mark.index
        container = self.stack[-1] if self.stack else None
        if container is not None and container.expects_key:
            self.report(start, "M006", found="a list" if type(data) is list else "a mapping")
            container.key_end = -1
        if event.tag is not None:
            self.check_tag(event)
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        parts: Any = {} if type(data) is dict else []
        place = Place(start, start, "", parts)
        self.stack.append(
            _Container(data, place, event.anchor, self.count, bool(event.flow_style), 0, type(data) is dict)
        )

    def end(self, index: int) -> None:
        container = self.stack.pop()
        container.place.end = index
        if container.anchor is not None:
            count = self.count - container.before + 1
            anchored = _Anchored(container.data, container.place, count, container.height + 1)
            self.anchors[container.anchor] = anchored
        outer = self.stack[-1] if self.stack else None
        if outer is not None:
            outer.height = max(outer.height, container.height + 1)
        if outer is not None and outer.expects_key:
            outer.key, outer.expects_key = None, False
            return
        self.add(container.data, container.place)

    def alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            self.report(start, "M012", name=event.anchor)
        elif len(self.stack) + anchored.height > MAX_DEPTH:
            self.report(start, "M008", limit=MAX_DEPTH)
            anchored = None
        anchored = anchored or _Anchored(PlainText(f"*{event.anchor}"), Place(start, end))
        container = self.stack[-1] if self.stack else None
        if container is not None and container.expects_key:
            self.key(container, anchored.value, start, end)
            return
        self.count += anchored.count
        if container is not None:
            container.height = max(container.height, anchored.height)
        self.add(anchored.value, anchored.place)

    def add(self, value: Data, place: Place) -> None:
        self.count += 1
        if not self.stack:
            self.result.data, self.result.place = value, place
            return
        container = self.stack[-1]
        data, parts, key = container.data, container.place.parts, container.key
        if isinstance(data, list) and isinstance(parts, list):
            data.append(value)
            parts.append(place)
        elif isinstance(data, dict) and isinstance(parts, dict):
            container.key, container.expects_key = None, True
            if key is not None:
                data[key] = value
                parts[key] = (container.key_start, place)

    def check_tag(self, event: Any) -> bool:
        """Whether a tag may stand there: those that say what is plain to see."""
        if event.tag in _TAGS:
            return True
        self.report(event.start_mark.index, "M013", tag=event.tag.replace("tag:yaml.org,2002:", "!!"))
        return False
