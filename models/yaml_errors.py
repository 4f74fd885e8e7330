"""What YAML's own errors mean, for people."""

from __future__ import annotations

import re
from typing import Any

import yaml

from headrace.diagnostics import Diagnostic, diagnose

_MEANINGS = (
    ("found unknown escape character", "a backslash between double quotes is written \\\\, or use single quotes"),
    ("did not find expected hexdecimal number", "a backslash between double quotes is written \\\\"),
    ("invalid Unicode character escape code", "this escape is no character"),
    ("directive", "% at the beginning of a line has a meaning of its own"),
    ("document start", "there is text after the end of the document"),
)


def explain(error: yaml.YAMLError, text: str) -> tuple[int, Diagnostic]:
    """Where the error is, as an index of ``text``, and what to say."""
    problem = getattr(error, "problem", None) or ""
    context = getattr(error, "context", None) or ""
    at = _index(getattr(error, "problem_mark", None), text)
    since = _index(getattr(error, "context_mark", None), text, at)
    if "quoted scalar" in context and "unexpected" in problem:
        return since, diagnose("M021", pointer="")
    if re.search(r"expected ',' or '[]}]'", problem):
        return since, _diagnose("M002", bracket=text[since : since + 1] or "bracket")
    if "could not find expected ':'" in problem:
        return since, _diagnose("M001", problem="a colon is missing after this key")
    if text[at : at + 1] == ":" and not text[text.rfind("\n", 0, at) + 1 : at].strip(" -?"):
        return at, _diagnose("M006", found="nothing")
    if "cannot start any token" in problem:
        return _bad_start(text, at)
    if "anchor" in context or "alias" in context or "tag" in context or "block scalar" in context:
        return since, _diagnose("M024", character=text[since : since + 1])
    if "mapping values are not allowed" in problem:
        return at, _diagnose("M022") if _is_plain_entry(text, at) else _diagnose("M017")
    if "block mapping" in context or "block collection" in context or "block sequence" in context:
        return at, _diagnose("M022")
    for part, meaning in _MEANINGS:
        if part in problem or part in context:
            return at, _diagnose("M001", problem=meaning)
    return at, _diagnose("M001", problem="the text breaks off, or something here is out of place")


def _bad_start(text: str, at: int) -> tuple[int, Diagnostic]:
    start = text.rfind("\n", 0, at) + 1
    if "\t" in text[start : at + 1] and not text[start:at].strip():
        return start + text[start : at + 1].index("\t"), _diagnose("M003")
    if text[at : at + 1] == "\t":
        return at, _diagnose("M003")
    return at, _diagnose("M024", character=text[at : at + 1])


def _is_plain_entry(text: str, at: int) -> bool:
    """Whether the line up to the colon at ``at`` is just a key, so that it is its indent that is wrong."""
    start = text.rfind("\n", 0, at) + 1
    return re.fullmatch(r"\s*(- +)*[\w$ ]+", text[start:at]) is not None


def _diagnose(code: str, **params: Any) -> Diagnostic:
    return diagnose(code, pointer="", **params)


def _index(mark: Any, text: str, default: int = 0) -> int:
    return min(mark.index, max(len(text) - 1, 0)) if mark is not None else default
