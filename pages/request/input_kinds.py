"""Kinds of value that a browser may send: each says what it takes. They check a value, and never change it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")
"""What belongs in no name, key or choice; the last of these are halves of a character."""

_CONTROL_OF_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BASE64 = re.compile(r"data:[\w.+;=/ -]{0,200},[A-Za-z0-9+/]*={0,2}", re.ASCII)
_NOTHING = "data:"
"""What a browser makes of an empty file, some with a comma."""

_LARGEST_WHOLE = 2**53


class UnfitError(ValueError):
    """A value is not what is declared.

    Parameters
    ----------
    at : name of the value, such as ``choices.service``
    """

    def __init__(self, at: str) -> None:
        super().__init__(f"{at} is not what is declared.")
        self.at = at


class Kind(Protocol):
    """What a value may be."""

    def check(self, value: Any, at: str) -> None:
        """Raise `UnfitError` for a value that is none of this kind; ``at`` names it."""


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    known: Collection[str]

    def check(self, value: Any, at: str) -> None:
        """Take a word that is known."""
        if not isinstance(value, str) or value not in self.known:
            raise UnfitError(at)


@dataclass(frozen=True)
class Number:
    """A number in a finite range; truth values and texts are none."""

    least: float
    most: float

    def check(self, value: Any, at: str) -> None:
        """Take a number in the range."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise UnfitError(at)  # no comparison holds for what is not a number


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    least: int = 0
    most: int = _LARGEST_WHOLE

    def check(self, value: Any, at: str) -> None:
        """Take a whole number in the range."""
        Number(self.least, self.most).check(value, at)
        if value != int(value):
            raise UnfitError(at)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def check(self, value: Any, at: str) -> None:
        """Take either."""
        if not isinstance(value, bool):
            raise UnfitError(at)


@dataclass(frozen=True)
class Text:
    """A text of a few characters, without control characters.

    Attributes
    ----------
    most : characters
    pattern : what all of it has to look like, as a regular expression in which digits and letters are those of ASCII
    lines : whether it may hold line breaks and tabs, as a remark does
    """

    most: int
    pattern: str = ".*"
    lines: bool = False

    def check(self, value: Any, at: str) -> None:
        """Take a text that is short enough and looks right."""
        if not isinstance(value, str) or len(value) > self.most:
            raise UnfitError(at)
        if (_CONTROL_OF_LINES if self.lines else _CONTROL).search(value):
            raise UnfitError(at)
        if not re.fullmatch(self.pattern, value, re.DOTALL | re.ASCII):
            raise UnfitError(at)


@dataclass(frozen=True)
class Maybe:
    """A value, or none."""

    kind: Kind

    def check(self, value: Any, at: str) -> None:
        """Take nothing, or what the kind takes."""
        if value is not None:
            self.kind.check(value, at)


@dataclass(frozen=True)
class Either:
    """A value of one of some kinds."""

    kinds: tuple[Kind, ...]

    def check(self, value: Any, at: str) -> None:
        """Take what any of the kinds takes."""
        for kind in self.kinds:
            try:
                return kind.check(value, at)
            except UnfitError:
                continue
        raise UnfitError(at)


@dataclass(frozen=True)
class Many:
    """A list of values of one kind."""

    kind: Kind
    most: int

    def check(self, value: Any, at: str) -> None:
        """Take a list that is short enough and holds nothing else."""
        if not isinstance(value, list) or len(value) > self.most:
            raise UnfitError(at)
        for one in value:
            self.kind.check(one, at)


@dataclass(frozen=True)
class Record:
    """A record with named values.

    Attributes
    ----------
    values : kind of every value by its name
    needed : names that have to be there
    more : whether it may hold other names as well, which no callback reads
    """

    values: Mapping[str, Kind]
    needed: tuple[str, ...] = ()
    more: bool = False

    def check(self, value: Any, at: str) -> None:
        """Take a record in which every value is of its kind."""
        if not isinstance(value, dict) or any(name not in value for name in self.needed):
            raise UnfitError(at)
        for name, kind in self.values.items():
            if name in value:
                kind.check(value[name], f"{at}.{name}")
        if not self.more and not value.keys() <= self.values.keys():
            raise UnfitError(at)


@dataclass(frozen=True)
class RecordByKind:
    """A record whose other values depend on the word under one name.

    Attributes
    ----------
    name : under which the word stands
    cases : kind of every other value by its name, by word
    common : those that any word may come with
    """

    name: str
    cases: Mapping[str, Mapping[str, Kind]]
    common: Mapping[str, Kind] = field(default_factory=dict)

    def check(self, value: Any, at: str) -> None:
        """Take a record whose word is known and whose values go with it."""
        if not isinstance(value, dict):
            raise UnfitError(at)
        word = Choice(self.cases)
        word.check(value.get(self.name), f"{at}.{self.name}")
        Record({self.name: word, **self.common, **self.cases[value[self.name]]}).check(value, at)


@dataclass(frozen=True)
class Contents:
    """Contents of a file as the browser sends them: ``data:text/csv;base64,…``.

    Attributes
    ----------
    most : bytes
    """

    most: int

    def check(self, value: Any, at: str) -> None:
        """Take base64 of a file that is small enough."""
        if not isinstance(value, str) or len(value) > self.most * 4 / 3 + 256:
            raise UnfitError(at)
        if value != _NOTHING and not _BASE64.fullmatch(value):
            raise UnfitError(at)


def fits(kind: Kind, value: Any) -> bool:
    """Whether a value is of a kind."""
    try:
        kind.check(value, "")
    except UnfitError:
        return False
    return True
