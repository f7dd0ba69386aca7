"""What every generated page is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by docs/generate.py; change the code or the catalogue of texts, not this page. -->\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    cells = (" | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) for line in lines)
    return "".join(f"| {line} |\n" for line in cells)
