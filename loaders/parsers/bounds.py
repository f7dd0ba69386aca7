"""Is what came believable? The bounds stand in the catalogue, next to the address."""

from __future__ import annotations

from i18n.errors import DataError
from i18n.messages import Message, Word
from loaders.catalogue.publishers.sources import live_of


def check_bounds(source: str, where: str, *, rows: int, what: str, total: int | None = None) -> None:
    """`DataError` when a source gives fewer or more ``rows``, or a smaller or larger ``total``, than can be.

    Parameters
    ----------
    source : id in the catalogue
    where : file or address, for the error
    rows : number of rows or features of Flanders and Brussels
    what : what the rows are: the last part of a key ``error.live.rows.…``
    total : sum of the main figure over those rows
    """
    bounds = live_of(source).bounds
    for name, value, limits in (
        (Message("error.live.number_of", what=Word(f"error.live.rows.{what}")), rows, bounds.rows),
        (Message("error.live.sum_over", what=Word(f"error.live.rows.{what}")), total, bounds.total),
    ):
        if value is not None and limits is not None and not limits[0] <= value <= limits[1]:
            raise DataError(
                Message(
                    "error.live.bounds",
                    where=where,
                    name=name,
                    value=value,
                    least=limits[0],
                    most=limits[1],
                    source=source,
                )
            )
