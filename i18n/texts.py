"""One catalogue of texts in Dutch, English and French, for the command, the explorer, the tables and the files.

The texts live in ``i18n/texts/*.toml``: a key with one sentence per language. Nothing a user reads stands in code.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from i18n.errors import InputError

LANGUAGES = ("nl", "en", "fr")
DEFAULT_LANGUAGE = "nl"
_FOLDER = Path(__file__).parent / "texts"
_COMPILED = _FOLDER / "__pycache__" / "catalogue.json"
"""The catalogue as it was read last, as Python keeps its modules; made again when a file changes."""
SEPARATORS = {"nl": (".", ","), "en": (",", "."), "fr": ("\u202f", ",")}
"""Between thousands and before decimals, as people write numbers in each language."""


def check_language(lang: str) -> str:
    """Return ``lang`` if the catalogue has it, else raise `InputError`."""
    if lang not in LANGUAGES:
        raise InputError(f"Unknown language '{lang}'; choose one of {', '.join(LANGUAGES)}.")
    return lang


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: key -> language -> text. A key defined in two files is an error."""
    files = sorted(_FOLDER.glob("*.toml"))
    stamps = [[path.name, found.st_size, found.st_mtime_ns] for path in files for found in [path.stat()]]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        compiled = json.loads(_COMPILED.read_bytes())
        if compiled["files"] == stamps:
            held: dict[str, dict[str, str]] = compiled["texts"]
            return held
    texts = _read(files)
    with contextlib.suppress(OSError):  # where nabij may not write, the files are read at every start
        _COMPILED.parent.mkdir(exist_ok=True)
        beside = _COMPILED.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps({"files": stamps, "texts": texts}), encoding="utf-8")
        beside.replace(_COMPILED)
    return texts


def _read(files: list[Path]) -> dict[str, dict[str, str]]:
    import tomllib

    texts: dict[str, dict[str, str]] = {}
    for path in files:
        for key, entry in _flatten(tomllib.loads(path.read_text(encoding="utf-8"))).items():
            if key in texts:
                raise InputError(f"Text '{key}' is defined twice, the second time in {path.name}.")
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


def add_texts(declared: Declared) -> None:
    """Take texts that come with a declaration, such as that of a service, where the catalogue has none of that key."""
    _DECLARED.append(declared)


def _entry(key: str) -> Mapping[str, str] | None:
    entry: Mapping[str, str] | None = catalogue().get(key)
    return entry or next((texts[key] for texts in (declared() for declared in _DECLARED) if key in texts), None)


def has_text(key: str) -> bool:
    """Whether the catalogue, or a declaration, holds ``key``."""
    return _entry(key) is not None


def text(key: str, lang: str = DEFAULT_LANGUAGE, **values: object) -> str:
    """Text ``key`` in ``lang`` with ``{name}`` placeholders filled in; an unknown key is a `KeyError`."""
    entry = _entry(key)
    if entry is None:
        raise KeyError(key)
    template = entry[lang]
    return template.format(**values) if values else template


def format_number(value: float | None, lang: str = DEFAULT_LANGUAGE, decimals: int = 0) -> str:
    """Number as people write it in ``lang`` (``12.345,6`` in Dutch); an en dash for a missing value."""
    if value is None or not math.isfinite(value):
        return "–"
    thousands, decimal = SEPARATORS[lang]
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", thousands + decimal))


def format_percent(share: float | None, lang: str = DEFAULT_LANGUAGE, decimals: int = 0) -> str:
    """Share in 0–1 as a percentage, with the space Dutch and French put before the sign."""
    if share is None or not math.isfinite(share):
        return "–"
    return format_number(100 * share, lang, decimals) + ("%" if lang == "en" else "\u00a0%")
