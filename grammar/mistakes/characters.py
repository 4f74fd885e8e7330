"""Mistakes in single characters: quotes, numbers, dates, parameters, comments, signs of other languages."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from headrace.diagnostics import Diagnostic, Fix, Span
from headrace.grammar.mistakes.site import Site, quoted, remove, replace, shorten
from headrace.grammar.printer import print_name, print_text
from headrace.grammar.words import unit_meant

_SMART = {"“": "”", "”": "”", "„": "“", "‟": "”", "‘": "’", "’": "’", "‚": "‘", "«": "»", "»": "«"}
_FOREIGN = (
    ("&&", "and"),
    ("||", "or"),
    ("|", "or"),
    ("!==", "!="),
    ("!", "not"),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("×", "*"),
    ("·", "*"),
    ("÷", "/"),
    ("−", "-"),
    ("–", "-"),
    ("—", "-"),
    ("，", ","),
    ("；", ";"),
    ("（", "("),
    ("）", ")"),
)
_MOST_ENDS = 5
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?![:\d]))?(?!\d)")
_POINTED_DATE = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})(?![\w.])")


def typographic_quotes(site: Site) -> Diagnostic | None:
    quote = site.text[site.at : site.at + 1]
    if quote not in _SMART or not quote:
        return None
    end = site.text.find(_SMART[quote], site.at + 1)
    if end < 0:
        end = next((n for n in range(site.at + 1, len(site.text)) if site.text[n] in _SMART), -1)
    span = Span(site.at, site.at + 1)
    fixes = []
    if end > 0:
        span = Span(site.at, end + 1)
        fixes.append(replace(span, print_text(site.text[site.at + 1 : end])))
    return site.say("F010", span, fixes=fixes, quote=quote)


def unclosed_text(site: Site) -> Diagnostic | None:
    quote = site.text[site.at : site.at + 1]
    if site.found or quote not in ('"', "'") or site.at_end:
        return None
    end = len(site.text)
    ends = [found.start() for found in re.finditer(r"[,;)]", site.text[site.at :])][:_MOST_ENDS]
    ends = [*(site.at + at for at in ends), end]
    fixes = [Fix(f"Write {quote} at its end", quote, Span(at, at)) for at in ends]
    smart = [n for n in range(site.at, end) if site.text[n] in _SMART][:_MOST_ENDS]
    fixes[:0] = [Fix(f"Write {quote} at its end", quote, Span(at, at + 1)) for at in smart]
    return site.say("F005", fixes=site.best(fixes), quote=quote)


def unclosed_name(site: Site) -> Diagnostic | None:
    if site.text[site.at : site.at + 1] != "[" or site.kind == "BRACKETED":
        return None
    if site.after_value:
        return site.say("F068")
    if site.match(r"\[\s*\]"):
        return site.say("F007", Span(site.at, site.text.index("]", site.at) + 1))
    pair = site.text.find("]]", site.at)
    if pair > 0:
        hints = ["In a name ]] stands for one ]. Put a blank between a name's ] and another ]."]
        return site.say("F006", hints=hints, fixes=[Fix("Write a blank between", "] ]", Span(pair, pair + 2))])
    words = re.compile(r"[\w ]*\w").match(site.text, site.at + 1)
    ends = [words.start() + found.end() for found in re.finditer(r"\w+", words.group())] if words else []
    fixes = [Fix("Write ] at its end", "]", Span(at, at)) for at in reversed(ends[:_MOST_ENDS])]
    return site.say("F006", fixes=site.best(fixes))


def unclosed_comment(site: Site) -> Diagnostic | None:
    if site.text[site.at : site.at + 2] != "/*":
        return None
    end = len(site.text)
    return site.say("F008", Span(site.at, site.at + 2), fixes=[Fix("Close it at the end", " */", Span(end, end))])


def double_minus(site: Site) -> Diagnostic | None:
    if site.text[site.at : site.at + 2] != "--":
        return None
    span = Span(site.at, site.at + 2)
    fixes = [Fix("Subtract a negative: - -", "- -", span)]
    comment = Fix("Begin a comment: -- with a blank after it", "-- ", span)
    if site.helps(comment, wholly=True):
        fixes.append(comment)
    return site.say("F009", span, fixes=fixes)


def reversed_comparison(site: Site) -> Diagnostic | None:
    """``=<`` and ``=>``; also ``==<`` and the like, and ``===``."""
    before = site.before
    if before is None or before.kind != "COMPARE" or site.kind != "COMPARE" or before.end != site.at:
        return None
    written = before.text + site.shown
    span = Span(before.start, site.here.end)
    meant = {"=<": "<=", "=>": ">="}.get(written)
    if meant:
        return site.say("F012", span, fixes=[replace(span, meant)], found=written, instead=meant)
    meant = {"===": "=", "!==": "!=", "<=>": "is not distinct from", "><": "!=", "=!=": "!="}.get(written)
    if meant:
        return _foreign(site, span, meant)
    return None


def foreign_sign(site: Site) -> Diagnostic | None:
    """Signs that programming languages and typography have for our operators."""
    if site.kind in ("TIMES", "STAR") and site.shown == "*" and site.before and site.before.text == "*":
        return _foreign(site, Span(site.before.start, site.at + 1), "^")
    if site.kind == "COMPARE" and site.before and site.before.text == "!" and site.before.end == site.at:
        return None
    for sign, meant in _FOREIGN:
        if site.text.startswith(sign, site.at) and not (site.found and site.failure.accepts(site.kind)):
            if sign == "||" and site.found:
                continue
            return _foreign(site, Span(site.at, site.at + len(sign)), meant)
    return None


def _foreign(site: Site, span: Span, meant: str) -> Diagnostic:
    replacement = meant
    if meant.isalpha():
        left = "" if span.start == 0 or site.text[span.start - 1] in " (" else " "
        right = "" if site.text[span.end : span.end + 1] == " " else " "
        replacement = left + meant + right
    fix = Fix(f"Write {meant}", replacement, span)
    return site.say("F011", span, fixes=[fix], found=site.text[span.start : span.end], instead=quoted(meant))


def bare_date(site: Site) -> Diagnostic | None:
    iso = _DATE.match(site.text, site.at)
    if iso:
        year, month, day, time = iso.groups()
        return _date(site, Span(site.at, iso.end()), [_iso(year, month, day)], time)
    pointed = _POINTED_DATE.match(site.text, site.at)
    if pointed:
        first, _, second, year = pointed.groups()
        readings = [_iso(year, second, first), _iso(year, first, second)]
        return _date(site, Span(site.at, pointed.end()), list(dict.fromkeys(readings)), None)
    return None


def _date(site: Site, span: Span, readings: list[str | None], time: str | None) -> Diagnostic:
    fixes = []
    inside = bool(site.opened) and site.opened[-1].call is not None and site.opened[-1].call.text.lower() == "date"
    for reading in filter(None, readings):
        written = f'date("{reading}")' if time is None else f'"{reading} {time}"::timestamp'
        if inside and time is None:
            written = f'"{reading}"'
        fixes.append(replace(span, written))
    example = f"date({fixes[0].replacement})" if fixes and inside else fixes[0].replacement if fixes else ""
    example = example or 'date("2024-01-31")'
    hints = []
    if len(fixes) > 1:
        hints.append("It can be read as day and month, or as month and day: say which.")
    if not fixes:
        hints.append("There is no such day in the calendar.")
    found = site.text[span.start : span.end]
    sign = "-" if "-" in found else "/"
    if time is None and sign in found:
        hints.append(
            f"For a calculation with three numbers, put blanks around {sign}: " + found.replace(sign, f" {sign} ")
        )
    return site.say("F013", span, hints=hints, fixes=fixes, found=found, example=example)


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def malformed_number(site: Site) -> Diagnostic | None:
    """``12months``, ``1.``, ``1_000``, ``2nd_price``: digits with something at their end."""
    if (site.found and site.kind != "DOT") or not site.wants_value or not site.match(r"\.?[0-9]"):
        return None
    whole = site.match(r"[\w.]+")
    assert whole is not None
    span = Span(site.at, whole.end())
    written = whole.group()
    fixes = []
    parts = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([^\W\d_]+)", written)
    unit = unit_meant(parts.group(2), parts.group(1)) if parts else None
    if parts and unit:
        fixes.append(replace(span, f"{parts.group(1)} {unit}"))
    elif re.fullmatch(r"[0-9]+\.", written):
        fixes.append(replace(span, written[:-1]))
    elif re.fullmatch(r"[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?:\.[0-9]{3}){2,}", written):
        kept = written.replace("_", "") if "_" in written else written.replace(".", "")
        fixes.append(replace(span, kept))
    elif re.fullmatch(r"[0-9]\w*", written) and not re.fullmatch(r"[0-9]+e", written, re.IGNORECASE):
        fixes.append(Fix(f"For a column: {print_name(written)}", print_name(written), span))
    return site.say("F014", span, fixes=fixes, found=shorten(written))


def malformed_parameter(site: Site) -> Diagnostic | None:
    """``${month}``, ``{month}``, ``:month``, ``@month``, ``%(month)s``, a lone ``$``."""
    if site.found and site.kind != "TIMES":
        return None
    found = site.match(r"(?:\$\{|\{\{|%\(|\$|\{|:|@)\s*(\w*)(?:\s*(?:\}\}|\}|\)s))?")
    if found is None or (not found.group(1) and not site.match(r"[$@]|\{\{|\$\{")):
        return None
    name = found.group(1)
    if found.group().startswith("$") and name.isdecimal():
        hints = ["A number is written without the sign of a currency."]
        amount = _amount(site)
        fixes = [replace(amount, site.text[site.at + 1 : amount.end].strip())]
        return site.say("F017", Span(site.at, site.at + 1), hints=hints, fixes=fixes, character="$")
    if site.match(r":\s") and site.after_value and site.in_call:
        return _foreign(site, Span(site.at, site.at + 1), ",")
    fixes = [replace(Span(*found.span()), f"${name}")] if re.fullmatch(r"[^\W\d]\w*", name) else []
    if fixes and found.group()[0] in "@{" and not found.group().startswith("{{"):
        fixes.append(Fix(f"For a column: {print_name(name)}", print_name(name), Span(*found.span())))
    return site.say("F015", Span(*found.span()), fixes=fixes, found=shorten(found.group()))


def _amount(site: Site) -> Span:
    """A currency's sign and the number after it."""
    number = site.match(r"[^\w\s]\s*[0-9]+(?:\.[0-9]+)?")
    return Span(site.at, number.end() if number else site.at + 1)


def backquotes(site: Site) -> Diagnostic | None:
    if site.text[site.at : site.at + 1] != "`":
        return None
    end = site.text.find("`", site.at + 1)
    if end < 0:
        return site.say("F016")
    span = Span(site.at, end + 1)
    return site.say("F016", span, fixes=[replace(span, print_name(site.text[site.at + 1 : end]))])


def unknown_character(site: Site) -> Diagnostic | None:
    if site.found or site.at_end or site.match(r"[\[\"']"):
        return None
    character = site.text[site.at]
    span = Span(site.at, site.at + 1)
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn"):
        shown = f"The invisible character U+{ord(character):04X}"
        return site.say("F017", span, fixes=[remove(span, "it")], character=shown)
    hints = []
    fixes = []
    run = re.compile(r"[^\s\[\]()\"',;+*/&=<>]+")
    start = site.before.start if site.before and site.before.kind == "NAME" and site.before.end == site.at else site.at
    word = run.match(site.text, start)
    if word and any(part.isalpha() for part in word.group()):
        name = Span(start, word.end())
        fixes.append(Fix(f"For a column: {print_name(word.group())}", print_name(word.group()), name))
    if character == "?":
        hints.append("A choice is written if(condition, value, otherwise).")
    elif character == "~":
        hints.append('Patterns are matched by regexp_match(text, pattern), or by like: name like "A%".')
    elif character == "#":
        hints.append("A comment begins with -- and a blank.")
    elif unicodedata.category(character) == "Sc" and not fixes:
        hints.append("A number is written without the sign of a currency.")
        amount = _amount(site)
        if amount.end > span.end:
            fixes.append(replace(amount, site.text[span.end : amount.end].strip()))
        elif site.kind_before == "NUMBER":
            fixes.append(remove(Span(site.before.end if site.before else span.start, span.end), "it"))
    return site.say("F017", span, hints=hints, fixes=fixes, character=character)


RECOGNIZERS = (
    typographic_quotes,
    unclosed_text,
    unclosed_name,
    unclosed_comment,
    double_minus,
    reversed_comparison,
    foreign_sign,
    bare_date,
    malformed_number,
    backquotes,
)
LAST = (malformed_parameter, unknown_character)
