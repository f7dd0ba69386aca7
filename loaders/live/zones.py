"""Borders, sectors, care regions and GP circles as their publishers offer them today."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from i18n.errors import FetchError
from i18n.messages import Message, Note, Word
from loaders.catalogue.publishers.sources import live_of
from loaders.catalogue.regions.levels import is_brussels
from loaders.http.answer import file_name
from loaders.live.newest import get_newest
from loaders.parsers.zones.borders import parse_borders
from loaders.parsers.zones.care_regions import read_care_regions
from loaders.parsers.zones.gp_circles import CirclePlaces, parse_circle_borders, read_circles
from loaders.parsers.zones.sectors import HELD, parse_sector_borders, parse_sector_population
from loaders.pipeline.update import Origin, RefreshContext, RefreshedResource, Update
from loaders.protocols.services import links, wfs
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.regions import dissolved


def load_borders(context: RefreshContext) -> Update:
    """Borders of the Flemish municipalities of today, with the Brussels of the snapshot."""
    address = context.address("borders")
    collection = wfs.fetch_features(context.client, address, live_of("borders").collection)
    codes = context.snapshot.table("municipality_codes")
    known = context.snapshot.zones("municipality", 2025)
    vintage, zones, notes = parse_borders(collection.frame, known[is_brussels(known["zone_id"])], codes, str(address))
    name = f"zones_municipality_{vintage}"
    change = RefreshedResource(name, zones, (), str(vintage), ("borders",), published=True)
    origin = Origin.of_collection(collection, address)
    return Update("borders", str(vintage), (change,), (*collection.notes, *notes), (origin,))


def load_sectors(context: RefreshContext) -> Update:
    """Sectors and their population of the newest year that both files answer for, or of one map that holds both."""
    borders = get_newest(context, "sector_borders", ("json", "gpkg"))
    sectors = parse_sector_borders(borders.data, context.snapshot.table("municipality_codes"), file_name(borders.url))
    origins = [Origin.of(borders)]
    ids = set(sectors.zones["zone_id"])
    newest, notes = sectors.population, tuple[str, ...]()
    if newest is None or context.settings.overridden("sector_population"):
        answer = get_newest(context, "sector_population")
        newest, notes = parse_sector_population(answer.data, ids, file_name(answer.url))
        origins.append(Origin.of(answer))
    population, lost = _continued(context.snapshot.table("sector_population"), newest, ids)
    vintage = f"{population['year'].min()}–{population['year'].max()}"
    changes = (
        RefreshedResource(
            f"zones_sector_{HELD}", sectors.zones, (), str(sectors.year), ("sector_borders",), published=True
        ),
        RefreshedResource("sector_population", population, (), vintage, ("sectors", "sector_population")),
    )
    if lost:
        notes = (*notes, Note("note.sectors_gone", n=lost))
    return Update("sectors", str(sectors.year), changes, (*sectors.notes, *notes), tuple(origins))


def _continued(before: pd.DataFrame, newest: pd.DataFrame, ids: set[str]) -> tuple[pd.DataFrame, int]:
    """Population of earlier years for sectors that live on, with the newest years, and how many codes ended."""
    lives_on = before["sector_id"].isin(ids)
    lost = before.loc[~lives_on, "sector_id"].nunique()
    kept = before[lives_on & ~before["year"].isin(newest["year"])]
    frame = pd.concat([kept, newest], ignore_index=True)
    return frame.sort_values(["sector_id", "year"], ignore_index=True), lost


def load_care_regions(context: RefreshContext) -> Update:
    """All care regions from the workbook that Opgroeien's page links, or from a table of cited facts."""
    address = context.address("care_regions")
    link = live_of("care_regions").link
    answer = links.follow(context.client, address, link, Word("error.live.file.care_regions"), "zip", ("text",))
    regions = read_care_regions(answer.data, context.snapshot.table("municipality_codes"), file_name(answer.url))
    changes = _union(regions.membership, regions.names, regions.facts, "care_region", context.snapshot, "care_regions")
    return Update("care_regions", str(regions.vintage), changes, regions.notes, (Origin.of(answer),))


def load_gp_circles(context: RefreshContext) -> Update:
    """All circles: from the published areas where the user gives them, else from the table the page links, or facts."""
    if context.settings.overridden("gp_circle_borders"):
        source, snapshot = "gp_circle_borders", context.snapshot
        answer = context.client.get(context.address(source))
        file, sectors, municipalities = file_name(answer.url), snapshot.zones("sector"), snapshot.zones("municipality")
        circles = parse_circle_borders(answer.data, sectors, municipalities, file)
    else:
        source = "gp_circle_table"
        link = live_of(source).link
        try:
            address = context.address(source)
            answer = links.follow(context.client, address, link, Word("error.live.file.gp_circles"), "zip", ("text",))
        except FetchError as error:
            raise FetchError(Message("error.live.circle_instead", error=error)) from error
        circles = read_circles(answer.data, places_of(context.snapshot), file_name(answer.url))
    changes = _union(circles.membership, circles.names, circles.facts, "gp_circle", context.snapshot, source)
    return Update("gp_circles", changes[0].vintage, changes, circles.notes, (Origin.of(answer),))


def places_of(snapshot: Snapshot) -> CirclePlaces:
    """What a table of circles may refer to."""
    parts = snapshot.zones("sub_municipality")[["zone_id", "zone_name", "parent_nis"]]
    return CirclePlaces(snapshot.table("municipality_codes"), snapshot.table("postcodes"), pd.DataFrame(parts))


def _union(
    membership: pd.DataFrame,
    names: pd.DataFrame,
    facts: pd.DataFrame | None,
    level: str,
    snapshot: Snapshot,
    source: str,
) -> tuple[RefreshedResource, ...]:
    """Members of a level, the borders that they make, and the facts that it rests on."""
    vintage = str(int(membership["member_vintage"].min()))
    zones: gpd.GeoDataFrame = dissolved(level, names, membership, snapshot)
    changes = (
        RefreshedResource("membership", membership, ("level",), vintage, (source,)),
        RefreshedResource(f"zones_{level}_2025", zones, (), vintage, (source,)),
    )
    cited = () if facts is None else (RefreshedResource(f"{level}_facts", facts, (), vintage, (source,)),)
    return (*changes, *cited)
