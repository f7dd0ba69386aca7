"""A file that declares services: read as TOML, checked value by value, told in one sentence what is wrong with it."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from i18n.errors import DataError, MissingFileError
from i18n.messages import Message, Reason, Value
from i18n.texts import LANGUAGES, catalogue
from loaders.catalogue.plain_words import plain_word

MAX_BYTES = 262_144
"""Size of a file of services, at most."""

MAX_SERVICES = 40
LONGEST_WORDS = 400
"""Characters of a text of a service, at most."""

REACHES = ("exists", "physical")
"""Which places count: all that exist, or only those that families can walk into."""

RULES = ("none_on_territory", "no_partnership", "none_physical", "lacks", "neither")
"""Territorial reasons, see docs/own-service.md; ``lacks:SERVICE`` and ``neither:SERVICE`` name another service."""
OF_ANOTHER = ("lacks", "neither")

SHAPES = ("circle", "square", "diamond", "triangle", "gable")
"""Forms of a mark on the map."""

WORDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "singular": ("service.{}", ()),
    "plural": ("service.{}.plural", ()),
    "article": ("headline.service.{}", ()),
    "help": ("service.{}.help", ()),
    "name": ("sidebar.service.{}", ()),
    "in_list": ("service.{}.in_list", ()),
    "total": ("data.sets.{}", ()),
    "legend": ("legend.place.{}", ()),
    "somewhere": ("legend.place.{}.somewhere", ()),
    "new": ("plan.new.{}", ("where",)),
    "proposed": ("propose.place.{}", ("where",)),
    "unknown": ("headline.unknown.{}", ("known", "all", "levels", "n", "names")),
    "unknown_none": ("headline.unknown.{}.none", ("known", "all", "levels")),
    "unknown_area": ("headline.unknown.{}.area", ("where", "n", "all", "levels", "names")),
    "unknown_area_none": ("headline.unknown.{}.area.none", ("where", "known", "all", "levels")),
    "opened": ("diff.place.opened.{}", ("name", "where", "id")),
    "closed": ("diff.place.closed.{}", ("name", "where", "id")),
    "moved": ("diff.place.moved.{}", ("name", "where", "metres", "id")),
    "renamed": ("diff.place.renamed.{}", ("before", "name", "where", "id")),
}
"""Words of a service: the key of each in the catalogue of texts, and the values that it may name in braces."""

NEEDED_WORDS = ("singular", "plural", "article", "help")
"""Words that every service must have; the others follow from these where they are not given."""

_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_TODDLERS, _OLDEST = 3, 6
DEMANDS = ("births", "age0", "age0_2", "age0_5")
"""Children that can be counted: births of a year, or children on 1 January by age."""

_KEYS = (
    *(
        "ages",
        "demand",
        "reach",
        "partnerships",
        "shares_address_with",
        "spellings",
        "symbol",
        "norm",
        "example",
        "words",
    ),
    *("reasons", "area_covers"),
)
_REASON_TEXTS: Mapping[str, str] = {"label": "reason.{}", "short": "why.{}", "help": "reason.{}.help"}
_DEFAULT_SYMBOL = {"shape": "circle", "colour": "#0b5a63"}

Entry = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True)
class TerritorialReason:
    """A reason for a gap that lies in the territory.

    Attributes
    ----------
    name : word in ``gap_reasons``
    rule : one of `RULES`
    of : the other service that the rules ``lacks`` and ``neither`` name, else empty
    texts : ``label``, ``short`` and ``help`` by language
    """

    name: str
    rule: str
    of: str
    texts: Mapping[str, Entry]


@dataclass(frozen=True)
class Symbol:
    """How a place is drawn: a form out of `SHAPES`, and its colour as ``#rrggbb``."""

    shape: str
    colour: str


@dataclass(frozen=True)
class Service:
    """A kind of place, as it is declared.

    Attributes
    ----------
    id : word for it in code, options and files
    ages : years of age that it serves, from and up to (the end not included); None where it does not say
    reach : which places count, one of `REACHES`
    partnerships : whether its places belong to partnerships (``house_id``) that serve municipalities, with or without
        a place of their own
    reasons : territorial reasons for a gap, in order
    shares_address_with : services that may stand at the same address
    area_covers : service of which the area of every partnership must cover a place's; empty for no such rule
    demand : children that a command counts where nobody says, one of `DEMANDS`; left out, it follows from the ages
    births_per_place : births that justify a place, the threshold of ``nabij criterion``; None for no norm
    minutes : travel in minutes that is near enough where nobody says; None for that of the mode
    spellings : words for it in a list, beside its id
    symbol : how it is drawn
    example : values of its row in the template of a list
    words : by name of `WORDS` and language
    """

    id: str
    ages: tuple[float, float] | None
    reach: str
    partnerships: bool
    reasons: tuple[TerritorialReason, ...]
    shares_address_with: tuple[str, ...]
    area_covers: str
    demand: str
    births_per_place: float | None
    minutes: float | None
    spellings: tuple[str, ...]
    symbol: Symbol
    example: Mapping[str, str]
    words: Mapping[str, Entry]

    @property
    def walk_in(self) -> bool:
        """Whether only places count that families can walk into."""
        return self.reach == "physical"

    @property
    def written(self) -> tuple[str, ...]:
        """Every word for it in a list, in plain letters: its id, spellings, and words for one."""
        own = (self.id, *self.spellings, *self.words["singular"].values())
        return tuple(dict.fromkeys(plain_word(word) for word in own))


def read_services(file: Path) -> dict[str, Service]:
    """Read the services of a file, by id and in the order of the file.

    Raises
    ------
    MissingFileError, DataError
        when the file is not there, too large, no TOML, or a value in it cannot be used: the file, the key and the
        remedy in one sentence
    """
    tree = _tree(file)
    reader = _ServiceFileReader(str(file))
    if not tree:
        raise reader.fault("empty", "")
    if len(tree) > MAX_SERVICES:
        raise reader.fault("many", "", n=len(tree), most=MAX_SERVICES)
    return {name: reader.service(name, values) for name, values in tree.items()}


def _tree(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingFileError(Message("services.error.missing", file=str(file))) from error
    except OSError as error:
        reason = Reason(error, error.strerror)
        raise DataError(Message("services.error.unreadable", file=str(file), reason=reason)) from error
    if len(content) > MAX_BYTES:
        raise DataError(Message("services.error.large", file=str(file), most=MAX_BYTES // 1024))
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError(Message("services.error.toml", file=str(file), reason=Reason(error))) from error


def demand_of_ages(ages: tuple[float, float] | None) -> str:
    """Children that are counted for a service of these ages: the narrowest of `DEMANDS` that holds them, if one does.

    Examples
    --------
    >>> demand_of_ages((0, 3)), demand_of_ages((0, 12)), demand_of_ages(None)
    ('age0_2', 'age0_5', 'births')
    """
    if ages is None or ages[0] >= _OLDEST or ages[1] <= 1:
        return "births"
    return "age0_2" if ages[1] <= _TODDLERS else "age0_5"


def service_texts(service: Service) -> dict[str, Entry]:
    """Texts of a service and its reasons by their key in the catalogue; what is not given follows from the rest."""
    texts: dict[str, Entry] = {}
    for word, (key, _) in WORDS.items():
        texts[key.format(service.id)] = service.words.get(word) or _follows(service, word)
    for reason in service.reasons:
        for word, key in _REASON_TEXTS.items():
            texts[key.format(reason.name)] = reason.texts[word]
    return texts


def _follows(service: Service, word: str) -> Entry:
    """Text that a service does not give, out of its other words."""
    if word == "in_list":
        return dict.fromkeys(LANGUAGES, service.id)
    entry = {}
    for lang in LANGUAGES:
        filled = catalogue()[f"services.default.{word}"][lang]
        for name in NEEDED_WORDS:
            filled = filled.replace(f"{{{name}}}", service.words[name][lang])
        entry[lang] = filled[:1].upper() + filled[1:] if word == "name" else filled
    return entry


class _ServiceFileReader:
    """Reads the values of one file, naming file and key in every fault."""

    def __init__(self, file: str) -> None:
        self._file = file

    def fault(self, kind: str, key: str, **values: Value) -> DataError:
        """What is wrong with a key."""
        return DataError(Message(f"services.error.{kind}", file=self._file, at=key, **values))

    def service(self, name: str, given: Any) -> Service:
        """Read one declaration."""
        if not _ID.fullmatch(name):
            raise self.fault("id", name[:60])
        values = self._table(name, given, _KEYS)
        words = self._words(f"{name}.words", values.get("words"), {w: names for w, (_, names) in WORDS.items()})
        for word in NEEDED_WORDS:
            if word not in words:
                raise self.fault("lacks", f"{name}.words.{word}")
        symbol = self._symbol(f"{name}.symbol", values.get("symbol", {}))
        ages = self._ages(f"{name}.ages", values.get("ages"))
        norm = self._norm(f"{name}.norm", values.get("norm", {}))
        return Service(
            id=name,
            ages=ages,
            demand=self._one_of(f"{name}.demand", values.get("demand", demand_of_ages(ages)), DEMANDS),
            reach=self._one_of(f"{name}.reach", values.get("reach", REACHES[0]), REACHES),
            partnerships=self._truth(f"{name}.partnerships", values.get("partnerships", False)),
            reasons=tuple(self._reasons(name, values.get("reasons", {}))),
            shares_address_with=self._texts(f"{name}.shares_address_with", values.get("shares_address_with", [])),
            area_covers=self._service(f"{name}.area_covers", values.get("area_covers", "")),
            births_per_place=norm.get("births_per_place"),
            minutes=norm.get("minutes"),
            spellings=self._texts(f"{name}.spellings", values.get("spellings", [])),
            symbol=symbol,
            example=self._example(f"{name}.example", values.get("example", {})),
            words=words,
        )

    def _table(self, key: str, given: Any, known: Collection[str]) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self.fault("table", key)
        for name in given:
            if name not in known:
                raise self.fault("unknown", f"{key}.{name[:60]}", known=", ".join(known))
        return given

    def _one_of(self, key: str, given: Any, known: Collection[str]) -> str:
        if not isinstance(given, str) or given not in known:
            raise self.fault("word", key, value=_shown(given), known=", ".join(known))
        return given

    def _truth(self, key: str, given: Any) -> bool:
        if not isinstance(given, bool):
            raise self.fault("word", key, value=_shown(given), known="true, false")
        return given

    def _texts(self, key: str, given: Any) -> tuple[str, ...]:
        if not isinstance(given, list) or not all(isinstance(word, str) and plain_word(word) for word in given):
            raise self.fault("list", key, value=_shown(given))
        return tuple(given)

    def _service(self, key: str, given: Any) -> str:
        if not isinstance(given, str) or (given and not _ID.fullmatch(given)):
            raise self.fault("id", key)
        return given

    def _ages(self, key: str, given: Any) -> tuple[float, float] | None:
        if given is None:
            return None
        good = isinstance(given, list) and len(given) == 2 and all(map(_is_number, given))
        if not good or not 0 <= given[0] < given[1] <= 120:
            raise self.fault("ages", key, value=_shown(given))
        return float(given[0]), float(given[1])

    def _norm(self, key: str, given: Any) -> dict[str, float]:
        values = self._table(key, given, ("births_per_place", "minutes"))
        for name, value in values.items():
            if not _is_number(value) or not 0 < value < 1e9:
                raise self.fault("number", f"{key}.{name}", value=_shown(value))
        return {name: float(value) for name, value in values.items()}

    def _symbol(self, key: str, given: Any) -> Symbol:
        values = {**_DEFAULT_SYMBOL, **self._table(key, given, tuple(_DEFAULT_SYMBOL))}
        colour = values["colour"]
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour.lower()):
            raise self.fault("colour", f"{key}.colour", value=_shown(colour))
        return Symbol(self._one_of(f"{key}.shape", values["shape"], SHAPES), colour.lower())

    def _example(self, key: str, given: Any) -> dict[str, str]:
        values = self._table(key, given, ("id", "name", "hours_per_year", "serves"))
        for name, value in values.items():
            if (
                not isinstance(value, str | int)
                or len(str(value)) > LONGEST_WORDS
                or re.search(r'[,"\n\r]', str(value))
            ):
                raise self.fault("text", f"{key}.{name}", value=_shown(value), most=LONGEST_WORDS)
        return {name: str(value) for name, value in values.items()}

    def _reasons(self, service: str, given: Any) -> Iterable[TerritorialReason]:
        key = f"{service}.reasons"
        for name, values in self._table(key, given, given if isinstance(given, dict) else ()).items():
            at = f"{key}.{name[:60]}"
            if not _ID.fullmatch(name):
                raise self.fault("id", at)
            told = self._table(at, values, ("rule", *_REASON_TEXTS))
            rule, of = self._rule(f"{at}.rule", told.get("rule"))
            texts = self._words(
                at, {word: told[word] for word in told if word != "rule"}, dict.fromkeys(_REASON_TEXTS, ())
            )
            for word in ("label", "help"):
                if word not in texts:
                    raise self.fault("lacks", f"{at}.{word}")
            texts.setdefault("short", {lang: label[:1].lower() + label[1:] for lang, label in texts["label"].items()})
            yield TerritorialReason(name, rule, of, texts)

    def _rule(self, key: str, given: Any) -> tuple[str, str]:
        rule, _, of = given.partition(":") if isinstance(given, str) else ("", "", "")
        if rule not in RULES or bool(of) != (rule in OF_ANOTHER):
            known = ", ".join(f"{each}:SERVICE" if each in OF_ANOTHER else each for each in RULES)
            raise self.fault("rule", key, value=_shown(given), known=known)
        return rule, of

    def _words(self, key: str, given: Any, known: Mapping[str, tuple[str, ...]]) -> dict[str, Entry]:
        words = self._table(key, {} if given is None else given, tuple(known))
        return {word: self._entry(f"{key}.{word}", entry, known[word]) for word, entry in words.items()}

    def _entry(self, key: str, given: Any, names: Collection[str]) -> Entry:
        """Text in every language, naming only the values that it is given."""
        entry = self._table(key, given, LANGUAGES)
        for lang in LANGUAGES:
            sentence = entry.get(lang)
            if not isinstance(sentence, str) or not sentence.strip():
                raise self.fault("language", f"{key}.{lang}", code=lang)
            if len(sentence) > LONGEST_WORDS or len(sentence.splitlines()) > 1:
                raise self.fault("text", f"{key}.{lang}", value=_shown(sentence), most=LONGEST_WORDS)
            if not _named(sentence) <= set(names):
                allowed = ", ".join(f"{{{name}}}" for name in names) or "–"
                raise self.fault("braces", f"{key}.{lang}", value=_shown(sentence), known=allowed)
        return {lang: entry[lang].strip() for lang in LANGUAGES}


def _named(words: str) -> set[str]:
    """What a text names in braces; braces that cannot be read count as a name that nothing has."""
    try:
        parts = list(string.Formatter().parse(words))
    except ValueError:
        return {"{"}
    return {"{" if form or change else name for _, name, form, change in parts if name is not None}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    written = "–" if value is None else str(value)
    return written if len(written) <= 60 else f"{written[:57]}..."
