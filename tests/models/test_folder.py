"""Projects read from folders: which files, in which order, and what is said of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from headrace.diagnostics import Span, diagnose
from headrace.models import read_yaml
from headrace.models.folder import Memory, Project, read_project


def _write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def _said(project: Project) -> list[tuple[str, str | None, int | None]]:
    return [(each.code, each.file, each.line) for each in project.diagnostics]


SOURCE = "headrace: 1\nsources: {NAME: {table: a.b}}\n"


def test_the_files_of_a_project_in_order(tmp_path: Path) -> None:
    _write(
        tmp_path,
        headrace_yaml="headrace: 1\nname: shop\n",
        flows__b_yaml="headrace: 1\nflow: b\n",
        flows__a__deep_yaml="headrace: 1\nflow: deep\n",
        sources__s_json='{"headrace": 1, "sources": {"s": {"table": "a.b"}}}',
        other__x_yaml="not: read",
        flows__note="not read",
        flows___hidden="",
    )
    (tmp_path / "flows" / ".hidden.yaml").write_text("not: read")
    (tmp_path / "flows" / "c.yml").write_text("headrace: 1\nflow: c\n")
    project = read_project(tmp_path)
    files = [each.file for each in project.documents]
    assert files == ["headrace.yaml", "flows/a/deep.yaml", "flows/b.yaml", "flows/c.yml", "sources/s.json"]
    assert project.diagnostics == ()
    assert (project.name, project.root) == ("shop", tmp_path)
    assert project.settings is project.documents[0].document


def test_a_missing_folder_and_a_folder_without_settings(tmp_path: Path) -> None:
    (said,) = read_project(tmp_path / "nowhere").problems
    assert (said.code, said.message) == ("M030", f"There is no folder {tmp_path / 'nowhere'}.")
    (said,) = read_project(tmp_path).problems
    assert (said.code, said.message) == ("M033", f"The folder {tmp_path} has no headrace.yaml.")
    assert said.hints == ("Name the folder of a project after the command, or make one: headrace init NAME.",)
    assert read_project("a\0b").problems[0].code == "M030"


def test_two_settings_files(tmp_path: Path) -> None:
    project = read_project(_write(tmp_path, headrace_yaml="headrace: 1", headrace_json='{"headrace": 1}'))
    assert [each.file for each in project.documents] == ["headrace.yaml"]
    assert project.problems[0].message == "There are both headrace.yaml and headrace.json: keep one."


def test_one_file_is_a_project(tmp_path: Path) -> None:
    path = _write(tmp_path, shop_yaml="headrace: 1\nwarehouse: x\nnodes: {n: {from: t}}\n") / "shop.yaml"
    project = read_project(path)
    assert project.diagnostics == ()
    assert [each.file for each in project.documents] == ["shop.yaml"]
    assert project.settings is not None
    assert project.settings.warehouse == "x"


def test_a_name_twice_names_both_places(tmp_path: Path) -> None:
    _write(
        tmp_path,
        headrace_yaml="headrace: 1",
        flows__a_yaml="headrace: 1\nnodes:\n  x: {from: t}\n",
        flows__b_yaml=SOURCE.replace("NAME", "x"),
        sources__c_yaml=SOURCE.replace("NAME", "y") + "nodes: {y: {from: t}}\n",
    )
    project = read_project(tmp_path)
    assert _said(project) == [("M114", "sources/c.yaml", 3), ("M032", "flows/b.yaml", 2)]
    assert project.diagnostics[1].message == (
        "The name x is taken by a node in flows/a.yaml, line 3: give one of them another name."
    )


def test_settings_belong_in_the_settings_file(tmp_path: Path) -> None:
    _write(tmp_path, headrace_yaml="headrace: 1", flows__a_yaml="headrace: 1\nwarehouse: x\nschema: y\nname:\n")
    project = read_project(tmp_path)
    assert _said(project) == [("M037", "flows/a.yaml", 2), ("M037", "flows/a.yaml", 3)]
    assert project.diagnostics[0].message == "warehouse is a setting of the whole project: write it in headrace.yaml."


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_that_lead_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("headrace: 1\nflow: secret\n")
    root = _write(tmp_path / "project", headrace_yaml="headrace: 1", flows__a_yaml="headrace: 1")
    (root / "flows" / "link.yaml").symlink_to(outside / "secret.yaml")
    (root / "flows" / "folder").symlink_to(outside)
    (root / "flows" / "loop").symlink_to(root / "flows")
    (root / "flows" / "broken.yaml").symlink_to(root / "nothing.yaml")
    project = read_project(root)
    assert [each.file for each in project.documents] == ["headrace.yaml", "flows/a.yaml"]
    assert _said(project) == [("M031", "flows/link.yaml", None)]


def test_data_outside_the_folder_is_noted(tmp_path: Path) -> None:
    text = "headrace: 1\nsources:\n" + "".join(
        f"  {name}: {{file: {path}, columns: {{a: text}}}}\n" for name, path in (("a", "../x.csv"), ("b", "data/x.csv"))
    )
    project = read_project(_write(tmp_path, headrace_yaml=text))
    assert [(each.code, each.severity, each.line) for each in project.diagnostics] == [("M036", "info", 3)]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    root = _write(tmp_path, headrace_yaml="headrace: 1", flows__a_yaml="headrace: 1")
    (root / "flows" / "bytes.yaml").write_bytes(b"headrace: 1\nflow: \xe9")
    (root / "flows" / "empty.json").write_bytes(b"")
    (root / "flows" / "folder.yaml").mkdir()
    assert _said(read_project(root)) == [("M010", "flows/bytes.yaml", 2), ("M014", "flows/empty.json", 1)]


def test_a_file_that_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _write(tmp_path, headrace_yaml="headrace: 1", flows__a_yaml="headrace: 1")
    opened: Any = Path.open

    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    (said,) = read_project(root).problems
    assert (said.code, said.message) == ("M034", "flows/a.yaml cannot be read: permission denied.")


def test_documents_given_as_data_are_a_project() -> None:
    first = {"headrace": 1, "name": "shop", "nodes": {"n": {"from": "s"}}}
    project = Project.of(first, read_yaml("headrace: 1\nsources: {n: {table: a.b}}", "x.yaml"))
    assert project.name == "shop"
    assert _said(project) == [("M032", "x.yaml", 2)]
    assert project.diagnostics[0].message == (
        "The name n is taken by a node of another document: give one of them another name."
    )
    placed = project.locate(diagnose("F001", pointer="/sources/n/table", span=Span(2, 3), source="a.b"), 1)
    assert (placed.file, placed.line, placed.column) == ("x.yaml", 2, 24)


def test_texts_of_editors_stand_for_files_and_only_what_changed_is_read_again(tmp_path: Path) -> None:
    _write(
        tmp_path, headrace_yaml="headrace: 1\n", flows__a_yaml="headrace: 1\nflow: a\n", flows__b_yaml="headrace: 1\n"
    )
    memory = Memory()
    edited, new = tmp_path / "flows/a.yaml", tmp_path / "flows/new.yaml"
    texts = {edited: "headrace: 1\nflow: edited\n", new: "headrace: 1\nflow: new\n"}
    first = read_project(tmp_path, texts, memory)
    assert [(each.file, each.document.flow) for each in first.documents] == [
        ("headrace.yaml", None),
        ("flows/a.yaml", "edited"),
        ("flows/b.yaml", None),
        ("flows/new.yaml", "new"),
    ]
    second = read_project(tmp_path, {**texts, edited: "headrace: 1\nflow: again\n"}, memory)
    same = [a.loaded is b.loaded for a, b in zip(first.documents, second.documents, strict=True)]
    assert same == [True, False, True, True]
    (tmp_path / "flows/b.yaml").write_text("headrace: 1\nflow: written\n")
    third = read_project(tmp_path, {}, memory)
    assert [each.document.flow for each in third.documents] == [None, "a", "written"]
