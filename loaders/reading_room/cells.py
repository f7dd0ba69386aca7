"""Text of a file's bytes and of its cells."""

from __future__ import annotations

from typing import Any

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message

UTF8, WINDOWS = "utf-8-sig", "cp1252"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, file: str) -> tuple[str, str]:
    """Text of a file and its encoding, `UTF8` (with or without byte order mark) or `WINDOWS`; else `DataError`."""
    if data.startswith(_UTF16) or b"\x00" in data:
        raise DataError(Message("error.file.not_text", file=file))
    try:
        return data.decode(UTF8), UTF8
    except UnicodeDecodeError:
        pass
    try:
        return data.decode(WINDOWS), WINDOWS
    except UnicodeDecodeError as error:
        raise DataError(Message("error.file.byte", file=file, byte=str(error.start + 1))) from error


def cell_text(value: Any) -> str:
    """Text of a cell or attribute; whole numbers without a decimal point, so that codes stay codes."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
