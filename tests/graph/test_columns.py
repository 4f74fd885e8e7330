"""The columns of a project as a graph, worked out by hand."""

from __future__ import annotations

import pytest

import headrace
from graph.documents import SMALL
from headrace.graph import Link, Place, ProjectLineage


def _lineage() -> ProjectLineage:
    return ProjectLineage(headrace.check(SMALL))


def _told(links: list[Link]) -> list[str]:
    return [f"{link.origin} {link.how} {link.to}" for link in links]


def test_upstream() -> None:
    assert _told(_lineage().upstream(Place("sorted", "double"))) == [
        "named.total computed sorted.double",
        "named rows sorted",
        "named.name ordered_by sorted",
        "totals.total copied named.total",
        "totals rows named",
        "customers rows named",
        "totals.id joined_on named",
        "customers.id joined_on named",
        "totals.total filtered_by named",
        "customers.name copied named.name",
        "sales.amount aggregated totals.total",
        "sales rows totals",
        "sales.id grouped_by totals",
        "sales.id copied totals.id",
    ]


def test_downstream() -> None:
    assert _told(_lineage().downstream(Place("customers", "id"))) == [
        "customers.id joined_on named",
        "named rows sorted",
        # What decides the rows of named decides all that reads named.
        "named.id copied sorted.id",
        "named.total copied sorted.total",
        "named.total computed sorted.double",
        "named.name ordered_by sorted",
        "named.name copied sorted.name",
    ]
    assert _told(_lineage().downstream(Place("customers", "name"))) == [
        "customers.name copied named.name",
        "customers.name copied other.name",
        "named.name ordered_by sorted",
        "named.name copied sorted.name",
    ]


def test_a_count_depends_on_what_decides_the_rows_that_are_counted() -> None:
    """It has no column of them in it, and neither has a column that a union fills with nulls for their rows."""
    document = {
        "headrace": 1,
        "sources": {"s": {"rows": [{"a": 1}]}, "t": {"rows": [{"b": 1}]}},
        "nodes": {
            "some": {"from": "t", "steps": [{"filter": "b > 0"}]},
            "counted": {"from": "some", "steps": [{"aggregate": {"measures": {"rows": "count()"}}}]},
            "both": {"from": "s", "steps": [{"union": ["some"]}, {"select": ["a"]}]},
        },
    }
    lineage = ProjectLineage(headrace.check(document))
    for place in (Place("counted", "rows"), Place("both", "a")):
        assert Place("t", "b") in {link.origin for link in lineage.upstream(place)}
        assert place.relation in {link.to.relation for link in lineage.downstream(Place("t", "b"))}


_DOTS = {
    "headrace": 1,
    "sources": {
        "a": {"rows": [{"b.c": 1, "d": 1}]},
        "a.b": {"rows": [{"c": 1, "d ]e": 1}]},
        "[x]": {"rows": [{"y": 1}]},
    },
}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a.d", [Place("a", "d")]),
        ("a", [Place("a")]),
        ("a.b", [Place("a.b")]),
        ("a.b.c", [Place("a", "b.c"), Place("a.b", "c")]),
        ("[a.b].c", [Place("a.b", "c")]),
        ("a.[b.c]", [Place("a", "b.c")]),
        ("[a.b].[d ]]e]", [Place("a.b", "d ]e")]),
        ("a.b.d ]e", [Place("a.b", "d ]e")]),
        ("[x].y", [Place("[x]", "y")]),
        ("[[x]]].y", [Place("[x]", "y")]),
        ("a.z", []),
        ("z", []),
        ("", []),
        ("[", []),
        ("..", []),
        ("[a", []),
    ],
)
def test_names_with_dots(text: str, places: list[Place]) -> None:
    lineage = ProjectLineage(headrace.check(_DOTS))
    assert lineage.named(text) == places


def test_places_are_written_as_they_are_read() -> None:
    lineage = ProjectLineage(headrace.check(_DOTS))
    for relation in lineage.relations:
        for column in lineage.columns(relation):
            place = Place(relation, column)
            assert lineage.named(str(place)) == [place]
