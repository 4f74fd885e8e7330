"""``except``: our rows that are in none of the others, each once; null equals null."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.set_operations import bind_set_operation
from headrace.models.steps import Except


def bind(step: Except, stream: Stream, context: Context) -> Stream | None:
    return bind_set_operation("except", step, stream, context)
