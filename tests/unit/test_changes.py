"""What changed between two snapshots, in the words a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from i18n.texts import LANGUAGES
from loaders.catalogue.facilities import facility_frame
from loaders.pipeline.changes import changes
from loaders.pipeline.place_changes import MOVED_M, SAME_SITE_M, compare_places
from loaders.snapshot.reader import EMBEDDED, Snapshot


class Altered(Snapshot):
    """The embedded snapshot with other tables, sources or hash."""

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], sources: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        super().__init__(EMBEDDED)
        self.tables, self.other = tables, sources or {}
        self.__dict__["hash"] = "f" * 64
        self._resources = {**self._resources, **{name: {"hash": "other"} for name in tables}}

    def table(self, name: str) -> pd.DataFrame:
        return self.tables[name].copy() if name in self.tables else super().table(name)

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        return {**super().sources, **{key: dict(value) for key, value in self.other.items()}}


def place(key: str, name: str | None, x: float, y: float = 0.0, service: str = "bureau", **more: Any) -> dict[str, Any]:
    return {
        "id": key, "service": service, "name": name, "x": x, "y": y, "nis2025": "11005", "precision": "point",
        "status": "exists", "evidence": "register", **more,
    }  # fmt: skip


def tell(was: list[dict[str, Any]], now: list[dict[str, Any]], lang: str = "en") -> list[str]:
    old, new = (Altered({"facilities_register": facility_frame(rows)}) for rows in (was, now))
    old.__dict__["hash"] = "0" * 64
    return changes(old, new, lang)


def test_the_same_snapshot() -> None:
    assert changes(Snapshot(), Snapshot(), "nl") == ["Geen verschil."]


def test_bureaus_that_opened_closed_moved_and_changed_their_name() -> None:
    was = [place("a", "Noord", 0), place("b", "Zuid", 5_000), place("c", "Oost", 9_000), place("d", "West", 20_000)]
    now = [
        place("b", "Zuid", 5_000),
        place("c", "Oost", 9_000, 1_200),
        place("d", "Westen", 20_010),
        place("e", "Nieuw", 30_000),
    ]
    assert tell(was, now, "nl") == [
        "Geopend: consultatiebureau Nieuw, Boom (e).",
        "Gesloten: consultatiebureau Noord, Boom (a).",
        "Verhuisd: consultatiebureau Oost, nu in Boom, 1.200 m verder (c).",
        "Andere naam: consultatiebureau West, Boom, heet nu Westen (d).",
    ]


def test_houses_are_told_in_every_language() -> None:
    told = {lang: tell([place("h", "De Wip", 0, service="house")], [], lang) for lang in LANGUAGES}
    assert told == {
        "nl": ["Gesloten: Huis van het Kind De Wip, Boom (h)."],
        "en": ["Closed: Huis van het Kind De Wip, Boom (h)."],
        "fr": ["Fermé : Huis van het Kind De Wip, Boom (h)."],
    }


def test_a_new_number_at_the_same_place_is_no_change() -> None:
    assert tell([place("old", "Noord", 0)], [place("new", "NOORD", 30)]) == ["No difference."]


@pytest.mark.parametrize(
    ("now", "opened", "closed", "moved", "renamed"),
    [
        (place("a", "Noord", MOVED_M), 0, 0, 0, 0),
        (place("a", "Noord", MOVED_M + 1), 0, 0, 1, 0),
        (place("z", "Noord", 4_000), 0, 0, 1, 0),  # by name
        (place("z", "Anders", SAME_SITE_M), 0, 0, 1, 0),  # by site
        (place("z", "Anders", MOVED_M), 0, 0, 0, 1),
        (place("z", "Anders", SAME_SITE_M + 1), 1, 1, 0, 0),
        (place("z", None, SAME_SITE_M + 1), 1, 1, 0, 0),
        (place("a", "Noord", 0, service="house"), 1, 1, 0, 0),
        (place("z", "Noord", 4_000, nis2025="11002"), 1, 1, 0, 0),
    ],
)
def test_places_are_matched_by_number_then_name_then_site(
    now: dict[str, Any], opened: int, closed: int, moved: int, renamed: int
) -> None:
    found = compare_places(facility_frame([place("a", "Noord", 0)]), facility_frame([now]))
    assert [len(part) for _, part in found.named()] == [opened, closed, moved, renamed]


def test_two_places_of_one_name_are_not_confused() -> None:
    was = facility_frame([place("a", "Noord", 0), place("b", "Noord", 9_000)])
    now = facility_frame([place("c", "Noord", 9_010), place("d", "Noord", 10)])
    found = compare_places(was, now)
    assert [len(part) for _, part in found.named()] == [0, 0, 0, 0]


def test_a_place_known_by_municipality_only_moves_with_its_municipality() -> None:
    was, now = place("a", "Noord", 0), place("a", "Noord", 0, nis2025="11002")
    frames = [facility_frame([{**row, "x": None, "y": None, "precision": "municipality"}]) for row in (was, now)]
    assert len(compare_places(*frames).moved) == 1


def test_a_register_that_comes_and_goes() -> None:
    rows = facility_frame([place("a", "Noord", 0), place("h", "De Wip", 0, service="house")])
    with_it = Altered({"facilities_register": rows})
    assert changes(Snapshot(), with_it, "nl") == [
        "Het register is geladen: 1 consultatiebureaus en 1 plaatsen van Huizen van het Kind."
    ]
    assert changes(with_it, Snapshot(), "en") == [
        "The register is no longer there: it had 1 consultation bureaus and 1 places of Huizen van het Kind."
    ]


def test_municipalities_that_merged_or_got_another_code() -> None:
    codes = Snapshot().table("municipality_codes")
    merged = codes["nis2025"].isin(["11005", "11030"])
    codes.loc[merged, ["nis2025", "name2025"]] = "11099", "Boom-Niel"
    codes.loc[codes["nis2025"] == "11018", "nis2025"] = "11098"
    told = changes(Snapshot(), Altered({"municipality_codes": codes}), "nl")
    assert told == [
        "Hemiksem kreeg een andere NIS-code: 11018 werd 11098.",
        "Boom en Niel zijn gefuseerd tot Boom-Niel (11099).",
    ]


def test_births_of_a_later_year() -> None:
    """62,277 and 13,663 live births in 2025 (Statbel), then 1 % fewer in Flanders and two years more."""
    births = Snapshot().table("births")
    flemish = ~births["nis2025"].str.startswith("210")
    later = births.assign(year=2026)
    later.loc[births["nis2025"] == "11002", "births"] -= 623
    years = pd.concat([births.assign(year=2024), births, later])
    told = changes(Snapshot(), Altered({"births": years}), "nl")
    assert int(births.loc[flemish, "births"].sum()) == 62_277
    assert told == [
        "Geboorten in Vlaanderen: 62.277 (2025) werd 61.654 (2026), −1,0 %.",
        "Geboorten in Brussel: 13.663 (2025) werd 13.663 (2026), +0,0 %.",
        "Grootste verschillen in geboorten: Antwerpen 6.966 → 6.343.",
        "Geboorten nu ook van 2024–2026 (2 jaar).",
    ]


def test_sources_of_a_newer_year() -> None:
    source = {**Snapshot().sources["births"], "vintage": "1992–2026"}
    told = changes(Snapshot(), Altered({}, {"births": source, "poi": {**source, "title_fr": "Lieux"}}), "fr")
    assert told[0] == f"{source['title_fr']} : était 2025, maintenant 1992–2026."
    assert told[1] == "Nouvelle source : Lieux (1992–2026)."


def test_what_has_no_words_is_named() -> None:
    stations = Snapshot().table("stations").head(3)
    told = changes(Snapshot(), Altered({"stations": stations}), "en")
    assert told == ["No difference in sources, births, zones or places; there is in: stations."]
