"""The command line; the only package that knows rich and typer."""
