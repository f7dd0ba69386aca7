"""Numbers as people write them: one table of examples, which the scripts are tested on too (`tests/js`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from i18n.numbers import format_number, format_percent, plural_form
from layers.maps.scales.classes import format_amount
from layers.sentences import format_distance, format_minutes

TABLE = json.loads((Path(__file__).parents[1] / "js" / "number_forms.json").read_text(encoding="utf-8"))
FORMS: dict[str, Callable[[Any, str, int], str]] = {
    "number": format_number,
    "percent": format_percent,
    "distance": lambda metres, lang, _decimals: format_distance(metres, lang),
    "minutes": lambda minutes, lang, _decimals: format_minutes(minutes, lang),
    "amount": lambda value, lang, _decimals: format_amount(value, lang),
    "plural": lambda n, lang, _decimals: plural_form(n, lang),
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['form']} {row['given']}")
def test_numbers_read_as_in_the_table(row: dict[str, Any]) -> None:
    value, *decimals = row["given"]
    write = FORMS[row["form"]]
    assert {lang: write(value, lang, *(decimals or [0])) for lang in row["words"]} == row["words"]


def test_the_table_speaks_of_every_form_in_every_language() -> None:
    assert {row["form"] for row in TABLE} == set(FORMS)
    assert {lang for row in TABLE for lang in row["words"]} == {"nl", "en", "fr"}
