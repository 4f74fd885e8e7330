"""Conditions and choices. (``and``, ``or``, ``not``, ``??`` and ``coalesce`` are operators.)"""

from __future__ import annotations

from headrace.grammar.function import Example, Function, signature

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "if",
        "logical",
        "row",
        (signature("boolean, same, same?", "same", "CASE WHEN {0} THEN {1} ELSE {2} END", defaults={2: "null"}),),
        "The value of the first condition that is true, else the last value; conditions and values may repeat in pairs:"
        " if(condition, value, condition, value, otherwise). A condition that is null is not true.",
        (
            Example('if(2 > 1, "yes", "no")', "yes"),
            Example('if(null, "yes", "no")', "no"),
            Example('if(1 > 2, "a", 2 > 3, "b", "c")', "c"),
            Example("if(false, 1)", None),
        ),
        aliases=("iif",),
        nulls="custom",
        form=True,
    ),
    Function(
        "ifs",
        "logical",
        "row",
        (signature("boolean, same", "same", "CASE WHEN {0} THEN {1} END"),),
        "The value of the first condition that is true, null where none is; conditions and values repeat in pairs.",
        (Example('ifs(1 > 2, "a", 2 > 1, "b")', "b"), Example('ifs(1 > 2, "a")', None)),
        nulls="custom",
        form=True,
    ),
    Function(
        "switch",
        "logical",
        "row",
        (signature("any, any, same, same?", "same", "CASE {0} WHEN {1} THEN {2} ELSE {3} END", defaults={3: "null"}),),
        "The value that stands after the match equal to the first argument, else the last value, or null;"
        " matches and values repeat in pairs.",
        (
            Example('switch(2, 1, "one", 2, "two", "many")', "two"),
            Example('switch(7, 1, "one", 2, "two", "many")', "many"),
            Example('switch("a", "b", 1)', None),
        ),
        nulls="custom",
        form=True,
    ),
    Function(
        "null_if",
        "logical",
        "row",
        (signature("same, same", "argument 0", "NULLIF({0}, {1})"),),
        "The first value, or null where it equals the second.",
        (Example("null_if(1, 1)", None), Example('null_if("a", "b")', "a"), Example("null_if(1, null)", "1")),
        aliases=("nullif",),
        nulls="custom",
    ),
    Function(
        "xor",
        "logical",
        "row",
        (signature("boolean, boolean", "boolean", "{0} <> {1}"),),
        "Whether one of two conditions is true and the other false.",
        (Example("xor(true, false)", "true"), Example("xor(true, true)", "false"), Example("xor(true, null)", None)),
    ),
)
