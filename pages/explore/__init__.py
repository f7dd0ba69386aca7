"""The explorer: choices, map, table, the sheet of a zone."""
