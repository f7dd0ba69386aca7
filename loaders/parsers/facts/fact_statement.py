"""A fact from a public page as one sentence of our own, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from i18n.texts import text


def fact_statement(fact: Mapping[Any, Any], lang: str = "nl") -> str:
    """One sentence of our own for a fact: ``Huis van het Kind, fysiek, sinds 2018 (stand 2020; bron: …)``."""

    def known(name: str) -> bool:
        return bool(pd.notna(fact[name])) and fact[name] != ""

    parts = [text(f"fact.{fact['service']}.{fact['status']}", lang)]
    if known("physical"):
        parts.append(text("fact.physical" if fact["physical"] else "fact.not_physical", lang))
    if known("shared_site") and fact["shared_site"]:
        parts.append(text(f"fact.shared.{fact['service']}", lang))
    if known("partners"):
        parts.append(text("fact.partners", lang, n=str(fact["partners"]).count(";") + 1))
    if known("place_count"):
        parts.append(text("fact.place_count", lang, n=int(fact["place_count"])))
    if known("since"):
        parts.append(text("fact.since", lang, year=int(fact["since"])))
    where = " ".join(str(fact[c]) for c in ("street", "number") if known(c))
    parts += [place for place in (where, str(fact["sub_municipality"]) if known("sub_municipality") else "") if place]
    date = text(f"fact.date.{fact['as_of_basis']}", lang, date=fact["as_of"])
    return text("fact.statement", lang, fact=", ".join(parts), date=date, source=fact["source_title"])
