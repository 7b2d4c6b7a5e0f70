"""The session's data room: files in, columns and health out, all of it as jobs that can be cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Slot

from lstm_studio.config import DataConfig, RunConfig
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.places import name_of
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.folders import folders
from lstm_studio.gui.i18n import error_text
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.session_types import Dataset, Loading

if TYPE_CHECKING:
    from lstm_studio.data.handmade_files import HandFiles
    from lstm_studio.data.handmade_kinds import HandKind, Row
    from lstm_studio.data.health import Health
    from lstm_studio.gui.session import Session

FORMAT_FIELDS = frozenset({"path", "format", "encoding", "delimiter", "quoting", "header", "parallel"})
"""The file must be read again when one of these changes."""
COLUMN_FIELDS = frozenset(role.field for kind in KINDS.values() for role in kind.roles)
FILE_FIELDS = FORMAT_FIELDS.union({"validation", "test", "remedies"}, *(kind.guessed for kind in KINDS.values()))
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

    def open_file(
        self,
        path: str | Path,
        data: DataConfig | None = None,
        sample: str | None = None,
        parallel: str | Path | None = None,
    ) -> None:
        """Open a file, or two that belong together: with ``data`` as those settings say, else as what it looks like."""
        path = Path(path)
        given = data or self._kept()
        if parallel is not None:
            given = given.model_copy(update={"parallel": str(parallel)})
        self._load(lambda progress: path, given, name_of(path), sample, find_task=data is None)

    def open_sample(self, name: str, options: dict[str, Any]) -> None:
        """Write a sample into the program's folder, if it is not there yet, and open it."""

        def write(progress: Progress) -> Path:
            from lstm_studio.data import samples

            return samples.open_sample(name, folders().samples, **options)

        self._load(write, self._kept(), name, name, find_task=True)

    def open_written(self, files: HandFiles, title: str, kind: HandKind, rows: list[Row]) -> None:
        """Open complete rows of a set that was written by hand, read as they were written."""
        from lstm_studio.data.kinds import section_for

        data = section_for(kind.task, self._kept()).model_copy(update=dict(kind.reads))
        self._load(lambda progress: files.use(title, kind, rows), data, title, None, find_task=False)

    def _kept(self) -> DataConfig:
        """The settings that another file takes over."""
        data = self._session.config.data
        return _chosen(data, FILE_FIELDS)

    def cancel(self) -> None:
        """Stop opening."""
        self._session.jobs.cancel("dataset")
        self._say_loading(None)

    def _load(self, find: Any, data: DataConfig, title: str, sample: str | None, *, find_task: bool) -> None:
        session = self._session
        session.load_error = None
        self._say_loading(Loading(title))

        def work(progress: Progress) -> Dataset:
            from lstm_studio.data.kinds import complete, kind_of, section_for, task_of
            from lstm_studio.data.places import own_parts
            from lstm_studio.data.table import open_for

            given = own_parts(data.model_copy(update={"path": str(find(progress))}))
            path = Path(given.path)
            given = given.model_copy(update={"path": str(path)})
            table = open_for(given, str(path), progress)
            if find_task:
                given = section_for(task_of(table), given)
            guessed = kind_of(given).guess(table, given)
            whole, notes = complete(given, table)
            progress(1.0, "")
            return Dataset(path, name_of(path), table, whole, guessed, list(notes), sample=sample)

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
        session._put_config(self._with(dataset.data))
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
        if session.dataset is None:
            session._put_config(config)
            session.config_changed.emit()
            return
        kind = session.dataset.kind
        reopen, reguess = FORMAT_FIELDS & fields.keys(), kind.depends.keys() & fields.keys()
        if reopen or reguess:
            # What depends on these is guessed again, unless it is given.
            again = kind.guessed if reopen else {name for field in reguess for name in kind.depends[field]}
            data = data.model_copy(update=dict.fromkeys(again - fields.keys()))
        if reopen:
            title, sample = name_of(data.path), session.dataset.sample
            self._load(lambda progress: Path(data.path), data, title, sample, find_task=False)
        elif reguess:
            self._reguess(data)
        else:
            self._adopt(data)

    def set_task(self, task: str) -> None:
        """Use the opened file for another task; where its columns do not fit, a sentence says so and all stays."""
        from lstm_studio.data.kinds import section_for

        dataset = self._session.dataset
        if dataset is not None and dataset.kind.task != task:
            self._reguess(section_for(task, _chosen(dataset.data)))

    def _reguess(self, data: DataConfig) -> None:
        dataset = self._session.dataset
        assert dataset is not None
        table = dataset.table

        def work(progress: Progress) -> tuple[Any, DataConfig, list[str]]:
            from lstm_studio.data.kinds import complete, kind_of

            guessed = kind_of(data).guess(table, data)
            whole, notes = complete(data, table)
            return guessed, whole, list(notes)

        def done(answer: tuple[Any, DataConfig, list[str]]) -> None:
            if self._session.dataset is dataset:
                dataset.guess, _, dataset.notes = answer
                self._adopt(answer[1])

        def failed(error: Exception) -> None:
            self._failed(error)
            self._session.dataset_changed.emit()  # what was chosen shows again as it is

        self._session.jobs.start(work, done=done, failed=failed, channel="guess")

    def _adopt(self, data: DataConfig) -> None:
        session = self._session
        session._put_config(self._with(data))
        self.config_was_set()
        session.config_changed.emit()
        session.dataset_changed.emit()

    def _with(self, data: DataConfig) -> RunConfig:
        """The session's configuration with another [data], and with that the task that it belongs to."""
        from lstm_studio.config import presets
        from lstm_studio.data.kinds import kind_of

        config = self._session.config
        task = kind_of(data).task
        changed = RunConfig(**{**config.model_dump(), "task": task, "data": data.model_dump()})
        if task == config.task:
            return changed
        # What a task is best begun with differs; what the person has set stays.
        return presets.begin(changed, config)

    def config_was_set(self) -> None:
        """The configuration is another one: bring the dataset in line."""
        session = self._session
        dataset = session.dataset
        if dataset is None:
            return
        if session.config.data != dataset.data:
            if type(session.config.data) is not type(dataset.data):
                dataset.health = None
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
            from lstm_studio.data.kinds import kind_of
            from lstm_studio.data.rows import open_other

            other = open_other(data, data.validation, progress) if data.validation else None
            return kind_of(data).examine(table, data, progress, other)

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


def _chosen(data: DataConfig, without: frozenset[str] = frozenset()) -> DataConfig:
    """The section with nothing set that is so by default: another task may have better defaults."""
    return type(data)(**data.model_dump(exclude=set(without), exclude_defaults=True))
