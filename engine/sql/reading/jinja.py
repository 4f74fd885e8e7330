"""Jinja in queries: a small, bounded part of it.

A template cannot reach anything: it has the parameters, ``range``, and a few filters. Whatever it prints becomes SQL: a
text a literal, with its quotes doubled, never a piece of the query. A parameter of one value prints as ``$name``,
since it may be another one each time; the values of a list are known and can be gone through. Only what is listed here
may stand in a template, its loops take a bounded number of turns, and its output has an end: any template ends soon.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from headrace.sql.reading.problem import Problem

MOST_TURNS = 20_000
"""How often all loops of a template may turn together."""

LONGEST_OUTPUT = 200_000
LONGEST_TEMPLATE = 100_000
MOST_NODES = 20_000
"""Parts of a template: each is looked at a bounded number of times a turn."""


class Name(str):
    """A name, to be printed in quotes."""

    __slots__ = ()


class _TooMuch(Exception):
    pass


class _NotLiteral(Exception):
    pass


class One:
    """A parameter with one value, which is known only later: it can be printed, and nothing else."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def _unknown(self, *others: object) -> NoReturn:
        raise _NotLiteral(f"the value of ${self.name} is known only later: write ${self.name} in the query")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __iter__ = __len__ = __contains__ = _unknown
    __hash__ = None  # type: ignore[assignment]  # what equals nothing has no place in a set; typeshed wants a function


class Sql(str):
    """A piece of SQL that may stand as it is: a value of a type that templates do not have. It equals nothing."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise _NotLiteral("only texts, whole numbers and booleans can be compared; write the rest in SQL")

    __ne__ = __eq__
    __hash__ = str.__hash__


def rendered(text: str, lists: Mapping[str, Sequence[object]], single: Iterable[str]) -> str | Problem:
    """The query that a template makes.

    ``lists`` are the values of parameters that are lists: texts, whole numbers, booleans, None, and ``Sql`` for the
    literals of other types; ``single`` are the names of the other parameters.

    >>> rendered("select {{ m }} as m {% for c in cs %}, {{ c }} as {{ c | name }}{% endfor %}",
    ...     {"cs": ("FR",)}, ["m"])
    'select $m as m , \'FR\' as "FR"'
    """
    from jinja2 import TemplateError

    if len(text) > LONGEST_TEMPLATE:
        return Problem("S280", {"problem": f"it has more than {LONGEST_TEMPLATE:,} characters"})
    known: dict[str, Any] = {name: One(name) for name in single}
    known.update({name: [*values] for name, values in lists.items()})
    try:
        return _run(text, known)
    except _TooMuch as error:
        return Problem("S280", {"problem": str(error)})
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        return Problem("S280", {"problem": where + (error.message or "it cannot be read").rstrip(".")})
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, _NotLiteral) as error:
        return Problem("S280", {"problem": _plain(str(error)) or "it cannot be carried out"})


def _run(text: str, known: Mapping[str, Any]) -> str:
    from jinja2 import nodes
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import SandboxedEnvironment

    turns = 0

    def counted(items: Any) -> Iterator[Any]:
        nonlocal turns
        for item in items:
            turns += 1
            if turns > MOST_TURNS:
                raise _TooMuch(f"its loops turn more than {MOST_TURNS:,} times")
            yield item

    class Environment(SandboxedEnvironment):
        intercepted_binops = frozenset(("+", "-", "*"))

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return isinstance(obj, LoopContext) and attr in _LOOP

        def is_safe_callable(self, obj: Any) -> bool:
            return obj is _range

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if not all(isinstance(each, int) for each in (left, right)):
                raise _NotLiteral("only whole numbers can be reckoned with; write the rest in SQL")
            result = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}[operator](left, right)
            if abs(result) >= 2**63:
                raise _TooMuch("a number grows too large")
            return result

    environment = Environment(finalize=_printed, autoescape=False, keep_trailing_newline=True)
    environment.globals = {"range": _range}
    environment.filters = {
        "counted": counted,
        "join": _join,
        "name": Name,
        "length": len,
        "first": _first,
        "last": _last,
    }
    environment.tests = {key: environment.tests[key] for key in ("defined", "none", "odd", "even", "in", "divisibleby")}
    tree = environment.parse(text)
    allowed = tuple(getattr(nodes, name) for name in _NODES)
    count = 0
    for node in tree.find_all(nodes.Node):
        count += 1
        if type(node) not in allowed:
            raise _NotLiteral(f"line {node.lineno}: {type(node).__name__.lower()} cannot stand in it")
        if isinstance(node, nodes.For):
            if node.recursive:
                raise _NotLiteral(f"line {node.lineno}: a recursive loop cannot stand in it")
            node.iter = nodes.Filter(node.iter, "counted", [], [], None, None, lineno=node.lineno)
        if isinstance(node, nodes.Filter) and node.name == "counted" and node.node is None:
            raise _NotLiteral("counted is no filter")
    if count > MOST_NODES:
        raise _TooMuch(f"it has more than {MOST_NODES:,} parts")
    template = environment.from_string(tree)
    pieces: list[str] = []
    length = 0
    for piece in template.generate(**known):
        length += len(piece)
        if length > LONGEST_OUTPUT:
            raise _TooMuch(f"it makes more than {LONGEST_OUTPUT:,} characters")
        pieces.append(piece)
    return "".join(pieces)


_LOOP = ("index", "index0", "first", "last", "length", "revindex", "revindex0")
_NODES = (
    "Add",
    "And",
    "Assign",
    "Call",
    "Compare",
    "CondExpr",
    "Const",
    "Filter",
    "For",
    "Getattr",
    "Getitem",
    "If",
    "List",
    "Mul",
    "Name",
    "Neg",
    "Not",
    "Operand",
    "Or",
    "Output",
    "Sub",
    "Template",
    "TemplateData",
    "Test",
    "Tuple",
)


def _range(*bounds: Any) -> range:
    if not 1 <= len(bounds) <= 3 or not all(isinstance(each, int) for each in bounds):
        raise _NotLiteral("range takes whole numbers")
    made = range(*bounds)
    if len(made) > MOST_TURNS:
        raise _TooMuch(f"a range has more than {MOST_TURNS:,} values")
    return made


def _printed(value: Any) -> str:
    """What a value is in the query."""
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        raise _NotLiteral(f"there is no {value._undefined_name or 'such value'}")
    if isinstance(value, Sql):
        return str(value)
    if isinstance(value, Name):
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, One):
        return f"${value.name}"
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    raise _NotLiteral(f"{type(value).__name__} cannot be printed into a query")


def _join(items: Any, between: Any = ", ") -> Sql:
    if not isinstance(between, str) or set(between) - set(", \n|+*-") - set("andorANDOR"):
        raise _NotLiteral("join puts commas, operators, and, or between")
    return Sql(between.join(_printed(item) for item in items))


def _first(items: Any) -> Any:
    return next(iter(items))


def _last(items: Any) -> Any:
    return [*items][-1]


def _plain(text: str) -> str:
    return " ".join(text.split())[:200].rstrip(".")
