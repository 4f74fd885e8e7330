"""What people write who know SQL, a spreadsheet, or a programming language."""

from __future__ import annotations

import re

from headrace.diagnostics import Diagnostic, Fix, Span
from headrace.grammar.lalr import Token
from headrace.grammar.mistakes.site import BEGINS_VALUE, Site, quoted, replace, shorten

_PATTERN_WORDS = {
    "contains": "contains",
    "includes": "contains",
    "has": "contains",
    "startswith": "starts_with",
    "starts_with": "starts_with",
    "endswith": "ends_with",
    "ends_with": "ends_with",
    "matches": "regexp_match",
    "regexp": "regexp_match",
    "rlike": "regexp_match",
}
_SIGN_WORDS = {
    "mod": "%",
    "div": "//",
    "eq": "=",
    "ne": "!=",
    "equals": "=",
    "gt": ">",
    "lt": "<",
    "ge": ">=",
    "le": "<=",
}


def over(site: Site) -> Diagnostic | None:
    """``sum(x) over (partition by a order by b)``."""
    if not _word_after_call(site, "over"):
        return None
    found = site.short and site.match(
        r"over\s*\(\s*(?:partition\s+by\s+(?P<per>.*?))?\s*(?P<order>order\s+by\s+[^()]*?)?\s*\)"
    )
    fixes = []
    if found:
        per = found.group("per") or "()"
        clauses = f" per {per}" + (f" {found.group('order')}" if found.group("order") else "")
        fixes.append(_into_call(site, clauses, found.end()))
    return site.say("F041", fixes=fixes)


def filter_where(site: Site) -> Diagnostic | None:
    """``sum(x) filter (where y)``."""
    if not _word_after_call(site, "filter"):
        return None
    found = site.short and site.match(r"filter\s*\(\s*(where\s+[^()]*(?:\([^()]*\)[^()]*)*)\)")
    fixes = [_into_call(site, " " + found.group(1).rstrip(), found.end())] if found else []
    return site.say("F042", fixes=fixes)


def within_group(site: Site) -> Diagnostic | None:
    """``percentile_cont(0.5) within group (order by x)``."""
    if not _word_after_call(site, "within"):
        return None
    found = site.match(r"within\s+group\s*\(")
    span = Span(site.at, found.end() - 1).start if found else site.at
    hints = ["A median is median(x), any other quantile quantile(x, 0.9), the commonest value mode(x)."]
    return site.say("F043", Span(span, site.here.end), hints=hints)


def _word_after_call(site: Site, word: str) -> bool:
    return site.kind == "NAME" and site.kind_before == "RPAR" and site.shown.lower() == word


def _into_call(site: Site, clauses: str, end: int) -> Fix:
    """Moves what stands after a call into its brackets."""
    assert site.before is not None
    inside = clauses[1:] if site.text[: site.before.start].rstrip().endswith("(") else clauses
    return Fix(f"Write{clauses} inside the brackets", f"{inside})", Span(site.before.start, end))


def if_then(site: Site) -> Diagnostic | None:
    """``if a > 1 then b else c``; also ``if (a > 1) then …``."""
    start = next(
        (token for token in reversed(site.tokens) if token.kind == "NAME" and token.text.lower() == "if"), None
    )
    if start is None:
        return None
    bare = site.before is start and site.kind in BEGINS_VALUE | {"NOT", "SIGN"}
    if not bare and site.kind not in ("THEN", "ELSE"):
        return None
    then = re.compile(r"\bthen\b", re.IGNORECASE).search(site.text, start.end)
    fixes = []
    if site.kind == "THEN" and site.in_call and site.opened[-1].call is start and site.before and site.short:
        rest = re.sub(r"\s*\b(?:then|else)\b\s*", ", ", site.text[site.at :], flags=re.IGNORECASE)
        whole = Fix("Write commas for then and else", rest, Span(site.before.end, len(site.text)))
        return site.say("F044", Span(start.start, start.end), fixes=site.best([whole]))
    if then:
        condition = site.text[start.end : then.start()].strip()
        if condition.startswith("(") and condition.endswith(")") and condition.count("(") == 1:
            condition = condition[1:-1]
        rest = re.sub(r"\s+end\s*$", "", site.text[then.end() :], flags=re.IGNORECASE) if site.short else ""
        value, *otherwise = re.split(r"\belse\b", rest, maxsplit=1, flags=re.IGNORECASE)
        written = f"if({condition}, {value.strip()}, {otherwise[0].strip() if otherwise else 'null'})"
        fix = replace(Span(start.start, len(site.text)), written)
        if site.helps(fix, wholly=True):
            fixes.append(fix)
    return site.say("F044", Span(start.start, start.end), fixes=fixes)


def alias(site: Site) -> Diagnostic | None:
    """``amount * 2 as double``."""
    if site.kind != "AS" or site.in_call:
        return None
    fixes = []
    named = site.match(r"as\s+(?:\w+|\[[^\]]+\])\s*$")
    if named and site.before:
        fixes.append(Fix("Leave the name out here", "", Span(site.before.end, len(site.text))))
    return site.say("F045", fixes=fixes)


def statement(site: Site) -> Diagnostic | None:
    """A whole query."""
    first = site.tokens[0] if site.tokens else None
    if first is None or first.kind != "NAME" or first.text.lower() not in ("select", "with", "from"):
        return None
    if len(site.tokens) > 1 and not (first.text.lower() == "select" and site.kind in ("FROM", "AS", "COMMA", "NAME")):
        return None
    if site.kind in ("", "COMMA") and first.text.lower() != "select":
        return None
    hints = ["Where rows come from is said by the node; where, group by and order by are steps of their own."]
    return site.say("F046", first.span, hints=hints)


def operator_word(site: Site) -> Diagnostic | None:
    """``name contains "x"``, ``a mod b``, ``a equals b``."""
    word = site.shown.lower()
    if site.kind != "NAME" or not site.after_value:
        return None
    if word == "is" or site.before is None:
        return None
    if word in _SIGN_WORDS:
        sign = _SIGN_WORDS[word]
        return site.say("F011", fixes=[replace(site.here, sign)], found=quoted(word), instead=sign)
    longer = site.match(r"(starts|begins|ends)\s+with\b")
    function = _PATTERN_WORDS.get(word)
    span = site.here
    if longer:
        function = "ends_with" if longer.group(1).lower() == "ends" else "starts_with"
        span = Span(*longer.span())
    if function is None:
        return None
    simple = site.match(r"\s*(\$?\w+|\"[^\"]*\"|'[^']*'|\[[^\]]*\])", span.end)
    fixes = []
    if simple and site.kind_before in ("NAME", "BRACKETED", "PARAMETER", "TEXT"):
        whole = Span(site.before.start, simple.end())
        fixes.append(replace(whole, f"{function}({site.before.text}, {simple.group(1)})"))
    return site.say("F047", span, fixes=fixes, found=shorten(site.text[span.start : span.end]), function=function)


def typed_literal(site: Site) -> Diagnostic | None:
    """``date '2024-01-31'``, ``interval '1 month'``."""
    before = site.before
    if site.kind != "TEXT" or before is None or before.kind != "NAME":
        return None
    word = before.text.lower()
    if word not in ("date", "timestamp", "timestamptz", "datetime", "time", "interval"):
        return None
    span = Span(before.start, site.here.end)
    value = site.text[site.at + 1 : site.here.end - 1]
    if word == "interval":
        replacement = value if re.fullmatch(r"[0-9.]+ [a-z]+( [0-9.]+ [a-z]+)*", value) else "12 months"
    elif word == "date":
        replacement = f'date("{value}")'
    else:
        replacement = f'"{value}"::{"timestamp" if word == "datetime" else word}'
    fixes = [] if replacement == "12 months" else [replace(span, replacement)]
    return site.say("F048", span, fixes=fixes, word=before.text, instead=replacement)


def bracketed_function(site: Site) -> Diagnostic | None:
    """``[sum](x)``."""
    before = site.before
    if site.kind != "LPAR" or before is None or before.kind not in ("BRACKETED", "TEXT"):
        return None
    word = before.text[1:-1]
    if re.fullmatch(r"\w+", word) is None:
        return None
    return site.say("F049", before.span, fixes=[replace(before.span, word)], found=before.text)


def json_arrow(site: Site) -> Diagnostic | None:
    """``data -> "key"``, ``data ->> "key"``."""
    before = site.before
    if site.kind != "COMPARE" or before is None or before.text != "-" or before.end != site.at:
        return None
    arrow = site.match(">+")
    span = Span(before.start, arrow.end() if arrow else site.here.end)
    hints = ['A part of a JSON value is json_extract_path_text(data, "key").']
    return site.say("F017", span, hints=hints, character=site.text[span.start : span.end])


def percent(site: Site) -> Diagnostic | None:
    """``price * 20%``."""
    sign, number = site.before, site.tokens[-2] if len(site.tokens) > 1 else None
    if site.match("%") and not site.wants_value:
        sign, number = site.found or Token("TIMES", "%", site.at, site.at + 1), site.before
    if sign is None or sign.text != "%" or site.kind in BEGINS_VALUE or number is None or number.kind != "NUMBER":
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", number.text) is None:
        return None
    span = Span(number.start, sign.end)
    share = _hundredth(number.text)
    return site.say("F050", span, fixes=[replace(span, share)], found=f"{number.text}%", instead=share)


def _hundredth(number: str) -> str:
    whole, _, rest = number.partition(".")
    padded = whole.rjust(3, "0")
    value = f"{padded[:-2]}.{padded[-2:]}{rest}".rstrip("0").rstrip(".").lstrip("0")
    return value if value and value[0] != "." else "0" + value


def choice_sign(site: Site) -> Diagnostic | None:
    """``a > 1 ? b : c``."""
    if site.found or site.match(r"\?") is None or not site.kind_before:
        return None
    first = len(site.text) - len(site.text.lstrip())
    condition = site.text[first : site.at].strip()
    value, colon, otherwise = site.text[site.at + 1 :].partition(":")
    fixes = []
    if colon:
        written = f"if({condition}, {value.strip()}, {otherwise.strip()})"
        fixes.append(replace(Span(first, len(site.text)), written))
    return site.say("F054", fixes=fixes)


def named_argument(site: Site) -> Diagnostic | None:
    """``round(x, digits: 2)``, ``round(x, digits := 2)``."""
    if site.found or site.match(r":=?(?!:)") is None or site.kind_before != "NAME" or not site.in_call:
        return None
    assert site.before is not None
    sign = site.match(r":=?\s*")
    assert sign is not None
    span = Span(site.before.start, sign.end())
    name = site.before.text
    return site.say("F061", Span(span.start, site.at + 1), fixes=[Fix("Write the value alone", "", span)], name=name)


RECOGNIZERS = (
    over,
    filter_where,
    within_group,
    if_then,
    alias,
    statement,
    typed_literal,
    operator_word,
    bracketed_function,
    json_arrow,
    percent,
    choice_sign,
    named_argument,
)
