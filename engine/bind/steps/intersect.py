"""``intersect``: our rows that are in all others too, each once; null equals null."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.set_operations import bind_set_operation
from headrace.models.steps import Intersect


def bind(step: Intersect, stream: Stream, context: Context) -> Stream | None:
    return bind_set_operation("intersect", step, stream, context)
