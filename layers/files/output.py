"""Where results are written: formats by suffix, standard output, and files that appear in one step.

Kept free of heavy imports, so that a wrong file name is told at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from i18n.errors import MissingFileError
from i18n.messages import Message, MessageError

STDOUT = Path("-")
EXCEL_CSV = "csv-excel"
"""CSV as Excel opens it where commas are decimal; its suffix is that of the other kind, so it is asked for by name."""

SUFFIXES = ("csv", "parquet", "geojson", "gpkg", "xlsx")
"""Formats of a table that a suffix says."""

FORMATS = (*SUFFIXES, EXCEL_CSV)
"""Formats of a table."""

PICTURES = ("html", "png", "svg")
"""What the map of a view is saved as."""

_WITH_GEOMETRY = ("geojson", "gpkg")

BINARY = ("parquet", "gpkg", "xlsx")
"""Formats that a terminal cannot show."""


def format_of(out: Path, given: str | None = None) -> str:
    """Format of a table: the one asked for, else the suffix; CSV for standard output.

    Raises
    ------
    InputError
        when neither says which of `FORMATS` it is, or the two say different things
    """
    known = ", ".join(FORMATS)
    if given is not None:
        if given not in FORMATS:
            raise MessageError("error.question.format", value=given, known=known)
        suffix = out.suffix.lower().lstrip(".")
        if out != STDOUT and suffix in FORMATS and suffix != suffix_of(given):
            raise MessageError("error.out.format_differs", name=out.name, given=given, suffix=suffix)
        return given
    if out == STDOUT:
        return "csv"
    suffix = out.suffix.lower().lstrip(".")
    if suffix not in SUFFIXES:
        raise MessageError("error.out.no_format", name=out.name, known=", ".join(SUFFIXES))
    return suffix


def suffix_of(form: str) -> str:
    """Suffix of a file of a format."""
    return "csv" if form == EXCEL_CSV else form


def flat(form: str) -> str:
    """Refuse a format with geometry where the table has none (`InputError`)."""
    if form in _WITH_GEOMETRY:
        others = ", ".join(name for name in FORMATS if name not in _WITH_GEOMETRY)
        raise MessageError("error.out.outlines", form=form, others=others)
    return form


def check_folder(path: Path) -> None:
    """Refuse a file or folder to be made in a folder that does not exist (`MissingFileError`)."""
    if not path.absolute().parent.is_dir():
        raise MissingFileError(Message("error.out.folder", folder=str(path.parent), name=path.name))


def check_out(out: Path) -> None:
    """Refuse an output that cannot be written, before any work is done."""
    if out == STDOUT:
        return
    if out.is_dir():
        raise MessageError("error.out.is_folder", out=str(out))
    check_folder(out)


def write_out(content: bytes, out: Path, *, binary: bool = False) -> None:
    """Write to a file or, for ``-``, to standard output; `InputError` for bytes that a terminal cannot show."""
    if out != STDOUT:
        save(content, out)
        return
    if binary and sys.stdout.isatty():
        raise MessageError("error.out.terminal")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def save(content: bytes, path: Path) -> None:
    """Write a file in one step: a run that fails leaves what was there, and no half a file."""
    check_out(path)
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(content)  # a device or a pipe cannot be replaced
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
