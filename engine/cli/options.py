"""The arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from headrace.cli.screen import plain_text

F = TypeVar("F", bound=Callable[..., Any])


def folder_argument(command: F) -> F:
    """``[FOLDER]``: the project, by default the current folder. A single document of a whole project serves too."""
    return click.argument("folder", default=".", metavar="[FOLDER]", type=click.Path())(command)


def warehouse_option(command: F) -> F:
    return click.option(
        "--warehouse",
        metavar="URL",
        envvar="HEADRACE_WAREHOUSE",
        help="The database: postgresql://user@host/name. By default headrace.yaml's, or the embedded server.",
    )(command)


def parameter_option(command: F) -> F:
    return click.option(
        "--param",
        "parameters",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_parameters,
        help="The value of a parameter, as in --param month=1998-01-31. May be given several times.",
    )(command)


def as_of_option(command: F) -> F:
    return click.option(
        "--as-of",
        metavar="MOMENT",
        help="What now() and today() are, such as 2024-01-31 or '2024-01-31 08:30', in the project's time zone."
        " By default the moment of the run.",
    )(command)


def colour_option(command: F) -> F:
    return click.option(
        "--no-color",
        is_flag=True,
        expose_value=False,
        callback=_no_colour,
        help="No colours. NO_COLOR in the environment says the same.",
    )(command)


def format_option(*formats: str) -> Callable[[F], F]:
    return click.option(
        "--format", "format_", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print."
    )


def rows_option(default: int) -> Callable[[F], F]:
    return click.option(
        "--rows", type=click.IntRange(min=0), default=default, show_default=True, help="How many rows at most."
    )


def rules_option(command: F) -> F:
    """``--rules a,b`` and ``--no-rules``: ``rules`` is None for all of them, or the names of those that are used."""

    @wraps(command)
    def with_rules(*arguments: Any, rules: tuple[str, ...] | None, no_rules: bool, **others: Any) -> Any:
        if no_rules and rules is not None:
            raise click.UsageError("--rules and --no-rules exclude each other.")
        return command(*arguments, rules=() if no_rules else rules, **others)

    named = click.option(
        "--rules",
        metavar="NAMES",
        callback=_rules,
        help="Rewrite plans by these rules only, as in --rules a,b. `headrace rules` lists them.",
    )
    without = click.option("--no-rules", is_flag=True, help="Rewrite no plan: the same rows, by slower SQL.")
    return cast(F, named(without(with_rules)))


def _rules(_ctx: click.Context, option: click.Parameter, given: str | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    from headrace.diagnostics.suggest import closest
    from headrace.rules.optimizer import RULES

    known = [rule.name for rule in RULES]
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    for name in names:
        if name not in known:
            near = closest(name, known, limit=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            listed = f"The rules are {', '.join(known)}; `headrace rules` says what they do."
            raise click.BadParameter(f"There is no rule {plain_text(name)}.{meant} {listed}", param=option)
    if not names:
        raise click.BadParameter("No rule is named. --no-rules leaves all of them out.", param=option)
    return names


def _no_colour(ctx: click.Context, _option: click.Parameter, unwanted: bool) -> None:
    if unwanted:
        ctx.find_root().color = False


def _parameters(_ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE.", param=option)
        name = name.strip().removeprefix("$")
        if name in values:  # said again: a list, for a parameter that takes one
            known = values[name]
            values[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            values[name] = value
    return values
