"""``materialize: incremental`` of a node with ``for_each``: which of its values are computed when it runs again."""

from __future__ import annotations

from headrace.bind.bound import Increment
from headrace.bind.context import Context
from headrace.diagnostics import closest
from headrace.diagnostics.diagnostic import Fix
from headrace.models import Node
from headrace.models.element import join_pointer

_WITHOUT_ROWS = "expect"
"""The step that makes no rows and looks at none but those of the result."""


def bind_increment(node: Node, context: Context) -> Increment | None:
    """What the node says of its increments; None after reporting."""
    kept, for_each = node.materialize, node.for_each
    if kept is None or for_each is None:
        return None
    names = [parameter.name for parameter in for_each.parameters]
    listed = " and ".join(f"${name}" for name in names)
    sound = True
    for index, step in enumerate(node.then):
        if step.key != _WITHOUT_ROWS and not step.disabled:
            context.report("S187", node.at("then", index), found=step.key or "a step", node=node.name)
            sound = False
    if kept.by:
        context.report("S183", kept.at("by"), parameters=listed)
        sound = False
    last = 0
    if kept.look_back is not None:
        text = kept.look_back.strip()
        if not text.isascii() or not text.isdecimal():
            context.report("S184", kept.at("look_back"), found=kept.look_back)
            sound = False
        else:
            last = int(text)
    time = kept.time
    if time is not None and time not in names:
        near = closest(time, names)
        fixes = [Fix(f"Write {name}", name) for name in near[:1]]
        hints = [f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."]
        context.report("S185", kept.at("time"), found=time, node=node.name, candidates=near, hints=hints, fixes=fixes)
        sound = False
    if time is None and kept.look_back is not None and len(names) > 1:
        context.report("S186", join_pointer(kept.pointer, "look_back"), parameters=listed)
        sound = False
    return Increment(time or names[0], last) if sound else None
