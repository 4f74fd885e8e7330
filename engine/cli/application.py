"""The top of the command line: which commands there are, and how the program ends.

Exit status: 0 fine, 1 a run that failed or a mistake of our own, 2 for what the user can mend, 130 for Ctrl-C.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from headrace.cli.screen import plain_text

# Name and line of help. The help stands here too, so that `headrace --help` loads none of the commands.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("demo", "Run the CDNOW example, from a CSV file to tables."),
    ("init", "Make a folder with a small project that runs."),
    ("add", "Describe a CSV file as a source, with its columns."),
    ("check", "Say what does not fit, without running anything."),
    ("compile", "Write the SQL of every node."),
    ("discover", "Find the values that pivots make columns of."),
    ("catalog", "Keep what the database knows of its tables, their sizes too."),
    ("run", "Build the tables in the warehouse."),
    ("test", "Run the tests of nodes, on rows written for them."),
    ("preview", "Show rows of a node, or of one of its steps."),
    ("lineage", "Show where a column comes from, or what comes from it."),
    ("graph", "Draw what reads what."),
    ("plan", "Show how a node is computed, step by step."),
    ("explain", "Show how PostgreSQL computes a node, and where its time goes."),
    ("rules", "List the rules that rewrite plans."),
    ("psql", "Look at the tables in PostgreSQL's own terminal."),
    ("format", "Rewrite documents in one style, formulas too."),
    ("functions", "List what formulas can call."),
    ("lsp", "Serve an editor: diagnostics, completion, hover."),
    ("schema", "Print the JSON Schema of the documents."),
)

INTERRUPTED = 130
PIPE_CLOSED = 141


class Commands(click.Group):
    """A group that loads a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"headrace.cli.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and name not in self.list_commands(ctx):
            from headrace.diagnostics.suggest import closest

            near = closest(name, self.list_commands(ctx), limit=1)
            meant = f" Did you mean {near[0]}?" if near else " `headrace --help` lists the commands."
            raise click.UsageError(f"There is no command {plain_text(name)}.{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `headrace demo`, or `headrace init my` and `headrace run my`.",
)
@click.version_option(package_name="headrace", message="headrace %(version)s")
def application() -> None:
    """Headrace compiles dataflows, written in YAML with spreadsheet-like formulas, into SQL that runs inside
    PostgreSQL, and keeps the tables there."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit. ``arguments`` are those of the process where they are not given."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows ? and goes on
    try:
        status = application.main(arguments, prog_name="headrace", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does. Python must not try to flush it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except Exception as mistake:
        from headrace.cli.failure import report_mistake

        sys.exit(report_mistake(mistake))
    sys.exit(status if isinstance(status, int) else 0)
