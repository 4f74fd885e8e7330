"""One module a command, named as the command; its ``command`` is the click command."""
