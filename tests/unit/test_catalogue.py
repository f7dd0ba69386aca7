"""The catalogue says of every source who, where, under which licence and what is believable; a user may differ."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from i18n.errors import DataError, InputError
from i18n.texts import LANGUAGES, text
from loaders.catalogue.publishers.sources import LOADER_OF, SOURCES, LiveSource, get_source, live_of, live_sources
from loaders.catalogue.schemas import TABLES
from loaders.catalogue.settings import Settings
from loaders.live.registry import LOADERS
from loaders.pipeline.refresh import refresh
from loaders.snapshot.reader import Snapshot
from pages.data.data_tables import sources_table
from pages.explore.provenance import all_layers

LIVE = live_sources()


@pytest.mark.parametrize("source_id", SOURCES)
def test_every_source_is_described_in_full(source_id: str) -> None:
    source = SOURCES[source_id]
    assert source.id == source_id
    assert re.fullmatch(r"[a-z][a-z0-9_]*", source_id)
    assert all(source.title(lang) for lang in LANGUAGES)
    assert source.publisher
    assert source.licence
    assert source.attribution
    assert source.vintage
    assert source.landing_page.startswith("https://") or not source.landing_page
    assert source.descriptor()["title_nl"] == source.title("nl")


@pytest.mark.parametrize("source_id", LIVE)
def test_every_live_source_can_be_called_and_judged(source_id: str, embedded: Snapshot) -> None:
    live = live_of(source_id)
    for key in (f"protocol.{live.protocol}", f"rhythm.{live.rhythm}"):
        assert all(text(key, lang) for lang in LANGUAGES)
    addresses = [address for address in (live.address, *live.more.values()) if address]
    assert all(address.startswith("https://") for address in addresses)
    assert addresses or live.protocol == "file"
    assert live.bounds.rows[0] < live.bounds.rows[1]
    assert live.bounds.total is None or live.bounds.total[0] < live.bounds.total[1]
    assert live.collection or live.protocol != "wfs"
    assert bool(live.link) == (live.protocol == "page")
    optional = {name for name, schema in TABLES.items() if schema.optional}
    assert set(live.resources) <= {*embedded.resources, *optional, "roads"}


@pytest.mark.parametrize(
    ("source_id", "name"),
    [
        ("births", "pop1992-mov2025.xlsx"),
        ("care_regions", "20250101-plaatsen-en-locaties-kinderopvang.xlsx"),
        ("gp_circle_table", "Huisartsenkring per gemeente (2019).xlsx"),
    ],
)
def test_links_are_looked_for_by_the_names_that_were_seen(source_id: str, name: str) -> None:
    assert re.search(live_of(source_id).link, name, re.IGNORECASE)


def within(live: LiveSource, rows: int, total: int | None = None) -> bool:
    low, high = live.bounds.rows
    return low <= rows <= high and (
        total is None or live.bounds.total is None or live.bounds.total[0] <= total <= live.bounds.total[1]
    )


def test_what_is_embedded_is_believable(embedded: Snapshot) -> None:
    births, ages = embedded.table("births"), embedded.table("ages")
    newest = ages[(ages["vintage"] == 2025) & (ages["year"] == 2022)]
    people = embedded.table("sector_population")
    people = people[people["year"] == 2022]
    assert within(live_of("births"), len(births), int(births["births"].sum()))
    assert within(live_of("ages"), len(newest), int(newest["population"].sum()))
    assert within(live_of("sector_borders"), len(embedded.zones("sector")))
    assert within(live_of("sector_population"), len(people), int(people["population"].sum()))
    flemish = [nis for nis in embedded.zones("municipality")["zone_id"] if not nis.startswith("21")]
    assert within(live_of("borders"), len(flemish))


def test_a_source_that_does_not_exist_names_the_nearest() -> None:
    assert get_source("births").publisher == "Statbel"
    with pytest.raises(
        InputError, match=r"Source 'birth' does not exist; did you mean 'births'\? The sources are births, "
    ):
        get_source("birth")
    with pytest.raises(InputError, match="Source 'land_cover' does not exist; choose from births, ages, borders"):
        get_source("land_cover")


# settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "mine.xlsx").write_bytes(b"x")
    path = tmp_path / "nabij.toml"
    path.write_text(
        'contact = "https://gemeente.example"\ncache = "~/kept"\n[sources]\nbirths = "mine.xlsx"\n'
        'borders = "https://config.example/wfs"\n"poi.types" = "https://config.example/types"\n'
        '[sources.social_map]\nrubrics = "https://config.example/rubrics"\n',
        encoding="utf-8",
    )
    return path


def test_addresses_are_those_of_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_a, **_k: tmp_path / "absent")
    settings = Settings.load(environ={})
    assert settings.address("borders") == "https://geo.api.vlaanderen.be/VRBG/wfs"
    assert settings.address("poi", "types") == "https://poi.api.geopunt.be/v1/core/poitypes"
    assert str(settings.address("sector_population", year=2024)).endswith("/OPENDATA_SECTOREN_2024.zip")
    assert (settings.overridden("borders"), settings.origin("borders"), settings.contact) == (False, "catalogue", "")
    assert settings.cache_dir.name == "nabij"


def test_the_option_counts_before_the_environment_before_the_file(config: Path) -> None:
    environ = {
        "NABIJ_CONFIG": str(config), "NABIJ_SOURCE_BORDERS": "https://environment.example/wfs", "PATH": "",
        "NABIJ_SOURCE_POI_TYPES": "https://environment.example/types", "NABIJ_SOURCE_AGES": "",
    }  # fmt: skip
    own = config.parent / "mine.xlsx"
    settings = Settings.load(["borders=http://option.example/wfs?a=b", f" births = {own} "], environ)
    assert settings.address("borders") == "http://option.example/wfs?a=b"
    assert settings.address("births") == own
    assert settings.address("poi", "types") == "https://environment.example/types"
    assert settings.address("social_map", "rubrics") == "https://config.example/rubrics"
    assert [settings.origin("borders"), settings.origin("births"), settings.origin("social_map", "rubrics")] == [
        "option", "option", "config",
    ]  # fmt: skip
    assert settings.origin("poi", "types") == "environment"
    assert settings.origin("ages") == settings.origin("social_map") == "catalogue"
    assert (settings.contact, settings.cache_dir) == ("https://gemeente.example", Path("~/kept").expanduser())


def test_files_in_the_configuration_lie_beside_it(config: Path) -> None:
    settings = Settings.load((), {"NABIJ_CACHE": "elsewhere"}, config)
    assert settings.address("births", year=2024) == config.parent / "mine.xlsx"
    assert settings.cache_dir == Path("elsewhere")


def test_a_year_is_filled_in_the_users_address_too() -> None:
    settings = Settings.load(["ages=https://mirror.example/ages_{year}.zip"], {})
    assert settings.address("ages", year=2023) == "https://mirror.example/ages_2023.zip"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("births", r"^--source 'births' is not ID=FILE or ID=URL; write for example births=births.xlsx\.$"),
        ("=x", "is not ID=FILE or ID=URL"),
        ("births=", "is not ID=FILE or ID=URL"),
        ("brths=x.xlsx", "Source 'brths' does not exist; did you mean 'births'"),
        ("births=none.xlsx", "^--source births: there is no file 'none.xlsx'; give an existing file or an address"),
        ("births=ftp://x.example/a", "is no address that can be fetched; give http"),
        ("poi.names=https://x.example", r"source 'poi' has no further address 'names' \(it has: poi.types, poi.ogc\)"),
        ("births.x=https://x.example", r"has no further address 'x' \(it has: none\)"),
    ],
)
def test_an_option_that_makes_no_sense(option: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Settings.load([option], {})


def test_a_variable_that_names_no_source() -> None:
    with pytest.raises(InputError, match="Source 'bureaus' does not exist"):
        Settings.load((), {"NABIJ_SOURCE_BUREAUS": "https://x.example"})
    with pytest.raises(InputError, match=r"Environment variable NABIJ_SOURCE_BIRTHS: there is no file 'gone.xlsx'"):
        Settings.load((), {"NABIJ_SOURCE_BIRTHS": "gone.xlsx"})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("sources = 3", "'sources' is not a table"),
        ("[sources]\nbirths = 3", "source 'births' is not text"),
        ("[sources", "not readable as TOML"),
        ("[sources]\nbirths = 'gone.xlsx'", "there is no file 'gone.xlsx'"),
    ],
)
def test_a_configuration_that_makes_no_sense(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "nabij.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((DataError, InputError), match=f"nabij.toml: {sentence}"):
        Settings.load((), {}, path)
    with pytest.raises(InputError, match=r"There is no configuration file '.*gone.toml'"):
        Settings.load((), {"NABIJ_CONFIG": str(tmp_path / "gone.toml")})


def test_a_source_that_only_a_user_can_give() -> None:
    with pytest.raises(InputError, match=r"Source 'roads' has no address of its own; .* --source roads=FILE\|URL\.$"):
        Settings.load((), {}).address("roads")
    assert Settings.load(["roads=https://x.example/belgium.osm.pbf"], {}).overridden("roads")


# what the documentation says of faults

FAULTS = Path(__file__).resolve().parents[2] / "docs" / "method" / "fetching.md"


def test_every_sentence_that_is_documented_is_tested() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8").replace("\\", "") for path in sorted(Path(__file__).parent.glob("test_*.py"))
    )
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", FAULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    said = [part for _, sentence in rows for part in re.findall(r"“(.+?)”", sentence)]
    assert len(said) >= 25
    assert [part for part in said if part not in tests] == []


def test_every_source_of_a_refresh_names_a_loader_that_there_is() -> None:
    assert set(LOADER_OF.values()) == set(LOADERS)
    assert {source for source in LIVE if source not in LOADER_OF} == {"geocoder"}  # asked as it is needed


def test_names_on_the_page_are_those_of_the_command(embedded: Snapshot) -> None:
    page = str(sources_table(embedded, "en"))
    shown = set(re.findall(r"nabij data refresh (\w+)", page))
    with pytest.raises(InputError) as raised:
        refresh(embedded.path, dict(LOADERS), ["nonsuch"], lambda _: None)  # type: ignore[arg-type, return-value]
    named = str(raised.value).rpartition("choose from ")[2].rstrip(".").split(", ")
    assert shown == set(named)
    listed = CliRunner().invoke(app, ["data", "list", "--lang", "en"]).output.splitlines()[1:]
    layers = re.findall(r"Code\(children='(\w+)'", str(all_layers(embedded, "en")))
    assert layers == [line.split("\t")[0] for line in listed]
