"""The errors a user can cause, each a single sentence saying what is wrong, where, and what to do.

Every class also subclasses the builtin a caller expects, so ``except ValueError`` keeps working.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Message(Protocol):
    """What an error says in every language; `loaders.told.Told` takes it out of the catalogue of texts."""

    def sentence(self, lang: str) -> str:
        """Return the message in a language."""


class NabijError(Exception):
    """Anything a user can put right: the message is the whole story, the exit code is 1.

    Parameters
    ----------
    args : the message, as text or as a `Message`, which reads in English where no language is asked for
    """

    def __init__(self, *args: object) -> None:
        """Keep the message on one line, whatever names from a file it quotes."""
        self.message = next((a for a in args if isinstance(a, Message)), None)
        said = (a.sentence("en") if isinstance(a, Message) else a for a in args)
        super().__init__(*(_on_one_line(a) if isinstance(a, str) else a for a in said))

    def sentence(self, lang: str) -> str:
        """Return the message in a language; one that is only text stays as it is."""
        return str(self) if self.message is None else _on_one_line(self.message.sentence(lang))


def _on_one_line(sentence: str) -> str:
    return " ".join(sentence.splitlines())


class InputError(NabijError, ValueError):
    """A value the user gave does not make sense (an unknown level, a negative distance, a year not held)."""


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
