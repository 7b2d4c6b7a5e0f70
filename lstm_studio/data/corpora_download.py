"""Fetching corpora with NLTK's own downloader, which compares them with the check sums of its index."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from lstm_studio.data import corpora
from lstm_studio.data.corpora_catalogue import Corpus
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError

_STALL = 20.0
"""Seconds after which a server that says nothing is given up."""
_one_at_a_time = threading.Lock()
_MIRROR = "Check the connection, or name a mirror (--mirror URL, or in the Settings)"


def address(mirror: str | None = None) -> str:
    """Of the index: of a mirror if one is named here or in the settings, else NLTK's own.

    Raises:
        StudioError: it is no address.
    """
    from nltk.downloader import Downloader

    text = (mirror or corpora.chosen().mirror).strip()
    if not text:
        return str(Downloader.DEFAULT_URL)
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise StudioError(
            "The mirror is no web address",
            where=text,
            todo="Write it as https://example.org/nltk_data/index.xml",
        )
    return text if parts.path.endswith(".xml") else f"{text.rstrip('/')}/index.xml"


def download(
    corpus: Corpus,
    progress: Progress = silent,
    *,
    mirror: str | None = None,
    folder: str | Path | None = None,
    again: bool = False,
) -> Path:
    """Fetch all packages of a corpus that are not here yet.

    Args:
        corpus: Which one.
        progress: Told how far it is; may raise ``Cancelled``, and nothing half is left behind then.
        mirror: Address of another index.
        folder: Where they go; that of ``corpora.folder`` when None.
        again: Fetch what is here too.

    Returns:
        The folder.

    Raises:
        StudioError: offline, a wrong address, a check sum that does not fit, a folder that cannot be written, a full
            disk.
    """
    target = Path(folder).expanduser().resolve() if folder else corpora.folder()
    index = address(mirror)
    _make(target, corpus)
    from nltk.downloader import Downloader

    while not _one_at_a_time.acquire(timeout=0.2):
        progress(-1.0, "Waiting for another download")
    try:
        with _reaching(index) as met:
            server = Downloader(index, str(target))
            # The index has MD5 sums only, of which NLTK would warn.
            server._warned_missing_sha256_checksum = True
            progress(-1.0, "Asking the server of the corpora")
            packages = [_find(server, index, package) for package in corpus.packages]
            whole = sum(package.size for package in packages) or 1
            done = 0
            for package in packages:
                share = package.size / whole
                _fetch(server, package, target, _within(progress, done / whole, share), met, again)
                done += package.size
    finally:
        _one_at_a_time.release()
    progress(1.0, f"Downloaded {corpus.name}")
    return target


def _within(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, words: progress(start + width * share, words)


def _find(server: Any, index: str, package: str) -> Any:
    """What the index says of a package; from a mirror it is fetched from the mirror, too."""
    try:
        found = server.info(package)
    except urllib.error.HTTPError as error:
        raise StudioError(
            "The server has no list of corpora at this address",
            where=index,
            why=f"It answered {error.code} {error.reason}",
            todo="Check the address of the mirror; it ends in index.xml",
        ) from None
    except PermissionError as error:
        raise _refused(index, error) from None
    except OSError as error:
        raise StudioError(
            "The server of the corpora cannot be reached", where=index, why=_reason(error), todo=_MIRROR
        ) from None
    except (ValueError, SyntaxError) as error:
        if "not found in index" in str(error):
            why, todo = f"Its list does not name {package}", "Choose another mirror"
            raise StudioError("The server does not have this corpus", where=index, why=why, todo=todo) from None
        raise StudioError(
            "What lies at this address is no list of corpora",
            where=index,
            why=" ".join(str(error).split())[:200],
            todo="Check the address of the mirror; it ends in index.xml",
        ) from None
    original = server.DEFAULT_URL.removesuffix("index.xml")
    if index != server.DEFAULT_URL and found.url.startswith(original):
        found.url = urljoin(index, found.url.removeprefix(original))
    return found


def _fetch(server: Any, package: Any, target: Path, progress: Progress, met: list[Exception], again: bool) -> None:
    """Have one package downloaded, compared and unpacked."""
    from nltk import downloader

    words = f"Downloading {package.id}: {package.size / 1e6:.1f} MB"
    # Closed in any case: only then are the lock and the half of a file taken away.
    with contextlib.closing(server.incr_download(package, str(target), again)) as messages:
        for message in messages:
            match message:
                case downloader.ErrorMessage():
                    raise _failure(package, target, str(message.message), met)
                case downloader.ProgressMessage():
                    progress(min(1.0, max(0.0, message.progress / 100)), words)
                case downloader.StartUnzipMessage():
                    progress(0.9, f"Unpacking {package.id}")


@contextlib.contextmanager
def _reaching(index: str) -> Iterator[list[Exception]]:
    """Have NLTK's downloader give up a silent server soon, and reach a mirror inside of a network.

    NLTK refuses addresses that are not public, lest a page from outside could make it ask machines inside. The one
    server that the person has named is meant: that host and port are asked directly, nothing else is.

    Yields:
        What failed when a page was opened, the last one last.
    """
    from nltk import downloader

    usual = downloader.urlopen
    met: list[Exception] = []
    named = _origin(index)
    direct = urllib.request.build_opener(_StayThere(named), urllib.request.ProxyHandler({}))
    private = _is_private(urlsplit(index).hostname or "")

    def opened(url: Any, *arguments: Any, **options: Any) -> Any:
        options["timeout"] = _STALL
        try:
            if private and isinstance(url, str) and _origin(url) == named:
                return direct.open(url, **options)
            return usual(url, *arguments, **options)
        except (OSError, ValueError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # it is the answer, too
            met.append(error)
            raise

    downloader.urlopen = opened
    try:
        yield met
    finally:
        downloader.urlopen = usual


class _StayThere(urllib.request.HTTPRedirectHandler):
    """Follows a server to its own pages only."""

    def __init__(self, named: tuple[str, str, int | None]) -> None:
        self._named = named

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """See urllib."""
        if _origin(newurl) != self._named:
            raise urllib.error.URLError(f"it leads to another server, {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None


def _is_private(host: str) -> bool:
    """Whether a host is on this machine or inside of a network; one that cannot be found is not."""
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
        return any(not ipaddress.ip_address(one[4][0]).is_global for one in found)
    except (OSError, ValueError):
        return False


# -- what goes wrong -----------------------------------------------------------------------------------------


def _make(target: Path, corpus: Corpus) -> None:
    """The folder, if it is not there; refused where it cannot take the corpus."""
    places = [target, target / "corpora"]
    try:
        for place in places:
            if not place.is_dir():
                place.mkdir(0o755, parents=True)
                if os.name == "posix":
                    place.chmod(0o755)  # whatever the umask: NLTK puts nothing where others can write
        if not os.access(places[-1], os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        free = shutil.disk_usage(target).free
    except (OSError, ValueError) as error:
        raise _unwritable(target, getattr(error, "strerror", None) or str(error)) from None
    if free < 4 * corpus.size:
        raise StudioError(
            "There is not enough room for this corpus",
            where=target,
            why=f"{free / 1e6:,.0f} MB are free; {4 * corpus.size / 1e6:,.0f} MB are needed to unpack it",
            todo="Make room, or choose another folder",
        )


def _unwritable(target: Path, why: str) -> StudioError:
    return StudioError(
        "Corpora cannot be written to this folder",
        where=target,
        why=why,
        todo="Choose another folder (--folder DIR, or in the Settings)",
    )


def _refused(place: str, error: Exception) -> StudioError:
    """NLTK refuses an address itself."""
    if "prox" in str(error).lower():
        return StudioError(
            "NLTK does not download through a proxy unless it is told to",
            where=place,
            todo="If you trust the proxy, set NLTK_ALLOW_PROXIED_URLOPEN=1 and start again",
        )
    return StudioError(
        "NLTK refuses this address", where=place, why=" ".join(str(error).split())[:200], todo="Choose another mirror"
    )


def _reason(error: BaseException) -> str:
    """Why a server cannot be reached, as the system says it."""
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return _reason(inner)
    if isinstance(error, TimeoutError):
        return "It does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "Nothing answers there"
    if isinstance(error, socket.gaierror):
        return "Its name cannot be found; this computer seems to be offline"
    return getattr(error, "strerror", None) or str(inner or error)


def _failure(package: Any, target: Path, message: str, met: list[Exception]) -> StudioError:
    """What NLTK says went wrong, as a sentence."""
    if "ntegrity check failed" in message:
        return StudioError(
            f"What was downloaded is not {package.id} as the index describes it",
            where=package.url,
            why="Its size or its check sum is another one; it was thrown away",
            todo="Try again, or choose another mirror",
        )
    if os.strerror(errno.ENOSPC) in message:
        return StudioError("The disk is full", where=target, todo="Make room, or choose another folder")
    if "Refusing to install" in message or "Cannot create" in message or os.strerror(errno.EACCES) in message:
        return _unwritable(target, " ".join(message.split())[:300])
    if met and isinstance(met[-1], PermissionError):
        return _refused(package.url, met[-1])
    if met and isinstance(met[-1], urllib.error.HTTPError):
        why, todo = f"The server answered {met[-1].code} {met[-1].reason}", "Choose another mirror"
        return StudioError(f"The corpus {package.id} cannot be fetched", where=package.url, why=why, todo=todo)
    if met and isinstance(met[-1], OSError):
        return StudioError(
            f"The corpus {package.id} cannot be fetched", where=package.url, why=_reason(met[-1]), todo=_MIRROR
        )
    if message.startswith("Error downloading"):
        why = message.rpartition("\n")[2].strip()
        return StudioError(
            f"The download of {package.id} broke off",
            where=package.url,
            why=why,
            todo="Try again; nothing half is kept",
        )
    with contextlib.suppress(OSError):
        (target / package.filename).unlink()  # else it would be taken for the corpus
    return StudioError(
        f"The archive of {package.id} cannot be unpacked",
        where=package.url,
        why=" ".join(message.split())[:300],
        todo="It was thrown away; choose another mirror",
    )
