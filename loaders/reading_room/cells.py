"""Text of a file's bytes and of its cells."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message

UTF8, WINDOWS = "utf-8-sig", "cp1252"
_UTF32 = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"))
_UTF16 = (*_UTF32, (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_TWICE = re.compile(r"Ã[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ ]|â€")


def decode(data: bytes, file: str, *, utf16: bool = False) -> tuple[str, str]:
    """Text of a file and its encoding, `UTF8` (with or without a mark) or `WINDOWS`; else `DataError`.

    ``utf16``: whether that is read too, as spreadsheets write *Unicode text*.
    """
    wide = None
    if utf16:
        wide = next((encoding for mark, encoding in _UTF16 if data.startswith(mark)), None) or _wide(data[:2_000])
    if wide is None and (data.startswith(tuple(mark for mark, _ in _UTF16)) or b"\x00" in data):
        raise DataError(Message("error.file.not_text", file=file))
    for encoding in (wide,) if wide else (UTF8, WINDOWS):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            fault = error
    key = "error.file.not_text" if wide else "error.file.byte"
    raise DataError(Message(key, file=file, byte=str(fault.start + 1))) from fault


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark, where every second byte of plain text is zero."""
    half = len(head) // 2
    if half < 8:
        return None
    zeros = head[1 : 2 * half : 2].count(0), head[0 : 2 * half : 2].count(0)
    if zeros[0] > 0.8 * half and zeros[1] == 0:
        return "utf-16-le"
    return "utf-16-be" if zeros[1] > 0.8 * half and zeros[0] == 0 else None


def decoded_once(text: str) -> str:
    """Text that was UTF-8, read as Windows-1252 and written as UTF-8 again, as it was; '' for any other.

    Examples
    --------
    >>> decoded_once("CafÃ©"), decoded_once("Café"), decoded_once("CafÃ© is Café")
    ('Café', '', '')
    """
    if not _TWICE.search(text):
        return ""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""


def cell_text(value: Any) -> str:
    """Text of a cell or attribute; whole numbers without a decimal point, so that codes stay codes."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value).strip()
