"""What a table says about itself: the question in words, evidence, sources, caveats, and how to make it again."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from coverage.core.minutes import in_minutes, metres_told
from i18n.errors import Translatable
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, has_text, text
from layers.sentences.grammar import called
from layers.sentences.travel_words import exact_words
from loaders.catalogue.columns import DECLARED
from loaders.catalogue.publishers.source_words import source_word
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.core.query import Query
    from loaders.snapshot.reader import Snapshot

Kind = Literal[
    "coverage",
    "gaps",
    "map",
    "access",
    "site",
    "closures",
    "barriers",
    "criterion",
    "isochrone",
    "trend",
    "justify",
    "norm",
    "figure",
    "dossier",
    "profile",
]
"""What was made: a table of all zones, of those with a gap, a map, access measures, new places, closures, a verdict."""


@dataclass(frozen=True)
class SourceNote:
    """One source as it is cited in a file."""

    title: str
    publisher: str = ""
    vintage: str = ""
    licence: str = ""
    address: str = ""

    def __str__(self) -> str:
        """Return the citation on one line."""
        return " · ".join(part for part in (self.title, self.publisher, self.vintage, self.licence) if part)


@dataclass(frozen=True)
class Notes:
    """Everything a file must say beside its figures. It holds no time, so that files can be made again bit for bit.

    Attributes
    ----------
    title : what the table or map shows
    question : the query in words
    warning : the sentence that says data are made up; empty where they are not
    evidence : how the facilities are known, a word of ``loaders.catalogue.columns.EVIDENCE``
    sources : what the figures rest on
    caveats : what to keep in mind
    command : the command that gives the same table again
    snapshot : SHA-256 that names the snapshot
    version : version of nabij
    lang : language of the texts
    """

    title: str
    question: str
    warning: str
    evidence: str
    sources: tuple[SourceNote, ...]
    caveats: tuple[str, ...]
    command: str
    snapshot: str
    version: str
    lang: str = DEFAULT_LANGUAGE

    def lines(self) -> list[tuple[str, str]]:
        """Return (label, text) pairs in reading order, the warning first; no text holds a line break."""

        def label(name: str) -> str:
            return text(f"export.{name}", self.lang)

        pairs = [
            *self._warning_line(),
            (label("title"), self.title),
            (label("question"), self.question),
            (label("evidence"), text(f"evidence.{self.evidence}", self.lang)),
            *((label("caveat"), caveat) for caveat in self.caveats),
            *((label("source"), str(source)) for source in self.sources),
            (label("command"), self.command),
            (label("snapshot"), self.snapshot),
            (label("version"), f"nabij {self.version}"),
        ]
        return [(name, " ".join(value.split())) for name, value in pairs]

    def _warning_line(self) -> list[tuple[str, str]]:
        """Return the warning, what comes before its colon being its label."""
        before, colon, after = self.warning.partition(":")
        return [(before.strip(), after.strip())] if colon else []

    def descriptor(self, columns: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the notes as plain data for file metadata, with unit and title of every column asked for."""
        described = {name: describe_column(name, self.lang) for name in columns}
        return {**asdict(self), "columns": described} if columns else asdict(self)


def describe_column(name: str, lang: str) -> dict[str, str]:
    """Type, unit and title of a declared column; empty for a column that is not declared."""
    column = DECLARED.get(name)
    if column is None:
        return {}
    title = text(f"column.{name}", lang) if has_text(f"column.{name}") else name
    return {"type": column.kind, "unit": column.unit, "title": title}


def describe(analysis: Analysis, snapshot: Snapshot, kind: Kind, lang: str = DEFAULT_LANGUAGE) -> Notes:
    """Describe an analysis.

    Parameters
    ----------
    analysis : what was computed
    snapshot : what it was computed from
    kind : what is being made of it
    lang : language of the texts
    """
    query = analysis.query
    made_up = analysis.evidence == "illustrative"
    return Notes(
        title=heading(query, kind, lang),
        question=question(analysis, snapshot, lang),
        warning=text("export.illustrative", lang) if made_up else "",
        evidence=analysis.evidence,
        sources=tuple(_source(snapshot, source, lang) for source in analysis.sources),
        caveats=(*(caveat(analysis, key, lang) for key in analysis.caveats), *probability_note(analysis, lang)),
        command=command(
            query, facilities_word(analysis), kind, snapshot.given_as(query.level), complete_word(analysis)
        ),
        snapshot=snapshot.hash,
        version=version("nabij"),
        lang=lang,
    )


_AMOUNTS = ("births_per_hour",)
"""Details of an answer that are numbers with decimals; others are shares."""


def caveat(analysis: Analysis, key: str, lang: str = DEFAULT_LANGUAGE) -> str:
    """One caveat in words, numbers written as people write them."""

    def written(name: str, value: object) -> object:
        if name in _AMOUNTS and isinstance(value, float):
            return format_number(value, lang, 2)
        if isinstance(value, float):
            return format_percent(value, lang, 1)
        if isinstance(value, Translatable):
            return value.sentence(lang)
        return format_number(value, lang) if isinstance(value, int) else value

    told = {name: written(name, value) for name, value in analysis.details.items()}
    return text(key, lang, **({"told": ""} | told))


def heading(query: Query, kind: Kind, lang: str = DEFAULT_LANGUAGE) -> str:
    """Title of a table or map."""
    return text(
        f"export.heading.{kind}",
        lang,
        service=text(f"service.{query.service}", lang),
        services=text(f"service.{query.service}.plural", lang),
        level=text(f"level.{query.level}", lang),
    )


def question(analysis: Analysis, snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE) -> str:
    """Put a query in words: who, how far, from what, at which scale, where."""
    query = analysis.query
    asked = text(
        "export.asks",
        lang,
        demand=demand_words(analysis, lang),
        service=text(f"service.{query.service}", lang),
        mode=text(f"mode.{query.mode}", lang),
        reach=exact_words(query.reach_m, query, lang),
        model=text(f"model.{query.model}", lang),
        level=text(f"level.{query.level}", lang),
        vintage=query.held_vintage,
        share=format_percent(query.min_share, lang),
    )
    if not query.areas:
        return asked
    areas = ", ".join(_area(snapshot, level, zone, query.vintage, lang) for level, zone in query.areas)
    return f"{asked} {text('export.asks_where', lang, areas=areas)}"


def demand_words(analysis: Analysis, lang: str = DEFAULT_LANGUAGE) -> str:
    """Whom the figures are about, with the year."""
    return text(f"demand.{analysis.demand.kind}.of", lang, year=analysis.demand.year)


def command(query: Query, facilities: str, kind: Kind, level: str, complete: str = "") -> str:
    """Return the command that asks ``query`` again, with every option written out.

    ``complete`` are the areas that a list is complete for.
    """
    in_time = bool(query.minutes) or query.speed is not None or not metres_told(query)
    asked = (float(in_minutes(query.reach_m, query)),) if in_time and query.within_m is not None else ()
    options: dict[str, object] = {
        "--service": query.service,
        "--level": level,
        "--vintage": query.vintage,
        "--in": ",".join(f"{level}:{zone}" for level, zone in query.areas),
        "--facilities": facilities,
        "--complete-for": complete,
        "--mode": query.mode,
        "--model": query.model,
        "--network": query.network,
        "--matrix": query.matrix,
        "--within": None if in_time else f"{query.reach_m:.15g}",
        "--minutes": ",".join(f"{minutes:.15g}" for minutes in query.minutes or asked),
        "--speed": query.speed,
        "--ferries": True if query.ferries else None,
        "--min-share": f"{query.min_share:.15g}",
        "--births-per-hour": query.births_per_hour,
        "--demand": query.demand,
        "--year": query.year,
        "--draws": query.draws or None,
        "--seed": query.seed if query.draws else None,
    }
    words = ["nabij", kind]
    for name, value in options.items():
        if value not in ("", None):
            words += option_words(name, value)
    for column, field in query.matrix_columns:
        words += ["--map", f"{column}={field}"]
    return shlex.join(words)


def option_words(name: str, value: object) -> list[str]:
    """An option as it is typed; one that is on or off stands by itself."""
    return [name] if value is True else [name, str(value)]


def facilities_word(analysis: Analysis) -> str:
    """Return what was given to ``--facilities``: a name, or the name of the user's file."""
    facilities = analysis.facilities
    return facilities.sources[0] if facilities.name == "user" else facilities.name


def complete_word(analysis: Analysis) -> str:
    """Return what was given to ``--complete-for``."""
    return ",".join(f"{level}:{zone}" for level, zone in analysis.facilities.complete_for)


def _area(snapshot: Snapshot, level: str, zone: str, vintage: int, lang: str) -> str:
    from coverage.zones.areas import area_vintage

    zones = snapshot.zone_rows(level, area_vintage(level, vintage)).set_index("zone_id")["zone_name"]
    return f"{text(f'level.{level}', lang)} {called(str(zones.get(zone, zone)), lang)}"


def _source(snapshot: Snapshot, source: str, lang: str) -> SourceNote:
    """Cite a source of the snapshot by its id; what is not an id is a citation already."""
    entry = snapshot.sources.get(source)
    if entry is None:
        return SourceNote(source)
    title = entry["title"] if lang == "en" else entry.get(f"title_{lang}", entry["title"])
    publisher, vintage, licence = (source_word(str(entry[name]), lang) for name in ("publisher", "vintage", "licence"))
    return SourceNote(title, publisher, vintage, licence, entry["path"])


def cite(
    snapshot: Snapshot, resources: tuple[str, ...], lang: str = DEFAULT_LANGUAGE, more: tuple[str, ...] = ()
) -> tuple[SourceNote, ...]:
    """Cite the sources behind resources of the snapshot, then ``more`` ids or citations; each once."""
    ids = [str(source) for name in resources for source in snapshot.resources.get(name, {}).get("sources", ())]
    return tuple(_source(snapshot, source, lang) for source in dict.fromkeys([*ids, *more]))


def births_out_of_reach(analysis: Analysis) -> tuple[float | None, float]:
    """Births out of reach in the whole table (None where distances are not known), and all births they are part of.

    Zones whose distances are not known are in neither: see `births_not_told`.
    """
    table = analysis.table
    known = table["births_out_of_reach"].notna()
    if not known.any():
        return None, float(table["births"].sum())
    return float(table.loc[known, "births_out_of_reach"].sum()), float(table.loc[known, "births"].sum())


def births_not_told(analysis: Analysis) -> float:
    """Births of zones whose distances are not known, while those of others are; 0 where it is all or nothing."""
    table = analysis.table
    known = table["births_out_of_reach"].notna()
    return float(table.loc[~known, "births"].sum()) if known.any() else 0.0


def summary(analysis: Analysis, lang: str = DEFAULT_LANGUAGE) -> str:
    """One line: how many zones have a gap, and how many births are out of reach."""
    whole = analysis.table
    table = whole[whole["zone_id"] != NOT_KNOWN_HERE]  # births of no known zone are no zone
    level = text(f"level.{analysis.query.level}.plural", lang)
    unjudged = int(table["gap"].isna().sum())
    parts = [
        text(
            "export.summary.zones",
            lang,
            gaps=format_number(int(table["gap"].sum()), lang),
            zones=format_number(len(table), lang),
            level=level,
        )
    ]
    if unjudged:
        parts.append(text("export.summary.unjudged", lang, n=format_number(unjudged, lang)))
    elsewhere = float(whole.loc[whole["zone_id"] == NOT_KNOWN_HERE, "births"].sum())
    if elsewhere > 0:
        words = {"births": format_number(elsewhere, lang), "demand": demand_words(analysis, lang)}
        parts.append(text("export.summary.not_known_here", lang, **words))
    out, total = births_out_of_reach(analysis)
    if out is None:
        parts.append(text("export.summary.no_distance", lang))
    else:
        parts.append(
            text(
                "export.summary.births",
                lang,
                births=format_number(out, lang),
                total=format_number(total, lang),
                demand=demand_words(analysis, lang),
                share=format_percent(out / total if total else None, lang),
            )
        )
        lacking = births_not_told(analysis)
        if lacking > 0:
            parts.append(text("export.summary.births_not_told", lang, births=format_number(lacking, lang)))
    return " ".join(["; ".join(parts) + ".", *probability_note(analysis, lang), *told_options(analysis, lang)])


def probability_note(analysis: Analysis, lang: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Sentences on how sure the probability of a gap is, and where it contradicts the label; none without draws."""
    drawn = analysis.certainty
    if drawn is None:
        return ()
    error = format_number(drawn.largest_error, lang, 3)
    told = text("summary.probability", lang, draws=format_number(drawn.draws, lang), seed=drawn.seed, error=error)
    against = int(analysis.table["flags"].fillna("").str.split(";").map(lambda flags: "label_disagrees" in flags).sum())
    return (told, text("summary.label_disagrees", lang, n=against)) if against else (told,)


def told_options(analysis: Analysis, lang: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Sentences on what was asked for and could not be followed: another year of borders, hours that are not known."""
    return tuple(
        caveat(analysis, key, lang) for key in analysis.caveats if key in ("caveat.no_hours", "caveat.vintage")
    )


def inventory(snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE) -> list[list[str]]:
    """List what a snapshot holds, as rows of texts, the header first."""
    header = [text(f"cli.inventory.{name}", lang) for name in _INVENTORY]
    return [header, *(_inventory_row(snapshot, resource, lang) for resource in snapshot.resources.values())]


_INVENTORY = ("name", "title", "vintage", "rows", "size", "source", "licence")


def _inventory_row(snapshot: Snapshot, resource: dict[str, Any], lang: str) -> list[str]:
    name = str(resource["name"])
    return [
        name,
        resource_title(name, lang),
        str(resource["vintage"]),
        format_number(resource["rows"], lang) if "rows" in resource else "",
        format_number(resource["bytes"] / 1000, lang) + " kB",
        ", ".join(str(_source(snapshot, source, lang).title) for source in resource["sources"]),
        ", ".join(str(licence["title"]) for licence in resource["licenses"]),
    ]


def resource_title(name: str, lang: str) -> str:
    """Title of a resource of a snapshot: of zones their kind; its name where nothing better is known."""
    if name.startswith("zones_"):
        return text(f"level.{name.removeprefix('zones_').rpartition('_')[0]}.plural", lang)
    return text(f"resource.{name}", lang) if has_text(f"resource.{name}") else name
