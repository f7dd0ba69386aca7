"""Streets from a file that somebody names: an OpenStreetMap extract, or published lines as a build takes them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from i18n.errors import MissingFileError
from i18n.messages import Message, Note
from loaders.http.file_cache import file_sha256
from loaders.live.osm import check_osm_extract
from loaders.parsers.street_extract import parse_street_extract
from loaders.parsers.street_lines import StreetLines, parse_street_lines
from loaders.pipeline import expectations
from loaders.pipeline.derived.street_graph import make_street_graph
from loaders.pipeline.update import Origin, RefreshContext, Update

_PARQUET = b"PAR1"


def load_streets(context: RefreshContext) -> Update:
    """Streets of ``--source roads=FILE|URL`` in the place of those held.

    Raises
    ------
    InputError
        when no file or address is given
    DataError
        for another kind of file, one of elsewhere, without streets, or with too few for the region
    """
    address = context.address("roads")
    with TemporaryDirectory() as folder:
        path = address if isinstance(address, Path) else Path(folder) / "roads"
        if not isinstance(address, Path):
            context.client.download(address, Path(folder), name=path.name)
        if not path.is_file():
            raise MissingFileError(Message("error.live.extract_gone", file=str(path)))
        lines, year = _lines(path)
        graph, report = make_street_graph(lines)
        expectations.check_streets(graph, path.name)
        sha256 = file_sha256(path)
    vintage = str(context.snapshot.resources.get("streets_edges", {}).get("vintage", ""))
    notes = []
    if not year:
        notes.append(Note("note.streets_year", file=path.name))
    elif vintage and year < vintage:
        notes.append(Note("note.streets_older", file=path.name, year=year, held=vintage))
    facts = {name: int(value) for name, value in asdict(report).items()}
    fetched = context.client.now().isoformat(timespec="seconds")
    given = path.resolve().as_uri() if isinstance(address, Path) else address
    origin = Origin(given, sha256, fetched)
    return Update("roads", year or "unknown", (), tuple(notes), (origin,), streets=graph, street_facts=facts)


def _lines(path: Path) -> tuple[StreetLines, str]:
    with path.open("rb") as file:
        published = file.read(len(_PARQUET)) == _PARQUET
    if published:
        return parse_street_lines(path.read_bytes(), path.name), ""
    check_osm_extract(path)
    return parse_street_extract(path)
