"""The reference page of all functions, ``docs/functions.md``, written from the catalogue.

``python -m headrace.grammar.functions.reference`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable

from headrace.grammar.function import Constant, Example, Function, Signature
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.functions.date_patterns import PARTS
from headrace.grammar.functions.foreign_names import AMBIGUOUS_NAMES, FOREIGN_NAMES

_TITLES = {
    "text": "Text",
    "number": "Numbers",
    "dates": "Dates and times",
    "logical": "Conditions",
    "conversion": "From one type to another",
    "aggregates": "Aggregates",
    "windows": "Windows",
    "statistics": "Statistics",
    "regular expressions": "Regular expressions",
    "json": "JSON",
    "quality": "Quality of data",
    "operators": "Operators",
}
"""The families in the order of the page."""

_HEAD = """# Functions

Written from the catalogue by `python -m headrace.grammar.functions.reference`; every example runs as a test.

- Names ignore case. An argument in `[…]` may be left out, `…` repeats the one before it.
- A function of one row is null where an argument is null, unless its text says otherwise.
- Text counts characters from 1. A count below 0 is refused, or an error of the run where it is computed.
- Weeks start on Monday. A month added to 31 January ends on the last day of February.
- No function depends on a setting of the session. Where a time zone is left out, it is the project's.
- `share(x)` is `sum(x) / sum(sum(x) per ())`, `total(x)` the sum over everything: forms of the language, as is
  `cast(x as integer)`.
- `number` is integer, decimal or float; `same` are values of one type; `any` is any type; `printed` is a text or
  anything that `to_text` takes.
"""


def reference_markdown() -> str:
    """The page, as Markdown.

    >>> reference_markdown().startswith("# Functions")
    True
    """
    parts = [_HEAD, _contents()]
    for family, title in _TITLES.items():
        functions = [function for function in CATALOGUE.values() if function.family == family]
        parts.append(f"## {title}\n")
        parts.extend(_entry(function) for function in functions)
    parts += [_patterns(), _cautions(), _foreign()]
    return "\n".join(parts)


def _contents() -> str:
    lines = []
    for family, title in _TITLES.items():
        names = [f"`{function.name}`" for function in CATALOGUE.values() if function.family == family]
        lines.append(f"- **[{title}](#{title.lower().replace(' ', '-')})**: {' '.join(names)}")
    return "\n".join(lines) + "\n"


def _entry(function: Function) -> str:
    lines = [f"### {function.name}\n", f"{function.meaning}\n"]
    if function.caution:
        lines.append(f"*{function.caution}*\n")
    notes = _notes(function)
    if notes:
        lines.append(f"{notes}\n")
    lines.append(_code(_calls(function)))
    if function.examples:
        lines.append(_examples(function.examples))
    return "\n".join(lines)


def _notes(function: Function) -> str:
    notes = []
    if function.aliases:
        notes.append(f"Also {', '.join(f'`{alias}`' for alias in function.aliases)}.")
    if function.level == "aggregate":
        notes.append("One value of many rows" + ("." if function.over else "; not with per."))
    elif function.level == "window":
        notes.append("Looks at other rows.")
    return " ".join(notes)


def _calls(function: Function) -> list[str]:
    """Each way to call the function; signatures that differ in nothing but a choice are one line."""
    merged: dict[tuple[tuple[str, ...], str], list[Signature]] = {}
    for signature in function.signatures:
        merged.setdefault((signature.arguments, _result(signature)), []).append(signature)
    return [_call(function.name, arguments, result, same) for (arguments, result), same in merged.items()]


def _call(name: str, arguments: tuple[str, ...], result: str, signatures: list[Signature]) -> str:
    shown = []
    for position, argument in enumerate(arguments):
        constants = [each.constants[position] for each in signatures if position in each.constants]
        text = _choices(constants) or argument.rstrip("?*")
        if argument.endswith("?"):
            text = f"[{text}]"
        shown.append(f"{text}, …" if argument.endswith("*") else text)
    return f"{name}({', '.join(shown)}) → {result}"


def _choices(constants: list[Constant]) -> str:
    """The literals that an argument may be: of each signature the first, since the others are spellings of it."""
    firsts = dict.fromkeys(constant.choices[0] for constant in constants if constant.choices)
    return " | ".join(f'"{each}"' if isinstance(each, str) else str(each).lower() for each in firsts)


def _result(signature: Signature) -> str:
    word, _, position = signature.result.partition(" ")
    return signature.arguments[int(position)].rstrip("?*") if word == "argument" else signature.result


def _code(lines: Iterable[str]) -> str:
    return "\n".join(["```", *lines, "```"]) + "\n"


def _examples(examples: tuple[Example, ...]) -> str:
    lines = ["| formula | value |", "|---|---|"]
    for example in examples:
        rows = f" over x{' and y' if len(example.rows[0]) > 1 else ''} = {_rows(example)}" if example.rows else ""
        value = "null" if example.value is None else f"`{_cell(example.value)}`" if example.value else "(empty)"
        lines.append(f"| `{_cell(example.formula)}`{_cell(rows)} | {value} |")
    return "\n".join(lines) + "\n"


def _rows(example: Example) -> str:
    def text(value: object) -> str:
        return "null" if value is None else str(value)

    rows = [[text(value) for value in row] for row in example.rows[1:]]
    return ", ".join(row[0] if len(row) == 1 else f"({', '.join(row)})" for row in rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _patterns() -> str:
    lines = [
        "## Patterns of dates\n",
        "`format_date`, `to_date`, `to_timestamp`, `is_date` and their like take these parts; what is no letter stands",
        "for itself, and so do `T` and what stands in single quotes. `MM` is the month, `mm` the minutes.\n",
        "| part | meaning |",
        "|---|---|",
        *(f"| `{part}` | {meaning} |" for part, meaning in PARTS),
    ]
    return "\n".join(lines) + "\n"


_BOTH_WAYS = {
    "date": ("date", '`date(2024, 1, 31)` and `date("2024-01-31")`'),
    "replace": ("replace", '`replace("abcabc", "bc", "X")` and `replace("abcabc", 2, 2, "X")`'),
    "date_trunc": ("date_trunc", '`date_trunc("month", day)` and `date_trunc(day, "month")`'),
    "date_add": ("date_add", '`date_add("month", 3, day)` and `date_add(day, 3, "month")`'),
    "extract": ("extract_date_part", '`extract(year from day)` and `extract("year", day)`'),
}
"""Names of two traditions, with the entry and the calls of both."""


def _cautions() -> str:
    lines = [
        "## A name means one thing\n",
        "Names that mean different things in different programs. Those without a link to a function are none here:",
        "the formula is refused, and the answer says what to write.\n",
        "| name | which is which |",
        "|---|---|",
        *(f"| `{name}` | {_cell(FOREIGN_NAMES[name])} |" for name in sorted(AMBIGUOUS_NAMES)),
        *(
            f"| [`{function.name}`](#{function.name}) | {_cell(function.caution)} |"
            for function in sorted(CATALOGUE.values(), key=lambda each: each.name)
            if function.caution
        ),
        "\nWhere the number or the types of the arguments tell two traditions apart, both work:\n",
        "| name | in both ways |",
        "|---|---|",
        *(f"| [`{name}`](#{function}) | {_cell(ways)} |" for name, (function, ways) in _BOTH_WAYS.items()),
    ]
    return "\n".join(lines) + "\n"


def _foreign() -> str:
    lines = [
        "## Functions of other programs\n",
        "| name | here |",
        "|---|---|",
        *(
            f"| `{name.upper()}` | {_cell(FOREIGN_NAMES[name])} |"
            for name in sorted(FOREIGN_NAMES)
            if name not in AMBIGUOUS_NAMES
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(reference_markdown(), end="")
