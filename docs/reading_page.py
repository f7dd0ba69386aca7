"""The page on what is read, from the declared limits and kinds."""

from __future__ import annotations

from page_parts import NOTE, table

from i18n.texts import text
from loaders.file_kinds import MAGIC
from loaders.reading_room.limits import MB, PRESETS, ReadLimits

_LEAD = """
Every file that you or a publisher gives is read in the *reading room*: in a process of its own that can do nothing
else. What a file is goes by its first bytes, not by its name; a name that says otherwise is told. A file that takes
too much is refused with a sentence that says what is wrong, where, and what to do."""

_SEALED = """
## What the process can do

It gets the file open, reads it, and hands back tables. It has a limit on seconds, memory, open files and what it
writes; it ends when the limit is reached, when the program that asked ends, or when the visitor has left. On Linux
(x86-64, ARM64) it can open no socket and start no program or process (seccomp). With Linux 5.13 or newer and Landlock
switched on it can read no file but those that Python itself consists of. On macOS the limits hold without these two;
on Windows only the wait is limited.

Nothing that stands in a file is carried out or fetched: no virtual or remote layer (VRT, GDALG, WFS, OGC API), no
coordinate system by link, no view, trigger, computed column or extension of a GeoPackage, no external entity of XML.
Temporary files have no name, so none is left."""

_ROWS: tuple[tuple[str, str], ...] = (
    ("size", "MB of the file"),
    ("cpu_s", "seconds of computing"),
    ("cpu_s_per_mb", "… and more for every MB of the file"),
    ("wall_s", "seconds by the clock, from when reading begins (and four times those above for every MB)"),
    ("memory", "MB of memory"),
    ("memory_per_byte", "… and more bytes for every byte of the file"),
    ("rows", "rows"),
    ("columns", "columns"),
    ("cells", "cells"),
    ("text", "characters in a cell"),
    ("vertices", "corners of all shapes together"),
    ("crossings", "times a border may cross itself"),
)
_IN_MB = frozenset({"size", "memory"})


def reading_page() -> str:
    """Kinds of file and limits."""
    kinds = list(dict.fromkeys(kind for _, kind in MAGIC))
    told = [[text(f"room.kind.{kind}", "en"), ", ".join(_shown(m) for m, k in MAGIC if k == kind)] for kind in kinds]
    heads = ["", *(name.lower() for name in PRESETS)]
    limits = [[what, *(_value(preset, name) for preset in PRESETS.values())] for name, what in _ROWS]
    parts = [
        NOTE,
        "# What is read, and its limits\n",
        f"{_LEAD.strip()}\n",
        "## Limits\n",
        table(heads, limits),
        "*Upload* is what you give to a page, *command* what you name on the command line, *publisher* what\n"
        "`nabij data` fetches. All readings of one upload share its seconds.\n",
        f"{_SEALED.strip()}\n",
        "## Kinds that are told apart\n",
        table(["kind", "first bytes"], told),
    ]
    return "\n".join(parts)


def _shown(magic: bytes) -> str:
    plain = "".join(chr(byte) if 32 < byte < 127 else f"\\x{byte:02x}" for byte in magic)
    return f"`{plain}`"


def _value(preset: ReadLimits, name: str) -> str:
    value = getattr(preset, name)
    return f"{value / MB if name in _IN_MB else value:,.0f}"
