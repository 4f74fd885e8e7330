"""Mistakes in comparisons, ``in``, ``between``, ``is``, ``not``."""

from __future__ import annotations

from headrace.diagnostics import Diagnostic, Fix, Span
from headrace.grammar.lalr import Token
from headrace.grammar.mistakes.site import Site, quoted, replace

_SIMPLE = r"\s*(\$?\w+(?:\([^()]*\))?|\([^()]*\)|\"[^\"]*\"|'[^']*'|\[[^\]]*\])"
_COMPARES = ("COMPARE", "IN", "BETWEEN", "LIKE", "IS")


def chained_comparison(site: Site) -> Diagnostic | None:
    """``a < b < c``, ``x in (1, 2) = true``."""
    again = site.kind in _COMPARES or (site.kind == "NOT" and site.match(r"not\s+(?:in|between|i?like)\b"))
    if not again or not (site.after_value or site.kind_before == "NULL"):
        return None
    first = _last_comparison(site)
    if first is None:
        return None
    doubled = [token for token in site.tokens if token.kind == "JOIN" and token.start > first.start]
    if doubled and doubled[-1].text == "||":
        hints = ["|| joins texts, as & does."]
        fixes = [replace(doubled[-1].span, "or")]
        return site.say("F011", doubled[-1].span, hints=hints, fixes=fixes, found="||", instead=quoted("or"))
    hints = ["To compare what a comparison gives, put it in brackets: (a > 1) = b."]
    fixes = []
    if first.kind == "COMPARE" and site.kind == "COMPARE":
        middle = site.text[first.end : site.at].strip()
        fixes.append(Fix(f"Compare twice: … and {middle} …", f"and {middle} ", Span(site.at, site.at)))
    return site.say("F035", hints=hints, fixes=fixes)


def _last_comparison(site: Site) -> Token | None:
    """The comparison that was read before this place in the same brackets and condition."""
    depth = 0
    for token in reversed(site.tokens):
        if token.kind in ("RPAR", "RSQB", "END"):
            depth += 1
        elif token.kind in ("LPAR", "LSQB", "CASE"):
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0 and token.kind in _COMPARES:
            return token
        elif depth == 0 and token.kind in ("OR", "NOT", "COMMA", "WHEN", "THEN", "ELSE", "WHERE", "PER", "ORDER_BY"):
            return None
    return None


def between_without_and(site: Site) -> Diagnostic | None:
    """``x between 1``, ``x between 1, 10``."""
    if not site.failure.accepts("AND") or site.failure.accepts("OR") or site.failure.accepts("THEN"):
        return None
    words = [token for token in site.tokens if token.kind == "BETWEEN"]
    if not words:
        return None
    fixes = []
    if site.kind == "COMMA" or site.match(r"to\b"):
        fixes.append(Fix("Write and", " and ", Span(site.tokens[-1].end, _next(site, site.here.end))))
    return site.say("F036", words[-1].span, fixes=fixes)


def _next(site: Site, at: int) -> int:
    while at < len(site.text) and site.text[at].isspace():
        at += 1
    return at


def dangling_not(site: Site) -> Diagnostic | None:
    """``x not = 1``, ``x not null``, ``x not "a"``."""
    if site.kind_before != "NOT" or not site.failure.accepts("BETWEEN") or site.before is None:
        return None
    fixes = []
    if site.kind == "COMPARE" and site.shown in ("=", "=="):
        fixes.append(replace(Span(site.before.start, site.here.end), "!="))
    elif site.kind == "NULL":
        fixes.append(replace(Span(site.before.start, site.here.end), "is not null"))
    else:
        fixes.append(replace(site.before.span, "!="))
    return site.say("F033", site.before.span, fixes=fixes)


def is_value(site: Site) -> Diagnostic | None:
    """``x is 5``, ``x is not "a"``, ``x is true``, ``x is empty``."""
    if not (site.failure.accepts("NULL") and site.failure.accepts("DISTINCT")) or site.wants_value:
        return None
    words = [token for token in site.tokens[-2:] if token.kind in ("IS", "NOT")]
    if not words or words[0].kind != "IS":
        words = words[1:]
    if not words:
        return None
    negated = len(words) == 2
    sign = "!=" if negated else "="
    span = Span(words[0].start, words[-1].end)
    if site.at_end:
        return site.say("F034", span, sign=sign)
    hints = []
    fixes = [replace(span, sign)]
    if site.kind in ("TRUE", "FALSE"):
        exact = "is distinct from" if negated else "is not distinct from"
        hints.append(f"Where x is null, x {sign} {site.shown} is null, and x {exact} {site.shown} is not.")
        fixes.append(replace(span, exact))
    elif site.match(r"(?:empty|blank)\b") and len(site.tokens) > len(words):
        subject = site.tokens[-len(words) - 1]
        if subject.kind in ("NAME", "BRACKETED"):
            call = f"{'not ' if negated else ''}is_empty({subject.text})"
            fixes = [replace(Span(subject.start, site.here.end), call)]
    elif site.kind == "IN":
        span = Span(span.start, site.here.end)
        meant = "not in" if negated else "in"
        found = " ".join(site.text[span.start : span.end].split())
        return site.say("F011", span, fixes=[replace(span, meant)], found=quoted(found), instead=quoted(meant))
    return site.say("F034", span, hints=hints, fixes=fixes, sign=sign)


def distinct_without_from(site: Site) -> Diagnostic | None:
    """``a is distinct b``."""
    if site.kind_before != "DISTINCT" or not site.failure.accepts("FROM"):
        return None
    return site.say("F062", fixes=[Fix("Write from", "from ", Span(site.at, site.at))])


def in_without_list(site: Site) -> Diagnostic | None:
    """``x in "a"``, ``x in "a", "b"``, ``x in ()``."""
    if site.kind_before == "IN" and not site.wants_value:
        if site.at_end:
            return site.say("F032", site.before.span if site.before else None)
        value = site.match(_SIMPLE + r"(?:\s*,\s*(?:\"[^\"]*\"|'[^']*'|[0-9.]+|\w+))*")
        fixes = [replace(Span(*value.span()), f"({value.group()})")] if value else []
        text = site.tokens[-2] if len(site.tokens) > 1 else None
        if text is not None and text.kind == "TEXT" and site.kind in ("NAME", "BRACKETED"):
            within = f"contains({site.shown}, {text.text})"
            fixes.insert(0, replace(Span(text.start, site.here.end), within))
        return site.say("F032", fixes=fixes)
    opened = site.opened[-1].token if site.opened else None
    if opened is None or site.before is not opened or site.kind not in ("RPAR", "RSQB") or len(site.tokens) < 2:
        return None
    if site.tokens[-2].kind != "IN":
        return None
    return site.say("F063", Span(opened.start, site.here.end))


def not_inside(site: Site) -> Diagnostic | None:
    """``a = not b``."""
    if site.kind != "NOT" or not site.wants_value:
        return None
    operand = site.match(r"not" + _SIMPLE)
    fixes = []
    if operand:
        written = operand.group()
        fixes.append(replace(Span(*operand.span()), f"({written})"))
    return site.say("F031", fixes=fixes)


RECOGNIZERS = (
    between_without_and,
    chained_comparison,
    dangling_not,
    is_value,
    distinct_without_from,
    in_without_list,
    not_inside,
)
