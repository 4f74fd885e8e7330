"""A diagnostic as text for a terminal: place, message, excerpt with a caret, hints, and formulas that would do."""

from __future__ import annotations

from headrace.diagnostics.diagnostic import Diagnostic

_WIDTH = 100
_FIXES = 3


def show(diagnostic: Diagnostic) -> str:
    """Several lines of plain text, without a trailing newline.

    >>> from headrace.diagnostics.diagnostic import Span
    >>> print(show(Diagnostic("F100", "There is no column amout.", span=Span(4, 9), source="sum(amout)")))
    error F100: There is no column amout.
        sum(amout)
            ^^^^^
    """
    lines = []
    place = _place(diagnostic)
    if place:
        lines.append(place)
    lines.append(f"{diagnostic.severity} {diagnostic.code}: {diagnostic.message}")
    if diagnostic.source is not None:
        lines.extend(_excerpt(diagnostic))
    lines.extend(f"  {hint}" for hint in diagnostic.hints)
    lines.extend(_fixes(diagnostic))
    return "\n".join(lines)


def _fixes(diagnostic: Diagnostic) -> list[str]:
    """What the formula would become: one line a fix, where it fits one."""
    source = diagnostic.source or ""
    if "\n" in source:
        return []
    lines = []
    for fix in diagnostic.fixes[:_FIXES]:
        if fix.span is None:
            continue
        mended = source[: fix.span.start] + fix.replacement + source[fix.span.end :]
        if len(mended) <= _WIDTH:
            lines.append(f"  → {mended.strip()}")
    return lines


def _place(diagnostic: Diagnostic) -> str:
    place = diagnostic.file or ""
    if place and diagnostic.line is not None:
        place += f":{diagnostic.line}"
        if diagnostic.column is not None:
            place += f":{diagnostic.column}"
    if diagnostic.pointer:
        where = " › ".join(part.replace("~1", "/").replace("~0", "~") for part in diagnostic.pointer.split("/")[1:])
        place = f"{place}  {where}" if place else where
    return place


def _excerpt(diagnostic: Diagnostic) -> list[str]:
    source = diagnostic.source or ""
    span = diagnostic.span
    if span is None:
        line = source.split("\n", 1)[0]
        return [f"    {line[:_WIDTH]}"] if line.strip() else []
    start = source.rfind("\n", 0, span.start) + 1
    end = source.find("\n", span.start)
    line = source[start : end if end >= 0 else len(source)]
    at = span.start - start
    width = max(1, min(span.end, start + len(line)) - span.start)
    if len(line) > _WIDTH:
        cut = max(0, at - _WIDTH // 2)
        line = ("…" if cut else "") + line[cut : cut + _WIDTH] + ("…" if cut + _WIDTH < len(line) else "")
        at = at - cut + (1 if cut else 0)
        width = min(width, max(1, len(line) - at))
    line = line.replace("\t", " ")
    return [f"    {line}", "    " + " " * at + "^" * width]
