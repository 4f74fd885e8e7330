"""``headrace lsp``: the language server for editors."""

from __future__ import annotations

import click


@click.command("lsp")
def command() -> int:
    """Serve an editor over standard input and output, by the Language Server Protocol.

    An editor starts this by itself; docs/editors.md says how.
    """
    try:
        from headrace.editor.server import serve
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise click.ClickException(
            "The language server needs the extra `editor`. Install it: pip install 'headrace[editor]'"
        ) from None
    serve()
    return 0
