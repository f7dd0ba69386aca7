"""Options of ``nabij site``, ``nabij closures`` and ``nabij criterion``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from commands.options import WHAT, WHERE, Question, TableFormat, TableOptions, option

_NEW = "Which new places (welke nieuwe plaatsen)"
_ALONG = "Two services at once (twee diensten samen)"


@dataclass(frozen=True, kw_only=True)
class SiteOptions(TableOptions):
    """Options of ``nabij site``; values are checked by `coverage.siting.planning.question.request.PlacementSpec`."""

    add: Annotated[
        int, option("--add", "N", _NEW, "How many new places (nieuwe plaatsen); lscp finds that itself.")
    ] = 1
    objective: Annotated[
        str,
        option(
            "--objective",
            "mclp|p-median|p-center|lscp",
            _NEW,
            "mclp: most births within reach; p-median: least travel; p-center: the longest way as short as can be; "
            "lscp: all births within reach with the fewest new places.",
        ),
    ] = "mclp"
    candidates: Annotated[
        str | None,
        option(
            "--candidates",
            "sector|neighbourhood|cell|station|FILE",
            _NEW,
            "Where a place may come (kandidaten): middles of sectors or wijken, inhabited hectares, stations, or your "
            "own list of buildings; left out, sector, or what the region has for it.",
        ),
    ] = None
    capacity: Annotated[
        bool,
        option("--capacity", "", _NEW, "A place can take only so many births (capaciteit); with mclp or p-median."),
    ] = False
    births_per_place: Annotated[
        float | None,
        option("--births-per-place", "N", _NEW, "Births a year that a place without known hours can take."),
    ] = None
    whole: Annotated[
        bool,
        option(
            "--whole",
            "",
            _NEW,
            "With --capacity or --min-births: all births of a hectare or sector go to one place (niet splitsen).",
        ),
    ] = False
    min_births: Annotated[
        float | None,
        option(
            "--min-births",
            "N",
            _NEW,
            "Births a year that each new place must at least be given (minimum per plaats); with mclp or p-median.",
        ),
    ] = None
    spacing: Annotated[
        float | None,
        option("--spacing", "METRES", _NEW, "Keep new places this far, as the crow flies, from any other."),
    ] = None
    most_per: Annotated[
        str | None,
        option(
            "--most-per",
            "LEVEL:N",
            _NEW,
            "A zone of this level has at most so many (per zone), those there are included.",
        ),
    ] = None
    least_per: Annotated[
        str | None,
        option(
            "--least-per",
            "LEVEL:N",
            _NEW,
            "Every zone of this level with a candidate has at least so many: municipality:1 is a door in each.",
        ),
    ] = None
    close: Annotated[
        str,
        option("--close", "ID,...", _NEW, "Places that may close (sluiten), each for one more new one: it moves."),
    ] = ""
    budget: Annotated[
        float | None,
        option("--budget", "AMOUNT", _NEW, "What opening and closing may cost together (budget)."),
    ] = None
    open_cost: Annotated[
        float, option("--open-cost", "AMOUNT", _NEW, "With --budget: what a new place costs (kost van openen).")
    ] = 1.0
    close_cost: Annotated[
        float, option("--close-cost", "AMOUNT", _NEW, "With --budget: what closing a place costs (kost van sluiten).")
    ] = 0.0
    alternatives: Annotated[
        int,
        option(
            "--alternatives", "N", _NEW, "Also give up to N other choices that gain at most 1 % less (alternatieven)."
        ),
    ] = 0
    time_limit: Annotated[
        float,
        option("--time-limit", "SECONDS", _NEW, "After this the best answer so far is given, with its gap."),
    ] = 60.0
    along: Annotated[
        str,
        option(
            "--with",
            "SERVICE:N",
            _ALONG,
            "Also site so many of another service (ook een andere dienst), such as house:1, so that most births "
            "reach the one and the other; they may share an address, new or there already, where they are said to.",
        ),
    ] = ""
    along_within: Annotated[
        float | None,
        option("--with-within", "METRES", _ALONG, "Near enough for the other service; left out, as --within."),
    ] = None
    new_addresses: Annotated[
        int | None,
        option(
            "--new-addresses",
            "N",
            _ALONG,
            "How many new addresses at most (nieuwe adressen); more places than that share one.",
        ),
    ] = None
    address_cost: Annotated[
        float,
        option(
            "--address-cost",
            "AMOUNT",
            _ALONG,
            "With --budget: what a new address costs, once, beside --open-cost for each place (kost van een adres).",
        ),
    ] = 0.0
    after: Annotated[
        Path | None,
        option("--after", "FILE", None, "Also write the zone table as it would be (toestand nadien)."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ClosureOptions(TableOptions):
    """Options of ``nabij closures``."""

    pairs: Annotated[
        bool, option("--pairs", "", WHAT, "Instead, close two at once (paren) that are each other's way out.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class CriterionOptions(Question):
    """Options of ``nabij criterion``."""

    min_births: Annotated[
        float | None,
        option(
            "--min-births",
            "N",
            WHAT,
            "Births a year that justify a place (drempel van geboorten); left out, the norm of the service, if it "
            "has one.",
        ),
    ] = None
    min_density: Annotated[
        float | None, option("--min-density", "N", WHAT, "Births a year per km² that the area must have (dichtheid).")
    ] = None
    count: Annotated[
        str,
        option(
            "--count",
            "in_reach|only_here|area",
            WHAT,
            "Which births count: all within reach of the site, those nobody else reaches, or all of the area.",
        ),
    ] = "in_reach"
    at: Annotated[
        str | None,
        option("--at", "LAT,LON", WHERE, "The site; left out, the best middle of a sector in the area."),
    ] = None
    area: Annotated[
        Path | None,
        option("--area", "FILE", WHERE, "Polygon you drew (GeoJSON, GPKG), in place of --in."),
    ] = None
    format: TableFormat = None
