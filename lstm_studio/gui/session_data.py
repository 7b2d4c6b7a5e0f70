"""The session's data room: files in, columns and health out, all of it as jobs that can be cancelled."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Slot

from lstm_studio.config import ClassificationData, RunConfig
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.session_types import Dataset, Loading
from lstm_studio.gui.settings import folders

if TYPE_CHECKING:
    from lstm_studio.data.health import Health
    from lstm_studio.gui.session import Session

FORMAT_FIELDS = frozenset({"path", "format", "encoding", "delimiter", "quoting", "header"})
"""The file must be read again when one of these changes."""
GUESS_FIELDS = frozenset({"text", "label", "tokenizer"})
"""What depends on these is guessed again, unless it is given."""
FILE_FIELDS = FORMAT_FIELDS | GUESS_FIELDS | {"validation", "test", "max_length"}
"""What belongs to one file and is not carried over to the next."""
HEALTH_DELAY = 200


class DataRoom(QObject):
    """Opens files and keeps ``session.dataset`` true to them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._job: Job | None = None
        self._health_timer = QTimer(self)
        self._health_timer.setSingleShot(True)
        self._health_timer.setInterval(HEALTH_DELAY)
        self._health_timer.timeout.connect(self._examine)

    # -- opening --------------------------------------------------------------------------------------------

    def open_file(self, path: str | Path, data: ClassificationData | None = None, sample: str | None = None) -> None:
        """Open a file; with ``data``, as those settings say."""
        path = Path(path)
        if data is None:
            kept = self._session.config.data.model_dump(exclude=set(FILE_FIELDS))
            data = ClassificationData(path=str(path), **kept)
        self._load(lambda progress: path, data, path.name, sample)

    def open_sample(self, name: str, options: dict[str, Any]) -> None:
        """Write a sample into the program's folder, if it is not there yet, and open it."""
        kept = self._session.config.data.model_dump(exclude=set(FILE_FIELDS))

        def write(progress: Progress) -> Path:
            from lstm_studio.data import samples

            return samples.open_sample(name, folders().samples, **options)

        self._load(write, ClassificationData(**kept), name, name)

    def open_text(self, text: str) -> None:
        """Open texts that were typed or pasted; they are kept as a file of their own."""
        kept = self._session.config.data.model_dump(exclude=set(FILE_FIELDS))

        def write(progress: Progress) -> Path:
            folder = folders().samples
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"typed-{time.strftime('%Y%m%d-%H%M%S')}.txt"
            path.write_text(text.strip() + "\n", encoding="utf-8")
            return path

        self._load(write, ClassificationData(**kept), tr("Typed texts"), None)

    def cancel(self) -> None:
        """Stop opening."""
        self._session.jobs.cancel("dataset")
        self._say_loading(None)

    def _load(self, find: Any, data: ClassificationData, title: str, sample: str | None) -> None:
        session = self._session
        session.load_error = None
        self._say_loading(Loading(title))

        def work(progress: Progress) -> Dataset:
            from lstm_studio.data.guess import complete, guess
            from lstm_studio.data.table import open_for

            path = find(progress)
            given = data.model_copy(update={"path": str(path)})
            table = open_for(given, str(path), progress)
            guessed = guess(table, given)
            whole, notes = complete(given, table)
            progress(1.0, "")
            return Dataset(Path(path), Path(path).name, table, whole, guessed, list(notes), sample=sample)

        self._job = session.jobs.start(
            work, done=self._loaded, failed=self._failed, progress=self._progress, channel="dataset"
        )

    def _progress(self, fraction: float, words: str) -> None:
        loading = self._session.loading
        if loading is not None:
            self._say_loading(Loading(loading.title, fraction, words))

    def _loaded(self, dataset: Dataset) -> None:
        session = self._session
        session.loading = None
        session.dataset = dataset
        values = session.config.model_dump()
        values["data"] = dataset.data.model_dump()
        session._put_config(RunConfig(**values))
        session.settings.remember_file(dataset.path)
        session.settings.dataset, session.settings.sample = str(dataset.path), dataset.sample
        session.save_soon()
        session.loading_changed.emit()
        session.dataset_changed.emit()
        session.config_changed.emit()
        self._health_timer.start(0)

    def _failed(self, error: Exception) -> None:
        session = self._session
        self._say_loading(None)
        if isinstance(error, Cancelled):
            return
        if not isinstance(error, StudioError):
            hub().fail(error)
            return
        session.load_error = error
        session.loading_changed.emit()
        session.notice.emit(Notice("error", error_text(error), key="load"))

    def _say_loading(self, loading: Loading | None) -> None:
        self._session.loading = loading
        self._session.loading_changed.emit()

    # -- settings of the data -------------------------------------------------------------------------------

    def set_data(self, fields: dict[str, Any]) -> None:
        """Change data settings, reading the file again and guessing again as needed."""
        session = self._session
        config = session.config.replace(**{f"data.{name}": value for name, value in fields.items()})
        data = config.data
        assert isinstance(data, ClassificationData)
        if session.dataset is None:
            session._put_config(config)
            session.config_changed.emit()
            return
        reopen, reguess = FORMAT_FIELDS & fields.keys(), GUESS_FIELDS & fields.keys()
        if reopen or reguess:
            again: dict[str, Any] = {}
            if reopen:
                again = dict.fromkeys(("text", "label", "tokenizer", "max_length"))
            elif "text" in fields:
                again = dict.fromkeys(("tokenizer", "max_length"))
            elif "tokenizer" in fields:
                again = {"max_length": None}
            data = data.model_copy(update={name: None for name in again if name not in fields})
        if reopen:
            self._load(lambda progress: Path(data.path), data, Path(data.path).name, session.dataset.sample)
        elif reguess:
            self._reguess(data)
        else:
            self._adopt(data)

    def _reguess(self, data: ClassificationData) -> None:
        dataset = self._session.dataset
        assert dataset is not None
        table = dataset.table

        def work(progress: Progress) -> tuple[Any, ClassificationData, list[str]]:
            from lstm_studio.data.guess import complete, guess

            guessed = guess(table, data)
            whole, notes = complete(data, table)
            return guessed, whole, list(notes)

        def done(answer: tuple[Any, ClassificationData, list[str]]) -> None:
            if self._session.dataset is dataset:
                dataset.guess, _, dataset.notes = answer
                self._adopt(answer[1])

        self._session.jobs.start(work, done=done, failed=self._failed, channel="guess")

    def _adopt(self, data: ClassificationData) -> None:
        session = self._session
        values = session.config.model_dump()
        values["data"] = data.model_dump()
        session._put_config(RunConfig(**values))
        session.config_changed.emit()
        self.config_was_set()
        session.dataset_changed.emit()

    def config_was_set(self) -> None:
        """The configuration is another one: bring the dataset in line."""
        session = self._session
        dataset = session.dataset
        if dataset is None or not isinstance(session.config.data, ClassificationData):
            return
        if session.config.data != dataset.data:
            dataset.data = session.config.data
            self._health_timer.start(HEALTH_DELAY)

    # -- health ---------------------------------------------------------------------------------------------

    @Slot()
    def _examine(self) -> None:
        session = self._session
        dataset = session.dataset
        if dataset is None:
            return
        data, table = dataset.data, dataset.table

        def work(progress: Progress) -> Health:
            from lstm_studio.data.health import examine
            from lstm_studio.data.table import open_table

            other = open_table(data.validation, progress=progress) if data.validation else None
            return examine(table, data, progress, other)

        def done(health: Health) -> None:
            if session.dataset is dataset:
                dataset.health = health
                session.health_progress = None
                session.health_changed.emit()
                session._estimate.soon()

        def progress(fraction: float, words: str) -> None:
            session.health_progress = fraction
            session.health_progress_changed.emit(fraction)

        def failed(error: Exception) -> None:
            session.health_progress = None
            session.health_changed.emit()
            self._failed(error)

        session.health_progress = -1.0
        session.jobs.start(work, done=done, failed=failed, progress=progress, channel="health")
