"""What each rule does, from its docstring; ``python -m headrace.rules.reference`` prints docs/rules.md."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import import_module

from headrace.rules.optimizer import RULES
from headrace.rules.rule import Rule

_OPENING = """# The rules

Before a plan becomes SQL, rules rewrite it: the same rows, computed better. They are tried in this order, again where
one has made room for another. [How plans are rewritten](optimizer.md) says what is guaranteed, how to see what a rule
has done and how to leave one out. `headrace rules` lists them, `headrace rules NAME` tells of one.
"""


@dataclass(frozen=True, slots=True)
class RuleDescription:
    """The docstring of a rule's module in its parts: what it does, an example, and what there is to know of it."""

    name: str
    summary: str
    before: str
    after: str
    more: tuple[str, ...]

    def to_json(self) -> dict[str, str]:
        return {
            "name": self.name,
            "summary": self.summary,
            "before": self.before,
            "after": self.after,
            "more": "\n\n".join(self.more),
        }


def described(rule: Rule) -> RuleDescription:
    """What the docstring of the rule's module says.

    >>> from headrace.rules.distinct_on_keys import DISTINCT_ON_KEYS
    >>> described(DISTINCT_ON_KEYS).after
    'scan customers'
    """
    text = import_module(f"headrace.rules.{rule.name}").__doc__ or ""
    first, *rest = re.split(r"\n\s*\n", text.strip())
    parts: dict[str, str] = {"before": "", "after": ""}
    more = []
    for paragraph in rest:
        found = re.split(r"^(before|after):\s*", paragraph, flags=re.MULTILINE)
        if len(found) == 1:
            more.append(paragraph)
        for name, example in zip(found[1::2], found[2::2], strict=True):
            # A rule may show several examples.
            parts[name] = "\n".join(filter(None, (parts[name], _in_one_line(example))))
    told = tuple(map(_rewrapped, more))
    return RuleDescription(rule.name, _in_one_line(first), parts["before"], parts["after"], told)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _rewrapped(paragraph: str) -> str:
    """A paragraph without its line breaks; a list or a table as it is."""
    lines = paragraph.splitlines()
    is_prose = all(line[:1] not in ("-", "*", "=", "|", " ") for line in lines)
    return " ".join(lines) if is_prose else paragraph


def page() -> str:
    """docs/rules.md."""
    parts = [_OPENING]
    for rule in RULES:
        told = described(rule)
        example = [f"before: {line}" for line in told.before.splitlines()]
        examples = [
            pair for lines in zip(example, (f"after:  {each}" for each in told.after.splitlines()), strict=True)
            for pair in lines
        ]  # fmt: skip
        code = "```text\n" + "\n".join(examples) + "\n```\n"
        parts.append("\n".join([f"## {told.name}", told.summary, "", code, *(f"{text}\n" for text in told.more)]))
    return "\n".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
