"""The generated page on the data: every source, every live address, every file of the snapshot."""

from __future__ import annotations

from page_parts import NOTE, table

from i18n.texts import has_text, text
from loaders.catalogue.publishers.sources import SOURCES, live_of, live_sources
from loaders.snapshot.reader import Snapshot

_INTRODUCTION = """\
nabij works from a *snapshot*: a folder with generalised borders, births, ages and a grid of inhabited hectares, made
out of open data once and kept in `data/snapshot`. It needs no network. The snapshot is a
[Frictionless data package](https://specs.frictionlessdata.io/data-package/): `datapackage.json` says of every file
which columns, units, sources, licence, year and SHA-256 it has. Building twice from the same raw files gives the same
bytes.

    nabij data list
    nabij data verify
    nabij data build --from DIR --out my-snapshot
    nabij coverage --service bureau --snapshot my-snapshot --out out.csv

A build that fails leaves the snapshot that was there; a file that was altered is refused by name.

What cannot be had as open data is the list of consultation bureaus and houses itself. So there are two sets to work
with, and a third that you bring:

- `illustrative` is **made up**, for all of Flanders and Brussels, so that everything can be tried out. It agrees with
  published totals and with every documented case, and says that it is made up wherever it shows:
  see [the illustrative set](method/illustrative.md).
- `documented` holds the cases that field reports describe, complete for those municipalities and their year, by
  municipality and not by address. About other municipalities nothing is said, neither that there is a gap nor that
  there is none.
- [your own list](own-places.md), which replaces both.

`public_facts` is what public pages say about a place, dated and cited. It is shown beside the figures, never counted.
"""

_LIVE = """\
`nabij data refresh` takes these from their publishers. Every address can be replaced by another or by a file of yours:
see [Fetching](method/fetching.md). *rows* (of Flanders and Brussels) and *total* (births, inhabitants) are what is
believable; outside them a refresh stops.
"""


def data_page() -> str:
    """Every source with its licence and raw files, and every table and grid of the embedded snapshot."""
    sources = (
        (
            source.title("en"),
            f"[{source.publisher}]({source.landing_page})" if source.landing_page else source.publisher,
            source.vintage,
            source.licence,
            source.attribution,
        )
        for source in SOURCES.values()
    )
    files = ((f"`{file}`", text(f"source.{source.id}", "en")) for source in SOURCES.values() for file in source.files)
    resources = (
        (
            f"`{name}`",
            _resource_title(name),
            str(resource["vintage"]),
            f"{resource['rows']:,}" if "rows" in resource else "",
            ", ".join(text(f"source.{source}", "en") for source in resource["sources"]),
        )
        for name, resource in Snapshot().resources.items()
    )
    return "\n".join(
        [
            NOTE,
            "# Data\n",
            _INTRODUCTION,
            "## Sources\n",
            table(("data", "publisher", "year", "licence", "attribution"), sources),
            "## Live sources\n",
            _LIVE,
            _live_table(),
            "## What the snapshot holds\n",
            "`nabij data list` shows the same on your screen; `nabij data verify` checks every file.\n",
            table(("name", "contents", "year", "rows", "rests on"), resources),
            "## Raw files\n",
            "What `nabij data build --from DIR` looks for below `DIR`. A shapefile comes with its `.dbf`, `.shx` and "
            "`.prj`.\n",
            table(("file", "data"), files),
        ]
    )


def _live_table() -> str:
    """Every source that can be refreshed: where it lives, how often it is renewed, and what is believable of it."""
    rows = []
    for source in live_sources().values():
        live = live_of(source.id)
        named = {"": live.address, **live.more}
        addresses = "<br>".join(f"{name} `{address}`".strip() for name, address in named.items() if address)
        if not live.confirmed:
            addresses = f"{addresses} (not confirmed)" if addresses else "none: give a file or address"
        low, high = live.bounds.rows
        rows.append(
            (
                f"`{source.id}`",
                source.title("en"),
                text(f"protocol.{live.protocol}", "en"),
                addresses,
                text(f"rhythm.{live.rhythm}", "en"),
                f"{low:,}–{high:,}",
                "{:,}–{:,}".format(*live.bounds.total) if live.bounds.total else "",
            )
        )
    return table(("id", "data", "how", "address", "renewed", "rows", "total"), rows)


def _resource_title(name: str) -> str:
    if name.startswith("zones_"):
        return "borders: " + text(f"level.{name.removeprefix('zones_').rpartition('_')[0]}.plural", "en")
    return text(f"resource.{name}", "en") if has_text(f"resource.{name}") else ""
