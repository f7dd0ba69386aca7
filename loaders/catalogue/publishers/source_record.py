"""What the catalogue says of a source: who publishes it, under which licence, where it lives and what is believable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from i18n.texts import LANGUAGES, text

Protocol = Literal["wfs", "page", "zip", "json", "file"]
Rhythm = Literal["continuous", "yearly", "on_change"]


@dataclass(frozen=True)
class Bounds:
    """What is believable of a source; outside it a refresh stops.

    Attributes
    ----------
    rows : fewest and most rows or features of Flanders and Brussels in one vintage
    total : smallest and largest sum of the main figure (births, inhabitants) over those rows
    drift : relative change of that sum, or of the rows where there is no sum, against the last snapshot, up or down
    loss : relative loss of rows against the last snapshot
    """

    rows: tuple[int, int]
    total: tuple[int, int] | None = None
    drift: float | None = None
    loss: float | None = None


@dataclass(frozen=True)
class LiveSource:
    """Where the newest figures of a source live.

    Attributes
    ----------
    protocol : ``wfs`` (OGC service), ``page`` (a web page that links the file), ``zip``, ``json`` (paged service) or
        ``file`` (one that the user gives)
    address : of the service, page or file; ``{year}`` stands for the year asked
    rhythm : how often the publisher renews it
    resources : tables and zones of the snapshot that it feeds
    bounds : what is believable
    loader : name of the loader that reads it at a refresh (`loaders.live.registry`); empty for what is asked as needed
    collection : name of the collection in the service, or of the sheet or file inside
    key : attribute that identifies a row
    link : regular expression for the link on a page
    more : further addresses by name
    confirmed : whether others are known to use this address; else it was deduced and may have to be given
    """

    protocol: Protocol
    address: str
    rhythm: Rhythm
    resources: tuple[str, ...]
    bounds: Bounds
    loader: str = ""
    collection: str = ""
    key: str = ""
    link: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    confirmed: bool = True


@dataclass(frozen=True)
class Source:
    """One published data set.

    Attributes
    ----------
    id : name used in the data package and by ``nabij data refresh``
    publisher : who publishes it
    landing_page : where a person reads about it
    licence : short name of the licence
    attribution : sentence the licence asks for
    vintage : year or years the figures speak of
    files : raw files below the folder given to ``nabij data build --from``
    live : where the newest figures are, when they can be refreshed
    """

    id: str
    publisher: str
    landing_page: str
    licence: str
    attribution: str
    vintage: str
    files: tuple[str, ...] = ()
    live: LiveSource | None = None

    def title(self, lang: str) -> str:
        """Title in ``lang``."""
        return text(f"source.{self.id}", lang)

    def descriptor(self) -> dict[str, Any]:
        """Entry of ``sources`` in the data package."""
        return {
            "id": self.id,
            "title": self.title("en"),
            **{f"title_{lang}": self.title(lang) for lang in LANGUAGES if lang != "en"},
            "publisher": self.publisher,
            "path": self.landing_page,
            "licence": self.licence,
            "attribution": self.attribution,
            "vintage": self.vintage,
        }
