"""Colours, sizes and forms of numbers that Python, style sheets and scripts share.

The files for a browser are made of them: ``python docs/generate.py`` writes ``assets/css/00-tokens.css`` and
``assets/js/tokens.mjs``; a test fails when they are stale.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from i18n.languages import SPOKEN
from i18n.texts import LANGUAGES, format_number, format_percent

PETROL = (
    *("#eef6f7", "#e1eff0", "#c3dfe1", "#9ccacd", "#6fb0b5"),
    *("#44959b", "#24797f", "#126770", "#0b5a63", "#07444b"),
)
"""The accent from light to dark."""

COLOURS: Mapping[str, str] = {
    "ink": "#17262d",
    "ink-2": "#46575f",
    "ink-3": "#5c6b73",
    "line": "#dde3e5",
    "line-strong": "#8b999f",
    "line-land": "#c3ccd0",
    "line-row": "#e7ebec",
    "paper": "#ffffff",
    "ground": "#f3f5f5",
    "sea": "#e6ebed",
    "land": "#eef1f1",
    "plain": "#d6dddf",
    "water": "#a9c6d6",
    "water-line": "#7fa9c0",
    "road": "#ffffff",
    "rail": "#4f5d64",
    "pointed": "#f1f6f6",
    "accent": PETROL[8],
    "accent-strong": PETROL[9],
    "accent-soft": PETROL[1],
    "focus": "#0b2f35",
    "warn": "#ffc83d",
    "warn-ink": "#33260a",
    "need": "#93312a",
    "moved": "#5a3d8a",
    "reach": "#17357a",
    "reach-soft": "#8fb4ff",
    "share-bar": "#b5d6d9",
    "bar-rest": "#e9c4a8",
    "soft": "#e9eeef",
    "stripe": "#e2e7e9",
    "repaired": "#6b5200",
    "gain": "#0e5e66",
    "loss": "#8a4208",
    "new": "#1d4fa3",
}
"""Colours by what they are for."""

DARK: Mapping[str, str] = {
    "ink": "#e6edef",
    "ink-2": "#bccacf",
    "ink-3": "#a3b4bb",
    "line": "#2c3a41",
    "line-strong": "#7b8d95",
    "line-row": "#25323a",
    "paper": "#162026",
    "ground": "#0e161a",
    "pointed": "#1d2a31",
    "accent": "#71c6cb",
    "accent-strong": "#a0dfe2",
    "accent-soft": "#15383d",
    "focus": "#d3eced",
    "need": "#ff9d8f",
    "moved": "#c6abf3",
    "reach": "#8fb4ff",
    "share-bar": "#2f7d84",
    "bar-rest": "#7a4a36",
    "soft": "#202d34",
    "stripe": "#26343b",
    "repaired": "#f0c95c",
    "gain": "#6fd0d6",
    "loss": "#f0a35e",
    "new": "#92b8ff",
}
"""Colours of the dark look where they are others. A map keeps the light ones, on which its shades are told apart."""

SIZES: Mapping[str, str] = {
    "radius": "6px",
    "text-xs": "12.5px",
    "text-s": "13.5px",
    "text-m": "15px",
    "text-l": "20px",
    "text-xl": "26px",
    "sidebar": "268px",
    "sheet": "372px",
    "table": "232px",
}
"""Sizes of letters, and of the parts of the page before somebody draws them larger."""

LOCALES: Mapping[str, str] = {lang: spoken.locale.replace("_", "-") for lang, spoken in SPOKEN.items()}
"""Where numbers are written as ours are, by language."""

_NOTE = "Made by docs/generate.py from layers/look/tokens.py; change them there."


def style_sheet() -> str:
    """Colours and sizes for the style sheets."""
    light = {name: COLOURS[name] for name in DARK}
    blocks = (
        *_block(":root", {**COLOURS, **SIZES}),
        "",
        "@media screen {",
        *(f"    {line}" for line in _block(':root[data-theme="dark"]', {"": "dark", **DARK})),
        "",
        *(
            f"    {line}"
            for line in _block(':root[data-theme="dark"] :is(.leaflet-container, .on-map)', {"": "light", **light})
        ),
        "}",
    )
    return "\n".join([f"/* {_NOTE} */", "", *blocks, ""])


def _block(selector: str, values: Mapping[str, str]) -> list[str]:
    """Lines of a rule; the value without a name is the scheme of the browser's own parts."""
    lines = [f"    --{name}: {value};" if name else f"    color-scheme: {value};" for name, value in values.items()]
    return [f"{selector} {{", *lines, "}"]


def script() -> str:
    """Colours and forms of numbers for the scripts."""
    tokens = {
        "colours": {_camel(name): value for name, value in COLOURS.items()},
        "locales": dict(LOCALES),
        "percent": {lang: format_percent(0.5, lang).removeprefix("50") for lang in LANGUAGES},
        "missing": format_number(None),
    }
    written = json.dumps(tokens, indent=4, ensure_ascii=True)
    return f"/* {_NOTE} */\n\nexport const tokens = {written};\n"


def _camel(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(part.capitalize() for part in others)
