"""Formatting: what it writes to the character, and that no document means anything else afterwards."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.compiler import Engine
from headrace.grammar.canonical import canonical_formula
from headrace.grammar.parse import parse
from headrace.models import load_document, read_yaml
from headrace.models.formatting import WIDTH, format_document
from headrace.policy import OWNER
from tests.case_files import case_paths, read_case

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for folder in ("examples", "engine/cli/scaffold", "tests/models/examples", "tests/errors", "tests/cases")
    for path in (ROOT / folder).rglob("*.yaml")
)


def formatted(text: str) -> str:
    """The text after formatting, which a second formatting leaves alone."""
    result = format_document(text)
    assert result.diagnostics == ()
    assert format_document(result.text).text == result.text
    return result.text


def steps(*lines: str) -> str:
    """A document of one node whose steps are written so."""
    return "nodes:\n  x:\n    from: y\n    steps:\n" + "".join(f"      {line}\n" for line in lines)


def step_lines(*lines: str) -> list[str]:
    """What formatting makes of these lines of steps."""
    start = steps()
    after = formatted(steps(*lines))
    assert after.startswith(start)
    return [line[6:] for line in after[len(start) :].rstrip("\n").split("\n")]


def test_a_document_with_comments_everywhere() -> None:
    before = """\
        # about the file

        headrace: 1    # the version
        sources:
            sales: {file: data/sales.csv,   # the file
                columns: {id: integer, day: date}} # both


        nodes:
          # about a
          a:                       # kept in its column
            from: sales


            steps:
            - aggregate: {by: [id, {month: "START_OF_MONTH(day)"}],   # the keys
                measures: {n: count( )}}
            # about the filter
            - filter: |    # a block
                n>1
                  and month is not null
              name: many
            # - a step that somebody took out
            materialize: table
            # the end of a
          b: {from: a, tags: [], meta: {}}
        # the end
    """
    after = """\
        # about the file

        headrace: 1    # the version
        sources:
          sales:
            file: data/sales.csv  # the file
            columns:  # both
              id: integer
              day: date

        nodes:
          # about a
          a:                       # kept in its column
            from: sales

            steps:
              - aggregate:
                  by:  # the keys
                    - id
                    - month: start_of_month(day)
                  measures:
                    n: count()
              # about the filter
              - filter: n > 1 and month is not null  # a block
                name: many
              # - a step that somebody took out
            materialize: table
            # the end of a
          b:
            from: a
            tags: []
            meta: {}
        # the end
    """
    assert formatted(textwrap.dedent(before)) == textwrap.dedent(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- filter: (A>1)", ["- filter: A > 1"]),
        ("- filter: ' =a  ==  b '", ["- filter: a = b"]),
        ("- filter: \"country = 'FR'\"", ['- filter: country = "FR"']),
        ("- {filter: a > 1, name: b}", ["- filter: a > 1", "  name: b"]),
        ('- derive: {a: "round( b , 2 )"}', ["- derive:", "    a: round(b, 2)"]),
        ("- derive: {a: '\"FR\"'}", ["- derive:", '    a: ="FR"']),
        ("- derive: {a: '[Unit price]*2'}", ["- derive:", "    a: =[Unit price] * 2"]),
        ("- derive: {a: '\"n: \" & b'}", ["- derive:", "    a: '\"n: \" & b'"]),
        ("- derive: {a: 'b & \" # \"'}", ["- derive:", "    a: 'b & \" # \"'"]),
        ("- derive: {a: b -- why}", ["- derive:", "    a: b -- why"]),
        ("- derive: {a: b /* why */}", ["- derive:", "    a: b /* why */"]),
        ("- derive: {a: b +}", ["- derive:", "    a: b +"]),
        ("- derive: {a: null, b: 'null'}", ["- derive:", "    a: null", "    b: 'null'"]),
        ("- derive: {a: TRUE, b: 1.50, c: 0012}", ["- derive:", "    a: true", "    b: 1.50", "    c: 0012"]),
        ("- derive: {a: '{{month}} + 1'}", ["- derive:", "    a: $month + 1"]),
        ("- derive: {'a: b': c, \"d\": e}", ["- derive:", "    'a: b': c", '    "d": e']),
        ("- sort: a", ["- sort: a"]),
        (
            "- sort: [A DESC, '(b+1)  asc', c nulls first]",
            ["- sort:", "    - A desc", "    - b + 1", "    - c nulls first"],
        ),
        ("- select: [a, {b: SUM(c per ())}]", ["- select:", "    - a", "    - b: sum(c per ())"]),
        ("- rename: {new: 'old name'}", ["- rename:", "    new: 'old name'"]),
        ("- limit: 10", ["- limit: 10"]),
        ("- disabled: true\n        drop: [a]", ["- disabled: true", "  drop:", "    - a"]),
        ("-\n        filter: a > 1", ["- filter: a > 1"]),
        ("- # first\n        filter: a > 1", ["# first", "- filter: a > 1"]),
        ("- filter: >-\n          a >\n          1", ["- filter: a > 1"]),
        ("- filter: a\n          > 1", ["- filter: a > 1"]),
    ],
)
def test_steps(before: str, after: list[str]) -> None:
    assert step_lines(before) == after


def test_a_long_formula_is_folded_where_spaces_are() -> None:
    formula = (
        'case when amount > 1000 then "large, [very] large" when amount > 100 then "a  b" else "small" end & " sales"'
    )
    lines = step_lines(f"- derive: {{a: '{formula}'}}")
    assert lines == [
        "- derive:",
        "    a: >-",
        '      case when amount > 1000 then "large, [very] large" when amount > 100 then "a  b" else',
        '      "small" end & " sales"',
    ]
    assert max(map(len, lines)) + 6 <= WIDTH


def test_a_text_of_several_lines_in_a_formula_stays_one() -> None:
    before = steps("- derive:", "    a: |-", '      upper( "one', '      two" )')
    after = formatted(before)
    assert after == steps("- derive:", "    a: |-", '      upper("one', '      two")')


def test_line_ends_of_windows_stay() -> None:
    before = "nodes: {x: {from: y}} # c\r\n"
    assert formatted(before) == "nodes:  # c\r\n  x:\r\n    from: y\r\n"


def test_markers_anchors_and_texts_stay() -> None:
    before = textwrap.dedent(
        """\
        %s---
        meta: &all {a: "x
           y", b: 'it''s'}
        description: >
          folded
            and more

          text

        other: *all
        """
    ).replace("%s", "# before\n")
    after = textwrap.dedent(
        """\
        # before
        ---
        meta: &all
          a: "x
            y"
          b: 'it''s'
        description: >
          folded
            and more

          text

        other: *all
        """
    )
    assert formatted(before) == after


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nodes: [a", "M002"),
        ("nodes:\n  a: b\n a: c\n", "M022"),
        ("a: 1\na: 2\n", "M004"),
        ("", "M014"),
        ("# nothing\n", "M014"),
        ("a: 1\n---\nb: 2\n", "M009"),
        ("a: |2\n   x\n", "M025"),
        ("%YAML 1.2\n---\na: 1\n", "M025"),
        ("derive: {net: round(amount, 2)}", "M015"),
    ],
)
def test_what_cannot_be_read_or_kept_is_left_as_it_is(text: str, code: str) -> None:
    result = format_document(text, "x.yaml")
    assert result.text == text
    assert code in [each.code for each in result.diagnostics]
    assert all(each.file == "x.yaml" for each in result.diagnostics)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_document_of_the_project_keeps_its_data_and_comments(path: Path) -> None:
    text = path.read_text("utf-8")
    result = format_document(text)
    if result.diagnostics:
        assert result.text == text
        return
    assert format_document(result.text).text == result.text
    before, after = load_document(read_yaml(text)), load_document(read_yaml(result.text))
    assert [each.code for each in after.diagnostics] == [each.code for each in before.diagnostics]
    assert comments(result.text) == comments(text)


def comments(text: str) -> list[str]:
    """The comments that stand on lines of their own, outside of blocks of text."""
    return sorted(line.strip() for line in text.split("\n") if re.match(r"\s*# ", line))


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_case_is_bound_to_the_same_plans(path: Path) -> None:
    case = read_case(path)
    text = path.read_text("utf-8")
    found = re.search(r"^document:[ ]*(?:#.*)?\n((?:[ ]+.*\n|\n)+)", text, re.MULTILINE)
    if found is None:  # a document in one line
        found = re.search(r"^document: (.*\n)", text, re.MULTILINE)
    assert found is not None
    document = textwrap.dedent(found[1])
    results = []
    for each in (document, formatted(document)):
        result = Engine(OWNER).compile(read_yaml(each), case.catalog, case.parameters, case.row_filters)
        nodes = {name: (node.fingerprint, node.sql, node.state) for name, node in result.nodes.items()}
        results.append((nodes, [(said.code, said.pointer) for said in result.diagnostics]))
    assert results[0] == results[1]


def test_the_example_compiles_to_the_same_program() -> None:
    text = (ROOT / "examples/cdnow/flows/customers.yaml").read_text("utf-8")
    before = Engine(OWNER).compile(read_yaml(text)).to_json()
    assert before["ok"]
    assert Engine(OWNER).compile(read_yaml(formatted(text))).to_json() == before


_SCALARS = st.sampled_from(
    ["a", "'it''s'", '"x: #y"', "1.10", "NO", "null", "''", "~", "a b", "-1", "'# no'", "x#y", "'&a'", '"\\ta\\n"']
)
_COMMENTS = st.sampled_from(["", "  # c", " # c: d", "  #c"])


@st.composite
def _trees(draw: st.DrawFn, depth: int = 3) -> list[str]:
    """Lines of YAML: what stands behind a key (the first line), and lines below it, indented by two."""
    kind = draw(st.sampled_from(["scalar", "flow", "block", "list", "mapping"] if depth else ["scalar", "flow"]))
    end = draw(_COMMENTS)
    if kind == "scalar":
        return [f" {draw(_SCALARS)}{end}"]
    if kind == "flow":
        inside = [draw(_SCALARS) for _ in range(draw(st.integers(0, 3)))]
        if draw(st.booleans()):
            return [f" [{', '.join(inside)}]{end}"]
        return [f" {{{', '.join(f'k{at}: {each}' for at, each in enumerate(inside))}}}{end}"]
    if kind == "block":
        return [f" {draw(st.sampled_from(['|', '>-', '|-', '>']))}{end}", "  text: # [", "    deeper", "", "  end"]
    lines = [end]
    for at in range(draw(st.integers(1, 3))):
        lines.extend(draw(st.lists(st.sampled_from(["", "  # alone", "# left"]), max_size=2)))
        first, *rest = draw(_trees(depth - 1))
        lines.append(f"  -{first}" if kind == "list" else f"  k{at}:{first}")
        lines.extend(f"  {line}" if line else "" for line in rest)
    return lines


@settings(max_examples=250, deadline=None)
@given(st.lists(_trees(), min_size=1, max_size=3))
def test_random_documents_keep_their_data_and_comments(trees: list[list[str]]) -> None:
    text = "".join(f"key{at}:{tree[0]}\n" + "".join(f"{line}\n" for line in tree[1:]) for at, tree in enumerate(trees))
    reading = read_yaml(text)
    if reading.diagnostics:
        return
    after = formatted(text)
    assert read_yaml(after).data == reading.data
    assert sorted(re.findall(r"# (?:c|alone|left)\b.*|#c$", after, re.MULTILINE)) == sorted(
        re.findall(r"# (?:c|alone|left)\b.*|#c$", text, re.MULTILINE)
    )


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("SUM([a])", "sum(a)"),
        ("=a+b", "a + b"),
        ("a -- b", None),
        ("/* x */ a", None),
        ('"-- no comment"', '"-- no comment"'),
        ("[-- a]", "[-- a]"),
        ("a +", None),
        ("", None),
    ],
)
def test_canonical_formulas(text: str, canonical: str | None) -> None:
    assert canonical_formula(text) == canonical
    if canonical is not None:
        assert parse(canonical).tree == parse(text).tree


def test_the_engine_formats_documents_and_formulas() -> None:
    engine = Engine()
    assert engine.format("SUM( [amount] )", formula=True).to_json() == {
        "headrace": 1,
        "text": "sum(amount)",
        "changed": True,
        "diagnostics": [],
    }
    broken = engine.format("sum(", formula=True)
    assert (broken.text, broken.changed, len(broken.diagnostics)) == ("sum(", False, 1)
    assert engine.format("a: {b: c}").text == "a:\n  b: c\n"
    assert not engine.format("a:\n  b: c\n").changed
    assert engine.format("a: [").diagnostics[0].code == "M002"


def test_a_row_of_values_stays_on_its_line() -> None:
    """Of a source and of a test, as long as nothing but values is in it; all else is written in blocks."""
    text = (
        "headrace: 1\n"
        'sources: {t: {rows: [{a: 1, b: "x, y"},\n  {a: 2}  # behind\n  ]}}\n'
        "nodes:\n"
        "  n:\n"
        "    from: t\n"
        "    steps: [{select: [a, {c: (a+1)}]}]\n"
        "    tests: {x: {given: {t: [{a:   1}]}, expect: [{c: 2}, {c: [3]}, {}]}}\n"
        "tests:\n"
        "  y: {node: n, expect: [{c: 4}]}\n"
    )
    wanted = (
        "headrace: 1\n"
        "sources:\n"
        "  t:\n"
        "    rows:\n"
        '      - {a: 1, b: "x, y"}\n'
        "      - {a: 2}  # behind\n"
        "nodes:\n"
        "  n:\n"
        "    from: t\n"
        "    steps:\n"
        "      - select:\n"
        "          - a\n"
        "          - c: a + 1\n"
        "    tests:\n"
        "      x:\n"
        "        given:\n"
        "          t:\n"
        "            - {a:   1}\n"
        "        expect:\n"
        "          - {c: 2}\n"
        "          - c:\n"
        "              - 3\n"
        "          - {}\n"
        "tests:\n"
        "  y:\n"
        "    node: n\n"
        "    expect:\n"
        "      - {c: 4}\n"
    )
    assert format_document(text).text == wanted
    assert format_document(wanted).text == wanted
