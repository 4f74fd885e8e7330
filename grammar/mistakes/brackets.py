"""Brackets that do not pair, commas that are stray, formulas that end too early."""

from __future__ import annotations

import re

from headrace.diagnostics import Diagnostic, Fix, Span
from headrace.grammar.mistakes.site import Site, remove, replace

_CLOSING = {"LPAR": ")", "LSQB": "]"}


def _called(comma: str) -> str:
    return "semicolon" if comma == ";" else "comma"


def empty(site: Site) -> Diagnostic | None:
    if not site.at_end or site.tokens:
        return None
    hints = ["Write a column, a value or a calculation, such as amount * 2."]
    return site.say("F001", Span(0, len(site.source)), hints=hints)


def unclosed(site: Site) -> Diagnostic | None:
    """``sum(amount``: the end came while a bracket was open."""
    if not site.at_end or site.inside not in _CLOSING:
        return None
    if site.wants_value and not site.failure.accepts("RPAR"):
        return None
    opened = site.opened[-1].token
    missing = ""
    for one in reversed(site.opened):
        if one.token.kind not in _CLOSING:
            break
        missing += _CLOSING[one.token.kind]
    end = len(site.text.rstrip())
    if site.text[:end].rsplit("\n", 1)[-1].find("-- ") >= 0:
        missing = "\n" + missing
    title = f"Write {missing.strip()} at the end"
    fixes = [Fix(title, missing, Span(end, end))]
    return site.say("F002", opened.span, fixes=fixes, bracket=opened.text, closing=_CLOSING[opened.kind])


def stray_closing(site: Site) -> Diagnostic | None:
    if site.kind not in ("RPAR", "RSQB") or (
        site.wants_value and site.before and site.kind_before not in ("LPAR", "LSQB")
    ):
        return None
    brackets = [opened for opened in site.opened if opened.token.kind in _CLOSING]
    if not brackets:
        if site.wants_value:
            return None if site.tokens else site.say("F018", fixes=[remove(site.here, "it")], bracket=site.shown)
        return site.say("F018", fixes=[*_name_begun(site), remove(site.here, "it")], bracket=site.shown)
    opened = brackets[-1].token
    if _CLOSING[opened.kind] == site.shown or site.wants_value:
        return None
    closing = _CLOSING[opened.kind]
    fixes = [*_name_begun(site), replace(site.here, closing)]
    return site.say("F019", fixes=fixes, bracket=site.shown, open=opened.text, closing=closing)


def _name_begun(site: Site) -> list[Fix]:
    """``Ean]``: the name may have lost its first bracket."""
    if site.kind != "RSQB" or site.before is None or site.kind_before != "NAME":
        return []
    return [replace(Span(site.before.start, site.here.end), f"[{site.before.text}]")]


def empty_brackets(site: Site) -> Diagnostic | None:
    if site.kind != "RPAR" or site.kind_before != "LPAR" or not site.wants_value or site.before is None:
        return None
    return site.say("F064", Span(site.before.start, site.here.end))


def stray_comma(site: Site) -> Diagnostic | None:
    """``f(a,,b)``, ``f(,a)``, ``f(a,)``."""
    if site.kind == "COMMA" and site.kind_before in ("COMMA", "LPAR", "LSQB", ""):
        return site.say("F024", fixes=[remove(site.here, "it")], where="before", comma=_called(site.shown))
    if site.kind_before == "COMMA" and site.before and (site.kind in ("RPAR", "RSQB") or site.at_end):
        return site.say(
            "F024",
            site.before.span,
            fixes=[remove(site.before.span, "it")],
            where="after",
            comma=_called(site.before.text),
        )
    return None


def decimal_comma(site: Site) -> Diagnostic | None:
    """``1,5`` where no list can stand."""
    if site.kind != "COMMA" or site.kind_before != "NUMBER" or site.before is None or site.before.end != site.at:
        return None
    decimals = site.match(r",([0-9]+)(?![\w.])")
    whole = site.before.text
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+", whole):
        whole = whole.replace(".", "")
    if decimals is None or "." in whole:
        return None
    span = Span(site.before.start, decimals.end())
    written = f"{whole}.{decimals.group(1)}"
    fixes = [replace(span, written)]
    if len(decimals.group(1)) == 3 and whole == site.before.text:
        fixes.append(replace(span, site.before.text + decimals.group(1)))
    return site.say("F025", span, fixes=fixes, found=site.text[span.start : span.end], instead=written)


def comma_outside_list(site: Site) -> Diagnostic | None:
    if site.kind != "COMMA" or site.wants_value or site.kind_before == "STAR":
        return None
    fixes = []
    hints = []
    if not site.text[site.here.end :].strip():
        fixes.append(remove(site.here, "it"))
    several = _equals_several(site)
    if several is not None:
        hints.append('One of several values: country in ("FR", "DE").')
        fixes.append(several)
    return site.say("F026", hints=hints, fixes=fixes, comma=_called(site.shown))


_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[0-9.]+)"
_SEVERAL = re.compile(rf"\s*(\(?)\s*({_VALUE}(?:\s*[,;]\s*{_VALUE})+)\s*(\)?)")


def _equals_several(site: Site) -> Fix | None:
    """``country = ("FR", "DE")``, ``country = "FR", "DE"``."""
    equals = next((token for token in reversed(site.tokens[-3:]) if token.kind == "COMPARE"), None)
    if equals is None or equals.text not in ("=", "=="):
        return None
    found = _SEVERAL.match(site.text, equals.end)
    if found is None or bool(found.group(1)) != bool(found.group(3)):
        return None
    return Fix("Write in", f"in ({found.group(2)})", Span(equals.start, found.end()))


RECOGNIZERS = (empty, empty_brackets, stray_comma, stray_closing, decimal_comma, comma_outside_list, unclosed)
