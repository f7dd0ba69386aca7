"""The self-proof as rows of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from i18n.texts import DEFAULT_LANGUAGE, format_number, has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.validation.checks import ProofContext, ValidationCheck

HEADER = ("proof.column.holds", "proof.column.group", "proof.column.what", "proof.column.source",
          "proof.column.expected", "proof.column.found")  # fmt: skip
"""Keys of the column titles, in order."""


def proof_row(check: ValidationCheck, lang: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """One check as texts, in the order of `HEADER`."""
    title = f"proof.{check.id}"
    return (
        text("proof.yes" if check.holds else "proof.no", lang),
        text(f"proof.group.{check.group}", lang),
        text(title, lang) if has_text(title) else check.id,
        check.source,
        check.expected,
        check.actual,
    )


def verdict(checks: Sequence[ValidationCheck], context: ProofContext, lang: str = DEFAULT_LANGUAGE) -> str:
    """Say how many checks hold, and whether published answers could be compared."""
    missed = sum(not check.holds for check in checks)
    counted = {"n": format_number(len(checks), lang), "missed": format_number(missed, lang)}
    told = text("proof.some_miss" if missed else "proof.all_hold", lang, **counted)
    return told if context.bench is not None else f"{told} {text('proof.no_bench', lang)}"
