"""Which column of a user's file is which field: recognised by its header, or as the user says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from i18n.errors import DataError
from i18n.messages import Enumeration, Message, MessageError, Value
from loaders.catalogue.plain_words import header_word
from loaders.protocols.spellings import field_of, near_field, plain_word, read_number, weak_of

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
    headers: Iterable[str],
    known: Mapping[str, str],
    mapping: Mapping[str, str],
    file: str,
    first_counts: frozenset[str] = frozenset(),
) -> dict[str, str | None]:
    """Field of every column, None where it is not known; what the user says goes before what a header says.

    Parameters
    ----------
    headers : columns of the file, as written
    known : field by spelling (`loaders.protocols.spellings.spellings`)
    mapping : field by column, as the user says; `NOTHING` leaves a column out
    file : name for messages
    first_counts : fields of which the first column is taken where there are several

    Raises
    ------
    InputError
        when the user names a column or a field that does not exist
    DataError
        when two columns mean the same field
    """
    headers = list(headers)
    chosen = {
        _find_header(column, headers, file): _check_field(field, known, file) for column, field in mapping.items()
    }
    taken = set(chosen.values()) - SEVERAL
    weak = weak_of(known)
    strong = {field_of(header, known) for header in headers if header not in chosen and not _is_weak(header, weak)}
    columns: dict[str, str | None] = {}
    for header in headers:
        own = chosen.get(header, field_of(header, known))
        elsewhere = _is_weak(header, weak) and own in strong | set(columns.values())
        again = own in first_counts and own in columns.values()
        passed = header not in chosen and (own in taken or elsewhere or again)
        columns[header] = None if passed else own or None
    _check_once(columns, file)
    return columns


def _is_weak(header: str, weak: frozenset[str]) -> bool:
    return plain_word(header).replace(" ", "_") in weak or header_word(header) in weak


def parse_constants(options: Sequence[str]) -> dict[str, str]:
    """Read what was given to ``--set``: ``FIELD=VALUE``, once per field.

    Raises
    ------
    InputError
        when one is not of that form, or a field is named twice

    Examples
    --------
    >>> parse_constants(["service=bureau"])
    {'service': 'bureau'}
    """
    constants: dict[str, str] = {}
    for option in options:
        field, equals, value = (part.strip() for part in option.partition("="))
        if not (equals and field and value):
            raise MessageError("error.list.set_form", value=option)
        if field in constants:
            raise MessageError("error.list.set_twice", field=field)
        constants[field] = value
    return constants


def lacking_columns(
    lacking: Sequence[tuple[Value, Sequence[str]]], columns: Mapping[str, str | None], known: Mapping[str, str]
) -> dict[str, Value]:
    """Values of the sentence that says all that a list lacks at once, with what to write for it.

    Parameters
    ----------
    lacking : what is lacking in words, and the fields that it takes; ``|`` stands between those of which one will do
    columns : field of every column, None where it is not known
    known : field by spelling
    """
    free = [header for header, field in columns.items() if field is None]
    given: list[str] = []
    for _, fields in lacking:
        for field in fields:
            either = field.split("|")
            near = next((one for one in free if near_field(one, known) in either), None)
            header = near or next((one for one in free if near_field(one, known) is None), "")
            meant = near_field(near, known) if near else either[0]
            given.append(f'"{header or "…"}={meant}"')
            if header:
                free.remove(header)
    return {"columns": Enumeration([what for what, _ in lacking]), "maps": " ".join(f"--map {one}" for one in given)}


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


def _check_once(columns: Mapping[str, str | None], file: str) -> None:
    first: dict[str, str] = {}
    for header, field in columns.items():
        if field is None or field in SEVERAL:
            continue
        if field in first:
            same = Message("error.list.same_field", file=file, first=first[field], second=header, field=field)
            raise DataError(same)
        first[field] = header


def check_headers(headers: Sequence[str], words: Collection[str], file: str, header: str) -> None:
    """Raise `DataError` where the first row is one of the list and no row of headers.

    Parameters
    ----------
    headers : texts of the row that was taken for headers
    words : what the cells of a list name in plain letters, and no header does
    file, header : for the message: the file, and a good header
    """
    numbers = sum(read_number(text) is not None for text in headers)
    if numbers >= 2 or (numbers and any(plain_word(text) in words for text in headers)):
        raise DataError(Message("error.list.no_header", file=file, first=", ".join(headers)[:120], header=header))
