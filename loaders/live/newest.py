"""The newest year that a publisher's yearly file answers for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from i18n.errors import FetchError
from i18n.messages import Message, Value
from loaders.pipeline.update import RefreshContext

if TYPE_CHECKING:
    from loaders.http.client import Expect, Response

YEARS_BACK = 3
"""How many years before this one are tried: figures of a year are out by the summer of the next."""


def get_newest(context: RefreshContext, source: str, own: tuple[Expect, ...] = ()) -> Response:
    """Zip of the year asked for, else of the newest year that answers; a file or address the user gave as it is.

    ``own`` are kinds that such a file may be besides a zip.

    Raises
    ------
    FetchError
        none of the years answers; tells what was tried last
    """
    if context.settings.overridden(source):
        return context.client.get(context.address(source), expect=("zip", *own))
    this_year = datetime.now(UTC).year
    years = [context.year] if context.year else range(this_year, this_year - YEARS_BACK - 1, -1)
    last: FetchError | None = None
    for year in years:
        try:
            return context.client.get(context.address(source, year=year), expect="zip")
        except FetchError as error:
            last = error
    told: dict[str, Value] = {"source": source, "year": str(years[0]), "last": last or ""}
    if len(years) > 1:
        raise FetchError(Message("error.live.newest_years", **told, until=str(years[-1]))) from last
    raise FetchError(Message("error.live.newest", **told)) from last
