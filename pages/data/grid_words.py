"""Words of the grid in which rows of a list are shown and written anew."""

from __future__ import annotations

from i18n.texts import catalogue, text


def grid_words(lang: str) -> dict[str, str]:
    """Words of the grid itself, by its names for them."""
    return {key.removeprefix("grid."): text(key, lang) for key in catalogue() if key.startswith("grid.")}
