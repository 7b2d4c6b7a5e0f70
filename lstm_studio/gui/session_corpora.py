"""The session's corpora: what is on this computer, and the one that is being fetched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from lstm_studio.data import corpora
from lstm_studio.data.corpora_catalogue import CATALOGUE, Corpus
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

_FETCH, _LOOK = "corpora", "corpora-look"


@dataclass(frozen=True)
class Presence:
    """Whether a corpus is here, how many rows it has as far as is known, and where it lies."""

    here: bool
    rows: int | None
    place: str = ""


@dataclass(frozen=True)
class Fetching:
    """A corpus on its way in. ``fraction`` is -1 while it is unknown."""

    corpus: Corpus
    fraction: float = -1.0
    words: str = ""


class CorporaRoom(QObject):
    """Fetches one corpus at a time; ``changed`` follows all that happens."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.known: dict[str, Presence] = {}
        """Of each corpus; empty until ``look`` has looked."""
        self.fetching: Fetching | None = None
        self.error: tuple[str, StudioError] | None = None
        """Name of a corpus, and why it could not be fetched or deleted."""

    def look(self) -> None:
        """Find out what is here."""
        self._session.jobs.start(lambda progress: _look(), done=self._looked, channel=_LOOK)

    def download(self, corpus: Corpus) -> None:
        """Fetch a corpus, and make the files of it that are read, so that opening it does not wait."""
        if self.fetching is not None:
            return
        self.fetching, self.error = Fetching(corpus), None
        mirror = self._session.settings.corpora_mirror

        def work(progress: Progress) -> None:
            from lstm_studio.data.corpora_download import download

            download(corpus, lambda share, words: progress(0.7 * share if share >= 0 else share, words), mirror=mirror)
            corpora.converted(
                corpus.name, "", lambda share, words: progress(0.7 + 0.3 * share if share >= 0 else share, words)
            )

        self._session.jobs.start(
            work, done=lambda _: self._ended(None), failed=self._ended, progress=self._progress, channel=_FETCH
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Stop fetching; nothing half is kept."""
        if self.fetching is not None:
            self._session.jobs.cancel(_FETCH)
            self.fetching = None
            self.changed.emit()
            self.look()

    def open(self, corpus: Corpus) -> None:
        """Open it as the dataset, with its own parts."""
        from lstm_studio.data.places import corpus_path

        self._session.open_file(corpus_path(corpus.name))

    def remove(self, corpus: Corpus) -> None:
        """Delete it from the folder of corpora."""
        self.error = None
        self._session.jobs.start(
            lambda progress: corpora.remove(corpus),
            done=lambda _: self.look(),
            failed=lambda error: self._failed(corpus, error),
            channel="corpora-remove",
        )

    def set_place(self, folder: str | None = None, mirror: str | None = None) -> None:
        """Keep corpora in another folder, or fetch them from another address; "" for the usual one. Written at once:
        whoever opens a corpus next reads it from the file of settings."""
        settings = self._session.settings
        if folder is not None:
            settings.corpora_folder = folder
        if mirror is not None:
            settings.corpora_mirror = mirror.strip()
        self._session.save()
        self.look()

    def _progress(self, fraction: float, words: str) -> None:
        if self.fetching is not None:
            self.fetching = Fetching(self.fetching.corpus, fraction, words)
            self.changed.emit()

    def _ended(self, error: Exception | None) -> None:
        fetched, self.fetching = self.fetching, None
        if error is not None and fetched is not None:
            self._failed(fetched.corpus, error)
        else:
            self.changed.emit()
        self.look()

    def _failed(self, corpus: Corpus, error: Exception) -> None:
        if isinstance(error, StudioError):
            self.error = (corpus.name, error)
        elif not isinstance(error, Cancelled):
            hub().fail(error)
        self.changed.emit()

    def _looked(self, known: dict[str, Presence]) -> None:
        self.known = known
        self.changed.emit()


def _look() -> dict[str, Presence]:
    found = {}
    for corpus in CATALOGUE:
        place = corpora.package_place(corpus.packages[-1])
        here = corpora.is_here(corpus)
        rows = corpora.rows_of(corpus)
        found[corpus.name] = Presence(here, rows, str(_base(place)) if here and place is not None else "")
    return found


def _base(place: Path) -> Path:
    """The folder of corpora that a package lies in."""
    return place.parent
