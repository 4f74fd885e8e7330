"""``headrace lineage NODE.COLUMN``: where a column comes from, or what comes from it. No database is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.options import colour_option, folder_argument, format_option, parameter_option
from headrace.cli.project import no_such, open_project
from headrace.cli.screen import plain_text, say
from headrace.cli.tree import Branch, tree_lines

if TYPE_CHECKING:
    from headrace.graph.columns import Link, Place, ProjectLineage
    from headrace.plan import Made
    from headrace.results import CheckResult


@click.command("lineage")
@click.argument("column", metavar="NODE.COLUMN")
@folder_argument
@click.option("--downstream", is_flag=True, help="What comes from the column, instead of what it comes from.")
@format_option("text", "json")
@parameter_option
@colour_option
def command(column: str, folder: str, downstream: bool, format_: str, parameters: dict[str, Any]) -> int:
    """Show which columns a column comes from, through every formula, down to the sources.

    NODE alone shows all its columns. A source's column serves too, with --downstream. What only decides (filters,
    joins, groups, order) is told apart. Names that hold dots are put in brackets: '[a.b].c'.
    """
    from headrace.graph.columns import ProjectLineage

    result = open_project(folder).check(parameters)
    lineage = ProjectLineage(result)
    place = _place(column, lineage, result)
    places = [place]
    if place.column is None:
        places = [type(place)(place.relation, name) for name in lineage.columns(place.relation)]
    if format_ == "json":
        click.echo(json.dumps(_data(place, places, lineage, downstream), ensure_ascii=False, indent=2))
    elif downstream:
        _show_downstream(places, lineage)
    else:
        _show_upstream(places, lineage)
    return 0


def _place(text: str, lineage: ProjectLineage, result: CheckResult) -> Place:
    from headrace.cli.running import Refused
    from headrace.diagnostics.suggest import meant

    found = lineage.named(text)
    if len(found) > 1:
        ways = ", ".join(f"'{plain_text(str(place))}'" for place in found)
        raise click.UsageError(f"{plain_text(text)} can be read in several ways: write one of {ways}.")
    if found and (lineage.columns(found[0].relation) or found[0].column):
        return found[0]
    relations = [name for name in lineage.relations if text == name or text.startswith(f"{name}.")]
    relation = max(relations, key=len, default=None)
    if relation is None:
        raise no_such("node or source", text.partition(".")[0], lineage.relations)
    if not lineage.columns(relation):
        raise Refused(result.diagnostics)
    column = text.removeprefix(f"{relation}.")
    formula = lineage.relations[relation].formulas.get(column)
    if formula is not None:
        raise click.UsageError(
            f"{plain_text(column)} is a formula of {plain_text(relation)}, computed where it is used: "
            f"{plain_text(formula)}. Ask for the columns it reads."
        )
    _, hints = meant(column, lineage.columns(relation))
    raise click.UsageError(plain_text(" ".join([f"{relation} has no column {column}.", *hints])))


def _data(place: Place, places: Sequence[Place], lineage: ProjectLineage, downstream: bool) -> dict[str, Any]:
    links: dict[Link, None] = {}
    for each in places:
        links.update(dict.fromkeys(lineage.downstream(each) if downstream else lineage.upstream(each)))
    return {
        "headrace": 1,
        "of": place.to_json(),
        "direction": "downstream" if downstream else "upstream",
        "edges": [link.to_json() for link in links],
    }


# Upstream


def _show_upstream(places: Sequence[Place], lineage: ProjectLineage) -> None:
    walked: dict[Place, None] = {}
    _print([_upstream(place, lineage, walked) for place in places])
    decided = [
        Branch(_plain(relation), branches)
        for relation in _upstream_of([place.relation for place in walked], lineage)
        if (branches := _decisions(relation, [place for place in walked if place.relation == relation], lineage))
    ]
    if decided:
        say("\nDecided by, without being in the values:", bold=True)
        _print(decided)


def _upstream(start: Place, lineage: ProjectLineage, walked: dict[Place, None]) -> Branch:
    """The tree of direct links; what was told before is not told again."""
    root = Branch(_described(start, lineage))
    waiting = [(start, root)]
    while waiting:
        place, branch = waiting.pop()
        if place in walked:
            if lineage.into(place):
                branch.text += "  (as above)"
            continue
        walked[place] = None
        direct = [link for link in lineage.into(place) if link.direct]
        for link in direct:
            branch.branches.append(Branch(f"{plain_text(str(link.origin))}  {_way(link.how, link.through)}"))
        if not direct:
            branch.text += _of_no_column(place, lineage)
        waiting.extend((link.origin, each) for link, each in reversed(list(zip(direct, branch.branches, strict=True))))
    return root


def _described(place: Place, lineage: ProjectLineage) -> str:
    schema = lineage.relations[place.relation].schema
    type_ = None if schema is None or place.column is None else schema.get(place.column)
    return plain_text(str(place)) + ("" if type_ is None else f"  {type_}")


def _of_no_column(place: Place, lineage: ProjectLineage) -> str:
    """What a column is that comes from no other: of a source, or a formula without columns."""
    from headrace.results import NodeResult, SourceResult

    relation = lineage.relations[place.relation]
    if isinstance(relation, SourceResult):
        return f"  in {plain_text(relation.place)}" if relation.place else f"  {relation.kind} of the document"
    if isinstance(relation, NodeResult) and place.column is not None:
        made = relation.lineage.columns[place.column].through
        if len(made) == 1:
            return f"  = {_formulas(made)}"
        return f"  computed: {_formulas(made)}" if made else ""
    return ""


def _upstream_of(relations: Iterable[str], lineage: ProjectLineage) -> list[str]:
    """The relations and all that they read, directly or not."""
    from headrace.graph.columns import Place

    found = dict.fromkeys(relations)
    waiting = list(found)
    for name in waiting:
        read = [link.origin.relation for link in lineage.into(Place(name)) if link.how == "rows"]
        waiting += [each for each in read if each not in found]
        found.update(dict.fromkeys(read))
    return list(found)


def _decisions(relation: str, places: Iterable[Place], lineage: ProjectLineage) -> list[Branch]:
    """What decides the rows of a relation, then what decides single columns."""
    from headrace.graph.columns import Place

    lines: dict[str, dict[str, None]] = {}
    for place in (Place(relation), *places):
        for link in lineage.into(place):
            if link.direct or link.how == "rows":
                continue
            column = "" if place.column is None else f"{_plain(place.column)} "
            for formula in _deciding(link):
                line = f"{column}{link.how.replace('_', ' ')} {formula}"
                lines.setdefault(line, {})[plain_text(str(link.origin))] = None
    return [Branch(f"{line}  ({', '.join(origins)})") for line, origins in lines.items()]


# Downstream


def _show_downstream(places: Sequence[Place], lineage: ProjectLineage) -> None:
    from headrace.graph.columns import Place

    walked: dict[Place, None] = {}
    _print([_downstream(place, lineage, walked) for place in places])
    decided: dict[str, list[Link]] = {}
    for place in walked:
        for link in lineage.out_of(place):
            if not link.direct:
                decided.setdefault(link.to.relation, []).append(link)
    if not decided:
        return
    say("\nDecides, without being in the values:", bold=True)
    _print([Branch(_plain(name), _decided(links)) for name, links in decided.items()])
    rows = [name for name, links in decided.items() if any(link.to.column is None for link in links)]
    further = {
        link.to.relation: None
        for name in rows
        for link in lineage.downstream(Place(name))
        if link.to.relation not in decided and link.to.relation not in {place.relation for place in walked}
    }
    if further:
        say(f"and so all that reads them: {', '.join(map(_plain, further))}")


def _downstream(start: Place, lineage: ProjectLineage, walked: dict[Place, None]) -> Branch:
    root = Branch(_described(start, lineage))
    waiting = [(start, root)]
    while waiting:
        place, branch = waiting.pop()
        direct = [link for link in lineage.out_of(place) if link.direct]
        if place in walked:
            if direct:
                branch.text += "  (as above)"
            continue
        walked[place] = None
        for link in direct:
            branch.branches.append(Branch(f"{plain_text(str(link.to))}  {_way(link.how, link.through)}"))
        waiting.extend((link.to, each) for link, each in reversed(list(zip(direct, branch.branches, strict=True))))
    return root


def _decided(links: Iterable[Link]) -> list[Branch]:
    lines: dict[str, None] = {}
    for link in links:
        column = "" if link.to.column is None else f"{_plain(link.to.column)} "
        for formula in _deciding(link):
            line = f"{column}{link.how.replace('_', ' ')} {formula}"
            lines[f"{line}  ({plain_text(str(link.origin))})"] = None
    return [Branch(line) for line in lines]


def _deciding(link: Link) -> list[str]:
    """The formulas that decide, without those that lead to them."""
    decisions = [made for made in link.through if made.column is None] or link.through[-1:]
    return [plain_text(made.formula) for made in decisions] or [_plain(link.origin.column or "")]


def _way(how: str, through: tuple[Made, ...]) -> str:
    return how if not through else f"{how}: {_formulas(through)}"


def _formulas(through: Sequence[Made]) -> str:
    if len(through) == 1:
        return plain_text(through[0].formula)
    named = (f"{_plain(made.column)} = {made.formula}" if made.column is not None else made.formula for made in through)
    return plain_text("; ".join(named))


def _plain(name: str) -> str:
    from headrace.grammar.printer import print_name

    return plain_text(print_name(name))


def _print(roots: Sequence[Branch]) -> None:
    for line in tree_lines(roots):
        click.echo(line)
