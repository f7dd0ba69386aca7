"""The page that counts the lists, zones and tables that are tried: read, told or refused, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from page_parts import NOTE, table

from tests.data.test_kept_lists import FILES, KEPT
from tests.data.test_list_cases import PLACES, TABLES, ZONES
from tests.unit.test_kept_tables import LACKS, READ

OUTCOMES = ("read as it is", "read, and told", "rows refused", "refused as a whole")


def lists_page() -> str:
    """Table of what becomes of every instance that a test holds to its answer, and what each of them is."""
    rows = [[kind, str(len(found)), *_counted(found.values())] for kind, found in _instances().items()]
    text = f"{NOTE}\n# Lists that are tried\n\n{_LEAD}\n\n{table(['kind', 'instances', *OUTCOMES], rows)}\n{_ABOUT}\n"
    for kind, found in _instances().items():
        text += f"\n## {kind}\n\n" + table(["instance", "what becomes of it"], [[name, found[name]] for name in found])
    return text


_LEAD = (
    "What people and programs really give, each made small or invented, with the answer that a careful person would "
    "give. A test holds nabij to every one of them; none is read in silence otherwise than it stands."
)
_ABOUT = (
    "*Given cases* stand beside the checkout and not in it; the others are in `tests/data/kept_lists.toml`, "
    "`tests/data/test_kept_lists.py` and `tests/unit/test_kept_tables.py`."
)


def _instances() -> dict[str, dict[str, str]]:
    """What becomes of every instance, by kind and name."""
    kinds: dict[str, dict[str, str]] = {}
    for one in KEPT:
        kind = {"places": "Places, as text", "zones": "Zones"}[one["kind"]]
        name = one["name"]
        while name in kinds.setdefault(kind, {}):
            name += " (another)"
        kinds[kind][name] = _outcome(one)
    kinds["Places, other kinds of file"] = {name: _outcome(answer) for name, (_, _, answer) in FILES.items()}
    kinds["Tables of travel"] = {
        name: OUTCOMES[1 if told else 0] for name, (_, _, told) in READ.items()
    } | dict.fromkeys(LACKS, OUTCOMES[3])
    kinds["Given cases: places"] = {
        name: _outcome({"read": case.places, "told": case.told, "refused": case.refused or not case.places})
        for name, case in PLACES.items()
    }
    kinds["Given cases: zones"] = {
        name: _outcome({"read": members, "told": told, "refused": refused})
        for name, (members, told, refused) in ZONES.items()
    }
    kinds["Given cases: tables of travel"] = {
        name: OUTCOMES[3] if same is None else OUTCOMES[1 if told else 0] for name, (same, told) in TABLES.items()
    }
    return kinds


def _outcome(answer: Mapping[str, Any]) -> str:
    if not answer.get("read"):
        return OUTCOMES[3]
    if answer.get("refused"):
        return OUTCOMES[2]
    return OUTCOMES[1 if answer.get("told") else 0]


def _counted(outcomes: Iterable[str]) -> list[str]:
    held = list(outcomes)
    return [str(held.count(one)) for one in OUTCOMES]
