"""Where requests come in: what a browser sends is checked before anything reads it, and refused in one sentence.

Every input of a callback is declared in `inputs.declared`; a callback with another one cannot be registered. What is
not as declared is answered with 400, and any refusal is one sentence in the reader's language (`pages.shell.reader`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import flask
from dash.exceptions import DependencyException, InvalidResourceError
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest, HTTPException

from i18n.errors import without_folders
from i18n.texts import has_text
from pages.inputs.declared import INPUTS, NEEDED, PARTS
from pages.request.input_kinds import Choice, Many, Maybe, UnfitError
from pages.shell.reader import asked_in
from pages.shell.refusals import refusal, unfit

ADDRESS = "_dash-update-component"
"""Where Dash takes callbacks."""

_MAX_PARTS = 2_000
"""Components of one type, at most."""

_BODY = {"output", "outputs", "inputs", "state", "changedPropIds", "parsedChangedPropsIds"}
Declared = Mapping[str, Any]
Callbacks = Mapping[str, Mapping[str, Any]]


class UndeclaredError(TypeError):
    """A callback was to be registered with an input of which `pages.inputs.declared` does not say what it holds."""


def check_declared(callback: Mapping[str, Any]) -> None:
    """Raise `UndeclaredError` for a callback of Dash's map with an input that is not declared."""
    for part in (*callback["inputs"], *callback["state"]):
        name = name_of(part)
        if name not in INPUTS:
            raise UndeclaredError(f"Say in pages/inputs/declared.py what '{name}' may hold; a callback takes it in.")
        kind = part["id"].startswith("{")
        if kind and not (isinstance(INPUTS[name], Many) and _type(part) in PARTS):
            raise UndeclaredError(
                f"Say in pages/inputs/declared.py what the ids of '{name}' may hold; it is a list of them."
            )


def name_of(part: Mapping[str, Any]) -> str:
    """Name of an input in the table: id and property, or type and property."""
    return f"{_type(part) if part['id'].startswith('{') else part['id']}.{part['property']}"


def _type(part: Mapping[str, Any]) -> str:
    return str(json.loads(part["id"]).get("type"))


class _Strict(DefaultJSONProvider):
    """JSON as the standard has it: a name stands once, numbers are numbers, and it is not endlessly nested."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; `ValueError` for anything else."""
        try:
            return json.loads(s, object_pairs_hook=_once, parse_constant=_no_number, **kwargs)
        except RecursionError:
            raise ValueError("nested too deep") from None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name stands twice")
    return values


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def attach(server: flask.Flask, callbacks: Callbacks, prefix: str = "/") -> None:
    """Check what callbacks are sent on a server, and let every refusal be one sentence.

    Parameters
    ----------
    server : of the explorer; Dash has added its addresses
    callbacks : Dash's map of them, by output
    """
    server.json = _Strict(server)
    server.wsgi_app = _for_visitors(server.wsgi_app)  # type: ignore[method-assign]

    @server.before_request
    def check() -> flask.Response | None:
        if flask.request.path != prefix + ADDRESS or flask.request.method != "POST":
            return None
        try:
            return _checked(callbacks)
        except UnfitError as error:
            return unfit(error.at)

    @server.errorhandler(UnfitError)
    def not_declared(error: UnfitError) -> flask.Response:
        return unfit(error.at)

    @server.errorhandler(DependencyException)
    @server.errorhandler(InvalidResourceError)
    def no_script(_: Exception) -> flask.Response:
        return refusal(404, "request.404")

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Any:
        status = error.code or 500
        if status < 400:
            return error
        response = refusal(status, f"request.{status}" if has_text(f"request.{status}") else "request.other")
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "content-range"):
                response.headers[name] = value
        return response


def _for_visitors(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Answer requests so that no sentence says where files stand on this machine."""

    def answered(environ: Any, start_response: Any) -> Any:
        with without_folders():
            return answer(environ, start_response)

    return answered


def _checked(callbacks: Callbacks) -> flask.Response | None:
    """Refuse a body that no page of ours sends (`UnfitError`); an answer where there is nothing to call."""
    if not flask.request.is_json:
        raise UnfitError("Content-Type")
    try:
        body = flask.request.get_json()
    except (BadRequest, RecursionError):
        raise UnfitError("JSON") from None
    if not isinstance(body, dict) or not body.keys() <= _BODY:
        raise UnfitError("JSON")
    asked_in(list(_values(body)))
    output = body.get("output")
    callback = callbacks.get(output) if isinstance(output, str) else None
    if callback is None or "callback" not in callback:
        raise UnfitError("output")
    _check_outputs(str(output), body.get("outputs"))
    given = _parts(callback["inputs"], body.get("inputs"), "inputs")
    given |= _parts(callback["state"], body.get("state", []), "state")
    _check_changed(body.get("changedPropIds"), callback["inputs"])
    if any(name in NEEDED and value is None for name, value in given.items()):
        return flask.Response(status=204)
    return None


def _values(body: Mapping[str, Any]) -> Iterator[Any]:
    """Values of a body as it came, to find the reader's language in."""
    for group in (body.get("inputs"), body.get("state")):
        for part in group if isinstance(group, list) else ():
            if isinstance(part, dict):
                yield part.get("value")


def _check_outputs(output: str, given: Any) -> None:
    """Take the outputs that the name of the callback holds, in their order."""
    many = output.startswith("..") and output.endswith("..")
    wanted = [_target(one) for one in (output[2:-2].split("...") if many else [output])]
    outputs = given if many else [given]
    if not isinstance(outputs, list) or len(outputs) != len(wanted):
        raise UnfitError("outputs")
    for one, (name, of) in zip(outputs, wanted, strict=True):
        if not isinstance(one, dict) or one.keys() != {"id", "property"}:
            raise UnfitError("outputs")
        given_of = one["property"]
        if one["id"] != name or not isinstance(given_of, str) or given_of.partition("@")[0] != of:
            raise UnfitError("outputs")


def _target(output: str) -> tuple[str, str]:
    name, _, of = output.rpartition(".")
    return name, of.partition("@")[0]


def _parts(wanted: Sequence[Declared], given: Any, group: str) -> dict[str, Any]:
    """Values by the name of the input, each checked."""
    if not isinstance(given, list) or len(given) != len(wanted):
        raise UnfitError(group)
    return {name_of(part): _value(part, one) for part, one in zip(wanted, given, strict=True)}


def _value(part: Declared, given: Any) -> Any:
    """Value of an input, checked; a list for one that many components share."""
    name = name_of(part)
    if not part["id"].startswith("{"):
        value = _of_component(part["id"], part["property"], given, name)
        Maybe(INPUTS[name]).check(value, name)
        return value
    if not isinstance(given, list) or len(given) > _MAX_PARTS:
        raise UnfitError(name)
    for one in given:
        _check_id(part, one.get("id") if isinstance(one, dict) else None, name)
    values = [_of_component(one["id"], part["property"], one, name) for one in given]
    INPUTS[name].check(values, name)
    return values


def _of_component(name: Any, of: str, given: Any, at: str) -> Any:
    if not isinstance(given, dict) or not given.keys() <= {"id", "property", "value"}:
        raise UnfitError(at)
    if given.get("id") != name or given.get("property") != of:
        raise UnfitError(at)
    return given.get("value")


def _check_id(part: Declared, name: Any, at: str) -> None:
    """Take the id of one component of a type."""
    kind = _type(part)
    wanted = {"type": Choice((kind,)), **PARTS[kind]}
    if not isinstance(name, dict) or name.keys() != wanted.keys():
        raise UnfitError(at)
    for word, value in name.items():
        wanted[word].check(value, at)


def _check_changed(given: Any, inputs: Sequence[Declared]) -> None:
    """Take the names of inputs of the callback as what changed."""
    if not isinstance(given, list) or len(given) > _MAX_PARTS:
        raise UnfitError("changedPropIds")
    plain = {f"{part['id']}.{part['property']}" for part in inputs if not part["id"].startswith("{")}
    for one in given:
        if not isinstance(one, str):
            raise UnfitError("changedPropIds")
        if one in plain:
            continue
        name, _, of = one.rpartition(".")
        _check_one_of(inputs, name, of)


def _check_one_of(inputs: Sequence[Declared], written: str, of: str) -> None:
    """Take the written id of one component of a type that is an input."""
    try:
        name = json.loads(written)
    except (ValueError, RecursionError):
        raise UnfitError("changedPropIds") from None
    kind = name.get("type") if isinstance(name, dict) else None
    for part in inputs:
        if part["id"].startswith("{") and part["property"] == of and _type(part) == kind:
            return _check_id(part, name, "changedPropIds")
    raise UnfitError("changedPropIds")
