"""Options of ``nabij site``, ``nabij closures`` and ``nabij criterion``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from commands.options import WHAT, WHERE, Question, TableFormat, TableOptions, option

_NEW = "help.panel.new"
_ALONG = "help.panel.along"
_AHEAD = "help.panel.ahead"


@dataclass(frozen=True, kw_only=True)
class SiteOptions(TableOptions):
    """Options of ``nabij site``; values are checked by `coverage.siting.planning.question.request.PlacementSpec`."""

    add: Annotated[int, option("--add", "N", _NEW, "help.add")] = 1
    objective: Annotated[
        str,
        option(
            "--objective",
            "mclp|p-median|p-center|lscp",
            _NEW,
            "help.objective",
        ),
    ] = "mclp"
    candidates: Annotated[
        str | None,
        option(
            "--candidates",
            "sector|neighbourhood|cell|station|public_buildings|FILE",
            _NEW,
            "help.candidates",
        ),
    ] = None
    building_kind: Annotated[
        str,
        option("--building-kind", "KIND,...", _NEW, "help.building_kind"),
    ] = ""
    capacity: Annotated[
        bool,
        option("--capacity", "", _NEW, "help.capacity"),
    ] = False
    births_per_place: Annotated[
        float | None,
        option("--births-per-place", "N", _NEW, "help.births_per_place"),
    ] = None
    whole: Annotated[
        bool,
        option(
            "--whole",
            "",
            _NEW,
            "help.whole",
        ),
    ] = False
    min_births: Annotated[
        float | None,
        option(
            "--min-births",
            "N",
            _NEW,
            "help.min_births",
        ),
    ] = None
    spacing: Annotated[
        float | None,
        option("--spacing", "METRES", _NEW, "help.spacing"),
    ] = None
    most_per: Annotated[
        str | None,
        option(
            "--most-per",
            "LEVEL:N",
            _NEW,
            "help.most_per",
        ),
    ] = None
    least_per: Annotated[
        str | None,
        option(
            "--least-per",
            "LEVEL:N",
            _NEW,
            "help.least_per",
        ),
    ] = None
    close: Annotated[
        str,
        option("--close", "ID,...", _NEW, "help.close"),
    ] = ""
    budget: Annotated[
        float | None,
        option("--budget", "AMOUNT", _NEW, "help.budget"),
    ] = None
    open_cost: Annotated[float, option("--open-cost", "AMOUNT", _NEW, "help.open_cost")] = 1.0
    close_cost: Annotated[float, option("--close-cost", "AMOUNT", _NEW, "help.close_cost")] = 0.0
    weight: Annotated[
        str,
        option("--weight", "deprivation[:NUMBER]", _NEW, "help.weight"),
    ] = ""
    alternatives: Annotated[
        int,
        option("--alternatives", "N", _NEW, "help.alternatives"),
    ] = 0
    time_limit: Annotated[
        float,
        option("--time-limit", "SECONDS", _NEW, "help.time_limit"),
    ] = 60.0
    min_births_existing: Annotated[
        float | None, option("--min-births-existing", "N", _NEW, "help.min_births_existing")
    ] = None
    fill_existing: Annotated[bool, option("--fill-existing", "", _NEW, "help.fill_existing")] = False
    article9: Annotated[bool, option("--article9", "", _NEW, "help.article9")] = False
    robust: Annotated[str, option("--robust", "draws|years|places[:N]", _AHEAD, "help.robust")] = ""
    phased: Annotated[bool, option("--phased", "", _AHEAD, "help.phased")] = False
    frontier: Annotated[bool, option("--frontier", "", _AHEAD, "help.site_frontier")] = False
    why: Annotated[str | None, option("--why", "LAT,LON", _AHEAD, "help.why")] = None
    along: Annotated[
        str,
        option(
            "--with",
            "SERVICE:N",
            _ALONG,
            "help.with",
        ),
    ] = ""
    along_within: Annotated[
        float | None,
        option("--with-within", "METRES", _ALONG, "help.with_within"),
    ] = None
    new_addresses: Annotated[
        int | None,
        option(
            "--new-addresses",
            "N",
            _ALONG,
            "help.new_addresses",
        ),
    ] = None
    address_cost: Annotated[
        float,
        option(
            "--address-cost",
            "AMOUNT",
            _ALONG,
            "help.address_cost",
        ),
    ] = 0.0
    after: Annotated[
        Path | None,
        option("--after", "FILE", None, "help.after"),
    ] = None
    by_fifth: Annotated[
        Path | None,
        option("--by-fifth", "FILE", None, "help.by_fifth"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ClosureOptions(TableOptions):
    """Options of ``nabij closures``."""

    pairs: Annotated[bool, option("--pairs", "", WHAT, "help.pairs")] = False


@dataclass(frozen=True, kw_only=True)
class CriterionOptions(Question):
    """Options of ``nabij criterion``."""

    min_births: Annotated[
        float | None,
        option(
            "--min-births",
            "N",
            WHAT,
            "help.criterion_min_births",
        ),
    ] = None
    min_density: Annotated[float | None, option("--min-density", "N", WHAT, "help.min_density")] = None
    count: Annotated[
        str,
        option(
            "--count",
            "in_reach|only_here|area",
            WHAT,
            "help.count",
        ),
    ] = "in_reach"
    at: Annotated[
        str | None,
        option("--at", "LAT,LON", WHERE, "help.at"),
    ] = None
    area: Annotated[
        Path | None,
        option("--area", "FILE", WHERE, "help.area"),
    ] = None
    format: TableFormat = None
