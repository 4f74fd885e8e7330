"""The language server: what an editor asks of a project while its files are being written."""
