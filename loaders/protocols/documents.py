"""Answers in JSON and XML, read in the reading room and put together again: no bytes of a service are read here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from loaders.reading_room import PUBLISHER, read

_PLAIN: tuple[Callable[[str], Any], ...] = (lambda _: None, bool, int, float, str, lambda _: [], lambda _: {})
"""Value of a text by the number of its kind (`loaders.reading_room.sources.documents.KINDS`)."""

_LIST = 5


def read_json(data: bytes, where: str) -> Any:
    """Document in JSON, as dicts, lists and plain values.

    Raises
    ------
    NotDataError
        the bytes are none
    DataError
        it is nested too deeply, or holds too many values
    """
    table = read("json", data, file=where, limits=PUBLISHER).tables["values"]
    kinds, keys = table["kind"].to_pylist(), table["key"].to_pylist()
    values = [_PLAIN[kind](words) for kind, words in zip(kinds, table["text"].to_pylist(), strict=True)]
    for row, parent in enumerate(table["parent"].to_pylist()[1:], start=1):
        if kinds[parent] == _LIST:
            values[parent].append(values[row])
        else:
            values[parent][keys[row]] = values[row]
    return values[0]


def read_xml(data: bytes, where: str) -> Element:
    """Root of a document in XML; errors as of `read_json`."""
    answer = read("xml", data, file=where, limits=PUBLISHER)
    table, attributes = answer.tables["elements"], answer.tables["attributes"]
    elements = []
    for tag, words in zip(table["tag"].to_pylist(), table["text"].to_pylist(), strict=True):
        element = Element(tag)
        element.text = words
        elements.append(element)
    for row, parent in enumerate(table["parent"].to_pylist()[1:], start=1):
        elements[parent].append(elements[row])
    for given in attributes.to_pylist():
        elements[given["element"]].set(given["name"], given["value"])
    return elements[0]
