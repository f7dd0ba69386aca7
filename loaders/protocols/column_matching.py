"""Which column of a user's file is which field: recognised by its header, or as the user says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from i18n.errors import DataError
from i18n.messages import Message, MessageError
from loaders.protocols.spellings import field_of, plain_word

SEVERAL = frozenset({"address"})
"""Fields that may stand in several columns, which then count as one text."""

NOTHING = ""
"""Field of a column that the user wants left out."""


def parse_mapping(options: Sequence[str]) -> dict[str, str]:
    """Read what was given to ``--map``: ``COLUMN=FIELD``, once per column.

    Raises
    ------
    InputError
        when one is not of that form, or a column is named twice

    Examples
    --------
    >>> parse_mapping(["Noord-Zuid=lat", "Oost=lon"])
    {'Noord-Zuid': 'lat', 'Oost': 'lon'}
    """
    mapping: dict[str, str] = {}
    for option in options:
        column, equals, field = (part.strip() for part in option.rpartition("="))
        if not (equals and column):
            raise MessageError("error.list.map_form", value=option)
        if column in mapping:
            raise MessageError("error.list.map_twice", column=column)
        mapping[column] = field
    return mapping


def columns_of(
    headers: Iterable[str], known: Mapping[str, str], mapping: Mapping[str, str], file: str
) -> dict[str, str | None]:
    """Field of every column, None where it is not known; what the user says goes before what a header says.

    Parameters
    ----------
    headers : columns of the file, as written
    known : field by spelling (`loaders.protocols.spellings.spellings`)
    mapping : field by column, as the user says; `NOTHING` leaves a column out
    file : name for messages

    Raises
    ------
    InputError
        when the user names a column or a field that does not exist
    DataError
        when two columns mean the same field
    """
    headers = list(headers)
    said = {_find_header(column, headers, file): _check_field(field, known, file) for column, field in mapping.items()}
    taken = set(said.values()) - SEVERAL
    found: dict[str, str | None] = {}
    for header in headers:
        own = said.get(header, field_of(header, known))
        found[header] = None if header not in said and own in taken else own or None
    _check_once(found, file)
    return found


def _find_header(column: str, headers: list[str], file: str) -> str:
    alike = [header for header in headers if plain_word(header) == plain_word(column)]
    if column in headers or alike:
        return column if column in headers else alike[0]
    raise MessageError("error.list.map_none", file=file, column=column, found=", ".join(headers))


def _check_field(field: str, known: Mapping[str, str], file: str) -> str:
    fields = dict.fromkeys(known.values())
    if field == NOTHING or field in fields:
        return field
    meant = field_of(field, known)
    if meant is None:
        raise MessageError("error.list.map_field", file=file, field=field, known=", ".join(fields))
    return meant


def _check_once(found: Mapping[str, str | None], file: str) -> None:
    first: dict[str, str] = {}
    for header, field in found.items():
        if field is None or field in SEVERAL:
            continue
        if field in first:
            same = Message("error.list.same_field", file=file, first=first[field], second=header, field=field)
            raise DataError(same)
        first[field] = header
