"""Under which names the explorer may be asked, and from which pages; so that no foreign site can ask in one's place."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from i18n.messages import MessageError

VARIABLE = "NABIJ_ALLOWED_HOSTS"
"""Names that are allowed besides those of ``--allow-host``, with commas between."""

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_LOCAL = "localhost"
_SIOCGIFADDR = 0x8915
_NOWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses for documentation: asking which of ours would be used for them sends nothing."""


class AllowedHosts:
    """Names in the ``Host`` header that are answered: those of loopback, and those given.

    Parameters
    ----------
    names : further names and addresses, without a port
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {_plain(name) for name in names}

    def allows(self, host: str) -> bool:
        """Whether a ``Host`` header, with or without a port, is one of ours."""
        name = _plain(_without_port(host))
        return name == _LOCAL or name in self._names or _is_loopback(name)

    def allows_origin(self, origin: str, host: str) -> bool:
        """Whether a page may ask: it comes from the address that is asked, or from one of the names given.

        A name may come with another port than is asked, since a server in front may have one; an address may not, for
        there something else of the same machine may listen.
        """
        try:
            parts = urlsplit(origin)
            name, netloc = parts.hostname or "", parts.netloc
        except ValueError:
            return False
        if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{netloc}" or "@" in netloc:
            return False
        known = _plain(name) in self._names and not _is_address(_plain(name))
        return netloc.lower() == host.lower() or known


def given_hosts(options: Iterable[str], environ: Mapping[str, str] | None = None) -> list[str]:
    """Gather the names that were given on the command line and in the environment.

    Raises
    ------
    MessageError
        a name with a scheme, a port, a path or a wildcard
    """
    environ = os.environ if environ is None else environ
    named = [*options, *environ.get(VARIABLE, "").split(",")]
    names = [name.strip() for name in named if name.strip()]
    for name in names:
        if not _NAME.fullmatch(_plain(name)) and not _is_address(_plain(name)):
            raise MessageError("serving.host_name", name=name)
    return names


def own_addresses(bound: str) -> list[str]:
    """Return the addresses at which a machine is reached when it listens on an address.

    Parameters
    ----------
    bound : what it listens on; all addresses of the machine for ``0.0.0.0`` and ``::``
    """
    address = ipaddress.ip_address(bound.partition("%")[0])
    if not address.is_unspecified:
        return [str(address)]
    addresses = [*_outward(), *_of_interfaces()]
    both = address.version == 6
    kept = [one for one in addresses if both or ipaddress.ip_address(one).version == address.version]
    return list(dict.fromkeys(one for one in kept if not _is_loopback(one)))


def written(address: str) -> str:
    """Return an address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


def _outward() -> Iterable[str]:
    """Addresses that would be used to reach another network."""
    for target, family in _NOWHERE:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            yield str(probe.getsockname()[0]).partition("%")[0]


def _of_interfaces() -> Iterable[str]:
    """IPv4 addresses of the network interfaces, where the system tells them (Linux)."""
    if os.name != "posix":
        with suppress(OSError):
            for one in socket.getaddrinfo(socket.gethostname(), None):
                yield str(one[4][0]).partition("%")[0]
        return
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                asked = struct.pack("256s", name.encode()[:15])
                yield socket.inet_ntoa(fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, asked)[20:24])


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0] if host.count(":") == 1 else host


def _plain(name: str) -> str:
    """Write a name in one way: small letters, an address as `ipaddress` does."""
    name = name.strip().lower().removeprefix("[").removesuffix("]")
    return str(ipaddress.ip_address(name)) if _is_address(name) else name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback
