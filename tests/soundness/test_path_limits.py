"""Documents made to follow very many or very long paths are answered, and soon."""

from __future__ import annotations

import time
from typing import Any

from headrace import Engine


def _codes(sources: dict[str, Any], formula: str) -> list[str]:
    document = {"headrace": 1, "sources": sources, "nodes": {"n": {"from": "t", "steps": [{"derive": {"x": formula}}]}}}
    began = time.monotonic()
    codes = [each.code for each in Engine().check(document).diagnostics]
    assert time.monotonic() - began < 20
    return codes


def _source(relations: dict[str, str], **more: Any) -> dict[str, Any]:
    declared = {name: {"with": target, "by": "a"} for name, target in relations.items()}
    return {"rows": [{"a": 1}, {"a": 2}], "keys": ["a"], "relations": declared, **more}


def test_a_path_that_is_too_long() -> None:
    assert _codes({"t": _source({"r": "t"})}, ".".join(["r"] * 5_000) + ".a") == ["F198"]
    assert _codes({"t": _source({"r": "t"})}, ".".join(["r"] * 16) + ".a") == []


def test_more_paths_than_a_node_may_follow() -> None:
    names = {f"r{number}": "u" for number in range(150)}
    formula = " + ".join(f"{name}.a" for name in names)
    codes = _codes({"t": _source(names), "u": _source({})}, formula)
    assert set(codes) == {"F199"}


def test_formulas_that_follow_one_another_without_end() -> None:
    circle = _source({"r": "t", "s": "t"}, formulas={"x1": "r.x1 + s.x1"})
    assert _codes({"t": circle}, "x1 + 1") != []


def test_a_beginning_that_is_left_out_among_very_many_ways() -> None:
    sources = {f"s{number}": _source({f"r{other}": f"s{other}" for other in range(40)}) for number in range(40)}
    assert _codes({**sources, "t": sources["s0"]}, "nowhere.a") == ["F103"]
