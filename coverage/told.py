"""Errors that can be told in the reader's language: the text is in the catalogue, the numbers come with the error."""

from __future__ import annotations

from loaders.errors import InputError
from loaders.texts import format_number, text


class Word(str):
    """Key of a text that is filled in where a message names it, such as ``demand.births``."""

    __slots__ = ()


Value = str | int | float


class ToldError(InputError):
    """A request that cannot be met; as an exception it reads in English, like all others.

    Parameters
    ----------
    key : of the text, one sentence: what is wrong, where, and what to do
    values : what the text names; numbers are written as people do in each language, a `Word` is translated
    """

    def __init__(self, key: str, **values: Value) -> None:
        self.key, self.values = key, values
        super().__init__(self.sentence("en"))

    def sentence(self, lang: str) -> str:
        """Return the message in a language."""
        return text(self.key, lang, **{name: _written(value, lang) for name, value in self.values.items()})


def _written(value: Value, lang: str) -> str:
    if isinstance(value, Word):
        return text(value, lang)
    if isinstance(value, str):
        return value
    return format_number(value, lang, 0 if float(value).is_integer() else 1)
