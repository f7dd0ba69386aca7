"""Answers that are a refusal: one sentence in the reader's language, as plain text that no browser keeps."""

from __future__ import annotations

from typing import NoReturn

import flask

from i18n.errors import NabijError
from i18n.texts import text
from pages.shell.reader import reader


def refusal(status: int, key: str, **values: object) -> flask.Response:
    """Build an answer of one sentence of the catalogue."""
    return plain_answer(status, text(key, reader(), **values))


def plain_answer(status: int, sentence: str) -> flask.Response:
    """Build an answer of one sentence."""
    response = flask.Response(sentence + "\n", status, mimetype="text/plain")
    response.headers["Content-Language"] = reader()
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def unfit(at: str) -> flask.Response:
    """Build the refusal of a value that is not what is declared."""
    return refusal(400, "request.unfit", at=at)


def not_here(error: NabijError | None = None) -> NoReturn:
    """End the request: there is nothing at its address; ``error`` says why where that helps."""
    flask.abort(refusal(404, "request.404") if error is None else plain_answer(404, error.sentence(reader())))


def other_figures() -> NoReturn:
    """End the request: its address is of figures that are no longer held."""
    flask.abort(refusal(404, "request.other_figures"))
