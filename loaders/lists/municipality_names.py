"""Municipalities as people write them, by code or by name, in every vintage that knows them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from loaders.catalogue.region_in_use import region
from loaders.protocols.spellings import plain_word
from loaders.snapshot.reader import Snapshot

Named = dict[int, str]
"""Code by vintage."""

_CLOSE = 3
_MOST_COMPARED = 100
"""Names that are compared with all others; comparing takes long, and who has more of them has another kind of list."""
_LONGEST_NAME = 80


class Municipalities:
    """Finds municipalities in every vintage of a snapshot.

    A municipality of a later vintage is always made of whole ones of an earlier.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        codes = snapshot.table("municipality_codes")
        self.vintages = region().vintages.held
        by, name_of, smallest = region().code_column, region().name_column, region().smallest_code
        self._members = {v: codes.groupby(by(v))[smallest].agg(set).to_dict() for v in self.vintages}
        self._found: dict[str, Named] = {}
        self._names: dict[str, str] = {}
        self._compared: dict[str, list[str]] = {}
        for vintage in self.vintages:
            for code, name in zip(codes[by(vintage)], codes[name_of(vintage)], strict=True):
                self._names[str(code)] = str(name)
                for spelling in (str(code), plain_word(str(name))):
                    self._found.setdefault(spelling, {})[vintage] = str(code)
            for code, name in zip(codes[by(vintage)], codes[name_of(vintage)], strict=True):
                bare = plain_word(str(name).partition("(")[0])  # "Aalst (Aalst)" tells it from one in Wallonia
                self._found.setdefault(bare, {}).setdefault(vintage, str(code))

    def find(self, value: str) -> Named | None:
        """Code by vintage of a NIS code or a name, None when no vintage knows it."""
        found = self._found.get(value.strip()) or self._found.get(plain_word(value))
        return None if found is None else dict(found)

    def name(self, code: str) -> str:
        """Newest name of a code."""
        return self._names[code]

    def close(self, value: str) -> list[str]:
        """Return names, with their newest code, that look like ``value``; nothing once many names were compared."""
        if len(value) > _LONGEST_NAME or (len(self._compared) >= _MOST_COMPARED and value not in self._compared):
            return []
        if value not in self._compared:
            self._compared[value] = self._alike(value)
        return self._compared[value]

    def _alike(self, value: str) -> list[str]:
        alike = difflib.get_close_matches(plain_word(value), list(self._found), n=2 * _CLOSE, cutoff=0.7)
        codes = dict.fromkeys(self._found[spelling][max(self._found[spelling])] for spelling in alike)
        return [f"{self._names[code]} ({code})" for code in codes][:_CLOSE]

    def vintage_of(self, named: Sequence[Named]) -> int:
        """Newest vintage in which all can be put exactly: each is known in it, or in a later one."""
        return min([*(max(found) for found in named), self.vintages[-1]])

    def in_vintage(self, found: Named, vintage: int) -> list[str]:
        """Codes of ``vintage`` that make up a municipality known in it or later."""
        if vintage in found:
            return [found[vintage]]
        later = min(v for v in found if v > vintage)
        whole = self._members[later][found[later]]
        return sorted(str(code) for code, members in self._members[vintage].items() if members <= whole)
