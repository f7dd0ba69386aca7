"""The glossary: every word of the vocabulary with its meaning in three languages (`docs/vocabulary.toml`)."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page_parts import NOTE

LANGUAGES = {"nl": "Nederlands", "en": "English", "fr": "français"}
Text = Callable[[str, str], str]
"""Text of the catalogue by key and language."""


class VocabularyError(ValueError):
    """The vocabulary lacks something; the message names the word and what to add."""


@dataclass(frozen=True)
class Term:
    """One word for one thing.

    Attributes
    ----------
    code : the word in the code
    group : subject it belongs to
    names, meanings : by language
    seen : pages below ``docs`` that say more
    """

    code: str
    group: str
    names: Mapping[str, str]
    meanings: Mapping[str, str]
    seen: tuple[str, ...]


def read_vocabulary(path: Path, text: Text) -> tuple[dict[str, str], list[Term]]:
    """Groups by key and terms in the order of the file.

    Raises
    ------
    VocabularyError
        a word is there twice, lacks a language, or names a group or text that is not there
    """
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    groups: dict[str, str] = declared["groups"]
    terms = [_term(entry, text) for entry in declared["term"]]
    codes = [term.code for term in terms]
    pages = path.parent
    for term in terms:
        if term.group not in groups:
            raise VocabularyError(f"'{term.code}' is in group '{term.group}'; take one of {', '.join(groups)}.")
        if codes.count(term.code) > 1:
            raise VocabularyError(f"'{term.code}' is there twice; leave one out.")
        if not term.seen:
            raise VocabularyError(f"'{term.code}' says not where it is used; name a page in 'seen'.")
        if lost := [page for page in term.seen if not (pages / page).is_file()]:
            raise VocabularyError(f"'{term.code}' is used on {', '.join(lost)}, which is not there; name another page.")
    return groups, terms


def _term(entry: Mapping[str, Any], text: Text) -> Term:
    code = entry["code"]
    if key := entry.get("text"):
        try:
            names = {lang: text(key, lang) for lang in LANGUAGES}
            meanings = {lang: text(f"{key}.help", lang) for lang in LANGUAGES}
        except KeyError as error:
            raise VocabularyError(f"'{code}' takes its words from {error}, which no text has; add it there.") from error
    else:
        missing = [lang for lang in LANGUAGES if len(entry.get(lang, ())) != 2 or not all(entry[lang])]
        if missing:
            raise VocabularyError(f"'{code}' lacks {', '.join(missing)}; give its name and its meaning.")
        names, meanings = ({lang: entry[lang][part] for lang in LANGUAGES} for part in (0, 1))
    return Term(code, entry["group"], names, meanings, tuple(entry.get("seen", ())))


def glossary_page(docs: Path, text: Text) -> str:
    """Page with every term by subject, and an index of the words in each language."""
    groups, terms = read_vocabulary(docs / "vocabulary.toml", text)
    parts = [
        NOTE.replace("the code or the catalogue of texts", "docs/vocabulary.toml or the catalogue of texts"),
        "# Glossary\n",
        "One word for one thing: the word in the code, and the word on the screen in Dutch, English and French. "
        "The values that may stand in an option or a column are all in [Words](reference/words.md).\n",
        *(_index(lang, terms) for lang in LANGUAGES),
    ]
    for key, title in groups.items():
        parts.append(f"## {title}\n")
        parts += [_entry(term, docs) for term in terms if term.group == key]
    return "\n".join(parts)


def _index(lang: str, terms: Iterable[Term]) -> str:
    words = sorted((_folded(term.names[lang]), term.names[lang], term.code) for term in terms)
    return f"**{LANGUAGES[lang]}**: {' · '.join(f'[{name}](#{code})' for _, name, code in words)}.\n"


def _folded(word: str) -> str:
    """How a word is sorted: without capitals and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def _entry(term: Term, docs: Path) -> str:
    seen = ", ".join(f"[{_title(docs / page)}]({page})" for page in term.seen)
    lines = [f"- *{lang}* **{term.names[lang]}**: {term.meanings[lang]}" for lang in LANGUAGES]
    return "\n".join([f"### `{term.code}` {{ #{term.code} }}\n", *lines, f"- See {seen}.\n"])


def _title(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), path.stem)
