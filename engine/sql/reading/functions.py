"""The functions of PostgreSQL that a query may call: those that read nothing but their arguments, or their group, and
give the same for the same. Each with the types it gives.

A pattern stands for the types that PostgreSQL passes without being asked: ``float8`` takes any number, ``int8`` any
integer, ``text`` any text and a constant without a type. Of several patterns the first that fits counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal as Choice

from headrace.sql.reading.sql_types import INTEGERS, MOMENTS, NUMBERS, TEXTS, SqlType, arithmetic, common

Types = Sequence[SqlType]
Rule = Callable[[Types], SqlType]

Nulls = Choice["strict", "never", "maybe", "all"]
"""When the result is null: where an argument is, never, whatever the arguments, where all arguments are."""


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """How a function is typed, and what it makes of nulls; ``level`` as in formulas."""

    rule: Rule
    nulls: Nulls = "strict"
    level: Choice["row", "aggregate", "window"] = "row"


_FITS: Mapping[str, tuple[str, ...]] = {
    "int4": ("int2", "int4", "unknown"),
    "int8": (*INTEGERS, "unknown"),
    "numeric": (*INTEGERS, "numeric", "unknown"),
    "float8": (*NUMBERS, "unknown"),
    "text": (*TEXTS, "unknown"),
    "timestamp": ("date", "timestamp", "unknown"),
    "timestamptz": (*MOMENTS, "unknown"),
}


def _fits(type_: SqlType, pattern: str) -> bool:
    return type_ is not None and (
        pattern == "any" or type_ == pattern or type_ == "unknown" or type_ in _FITS.get(pattern, ())
    )


def _one_of(*forms: str) -> Rule:
    """A rule of patterns: ``"text int4 -> text"``; ``...`` repeats the last, ``?`` begins what may be left out."""
    read = []
    for form in forms:
        arguments, _, result = form.partition("->")
        needed, _, optional = arguments.partition("?")
        read.append((needed.split(), optional.split(), result.strip()))

    def rule(types: Types) -> SqlType:
        for needed, optional, result in read:
            patterns = [*needed, *optional]
            if patterns and patterns[-1] == "...":
                patterns = patterns[:-1] + [patterns[-2]] * max(0, len(types) - len(patterns) + 1)
            least = len(needed) - 2 if "..." in needed else len(needed)
            fits = (_fits(type_, pattern) for type_, pattern in zip(types, patterns, strict=False))
            if least <= len(types) <= len(patterns) and all(fits):
                return result
        return None

    return rule


def _first(types: Types) -> SqlType:
    return types[0] if types and types[0] != "unknown" else None


def _same_number(types: Types) -> SqlType:
    """``abs`` and its like: the type of the argument."""
    return types[0] if len(types) == 1 and types[0] in NUMBERS else None


def _rounded(types: Types) -> SqlType:
    """``ceil``, ``floor``, ``sqrt``, …: numeric stays, every other number is a float."""
    if len(types) != 1 or types[0] not in NUMBERS:
        return None
    return "numeric" if types[0] == "numeric" else "float8"


def _digits(types: Types) -> SqlType:
    """``round`` and ``trunc``, which take a number of digits with numeric alone."""
    if len(types) == 2:
        return "numeric" if _fits(types[0], "numeric") and types[0] != "unknown" and _fits(types[1], "int4") else None
    return _rounded(types)


def _powers(types: Types) -> SqlType:
    return arithmetic("^", types[0], types[1]) if len(types) == 2 else None


def _modulo(types: Types) -> SqlType:
    return arithmetic("%", types[0], types[1]) if len(types) == 2 else None


def _log(types: Types) -> SqlType:
    return "numeric" if len(types) == 2 and all(_fits(each, "numeric") for each in types) else _rounded(types)


def _truncated(types: Types) -> SqlType:
    """``date_trunc``: a date becomes a moment with time zone."""
    if len(types) != 2 or not _fits(types[0], "text"):
        return None
    return {"timestamp": "timestamp", "interval": "interval", "date": "timestamptz", "timestamptz": "timestamptz"}.get(
        types[1] or ""
    )


def _nullif(types: Types) -> SqlType:
    return common(types) if len(types) == 2 else None


def _sum(types: Types) -> SqlType:
    (type_,) = types if len(types) == 1 else (None,)
    if type_ in ("int2", "int4"):
        return "int8"
    return {
        "int8": "numeric",
        "numeric": "numeric",
        "float4": "float4",
        "float8": "float8",
        "interval": "interval",
    }.get(type_ or "")


def _average(types: Types) -> SqlType:
    (type_,) = types if len(types) == 1 else (None,)
    if type_ in (*INTEGERS, "numeric"):
        return "numeric"
    return {"float4": "float8", "float8": "float8", "interval": "interval"}.get(type_ or "")


def _spread(types: Types) -> SqlType:
    """``stddev`` and its like."""
    (type_,) = types if len(types) == 1 else (None,)
    if type_ in ("float4", "float8"):
        return "float8"
    return "numeric" if type_ in NUMBERS else None


def _extreme(types: Types) -> SqlType:
    if len(types) != 1 or types[0] in (None, "unknown", "bool", "uuid", "json", "jsonb", "bytea"):
        return None
    return "text" if types[0] == "varchar" else types[0]


def _whole(types: Types) -> SqlType:
    return types[0] if len(types) == 1 and types[0] in INTEGERS else None


def _shifted(types: Types) -> SqlType:
    """``lag`` and ``lead``, whose default goes with the value."""
    return common((types[0], types[2])) if len(types) == 3 else _first(types)


def _row(**rules: Rule) -> dict[str, SqlFunction]:
    return {name: SqlFunction(rule) for name, rule in rules.items()}


def _kind(level: Choice["aggregate", "window"], nulls: Nulls, **rules: Rule) -> dict[str, SqlFunction]:
    return {name: SqlFunction(rule, nulls, level) for name, rule in rules.items()}


FUNCTIONS: Mapping[str, SqlFunction] = {
    **_row(
        lower=_one_of("text -> text"),
        upper=_one_of("text -> text"),
        initcap=_one_of("text -> text"),
        btrim=_one_of("text ? text -> text"),
        ltrim=_one_of("text ? text -> text"),
        rtrim=_one_of("text ? text -> text"),
        length=_one_of("text -> int4"),
        char_length=_one_of("text -> int4"),
        character_length=_one_of("text -> int4"),
        octet_length=_one_of("text -> int4", "bytea -> int4"),
        left=_one_of("text int4 -> text"),
        right=_one_of("text int4 -> text"),
        substr=_one_of("text int4 ? int4 -> text"),
        replace=_one_of("text text text -> text"),
        reverse=_one_of("text -> text"),
        repeat=_one_of("text int4 -> text"),
        lpad=_one_of("text int4 ? text -> text"),
        rpad=_one_of("text int4 ? text -> text"),
        strpos=_one_of("text text -> int4"),
        split_part=_one_of("text text int4 -> text"),
        translate=_one_of("text text text -> text"),
        md5=_one_of("text -> text", "bytea -> text"),
        ascii=_one_of("text -> int4"),
        chr=_one_of("int4 -> text"),
        starts_with=_one_of("text text -> bool"),
        regexp_replace=_one_of("text text text ? text -> text"),
        regexp_like=_one_of("text text ? text -> bool"),
        regexp_count=_one_of("text text ? int4 text -> int4"),
        abs=_same_number,
        ceil=_rounded,
        ceiling=_rounded,
        floor=_rounded,
        round=_digits,
        trunc=_digits,
        sign=_rounded,
        sqrt=_rounded,
        cbrt=_one_of("float8 -> float8"),
        exp=_rounded,
        ln=_rounded,
        log=_log,
        log10=_rounded,
        power=_powers,
        pow=_powers,
        mod=_modulo,
        div=_one_of("numeric numeric -> numeric"),
        degrees=_one_of("float8 -> float8"),
        radians=_one_of("float8 -> float8"),
        sin=_one_of("float8 -> float8"),
        cos=_one_of("float8 -> float8"),
        tan=_one_of("float8 -> float8"),
        atan2=_one_of("float8 float8 -> float8"),
        pi=_one_of("-> float8"),
        width_bucket=_one_of("numeric numeric numeric int4 -> int4", "float8 float8 float8 int4 -> int4"),
        date_trunc=_truncated,
        date_bin=_one_of(
            "interval timestamp timestamp -> timestamp", "interval timestamptz timestamptz -> timestamptz"
        ),
        age=_one_of("timestamptz timestamptz -> interval"),
        make_date=_one_of("int4 int4 int4 -> date"),
        make_time=_one_of("int4 int4 float8 -> time"),
        make_timestamp=_one_of("int4 int4 int4 int4 int4 float8 -> timestamp"),
        isfinite=_one_of("timestamptz -> bool", "interval -> bool"),
        justify_days=_one_of("interval -> interval"),
        justify_hours=_one_of("interval -> interval"),
        justify_interval=_one_of("interval -> interval"),
        jsonb_array_length=_one_of("jsonb -> int4"),
        jsonb_typeof=_one_of("jsonb -> text"),
        to_jsonb=_one_of("any -> jsonb"),
    ),
    # Null where the format is empty, or the moment infinite.
    "to_char": SqlFunction(
        _one_of("interval text -> text", "numeric text -> text", "float8 text -> text", "timestamptz text -> text"),
        "maybe",
    ),
    "to_date": SqlFunction(_one_of("text text -> date"), "maybe"),
    "to_timestamp": SqlFunction(_one_of("text text -> timestamptz", "float8 -> timestamptz"), "maybe"),
    "to_number": SqlFunction(_one_of("text text -> numeric"), "maybe"),
    "date_part": SqlFunction(
        _one_of("text timestamptz -> float8", "text interval -> float8", "text time -> float8"), "maybe"
    ),
    "jsonb_extract_path": SqlFunction(_one_of("jsonb text ... -> jsonb"), "maybe"),
    "jsonb_extract_path_text": SqlFunction(_one_of("jsonb text ... -> text"), "maybe"),
    "jsonb_build_object": SqlFunction(_one_of("any ... -> jsonb"), "never"),
    "jsonb_build_array": SqlFunction(_one_of("any ... -> jsonb"), "never"),
    "regexp_substr": SqlFunction(_one_of("text text ? int4 int4 text -> text"), "maybe"),
    "concat": SqlFunction(_one_of("any ... -> text"), "never"),
    "concat_ws": SqlFunction(_one_of("text any ... -> text"), "maybe"),
    "coalesce": SqlFunction(common, "all"),
    "greatest": SqlFunction(common, "all"),
    "least": SqlFunction(common, "all"),
    "nullif": SqlFunction(_nullif, "maybe"),
    **_kind("aggregate", "never", count=_one_of("-> int8", "any -> int8"), regr_count=_one_of("float8 float8 -> int8")),
    **_kind(
        "aggregate",
        "maybe",
        sum=_sum,
        avg=_average,
        min=_extreme,
        max=_extreme,
        bool_and=_one_of("bool -> bool"),
        bool_or=_one_of("bool -> bool"),
        every=_one_of("bool -> bool"),
        string_agg=_one_of("text text -> text", "bytea bytea -> bytea"),
        stddev=_spread,
        stddev_pop=_spread,
        stddev_samp=_spread,
        variance=_spread,
        var_pop=_spread,
        var_samp=_spread,
        corr=_one_of("float8 float8 -> float8"),
        covar_pop=_one_of("float8 float8 -> float8"),
        covar_samp=_one_of("float8 float8 -> float8"),
        regr_slope=_one_of("float8 float8 -> float8"),
        regr_intercept=_one_of("float8 float8 -> float8"),
        bit_and=_whole,
        bit_or=_whole,
        jsonb_agg=_one_of("any -> jsonb"),
        jsonb_object_agg=_one_of("any any -> jsonb"),
    ),
    **_kind(
        "window",
        "never",
        row_number=_one_of("-> int8"),
        rank=_one_of("-> int8"),
        dense_rank=_one_of("-> int8"),
        percent_rank=_one_of("-> float8"),
        cume_dist=_one_of("-> float8"),
    ),
    **_kind(
        "window",
        "maybe",
        ntile=_one_of("int4 -> int4"),
        lag=_shifted,
        lead=_shifted,
        first_value=_first,
        last_value=_first,
        nth_value=_first,
    ),
}

WITHIN_GROUP = ("percentile_cont", "percentile_disc", "mode")
"""Aggregates that are written with WITHIN GROUP (ORDER BY …)."""

CLOCKS = ("now",)
"""Functions that give the instant of the run, as in formulas."""

INSTEAD: Mapping[str, str] = {
    "age": "age takes two moments here: age(now(), x) says what is meant.",
    "clock_timestamp": "now() is the instant of the run.",
    "current_date": "Write (now() AT TIME ZONE 'Europe/Paris')::date: a day depends on where it is.",
    "gen_random_uuid": "md5(…) of what tells the rows apart gives the same for the same row.",
    "random": "The step sample takes some of the rows, the same each time.",
    "statement_timestamp": "now() is the instant of the run.",
    "timeofday": "now() is the instant of the run.",
    "transaction_timestamp": "now() is the instant of the run.",
}
"""What to write for functions that give another result each time."""

REFUSED_PREFIXES = (
    "pg_",
    "lo_",
    "dblink",
    "has_",
    "query_to_",
    "table_to_",
    "cursor_to_",
    "database_to_",
    "schema_to_",
)
REFUSED = (
    *INSTEAD.keys() - {"age"},
    "currval",
    "current_setting",
    "lastval",
    "nextval",
    "set_config",
    "setseed",
    "setval",
    "txid_current",
    "uuid_generate_v4",
    "version",
)
"""Functions that change something, ask the server or the session, or give another result each time: never called, also
where functions that are not known here may be."""
