"""Profiles of regions: that of Flanders says what it said before, and what is wrong with one is told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from i18n.errors import DataError, MissingFileError
from i18n.texts import LANGUAGES, catalogue, text
from loaders.catalogue.columns import FACILITY_COLUMNS, SITE_COLUMNS
from loaders.catalogue.regions.levels import ALL_LEVELS, GRID_LEVELS, LEVELS, get_level
from loaders.catalogue.regions.region_file import BUILT_IN, MAX_BYTES, built_in, read_region, region_of_folder
from loaders.catalogue.regions.region_in_use import region, region_in_use, use_region
from loaders.catalogue.schemas import TABLES
from loaders.snapshot.reader import EMBEDDED, Snapshot
from tests.island import profile


def test_flanders_as_it_was() -> None:
    """Years, levels, norms and partitions of the hectare grid, as they stood in code."""
    flanders = read_region(BUILT_IN)  # unlike `built_in`, with every coordinate system looked up
    assert flanders.crs == built_in().crs
    assert (flanders.crs.storage, flanders.crs.grid) == ("EPSG:31370", "EPSG:3035")
    assert flanders.code_columns == ("nis2018", "nis2019", "nis2025")
    assert (flanders.newest_code, flanders.smallest_code, flanders.served_code) == ("nis2025", "nis2018", "nis2019")
    assert flanders.vintages.zones == {2018: 327, 2019: 319, 2025: 304}
    assert flanders.norms.within_m == {"walk": 1200.0, "bike": 3750.0, "car": 15000.0}
    assert flanders.on_grid == (
        ("municipality", 2025),
        ("municipality", 2019),
        ("municipality", 2018),
        ("sub_municipality", 2025),
        ("neighbourhood", 2025),
        ("sector", 2021),
    )
    assert [name for name, level in flanders.levels.items() if not level.territorial] == [
        "sub_municipality",
        "neighbourhood",
        "sector",
    ]
    assert [name for name, level in flanders.levels.items() if level.partial] == [
        "reference_region",
        "care_region",
        "gp_circle",
    ]


def test_the_embedded_snapshot_is_of_flanders(embedded: Snapshot) -> None:
    assert embedded.region is built_in() is region() is region_of_folder(EMBEDDED)
    assert set(region().tables) <= set(embedded.resources)


def test_what_follows_from_a_region_follows_the_one_in_use(tmp_path: Path) -> None:
    file = tmp_path / "region.toml"
    file.write_text(profile(), encoding="utf-8")
    island = read_region(file)
    with region_in_use(island):
        assert list(LEVELS) == ["concelho", "freguesia"]
        assert list(ALL_LEVELS) == ["concelho", "freguesia", "house_area", "own"]
        assert list(GRID_LEVELS) == [("freguesia", 2024)]
        assert get_level("own").vintages == (2024,)
        assert "dico2024" in FACILITY_COLUMNS
        assert "nis2018" not in FACILITY_COLUMNS
        assert SITE_COLUMNS["x"].unit == "m (EPSG:32628)"
        assert TABLES["births"].key == ("dico2024", "year")
        assert TABLES["ages"].optional
        assert text("level.freguesia.plural", "en") == "parishes"
        assert text("column.x", "en") == "x (EPSG:32628)"
        assert text("column.dico2024", "fr") == "DICO 2024"
        assert "Ilha Clara" in text("propose.where.all", "nl")
        assert island.norms.within_m["walk"] == pytest.approx(1500)
        assert island.codes.tidy(" 1234 ") == "001234"
    assert region() is built_in()
    assert next(iter(LEVELS)) == "region"
    assert text("column.x", "en") == "x (Lambert 72)"
    use_region(None)
    assert region() is built_in()


def test_texts_of_elsewhere_take_the_place_of_texts_that_are_there() -> None:
    names = [key.removeprefix("elsewhere.") for key in catalogue() if key.startswith("elsewhere.")]
    assert names
    assert set(names) <= set(catalogue())


WRONG: dict[str, tuple[str, str, str]] = {
    # old, new, what is said
    "a key that is not known": ("[grid]", "[grid]\ncolour = 1", "'grid.colour' is not known; choose one of cell_m"),
    "a part that is not known": ("[grid]", "[rid]", "'rid' is not known; choose one of id, name"),
    "a part that is missing": ('id = "ilha_clara"\n', "", "'id' is missing; fill it in"),
    "a text missing in one language": (
        'plural = { nl = "freguesias", en = "parishes", fr = "freguesias" }',
        'plural = { nl = "freguesias", en = "parishes" }',
        "'levels.freguesia.plural.fr' is missing or empty; fill in the text in that language too (fr)",
    ),
    "words that are missing": (
        'plural = { nl = "freguesias", en = "parishes", fr = "freguesias" }',
        "",
        "'levels.freguesia.plural' is missing",
    ),
    "a coordinate system that is not known": (
        '"EPSG:32628"',
        '"EPSG:1"',
        "'crs.storage' is 'EPSG:1', which is no known",
    ),
    "a coordinate system in degrees": (
        '"EPSG:32628"',
        '"EPSG:4326"',
        "which is not in metres; give a projected system",
    ),
    "metres for degrees": (
        "[grid]",
        'geographic = "EPSG:32628"\n[grid]',
        "'crs.geographic' is 'EPSG:32628', which is not in degrees",
    ),
    "a level in one that is not there": (
        'parent = "concelho"',
        'parent = "distrito"',
        "'levels.freguesia.parent' is 'distrito'",
    ),
    "a level in a smaller one": (
        "[levels.concelho]",
        '[levels.concelho]\nparent = "freguesia"',
        "level 'concelho' cannot lie in 'freguesia', for levels go from large to small; choose one of –, or move it",
    ),
    "a small level that nests in nothing": (
        "[sources.made_up]",
        "[levels.lugar]\n"
        + "".join(f'{word} = {{ nl = "x", en = "x", fr = "x" }}\n' for word in ("singular", "plural", "help"))
        + "\n[sources.made_up]",
        "level 'lugar' comes after 'freguesia' and must nest in it; set parent = \"freguesia\"",
    ),
    "a base level that is not there": (
        'base = "freguesia"',
        'base = "lugar"',
        "'roles.base' is 'lugar'; choose one of concelho, freguesia",
    ),
    "years out of order": (
        "held = [2024]",
        "held = [2024, 2018]",
        "'vintages.held' is '[2024, 2018]'; give years from old to new",
    ),
    "a box the wrong way round": ("box = [300000,", "box = [350000,", "'territory.box' is '[350000,"),
    "degrees beyond the pole": (
        "degrees = [-17.5, 32.4, -16.5, 33.2]",
        "degrees = [-17.5, 32.4, -16.5, 133.2]",
        "'territory.degrees' is",
    ),
    "a speed that is missing": ("walk = 4.5, ", "", "'norms.speeds_kmh.walk' is missing"),
    "a speed below nothing": ("walk = 4.5", "walk = -1", "'norms.speeds_kmh.walk' is '-1'; give a number above 0"),
    "a pattern that is none": (r"'\d{6}'", r"'('", "which is no regular expression"),
    "a column that is taken": (
        'column = "dico"',
        'column = "name"',
        "'codes.column' is 'name'; give 2 to 20 small letters",
    ),
    "a reserved name": ("[levels.concelho]", "[levels.own]\n[levels.concelho]", "'levels.own' is not possible"),
    "no table": ("[grid]\ncell_m = 100\norigin = [0, 0]", "", "'grid' is missing"),
    "a value for a table": (
        'name = { nl = "Ilha Clara", en = "Ilha Clara", fr = "Ilha Clara" }',
        'name = "x"',
        "'name' is not a table",
    ),
    "no TOML": ("[grid]", "[grid", "is not readable as TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_profile_is_one_sentence_with_file_key_and_remedy(tmp_path: Path, case: str) -> None:
    old, new, told = WRONG[case]
    file = tmp_path / "region.toml"
    assert old in profile()
    file.write_text(profile().replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_region(file)
    said = raised.value.sentence("en")
    assert told in said
    assert str(file) in said
    sentences = {raised.value.sentence(lang) for lang in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


def test_a_profile_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="does not exist; correct the path"):
        read_region(tmp_path / "region.toml")
    large = tmp_path / "large.toml"
    large.write_text("#" * (MAX_BYTES + 1), encoding="utf-8")
    with pytest.raises(DataError, match="larger than 256 kB"):
        read_region(large)
