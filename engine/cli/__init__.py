"""The command ``headrace``. Each command is a module of ``headrace.cli.commands``, loaded when it is called."""

from headrace.cli.application import main

__all__ = ["main"]
