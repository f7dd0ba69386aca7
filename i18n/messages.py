"""What an error says, in the reader's language: the text is in the catalogue, the values come with the error."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable
from xml.etree.ElementTree import ParseError

from i18n.errors import FetchError, InputError, NabijError, Translatable
from i18n.numbers import format_given, format_number, plural_form
from i18n.texts import has_text, text


class Word(str):
    """Key of a text that is filled in where a message names it, such as ``demand.births``."""

    __slots__ = ()


Value = str | int | float | Translatable
LONGEST_VALUE = 1_000
"""Characters of a text that a message quotes; a cell of a file may hold many more."""


class Message:
    """Message out of the catalogue, for an error of any kind: ``DataError(Message("error.file.empty", file=name))``.

    As an exception it reads in English, like all others; `NabijError.sentence` gives the other languages.

    Parameters
    ----------
    key : of the text, one sentence: what is wrong, where, and what to do; where only ``<key>.one`` and
        ``<key>.other`` are texts, the number ``n`` chooses
    values : what the text names; numbers are written as people do in each language, a `Word` is translated, another
        message or error is told in the same language, and text stays as it is
    """

    def __init__(self, key: str, **values: Value) -> None:
        self.key, self.values = key, values

    def __str__(self) -> str:
        return self.sentence("en")

    def sentence(self, lang: str) -> str:
        """Return the message in a language."""
        key = self.key if has_text(self.key) else f"{self.key}.{self._form(lang)}"
        return text(key, lang, **{name: _written(value, lang) for name, value in self.values.items()})

    def _form(self, lang: str) -> str:
        n = self.values.get("n")
        return plural_form(n, lang) if isinstance(n, int | float) else "other"


class MessageError(InputError):
    """A request that cannot be met, told by its key and values; see `Message`."""

    def __init__(self, key: str, **values: Value) -> None:
        super().__init__(Message(key, **values))


def _written(value: Value, lang: str) -> str:
    if isinstance(value, Word):
        return text(value, lang)
    if isinstance(value, Translatable):
        return value.sentence(lang)
    if isinstance(value, str):
        return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    return format_number(value, lang, 0 if float(value).is_integer() else 1)


class OptionName:
    """A word of the options, such as a level: as it is in English, where messages quote it, else by its name."""

    def __init__(self, kind: str, word: str) -> None:
        self._key, self._word = f"{kind}.{word}", word

    def sentence(self, lang: str) -> str:
        """Return the word or its name."""
        return self._word if lang == "en" or not has_text(self._key) else text(self._key, lang)


class NumberAsGiven:
    """A number that was given: as a program writes it in English, as people do in other languages.

    Parameters
    ----------
    value : the number
    form : how it is written, such as ``.1f``, or ``r`` with every digit; left out, as it is in English
    """

    def __init__(self, value: float, form: str = "") -> None:
        self._value, self._form = value, form

    def sentence(self, lang: str) -> str:
        """Return the number."""
        if self._form == "r":
            return repr(self._value) if lang == "en" else format_given(self._value, lang, ".17g")
        if lang == "en":
            return f"{self._value:{self._form}}"
        return format_given(self._value, lang, self._form or "g")


class Enumeration:
    """What can be chosen or what was found, with commas; messages and words among them in the same language."""

    def __init__(self, values: Iterable[Value], separator: str = ", ") -> None:
        self._values, self._separator = tuple(values), separator

    def sentence(self, lang: str) -> str:
        """Return them in a row."""
        return self._separator.join(_written(value, lang) for value in self._values)


class Alternatives:
    """What would do, one or the other: *JSON or a zip file*."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._values = tuple(values)

    def sentence(self, lang: str) -> str:
        """Return them with "or" between."""
        return text("error.http.or", lang).join(_written(value, lang) for value in self._values)


class Note(str):
    """A sentence that is kept with what was read: its English text, which keeps its key and values."""

    __slots__ = ("_message",)
    _message: Message

    def __new__(cls, key: str, **values: Value) -> Note:
        """Write the text of the catalogue in English."""
        message = Message(key, **values)
        note = super().__new__(cls, str(message))
        note._message = message
        return note

    def sentence(self, lang: str) -> str:
        """Return the sentence in a language."""
        return self._message.sentence(lang)


class WithoutRemedy:
    """What is wrong according to another message, without its remedy: all of it before the semicolon."""

    def __init__(self, message: Translatable) -> None:
        self._message = message

    def sentence(self, lang: str) -> str:
        """Return the first half of the message in a language."""
        return self._message.sentence(lang).partition(";")[0].rstrip(" .")


class Reason:
    """What a library or the system says is wrong: in English as it says it, else in our words where we have them.

    What no reader would understand is in our words in English too.

    Parameters
    ----------
    error : what was raised
    said : what it says, where that is not the whole of its text
    """

    def __init__(self, error: BaseException, words: str | None = None) -> None:
        self._error, self._said = error, " ".join((words or str(error)).split())

    def sentence(self, lang: str) -> str:
        """Return the reason in a language."""
        known = None if lang == "en" and not _is_jargon(self._error) else _in_our_words(self._error)
        return known.sentence(lang) if known else self._said


_OF_SYSTEM = {
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
    errno.ENOENT: "not_there",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EIO: "failing",
    errno.ENOTDIR: "not_a_folder",
    errno.EISDIR: "a_folder",
    errno.ENAMETOOLONG: "too_long",
}


_JARGON = {"defusedxml.common": "entities", "shapely.errors": "shape"}
"""Modules whose errors say in no language what is wrong, and the text that does."""


def _is_jargon(error: BaseException) -> bool:
    return type(error).__module__ in _JARGON


def _in_our_words(error: BaseException) -> Translatable | None:
    if _is_jargon(error):
        crosses = str(error).startswith("TopologyException")
        return Message("error.reason.outline" if crosses else f"error.reason.{_JARGON[type(error).__module__]}")
    if isinstance(error, ParseError):
        row, column = error.position
        return Message("error.reason.xml", row=str(row), column=str(column + 1))
    if isinstance(error, json.JSONDecodeError):
        return Message("error.reason.json", row=str(error.lineno), column=str(error.colno))
    if isinstance(error, UnicodeDecodeError):
        return Message("error.reason.unicode", byte=str(error.start + 1))
    if isinstance(error, NabijError) and error.message is not None:
        return error.message
    if isinstance(error, FetchError):
        return Message("error.reason.no_answer")
    if isinstance(error, RecursionError):
        return Message("error.reason.nested")
    key = _OF_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None
    return Message(f"error.reason.{key}") if key else None
