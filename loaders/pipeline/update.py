"""What a live loader is given and what it gives back: a checked change of named resources, never a write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from loaders.catalogue.schemas import TABLES
from loaders.pipeline.derived.generalise import generalised

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.catalogue.publishers.street_graph import StreetGraph
    from loaders.catalogue.settings import Settings
    from loaders.http.client import Client, Response
    from loaders.parsers.spatial import LandCover
    from loaders.protocols.services.features import Collection
    from loaders.snapshot.reader import Snapshot


@dataclass(frozen=True)
class RefreshContext:
    """What every loader works with.

    Attributes
    ----------
    client : fetches addresses and reads files
    snapshot : the current good snapshot; gives codes, borders and what a source does not cover
    settings : addresses of the catalogue, or what a user put in their place
    year : year asked for where an address names one; None takes the newest that answers
    """

    client: Client
    snapshot: Snapshot
    settings: Settings
    year: int | None = None

    def address(self, source: str, name: str = "", **values: object) -> str | Path:
        """Address of a source of the catalogue (``name``: a further one), or what a user gave instead."""
        return self.settings.address(source, name, **values)


@dataclass(frozen=True)
class Origin:
    """One thing that was read: its address, SHA-256 and when (ISO, UTC)."""

    address: str
    sha256: str
    fetched: str

    @classmethod
    def of(cls, response: Response) -> Origin:
        """Origin of one answer."""
        return cls(response.url, response.sha256, response.fetched_at)

    @classmethod
    def of_collection(cls, collection: Collection, address: str | Path) -> Origin:
        """Origin of a collection of features."""
        return cls(str(address), collection.sha256, collection.fetched_at)


@dataclass(frozen=True)
class RefreshedResource:
    """New contents of one resource.

    Attributes
    ----------
    resource : name in the data package: a table, or ``zones_<level>_<vintage>``
    frame : rows in exactly the shape of the snapshot; zones are in EPSG:31370
    by : empty when ``frame`` replaces the resource; otherwise rows of the current table that agree with it in
        these columns go and its rows come
    vintage : year or years for the data package
    sources : ids of sources for the data package
    published : whether ``frame`` has borders as published, which are generalised when they are put in the snapshot
    """

    resource: str
    frame: pd.DataFrame
    by: tuple[str, ...] = ()
    vintage: str = ""
    sources: tuple[str, ...] = ()
    published: bool = False

    def apply(self, current: pd.DataFrame | None) -> pd.DataFrame:
        """Return the resource after the change, ordered by the table's key."""
        frame = self.frame
        if self.by and current is not None:
            keys = list(self.by)
            gone = pd.MultiIndex.from_frame(current[keys]).isin(pd.MultiIndex.from_frame(frame[keys]))
            frame = pd.concat([current[~gone], frame], ignore_index=True)
        if isinstance(frame, gpd.GeoDataFrame):
            zones: gpd.GeoDataFrame = frame.sort_values("zone_id", ignore_index=True)
            whole: pd.DataFrame = generalised(zones, self.resource) if self.published else zones
            return whole
        schema = TABLES[self.resource]
        columns = [column.name for column in schema.columns]
        table = pd.DataFrame(frame[[column for column in columns if column in frame]])
        order = list(schema.order or schema.key)
        return table.sort_values(order, ignore_index=True) if order else table.reset_index(drop=True)


@dataclass(frozen=True)
class Update:
    """What a source offers for the snapshot.

    Attributes
    ----------
    source : the loader
    vintage : year or years of the figures
    changes : new contents of resources
    notes : sentences for a person: what was repaired, carried over, left out or has to be settled
    origins : what was read; empty for the files that the catalogue names, which are described there
    land_cover : Corine classes of the hectare grid, where the source gives them
    streets : the street graph, where the source gives it
    street_facts : what became of the lines that the graph was made of
    """

    source: str
    vintage: str
    changes: tuple[RefreshedResource, ...]
    notes: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = field(default=())
    land_cover: LandCover | None = None
    streets: StreetGraph | None = None
    street_facts: dict[str, int] = field(default_factory=dict)


Loader = Callable[[RefreshContext], Update]
