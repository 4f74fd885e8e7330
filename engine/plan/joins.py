"""The join of two relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal as Choice

from headrace.grammar.expression import Call, Column, Expression, columns_of, parameters_of
from headrace.grammar.types import Schema, Type
from headrace.models.keys import Cardinality
from headrace.plan.derivation import Derivation
from headrace.plan.relation import Key, Relation, RowBounds

JoinKind = Choice["inner", "left", "right", "full", "semi", "anti", "cross"]


@dataclass(frozen=True, slots=True)
class JoinColumn:
    """One column that comes out of a join: of the left input, of the right, or the first of both that is not null."""

    name: str
    left: str | None
    right: str | None
    type: Type


@dataclass(frozen=True, eq=False)
class Join(Relation):
    """Pairs of rows whose key columns are equal (null equals nothing); by kind, rows without a partner too.

    ``on`` pairs a left with a right column. ``condition``, over columns of both (``side`` 1 is the right), must be true
    of a pair as well. ``columns`` says what comes out; a semi or anti join gives only columns of the left.
    ``right_is_one``: the two are such that a left row meets at most one right row, which no key shows. ``declared``:
    how many rows meet as the document says; where no key proves it, the run checks it.
    """

    left: Relation
    right: Relation
    kind: JoinKind
    on: tuple[tuple[str, str], ...]
    columns: tuple[JoinColumn, ...]
    condition: Expression | None = None
    right_is_one: bool = False
    declared: Cardinality | None = None

    @property
    def inputs(self) -> tuple[Relation, ...]:
        return (self.left, self.right)

    @property
    def right_matches_once(self) -> bool:
        """Whether a left row finds at most one partner."""
        return self.right_is_one or self.right.has_key(self._determined(1))

    @property
    def left_matches_once(self) -> bool:
        """Whether a right row finds at most one partner."""
        return self.left.has_key(self._determined(0))

    def _determined(self, side: int) -> Iterator[str]:
        """The columns of a side that can have one value only, given a row of the other."""
        for pair in self.on:
            if self.is_exact(*pair):
                yield pair[side]
        for first, second in equalities(self.condition):
            for column, other in ((first, second), (second, first)):
                if not isinstance(column, Column) or column.side != side or not _exact(first.type, second.type):
                    continue
                if all(each.side != side for each in columns_of(other)):
                    yield column.name

    def is_exact(self, ours: str, theirs: str) -> bool:
        """Whether two keys that are equal are the same value."""
        return _exact(self.left.schema[ours], self.right.schema[theirs])

    def _parameters(self) -> frozenset[str]:
        return frozenset() if self.condition is None else frozenset(parameters_of(self.condition))

    def _schema(self) -> Schema:
        return Schema(tuple((column.name, column.type) for column in self.columns))

    def _keys(self) -> Iterable[Key]:
        left = {column.left: column.name for column in self.columns if column.left is not None}
        right = {column.right: column.name for column in self.columns if column.right is not None}
        if self.kind in ("semi", "anti"):
            yield from _renamed(self.left.keys, left)
            return
        merged = set()
        for column in self.columns:
            if column.left is not None and column.right is not None:
                merged.add(column.name)
                if not self.is_exact(column.left, column.right):
                    # Its value is that of one side, which says too little of the other's.
                    if self.kind == "right":
                        del left[column.left]
                    else:
                        del right[column.right]
        if self.kind == "inner":
            # Partners agree in the key columns, so either name serves both sides.
            for ours, theirs in self.on:
                if not self.is_exact(ours, theirs):
                    continue
                if ours in left:
                    right.setdefault(theirs, left[ours])
                if theirs in right:
                    left.setdefault(ours, right[theirs])
        left_keys, right_keys = _renamed(self.left.keys, left), _renamed(self.right.keys, right)
        if self.kind == "full" and merged:
            # A merged column comes from either side: two unmatched rows may agree in it where it is null.
            left_keys = [key for key in left_keys if not key & merged]
            right_keys = [key for key in right_keys if not key & merged]
            matched_once = self.left_matches_once and self.right_matches_once
            if matched_once and self.condition is None and self._keys_never_null():
                outs = Key(left[ours] for ours, _ in self.on if left.get(ours) in merged)
                if len(outs) == len(self.on):
                    yield outs
        if self.right_matches_once and self.kind in ("inner", "left"):
            yield from left_keys
        if self.left_matches_once and self.kind in ("inner", "right"):
            yield from right_keys
        sure = {left.get(name) for name, type_ in self.left.schema if not type_.nullable}
        sure |= {right.get(name) for name, type_ in self.right.schema if not type_.nullable}
        for our_key, their_key in product(left_keys, right_keys):
            # In a full join, a row without a partner on the right and one without a partner on the left must differ.
            if self.kind != "full" or (our_key | their_key) & sure:
                yield our_key | their_key

    def _keys_never_null(self) -> bool:
        return all(
            not self.left.schema[ours].nullable and not self.right.schema[theirs].nullable for ours, theirs in self.on
        )

    def _rows(self) -> RowBounds:
        left, right = self.left.rows, self.right.rows
        if self.kind in ("semi", "anti"):
            return RowBounds(0, left.most)
        least = {
            "inner": 0,
            "left": left.least,
            "right": right.least,
            "full": max(left.least, right.least),
            "cross": left.least * right.least,
        }[self.kind]
        if left.most is None or right.most is None:
            most = None
            if self.kind in ("inner", "left") and self.right_matches_once:
                most = left.most
            elif self.kind in ("inner", "right") and self.left_matches_once:
                most = right.most
            return RowBounds(least, most)
        all_pairs, all_rows = left.most * right.most, left.most + right.most
        most = {
            "inner": all_pairs,
            "left": max(all_pairs, left.most),
            "right": max(all_pairs, right.most),
            "full": max(all_pairs, all_rows),
            "cross": all_pairs,
        }[self.kind]
        # A side that meets one row at most comes out once, matched or not; beside it, unmatched rows of the other.
        if self.right_matches_once:
            most = min(most, left.most if self.kind in ("inner", "left", "cross") else all_rows)
        if self.left_matches_once:
            most = min(most, right.most if self.kind in ("inner", "right", "cross") else all_rows)
        return RowBounds(least, most)

    def derivations(self) -> Mapping[str, Derivation]:
        return {column.name: self._derivation(column) for column in self.columns}

    def _derivation(self, column: JoinColumn) -> Derivation:
        if column.left is not None and column.right is not None and self.kind == "full":
            return Derivation.copy((0, column.left), (1, column.right))
        if column.left is None or (column.right is not None and self.kind == "right"):
            return Derivation.copy((1, column.right or ""))
        return Derivation.copy((0, column.left))

    def decisions(self) -> tuple[Derivation, ...]:
        left, right = self.left.schema, self.right.schema
        pairs = ((Column(left[ours], ours), Column(right[theirs], theirs, 1)) for ours, theirs in self.on)
        keys = (Derivation.decided("joined_on", Call(Type("boolean"), "equal", 0, pair)) for pair in pairs)
        return (*keys, *([] if self.condition is None else [Derivation.decided("joined_on", self.condition)]))


def _renamed(keys: Iterable[Key], names: Mapping[str, str]) -> list[Key]:
    return [Key(names[column] for column in key) for key in keys if all(column in names for column in key)]


def equalities(condition: Expression | None) -> Iterator[tuple[Expression, Expression]]:
    """What must be equal for the condition to be true: the sides of each ``=`` that ``and`` alone stands above."""
    waiting = [] if condition is None else [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call) and node.function == "and":
            waiting.extend(node.arguments)
        elif isinstance(node, Call) and node.function == "equal":
            first, second = node.arguments
            yield first, second


def _exact(first: Type, second: Type) -> bool:
    """Whether equal means the same: beside a float, different decimals and large integers are equal to one."""
    kinds = {first.kind, second.kind}
    return "interval" not in kinds and ("float" not in kinds or kinds == {"float"})
