"""The kinds of place that are known: those that come with nabij, and those of a file of the user's own.

A service is declared and not programmed: ``services.toml`` beside this module holds the two that come with nabij, the
file that `VARIABLE` names in the environment holds more. ``--services FILE`` sets that variable, so that every process
that is started from here knows the same services.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from i18n.errors import DataError
from i18n.messages import Message, MessageError
from i18n.texts import add_texts, text
from loaders.catalogue.service_file import Service, read_services, service_texts

VARIABLE = "NABIJ_SERVICES"
"""Name in the environment of a file with services of one's own."""

BUILT_IN = Path(__file__).with_suffix(".toml")
"""The services that come with nabij."""

BEYOND_REACH, OVER_CAPACITY = "beyond_reach", "over_capacity"
"""Reasons for a gap that every service has; the others are declared with it."""


@lru_cache(maxsize=8)
def _built_in() -> dict[str, Service]:
    return read_services(BUILT_IN)


@lru_cache(maxsize=8)
def _declared(file: str) -> dict[str, Service]:
    """All services: the built-in ones in their order, then those of a file."""
    known = dict(_built_in())
    for service in read_services(Path(file)).values() if file else ():
        if service.id in known:
            raise DataError(Message("services.error.clash", file=file, at=service.id))
        known[service.id] = service
    _check_together(file, known)
    return known


def _check_together(file: str, known: Mapping[str, Service]) -> None:
    """Names of reasons are unique, and services that are named exist."""
    reasons = {BEYOND_REACH, OVER_CAPACITY}
    spelled: dict[str, str] = {}
    for service in known.values():
        for reason in service.reasons:
            at = f"{service.id}.reasons.{reason.name}"
            if reason.name in reasons:
                raise DataError(Message("services.error.clash", file=file, at=at))
            reasons.add(reason.name)
            if reason.of and reason.of not in known:
                raise _fault(file, f"{at}.rule", reason.of, known)
        named = {"shares_address_with": service.shares_address_with, "area_covers": (service.area_covers,)}
        for key, others in named.items():
            for other in filter(None, others):
                if other not in known:
                    raise _fault(file, f"{service.id}.{key}", other, known)
        for word in service.written:
            if spelled.setdefault(word, service.id) != service.id:
                raise DataError(Message("services.error.spelling", file=file, at=f"{service.id}.spellings", value=word))


def _fault(file: str, key: str, value: str, known: Iterable[str]) -> DataError:
    return DataError(Message("services.error.word", file=file, at=key, value=value, known=", ".join(known)))


def services() -> Mapping[str, Service]:
    """Every service by its id, the built-in ones first.

    Raises
    ------
    MissingFileError, DataError
        when a file of services of one's own cannot be used
    """
    return _declared(os.environ.get(VARIABLE, "").strip())


def declare_services(file: Path) -> None:
    """Take up the services of a file, in this process and in those that it starts; see `services` for what is raised.

    An absolute path is kept, so that it does not matter where another process works.
    """
    whole = str(file.expanduser().absolute())
    _declared(whole)
    os.environ[VARIABLE] = whole


def get_service(service: str) -> Service:
    """Return the declaration of a service; `InputError` for another word."""
    known = services()
    if service not in known:
        raise MessageError("error.question.service", value=str(service), known=", ".join(known))
    return known[service]


def default_service() -> str:
    """Id of the service that is asked about where none is named: the first one."""
    return next(iter(services()))


def needs_walk_in() -> list[str]:
    """Ids of the services whose places count only where families can walk in."""
    return [service.id for service in services().values() if service.walk_in]


def partnership_services() -> list[str]:
    """Ids of the services whose places belong to partnerships."""
    return [service.id for service in services().values() if service.partnerships]


def gap_reasons() -> tuple[str, ...]:
    """Words that may stand in ``gap_reasons``, in order."""
    declared = (reason.name for service in services().values() for reason in service.reasons)
    return (BEYOND_REACH, *declared, OVER_CAPACITY)


def may_share(one: str, other: str) -> bool:
    """Whether two services may stand at one address: when either says so of the other."""
    return other in get_service(one).shares_address_with or one in get_service(other).shares_address_with


def service_with_area_rule() -> Service:
    """Service of which the areas of partnerships must cover those of another one: the first that declares it."""
    return next(service for service in services().values() if service.area_covers)


def service_words() -> dict[str, str]:
    """Service by every word that a list may hold for it, in plain letters."""
    return {word: service.id for service in services().values() for word in service.written}


def services_in_words(lang: str, *, ids: bool = False) -> str:
    """Words that a list may hold for the services, such as ``bureau of huis``; ``ids`` for those of a program."""
    words = [name if ids else text(f"service.{name}.in_list", lang) for name in services()]
    last = f" {text('services.or', lang)} "
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class ServicesInWords:
    """The words that a list may hold for the services, as a value of a message."""

    def sentence(self, lang: str) -> str:
        """Return them in a language."""
        return services_in_words(lang)


def _texts() -> Mapping[str, Mapping[str, str]]:
    return _texts_of(os.environ.get(VARIABLE, "").strip())


@lru_cache(maxsize=8)
def _texts_of(file: str) -> Mapping[str, Mapping[str, str]]:
    return {key: entry for service in _declared(file).values() for key, entry in service_texts(service).items()}


add_texts(_texts)
