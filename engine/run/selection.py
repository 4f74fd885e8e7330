"""Which steps of a program a run of some of its nodes consists of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from headrace.diagnostics import closest, diagnose
from headrace.program.program import Build, Program
from headrace.program.replacement import old_relations
from headrace.run.session import Session
from headrace.run.stopped import Stopped


def select_steps(program: Program, names: Iterable[str]) -> Program:
    """The program for the sources and nodes ``names`` and what they need. Raises Stopped where there is no such."""
    inputs = {step.name: step.inputs if isinstance(step, Build) else () for step in program.steps}
    problems = []
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in inputs:
            near = closest(name, inputs)
            problems.append(diagnose("R240", node=name, hints=[f"Did you mean {near[0]}?"] if near else ()))
    if problems:
        raise Stopped(problems)
    for name in wanted:
        wanted += [needed for needed in inputs[name] if needed in inputs and needed not in wanted]
    return replace(program, steps=tuple(step for step in program.steps if step.name in wanted))


def with_dependent_views(session: Session, part: Program, whole: Program) -> Program:
    """``part`` and those views of ``whole`` that stand in the warehouse and read what ``part`` makes anew.

    A table cannot be replaced while a view reads it; so the project's own are made again with it.
    """
    names = {step.name for step in part.steps}
    views: list[Build] = []
    for step in whole.steps:
        if isinstance(step, Build) and step.kind == "view" and step.name not in names and names & set(step.inputs):
            names.add(step.name)
            views.append(step)
    if not views:
        return part
    there = {name for name, _ in session.ask(old_relations(whole, views))}
    kept = {step.name for step in part.steps} | {view.name for view in views if view.target.name in there}
    return replace(part, steps=tuple(step for step in whole.steps if step.name in kept))
