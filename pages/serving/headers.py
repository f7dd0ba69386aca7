"""Headers that every answer carries, so that a browser does with it only what the explorer needs."""

from __future__ import annotations

from collections.abc import Sequence

import flask

_OFF = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation"),
    *("gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock"),
    *("usb", "xr-spatial-tracking"),
)
_FOREVER = "public, max-age=31536000, immutable"
_ASSETS = "/assets/"
_MODULE = ".mjs"
_ANSWERS = "/_dash-"
TILES = "https://tile.openstreetmap.org"
"""Where the optional background of the map comes from, once somebody asks for it (``assets/js``)."""


def content_security_policy(scripts: Sequence[str] = ()) -> str:
    """Return what a page may load and run: what comes from this server, and inline scripts with a known hash.

    Parameters
    ----------
    scripts : hashes of inline scripts, such as ``'sha256-…'``
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *scripts]),
        "style-src": "'self' 'unsafe-inline'",  # Mantine and AG Grid write <style> elements: docs/decisions/109
        "img-src": f"'self' data: blob: {TILES}",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'none'",
        "object-src": "'none'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def fixed_headers(policy: str = "") -> list[tuple[str, str]]:
    """Return the headers of every answer; left out, the policy is that of an answer that runs no script of its own."""
    return [
        ("Content-Security-Policy", policy or content_security_policy()),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", ", ".join([*(f"{name}=()" for name in _OFF), "fullscreen=(self)"])),  # to present
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Embedder-Policy", "credentialless"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]


def cache_control(path: str, mimetype: str, *, fingerprinted: bool) -> str:
    """Return how long an answer may be kept by a browser, where whoever made it did not say."""
    if path.endswith(_MODULE) and not fingerprinted:
        return "public, no-cache"  # one module names another as it is called: all are to be of one version
    if path.startswith(_ASSETS):
        return _FOREVER if fingerprinted else "public, max-age=3600"
    if path.startswith(_ANSWERS):
        return "no-store"
    return "private, no-cache" if mimetype == "text/html" else "no-store"


class Headers:
    """Headers of the answers of one explorer; the hashes are set once its callbacks are known."""

    def __init__(self) -> None:
        self.policy = content_security_policy()

    def allow_scripts(self, hashes: Sequence[str]) -> None:
        """Let these inline scripts run, and no others."""
        self.policy = content_security_policy(sorted(set(hashes)))

    def add(self, response: flask.Response) -> flask.Response:
        """Put the headers on an answer."""
        for name, value in fixed_headers(self.policy):
            response.headers[name] = value
        request = flask.request
        made = response.headers.get("Cache-Control", "")
        if response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        elif not made or request.path.startswith(_ASSETS):
            fingerprinted = bool(request.args.get("m"))
            response.headers["Cache-Control"] = cache_control(
                request.path, response.mimetype or "", fingerprinted=fingerprinted
            )
        return response


def attach(server: flask.Flask) -> Headers:
    """Put the headers on every answer of a server; attach this before anything else that changes answers."""
    headers = Headers()
    server.after_request(headers.add)
    return headers
