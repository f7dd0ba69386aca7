"""A document as a file in one of the formats that a dossier comes in."""

from __future__ import annotations

from pathlib import Path

from i18n.messages import MessageError
from layers.dossier.document import Document
from layers.files.output import STDOUT

FORMS = ("pdf", "html", "docx")
"""Formats of a document."""


def document_format(out: Path, given: str | None, known: tuple[str, ...] = FORMS) -> str:
    """Format that was asked for, else that of the suffix; the first one for standard output."""
    form = given or (known[0] if out == STDOUT else out.suffix.lower().lstrip("."))
    if form not in known:
        raise MessageError("error.dossier.format", value=form, known=", ".join(known))
    return form


def write_document(document: Document, form: str) -> bytes:
    """Write a document in one of `FORMS`; the same document gives the same bytes."""
    if form == "pdf":
        from layers.dossier.writers.pdf import write_pdf

        return write_pdf(document)
    if form == "docx":
        from layers.dossier.writers.docx import write_docx

        return write_docx(document)
    from layers.dossier.writers.html import write_html

    return write_html(document)
