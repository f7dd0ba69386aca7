"""One catalogue of texts in Dutch, English and French, for the command, the explorer, the tables and the files.

The texts live in ``i18n/texts/*.toml``: a key with one sentence per language. Nothing a user reads stands in code.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from i18n.edges import for_edge
from i18n.errors import CatalogueError, LanguageError
from i18n.languages import DEFAULT_LANGUAGE, LANGUAGES
from i18n.numbers import format_number, format_percent, plural_form

_FOLDER = Path(__file__).parent / "texts"
_COMPILED = _FOLDER / "__pycache__" / "catalogue.json"
"""The catalogue as it was read last, as Python keeps its modules; made again when a file changes."""

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "add_texts",
    "catalogue",
    "check_language",
    "format_number",
    "format_percent",
    "has_text",
    "replace_texts",
    "text",
]


def check_language(lang: str) -> str:
    """Return ``lang`` if the catalogue has it, else raise `LanguageError`."""
    if lang not in LANGUAGES:
        raise LanguageError(f"Unknown language '{lang}'; choose one of {', '.join(LANGUAGES)}.")
    return lang


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: key -> language -> text; see `read_texts`."""
    files = sorted(_FOLDER.glob("*.toml"))
    stamps = [[path.name, status.st_size, status.st_mtime_ns] for path in files for status in [path.stat()]]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        compiled = json.loads(_COMPILED.read_bytes())
        if compiled["files"] == stamps:
            entries: dict[str, dict[str, str]] = compiled["texts"]
            return entries
    texts = read_texts(_FOLDER)
    with contextlib.suppress(OSError):  # where nabij may not write, the files are read at every start
        _COMPILED.parent.mkdir(exist_ok=True)
        beside = _COMPILED.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps({"files": stamps, "texts": texts}), encoding="utf-8")
        beside.replace(_COMPILED)
    return texts


def read_texts(folder: Path) -> dict[str, dict[str, str]]:
    """Read the texts of a folder: key -> language -> text.

    Raises
    ------
    CatalogueError
        a key is defined in two files, or a text is missing in one language
    """
    import tomllib

    texts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        for key, entry in _flatten(tomllib.loads(path.read_text(encoding="utf-8"))).items():
            if key in texts:
                raise CatalogueError(f"{path.name}: text '{key}' is defined twice, here the second time; keep one.")
            missing = [lang for lang in LANGUAGES if lang not in entry]
            if missing:
                raise CatalogueError(f"{path.name}: text '{key}' is missing in '{missing[0]}'; add it there.")
            texts[key] = entry
    return texts


def _flatten(tree: dict[str, object], prefix: str = "") -> dict[str, dict[str, str]]:
    flat: dict[str, dict[str, str]] = {}
    for name, value in tree.items():
        if not isinstance(value, dict):
            continue
        key = f"{prefix}{name}"
        own = {lang: str(value[lang]) for lang in LANGUAGES if isinstance(value.get(lang), str)}
        if own:
            flat[key] = own
        flat.update(_flatten({k: v for k, v in value.items() if isinstance(v, dict)}, f"{key}."))
    return flat


Declared = Callable[[], Mapping[str, Mapping[str, str]]]
_DECLARED: list[Declared] = []
_REPLACED: list[Declared] = []


def add_texts(declared: Declared) -> None:
    """Take texts that come with a declaration, such as that of a service, where the catalogue has none of that key."""
    _DECLARED.append(declared)


def replace_texts(declared: Declared) -> None:
    """Take texts that go before those of the catalogue, such as those that name the region in use."""
    _REPLACED.append(declared)


def _entry(key: str) -> Mapping[str, str] | None:
    for declared in _REPLACED:
        replaced = declared().get(key)
        if replaced is not None:
            return replaced
    entry: Mapping[str, str] | None = catalogue().get(key)
    return entry or next((texts[key] for texts in (declared() for declared in _DECLARED) if key in texts), None)


def has_text(key: str) -> bool:
    """Whether the catalogue, or a declaration, holds ``key``."""
    return _entry(key) is not None


def text(key: str, lang: str = DEFAULT_LANGUAGE, **values: object) -> str:
    """Text ``key`` in ``lang`` with ``{name}`` placeholders filled in; an unknown key is a `KeyError`.

    What a text says behind a command only, or on a page only, is taken out; see `i18n.edges`. Where only ``<key>.one``
    and ``<key>.other`` are texts, the number ``n`` chooses, and is written as people do: *1 gemeente*, *1.234
    gemeenten*, and 244.8 births as *245 geboorten*.
    """
    entry = _entry(key)
    if entry is None:
        if has_text(f"{key}.other"):
            return _counted(key, lang, values)
        raise KeyError(key)
    template = for_edge(entry[lang])
    return template.format(**values) if values else template


def _counted(key: str, lang: str, values: dict[str, object]) -> str:
    n = values["n"]
    if not isinstance(n, int | float):
        raise TypeError(f"Text '{key}' has a plural, so n must be a number, not {n!r}.")
    form = f"{key}.{plural_form(round(n), lang)}"
    return text(form, lang, **{**values, "n": format_number(n, lang)})
