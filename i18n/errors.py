"""The errors a user can cause, each a single sentence saying what is wrong, where, and what to do.

Every class also subclasses the builtin a caller expects, so ``except ValueError`` keeps working.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from i18n.edges import PAGE, edge, written_for

_SERVER = re.compile(r"\b(?:postgres\w*|sqlite|file)(?:\+\w+)?:/{1,4}[^\s'\"‘’]+", re.IGNORECASE)
_QUOTED_PATH = re.compile(
    r"'((?:~?/|\.{1,2}/|[A-Za-z]:[/\\]|\\\\)[^']*|[\w.-]+(?:/[\w.-]+){2,}|(?:[\w.-]+/)+[\w.-]+\.\w{2,8})'"
)
"""A path in quotes: a whole one, which may hold spaces, or one from the folder where the explorer was started."""

_PATH = re.compile(r"(?<![\w./\\:<-])(?:~?(?:/[^\s/'\"‘’,;:()<>]+){2,}/?|[A-Za-z]:\\[^\s'\"‘’,;()<>]+)")
"""A path as it stands in a sentence; an address on the web and ``km/h`` are none."""


@runtime_checkable
class Translatable(Protocol):
    """What an error says in every language; `i18n.messages.Message` takes it out of the catalogue of texts."""

    def sentence(self, lang: str) -> str:
        """Return the message in a language."""


class NabijError(Exception):
    """Anything a user can put right: the message is the whole story, the exit code is 1.

    Parameters
    ----------
    args : the message, as text or as a `Translatable`, which reads in English where no language is asked for
    """

    def __init__(self, *args: object) -> None:
        """Keep the message on one line, whatever names from a file it quotes."""
        self.message = next((a for a in args if isinstance(a, Translatable)), None)
        sentences = (a.sentence("en") if isinstance(a, Translatable) else a for a in args)
        super().__init__(*(_on_one_line(a) if isinstance(a, str) else a for a in sentences))

    def sentence(self, lang: str) -> str:
        """Return the message in a language; one that is only text stays as it is. See `without_folders`."""
        words = str(self) if self.message is None else _on_one_line(self.message.sentence(lang))
        return _without_folders(words) if edge() == PAGE else words


@contextmanager
def without_folders() -> Iterator[None]:
    """Let errors be told as on a page, as long as the context lasts: files and folders by their last name only.

    Whoever runs a command may read where a file stands on this machine; a visitor of a page may not, and options of
    the command are left out (`i18n.edges`).
    """
    with written_for(PAGE):
        yield


def _without_folders(sentence: str) -> str:
    sentence = _SERVER.sub("…", sentence)
    sentence = _QUOTED_PATH.sub(lambda match: f"'{_last_name(match[1])}'", sentence)
    return _PATH.sub(lambda match: _last_name(match[0]), sentence)


def _last_name(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1] or "…"


def _on_one_line(sentence: str) -> str:
    return " ".join(sentence.splitlines())


class InputError(NabijError, ValueError):
    """A value the user gave does not make sense (an unknown level, a negative distance, a year not held)."""


class ArgumentError(InputError):
    """A Python caller handed over something that does not fit; no command and no page leads here."""


class LanguageError(InputError):
    """A language that the catalogue of texts does not have, so this is said in English."""


class CatalogueError(NabijError, ValueError):
    """The catalogue of texts does not hold together; whoever changes a text meets it, at once."""


class MissingFileError(NabijError, FileNotFoundError):
    """A file or folder the user pointed at is not there."""

    def __str__(self) -> str:
        """Return the message alone, without the errno decoration of ``OSError``."""
        return str(self.args[0]) if self.args else ""


class DataError(NabijError, ValueError):
    """A file is there but what it holds is not what it should be."""


class MissingColumnError(DataError, KeyError):
    """A table lacks a column it must have."""

    def __str__(self) -> str:
        """Return the message alone, without the quotes of ``KeyError``."""
        return str(self.args[0]) if self.args else ""


class SnapshotError(DataError):
    """The embedded snapshot is absent, incomplete or altered."""


class RefreshError(NabijError, RuntimeError):
    """A refresh, or a step back to an earlier snapshot, was stopped; what was there is as it was."""


class ConservationError(NabijError, ArithmeticError):
    """Births were lost or invented between two steps: a fault of ours, never of the user."""


class FetchError(NabijError, ConnectionError):
    """Something could not be fetched: refused, stalled, turned down, too large or redirected without end."""

    def __str__(self) -> str:
        """Return the message alone, without the errno decoration of ``OSError``."""
        return str(self.args[0]) if self.args else ""


class NotDataError(FetchError):
    """A server answered, but what it sent is not the data asked for."""


class IncompleteError(FetchError):
    """A collection came only in part: cut off by a limit, repeated, or changed while it was read."""


class StorageError(NabijError, OSError):
    """Something could not be stored or read back: a full disk, one that may not be written, a database out of reach."""

    def __str__(self) -> str:
        """Return the message alone, without the errno decoration of ``OSError``."""
        return str(self.args[0]) if self.args else ""


def one_line(error: Exception) -> str:
    """Message of an error on one line."""
    return " ".join(str(error).split())
