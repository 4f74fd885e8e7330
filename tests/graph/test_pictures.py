"""SVG, Mermaid and DOT: well-formed and true, whatever the names."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import pytest

import headrace
from graph.documents import HOSTILE_NAMES, SMALL, hostile
from headrace.graph import graph_of
from headrace.graph.dot import dot
from headrace.graph.mermaid import mermaid
from headrace.graph.svg import svg
from headrace.graph.words import one_line

_SVG = "{http://www.w3.org/2000/svg}"


def test_svg_shows_every_vertex_and_edge() -> None:
    root = ElementTree.fromstring(svg(graph_of(headrace.check(SMALL))))
    groups = root.findall(f"{_SVG}g")
    names = [group.findtext(f"{_SVG}text") for group in groups]
    assert names == ["sales", "customers", "totals", "named", "sorted", "other"]
    assert [group.get("class") for group in groups] == ["source", "source", "node kept", "node", "node", "node"]
    assert len(root.findall(f"{_SVG}path[@class='edge']")) == 5
    lines = [text.text for text in groups[2].findall(f"{_SVG}text")]
    assert lines == ["totals", "table: aggregate", "id  integer", "total  integer"]


def test_svg_of_hostile_names_is_well_formed_and_holds_no_script() -> None:
    text = svg(graph_of(headrace.check(hostile())))
    root = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(_SVG) for element in root.iter()} <= {
        "svg", "title", "style", "rect", "path", "g", "text",
    }  # fmt: skip
    titles = [group.findtext(f"{_SVG}title") for group in root.findall(f"{_SVG}g")]
    assert [title.partition("\n")[0] for title in titles if title] == [one_line(name) for name in HOSTILE_NAMES]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text)


def test_svg_of_nothing() -> None:
    ElementTree.fromstring(svg(graph_of(headrace.check({"headrace": 1}))))


def test_svg_is_the_same_again() -> None:
    assert svg(graph_of(headrace.check(hostile()))) == svg(graph_of(headrace.check(hostile())))


def test_mermaid() -> None:
    assert mermaid(graph_of(headrace.check(SMALL)).without_columns().around(["named"])) == (
        "flowchart LR\n"
        '    v0[/"<b>sales</b><br/>rows"/]\n'
        '    v1[/"<b>customers</b><br/>rows"/]\n'
        '    v2[("<b>totals</b><br/>table: aggregate")]\n'
        '    v3["<b>named</b><br/>inline: join, filter"]\n'
        "    v0 --> v2\n"
        "    v2 --> v3\n"
        "    v1 --> v3\n"
        "    classDef kept stroke-width:3px\n"
        "    class v2 kept\n"
    )


def test_mermaid_of_hostile_names_is_labels_only() -> None:
    lines = mermaid(graph_of(headrace.check(hostile()))).splitlines()
    shapes = lines[1 : 1 + len(HOSTILE_NAMES)]
    labels = []
    for number, line in enumerate(shapes):
        match = re.fullmatch(rf'    v{number}(?:\[/|\[)"<b>([^"<>`]*)</b>[^"`]*"(?:/\]|\])', line)
        assert match, line
        labels.append(re.sub(r"#(\d+);", lambda code: chr(int(code[1])), match[1]))
    assert labels == [one_line(name) for name in HOSTILE_NAMES]
    assert all(re.fullmatch(r"    v\d+ --> v\d+", line) for line in lines[1 + len(HOSTILE_NAMES) : -1])


def test_dot() -> None:
    assert dot(graph_of(headrace.check(SMALL)).without_columns().around(["totals"])) == (
        "digraph headrace {\n"
        "  rankdir=LR;\n"
        '  node [fontname="Helvetica", fontsize=11];\n'
        '  v0 [label="sales\\nrows", shape=parallelogram];\n'
        '  v1 [label="totals\\ntable: aggregate", shape=cylinder, penwidth=2.5];\n'
        "  v0 -> v1;\n"
        "}\n"
    )


def test_dot_of_hostile_names_is_labels_only() -> None:
    lines = dot(graph_of(headrace.check(hostile()))).splitlines()[3 : 3 + len(HOSTILE_NAMES)]
    labels = []
    for line in lines:
        match = re.fullmatch(r'  v\d+ \[label="((?:[^"\\]|\\.)*)", shape=\w+\];', line)
        assert match, line
        name = re.split(r"(?<!\\)(?:\\\\)*\\n", match[1])[0] if "\\n" in match[1] else match[1]
        # What stands before the first line break: as many escaped backslashes as there are belong to the name.
        taken = match[1][: len(name)] + "".join(re.findall(r"^(?:\\\\)*", match[1][len(name) :]))
        labels.append(unescape(re.sub(r"\\(.)", r"\1", taken)))
    assert labels == [one_line(name) for name in HOSTILE_NAMES]


@pytest.mark.parametrize(("text", "shown"), [("a\0b", "a␀b"), ("\ud800", "\\ud800"), ("plain", "plain")])
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown
