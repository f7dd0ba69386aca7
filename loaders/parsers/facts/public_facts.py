"""What public pages say about bureaus, houses, GP circles and care regions: bytes to frames of cited facts.

A fact is not a building and the collection is not a register: a municipality that is absent says nothing, an
intermunicipal house has one row per member, and what was planned was never confirmed. The facts are shown
beside the map and steer the illustrative set; they are never a base for a gap.

Free-text notes of the collector are not carried over. What they hold is turned into columns (since when,
together with whom, how many places, how sure the date is) and told again in our own words by
`loaders.parsers.facts.fact_statement`.
"""

from __future__ import annotations

import re

import pandas as pd

from i18n.errors import DataError
from loaders.catalogue.schemas import PUBLIC_FACT_COLUMNS
from loaders.parsers.municipal import plain_name
from loaders.protocols.tables import HEADER_ROWS, check_codes, read_csv

_RAW = [
    "municipality",
    "nis2025",
    "sub_municipality",
    "postcode",
    "street",
    "number",
    "service",
    "status",
    "physical",
    "shared_site",
    "organiser",
    "as_of",
    "source_url",
    "source_title",
    "note",
]
_SERVICES = ("bureau", "house")
_STATUSES = ("exists", "planned", "closed", "none")
_TRUTH: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None, "": None}
_SINCE = re.compile(
    r"(?<!antenna point )(?<!action )\b(?:since|founded|opened|recognised|started|launched) "
    r"(?:(?!about)[\w.]+ ){0,2}?(\d{4})\b",
    re.IGNORECASE,
)
_INFERRED = re.compile(r"undated|inferred|approximate|year from|circa|date from|date only", re.IGNORECASE)
_JOINT = re.compile(
    r"intermunicipal|\bjoint (?!action)|each of these municipalities|for four municipalities|regional huis|"
    r"partnership with|also serves|also organises|house is of|huis van het kind \w+-\w+",
    re.IGNORECASE,
)
_HOST = ["nis2025", "note"]
_COUNT = re.compile(r"^(\d+) houses\b")
_SHARED = re.compile(r"\bbuilding with (?:K&G )?bureau", re.IGNORECASE)


def parse_public_facts(data: bytes, codes: pd.DataFrame, file: str = "documented_facilities.csv") -> pd.DataFrame:
    """Facts on bureaus and houses from public pages, one row per fact (`PUBLIC_FACT_COLUMNS`).

    Parameters
    ----------
    data : the collected file, UTF-8 CSV
    codes : crosswalk of municipalities (``nis2018, name2018, nis2019, nis2025, name2025``)

    Raises
    ------
    DataError
        unknown NIS code, a name that does not belong to its code, an unknown word; each names file and row
    MissingColumnError
        a column is absent
    """
    raw = read_csv(data, file, _RAW)
    check_names(raw, codes, file)
    check_words(raw, "service", _SERVICES, file)
    check_words(raw, "status", _STATUSES, file)
    for column in ("physical", "shared_site"):
        check_words(raw, column, tuple(_TRUTH), file)
    check_sources(raw, file)
    note = raw["note"]
    facts = raw[[c for c in PUBLIC_FACT_COLUMNS if c in raw.columns]].copy()
    facts["nis2019"] = [
        member_of(codes, nis, sub) for nis, sub in zip(raw["nis2025"], raw["sub_municipality"], strict=True)
    ]
    facts["physical"] = raw["physical"].map(_TRUTH).astype("boolean")
    shared = raw["shared_site"].map(_TRUTH).astype("boolean")
    facts["shared_site"] = shared.mask(note.str.contains(_SHARED), True)
    facts["since"] = pd.to_numeric(note.str.extract(_SINCE, expand=False)).astype("Int64")
    facts["place_count"] = pd.to_numeric(note.str.extract(_COUNT, expand=False)).astype("Int64")
    facts["partners"] = _partners(facts["nis2019"], raw, codes)
    facts["as_of"] = dates(raw["as_of"])
    facts["as_of_basis"] = basis_of(raw["as_of"], note)
    return tidy(facts, list(PUBLIC_FACT_COLUMNS), ["nis2025", "nis2019", "service", "status", "as_of", "source_url"])


def member_of(codes: pd.DataFrame, nis2025: str, sub_municipality: str = "") -> str:
    """NIS code of 2019 of the member of ``nis2025`` a fact speaks of; empty when that cannot be told.

    The only member there is; else the one ``sub_municipality`` names, or that carries the name of the whole.
    """
    members = codes[codes["nis2025"] == nis2025]
    if (members["nis2019"] == members["nis2019"].iloc[0]).all():
        return str(members["nis2019"].iloc[0])
    wanted = {sub_municipality} if sub_municipality else {str(members["name2025"].iloc[0])}
    member_codes = members.loc[members["name2018"].map(plain_name).isin(wanted), "nis2019"].unique()
    return str(member_codes[0]) if len(member_codes) == 1 else ""


def check_names(raw: pd.DataFrame, codes: pd.DataFrame, file: str) -> None:
    """`DataError` naming the first row whose municipality does not belong to its code."""
    check_codes(raw["nis2025"], codes["nis2025"], file)
    names = dict(zip(codes["nis2025"], codes["name2025"], strict=True))
    wrong = raw["municipality"] != raw["nis2025"].map(names)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise DataError(
            f"{file}: row {row + HEADER_ROWS + 1}: NIS code {raw['nis2025'].iloc[row]!r} belongs to "
            f"{names[raw['nis2025'].iloc[row]]!r}, not to {raw['municipality'].iloc[row]!r}; "
            "correct one of the two."
        )


def check_words(raw: pd.DataFrame, column: str, words: tuple[str, ...], file: str) -> None:
    """`DataError` naming the first row with another word than ``words`` in a column."""
    bad = ~raw[column].isin(words)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        known = ", ".join(word or "(empty)" for word in words)
        raise DataError(
            f"{file}: row {row + HEADER_ROWS + 1}, column '{column}': {raw[column].iloc[row]!r} is not "
            f"one of {known}; correct that row."
        )


def check_sources(raw: pd.DataFrame, file: str) -> None:
    """`DataError` naming the first row without the address or the title of a page."""
    bad = ~raw["source_url"].str.match(r"https?://") | (raw["source_title"] == "")
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(
            f"{file}: row {row + HEADER_ROWS + 1} has no source; give the address and the title of the page "
            "it comes from."
        )


def members2018(raw: pd.DataFrame, codes: pd.DataFrame, file: str) -> pd.Series:
    """Municipalities of 2018 every row speaks of: the one named in ``old_name``, else all members."""
    codes_of_rows = []
    for row, (nis, old) in enumerate(zip(raw["nis2025"], raw["old_name"], strict=True)):
        members = codes[codes["nis2025"] == nis]
        if old:
            members = members[members["name2018"].map(plain_name) == old]
            if members.empty:
                raise DataError(
                    f"{file}: row {row + HEADER_ROWS + 1}: {old!r} is no municipality of 2018 within {nis!r}"
                    "; correct old_name or leave it empty."
                )
        elif raw.get("postcode", pd.Series("", raw.index)).iloc[row] and len(members) > 1:
            members = members[members["nis2018"] == nis]
        codes_of_rows.append(sorted(members["nis2018"]))
    return pd.Series(codes_of_rows, index=raw.index)


def _partners(nis2019: pd.Series, raw: pd.DataFrame, codes: pd.DataFrame) -> list[str]:
    """Members of the intermunicipal house a row speaks of, as codes of 2019.

    They are the municipalities the same page reports as joint, and those the note names.
    """
    joint = raw["note"].str.contains(_JOINT) & (raw["service"] == "house")
    together = nis2019[joint].groupby(raw["source_url"][joint]).agg(set).to_dict()
    names = dict(zip(codes["name2018"].map(plain_name), codes["nis2019"], strict=True))
    pattern = re.compile(rf"\b({'|'.join(re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n)))})\b")
    hosts = [member_of(codes, nis) if re.search("also organises", note) else "" for nis, note in raw[_HOST].to_numpy()]
    partners = []
    for own, host, note, url, is_joint in zip(nis2019, hosts, raw["note"], raw["source_url"], joint, strict=True):
        members = {own, host} | together[url] | {names[n] for n in pattern.findall(note)} if is_joint else set()
        partners.append(";".join(sorted(members - {""})) if len(members - {""}) > 1 else "")
    return partners


def dates(as_of: pd.Series) -> pd.Series:
    """``YYYY[-MM[-DD]]`` at the start of the value, empty when undated."""
    return as_of.str.extract(r"^(\d{4}(?:-\d{2}){0,2})", expand=False).fillna("")


def basis_of(as_of: pd.Series, note: pd.Series) -> pd.Series:
    """How the date of a fact is known: ``stated``, ``inferred`` or ``undated``."""
    basis = pd.Series("stated", index=as_of.index).mask(note.str.contains(_INFERRED), "inferred")
    return basis.mask(dates(as_of) == "", "undated")


def tidy(frame: pd.DataFrame, columns: list[str], order: list[str]) -> pd.DataFrame:
    """Columns of a table, in the order of its rows; rows that are equal in ``order`` keep theirs."""
    return frame[columns].sort_values(order, ignore_index=True, kind="stable")
