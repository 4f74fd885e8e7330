"""What spreadsheets write: names with points before a bracket (``NB.SI(…)``), cells, the columns of tables."""

from __future__ import annotations

import re

from headrace.diagnostics import Diagnostic, Span, closest
from headrace.grammar import tree
from headrace.grammar.build import Refused
from headrace.grammar.functions import lookup, words
from headrace.grammar.functions.foreign_calls import written_with_points
from headrace.grammar.functions.foreign_names import FOREIGN_NAMES
from headrace.grammar.lalr import Failure, TooManyTokens, run
from headrace.grammar.mistakes.site import Site, replace, shorten
from headrace.grammar.printer import print_name
from headrace.grammar.tree import calls_in

_POINTED_CALL = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+(?=\s*\()")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]")
_MOST_TOKENS = 2_000


def pointed_function(site: Site) -> Diagnostic | None:
    """A name with points, and a bracket after it."""
    if site.kind != "LPAR" or len(site.tokens) < 3 or site.tokens[-2].kind != "DOT":
        return None
    first = len(site.tokens) - 1
    while first >= 2 and site.tokens[first - 1].kind == "DOT":
        first -= 2
    span = Span(site.tokens[first].start, site.tokens[-1].end)
    name = site.text[span.start : span.end]
    if not _POINTED_CALL.match(site.text, span.start):
        return None
    known = FOREIGN_NAMES.get(name.casefold())
    if known is not None:
        fixes = [replace(*each) for each in _written_here(site, span)]
        return site.say("F101", span, hints=[known], fixes=fixes, name=name, candidates=[])
    function = site.tokens[-1].text
    value = site.text[span.start : site.tokens[-2].start]
    if lookup(function) is not None:
        call = site.match(r"\(\s*\)?")
        assert call is not None
        inside = ")" if call.group().endswith(")") else ", "
        fix = replace(Span(span.start, call.end()), f"{function}({value}{inside}")
        return site.say("F077", span, fixes=[fix], function=function, instead=f"{function}({value})")
    near = closest(name.casefold(), [*FOREIGN_NAMES, *words()])
    hints = [f"Did you mean {' or '.join(near)}?"] if near else []
    return site.say("F101", span, hints=hints, name=name, candidates=near)


def aujourdhui(site: Site) -> Diagnostic | None:
    """``AUJOURD'HUI()``: the only function with a quote in its name."""
    rest = site.match(r"['’]hui\s*\(\s*\)")
    if rest is None or site.before is None or site.before.text.casefold() != "aujourd" or site.before.end != site.at:
        return None
    span = Span(site.before.start, rest.end())
    name = site.text[span.start : site.at + 4]
    hint = FOREIGN_NAMES["aujourdhui"]
    return site.say("F101", span, hints=[hint], fixes=[replace(span, "today()")], name=name, candidates=[])


def _written_here(site: Site, name: Span) -> list[tuple[Span, str]]:
    """What the call can be replaced by, with where it stands."""
    if not site.short:
        return []
    text, names = _as_words(site.text)
    root = _read(text) or _read(_only(text, name.start))
    call = next((each for each in calls_in(root) if each.name_span.start == name.start), None) if root else None
    if call is None:
        return []
    return [(call.span, each) for each in written_with_points(call, site.text, names)]


def _as_words(text: str) -> tuple[str, dict[int, str]]:
    """The text with names like ``NB.SI`` made one word of the same length, and those names by place."""
    plain = _QUOTED.sub(lambda found: "x" * len(found.group()), text)
    names = {found.start(): found.group() for found in _POINTED_CALL.finditer(plain)}
    for at, name in names.items():
        text = text[:at] + name.replace(".", "_") + text[at + len(name) :]
    return text, names


def _only(text: str, start: int) -> str:
    """The call that begins at ``start``, and blanks for what stands around it."""
    plain = _QUOTED.sub(lambda found: "x" * len(found.group()), text)
    depth = 0
    for at in range(start, len(plain)):
        depth += {"(": 1, ")": -1}.get(plain[at], 0)
        if depth == 0 and plain[at] == ")":
            return " " * start + text[start : at + 1]
    return ""


def _read(text: str) -> tree.Node | None:
    try:
        root: tree.Node = run(text, _MOST_TOKENS)
    except (Failure, Refused, TooManyTokens):
        return None
    return root


def index(site: Site) -> Diagnostic | None:
    """``a[1]``, ``Sales[Amount]``."""
    if site.kind != "BRACKETED" or not site.after_value or site.before is None or site.before.end != site.at:
        return None
    column = site.shown[1:-1]
    if site.kind_before in ("NAME", "TEXT") and re.match(r"[^\W\d][^,;]*$", column):
        name = print_name(column.replace("]]", "]"))
        span = Span(site.before.start, site.here.end)
        return site.say("F079", span, fixes=[replace(span, name)], instead=name)
    return site.say("F068")


def cells(site: Site) -> Diagnostic | None:
    """``A1:A10``, ``A:A``, ``$B$2``, ``Sheet1!A1``."""
    if site.found and site.kind not in ("NUMBER", "COMPARE"):
        return None
    touching = (
        site.before is not None and site.before.end == site.at and site.kind_before in ("NAME", "PARAMETER", "TEXT")
    )
    start = site.before.start if site.before and touching else site.at
    found = site.match(_CELLS, start)
    if found is None or found.end() <= site.at:
        return None
    return site.say("F078", Span(*found.span()), found=shorten(found.group()))


_CELL = r"\$?[A-Z]{1,3}\$?[0-9]{1,7}"
_CELLS = re.compile(rf"(?:(?:\w+|'[^']*')!)?(?:{_CELL}(?::{_CELL})?|\$?[A-Z]{{1,3}}:\$?[A-Z]{{1,3}})(?![\w(])")
"""Cells as spreadsheets call them, in capitals."""


FIRST = (cells, aujourdhui)
RECOGNIZERS = (pointed_function, index)
