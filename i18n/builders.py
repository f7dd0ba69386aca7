"""Errors that no reader of a command or a page meets: only who programs, builds from raw files or attacks the server.

Their sentences stand in the code, in English. Every other error says a key and its values (`i18n.messages`); a test
reads the whole code for one that does neither.
"""

from __future__ import annotations

BUILDERS_ERRORS = {
    "ArgumentError": "a Python caller hands over arrays or names that do not fit",
    "CatalogueError": "whoever changes a text meets it at once",
    "LanguageError": "the reader's language is what is not known",
    "UndeclaredError": "a callback of the explorer takes in what is not declared; the server does not start",
    "Unfinished": "ends reading in the child process; the room tells it as `error.room`",
    "TypeError": "a number is lacking before a word that has a plural: a programmer's mistake",
}
"""Class of the error, and who meets it."""

KEYED_ERRORS = ("MessageError", "Refusal", "UnfitError", "ChangedColumnsError", "_FaultError", "_fault", "fault")
"""Classes and functions whose text is a key of the catalogue, or the name of what does not fit."""

BUILDERS_MODULES = {
    "coverage.access": "functions over arrays, public as Python; the engine gives them what fits",
    "coverage.siting.solvers": "functions over arrays, public as Python; `coverage.siting.planning` checks before",
    "coverage.validation.orlib": "instances that benchmarks read",
    "coverage.scenario.document": "a `ValueError` inside the JSON reader, told as `error.scenario.json`",
    "loaders.illustrative": "the made-up set is drawn when the snapshot is built",
    "loaders.parsers": "raw files of `nabij data build`",
    "loaders.pipeline.build": "raw files of `nabij data build`",
    "loaders.pipeline.expectations": "raw files of `nabij data build`",
    "loaders.pipeline.raw": "raw files of `nabij data build`",
    "loaders.protocols.delimited": "a `ValueError` about one number, told as `error.protocol.number`",
    "loaders.reading_room.sheets.costs": "a `ValueError` inside the child, told as `error.travel.table_unreadable`",
    "loaders.reading_room.sources.streets": "a `ValueError` in the child, told as `error.travel.extract_unreadable`",
    "pages.inputs.edge": "a `ValueError` inside the JSON reader, told as a request that does not fit",
}
"""Module or package, and who meets its errors."""
