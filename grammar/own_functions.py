"""A project's own functions, ``net(x): x / (1 + $vat)``: what they are, whether they make sense, and their use.

One is typed anew wherever it is called, as if its formula stood there: so it takes what fits it, makes one value of
many rows where its formula does, and may hold parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from headrace.diagnostics import Diagnostic, closest, diagnose
from headrace.grammar import tree
from headrace.grammar.function import Function, Signature
from headrace.grammar.functions import lookup
from headrace.grammar.parse import Parsed, parse
from headrace.grammar.printer import print_name
from headrace.grammar.types import KINDS
from headrace.grammar.words import FORMS, RESERVED


@dataclass(frozen=True)
class OwnFunction:
    """A function that is a formula over its arguments: ``OwnFunction("net", ("x",), "x / 1.2")``.

    ``pointer`` is where it is declared, ``None`` for one that a host gives.
    """

    name: str
    arguments: tuple[str, ...]
    formula: str
    pointer: str | None = None

    @property
    def usage(self) -> str:
        """``net(x)``."""
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def meaning(self) -> str:
        """The formula on one line."""
        return " ".join(self.formula.split())

    @cached_property
    def parsed(self) -> Parsed:
        return parse(self.formula)

    @cached_property
    def entry(self) -> Function:
        """An entry of a catalogue, to be shown beside others. It says nothing of kinds, which are the formula's."""
        node = self.parsed.tree
        level: Any = "row" if node is None or not any(_makes_one(each) for each in _nodes(node)) else "aggregate"
        signature = Signature(self.arguments, "value", {})
        return Function(self.name.casefold(), "own", level, (signature,), f"{self.meaning}", (), form=True)


Functions = Mapping[str, "OwnFunction | Function | None"]
"""Functions besides the catalogue's, by their names in small letters; None for one whose mistake has been told."""


GivenFunctions = Iterable["Function | str"]

_SIGNATURE = re.compile(r"\s*([^\W\d]\w*)\s*\(\s*((?:[^\W\d]\w*\s*(?:,\s*[^\W\d]\w*\s*)*)?)\)\s*")


def read_signature(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The name and arguments of a function as its declaration has them, None where it is none.

    >>> read_signature("margin(price, cost)")
    ('margin', ('price', 'cost'))
    """
    match = _SIGNATURE.fullmatch(text)
    if match is None:
        return None
    arguments = tuple(part.strip() for part in match[2].split(",") if part.strip())
    return (match[1], arguments) if len(set(arguments)) == len(arguments) else None


def given_functions(functions: GivenFunctions) -> Functions:
    """The functions of a host: formulas as in ``net(x): x / 1.19``, or entries with SQL of their own.

    Raises ValueError for one that makes no sense: this is a mistake of the host's program.

    >>> given_functions(["net(x): x / 1.19"])["net"].meaning
    'x / 1.19'
    """
    if isinstance(functions, str | Mapping):
        raise ValueError("functions are a list, each a text such as 'net(x): x / 1.19' or a Function")
    entries: dict[str, OwnFunction | Function | None] = {}
    written: list[OwnFunction] = []
    for each in functions:
        if isinstance(each, Function):
            _check(each)
            for word in (each.name, *each.aliases):
                if word in entries or lookup(word) is not None or word in FORMS or word in RESERVED:
                    raise ValueError(f"there is a function {word} already")
                entries[word] = each
            continue
        head, colon, formula = each.partition(":")
        signature = read_signature(head)
        if not colon or signature is None:
            raise ValueError(f"{each!r} is no function: one looks like 'net(x): x / 1.19'")
        written.append(OwnFunction(*signature, formula.strip()))
    found, said = declare(written, entries)
    for function, diagnostic in said:
        if diagnostic.severity == "error":
            raise ValueError(f"the function {function.usage} is wrong: {diagnostic.message}")
    return found


def _check(function: Function) -> None:
    """Raises ValueError for an entry that no formula could call, or no dialect print."""
    for word in (function.name, *function.aliases):
        if word != word.casefold() or not re.fullmatch(r"[^\W\d]\w*", word):
            raise ValueError(f"{word!r} is no name of a function: it has letters, digits and _, in lower case")
    if not function.signatures or function.form:
        raise ValueError(f"function {function.name} needs at least one signature, and is no form of the language")
    if function.merge is not None:
        raise ValueError(f"function {function.name}: only those of the catalogue can be merged of parts")
    for signature in function.signatures:
        kinds = [argument.rstrip("?*") for argument in signature.arguments]
        word, _, position = signature.result.partition(" ")
        is_argument = word == "argument" and position.isdecimal() and int(position) < len(kinds)
        unknown = [kind for kind in kinds if kind not in (*KINDS, *_GROUPS)]
        if unknown or not (is_argument or signature.result in KINDS or ("same" in kinds and word == "same")):
            raise ValueError(f"function {function.name}: {unknown[0] if unknown else signature.result} is no kind")
        if "postgres" not in signature.sql:
            raise ValueError(f"function {function.name} has no SQL for postgres")


_GROUPS = ("any", "number", "same", "printed")
"""What an argument of a catalogue entry can be besides a kind (``headrace.grammar.function``)."""


def entries(functions: Functions) -> tuple[Function, ...]:
    """The functions as entries of a catalogue, each once, to be shown beside those of the catalogue."""
    found = (each.entry if isinstance(each, OwnFunction) else each for each in functions.values())
    return tuple({id(each): each for each in found if each is not None}.values())


def declare(
    functions: Sequence[OwnFunction], given: Functions
) -> tuple[Functions, tuple[tuple[OwnFunction, Diagnostic], ...]]:
    """The functions beside those ``given`` by a host, and what is wrong with them:

    That is: a name that is taken, an argument that is a word of the language or never used, a name that is no
    argument, functions that need each other.
    """
    known: dict[str, OwnFunction | Function | None] = dict(given)
    broken: set[str] = set()
    said: list[tuple[OwnFunction, Diagnostic]] = []
    for function in functions:
        word = function.name.casefold()
        problems = list(_problems(function, known))
        said.extend((function, each) for each in problems)
        if any(each.severity == "error" for each in problems):
            broken.add(word)
        known.setdefault(word, function)
    needs = {
        word: [name for name in _calls(function) if isinstance(known.get(name), OwnFunction)]
        for word, function in known.items()
        if isinstance(function, OwnFunction)
    }
    while (circle := _circle(needs)) is not None:
        first = next(word for word in needs if word in circle)
        at = circle.index(first)
        told = [*circle[at:], *circle[:at], first]
        broke = known[first]
        if isinstance(broke, OwnFunction):
            said.append((broke, _say("F174", broke, circle=" → ".join(told), names=told)))
        for word in circle:
            needs.pop(word)
            broken.add(word)
        needs = {word: [name for name in names if name in needs] for word, names in needs.items()}
    return {word: None if word in broken else each for word, each in known.items()}, tuple(said)


def _problems(function: OwnFunction, known: Functions) -> Iterator[Diagnostic]:
    word = function.name.casefold()
    if word in RESERVED or word in FORMS or lookup(word) is not None:
        yield _say("F171", function, name=function.name)
        return
    if word in known:
        yield _say("F172", function, name=function.name)
        return
    for argument in function.arguments:
        if print_name(argument) != argument:
            yield _say("F173", function, name=argument)
            return
    parsed = function.parsed
    for each in parsed.diagnostics:
        yield each if function.pointer is None else each.at(pointer=function.pointer)
    if parsed.tree is None:
        return
    used: set[str] = set()
    for node in _nodes(parsed.tree):
        if not isinstance(node, tree.Name):
            continue
        name = node.path[0]
        used.add(name)
        if name not in function.arguments or len(node.path) > 1:
            near = closest(name, function.arguments)
            hints = [f"Did you mean {' or '.join(near)}?"] if near else [f"Make it one: {_with(function, name)}."]
            written = function.formula[node.span.start : node.span.end]
            said = _say("F175", function, name=written, usage=function.usage, candidates=near, hints=hints)
            yield replace(said, span=node.span)
    for argument in function.arguments:
        if argument not in used:
            yield _say("F176", function, name=argument, usage=function.usage)


def _with(function: OwnFunction, name: str) -> str:
    return f"{function.name}({', '.join((*function.arguments, print_name(name)))})"


def _say(code: str, function: OwnFunction, hints: Iterable[str] = (), **params: Any) -> Diagnostic:
    return diagnose(code, pointer=function.pointer, source=function.formula, hints=hints, **params)


def _circle(needs: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The functions of a circle, each before the one it calls; None where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        nodes: list[str] = error.args[1]
        return nodes[:0:-1]
    return None


def _calls(function: OwnFunction) -> list[str]:
    node = function.parsed.tree
    return [] if node is None else [each.name for each in _nodes(node) if isinstance(each, tree.Call)]


def _makes_one(node: tree.Node) -> bool:
    if not isinstance(node, tree.Call) or node.clauses.per is not None:
        return False
    function = lookup(node.name)
    return function is not None and function.level == "aggregate"


def _nodes(node: tree.Node) -> Iterator[tree.Node]:
    """The node and all that stands in it."""
    waiting: list[Any] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tuple):
            waiting.extend(reversed(each))
        elif isinstance(each, tree.Node):
            yield each
            waiting.extend(reversed([getattr(each, item.name) for item in fields(each)]))
