"""What can come next in a formula, half-written as it is: read from the parse table, so the grammar is said once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from headrace.diagnostics import Span
from headrace.grammar.build import Refused
from headrace.grammar.coerce import widens
from headrace.grammar.expression import Expression, Level, Scope
from headrace.grammar.function import Function
from headrace.grammar.functions import CATALOGUE, lookup
from headrace.grammar.lalr import END_OF_TEXT, Failure, Token, TooManyTokens, run
from headrace.grammar.overloads import shape
from headrace.grammar.own_functions import entries
from headrace.grammar.parse import MAX_LENGTH, MAX_TOKENS
from headrace.grammar.printer import print_name, print_text
from headrace.grammar.suggestion import OpenCall, Suggestion, Suggestions
from headrace.grammar.types import KINDS, Type
from headrace.grammar.usage import in_order, result_words, usage
from headrace.grammar.words import OPERATOR_FUNCTIONS, UNITS

_PARTIAL = re.compile(r"(?:\$|\{\{\s*)?[^\W\d]\w*\Z|\$\Z|\{\{\s*\Z")
_REST_OF_WORD = re.compile(r"\w*")
_REST_OF_BRACKETS = re.compile(r"[^\[\](),]*\]")
_RETRIES = 20
_ROW: tuple[Level, ...] = ("row",)

FORMS = {
    "cast": (("cast(x as type)",), "type", "The value as another type; it fails where a value does not fit."),
    "share": (("share(number)",), "number", "What part of the sum over everything a value or group is."),
    "total": (("total(number)",), "number", "The sum over everything, repeated on every row."),
}
"""Forms of the language that are written as calls and are no functions: calls, result, meaning."""

_CLAUSES = ("DISTINCT", "WHERE", "PER", "ORDER_BY", "ROWS", "RANGE")
_ORDER_WORDS = ("DESC", "ASC", "NULLS_FIRST", "NULLS_LAST")
_WORDS: tuple[tuple[str, str, str, str], ...] = (
    ("WHERE", "where", "where ", "only the rows for which a condition is true"),
    ("PER", "per", "per ", "for all rows that agree on these columns, repeated on each; per () is over everything"),
    ("ORDER_BY", "order by", "order by ", "in this order; after per, a running value"),
    ("DISTINCT", "distinct", "distinct ", "each value once"),
    ("ROWS", "rows", "rows ", "rows 7 is this row and the six before it"),
    ("RANGE", "range", "range ", "range 30 days is what lies up to 30 days before"),
    ("DESC", "desc", "desc", "downward"),
    ("ASC", "asc", "asc", "upward"),
    ("NULLS_FIRST", "nulls first", "nulls first", "nulls before all values"),
    ("NULLS_LAST", "nulls last", "nulls last", "nulls after all values"),
    ("WHEN", "when", "when ", "a condition of case"),
    ("THEN", "then", "then ", "the value where the condition is true"),
    ("ELSE", "else", "else ", "the value where no condition is true"),
    ("END", "end", "end", "the end of case"),
    ("AND", "and", "and ", "both are true"),
    ("OR", "or", "or ", "one of them is true"),
    ("NOT", "not", "not ", "the opposite"),
    ("IN", "in", "in (", "one of several values"),
    ("BETWEEN", "between", "between ", "from one value to another, both included"),
    ("LIKE", "like", "like ", "fits a pattern: % is any text, _ one character"),
    ("LIKE", "ilike", "ilike ", "fits a pattern, capital letters or not"),
    ("IS", "is null", "is null", "has no value"),
    ("IS", "is not null", "is not null", "has a value"),
    ("CASE", "case", "case ", "case when … then … else … end"),
    ("TRUE", "true", "true", "the truth"),
    ("FALSE", "false", "false", "the opposite of true"),
    ("NULL", "null", "null", "no value"),
)
"""Terminals of the grammar with what is shown, what is put in, and what it means; in the order in which they come."""


def suggest(
    text: str,
    offset: int,
    scope: Scope,
    levels: Collection[Level] = _ROW,
    functions: Collection[Function] = (),
    order: bool = False,
) -> Suggestions:
    """What can stand at character ``offset`` of the formula ``text``. It never raises, whatever the text.

    ``functions`` are a project's own; ``order`` is for a key of an order, which may end in ``desc``. Inside a text, a
    comment or a number nothing can.

    >>> scope = Scope(columns={"amount": Column(Type("decimal"), "amount")})
    >>> [each.label for each in suggest("sum(am", 6, scope, ("aggregate",)).items][:1]
    ['amount']
    """
    offset = max(0, min(offset, len(text)))
    if len(text) > MAX_LENGTH:
        return Suggestions(span=Span(offset, offset))
    return _Suggester(text, offset, scope, levels, functions, order).suggestions()


@dataclass(frozen=True, slots=True)
class _Frame:
    """An open bracket: of the call of a function, or of anything else; and what has been written in it."""

    name: str | None
    argument: int = 0
    in_clause: bool = False


class _Suggester:
    def __init__(
        self,
        text: str,
        offset: int,
        scope: Scope,
        levels: Collection[Level],
        functions: Collection[Function],
        order: bool,
    ) -> None:
        self.order = order
        self.text = text
        self.scope = scope
        self.levels = levels
        self.own = (*functions, *entries(scope.functions))
        head = text[:offset]
        found = _PARTIAL.search(head)
        self.start = found.start() if found else offset
        self.end = offset
        self.written = head[self.start :]
        self.state, self.tokens = _read(head[: self.start])
        self.call = self.enclosing()

    def suggestions(self) -> Suggestions:
        state = self.state
        if state is None:  # The place lies in a comment.
            return self.result(())
        opened = self.text[state.at : state.at + 1] if state.at < self.start else ""
        if opened and opened in "\"'":
            return self.in_text(state.at)
        if opened == "[":
            return self.in_brackets(state.at)
        if self.written.startswith(("$", "{")):
            return self.result(self.parameters(), bare=self.written.strip("${ "))
        if self.text[self.start - 1 : self.start].isdigit():  # 12abc is no number and no name
            return self.result(())
        return self.result(self.all())

    # Where the place lies

    def enclosing(self) -> OpenCall | None:
        frame = next((frame for frame in reversed(_frames(self.tokens)) if frame.name is not None), None)
        if frame is None or frame.name is None:
            return None
        argument = None if frame.in_clause else frame.argument
        function = self.function(frame.name)
        if function is not None:
            return OpenCall(frame.name, usage(function), function.meaning, argument)
        form = FORMS.get(frame.name)
        return None if form is None else OpenCall(frame.name, form[0], form[2], argument)

    def function(self, name: str) -> Function | None:
        own = next((each for each in self.own if each.name == name.casefold()), None)
        return own or lookup(name)

    @property
    def inside(self) -> Function | None:
        """The function whose call is open here."""
        return None if self.call is None else self.function(self.call.function)

    # What could stand there

    def all(self) -> Iterator[Suggestion]:
        accepts = self.accepts
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.kind == "DOT":
            yield from (_column(name, expression) for name, expression in self.through_relations().items())
            path = self.path()
            for further in self.scope.qualified:
                if further[:-1] == path and path:
                    yield _relation(further[-1])
            return
        if accepts("NAME"):
            yield from self.values()
        elif accepts("PARAMETER"):
            yield from self.parameters()
        units = [Suggestion(f"{unit}s", "unit", f"{unit}s", "", "a length of time") for unit in UNITS]
        if not accepts("UNIT") or last is None or last.kind != "NUMBER":
            units = []
        added = len(self.tokens) < 2 or self.tokens[-2].kind == "SIGN"  # as in day + 12 months
        yield from units if added else ()
        if accepts("TYPE") and not accepts("NAME"):
            for kind in KINDS:
                yield Suggestion(kind, "type", kind, "", "as a value of this type")
        yield from self.words()
        yield from () if added else units
        if accepts("NAME"):
            yield from self.functions()

    def accepts(self, kind: str) -> bool:
        return self.state is not None and self.state.accepts(kind)

    def values(self) -> Iterator[Suggestion]:
        """Columns and the like; those that the open function takes come first."""
        function = self.inside
        position = None if self.call is None else self.call.argument
        if function is not None and position is not None:
            for choice in _choices(function, position):
                yield Suggestion(choice, "text", print_text(choice), "", f"for {function.name}")
        takes = _taker(function, position)
        names = [_column(name, expression) for name, expression in self.names().items()]
        yield from (each for each in names if takes(each.detail))
        yield from (each for each in names if not takes(each.detail))
        for name, text in self.scope.formulas.items():
            if name not in self.scope.columns or self.grouped:
                yield Suggestion(name, "formula", print_name(name), "", " ".join(text.split()))
        yield from (_relation(path[0]) for path in self.scope.qualified if len(path) == 1)
        yield from self.parameters()

    @property
    def grouped(self) -> bool:
        """Whether only keys of groups may be named here."""
        inside = self.inside
        return self.scope.groups is not None and (inside is None or inside.level == "row")

    def path(self) -> tuple[str, ...]:
        """The relations before the last dot."""
        names: list[str] = []
        at = len(self.tokens) - 1
        while at > 0 and self.tokens[at].kind == "DOT":
            names.insert(0, _bare(self.tokens[at - 1].text))
            at -= 2
        return tuple(names)

    def through_relations(self) -> dict[str, Expression]:
        """The columns that the path before the last dot leads to."""
        return dict(self.scope.qualified.get(self.path(), {}))

    def names(self) -> dict[str, Expression]:
        return dict((self.scope.groups or {}) if self.grouped else self.scope.columns)

    def parameters(self) -> Iterator[Suggestion]:
        for name, (type_, many) in self.scope.parameters.items():
            yield Suggestion(f"${name}", "parameter", f"${name}", f"list of {type_}" if many else str(type_))

    def words(self) -> Iterator[Suggestion]:
        function = self.inside
        takes_clauses = self.call is None or function is None or function.level != "row"
        ends_order = self.order and self.accepts(END_OF_TEXT)
        for terminal, label, insert, meaning in _WORDS:
            fits = self.accepts(terminal) or (ends_order and terminal in _ORDER_WORDS)
            if fits and (takes_clauses or terminal not in _CLAUSES):
                yield Suggestion(label, "word", insert, "", meaning)

    def functions(self) -> Iterator[Suggestion]:
        rows_only = set(self.levels) <= {"row"} and self.scope.groups is None
        follows = self.text[self.end :].lstrip().startswith("(")
        for function in self.own:
            yield _function(function)
        for level, suggestion in (*_catalogue(), *(_other_names() if self.written else ())):
            if level == "row" or not rows_only:
                yield suggestion if not follows else _without_bracket(suggestion)

    def in_text(self, opened: int) -> Suggestions:
        """Inside quotes: the literals that the open function takes there."""
        function, position = self.inside, None if self.call is None else self.call.argument
        quote = self.text[opened]
        end = self.text.find(quote, self.end)
        written = self.text[opened + 1 : self.end]
        self.start, self.end = opened, self.end if end < 0 else end + 1
        if function is None or position is None:
            return Suggestions((), Span(self.start, self.end), self.call)
        items = [
            Suggestion(choice, "text", print_text(choice), "", f"for {function.name}")
            for choice in _choices(function, position)
        ]
        return self.result(items, bare=written)

    def in_brackets(self, opened: int) -> Suggestions:
        """After ``[``: columns, whose names may hold anything."""
        rest = _REST_OF_BRACKETS.match(self.text, self.end)
        written = self.text[opened + 1 : self.end]
        self.start, self.end = opened, rest.end() if rest else self.end
        names = self.names()
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.kind == "DOT" and len(self.tokens) > 1:
            names = self.through_relations()
        items = [_column(name, expression) for name, expression in names.items()]
        return self.result(items, bare=written.replace("]]", "]"))

    # The answer

    def result(self, items: Iterator[Suggestion] | Sequence[Suggestion], bare: str | None = None) -> Suggestions:
        """The items that what has been written can become: first those that begin with it."""
        written = (self.written if bare is None else bare).casefold()
        if self.written and self.start + len(self.written) == self.end:
            rest = _REST_OF_WORD.match(self.text, self.end)
            self.end = rest.end() if rest else self.end
        ranked = [(_rank(each.label.lstrip("$").casefold(), written), each) for each in items]
        fitting = sorted((pair for pair in ranked if pair[0] < 3), key=lambda pair: pair[0]) if written else ranked
        return Suggestions(tuple(each for _, each in fitting), Span(self.start, self.end), self.call)


def _rank(label: str, written: str) -> int:
    if label.startswith(written):
        return 0
    if f"_{written}" in label or f" {written}" in label:
        return 1
    return 2 if len(written) > 2 and written in label else 3


def _read(head: str) -> tuple[Failure | None, tuple[Token, ...]]:
    """The parser's state at the end of ``head``, None within a comment, and the tokens before it.

    Where something before is wrong, reading goes on after it: what stands at the end still tells what may follow.
    """
    start = len(head) - len(head.lstrip())
    if head[start : start + 1] == "=":
        head = f"{head[:start]} {head[start + 1 :]}"
    tokens: list[Token] = []
    done = 0
    for _ in range(_RETRIES):
        try:
            run(" " * done + head[done:] + _NOTHING, MAX_TOKENS)
        except Failure as failure:
            tokens.extend(failure.tokens)
            if failure.at >= len(head) or head[failure.at] in "\"'[":
                return (failure if failure.at <= len(head) else None), tuple(tokens)
            if head.startswith("/*", failure.at):
                return None, tuple(tokens)
            if failure.tokens:
                done = failure.at
                continue
            skipped = failure.found or Token("", head[failure.at], failure.at, failure.at + 1)
            tokens.append(skipped)
            done = skipped.end
        except (Refused, TooManyTokens):
            break
        else:
            break
    return _nothing_read(), tuple(tokens)


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words and signs of a formula, also of one that cannot be parsed."""
    return _read(text)[1] if len(text) <= MAX_LENGTH else ()


_NOTHING = "\0"
"""A character that begins no token."""


@cache
def _nothing_read() -> Failure:
    try:
        run(_NOTHING, 1)
    except Failure as failure:
        return failure
    raise AssertionError("an unknown character is a token")


def _frames(tokens: Sequence[Token]) -> list[_Frame]:
    """The brackets that are open after ``tokens``, outermost first."""
    stack: list[_Frame] = []
    before: Token | None = None
    for token in tokens:
        if token.kind == "LPAR":
            called = before is not None and before.kind in ("NAME", "FUNCTION")
            stack.append(_Frame(before.text.lower() if before is not None and called else None))
        elif token.kind == "LSQB":
            stack.append(_Frame(None))
        elif token.kind in ("RPAR", "RSQB"):
            if stack:
                stack.pop()
        elif stack:
            top = stack[-1]
            if token.kind == "COMMA" and not top.in_clause:
                stack[-1] = _Frame(top.name, top.argument + 1)
            elif token.kind in _CLAUSES and token.kind != "DISTINCT":
                stack[-1] = _Frame(top.name, top.argument, in_clause=True)
        before = token
    return stack


def _bare(name: str) -> str:
    """A name without the brackets that it may be written in."""
    return name[1:-1].replace("]]", "]") if name.startswith("[") else name


def _relation(name: str) -> Suggestion:
    return Suggestion(name, "relation", f"{print_name(name)}.", "", "columns of a related source")


def _column(name: str, expression: Expression) -> Suggestion:
    type_ = expression.type
    meaning = "" if type_.nullable else "never null"
    return Suggestion(name, "column", print_name(name), str(type_), meaning)


def _taker(function: Function | None, position: int | None) -> Callable[[str], bool]:
    """Whether a value of a kind can be this argument of the function."""
    if function is None or position is None or function.form:
        return lambda kind: True
    shapes = [shape(each.arguments) for each in function.signatures if each.arguments]
    wanted = {taken.kind(position) for taken in shapes if taken.repeats or position < len(taken.kinds)}
    if wanted & {"any", "same", "printed"}:
        return lambda kind: True

    def takes(kind: str) -> bool:
        kind = kind.partition("(")[0]
        number = "number" in wanted and Type(kind).is_number
        return number or kind in wanted or any(widens(kind, each) for each in wanted)

    return takes


def _choices(function: Function, position: int) -> list[str]:
    """The literal texts that an argument of the function may be; of each signature the first."""
    found = [
        constant.choices[0]
        for each in function.signatures
        if (constant := each.constants.get(position)) is not None and constant.choices
    ]
    return in_order(dict.fromkeys(choice for choice in found if isinstance(choice, str)))


def _function(function: Function, name: str = "") -> Suggestion:
    calls = usage(function)
    detail = f"{calls[0]} → {result_words(function)}"
    meaning = f"The same as {function.name}. {function.meaning}" if name else function.meaning
    return _called(name or function.name, detail, meaning)


def _called(name: str, detail: str, meaning: str) -> Suggestion:
    return Suggestion(name, "function", f"{name}(", detail, meaning)


def _without_bracket(suggestion: Suggestion) -> Suggestion:
    return Suggestion(suggestion.label, "function", suggestion.label, suggestion.detail, suggestion.meaning)


@cache
def _catalogue() -> tuple[tuple[Level, Suggestion], ...]:
    """Every function and form that is written as a call, by its name."""
    found: list[tuple[Level, Suggestion]] = [(each.level, _function(each)) for each in _callable()]
    for name, (calls, result, meaning) in FORMS.items():
        found.append(("row" if name == "cast" else "window", _called(name, f"{calls[0]} → {result}", meaning)))
    return tuple(sorted(found, key=lambda pair: pair[1].label))


@cache
def _other_names() -> tuple[tuple[Level, Suggestion], ...]:
    """What else functions are called; offered to those who begin to write it."""
    found = [(each.level, _function(each, alias)) for each in _callable() for alias in each.aliases]
    return tuple(sorted(found, key=lambda pair: pair[1].label))


def _callable() -> list[Function]:
    """The functions but for those that are written as operators."""
    also = OPERATOR_FUNCTIONS | {"not"}
    return [each for each in CATALOGUE.values() if each.family != "operators" or each.name in also]
