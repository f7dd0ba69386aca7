"""Which status the page of an area has: an area that is not there is not found, and the page says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from i18n.errors import NabijError
from pages.municipality.asked import is_known
from pages.request.input_kinds import fits
from pages.shell.context import current
from pages.shell.masthead import PAGES
from pages.shell.session_uploads import with_own, without_lost
from pages.shell.state import read_state
from pages.shell.view_inputs import CHOICES


def status_of(path: str, values: Mapping[str, str]) -> HTTPStatus:
    """Status of an address; that of any page but this one is `HTTPStatus.OK`."""
    if path.strip("/") != PAGES["municipality"]:
        return HTTPStatus.OK
    context = current()
    given = {name: str(value) for name, value in values.items()}
    state = read_state(given, context.lang)
    if not fits(CHOICES, state.__dict__):
        return HTTPStatus.BAD_REQUEST
    try:
        context_now = with_own(context, without_lost(state))
    except NabijError:
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.OK if is_known(context_now, given, context.lang) else HTTPStatus.NOT_FOUND
