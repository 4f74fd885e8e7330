"""Values and operators that are missing, and names that are not one name."""

from __future__ import annotations

import re

from headrace.diagnostics import Diagnostic, Fix, Span
from headrace.grammar.functions import lookup
from headrace.grammar.mistakes.site import BEGINS_VALUE, Site, quoted, remove, replace, shorten
from headrace.grammar.printer import print_name, print_text
from headrace.grammar.words import RESERVED, UNITS, unit_meant

_BINARY = frozenset(
    {
        "OR",
        "AND",
        "IN",
        "BETWEEN",
        "LIKE",
        "IS",
        "COMPARE",
        "COALESCE",
        "JOIN",
        "SIGN",
        "TIMES",
        "POWER",
        "CAST",
        "STAR",
    }
)


def unit_of_time(site: Site) -> Diagnostic | None:
    """``12 mouths``, ``2 years 3``."""
    if site.kind_before != "NUMBER" or site.before is None:
        return None
    if site.kind != "NAME":
        unfinished = len(site.tokens) > 1 and site.tokens[-2].kind == "UNIT"
        return site.say("F069", site.before.span, number=site.before.text) if unfinished else None
    meant = unit_meant(site.shown, site.before.text)
    if not meant and not site.failure.accepts("UNIT"):
        return None
    if not meant and site.match(r"\w+\s*\("):
        return None
    hints = [f"Did you mean {meant}?"] if meant else ["Units are " + ", ".join(UNITS) + "."]
    fixes = [replace(site.here, meant)] if meant else []
    return site.say("F037", hints=hints, fixes=fixes, word=site.shown)


def type_missing(site: Site) -> Diagnostic | None:
    """``x::``, ``x::(12)``, ``x::int[]``."""
    if site.kind_before == "CAST" or (site.kind_before == "AS" and site.failure.accepts("TYPE")):
        return site.say("F055", site.before.span if site.before and not site.found else None)
    return None


def name_after_point(site: Site) -> Diagnostic | None:
    if site.kind_before == "DOT":
        fixes = []
        word = site.match(r"\w+")
        if word:
            fixes.append(replace(Span(*word.span()), print_name(word.group())))
        return site.say("F059", where="after", fixes=fixes)
    digits = site.match(r"\.\s*([0-9]+)\b") if site.kind_before == "NUMBER" else None
    if digits and site.before and site.before.text.isdecimal():
        span = Span(site.before.start, digits.end())
        found = site.text[span.start : span.end]
        return site.say("F014", span, fixes=[replace(span, f"{site.before.text}.{digits.group(1)}")], found=found)
    if site.kind == "DOT" and site.wants_value:
        return site.say("F059", where="before")
    return None


def star_alone(site: Site) -> Diagnostic | None:
    """``*``, ``sum(a, *)``, ``sum(*, a)``."""
    if site.kind in BEGINS_VALUE | {"COMMA"} and site.kind_before == "STAR" and site.before:
        return site.say("F056", site.before.span)
    if site.kind not in ("STAR", "TIMES") or site.shown != "*" or not site.wants_value:
        return None
    alone = site.kind_before in ("", "COMMA", "LPAR", "DISTINCT")
    if not alone or re.compile(r"\*\s*(?:$|[,)])").match(site.text, site.at) is None:
        return None
    return site.say("F056")


def missing_value(site: Site) -> Diagnostic | None:
    """``a +``, ``a + * b``, ``* b``, ``(a and)``."""
    if not site.wants_value:
        return None
    closes = (
        site.at_end or site.kind in _BINARY or site.kind in ("RPAR", "RSQB", "COMMA", "THEN", "ELSE", "END", "WHEN")
    )
    if not closes:
        return None
    found = quoted(site.shown)
    before = site.before
    if before and before.kind in ("LPAR", "LSQB") and site.kind not in _BINARY:
        return site.say("F004", before.span, where=f"after {before.text}")
    if before is None or before.kind in ("LPAR", "LSQB"):
        if site.kind not in _BINARY:
            return None
        called = site.match(r"between\s*\(([^(),;]+)[,;]([^(),;]+)[,;]([^(),;]+)\)")
        if called:
            value, low, high = (part.strip() for part in called.groups())
            fix = replace(Span(*called.span()), f"{value} between {low} and {high}")
            return site.say("F004", fixes=[fix], where=f"before {found}")
        fixes = [remove(site.here, found)] if site.kind == "COMPARE" else []
        column = replace(site.here, print_name(site.shown))
        if site.shown.lower() in RESERVED and site.helps(column, wholly=True):
            fixes.append(column)
        return site.say("F004", fixes=fixes, where=f"before {found}")
    word = quoted(before.text)
    bare = site.match(r"%?\w+%?") if before.kind == "LIKE" else None
    if bare:
        span = Span(*bare.span())
        return site.say("F004", span, fixes=[replace(span, print_text(bare.group()))], where=f"after {word}")
    if site.kind in _BINARY and before.kind != "COMMA":
        span = Span(before.start, site.here.end)
        again = _compared_again(site) if before.kind in ("AND", "OR") and site.kind == "COMPARE" else None
        return site.say("F004", span, fixes=[again] if again else [], where=f"between {word} and {found}")
    return site.say("F004", before.span, where=f"after {word}")


def _compared_again(site: Site) -> Fix | None:
    """``amount > 100 and < 200``: what was compared before ``and`` is meant again."""
    tokens = site.tokens[:-1]
    compare = next((at for at in range(len(tokens) - 1, 0, -1) if tokens[at].kind == "COMPARE"), None)
    if compare is None:
        return None
    subject = tokens[compare - 1]
    plain = compare == 1 or tokens[compare - 2].kind in ("AND", "OR", "NOT", "LPAR", "COMMA", "WHERE", "WHEN")
    if subject.kind not in ("NAME", "BRACKETED", "PARAMETER") or not plain:
        return None
    return Fix(f"Write {subject.text} {site.shown}", f"{subject.text} ", Span(site.at, site.at))


def reserved_word(site: Site) -> Diagnostic | None:
    """``end - start``."""
    if not site.wants_value or site.shown.lower() not in RESERVED:
        return None
    name = print_name(site.shown)
    return site.say("F030", fixes=[replace(site.here, name)], word=site.shown, name=name)


def name_with_blanks(site: Site) -> Diagnostic | None:
    """``Unit price * 2``: nothing can stand between two names, so they were one."""
    if site.kind_before != "NAME" or site.kind not in ("NAME", "NUMBER", "UNIT", "TYPE") or site.before is None:
        return None
    end = site.before.end
    words = re.compile(r"[^\S\n]+(\w+)(?!\s*\()").finditer(site.text, end)
    for word in words:
        if word.start() != end or word.group(1).lower() in RESERVED:
            break
        end = word.end()
    if end == site.before.end:
        return None
    span = Span(site.before.start, end)
    name = site.text[span.start : end]
    bracketed = print_name(name)
    stuck = site.match(r"(and(?=\w)|or(?=\w\b))")
    fixes = [replace(site.here, f"{stuck.group()} {site.shown[stuck.end() - site.at :]}")] if stuck else []
    if lookup(site.before.text) is not None and span.end == site.here.end and site.kind == "NAME":
        fixes.append(replace(span, f"{site.before.text}({site.shown})"))
    fixes.append(replace(span, bracketed))
    names = {"name": shorten(name), "bracketed": shorten(bracketed)}
    return site.say("F039", span, fixes=fixes, left=site.before.text, right=site.shown, **names)


def missing_operator(site: Site) -> Diagnostic | None:
    if site.found is None or site.before is None or not site.after_value or site.kind not in BEGINS_VALUE | {"NOT"}:
        return None
    hints = []
    fixes = []
    thousands = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?(?![\w.])").match(site.text, site.before.start)
    if thousands and thousands.end() > site.at:
        number = thousands.group().replace(" ", "").replace(",", ".")
        span = Span(*thousands.span())
        return site.say("F014", span, fixes=[replace(span, number)], found=thousands.group())
    between = Span(site.before.end, site.at)
    kinds = (site.kind_before, site.kind)
    if "TEXT" in kinds and between.start == between.end:
        hints.append("A quotation mark inside a text is written twice.")
    elif kinds == ("TEXT", "TEXT"):
        fixes.append(Fix("Join the texts: &", " & ", between))
    elif kinds in (("NUMBER", "LPAR"), ("RPAR", "LPAR"), ("RPAR", "NAME"), ("RPAR", "NUMBER"), ("NUMBER", "BRACKETED")):
        fixes.append(Fix("Multiply: *", " * ", between))
    elif site.kind_before == "NAME" and lookup(site.before.text) is not None:
        opened = Fix(f"Write {site.before.text}(", "(", between)
        called = replace(Span(site.before.start, site.here.end), f"{site.before.text}({site.found.text})")
        fixes.append(opened if site.helps(opened, wholly=True) else called)
    what = "An operator"
    if site.in_call and site.kind != "LPAR" and between.start < between.end:
        what = "A comma or an operator"
        fixes.append(Fix("Separate the arguments: ,", ", ", between))
    span = Span(site.before.start, site.here.end)
    if not hints and not fixes:
        hints.append('Numbers are joined by + - * /, texts by &, conditions by "and" and "or".')
    return site.say("F040", span, hints=hints, fixes=fixes, what=what, left=shorten(site.before.text), right=site.shown)


RECOGNIZERS = (
    type_missing,
    name_after_point,
    unit_of_time,
    star_alone,
    missing_value,
    reserved_word,
    name_with_blanks,
    missing_operator,
)
