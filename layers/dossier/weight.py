"""What a document takes to be written, told before it is."""

from __future__ import annotations

from coverage.memory.limits import QuestionLimits
from coverage.memory.weights import Weight, check, of_document
from i18n.messages import Message, Value
from layers.dossier.document import Document, Picture
from layers.dossier.writers.files import FORMS


def check_document(limits: QuestionLimits, document: Document, form: str) -> int:
    """Bytes that a document takes to be written; refuse one that takes too much.

    Parameters
    ----------
    limits : of the engine whose answers it tells
    document : its pages
    form : one of `layers.dossier.writers.files.FORMS`, or ``xlsx``

    Raises
    ------
    MessageError
        when it takes too much, naming a format that does not, where there is one
    """
    size = sum(_block_bytes(block) for section in document.sections for block in section.blocks)
    need = of_document(size, form)
    others = sorted((of_document(size, other).bytes, other) for other in FORMS)
    lighter: list[tuple[Value, Weight]] = [
        (Message("memory.instead.form", form=other), of_document(size, other))
        for weight, other in others
        if weight < need.bytes
    ]
    check(limits, need, lighter)
    return need.bytes


def _block_bytes(block: object) -> int:
    if isinstance(block, Picture):
        return len(block.svg) + len(block.alt)
    return len(repr(block))
