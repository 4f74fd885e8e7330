"""Calls of other programs' functions, written as formulas: ``SOMME.SI(country; "FR"; amount)`` as
``sum(amount where country = "FR")``, with the user's own arguments.

``foreign_names`` says in words what to write instead of a name; here the call is written out where its arguments
allow it. What is offered means the same, or else is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from headrace.grammar import tree
from headrace.grammar.functions import lookup
from headrace.grammar.functions.foreign_criteria import (
    Argument,
    Arguments,
    Writer,
    counted,
    is_loose,
    range_first,
    values_first,
)
from headrace.grammar.functions.foreign_languages import SAME_NAMES
from headrace.grammar.functions.foreign_names import FOREIGN_NAMES
from headrace.grammar.words import UNITS, unit_meant

_MOST_CALLS = 50
_DEEPEST = 40


def written_here(call: tree.Call, text: str, name: str | None = None) -> list[str]:
    """The call as it is written here, most likely meaning first; empty where that cannot be said.

    ``text`` is the formula in which the call stands; ``name`` the name where it is not ``call.name`` (names with
    points are no names to the parser).

    >>> from headrace.grammar.parse import parse
    >>> formula = 'nvl(amount, 0) * 2'
    >>> written_here(parse(formula).tree.left, formula)
    ['(amount ?? 0)']
    """
    return _Writing(text, {}).call(call, name or call.name)


def written_with_points(call: tree.Call, text: str, names: Mapping[int, str]) -> list[str]:
    """As ``written_here``, for a text in which names with points were made one word; ``names`` are they, by place."""
    return _Writing(text, names).call(call, names.get(call.name_span.start, call.name))


@dataclass
class _Writing:
    """``names`` are the names with points, by where they begin."""

    text: str
    names: Mapping[int, str]
    calls: int = 0

    def call(self, call: tree.Call, name: str) -> list[str]:
        name = name.casefold()
        name = SAME_NAMES.get(name, name)
        self.calls += 1
        if self.calls == 1 and _depth(call) > _DEEPEST:
            return []
        if self.calls > _MOST_CALLS or any(isinstance(each, tree.Star) for each in call.arguments):
            return []
        if call.clauses.said:
            return []
        writer = _WRITERS.get(name)
        if writer is None:
            return []
        arguments = [Argument(each, self.words(each)) for each in call.arguments]
        alone = self._stands_alone(call)
        return [text if alone or not is_loose(text) else f"({text})" for text in writer(arguments)]

    def words(self, node: tree.Node) -> str:
        """The words of a part, with the calls in it that can be written out."""
        pieces = []
        at = node.span.start
        for inner in _outermost_calls(node):
            name = self.names.get(inner.name_span.start, inner.name)
            written = self.call(inner, name) if name.casefold() in FOREIGN_NAMES else []
            new = written[0] if written else self._with_arguments(inner)
            pieces.append(self.text[at : inner.span.start] + new)
            at = inner.span.end
        return " ".join(("".join(pieces) + self.text[at : node.span.end]).split())

    def _with_arguments(self, call: tree.Call) -> str:
        """A call of a function there is: only what stands in it is written out."""
        pieces = []
        at = call.span.start
        for part in _parts(call):
            pieces.append(self.text[at : part.span.start] + self.words(part))
            at = part.span.end
        return "".join(pieces) + self.text[at : call.span.end]

    def _stands_alone(self, call: tree.Call) -> bool:
        """Whether nothing beside the call could take an operator in it apart."""
        before = self.text[: call.span.start].rstrip().removeprefix("=")[-1:]
        after = self.text[call.span.end :].lstrip()[:1]
        return before in ("", "(", ",", ";") and after in ("", ")", ",", ";")


def _depth(node: tree.Node) -> int:
    """How far the parts nest; not by recursion, since nothing has looked at the formula yet."""
    deepest = 0
    waiting = [(node, 1)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((each, depth + 1) for each in _parts(part))
    return deepest


def _outermost_calls(node: tree.Node) -> list[tree.Call]:
    if isinstance(node, tree.Call):
        return [node]
    return [call for part in _parts(node) for call in _outermost_calls(part)]


def _parts(node: tree.Node) -> list[tree.Node]:
    """The parts of a node in the order in which they stand."""
    found: list[tree.Node] = []

    def collect(value: Any) -> None:
        if isinstance(value, tree.Clauses):
            for item in fields(value):
                collect(getattr(value, item.name))
        elif isinstance(value, tree.Node):
            found.append(value)
        elif isinstance(value, tuple):
            for each in value:
                collect(each)

    for item in fields(node):
        if item.name not in ("span", "name_span"):
            collect(getattr(node, item.name))
    return sorted(found, key=lambda each: each.span.start)


def _template(*templates: str) -> Writer:
    """Writers from patterns: ``{0}`` an argument, ``{0!}`` one beside an operator, ``{*}`` all of them.

    A pattern is for calls with as many arguments as it names; ``{*}`` is for any number from 1.
    """

    def write(arguments: Arguments) -> list[str]:
        written = []
        for template in templates:
            named = [int(each) for each in re.findall(r"\{(\d)!?\}", template)]
            if "{*}" in template:
                if len(arguments) <= max(named, default=0):
                    continue
            elif len(arguments) != max(named, default=-1) + 1:
                continue
            text = template.replace("{*}", ", ".join(each.text for each in arguments))
            for index, each in enumerate(arguments):
                text = text.replace(f"{{{index}!}}", each.tight).replace(f"{{{index}}}", each.text)
            written.append(text)
        return written

    return write


def _joined(operator: str) -> Writer:
    """``ET(a; b)`` as ``a and b``."""

    def write(arguments: Arguments) -> list[str]:
        return [f" {operator} ".join(each.condition for each in arguments)] if arguments else []

    return write


# Other calls that need a look at their arguments


def _calculated(arguments: Arguments) -> list[str]:
    """``CALCULATE(sum(amount), country = "FR", ALL(sales))`` as ``sum(amount where country = "FR")``."""
    if not arguments:
        return []
    call, *filters = arguments
    if not isinstance(call.node, tree.Call) or call.node.clauses.said or not call.text.endswith(")"):
        return []
    function = lookup(call.node.name)
    if function is None or function.level != "aggregate":
        return []
    conditions = []
    per = None
    for each in filters:
        inner = each.node if isinstance(each.node, tree.Call) else None
        if inner is not None and inner.name == "all":
            per = "()"
        elif inner is not None and inner.name == "allexcept" and len(inner.arguments) > 1:
            names = each.text[each.text.index("(") + 1 : -1].split(",")[1:]
            per = ", ".join(name.strip() for name in names)
        elif inner is not None and inner.name == "filter" and len(inner.arguments) == 2:
            conditions.append(each.text[each.text.index(",") + 1 : -1].strip())
        else:
            loose = isinstance(each.node, tree.Binary) and each.node.operator == "or"
            conditions.append(each.tight if loose else each.text)
    text = call.text[:-1]
    for clause in ([f"where {' and '.join(conditions)}"] if conditions else []) + ([f"per {per}"] if per else []):
        text += clause if text.endswith("(") else f" {clause}"
    return [f"{text})"]


def _unit(argument: Argument) -> str | None:
    """The unit of time that ``DAY`` or ``"day"`` or ``dd`` names."""
    node = argument.node
    word = node.path[0] if isinstance(node, tree.Name) and len(node.path) == 1 else None
    word = node.value if isinstance(node, tree.Text) else word
    if word is None:
        return None
    word = word.lower()
    if word.removesuffix("s") in UNITS:
        return word.removesuffix("s")
    return _SHORT_UNITS.get(word) or ((unit_meant(word, "1") or None) if len(word) > 3 else None)


_SHORT_UNITS = {
    **dict.fromkeys(("yy", "yyyy"), "year"),
    **dict.fromkeys(("qq", "q"), "quarter"),
    **dict.fromkeys(("mm", "m"), "month"),
    **dict.fromkeys(("wk", "ww"), "week"),
    **dict.fromkeys(("dd", "d"), "day"),
    "hh": "hour",
    **dict.fromkeys(("mi", "n"), "minute"),
    "ss": "second",
}


def _moved_date(sign: int) -> Writer:
    """``DATEADD(day, 3, x)`` and ``DATEADD(x, 3, DAY)``; ``DATE_SUB`` with sign -1."""

    def write(arguments: Arguments) -> list[str]:
        if len(arguments) != 3:
            return []
        first, count, last = arguments
        unit, date = (_unit(first), last) if _unit(first) else (_unit(last), first)
        if unit is None:
            return []
        found = re.fullmatch(r"(-?)\s*([0-9]+)", count.text)
        if found is None:
            number = count.text if sign > 0 else f"-{count.tight}"
            return [f'date_add({date.text}, {number}, "{unit}")']
        word = unit if found.group(2) == "1" else f"{unit}s"
        return [f"{date.tight} {'-' if bool(found.group(1)) == (sign > 0) else '+'} {found.group(2)} {word}"]

    return write


def _formatted(arguments: Arguments) -> list[str]:
    """``TEXT(x, "dd/mm/yyyy")`` and ``TEXT(x, "0.00")``."""
    if len(arguments) != 2:
        return []
    if isinstance(arguments[1].node, tree.Number):
        return [f"format_number({arguments[0].text}, {arguments[1].text})"]
    if not isinstance(arguments[1].node, tree.Text):
        return []
    pattern = arguments[1].node.value
    if re.fullmatch(r"(?:dd|jj|DD|mm|MM|yyyy|aaaa|YYYY|[-/. ])+", pattern):
        letters = pattern.lower().replace("j", "d").replace("a", "y").upper()
        return [f'format_date({arguments[0].text}, "{letters}")']
    digits = re.fullmatch(r"#?0(?:[.,](0+))?", pattern)
    return [f"format_number({arguments[0].text}, {len(digits.group(1) or '')})"] if digits else []


def _chosen(arguments: Arguments) -> list[str]:
    """``CHOOSE(n, "first", "second")``."""
    if len(arguments) < 2:
        return []
    values = [f"{number}, {each.text}" for number, each in enumerate(arguments[1:], 1)]
    return [f"switch({', '.join([arguments[0].text, *values])})"]


_COALESCE = _template("{0!} ?? {1!}")
_SAME_ARGUMENTS = """
si=if si.conditions=ifs si.multiple=switch mediane=median ent=floor racine=sqrt plafond=ceil plancher=floor
signe=sign gauche=left droite=right stxt=substring nbcar=len majuscule=upper minuscule=lower nompropre=proper
cherche=search trouve=find remplacer=replace substitue=substitute joindre.texte=textjoin cnum=to_decimal annee=year
mois=month jour=day heure=hour fin.mois=eomonth mois.decaler=edate nb.jours.ouvres=networkdays makedate=make_date
replicate=repeat arrondi=round arrondi.sup=round_up arrondi.inf=trunc tronque=trunc concatener=concat
datevalue=to_date timevalue=to_time
"""
"""Those that take the same arguments in the same order as the function here."""

_ONE_COLUMN = {"somme": "sum", "moyenne": "avg", "nb": "count", "nbval": "count", "ecartype": "stddev"}
"""Aggregates: with several arguments a spreadsheet takes several ranges as one, which no function here does."""

_WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        **{name: _template(f"{here}({{*}})") for name, here in (pair.split("=") for pair in _SAME_ARGUMENTS.split())},
        **{name: _template(f"{here}({{0}})") for name, here in _ONE_COLUMN.items()},
        **dict.fromkeys(("iferror", "ifna", "sierreur", "si.non.disp", "nvl", "ifnull"), _COALESCE),
        "et": _joined("and"),
        "ou": _joined("or"),
        "non": _template("not {0!}"),
        "vrai": _template("true"),
        "faux": _template("false"),
        **dict.fromkeys(("sumif", "somme.si"), range_first("sum")),
        **dict.fromkeys(("averageif", "moyenne.si"), range_first("avg")),
        **dict.fromkeys(("sumifs", "somme.si.ens"), values_first("sum")),
        **dict.fromkeys(("averageifs", "moyenne.si.ens"), values_first("avg")),
        **dict.fromkeys(("maxifs", "max.si.ens"), values_first("max")),
        **dict.fromkeys(("minifs", "min.si.ens"), values_first("min")),
        **dict.fromkeys(("countif", "countifs", "nb.si", "nb.si.ens"), counted),
        **dict.fromkeys(("nb.vide", "countblank"), _template("count(where is_empty({0}))")),
        "estvide": _template("is_empty({0})"),
        "iserror": _template("{0!} is null"),
        "isna": _template("{0!} is null"),
        "aujourdhui": _template("today()"),
        "maintenant": _template("now()"),
        **dict.fromkeys(("getdate", "sysdate"), _template("now()", "today()")),
        "curdate": _template("today()"),
        "clock_timestamp": _template("now()"),
        "localtimestamp": _template("at_timezone(now())"),
        "calculate": _calculated,
        "countrows": _template("count()"),
        "distinctcount": _template("count(distinct {0})"),
        "countdistinct": _template("count(distinct {0})"),
        "approx_count_distinct": _template("count(distinct {0})"),
        "countnonnull": _template("count({0})"),
        "dateadd": _moved_date(1),
        "timestampadd": _moved_date(1),
        **dict.fromkeys(("date_sub", "datesub"), _moved_date(-1)),
        **dict.fromkeys(("text", "texte", "to_char", "format"), _formatted),
        "nvl2": _template("if({0!} is not null, {1}, {2})"),
        **dict.fromkeys(("zn", "zeroifnull"), _template("{0!} ?? 0")),
        "nullifzero": _template("null_if({0}, 0)"),
        "quotient": _template("{0!} // {1!}"),
        "puissance": _template("{0!} ^ {1!}"),
        "square": _template("{0!} ^ 2"),
        "exact": _template("{0!} = {1!}"),
        "na": _template("null"),
        "choose": _chosen,
        "sumproduct": _template("sum({0!} * {1!})"),
        "sommeprod": _template("sum({0!} * {1!})"),
        "days": _template("days_between({1}, {0})"),
        "percent_of_total": _template("share({0})"),
        "attr": _template("any_value({0})"),
        **dict.fromkeys(("instr", "strpos"), _template("find({1}, {0}) ?? 0")),
        **dict.fromkeys(("charindex", "locate"), _template("find({0}, {1}) ?? 0")),
        "space": _template('repeat(" ", {0})'),
        "supprespace": _template("collapse_spaces({0})"),
        # Names that mean several things: every meaning is offered.
        **dict.fromkeys(("mod", "remainder"), _template("{0!} % {1!}", "floor_mod({0}, {1})")),
        "int": _template("floor({0})", "trunc({0})", "to_integer({0})"),
        "log": _template("ln({0})", "log10({0})", "log_base({0}, {1})", "log_base({1}, {0})"),
        "isnull": _template("{0!} is null", "{0!} ?? {1!}"),
        "weeknum": _template("iso_week({0})", "(day_of_year({0}) - 1) // 7 + 1"),
        **dict.fromkeys(("dayofweek", "day_of_week"), _template("iso_weekday({0})", 'weekday({0}, "sunday")')),
        "regexp_substr": _template("regexp_extract({0}, {1}, 0)", "regexp_extract({0}, {1}, 1)"),
        "last_day": _template("end_of_month({0})"),
        "age": _template("years_between({0}, today())"),
    }
)


CAN_BE_WRITTEN = frozenset(_WRITERS)
"""The names whose calls can be written out; a test compares them with those of ``foreign_names``."""
