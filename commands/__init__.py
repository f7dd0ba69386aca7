"""The subcommands of `nabij`: one module a group; `cli.py` puts them together."""
