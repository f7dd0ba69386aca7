"""Scripts and styles of the pages under addresses that name their content, so that a browser keeps them.

A module asks for others by their name alone: all of them stand in one folder, which is named after the content of all,
and versions never mix. The style sheets of the folder ``assets`` are one file, in the order of their names.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

import flask

from layers.files.file_cache import Encoded
from pages.server.map_files import packed
from pages.shell.refusals import not_here

_ASSETS = Path(__file__).resolve().parents[2] / "assets"
_FIRST = "main.mjs"
_STYLE = "look.css"
_TAG = 16
_THOROUGH = 9
_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?"\./([\w-]+\.mjs)";', re.MULTILINE)
"""A module that another cannot begin without; those that come with a question are asked for by ``import()``."""


@cache
def _modules() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((_ASSETS / "js").glob("*.mjs"))}


@cache
def _style() -> bytes:
    sheets = b"\n".join(path.read_bytes() for path in sorted((_ASSETS / "css").glob("*.css")))
    return sheets.replace(b'url("../', b'url("../../assets/')


@cache
def folder() -> str:
    """Folder of the scripts and styles of this version: ``modules/`` and what names their content."""
    content = sha256(_style())
    for name, script in _modules().items():
        content.update(name.encode() + b"\0" + script)
    return f"modules/{content.hexdigest()[:_TAG]}"


@cache
def needed_modules() -> tuple[str, ...]:
    """Names of the modules that a page begins with: the first, and what it rests on."""
    names, to_read = [_FIRST], [_FIRST]
    while to_read:
        for name in _IMPORT.findall(_modules()[to_read.pop()].decode()):
            if name not in names:
                names.append(name)
                to_read.append(name)
    return tuple(names)


def style_tag(prefix: str) -> str:
    """Markup of the styles of a page; ``prefix`` is where the explorer lies, such as ``/``."""
    return f'<link rel="stylesheet" href="{prefix}{folder()}/{_STYLE}">'


def script_tag(prefix: str) -> str:
    """Markup of the scripts of a page: the first module runs, the others are fetched at once, not one after another."""
    early = "".join(
        f'<link rel="modulepreload" href="{prefix}{folder()}/{name}">\n' for name in needed_modules() if name != _FIRST
    )
    return f'{early}<script src="{prefix}{folder()}/{_FIRST}" type="module"></script>'


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Add the addresses to a server."""
    server.add_url_rule(f"{prefix}modules/<tag>/<name>", "nabij_page_file", _file)


def _file(tag: str, name: str) -> flask.Response:
    if f"modules/{tag}" != folder() or name not in (_STYLE, *_modules()):
        not_here()
    return packed(_encoded(name), "text/css" if name == _STYLE else "text/javascript")


@cache
def _encoded(name: str) -> Encoded:
    """A file in what browsers take; names come from those that there are."""
    content = _style() if name == _STYLE else _modules()[name]
    return Encoded.of(content, _THOROUGH)
