"""``headrace rules [NAME]``: the rules that rewrite plans."""

from __future__ import annotations

import json
from textwrap import wrap

import click

from headrace.cli.options import colour_option, format_option
from headrace.cli.project import no_such
from headrace.cli.screen import console, say


@click.command("rules")
@click.argument("name", required=False)
@format_option("text", "json")
@colour_option
def command(name: str | None, format_: str) -> int:
    """List the rules that rewrite plans before they become SQL; with NAME, tell of one.

    They leave the rows as they are. `headrace compile --explain-rules` shows what they change, --no-rules and
    --rules a,b leave them out.
    """
    from headrace.rules.optimizer import RULES
    from headrace.rules.reference import described

    known = {rule.name: rule for rule in RULES}
    if name is not None and name not in known:
        raise no_such("rule", name, known)
    told = [described(rule) for rule in (RULES if name is None else [known[name]])]
    if format_ == "json":
        click.echo(json.dumps([each.to_json() for each in told], ensure_ascii=False, indent=2))
        return 0
    for place, each in enumerate(told):
        if place:
            say()
        say(each.name, bold=True)
        _paragraph(each.summary, 2)
        for before, after in zip(each.before.splitlines(), each.after.splitlines(), strict=True):
            _paragraph(f"before: {before}", 2, dim=True)
            _paragraph(f"after:  {after}", 2, dim=True)
        if name is not None:
            for text in each.more:
                say()
                _paragraph(text, 2)
    return 0


def _paragraph(text: str, indent: int, dim: bool = False) -> None:
    width = min(100, console().width)
    for line in text.splitlines():
        for part in wrap(line, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 8 * dim)):
            say(part, dim=dim)
