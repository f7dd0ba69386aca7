"""The sheet of a zone."""
