"""The documented cases: five places that field reports describe completely, at municipality precision.

The reports speak of 2013, so every row is keyed by the municipality of 2018 and carried to the codes of 2019
and 2025. No coordinates are known, so distances stay empty; what can be said is whether a municipality *has*
a place.

What the reports say, and what follows from it:

* *Care region Oostende* (Oostende, Bredene, Gistel, Middelkerke, Oudenburg). Two organisers run a bureau in
  Oostende: one on the site of the physical house (Sociaal Huis) since September 2012, the other to join it there
  from July 2013. So there is one shared place with two organisers, at least: how many there are beyond it is not
  said. Bredene, Gistel and Middelkerke have one each (``count_is_minimum``); Oudenburg has none. The house is meant
  for all five municipalities, and in fact Oostende and Middelkerke took part: its row serves the five and carries
  ``serves_in_part``. About physical houses in the four other municipalities the report says nothing, so the house
  scope leaves them out.
* *Care region Boom* (ten municipalities). Aartselaar, Boom, Bornem, Puurs, Rumst and Willebroek have a bureau
  (``count_is_minimum``); Hemiksem, Niel, Schelle and Sint-Amands have none. There is no physical house by
  choice: the partnership of the region is one row without a place that serves all ten, and the house scope
  holds all ten.
* *Genk*: four bureaus, a stated count. Four houses are planned, one per zone, and none is there yet: four planned
  rows, and a house scope that says so.
* *Sint-Niklaas*: four bureaus, a stated count, two of them on the site of the house since January 2013: one
  physical house, begun in the autumn of 2005.
* *Zottegem*: one house with a bureau, since May 2012 (a public page says 2009). That the house is the only one is
  said, that the bureau is, is not: ``count_is_minimum``.

What the report says in so many words stands in the table ``case_facts`` (`loaders.parsers.facts.case_facts`), each fact
with its section.

``scope`` lists the pairs of service and municipality for which the rows are complete in the sense that an
absent row means "there is none". A municipality outside it gets no statement at all.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from i18n.errors import DataError
from i18n.texts import text
from loaders.catalogue.columns import Column
from loaders.catalogue.facilities import facility_frame
from loaders.parsers.municipal import plain_name

SCOPE_COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("service", "string", required=True),
        Column("nis2018", "string", required=True),
        Column("as_of", "string", required=True),
        Column("source", "string", required=True),
    )
}
"""Columns of the scope: (service, municipality of 2018) pairs for which the documented rows are complete."""

AS_OF = "2013"
COUNT_IS_MINIMUM = "count_is_minimum"
SERVES_IN_PART = "serves_in_part"

_REPORT = "KU Leuven, evaluation of the pilot projects Huis van het Kind"
_OOSTENDE = f"{_REPORT}, chapter 1.1 (zorgregio Oostende)"
_BOOM = f"{_REPORT}, chapter 2.1 (zorgregio Boom)"
_FIELD = f"{_REPORT}, field report of {{place}}, section {{section}}"

KIND_EN_PREVENTIE = "vzw Kind en Preventie"
REDDIE_TEDDY = "vzw Thuishulp Reddie Teddy"
_OCMW_WILLEBROEK = "OCMW Willebroek"


@dataclass(frozen=True)
class DocumentedCase:
    """What one report says about one municipality of 2018.

    Attributes
    ----------
    nis2018 : municipality
    bureaus : places where a bureau stands
    minimum : whether the report says that there is a bureau without saying how many
    at_house : how many of the bureaus share the site of the house
    physical_house : whether a physical house stands there; None when the report does not say
    source : the report
    organisers : who runs each bureau, in their order; joined by ``;`` where two share one. Those of which the report
        does not say it come last and are left out
    bureau_since : when the bureau on the site of the house came as it is
    before : places before organisers came to share one; the illustrative set, which is of no year, keeps so many
    house_since : when the house began
    house_serves : municipalities of 2018 that the house is meant for; empty for its own
    planned_houses : names of the houses that were planned while none was there
    """

    nis2018: str
    bureaus: int
    source: str
    minimum: bool = False
    at_house: int = 0
    physical_house: bool | None = None
    organisers: tuple[str, ...] = ()
    bureau_since: str = ""
    before: int = 0
    house_since: str = ""
    house_serves: tuple[str, ...] = ()
    planned_houses: tuple[str, ...] = ()

    @property
    def speaks_of_houses(self) -> bool:
        """Whether the report says which physical houses there are."""
        return self.physical_house is not None or bool(self.planned_houses)

    @property
    def illustrated(self) -> int:
        """Bureaus that the illustrative set puts there."""
        return max(self.bureaus, self.before)


_K = (KIND_EN_PREVENTIE,)
_REGION_OOSTENDE = ("35013", "35002", "35005", "35011", "35014")

CASES: tuple[DocumentedCase, ...] = (
    DocumentedCase(
        "35013",  # Oostende
        1,
        _OOSTENDE,
        minimum=True,
        at_house=1,
        physical_house=True,
        organisers=(f"{REDDIE_TEDDY};{KIND_EN_PREVENTIE}",),
        bureau_since="2013-07",
        before=2,
        house_serves=_REGION_OOSTENDE,
    ),
    DocumentedCase("35002", 1, _OOSTENDE, minimum=True, organisers=_K),  # Bredene
    DocumentedCase("35005", 1, _OOSTENDE, minimum=True, organisers=_K),  # Gistel
    DocumentedCase("35011", 1, _OOSTENDE, minimum=True, organisers=(REDDIE_TEDDY,)),  # Middelkerke
    DocumentedCase("35014", 0, _OOSTENDE),  # Oudenburg
    DocumentedCase("11001", 1, _BOOM, minimum=True, physical_house=False, organisers=_K),  # Aartselaar
    DocumentedCase("11005", 1, _BOOM, minimum=True, physical_house=False, organisers=_K),  # Boom
    DocumentedCase("12007", 1, _BOOM, minimum=True, physical_house=False, organisers=_K),  # Bornem
    DocumentedCase("11018", 0, _BOOM, physical_house=False),  # Hemiksem
    DocumentedCase("11030", 0, _BOOM, physical_house=False),  # Niel
    DocumentedCase("12030", 1, _BOOM, minimum=True, physical_house=False, organisers=_K),  # Puurs
    DocumentedCase("11037", 1, _BOOM, minimum=True, physical_house=False, organisers=_K),  # Rumst
    DocumentedCase("11038", 0, _BOOM, physical_house=False),  # Schelle
    DocumentedCase("12034", 0, _BOOM, physical_house=False),  # Sint-Amands
    DocumentedCase("12040", 1, _BOOM, minimum=True, physical_house=False, organisers=(_OCMW_WILLEBROEK,)),  # Willebroek
    DocumentedCase(
        "71016",
        4,
        _FIELD.format(place="Genk", section="3.1"),
        organisers=_K * 4,
        planned_houses=("Genk Centrum", "Genk Noord-Oost", "Genk Zuid", "Genk West"),
    ),
    DocumentedCase(
        "46021",
        4,
        _FIELD.format(place="Sint-Niklaas", section="5.4"),
        at_house=2,
        physical_house=True,
        organisers=(REDDIE_TEDDY, KIND_EN_PREVENTIE),
        bureau_since="2013-01",
        house_since="2005",
    ),
    DocumentedCase(
        "41081",
        1,
        _FIELD.format(place="Zottegem", section="6.2"),
        minimum=True,
        at_house=1,
        physical_house=True,
        organisers=_K,
        house_since="2012-05",
    ),
)
"""The cases, one per municipality of 2018."""

_BOOM_HOUSE = "documented-house-boom"


def documented(codes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facilities of the documented cases and the scope for which they are complete.

    Parameters
    ----------
    codes : crosswalk of municipalities (``nis2018, name2018, nis2019, nis2025``)

    Returns
    -------
    frame : `FACILITY_COLUMNS`, one row per place, ordered by id; evidence ``documented``, precision
        ``municipality`` (``none`` for the partnership of care region Boom)
    scope : `SCOPE_COLUMNS`, ordered by service and municipality

    Raises
    ------
    DataError
        when the crosswalk lacks a municipality of the cases
    """
    known = codes.set_index("nis2018")
    missing = sorted({case.nis2018 for case in CASES} - set(known.index))
    if missing:
        raise DataError(
            f"The crosswalk of municipality codes lacks {missing[0]} of 2018, which the documented cases "
            "need; use the complete Statbel REFNIS table."
        )
    places = known.to_dict("index")
    rows = [row for case in CASES for row in _rows(case, places[case.nis2018])]
    rows.append(_boom_partnership(known))
    return facility_frame(rows), _scope()


def _as_of(since: str) -> str:
    """Date of the fact: the year of the report, with the month where it began in that year."""
    return since if since[:4] == AS_OF else AS_OF


def _rows(case: DocumentedCase, place: Mapping[Hashable, object]) -> list[dict[str, object]]:
    """Return the places of one case."""
    house = f"documented-house-{case.nis2018}" if case.physical_house else None
    shared: dict[str, object] = {
        "nis2018": case.nis2018,
        "nis2019": place["nis2019"],
        "nis2025": place["nis2025"],
        "precision": "municipality",
        "status": "exists",
        "evidence": "documented",
        "source": case.source,
        "as_of": AS_OF,
    }
    name = plain_name(str(place["name2018"]))
    rows = [
        shared
        | {
            "id": f"documented-bureau-{case.nis2018}-{number}",
            "service": "bureau",
            "name": text("facility.documented.bureau", "nl", place=name) + (f" {number}" if case.bureaus > 1 else ""),
            "house_id": house if number <= case.at_house else None,
            "organiser": case.organisers[number - 1] if number <= len(case.organisers) else None,
            "as_of": _as_of(case.bureau_since) if number <= case.at_house else AS_OF,
            "flags": COUNT_IS_MINIMUM if case.minimum else "",
        }
        for number in range(1, case.bureaus + 1)
    ]
    if house:
        rows.append(
            shared
            | {
                "id": house,
                "service": "house",
                "name": text("facility.documented.house", "nl", place=name),
                "house_id": house,
                "physical": True,
                "as_of": _as_of(case.house_since),
                "serves": ";".join(sorted(case.house_serves)) or place["nis2019"],
                "flags": SERVES_IN_PART if case.house_serves else "",
            }
        )
    rows += [
        shared
        | {
            "id": f"documented-house-{case.nis2018}-{number}",
            "service": "house",
            "name": text("facility.documented.house", "nl", place=planned),
            "house_id": f"documented-house-{case.nis2018}",
            "physical": True,
            "status": "planned",
            "serves": place["nis2019"],
            "flags": "",
        }
        for number, planned in enumerate(case.planned_houses, 1)
    ]
    return rows


def _boom_partnership(known: pd.DataFrame) -> dict[str, object]:
    """Return the partnership of care region Boom, which has no place by choice."""
    members = [case.nis2018 for case in CASES if case.source == _BOOM]
    region = text("facility.documented.care_region", "nl", place="Boom")
    return {
        "id": _BOOM_HOUSE,
        "service": "house",
        "name": text("facility.documented.house", "nl", place=region),
        "precision": "none",
        "house_id": _BOOM_HOUSE,
        "physical": False,
        "status": "exists",
        "serves": ";".join(sorted(set(known.loc[members, "nis2019"]))),
        "evidence": "documented",
        "source": _BOOM,
        "as_of": AS_OF,
        "flags": "",
    }


def _scope() -> pd.DataFrame:
    rows = [("bureau", case.nis2018, AS_OF, case.source) for case in CASES]
    rows += [("house", case.nis2018, AS_OF, case.source) for case in CASES if case.speaks_of_houses]
    frame = pd.DataFrame(rows, columns=list(SCOPE_COLUMNS))
    return frame.sort_values(["service", "nis2018"], ignore_index=True)
