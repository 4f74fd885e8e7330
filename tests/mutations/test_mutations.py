"""The faults can all be seeded: each patch still fits the sources, and what it makes of them is Python.

Whether random flows catch them is for ``make mutations`` to say; here a few are seeded, and the sources as they are.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from linguistic import linguistic_database

from headrace.run.embedded import Server
from tests.mutations.__main__ import README, ask
from tests.mutations.patches import ROOT, Mutation, mutated, mutations, read_mutation
from tests.mutations.report import MISSES

MUTATIONS = mutations()


def test_there_are_forty_and_more_each_with_a_reason_of_its_own() -> None:
    count = len(MUTATIONS)
    assert count >= 40
    assert len({each.number for each in MUTATIONS}) == count
    assert len({each.name for each in MUTATIONS}) == len({each.reason for each in MUTATIONS}) == count


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
def test_each_fits_the_sources(mutation: Mutation) -> None:
    for path in mutation.paths:
        assert path.partition("/")[0] in ("engine", "grammar")
        text = (ROOT / path).read_text("utf-8")
        made = mutated(mutation, path, text)
        assert made != text
        compile(made, path, "exec")


def test_the_table_is_of_these_faults() -> None:
    """That enough of them are caught is for ``make mutations`` to see, which fails where they are not."""
    page = README.read_text("utf-8")
    rows = re.findall(r"^\| (\d+) ([\w-]+) \| (.*?) \| (.*?) \|", page, flags=re.MULTILINE)
    known = {(each.number, each.name, each.reason) for each in MUTATIONS}
    listed = {(int(number), name, reason) for number, name, reason, _ in rows}
    assert listed <= known, "run: make mutations"
    waiting = {each.name for each in MUTATIONS if f"{each.number:02d} {each.name}" in page.partition("| fault |")[0]}
    assert waiting == {name for _, name, _ in known - listed}
    missed = {name for _, name, _, by in rows if "missed" in by}
    caught = len(rows) - len(missed)
    assert f"{caught} of {len(rows)} are caught" in page
    assert set(MISSES) <= missed


def test_a_fault_is_caught_and_its_absence_is_none(server: Server) -> None:
    fault = next(each for each in MUTATIONS if each.name == "group-key-forgotten")
    none = Mutation(0, "none", "nothing is wrong", ())
    with linguistic_database(server.url) as database:
        assert ask(fault, database, 40).failed is not None
        assert ask(none, database, 10).failed is None


def test_a_patch_that_fits_nowhere_or_twice_is_refused() -> None:
    mutation = MUTATIONS[0]
    (hunk,) = mutation.hunks
    for text in ("", hunk.before + "\n" + hunk.before):
        with pytest.raises(ValueError, match=f"{mutation.name} fits [02] places"):
            mutated(mutation, hunk.path, text)


def test_a_patch_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "01-x.patch"
    path.write_text("\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    with pytest.raises(ValueError, match="no reason"):
        read_mutation(path)
