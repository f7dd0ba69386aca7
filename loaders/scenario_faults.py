"""What can be wrong with a database of plans, each a sentence; nothing in it shows a password."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from loaders.errors import DataError, NabijError, StorageError
from loaders.scenario_address import PATIENCE_S, Place

_ELSEWHERE = "give another place with --database"
_OF_FILE: dict[int, tuple[type[NabijError], str]] = {
    sqlite3.SQLITE_BUSY: (StorageError, "is in use by another program for more than {patience} s; try again later"),
    sqlite3.SQLITE_READONLY: (StorageError, "may only be read; make the file and its folder writable, or {elsewhere}"),
    sqlite3.SQLITE_PERM: (StorageError, "may not be opened; make the file readable, or {elsewhere}"),
    sqlite3.SQLITE_CANTOPEN: (
        StorageError,
        "cannot be opened; see to it that the file and its folder may be read and written, or {elsewhere}",
    ),
    sqlite3.SQLITE_FULL: (StorageError, "cannot grow because the disk is full; make room and save again"),
    sqlite3.SQLITE_IOERR: (
        StorageError,
        "could not be read or written ({reason}); see whether the disk is full or failing, and try again",
    ),
    sqlite3.SQLITE_CORRUPT: (
        DataError,
        "is damaged ({reason}); it was left as it is: put back a copy, or {elsewhere}",
    ),
    sqlite3.SQLITE_NOTADB: (DataError, "is no database; it was left as it is: {elsewhere}"),
}
"""By the code of SQLite: the kind of error, and what follows the name of the file."""

_OF_STATE: dict[str, str] = {
    "25006": "may only be read now; try again later or ask its owner",
    "42501": "does not let you do this ({reason}); ask its owner for the right to make and change tables",
    "53100": "cannot grow because the disk of its server is full; make room and save again",
    "53300": "has as many visitors as it takes; try again later",
    "57014": "took too long; try again later",
}
"""By SQLSTATE of a server that was reached: what follows the name of the database."""

_OF_REACHING: dict[str, str] = {
    "(password|SASL|SCRAM|peer|ident) authentication|no password supplied": "does not accept this user and password; "
    "correct them in --database",
    "database .* does not exist": "does not exist; make it first (createdb) or correct its name in --database",
    "role .* does not exist": "does not know this user; correct the name in --database",
    "Connection refused": "is not reached: the server refuses; see whether it runs, on this host and port",
    "No such file or directory": "is not reached: there is no server at this socket; see whether it runs",
    "timeout": "is not reached within {patience} s; see whether the server runs and the network lets you through",
    "could not translate host name|failed to resolve host": "is not reached: the name of its server is not known; "
    "correct it in --database",
    "pg_hba.conf": "does not let you in from this machine; ask who keeps the server",
    "too many (clients|connections)": "has as many visitors as it takes; try again later",
    "is (starting up|shutting down)": "is starting or stopping; try again in a moment",
}
"""By what is said where a server is not reached: what follows the name of the database."""


@contextlib.contextmanager
def told(place: Place) -> Iterator[None]:
    """Turn what a database says into one sentence, as `StorageError` or, where its content is wrong, `DataError`."""
    try:
        yield
    except DBAPIError as error:
        raise _sentence(place, error.orig or error) from error
    except SQLAlchemyError as error:
        raise StorageError(f"{place.subject} does not answer ({type(error).__name__}); try again later.") from error


def _sentence(place: Place, error: BaseException) -> NabijError:
    kind, said = _said(error)
    reason = (str(error).splitlines() or [type(error).__name__])[0].strip()
    secret = place.url and (place.url.password or place.url.query.get("password"))
    if secret:
        reason = reason.replace(str(secret), "***")
    return kind(f"{place.subject} {said.format(reason=reason, patience=PATIENCE_S, elsewhere=_ELSEWHERE)}.")


def _said(error: BaseException) -> tuple[type[NabijError], str]:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # none where text is not UTF-8
        return _OF_FILE.get(code, _OF_FILE[sqlite3.SQLITE_IOERR])
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    if state in _OF_STATE:
        return StorageError, _OF_STATE[state]
    said = (told for pattern, told in _OF_REACHING.items() if re.search(pattern, str(error)))
    return StorageError, next(said, "does not do what is asked ({reason}); see whether the server is in order")
