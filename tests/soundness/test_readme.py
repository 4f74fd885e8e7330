"""The ledger of traps is whole, and what it says keeps Headrace out of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LISTED = [tuple(line.split(" ")) for line in (HERE / "traps.txt").read_text("utf-8").splitlines()]
"""(id, thread) of each trap that was gathered."""


def _table(title: str) -> list[list[str]]:
    text = (HERE / "README.md").read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in rows[1:]]


TRAPS = _table("Traps of neighbouring tools")
OWN = _table("Our own, and others")


def _text_of(reference: str) -> str:
    """The text of what is named: a file, a folder, or a test in a file."""
    path, _, test = reference.partition("::")
    assert (ROOT / path).exists(), reference
    if not (ROOT / path).is_file():
        return ""
    text = (ROOT / path).read_text("utf-8")
    assert not test or f"\ndef {test}(" in text, reference
    return text


def test_every_trap_stands_in_the_table_once() -> None:
    assert len(LISTED) == len(set(LISTED)) == len({thread for _, thread in LISTED}) >= 140
    assert [(row[0], row[2]) for row in TRAPS] == LISTED


@pytest.mark.parametrize("row", TRAPS, ids=lambda row: row[0])
def test_what_keeps_us_out_of_a_trap_is_there_and_names_its_thread(row: list[str]) -> None:
    _, trap, thread, stands = row
    assert trap
    word = re.match(r"kept by |later: |not ours: |open: ", stands)
    assert word, stands
    if word.group() != "kept by ":
        assert len(stands) > len(word.group())
        return
    references = re.findall(r"`([^`]*)`", stands)
    assert stands == "kept by " + ", ".join(f"`{each}`" for each in references)
    named = re.compile(re.escape(thread) + r"(?!\d)")
    texts = [_text_of(each) for each in references]
    assert any(named.search(text) for text in texts), f"none of {references} names {thread}"


@pytest.mark.parametrize("row", OWN, ids=lambda row: row[0])
def test_each_of_our_own_is_kept_by_something(row: list[str]) -> None:
    assert all(row)
    references = re.findall(r"`([^`]*)`", row[2])
    assert references
    for each in references:
        _text_of(each)
