"""Where sources are fetched from: the catalogue, unless a user says otherwise.

An address or file of the user's own counts in this order: ``--source ID=FILE|URL``, the environment
(``NABIJ_SOURCE_BIRTHS``), ``nabij.toml`` in the user's configuration folder. Further addresses of a source are named
``ID.NAME`` (``NABIJ_SOURCE_POI_TYPES``)::

    [sources]
    births = "downloads/pop1992-mov2025.xlsx"
    "poi.types" = "https://example.org/poitypes"
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs

from i18n.errors import DataError
from i18n.messages import Message, MessageError, Reason, Word
from loaders.catalogue.publishers.sources import get_source, live_of, live_sources

CONFIG_FILE = "nabij.toml"
CONFIG_VARIABLE, CACHE_VARIABLE, PREFIX = "NABIJ_CONFIG", "NABIJ_CACHE", "NABIJ_SOURCE_"
Origin = Literal["option", "environment", "config", "catalogue"]
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True)
class Override:
    """An address or file that a user put in the place of the catalogue's."""

    address: str | Path
    origin: Origin


@dataclass(frozen=True)
class Settings:
    """Addresses of the sources.

    Attributes
    ----------
    overrides : by source id, or ``id.name`` for a further address
    cache_dir : folder for kept answers
    contact : page or person that the User-Agent names
    """

    overrides: Mapping[str, Override] = field(default_factory=dict)
    cache_dir: Path = field(default_factory=lambda: platformdirs.user_cache_path("nabij", appauthor=False))
    contact: str = ""

    @classmethod
    def load(
        cls, options: Sequence[str] = (), environ: Mapping[str, str] | None = None, config: Path | None = None
    ) -> Settings:
        """Gather what the user said.

        Parameters
        ----------
        options : values of ``--source``
        environ : environment; left out, that of the process
        config : configuration file; left out, ``NABIJ_CONFIG`` or ``nabij.toml`` in the user's folder, if there is one

        Raises
        ------
        InputError
            a source that does not exist, a file that does not exist, or an option that is not ``ID=FILE|URL``
        DataError
            the configuration file cannot be read
        """
        environ = os.environ if environ is None else environ
        given = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
        path = given or platformdirs.user_config_path("nabij", appauthor=False) / CONFIG_FILE
        configured = _read_config(path, needed=given is not None)
        overrides = dict(_of_config(configured, path)) | dict(_of_environment(environ)) | dict(_of_options(options))
        cache = environ.get(CACHE_VARIABLE) or configured.get("cache")
        return cls(
            overrides,
            Path(str(cache)).expanduser() if cache else platformdirs.user_cache_path("nabij", appauthor=False),
            str(configured.get("contact", "")),
        )

    def address(self, source_id: str, name: str = "", **values: object) -> str | Path:
        """Address of a source, or the file a user gave; ``{year}`` and the like are filled in from ``values``.

        Parameters
        ----------
        name : one of the further addresses of the source; left out, the main one

        Raises
        ------
        InputError
            no such source, or a source that has no address and was given none
        """
        live = live_of(source_id)
        override = self.overrides.get(_key(source_id, name))
        if override is not None and isinstance(override.address, Path):
            return override.address
        if override is None and not name and live.protocol == "file":
            raise MessageError("error.source.no_address", source=source_id)
        address = str(override.address) if override else (live.more[name] if name else live.address)
        for key, value in values.items():
            address = address.replace(f"{{{key}}}", str(value))
        return address

    def overridden(self, source_id: str, name: str = "") -> bool:
        """Whether a user gave an address or file."""
        return _key(source_id, name) in self.overrides

    def origin(self, source_id: str, name: str = "") -> Origin:
        """Where the address comes from."""
        override = self.overrides.get(_key(source_id, name))
        return override.origin if override else "catalogue"


def _key(source_id: str, name: str) -> str:
    return f"{source_id}.{name}" if name else source_id


def _keys() -> Iterator[str]:
    """Every name that can be overridden."""
    for source_id in live_sources():
        yield source_id
        yield from (_key(source_id, name) for name in live_of(source_id).more)


def _override(key: str, value: str, origin: Origin, sentence: str | Message, folder: Path) -> tuple[str, Override]:
    source_id, _, name = key.partition(".")
    get_source(source_id)
    if name and name not in live_of(source_id).more:
        known = ", ".join(_key(source_id, more) for more in live_of(source_id).more)
        raise MessageError(
            "error.source.no_further",
            where=sentence,
            source=source_id,
            name=name,
            known=known or Word("error.source.none"),
        )
    if _ADDRESS.match(value):
        return key, Override(value, origin)
    if _SCHEME.match(value):
        raise MessageError("error.source.scheme", where=sentence, value=value)
    path = folder / Path(value).expanduser()
    if not path.is_file():
        raise MessageError("error.source.no_file", where=sentence, value=value)
    return key, Override(path, origin)


def _of_options(options: Sequence[str]) -> Iterator[tuple[str, Override]]:
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise MessageError("error.source.option", value=option)
        yield _override(key.strip(), value.strip(), "option", f"--source {key.strip()}", Path())


def _of_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, Override]]:
    known = {PREFIX + key.upper().replace(".", "_"): key for key in _keys()}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or not value.strip():
            continue
        if variable not in known:
            get_source(variable.removeprefix(PREFIX).lower())
        yield _override(
            known[variable], value.strip(), "environment", Message("error.source.variable", name=variable), Path()
        )


def _of_config(configured: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Override]]:
    sources = configured.get("sources", {})
    if not isinstance(sources, dict):
        raise DataError(Message("error.source.config_table", file=str(path)))
    for source_id, value in sources.items():
        if not isinstance(value, (str, dict)):
            raise DataError(Message("error.source.config_text", file=str(path), source=source_id))
        entries = {source_id: value} if isinstance(value, str) else {f"{source_id}.{k}": v for k, v in value.items()}
        for key, address in entries.items():
            yield _override(key, str(address), "config", str(path), path.parent)


def _read_config(path: Path, *, needed: bool) -> dict[str, Any]:
    if not path.is_file():
        if needed:
            raise MessageError("error.source.no_config", file=str(path))
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise DataError(Message("error.source.config", file=str(path), error=Reason(error))) from error
