"""Municipalities as people write them, by code or by name, in every vintage that knows them."""

from __future__ import annotations

import copy
import difflib
import re
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from i18n.errors import NabijError, SnapshotError
from loaders.catalogue.municipality_words import names_of_parts, other_names
from loaders.catalogue.regions.region_in_use import region
from loaders.protocols.spellings import plain_word
from loaders.snapshot.reader import Snapshot

IdByVintage = dict[int, str]
"""NIS code by vintage."""

_CLOSE = 3
_MAX_COMPARED = 100
"""Names that are compared with all others; comparing takes long, and who has more of them has another kind of list."""
_LONGEST_NAME = 80
_CODE = re.compile(r"(?<!\d)(\d{5})(?:[.,]0+)?(?!\d)")
_WHOLE_CODE = re.compile(r"(\d{4,5})(?:[.,]0{1,2})?")
_GROUPED_CODE = re.compile(r"(\d{2})[ .\u00a0\u202f](\d{3})(?:,0+)?")
_SECTOR = re.compile(r"(\d{5})[A-Z][\dA-Z]{2}[\d-]?", re.IGNORECASE)
_POSTCODE = r"(?:(?:B|BE)\s*-?\s*)?([1-9]\d{3})(?:[.,]0+)?"
_ONLY_POSTCODE = re.compile(_POSTCODE, re.IGNORECASE)
_POSTCODE_FIRST = re.compile(_POSTCODE + r"[\s,;:-]+(\D{2,})", re.IGNORECASE)
_POSTCODE_LAST = re.compile(r"(\D{2,}?)[\s,;:-]*[\s(\[]" + _POSTCODE + r"[)\]]?", re.IGNORECASE)
_POWER = re.compile(r"\d[.,]\d{4}[eE]\+?0?4")
_PREFIXES = "stad|gemeente|district|deelgemeente|ville de|ville d'|commune de|commune d'|city of|municipality of"
_KIND = re.compile(rf"^(?:{_PREFIXES})\s+", re.IGNORECASE)
_SAINT = re.compile(r"\bst(?:\.|-|\s)[\s-]*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s+-\s+|/|\|")
_LABEL = re.compile(r"(?:\W|nis|ins|refnis)*", re.IGNORECASE)
_WALLOON = ("25", "51", "52", "53", "54", "55", "56", "57", "58", "6", "8", "91", "92", "93")
"""How codes of municipalities in Wallonia begin."""

_POSTCODE_RANGE = re.compile(r"([1-9]\d{3})\s*(?:-|–|t/m|tot|tot en met)\s*([1-9]\d{3})")
_WALLOON_POSTCODES = ((1300, 1499), (4000, 7999))
_WHOLE_NAMES = """
belgie, belgique, belgium, rijk, het rijk, vlaanderen, vlaams gewest, region flamande, flanders, brussels gewest,
brussels hoofdstedelijk gewest, region de bruxelles capitale, brussel hoofdstad, waals gewest, region wallonne,
limburg, oost vlaanderen, vlaams brabant, west vlaanderen, flandre orientale, flandre occidentale, brabant flamand
"""
_WHOLES = frozenset(name.strip() for name in _WHOLE_NAMES.split(","))
_SUMS = "totaal, total, totalen, totaux, eindtotaal, algemeen totaal, subtotaal, sous total, grand total, som, somme"
_TOTALS = frozenset(name.strip() for name in _SUMS.split(","))
_MEANS = frozenset({"gemiddelde", "gemiddeld", "mediaan", "moyenne", "mediane", "average", "mean", "median"})
_ALWAYS = frozenset(["totaal", "total", "totalen", "totaux", "eindtotaal", "subtotaal", "sous", "aantal", "nombre"])
"""Words with which no name of a municipality begins, so that what follows does not matter."""


def is_total(value: str) -> bool:
    """Whether a word is that of a row that adds up others.

    Examples
    --------
    >>> is_total("TOTAAL:"), is_total("Subtotaal Antwerpen: 12"), is_total("Torhout"), is_total("Somme-Leuze")
    (True, True, False, False)
    """
    word = plain_word(value)
    if value.strip(" :") == "Σ" or word in _MEANS:
        return True
    first, _, rest = word.partition(" ")
    return word in _TOTALS or first in _ALWAYS or (first in _TOTALS and (rest in _WHOLES or rest.isdigit()))


def is_whole(value: str) -> bool:
    """Whether a code or a name is that of a country, region, province or arrondissement instead of a municipality.

    Examples
    --------
    >>> is_whole("02000"), is_whole("Provincie Antwerpen"), is_whole("11005"), is_whole("arrondissement Mechelen")
    (True, True, False, True)
    """
    match = _WHOLE_CODE.fullmatch(value.strip())
    if match:
        return match.group(1).endswith("000")
    word = plain_word(value)
    return word in _WHOLES or word.startswith(("arrondissement ", "arr ", "provincie ", "province "))


def is_walloon(value: str) -> bool:
    """Whether a code or a postcode is one of Wallonia.

    Examples
    --------
    >>> is_walloon("62063"), is_walloon("4000"), is_walloon("11005")
    (True, True, False)
    """
    match = _WHOLE_CODE.fullmatch(value.strip())
    if match is None:
        return False
    if len(match.group(1)) == 4:
        return any(low <= int(match.group(1)) <= high for low, high in _WALLOON_POSTCODES)
    return match.group(1).startswith(_WALLOON)


@dataclass(frozen=True)
class WrittenName:
    """What a word for a municipality stands for.

    Attributes
    ----------
    named : code by vintage; None when it is not known as a municipality
    key : of what is to be said of it; '' where nothing is
    values : of that text
    """

    named: IdByVintage | None
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


class Municipalities:
    """Finds municipalities in every vintage of a snapshot.

    A municipality of a later vintage is always made of whole ones of an earlier.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        codes = snapshot.table("municipality_codes")
        self.vintages = region().vintages.held
        by, name_of, smallest = region().code_column, region().name_column, region().smallest_code
        self._members = {v: codes.groupby(by(v))[smallest].agg(set).to_dict() for v in self.vintages}
        self._later = {
            (v, str(code)): {w: str(row[by(w)]) for w in self.vintages}
            for row in codes.to_dict("records")
            for v in self.vintages
            for code in (row[by(v)],)
        }
        self._found: dict[str, IdByVintage] = {}
        self._bare: dict[str, IdByVintage] = {}
        self._names: dict[str, str] = {}
        self._compared: dict[str, list[str]] = {}
        for vintage in self.vintages:
            for code, name in zip(codes[by(vintage)], codes[name_of(vintage)], strict=True):
                self._names[str(code)] = str(name)
                for spelling in (str(code), plain_word(str(name))):
                    self._found.setdefault(spelling, {})[vintage] = str(code)
                bare = plain_word(str(name).partition("(")[0])  # "Aalst (Aalst)" tells it from one in Wallonia
                self._bare.setdefault(bare, {}).setdefault(vintage, str(code))
        for dutch, others in other_names().items():
            own = self._found.get(plain_word(dutch)) or self._bare.get(plain_word(dutch))
            for other in others if own else ():
                self._bare.setdefault(plain_word(other), {**self._bare.get(plain_word(dutch), {}), **(own or {})})

    @classmethod
    def of(cls, snapshot: Snapshot) -> Municipalities:
        """Names of a snapshot, gathered once for as long as it is held; each list compares spellings on its own."""
        names = _HELD.get(snapshot)
        if names is None:
            names = _HELD[snapshot] = cls(snapshot)
            _ = names._postcodes, names._parts
            del names._snapshot  # what is held must not hold the snapshot
        made = copy.copy(names)
        made._compared = {}
        return made

    def find(self, value: str) -> IdByVintage | None:
        """Code by vintage of a NIS code or a name, None when no vintage knows it."""
        return self.read(value).named

    def read(self, value: str) -> WrittenName:
        """What a cell stands for: a code, also ``11005.0`` and ``Boom (11005)``, a name, or what is to be told.

        Keys: ``municipality_postcode`` (read, and told), ``postcode_several``, ``walloon``, ``part_of``, ``sector``,
        ``label_and_code``, ``label_and_postcode``.
        """
        value = _GROUPED_CODE.sub(r"\1\2", value.strip())
        number = _WHOLE_CODE.fullmatch(value)
        if number and len(number.group(1)) == 5:
            named = self._found.get(number.group(1))
            return WrittenName(dict(named)) if named else WrittenName(None, "walloon" if is_walloon(value) else "")
        if number:
            return self._postcode(number.group(1))
        if _POWER.fullmatch(value) and float(value.replace(",", ".")).is_integer():
            return self.read(str(int(float(value.replace(",", ".")))))
        named = self._by_name(value) or self._otherwise(value)
        if named:
            return self._in_brackets(value, named) or WrittenName(named)
        sector = _SECTOR.fullmatch(value)
        if sector and sector.group(1) in self._found:
            return WrittenName(None, "sector", {"place": self._shown(sector.group(1))})
        if postcode := self._with_postcode(value):
            return postcode
        code = _CODE.search(value)
        if code and code.group(1) in self._found:
            rest = _LABEL.sub("", (value[: code.start()] + " " + value[code.end() :]).strip(" ()[]-:;,."), count=1)
            beside = self._by_name(rest) if plain_word(rest) else None
            own = dict(self._found[code.group(1)])
            if not beside or set(beside.values()) & set(own.values()):
                return WrittenName(own)
            return WrittenName(None, "label_and_code", {"name": self._names[code.group(1)]})
        return self._part(value)

    def _in_brackets(self, value: str, named: IdByVintage) -> WrittenName | None:
        """What a name with another between brackets is where only a part is meant; None where it is the whole.

        ``Antwerpen (Deurne)`` names a part of the first, ``Nieuwerkerken (Aalst)`` a part of the second.
        """
        before, _, inside = value.partition("(")
        inside = inside.partition(")")[0].strip()
        if not inside or plain_word(inside) == plain_word(before):
            return None
        own = self._newest_of(named)
        if parents := own & self._parts.get(plain_word(inside), set()):
            return self._part_of(inside, parents)
        other = self._by_name(inside)
        wholes = self._namesakes.get(plain_word(before), set()) & self._newest_of(other or {})
        return self._part_of(before, wholes) if wholes and not wholes & own else None

    def _part_of(self, part: str, wholes: Iterable[str]) -> WrittenName:
        shown = ", ".join(f"{self._names.get(code, code)} ({code})" for code in sorted(wholes))
        return WrittenName(None, "part_of", {"part": part.strip()[:80], "whole": shown})

    def _newest_of(self, named: IdByVintage) -> set[str]:
        """Newest codes of a municipality of any year; empty for none."""
        if not named:
            return set()
        vintage, code = max(named.items())
        return {self._later[vintage, code][self.vintages[-1]]}

    def _shown(self, code: str) -> str:
        return f"{self._names[code]}, {code}"

    def _with_postcode(self, value: str) -> WrittenName | None:
        """What a name with its postcode stands for, as ``B-9000 Gent`` or ``Gent (9000)``; None for anything else."""
        value = " ".join(value.split())
        if len(value) > _LONGEST_NAME:
            return None
        if only := _ONLY_POSTCODE.fullmatch(value):
            return self._postcode(only.group(1))
        before, after = _POSTCODE_FIRST.fullmatch(value), _POSTCODE_LAST.fullmatch(value)
        if not (before or after):
            return None
        postcode, name = (before[1], before[2]) if before else (after[2], after[1]) if after else ("", "")
        codes, named = self.of_postcode(postcode), self._by_name(name.strip()) or self._otherwise(name)
        if named is None:
            return self._postcode(postcode) if codes else None
        vintage, code = max(named.items())
        if codes and not codes & {str(member) for member in self._members[vintage][code]}:
            return WrittenName(None, "label_and_postcode", {"name": self._names[code], "postcode": postcode})
        return WrittenName(named)

    def _by_name(self, value: str) -> IdByVintage | None:
        word = plain_word(value)
        exact = self._found.get(word)
        bare = self._bare.get(plain_word(value.partition("(")[0])) if word else None
        if exact is None:
            return dict(bare) if bare and self._fits_brackets(value) else None
        same = bare if bare and set(bare.values()) & set(exact.values()) else {}
        return {**same, **exact}

    def _otherwise(self, value: str) -> IdByVintage | None:
        """Code of a name with a word such as *stad* before it, with *St.* for *Sint*, or in two languages at once."""
        plain = _SAINT.sub("Sint-", _KIND.sub("", value.strip()))
        if plain != value.strip() and (named := self._by_name(plain)):
            return named
        halves = [self._by_name(half) for half in _BETWEEN.split(value) if half.strip()]
        first = halves[0] if len(halves) == 2 else None
        return first if first and first == halves[1] else None

    @staticmethod
    def _fits_brackets(value: str) -> bool:
        """Whether what stands between brackets tells where a municipality is, and no code."""
        return not any(sign.isdigit() for sign in value.partition("(")[2])

    def _postcode(self, postcode: str) -> WrittenName:
        codes = self.of_postcode(postcode)
        if not codes:
            return WrittenName(None, "walloon" if is_walloon(postcode) else "")
        newest = self.vintages[-1]
        here = sorted({self._later[region().vintages.smallest, code][newest] for code in codes})
        shown = ", ".join(f"{self._names[code]}, {code}" for code in here)
        if len(here) > 1:
            return WrittenName(None, "postcode_several", {"places": shown})
        return WrittenName(dict(self._found[here[0]]), "municipality_postcode", {"place": shown})

    def of_postcode(self, postcode: str) -> set[str]:
        """Codes of the smallest municipalities with a postcode; empty where it is not known."""
        return self._postcodes.get(postcode.strip(), set())

    def postcodes_between(self, value: str) -> list[str]:
        """Known postcodes from one to another, as ``2840-2850`` says it; [] for anything else."""
        match = _POSTCODE_RANGE.fullmatch(value.strip())
        if not match or int(match[1]) >= int(match[2]):
            return []
        return sorted(code for code in self._postcodes if int(match[1]) <= int(code) <= int(match[2]))

    @cached_property
    def _postcodes(self) -> dict[str, set[str]]:
        try:
            table = self._snapshot.table("postcodes")
            rows = list(zip(table["postcode"].astype(str), table[region().smallest_code].astype(str), strict=True))
        except (SnapshotError, KeyError):
            return {}
        codes_of: dict[str, set[str]] = {}
        for postcode, code in rows:
            codes_of.setdefault(postcode, set()).add(code)
        return codes_of

    def _part(self, value: str) -> WrittenName:
        value = _KIND.sub("", value)
        parents = self._parts.get(plain_word(value)) or self._parts.get(plain_word(value.partition("(")[0])) or set()
        if not parents:
            return WrittenName(None)
        return self._part_of(value.partition("(")[0], parents)

    @cached_property
    def _parts(self) -> dict[str, set[str]]:
        """Municipality by the name of every part of one that has another name."""
        return {name: parents for name, parents in self._namesakes.items() if name not in self._found}

    @cached_property
    def _namesakes(self) -> dict[str, set[str]]:
        """Municipalities by the name of every part of one, also where a municipality elsewhere has that name."""
        try:
            zones = self._snapshot.zones("sub_municipality")
        except (NabijError, KeyError):
            return {}
        parents_of: dict[str, set[str]] = {}
        for whole, parts in names_of_parts().items():
            parents = self._newest_of(self._by_name(whole) or {})
            for part in parts if parents else ():
                parents_of.setdefault(plain_word(part), set()).update(parents)
        for name, parent in zip(zones["zone_name"].astype(str), zones["parent_nis"].astype(str), strict=True):
            bare = plain_word(name.partition("(")[0])
            if bare:
                parents_of.setdefault(bare, set()).add(parent)
        return parents_of

    def parts_of(self, value: str) -> set[str]:
        """Codes of the smallest municipalities that a word, a part of one or a postcode can mean; empty for none."""
        if only := _ONLY_POSTCODE.fullmatch(value.strip()):
            return self.of_postcode(only.group(1))
        if (sector := _SECTOR.fullmatch(value.strip())) and sector.group(1) in self._found:
            return self.parts_of(sector.group(1))
        read = self.read(value)
        members = set()
        if read.named:
            vintage, code = max(read.named.items())
            members = {str(member) for member in self._members[vintage][code]}
        word, bare = plain_word(value), plain_word(value.partition("(")[0])
        parents = (self._parts.get(word) or self._parts.get(bare) or set()) | self._namesakes.get(word, set())
        newest = self.vintages[-1]
        return members | {str(member) for parent in parents for member in self._members[newest].get(parent, ())}

    def smallest(self, named: IdByVintage) -> set[str]:
        """Codes of the smallest municipalities that one is made of."""
        vintage, code = max(named.items())
        return {str(member) for member in self._members[vintage][code]}

    def name(self, code: str) -> str:
        """Newest name of a code."""
        return self._names[code]

    def close(self, value: str) -> list[str]:
        """Return names, with their newest code, that look like ``value``; nothing once many names were compared."""
        if len(value) > _LONGEST_NAME or (len(self._compared) >= _MAX_COMPARED and value not in self._compared):
            return []
        if value not in self._compared:
            self._compared[value] = self._alike(value)
        return self._compared[value]

    def _alike(self, value: str) -> list[str]:
        alike = difflib.get_close_matches(plain_word(value), list(self._found), n=2 * _CLOSE, cutoff=0.7)
        codes = dict.fromkeys(self._found[spelling][max(self._found[spelling])] for spelling in alike)
        return [f"{self._names[code]} ({code})" for code in codes][:_CLOSE]

    def vintage_of(self, named: Sequence[IdByVintage]) -> int:
        """Newest vintage in which all can be put exactly: each is known in it, or in a later one."""
        return min([*(max(code_by_vintage) for code_by_vintage in named), self.vintages[-1]])

    def outdated(self, named: Mapping[int, IdByVintage]) -> dict[int, tuple[str, str, int]]:
        """Rows that name a municipality of before a merger of which the list lacks other parts.

        Returns
        -------
        dict
            by row: its code, the code it is part of now, and since which vintage
        """
        present = {member for code_by_vintage in named.values() for member in self._all_members(code_by_vintage)}
        newest = self.vintages[-1]
        rows: dict[int, tuple[str, str, int]] = {}
        for row, code_by_vintage in named.items():
            vintage = max(code_by_vintage)
            if vintage == newest:
                continue
            code = code_by_vintage[vintage]
            later = self._later[vintage, code]
            if not {str(member) for member in self._members[newest][later[newest]]} <= present:
                since = min(v for v in self.vintages if v > vintage and later[v] != code)
                rows[row] = code, later[newest], since
        return rows

    def _all_members(self, code_by_vintage: IdByVintage) -> Iterable[str]:
        vintage = max(code_by_vintage)
        return (str(member) for member in self._members[vintage][code_by_vintage[vintage]])

    def in_vintage(self, code_by_vintage: IdByVintage, vintage: int) -> list[str]:
        """Codes of ``vintage`` that make up a municipality known in it or later; [] for one of before it."""
        if vintage in code_by_vintage:
            return [code_by_vintage[vintage]]
        later = min((v for v in code_by_vintage if v > vintage), default=None)
        if later is None:
            return []
        whole = self._members[later][code_by_vintage[later]]
        return sorted(str(code) for code, members in self._members[vintage].items() if members <= whole)


_HELD: weakref.WeakKeyDictionary[Snapshot, Municipalities] = weakref.WeakKeyDictionary()
