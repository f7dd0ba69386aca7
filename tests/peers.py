"""Real services on loopback for the tests: MapServer (WFS 2.0) and pygeoapi (OGC API Features)."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd

from tests.unit.misbehaving import Misbehaviour, ReceivedRequest, closed_port, serving

LOOPBACK = "127.0.0.1"
_LAYER = """
  LAYER
    NAME "{name}"
    TYPE {kind}
    STATUS ON
    CONNECTIONTYPE OGR
    CONNECTION "{path}"
    DATA "{name}"
    PROJECTION "init=epsg:31370" END
    TEMPLATE "none"
    METADATA
      "ows_title" "{name}"
      "gml_include_items" "all"
      "gml_featureid" "{key}"
      {more}
    END
  END
"""
_MAP = """
MAP
  NAME "peer"
  EXTENT 20000 150000 262000 247000
  UNITS METERS
  PROJECTION "init=epsg:31370" END
  OUTPUTFORMAT
    NAME "geojson"
    DRIVER "OGR/GEOJSON"
    MIMETYPE "application/json"
    FORMATOPTION "STORAGE=memory"
    FORMATOPTION "FORM=simple"
  END
  WEB
    METADATA
      "ows_title" "peer"
      "ows_onlineresource" "{url}?"
      "ows_srs" "EPSG:31370 EPSG:4326 EPSG:3812"
      "ows_enable_request" "*"
      "wfs_getfeature_formatlist" "gml,geojson"
      "wfs_namespace_prefix" "{prefix}"
      "wfs_namespace_uri" "http://{host}/{prefix}"
      {more}
    END
  END
{layers}
END
"""


@dataclass(frozen=True)
class PublishedLayer:
    """What a peer publishes under a name; ``key`` is the attribute that identifies a feature."""

    name: str
    frame: gpd.GeoDataFrame
    key: str


@dataclass(frozen=True)
class Peer:
    """A running service: its address and the requests it got (MapServer only)."""

    url: str
    asked: list[ReceivedRequest] = field(default_factory=list)


@contextmanager
def mapserver(command: str, folder: Path, prefix: str, *layers: PublishedLayer, most: int = 0) -> Iterator[Peer]:
    """Publish layers as WFS 2.0.

    Parameters
    ----------
    command : path of ``mapserv``
    folder : for the map file and the data
    prefix : namespace of the types, as in ``VRBG:Refgem``
    most : features an answer holds at most, whatever is asked (0: no such cap)
    """
    data = folder / "peer.gpkg"
    for layer in layers:
        layer.frame.to_file(data, layer=layer.name, driver="GPKG")
    (folder / "peer.conf").write_text("CONFIG\n  ENV\n  END\nEND\n", encoding="utf-8")
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "MAPSERVER_CONFIG_FILE": str(folder / "peer.conf"),
        "MS_MAPFILE": str(folder / "peer.map"),
        "REQUEST_METHOD": "GET",
    }
    more = f'"wfs_maxfeatures" "{most}"' if most else ""
    text = "".join(_LAYER.format(name=x.name, kind=_kind(x.frame), path=data, key=x.key, more=more) for x in layers)
    with serving() as server:
        url = server.on_call("/wfs", lambda asked: _cgi(command, environment, urlencode(asked.query)))
        (folder / "peer.map").write_text(
            _MAP.format(url=url, prefix=prefix, host=LOOPBACK, layers=text, more=more), encoding="utf-8"
        )
        yield Peer(url, server.asked)


def _kind(frame: gpd.GeoDataFrame) -> str:
    return "POINT" if (frame.geom_type == "Point").all() else "POLYGON"


def _cgi(command: str, environment: Mapping[str, str], query: str) -> Misbehaviour:
    """Run the CGI program once."""
    done = subprocess.run([command], env={**environment, "QUERY_STRING": query}, capture_output=True, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode().splitlines())
    return Misbehaviour(body, headers={name: value.strip() for name, _, value in lines if name == "Content-Type"})


@contextmanager
def pygeoapi(python: Path, folder: Path, *layers: PublishedLayer, most: int = 500) -> Iterator[Peer]:
    """Publish layers as OGC API Features.

    Parameters
    ----------
    python : interpreter of the environment that holds pygeoapi
    folder : for the configuration and the data
    most : features on a page at most, whatever is asked
    """
    port = closed_port()
    url = f"http://{LOOPBACK}:{port}"
    for layer in layers:
        layer.frame.to_crs("EPSG:4326").assign(id=layer.frame[layer.key]).to_file(
            folder / f"{layer.name}.geojson", driver="GeoJSON"
        )
    config = folder / "peer-config.yml"
    config.write_text(json.dumps(_configuration(url, port, folder, layers, most)), encoding="utf-8")
    environment = {
        **os.environ,
        "PYGEOAPI_CONFIG": str(config),
        "PYGEOAPI_OPENAPI": str(folder / "peer-openapi.json"),
    }
    _openapi(python, config, folder, environment)
    serve = f"from pygeoapi.flask_app import APP; APP.run(host='127.0.0.1', port={port}, threaded=True)"
    log = (folder / "peer.log").open("w", encoding="utf-8")
    process = subprocess.Popen([str(python), "-c", serve], env=environment, stdout=log, stderr=log)
    try:
        _wait_until_up(url, process)
        yield Peer(url)
    finally:
        process.terminate()
        process.wait()
        log.close()


def _openapi(python: Path, config: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Write the API document that pygeoapi reads when it starts."""
    target = folder / "peer-openapi.json"
    make = "from pygeoapi.openapi import generate_openapi_document as g; import sys, pathlib; "
    make += "pathlib.Path(sys.argv[2]).write_text(g(pathlib.Path(sys.argv[1]), 'json', False))"
    subprocess.run([str(python), "-c", make, str(config), str(target)], env=dict(environment), check=True)


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until the service answers; a service that ended says so."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"pygeoapi ended with code {process.returncode} before it answered")
        try:
            with urllib.request.urlopen(f"{url}/conformance?f=json"):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("pygeoapi did not answer")


def _configuration(url: str, port: int, folder: Path, layers: tuple[PublishedLayer, ...], most: int) -> dict[str, Any]:
    words = {"en": "peer"}
    return {
        "server": {
            "bind": {"host": LOOPBACK, "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en"],
            "limits": {"default_items": 10, "max_items": most, "on_exceed": "throttle"},
            "map": {"url": f"http://{LOOPBACK}/", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": words,
                "description": words,
                "keywords": {"en": ["peer"]},
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": url,
            },
            "license": {"name": "none", "url": url},
            "provider": {"name": "peer", "url": url},
            "contact": {"name": "peer", "email": "peer@localhost"},
        },
        "resources": {layer.name: _resource(layer, folder) for layer in layers},
    }


def _resource(layer: PublishedLayer, folder: Path) -> dict[str, Any]:
    lambert = "http://www.opengis.net/def/crs/EPSG/0/31370"
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    return {
        "type": "collection",
        "title": layer.name,
        "description": layer.name,
        "keywords": ["peer"],
        "links": [],
        "extents": {"spatial": {"bbox": [2.0, 50.0, 6.5, 52.0], "crs": crs84}},
        "providers": [
            {
                "type": "feature",
                "name": "GeoJSON",
                "data": str(folder / f"{layer.name}.geojson"),
                "id_field": "id",
                "crs": [crs84, lambert, "http://www.opengis.net/def/crs/EPSG/0/4326"],
                "storage_crs": crs84,
            }
        ],
    }
