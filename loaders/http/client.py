"""The HTTP client of the loaders: patient with servers, impatient with their excuses.

Connections, redirects, proxies and certificates are those of requests. What is ours: which failures are tried again and
for how long, what counts as data, and that a file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import requests
import urllib3

from i18n.errors import FetchError, MissingFileError, NotDataError
from i18n.messages import Message, NumberAsGiven, Value
from loaders.http.answer import HttpRequest, Progress, Response, file_name, response_of, user_agent, wanted_of
from loaders.http.faults import OWN_FILE, TryAgainError, check_content, check_status, lasting, may_pass, why
from loaders.http.file_cache import Cache, CachedAnswer, copy_into, draft_beside, file_sha256, storing
from loaders.http.sniff import HEAD_BYTES, Expect

__all__ = ["Client", "Expect", "Progress", "Response"]

REDIRECTS = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
LONGEST_RETRY_AFTER_S = 120.0
CHUNK_BYTES = 1 << 16
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


@dataclass
class Client:
    """Fetches data over HTTP.

    Parameters
    ----------
    cache_dir : folder of kept answers; without it every answer is fetched in full
    connect_s, read_s : longest wait for a connection, and for the next bytes
    deadline_s : longest time for one answer, however steadily it drips
    retries : further attempts after a failure that may pass (no connection, a stall, 429, 5xx)
    max_bytes : largest answer, after decompression
    pace_s : shortest time between two requests to one host
    contact : address of a page or person that the User-Agent names
    sleep, clock, now, rng : time and chance, replaced in tests
    """

    cache_dir: Path | None = None
    _: KW_ONLY
    connect_s: float = 5.0
    read_s: float = 30.0
    deadline_s: float = 1800.0
    retries: int = 4
    max_bytes: int = 2 << 30
    pace_s: float = 0.2
    contact: str = ""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    rng: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.max_redirects = REDIRECTS
        self._session.headers["User-Agent"] = user_agent(self.contact)
        self._lock = threading.Lock()
        self._next_start: dict[str, float] = {}
        self._cache = Cache(self.cache_dir) if self.cache_dir else None

    def __enter__(self) -> Client:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._session.close()

    def get(
        self,
        address: str | Path,
        params: Mapping[str, Any] | None = None,
        *,
        expect: Expect | tuple[Expect, ...] = (),
        accept: str = "",
    ) -> Response:
        """Fetch an address into memory, or read the file that a user gave in its place.

        Raises
        ------
        FetchError
            it could not be fetched; `NotDataError` when what came is none of the kinds in ``expect``
        MissingFileError
            the file is not there
        StorageError
            it could not be kept on disk
        """
        wanted = wanted_of(address, params, expect, accept)
        with (
            tempfile.TemporaryDirectory() as folder,
            self._fetched(wanted, address, Path(folder)) as (entry, body, fresh),
        ):
            return response_of(entry, body.read_bytes(), fresh)

    def download(
        self,
        address: str | Path,
        target_dir: Path,
        *,
        name: str = "",
        expect: Expect | tuple[Expect, ...] = (),
        progress: Progress | None = None,
    ) -> Response:
        """Fetch an address into a file of ``target_dir``, which appears only when it is complete; raises as `get`."""
        wanted = wanted_of(address, None, expect, "", progress)
        with self._fetched(wanted, address, target_dir) as (entry, body, fresh):
            return response_of(entry, copy_into(body, target_dir / (name or file_name(entry.final_url))), fresh)

    @contextmanager
    def _fetched(
        self, wanted: HttpRequest, address: str | Path, folder: Path
    ) -> Iterator[tuple[CachedAnswer, Path, bool]]:
        """Give the entry, the file with the body, and whether it came anew; the file may vanish afterwards."""
        if isinstance(address, Path):
            yield self._own_file(address, wanted), address, True
            return
        with draft_beside(self.cache_dir or folder) as (draft, file):
            kept = self._cache.lookup(wanted.key) if self._cache else None
            entry = self._persist(wanted, kept[0] if kept else None, draft, file)
            if kept and entry is kept[0]:
                yield entry, kept[1], False
            elif self._cache and any(entry.headers.get(name) for name in _CONDITIONS):
                yield entry, self._cache.store(entry, draft), True
            else:
                yield entry, draft, True

    def _own_file(self, path: Path, wanted: HttpRequest) -> CachedAnswer:
        if not path.is_file():
            raise MissingFileError(Message("error.http.own_gone", file=str(path)))
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        try:
            check_content(path, head, wanted.expect, str(path))
        except TryAgainError as error:
            raise NotDataError(Message("error.http.own_other", file=str(path), reason=error.why)) from error
        url, size = path.resolve().as_uri(), path.stat().st_size
        return CachedAnswer(url, url, "", {}, file_sha256(path), size, self.now().isoformat(timespec="seconds"))

    def _persist(self, wanted: HttpRequest, kept: CachedAnswer | None, draft: Path, file: IO[bytes]) -> CachedAnswer:
        """Try until an answer came, the failure is one that will not pass, or the attempts are used up."""
        attempt = 0
        while True:
            attempt += 1
            self._pace(urlsplit(wanted.url).netloc)
            try:
                return self._attempt(wanted, kept, draft, file)
            except TryAgainError as trouble:
                told: dict[str, Value] = {"url": wanted.url, "reason": trouble.why}
                if trouble.after_s is not None and trouble.after_s > LONGEST_RETRY_AFTER_S:
                    raise trouble.kind(
                        Message("error.http.wait", **told, seconds=NumberAsGiven(trouble.after_s, ".0f"))
                    ) from trouble
                if attempt > self.retries:
                    raise trouble.kind(Message("error.http.tried", **told, n=attempt, own_file=OWN_FILE)) from trouble
                self.sleep(self._wait_s(attempt, trouble.after_s))

    def _wait_s(self, attempt: int, after_s: float | None) -> float:
        """Exponential back-off with full jitter; never less than the server asks."""
        backoff = self.rng.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1)))
        return backoff if after_s is None else after_s + min(backoff, FIRST_WAIT_S)

    def _pace(self, host: str) -> None:
        """Wait until the host may be asked again."""
        with self._lock:
            now = self.clock()
            start = max(now, self._next_start.get(host, now))
            self._next_start[host] = start + self.pace_s
        if start > now:
            self.sleep(start - now)

    def _attempt(self, wanted: HttpRequest, kept: CachedAnswer | None, draft: Path, file: IO[bytes]) -> CachedAnswer:
        headers = {"Accept": wanted.accept} if wanted.accept else {}
        if kept:
            headers |= {_CONDITIONS[name]: kept.headers[name] for name in _CONDITIONS if kept.headers.get(name)}
        try:
            with self._session.get(
                wanted.url, headers=headers, stream=True, timeout=(self.connect_s, self.read_s)
            ) as answer:
                check_status(answer, wanted.url, self.now())
                if answer.status_code == 304:
                    if kept is None:
                        raise NotDataError(Message("error.http.not_changed", url=wanted.url))
                    return kept
                digest, size, head = self._receive(answer, wanted, file)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            if may_pass(error):
                raise TryAgainError(why(error, self.connect_s, self.read_s)) from error
            raise lasting(error, wanted.url) from error
        check_content(draft, head, wanted.expect, wanted.url)
        return CachedAnswer(
            url=wanted.key,
            final_url=answer.url,
            content_type=answer.headers.get("Content-Type", ""),
            headers={name.lower(): value for name, value in answer.headers.items()},
            sha256=digest,
            size=size,
            fetched_at=self.now().isoformat(timespec="seconds"),
        )

    def _receive(self, answer: requests.Response, wanted: HttpRequest, file: IO[bytes]) -> tuple[str, int, bytes]:
        """Write the body as it comes: its SHA-256, size and first bytes."""
        declared = answer.headers.get("Content-Length", "")
        total = int(declared) if declared.isdigit() and "Content-Encoding" not in answer.headers else None
        digest, size, head, started = hashlib.sha256(), 0, b"", self.clock()
        with storing(Path(file.name)):
            file.seek(0)
            file.truncate()
        while chunk := answer.raw.read1(CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if max(size, total or 0) > self.max_bytes:
                raise FetchError(Message("error.http.large", url=wanted.url, most=self.max_bytes, own_file=OWN_FILE))
            if self.clock() - started > self.deadline_s:
                seconds = NumberAsGiven(self.deadline_s, "g")
                raise TryAgainError(Message("error.http.slow", size=size, seconds=seconds))
            digest.update(chunk)
            head += chunk[: HEAD_BYTES - len(head)]
            with storing(Path(file.name)):
                file.write(chunk)
            if wanted.progress:
                wanted.progress(size, total)
        with storing(Path(file.name)):
            file.flush()
        return digest.hexdigest(), size, head
