"""The language server, driven over its standard input and output as an editor drives it."""

from __future__ import annotations

import builtins
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editing.client import Client

ROOT = Path(__file__).resolve().parents[2]

FLOW = """\
headrace: 1
flow: shop
parameters:
  least: {type: integer, default: 10}
nodes:
  big:
    description: Large sales.
    from: sales
    steps:
      - filter: amount > $least
      - derive: {label: 'upper(country)', "unité 🙂": amount * 2}
      - join: {with: countries, by: country}
    materialize: table
  totals:
    from: big
    steps:
      - aggregate:
          by: [country]
          measures:
            revenue: sum(amount)
"""

SOURCES = """\
headrace: 1
sources:
  sales: {table: shop.sales, columns: {id: integer, country: text, amount: decimal, Unit price: decimal}}
  countries: {rows: [{country: FR, name: France}], keys: [country]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "headrace.yaml").write_text("headrace: 1\nname: shop\n")
    (tmp_path / "flows" / "shop.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "sources" / "tables.yaml").write_text(SOURCES)
    return tmp_path.resolve()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One editor for all tests; each has a project of its own."""
    opened = Client(tmp_path_factory.mktemp("editor"))
    opened.start()
    yield opened
    assert opened.stop() == 0


def flow_of(project: Path) -> Path:
    return project / "flows" / "shop.yaml"


def place(text: str, marked: str) -> tuple[int, int]:
    """Line and character (in UTF-16) where ``|`` stands in the part ``marked`` of a text."""
    index = text.index(marked.replace("|", "", 1)) + marked.index("|")
    line = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index), len(text[line:index].encode("utf-16-le")) // 2


def labels(found: dict[str, Any]) -> list[str]:
    return [item["label"] for item in found["items"]]


def applied(text: str, edit: dict[str, Any]) -> str:
    """The text with an edit of ASCII lines applied."""
    lines = text.split("\n")
    start, end = edit["range"]["start"], edit["range"]["end"]
    head = "\n".join([*lines[: start["line"]], lines[start["line"]][: start["character"]]])
    tail = "\n".join([lines[end["line"]][end["character"] :], *lines[end["line"] + 1 :]])
    return head + str(edit["newText"]) + tail


def test_it_says_what_it_can_do(project: Path) -> None:
    client = Client(project)
    found = client.start()["capabilities"]
    assert found["hoverProvider"]
    assert found["definitionProvider"]
    assert found["documentFormattingProvider"]
    assert found["documentSymbolProvider"]
    assert {"$", "[", "."} <= set(found["completionProvider"]["triggerCharacters"])
    assert client.stop() == 0


def test_diagnostics_while_typing_over_the_whole_project(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))
    assert client.diagnostics(uri) == []
    client.change(uri, FLOW.replace("amount > $least", "amout > $least"))
    (found,) = client.diagnostics(uri)
    assert found["code"] == "F100"
    assert found["message"].split("\n") == ["There is no column amout.", "Did you mean amount?"]
    assert (found["severity"], found["source"]) == (1, "headrace")
    assert found["range"] == {"start": {"line": 9, "character": 16}, "end": {"line": 9, "character": 21}}
    # Another file, not saved: what it takes away is missed here.
    other = client.open(project / "sources" / "tables.yaml", SOURCES.replace("  sales:", "  sold:"))
    assert client.diagnostics(other) == []
    assert [each["code"] for each in client.diagnostics(uri)] == ["S101"]
    client.change(uri, FLOW.replace("from: sales", "from: sold"))
    assert client.diagnostics(uri) == []


def test_a_file_that_is_closed_is_what_is_on_disk(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project), "headrace: 1\nnodes: [")
    assert client.diagnostics(uri)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.diagnostics(uri) == []


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        ("amount > $least", "am|", ["amount"]),
        ("amount > $least", "|", ["id", "country", "amount", "Unit price", "$least"]),
        ("amount > $least", "amount > $|", ["$least"]),
        ("amount > $least", "round(am|", ["amount"]),
        ("amount > $least", "[un|", ["Unit price"]),
        ("amount > $least", "'upper(cou|", ["country"]),
        ("{with: countries, by: country}", "{with: cou|", ["countries"]),
        ("{with: countries, by: country}", "{with: countries, by: cou|}", ["country"]),
        ("{with: countries, by: country}", "{wi|", ["with"]),
        ("{with: countries, by: country}", "{with: countries, by: country, kind: l|}", ["left", "full"]),
        ("sum(amount)", "sum(lab|", ["label"]),
        ("sum(amount)", "sum(amount w|", ["where"]),
        ("[country]", "[cou|", ["country"]),
        ("from: big", "from: |", ["big", "sales", "countries"]),
        ("materialize: table", "materialize: t|", ["table"]),
        ("- filter: amount > $least", "- fil|", ["filter"]),
        ("from: big", "fr|", ["from"]),
    ],
)
def test_completion_in_half_written_files(
    client: Client, project: Path, before: str, after: str, first: list[str]
) -> None:
    uri = client.open(flow_of(project))
    text = FLOW.replace(before, after.replace("|", "", 1), 1)
    client.change(uri, text)
    line, _ = place(FLOW, before + "|")
    start = FLOW.split("\n")[line].index(before)
    found = client.at("completion", uri, line, start + after.index("|"))
    assert labels(found)[: len(first)] == first


def test_what_completion_puts_in(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))

    def put(before: str, after: str, label: str) -> str:
        text = FLOW.replace(before, after.replace("|", "", 1), 1)
        client.change(uri, text)
        found = client.at("completion", uri, *place(text, after))
        (item,) = [each for each in found["items"] if each["label"] == label]
        line = text.split("\n")[item["textEdit"]["range"]["start"]["line"]]
        return applied(line, {**item["textEdit"], "range": _on_first_line(item["textEdit"]["range"])}).strip()

    assert put("filter: amount > $least", "filter: roun|", "round") == "- filter: round("
    assert put("filter: amount > $least", "filter: uni|", "Unit price") == "- filter: [Unit price]"
    assert put("filter: amount > $least", "filter: am|ou > 1", "amount") == "- filter: amount > 1"
    assert put("filter: amount > $least", 'filter: "uni|', "Unit price") == '- filter: "[Unit price]'
    quoted = put("filter: amount > $least", "filter: '\"it''s\" = cou|'", "country")
    assert quoted == "- filter: '\"it''s\" = country'"
    assert put("- filter: amount > $least", "- fil|", "filter") == "- filter:"
    assert put("from: sales", "from: sa|", "sales") == "from: sales"
    assert put("[country]", "[uni|]", "unité 🙂") == "by: [unité 🙂]"


def _on_first_line(given: dict[str, Any]) -> dict[str, Any]:
    return {"start": {**given["start"], "line": 0}, "end": {**given["end"], "line": 0}}


def test_an_item_tells_type_and_meaning(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))
    found = client.at("completion", uri, *place(FLOW, "filter: am|ount"))
    assert (found["items"][0]["detail"], found["items"][0]["kind"]) == ("decimal", 5)
    text = FLOW.replace("filter: amount > $least", "filter: tri")
    client.change(uri, text)
    found = client.at("completion", uri, *place(text, "filter: tri|"))
    assert found["items"][0]["detail"] == "trim(text, [text]) → text"
    assert found["items"][0]["documentation"]


def test_signature_help(client: Client, project: Path) -> None:
    text = FLOW.replace("filter: amount > $least", "filter: round(amount, ")
    uri = client.open(flow_of(project), text)
    found = client.at("signatureHelp", uri, *place(text, "round(amount, |"))
    assert [each["label"] for each in found["signatures"]] == ["round(number, [integer])"]
    assert client.at("signatureHelp", uri, *place(text, "from: |sales")) is None


def test_hover(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))

    def text(marked: str) -> str:
        found = client.at("hover", uri, *place(FLOW, marked))
        return str(found["contents"]["value"])

    said = text("filter: am|ount")
    assert said.startswith("```headrace\namount: decimal\n```\n\nA column; may be null.")
    assert said.endswith("The formula is boolean, may be null.\n```sql\namount > 10\n```")
    assert "sum(number | interval) → number | interval" in text("revenue: su|m")
    assert "upper(text) → text" in text("label: 'up|per")
    assert "country: text" in text("'upper(cou|ntry")
    assert "source sales" in text("from: sal|es")
    assert "node big\n```\n\nLarge sales. Columns: id integer" in text("from: bi|g")
    assert client.at("hover", uri, *place(FLOW, "fl|ow: shop")) is None


def test_hover_counts_as_the_editor_does(client: Client, project: Path) -> None:
    """The smiling face is two characters to an editor."""
    uri = client.open(flow_of(project))
    line, column = place(FLOW, '🙂": amo|unt')
    found = client.at("hover", uri, line, column)
    assert "amount: decimal" in found["contents"]["value"]
    assert found["range"]["start"] == {"line": line, "character": column - 3}


def test_other_encodings_of_places(project: Path) -> None:
    client = Client(project)
    assert client.start(["utf-8"])["capabilities"]["positionEncoding"] == "utf-8"
    uri = client.open(flow_of(project))
    line = FLOW.split("\n")[10]
    column = len(line[: line.index("amount * 2")].encode())
    assert "amount: decimal" in client.at("hover", uri, 10, column + 2)["contents"]["value"]
    assert client.stop() == 0


def test_going_to_nodes_sources_and_parameters(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))

    def to(marked: str) -> tuple[str, int, int] | None:
        found = client.at("definition", uri, *place(FLOW, marked))
        return found and (found["uri"].rpartition("/")[2], *found["range"]["start"].values())

    assert to("from: bi|g") == ("shop.yaml", 5, 2)
    assert to("from: sal|es") == ("tables.yaml", 2, 2)
    assert to("with: cou|ntries") == ("tables.yaml", 3, 2)
    assert to("> $le|ast") == ("shop.yaml", 3, 2)
    assert to("filter: am|ount") is None
    assert to("materialize: tab|le") is None


def test_formatting(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))
    params = {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}}
    (edit,) = client.request("textDocument/formatting", params)
    assert "      - derive:\n          label: upper(country)\n" in edit["newText"]
    assert edit["range"]["start"] == {"line": 0, "character": 0}
    client.change(uri, edit["newText"])
    assert client.request("textDocument/formatting", params) == []
    client.change(uri, "nodes: [")
    assert client.request("textDocument/formatting", params) == []
    other = client.open(project / "flows" / "other.json", '{"headrace": 1, "nodes": {}}')
    params["textDocument"]["uri"] = other
    assert client.request("textDocument/formatting", params) == []


@pytest.mark.parametrize(
    ("before", "after", "title", "mended"),
    [
        ("filter: amount > $least", "filter: amout > $least", "Write amount", "filter: amount > $least"),
        ("'upper(country)'", "'upper(countri) & \"''\"'", "Write country", "'upper(country) & \"''\"'"),
        ("filter: amount > $least", "filter: amount > $leest", "Write $least", "filter: amount > $least"),
        ("from: sales", "from: saless", "Write sales", "from: sales"),
        ("by: [country]", "by: [contry]", "Write country", "by: [country]"),
        ("- filter: amount > $least", "- derive: {net: round(amount, 2)}", None, "- derive: {net: 'round(amount, 2)'}"),
    ],
)
def test_quick_fixes(client: Client, project: Path, before: str, after: str, title: str | None, mended: str) -> None:
    text = FLOW.replace(before, after, 1)
    uri = client.open(flow_of(project), text)
    line = text[: text.index(after)].count("\n")
    whole = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 200}}
    params = {"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": []}}
    found = client.request("textDocument/codeAction", params)
    (action,) = [each for each in found if title in (None, each["title"])]
    (edit,) = action["edit"]["changes"][uri]
    assert action["kind"] == "quickfix"
    assert action["diagnostics"][0]["source"] == "headrace"
    assert applied(text, edit) == FLOW.replace(before, mended, 1)


def test_symbols(client: Client, project: Path) -> None:
    uri = client.open(flow_of(project))
    found = client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [(each["name"], [inner["name"] for inner in each["children"]]) for each in found] == [
        ("least", []),
        ("big", ["filter", "derive", "join"]),
        ("totals", ["aggregate"]),
    ]


def test_a_text_that_was_never_saved(client: Client, project: Path) -> None:
    new = project / "flows" / "new.yaml"
    text = "headrace: 1\nnodes:\n  more:\n    from: big\n    steps:\n      - filter: lab"
    uri = client.open(new, text)
    assert [each["code"] for each in client.diagnostics(uri)] == ["F100"]
    assert labels(client.at("completion", uri, 5, 19)) == ["label"]
    alone = client.open(project / "elsewhere" / "one.yaml", "headrace: 1\nnodes:\n  a: {from: nosuch}\n")
    assert [each["code"] for each in client.diagnostics(alone)] == ["S101"]


def test_a_project_of_one_file_in_the_example(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "cdnow", tmp_path / "cdnow", ignore=shutil.ignore_patterns(".*", "target"))
    client = Client(tmp_path)
    client.start()
    uri = client.open((tmp_path / "cdnow" / "flows" / "customers.yaml").resolve())
    assert client.diagnostics(uri) == []
    assert client.stop() == 0


def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from headrace.cli.application import main

    real: Callable[..., Any] = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] in ("pygls", "lsprotocol"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    for name in [each for each in sys.modules if each.startswith("headrace.editor.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SystemExit) as end:
        main(["lsp"])
    assert end.value.code == 1
    assert "pip install 'headrace[editor]'" in capsys.readouterr().err
