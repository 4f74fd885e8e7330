"""The catalogue of codes: every diagnostic Headrace can give, declared once with its message and an example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from headrace.diagnostics import (
    increment_codes,
    join_codes,
    model_codes,
    pivot_codes,
    plan_codes,
    run_codes,
    sql_codes,
    step_codes,
    syntax_codes,
    test_codes,
    typing_codes,
)
from headrace.diagnostics.code import Code
from headrace.diagnostics.diagnostic import Diagnostic, Fix, Span


def _collect() -> Mapping[str, Code]:
    codes: dict[str, Code] = {}
    for module in (
        syntax_codes,
        typing_codes,
        step_codes,
        increment_codes,
        join_codes,
        pivot_codes,
        sql_codes,
        model_codes,
        plan_codes,
        run_codes,
        test_codes,
    ):
        for code in module.CODES:
            if code.code in codes:
                raise ValueError(f"diagnostic code {code.code} is declared twice")
            codes[code.code] = code
    return codes


CODES: Mapping[str, Code] = _collect()


def diagnose(
    code: str,
    *,
    span: Span | None = None,
    pointer: str | None = None,
    source: str | None = None,
    hints: Iterable[str] = (),
    fixes: Iterable[Fix] = (),
    **params: Any,
) -> Diagnostic:
    """The diagnostic ``code``, its message filled from ``params``.

    Raises KeyError where the code is not declared or a param of its message is not given: both are our mistakes.
    """
    declared = CODES[code]
    return Diagnostic(
        code=code,
        message=declared.message.format_map(params),
        severity=declared.severity,
        pointer=pointer,
        span=span,
        source=source,
        params=params,
        hints=tuple(hints),
        fixes=tuple(fixes),
    )
