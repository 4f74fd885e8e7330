"""Calls of other programs' functions, written as formulas: ``SOMME.SI(country; "FR"; amount)`` as
``sum(amount where country = "FR")``, with the user's own arguments.

``foreign_names`` says in words what to write instead of a name; here the call is written out where its arguments
allow it. What is offered means the same, or else is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from headrace.grammar import tree
from headrace.grammar.functions import lookup
from headrace.grammar.functions.foreign_languages import SAME_NAMES
from headrace.grammar.functions.foreign_names import FOREIGN_NAMES
from headrace.grammar.printer import print_text
from headrace.grammar.words import UNITS, unit_meant

_MOST_CALLS = 50
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument with its words, in which calls of other programs are written out already."""

    node: tree.Node
    text: str

    @property
    def tight(self) -> str:
        """The words, in brackets where an operator beside them would take them apart."""
        loose = _is_loose(self.text) if isinstance(self.node, tree.Call) else not isinstance(self.node, _VALUES)
        return f"({self.text})" if loose and not _is_bracketed(self.text) else self.text

    @property
    def condition(self) -> str:
        """The words as one side of ``and`` or ``or``."""
        compared = isinstance(self.node, tree.Binary) and self.node.operator in ("=", "!=", "<", "<=", ">", ">=")
        whole = compared or isinstance(self.node, tree.In | tree.Like | tree.IsNull | tree.Between)
        return self.text if whole else self.tight


_VALUES = (tree.Name, tree.Parameter, tree.Text, tree.Number, tree.Call, tree.Case, tree.Boolean, tree.Null, tree.Cast)
_Arguments = Sequence[_Argument]
_Writer = Callable[[_Arguments], list[str]]


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
        arguments = [_Argument(each, self.words(each)) for each in call.arguments]
        alone = self._stands_alone(call)
        return [text if alone or not _is_loose(text) else f"({text})" for text in writer(arguments)]

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


def _is_bracketed(text: str) -> bool:
    return text.startswith("(") and text.endswith(")") and ")" not in text[1:-1]


def _is_loose(text: str) -> bool:
    """Whether what was written is more than one value or call."""
    return re.fullmatch(r"[\w.$]+|\[[^\]]*\]|[\w]+\(.*\)", text, re.DOTALL) is None or not _closes_at_end(text)


def _closes_at_end(text: str) -> bool:
    depth = 0
    quote = ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return at == len(text) - 1
    return True


def _template(*templates: str) -> _Writer:
    """Writers from patterns: ``{0}`` an argument, ``{0!}`` one beside an operator, ``{*}`` all of them.

    A pattern is for calls with as many arguments as it names; ``{*}`` is for any number from 1.
    """

    def write(arguments: _Arguments) -> list[str]:
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


def _joined(operator: str) -> _Writer:
    """``ET(a; b)`` as ``a and b``."""

    def write(arguments: _Arguments) -> list[str]:
        return [f" {operator} ".join(each.condition for each in arguments)] if arguments else []

    return write


# Criteria of spreadsheets: ``SUMIF(country, ">100", amount)``


def _condition(range_: _Argument, criterion: _Argument) -> str | None:
    """What ``country, "FR"`` asks, or ``amount, ">100"``."""
    column, node = range_.tight, criterion.node
    if isinstance(node, tree.Binary) and node.operator == "&" and isinstance(node.left, tree.Text):
        sign = _SIGNS.get(node.left.value.strip())
        rest = criterion.text.split("&", 1)[1].strip()
        return f"{column} {sign} {rest}" if sign else None
    if not isinstance(node, tree.Text):
        return f"{column} = {criterion.tight}"
    found = _CRITERION.fullmatch(node.value)
    if found is None:
        return None
    sign, value = _SIGNS[found.group(1) or "="], found.group(2).strip()
    if not value:
        return f"{'not ' if sign == '!=' else ''}is_empty({range_.text})" if sign in ("=", "!=") else None
    if _NUMBER.fullmatch(value) and found.group(1):
        return f"{column} {sign} {value.replace(',', '.')}"
    if "*" in value or "?" in value:
        if sign not in ("=", "!=") or re.search(r"[%_~\\]", value):
            return None
        pattern = print_text(value.replace("*", "%").replace("?", "_"))
        return f"{column} {'not ' if sign == '!=' else ''}ilike {pattern}"
    return f"{column} {sign} {print_text(value)}"


_SIGNS = {"=": "=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CRITERION = re.compile(r"\s*(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


def _conditions(pairs: _Arguments) -> str | None:
    if not pairs or len(pairs) % 2:
        return None
    found = [_condition(pairs[at], pairs[at + 1]) for at in range(0, len(pairs), 2)]
    return None if None in found else " and ".join(each for each in found if each)


def _range_first(function: str) -> _Writer:
    """``SUMIF(range, criterion, values)``; without values the range itself is summed."""

    def write(arguments: _Arguments) -> list[str]:
        if len(arguments) not in (2, 3):
            return []
        asked = _conditions(arguments[:2])
        return [f"{function}({arguments[-1 if len(arguments) == 3 else 0].text} where {asked})"] if asked else []

    return write


def _values_first(function: str) -> _Writer:
    """``SUMIFS(values, range, criterion, range, criterion …)``."""

    def write(arguments: _Arguments) -> list[str]:
        asked = _conditions(arguments[1:])
        return [f"{function}({arguments[0].text} where {asked})"] if asked else []

    return write


def _counted(arguments: _Arguments) -> list[str]:
    """``COUNTIF(range, criterion)``, ``COUNTIFS(range, criterion, …)``."""
    asked = _conditions(arguments)
    return [f"count(where {asked})"] if asked else []


# Other calls that need a look at their arguments


def _calculated(arguments: _Arguments) -> list[str]:
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


def _unit(argument: _Argument) -> str | None:
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


def _moved_date(sign: int) -> _Writer:
    """``DATEADD(day, 3, x)`` and ``DATEADD(x, 3, DAY)``; ``DATE_SUB`` with sign -1."""

    def write(arguments: _Arguments) -> list[str]:
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


def _formatted(arguments: _Arguments) -> list[str]:
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


def _chosen(arguments: _Arguments) -> list[str]:
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

_WRITERS: Mapping[str, _Writer] = MappingProxyType(
    {
        **{name: _template(f"{here}({{*}})") for name, here in (pair.split("=") for pair in _SAME_ARGUMENTS.split())},
        **{name: _template(f"{here}({{0}})") for name, here in _ONE_COLUMN.items()},
        **dict.fromkeys(("iferror", "ifna", "sierreur", "si.non.disp", "nvl", "ifnull"), _COALESCE),
        "et": _joined("and"),
        "ou": _joined("or"),
        "non": _template("not {0!}"),
        "vrai": _template("true"),
        "faux": _template("false"),
        **dict.fromkeys(("sumif", "somme.si"), _range_first("sum")),
        **dict.fromkeys(("averageif", "moyenne.si"), _range_first("avg")),
        **dict.fromkeys(("sumifs", "somme.si.ens"), _values_first("sum")),
        **dict.fromkeys(("averageifs", "moyenne.si.ens"), _values_first("avg")),
        **dict.fromkeys(("maxifs", "max.si.ens"), _values_first("max")),
        **dict.fromkeys(("minifs", "min.si.ens"), _values_first("min")),
        **dict.fromkeys(("countif", "countifs", "nb.si", "nb.si.ens"), _counted),
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
