"""``headrace functions [NAME]``: what formulas can call."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.options import colour_option, format_option
from headrace.cli.screen import plain_text, say

if TYPE_CHECKING:
    from headrace.grammar.function import Function


@click.command("functions")
@click.argument("name", required=False)
@click.option("--project", "folder", default=".", metavar="FOLDER", help="Whose own functions to show too.")
@format_option("text", "json")
@colour_option
def command(name: str | None, folder: str, format_: str) -> int:
    """List what formulas can call; with NAME, one function with its examples.

    The functions that a project declares in its headrace.yaml come first.
    """
    from headrace.grammar.functions import CATALOGUE, lookup, words
    from headrace.grammar.words import FORMS

    own = {function.name: function for function in _own(folder)}
    if name is None:
        chosen = [*own.values(), *CATALOGUE.values()]
    elif name.casefold() in FORMS and name.casefold() not in own:
        meaning = FORMS[name.casefold()]
        said = json.dumps([{"name": name.casefold(), "meaning": meaning}], ensure_ascii=False, indent=2)
        click.echo(said if format_ == "json" else meaning)
        return 0
    else:
        found = own.get(name.casefold()) or lookup(name)
        if found is None:
            raise click.UsageError(_unknown(name, [*own, *words()]))
        chosen = [found]
    if format_ == "json":
        click.echo(json.dumps([_data(function) for function in chosen], ensure_ascii=False, indent=2))
    elif name is None:
        _list(chosen)
    else:
        _describe(chosen[0])
    return 0


def _own(folder: str) -> tuple[Function, ...]:
    """The functions of the project in a folder; none where there is no project."""
    from pathlib import Path

    from headrace.cli.project import PROJECT_FILE, open_project

    path = Path(folder)
    return open_project(folder).functions if path.is_file() or (path / PROJECT_FILE).exists() else ()


def _unknown(name: str, words: Iterable[str]) -> str:
    from headrace.diagnostics.suggest import closest
    from headrace.grammar.functions.foreign_names import FOREIGN_NAMES

    instead = FOREIGN_NAMES.get(name.casefold())
    if instead is not None:
        return f"There is no function {plain_text(name)}. {instead}"
    near = closest(name, words)
    return f"There is no function {plain_text(name)}." + (f" Did you mean {' or '.join(near)}?" if near else "")


def _list(functions: Iterable[Function]) -> None:
    families: dict[str, list[Function]] = {}
    for function in functions:
        families.setdefault(function.family, []).append(function)
    for family, members in families.items():
        say(family, bold=True)
        width = max(len(member.name) for member in members)
        for member in members:
            say(f"  {member.name:<{width}}  {member.meaning}")
        say()
    say("`headrace functions NAME` shows how one is called, with examples.")


def _describe(function: Function) -> None:
    from headrace.grammar.usage import result_words, usage

    for call in usage(function):
        say(f"{call} → {result_words(function)}", bold=True)
    say(f"\n{function.meaning}")
    if function.aliases:
        say(f"Also called {', '.join(function.aliases)}.")
    if function.caution:
        say(function.caution)
    if function.examples:
        say()
    for example in function.examples:
        over = ""
        if example.rows:
            (columns, *rows) = example.rows
            values = "; ".join(", ".join("null" if value is None else str(value) for value in row) for row in rows)
            over = f"  where {', '.join(map(str, columns))} is {values}"
        say(f"  {example.formula}  gives  {'null' if example.value is None else example.value}{over}")


def _data(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "aliases": list(function.aliases),
        "family": function.family,
        "level": function.level,
        "signatures": [
            {"arguments": list(signature.arguments), "result": signature.result} for signature in function.signatures
        ],
        "meaning": function.meaning,
        "caution": function.caution,
        "examples": [{"formula": example.formula, "value": example.value} for example in function.examples],
    }
