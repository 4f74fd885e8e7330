"""Mistakes around the clauses of a call, and around ``case``."""

from __future__ import annotations

import re

from headrace.diagnostics import Diagnostic, Fix, Span, closest
from headrace.grammar.functions import lookup
from headrace.grammar.lalr import Token
from headrace.grammar.mistakes.site import BEGINS_VALUE, CLAUSE, Site, quoted, remove, replace, shorten
from headrace.grammar.printer import print_name

_CASE_WORDS = ("WHEN", "THEN", "ELSE", "END")
_ORDER_WORDS = ("ASC", "DESC", "NULLS_FIRST", "NULLS_LAST")


def _clause_before(site: Site) -> Token | None:
    """The last clause word that was read inside the innermost bracket."""
    depth = 0
    for token in reversed(site.tokens):
        if token.kind in ("RPAR", "RSQB"):
            depth += 1
        elif token.kind in ("LPAR", "LSQB"):
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0 and token.kind in ("WHERE", "PER", "ORDER_BY", "ROWS", "RANGE"):
            return token
    return None


def clause_after_comma(site: Site) -> Diagnostic | None:
    """``sum(amount, where paid)``; ``order by`` after a comma is read as a column first."""
    if not site.opened:
        return None
    comma, word = site.before, site.match(CLAUSE)
    if site.kind == "COMMA":
        comma = site.found
        next_word = site.match(r"[,;]\s*")
        word = site.match(CLAUSE, next_word.end()) if next_word else None
    elif site.before and site.before.kind == "NAME" and len(site.tokens) > 1:
        comma, word = site.tokens[-2], site.match(CLAUSE, site.before.start)
    if comma is None or word is None or comma.kind != "COMMA":
        return None
    clause = " ".join(word.group().lower().split())
    if clause == "distinct":
        opening = site.opened[-1].token.end
        fix = Fix("Write distinct first", _moved(site, opening, word), Span(opening, word.end()))
        return site.say("F057", Span(*word.span()), fixes=[fix])
    span = Span(comma.start, word.start())
    fixes = [Fix("Leave out the comma", " ", span)]
    return site.say("F027", comma.span, fixes=fixes, clause=clause)


def _moved(site: Site, opening: int, word: re.Match[str]) -> str:
    return f"distinct {site.text[opening : word.start()].rstrip()}"


_OTHER_NAMES = (
    ("per", r"(?:group|grouped|partition|partitioned|split)\s+by\b|by\b|groupby\b|group_by\b"),
    ("order by", r"(?:sort|sorted|ordered)\s+by\b|orderby\b|order_by\b|order\b(?!\s+by\b)|sortby\b|sort\b"),
    ("where", r"(?:having|filter|if|when)\b"),
)


def clause_by_another_name(site: Site) -> Diagnostic | None:
    """``sum(amount group by day)``, ``sum(amount wher paid)``."""
    if not site.in_call or not site.after_value or site.kind not in ("NAME", "WHEN"):
        return None
    for meant, pattern in _OTHER_NAMES:
        found = site.match(pattern)
        if found:
            fix = replace(Span(*found.span()), meant)
            if site.helps(fix):
                written = " ".join(found.group().split())
                return site.say("F011", Span(*found.span()), fixes=[fix], found=quoted(written), instead=quoted(meant))
    near = closest(site.shown.lower(), ("where", "per", "order", "distinct"), 1)
    fix = replace(site.here, near[0] if near else "")
    if not near or not site.helps(fix):
        return None
    return site.say("F075", hints=[f"Did you mean {near[0]}?"], fixes=[fix], word=site.shown)


def argument_after_clause(site: Site) -> Diagnostic | None:
    """``sum(x where a > 1, 2)``."""
    clause = _clause_before(site)
    if site.kind != "COMMA" or not site.in_call or clause is None:
        return None
    return site.say("F028", clause=" ".join(clause.text.lower().split()))


def distinct_misplaced(site: Site) -> Diagnostic | None:
    """``distinct a``, ``count(a distinct b)``."""
    if site.kind_before == "DISTINCT" and site.before and site.kind in BEGINS_VALUE and site.in_call:
        return site.say("F057", site.before.span)
    if site.kind != "DISTINCT" or site.kind_before == "IS":
        return None
    if site.kind_before == "NOT" and len(site.tokens) > 1 and site.tokens[-2].kind == "IS":
        return None
    fixes = []
    column = site.match(r"distinct\s+(\w+|\[[^\]]+\])")
    if column and site.kind_before == "NAME" and site.before and lookup(site.before.text) is not None:
        written = f"{site.before.text}(distinct {column.group(1)})"
        fixes.append(replace(Span(site.before.start, column.end()), written))
    return site.say("F057", fixes=fixes)


def clause_outside_call(site: Site) -> Diagnostic | None:
    """``sum(amount) where paid``, ``amount per day``."""
    kinds = ("WHERE", "PER", "ORDER_BY", "ROWS", "RANGE")
    if site.wants_value or (site.in_call and site.inside == "LPAR"):
        return None
    word = " ".join(site.shown.lower().split())
    rest = site.text[site.at :].rstrip()
    if site.kind not in kinds:
        other = next(
            (
                (meant, found)
                for meant, pattern in _OTHER_NAMES
                if (found := site.match(rf"(?:{pattern})(?=\s+[\w\[$\"])"))
            ),
            None,
        )
        if other is None or site.kind_before != "RPAR" or site.kind != "NAME":
            return None
        word = other[0]
        rest = f"{word} {site.text[other[1].end() :].strip()}"
    fixes = []
    hints = []
    if site.kind_before in ("NAME", "BRACKETED") and site.before and site.kind in ("PER", "WHERE"):
        hints.append(f"For example: sum({site.before.text} {shorten(rest)}).")
    if site.kind_before == "RPAR" and site.before and not site.opened:
        inside = rest if site.text[: site.before.start].rstrip().endswith("(") else " " + rest
        span = Span(site.before.start, len(site.text))
        fixes.append(Fix(f"Write {word} inside the brackets", inside + ")", span))
    return site.say("F029", hints=hints, fixes=fixes, clause=word)


def nulls_alone(site: Site) -> Diagnostic | None:
    """``order by a nulls``."""
    clause = _clause_before(site)
    if site.kind != "NAME" or site.shown.lower() != "nulls" or clause is None or clause.kind != "ORDER_BY":
        return None
    return site.say("F066")


def order_word_alone(site: Site) -> Diagnostic | None:
    """``first(day desc)``."""
    if site.kind not in _ORDER_WORDS:
        return None
    fixes = []
    if site.in_call and not any(token.kind == "COMMA" for token in _directly_inside(site, site.opened[-1].token)):
        opening = site.opened[-1].token.end
        value = site.text[opening : site.at].strip()
        call = site.opened[-1].call
        function = lookup(call.text) if call is not None else None
        if function is not None and all(not signature.arguments for signature in function.signatures):
            fixes.append(Fix(f"Write order by {value}", f"order by {value} ", Span(opening, site.at)))
    return site.say("F051", fixes=fixes, found=" ".join(site.shown.lower().split()))


def frame(site: Site) -> Diagnostic | None:
    """``rows between 6 preceding and current row``, ``range 30``."""
    if len(site.tokens) > 1 and site.tokens[-2].kind == "RANGE" and site.kind != "NAME":
        return site.say("F038", Span(site.tokens[-2].start, site.tokens[-1].end))
    word = site.match(r"(rows|range)\s+[\w$]")
    if word is None and site.before and site.before.kind == "NAME":
        word = site.match(r"(rows|range)\s+(between\b|unbounded|current|\w+\s+preceding)", site.before.start)
    if word is None:
        preceding = site.kind == "NAME" and site.shown.lower() in ("preceding", "following")
        if not preceding or not any(token.kind in ("ROWS", "RANGE") for token in site.tokens):
            return None
        return site.say("F058", fixes=[remove(site.here, "the word")])
    return site.say("F058", Span(*word.span(1)))


def case_structure(site: Site) -> Diagnostic | None:
    """What is missing or misplaced inside ``case … end``."""
    if site.inside != "CASE":
        return None
    case = site.opened[-1].token
    said = [token.kind for token in _directly_inside(site, case)]
    words = [kind for kind in said if kind in _CASE_WORDS]
    last = words[-1] if words else ""
    if not words:
        name = print_name(case.text)
        fixes = [Fix("Write case when", f"{case.text} when", case.span)] if site.kind == "THEN" else []
        fixes.append(Fix(f"For a column: {name}", name, case.span))
        return site.say("F053", case.span, fixes=fixes, expected="when")
    if site.wants_value and site.kind not in _CASE_WORDS and not site.at_end:
        return None
    if site.wants_value and site.kind_before in _CASE_WORDS:
        word = case.text if site.before is None else site.before.text
        found = f'"{site.shown.lower()}"' if site.shown else "the end"
        return site.say("F004", where=f'between "{word.lower()}" and {found}')
    if site.wants_value:
        return None
    if last == "WHEN":
        return site.say("F053", expected="then")
    if last == "ELSE" and site.kind in ("ELSE", "WHEN"):
        return site.say("F067")
    if last == "ELSE" or site.at_end or site.kind in ("RPAR", "COMMA", "RSQB"):
        fixes = [
            Fix("Write end", ("" if site.text[site.at - 1 : site.at] == " " else " ") + "end", Span(site.at, site.at))
        ]
        return site.say("F003", case.span, fixes=fixes)
    return None


def _directly_inside(site: Site, case: Token) -> list[Token]:
    tokens = []
    depth = 0
    for token in site.tokens[site.tokens.index(case) + 1 :]:
        if token.kind in ("LPAR", "LSQB", "CASE"):
            depth += 1
        elif token.kind in ("RPAR", "RSQB", "END") and depth:
            depth -= 1
        elif depth == 0:
            tokens.append(token)
    return tokens


def case_word_alone(site: Site) -> Diagnostic | None:
    """``a then b``, ``x else y`` with no ``case`` around."""
    if site.kind not in _CASE_WORDS or site.wants_value or any(opened.token.kind == "CASE" for opened in site.opened):
        return None
    return site.say("F052", found=site.shown.lower())


RECOGNIZERS = (
    clause_after_comma,
    clause_by_another_name,
    argument_after_clause,
    distinct_misplaced,
    clause_outside_call,
    order_word_alone,
    nulls_alone,
    frame,
    case_structure,
    case_word_alone,
)
