"""The library that draws charts, as one file for the browser: loaded with the first chart that somebody opens."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import flask

from layers.files.file_cache import Encoded
from pages.server.map_files import packed

_VENDOR = Path(__file__).resolve().parents[2] / "layers" / "vendor"
PARTS = (_VENDOR / "d3" / "d3.min.js", _VENDOR / "plot" / "plot.min.js")
"""Files of the library; the second rests on the first."""

_VERSION = re.compile(r"v(\d+\.\d+\.\d+)")


@cache
def chart_library_address() -> str:
    """Address of the library, which names the versions in it."""
    versions = [_VERSION.search(path.read_text(encoding="utf-8")[:200]) for path in PARTS]
    return f"libraries/plot-{'-'.join(match.group(1) for match in versions if match)}.js"


@cache
def _library() -> Encoded:
    content = b"\n".join(path.read_bytes() for path in PARTS)
    return Encoded.of(content, 9)


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Add the address to a server."""
    server.add_url_rule(
        prefix + chart_library_address(), "nabij_library", lambda: packed(_library(), "text/javascript")
    )
