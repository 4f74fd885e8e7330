"""Queries that cannot be read for certain, are too long, or do too much; and templates that would not end."""

from __future__ import annotations

import time

import pytest

from headrace.sql.reading import Parsed, Problem, parse_query
from headrace.sql.reading.jinja import rendered


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select " + "(" * 3000 + "1" + ")" * 3000 + " as a from t", "S252"),
        ("select " + " + ".join(["1"] * 20_000) + " as a from t", "S252"),
        (f"select '{'x' * 100_000}' as a from t", "S251"),
        ("select a from t" + " -- a comment" * 10_000, "S251"),
    ],
)
def test_what_is_too_much(query: str, code: str) -> None:
    problem = parse_query(query)
    assert isinstance(problem, Problem)
    assert problem.code == code


@pytest.mark.parametrize(
    ("query", "relations"),
    [
        ("select a from t", ("t",)),
        ("select a from T, u as t", ("t", "u")),
        ('select a from "T"', ("T",)),
        ("with t as (select a from t) select a from t", ("t",)),
        ("with t as (select a from u) select a from t", ("u",)),
        ("with a as (select 1 from b), b as (select 1 from a) select 1 from b", ("b",)),
        ("with recursive r as (select 1 as n union all select n from r) select n from r join t on true", ("t",)),
        (
            "select 1 from t where a in (with t as (select 2 as a) select a from t) and b in (select b from v)",
            ("t", "v"),
        ),
        ("select a from t union (with v as (select a from w) select a from v)", ("t", "w")),
    ],
)
def test_what_a_query_reads(query: str, relations: tuple[str, ...]) -> None:
    parsed = parse_query(query)
    assert isinstance(parsed, Parsed)
    assert parsed.relations == relations


def test_comments_are_left_out() -> None:
    parsed = parse_query("select a /* x */ from t -- */ ; drop table t\n where a > 1")
    assert isinstance(parsed, Parsed)
    assert "drop" not in parsed.tree.sql().lower()


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(20000) %}{% for b in range(20000) %}{% endfor %}{% endfor %}",
        "{% for a in range(19000) %}{{ 'x' }}{% for b in ['" + "y" * 90_000 + "'] %}{{ b }}{% endfor %}{% endfor %}",
        "{% for a in range(100) %}{% set x = 99999999 * 99999999 * 99999999 %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ range(1000000000) | length }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x' * 1000000000 }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ cs | map('upper') | list }}",
        "{% raw %}{{ x }}{% endraw %}{% import 'os' as os %}",
        "{{ [[]] * 100 }}",
        "{{ ''.join(['a']) }}",
        "{{ m.__class__ }}",
        "{% for x in m %}{% endfor %}",
        "{{ 1 if m else 2 }}",
        "{{ cs }}",
        "{{ {} }}",
    ],
)
def test_templates_that_are_refused(template: str) -> None:
    began = time.perf_counter()
    problem = rendered(template, {"cs": ("a", "b")}, ["m"])
    assert isinstance(problem, Problem), problem
    assert problem.code == "S280"
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{{ c }} {{ "it\'s" }}', "$c 'it''s'"),
        ("{{ 'A b\"c' | name }} {{ 'ab' | name }} {{ 'select' | name }}", '"A b""c" "ab" "select"'),
        ("{{ cs | join }} {{ cs | join(' and ') }} {{ cs | length }}", "'a', 'b' 'a' and 'b' 2"),
        ("{% for c in cs if c != 'a' %}{{ loop.index }}{{ c }}{% else %}none{% endfor %}", "1'b'"),
        ("{% set n = 3 %}{% for i in range(n) %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}", "0, 1, 2"),
        ("{{ true }} {{ none }} {{ 1.5 }} {{ cs | first }} {{ cs | last }}", "TRUE NULL 1.5 'a' 'b'"),
    ],
)
def test_templates_that_are_carried_out(template: str, text: str) -> None:
    assert rendered(template, {"cs": ("a", "b")}, ["c"]) == text
