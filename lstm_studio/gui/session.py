"""The one model that the window talks to: what is open, how it is set, what trains, what is looked at.

Pages call methods and listen to signals; they never touch threads, files or torch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from lstm_studio.config import ClassificationData, RunConfig, field_errors, parse
from lstm_studio.config.together import idle
from lstm_studio.data.places import is_there
from lstm_studio.errors import StudioError
from lstm_studio.gui import settings as settings_module
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Job, JobPool, Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.session_corpora import CorporaRoom
from lstm_studio.gui.session_data import COLUMN_FIELDS, FORMAT_FIELDS, DataRoom
from lstm_studio.gui.session_history import History
from lstm_studio.gui.session_lab import LabRoom
from lstm_studio.gui.session_model import EstimateRoom, PredictorRoom
from lstm_studio.gui.session_moves import MoveRoom
from lstm_studio.gui.session_places import PlaceRoom
from lstm_studio.gui.session_run import RunRoom
from lstm_studio.gui.session_seeds import SeedRoom
from lstm_studio.gui.session_sweep import SweepRoom
from lstm_studio.gui.session_types import ActiveRun, Dataset, Estimate, Loading
from lstm_studio.gui.settings import Settings

if TYPE_CHECKING:
    from lstm_studio.data.handmade_files import HandFiles
    from lstm_studio.data.handmade_kinds import HandKind, Row
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.runs.store import RunStore

T = TypeVar("T")
__all__ = ["ActiveRun", "Dataset", "Estimate", "History", "Loading", "Session"]
_OF_THE_FILE = frozenset({"scheme", "purpose"})
"""Settings that say what the opened file holds, whatever a configuration says."""


class Session(QObject):
    """See the signals and attributes below; everything is to be used on the window's thread."""

    loading_changed = Signal()
    """``loading`` or ``load_error`` is another one."""
    dataset_changed = Signal()
    """``dataset`` is another one, or its columns or format are."""
    health_changed = Signal()
    """``dataset.health`` is new."""
    health_progress_changed = Signal(float)
    config_changed = Signal()
    """``config`` is another one."""
    estimate_changed = Signal(object)
    """An Estimate for ``config``; a second one follows when the time was measured."""
    run_changed = Signal()
    """``active`` is another run or in another state."""
    run_ticked = Signal()
    """At most 20 times a second while a run lives: step, loss and time left may have moved."""
    events_arrived = Signal(list)
    """New events of the active run but for snapshots: in order, none lost, once a tick at most."""
    snapshot_arrived = Signal(object)
    """The newest GateSnapshot of the active run; older ones may have been skipped."""
    history_changed = Signal()
    """``history`` is another one (a saved run was read)."""
    runs_changed = Signal()
    """The list of runs is another one."""
    selected_run_changed = Signal()
    """``selected_run`` is another one."""
    page_requested = Signal(str)
    panel_requested = Signal(str)
    """"lab", "sweep" or "seeds" of the page that is in front."""
    notice = Signal(object)
    """A Notice to show."""
    language_changed = Signal()
    """The window is to be built again."""

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings or Settings()
        self.jobs = JobPool(self)
        self.config = RunConfig(data=ClassificationData())
        self.dataset: Dataset | None = None
        self.loading: Loading | None = None
        self.load_error: StudioError | None = None
        self.health_progress: float | None = None
        self.active: ActiveRun | None = None
        self.history: History | None = None
        self.selected_run: Path | None = None
        self.form_errors: dict[str, str] = {}
        self._store: RunStore | None = None
        self._data = DataRoom(self)
        self._runs = RunRoom(self)
        self._estimate = EstimateRoom(self)
        self._predictors = PredictorRoom(self)
        self.lab = LabRoom(self)
        self.seeds = SeedRoom(self)
        self.sweeps = SweepRoom(self)
        self.corpora = CorporaRoom(self)
        self.moves = MoveRoom(self)
        self.places = PlaceRoom(self)
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(500)
        self._save_timer.timeout.connect(self.save)
        hub().notice.connect(self.notice)

    # -- data -----------------------------------------------------------------------------------------------

    def open_file(self, path: str | Path, parallel: str | Path | None = None) -> None:
        """Open a dataset as a job; ``loading_changed`` tells how far it is, ``dataset_changed`` when it is there.

        ``parallel`` is a second file whose lines belong to those of the first.
        """
        self._data.open_file(path, parallel=parallel)

    def open_sample(self, name: str, **options: Any) -> None:
        """Open one of the samples that come with the program; its options make another sample."""
        self._data.open_sample(name, options)

    def open_written(self, files: HandFiles, title: str, kind: HandKind, rows: list[Row]) -> None:
        """Open complete rows of a set that was written by hand; runs keep this very file, however the set changes."""
        self._data.open_written(files, title, kind, rows)

    def cancel_loading(self) -> None:
        """Stop opening a file; what was open before stays."""
        self._data.cancel()

    def set_data(self, **fields: Any) -> None:
        """Change settings of [data]. The file is read again if its format changed; health is examined again.

        Raises:
            StudioError: a value is wrong.
        """
        self._data.set_data(fields)

    def set_task(self, task: str) -> None:
        """Use the opened file for another task; ``dataset_changed`` follows, also where its columns do not fit."""
        self._data.set_task(task)

    # -- configuration --------------------------------------------------------------------------------------

    def set_config(self, config: RunConfig) -> None:
        """Take another configuration. Its [data] is kept only as far as it fits the opened file."""
        if config == self.config:
            return
        self._put_config(self._with_data_of_the_file(config))
        self.form_errors = {}
        self.config_changed.emit()
        self._data.config_was_set()
        self._estimate.soon()

    def change(self, **dotted: Any) -> None:
        """Change fields: ``session.change(**{"model.hidden_size": 256})``. A [data] field goes through ``set_data``.

        Raises:
            StudioError: a name or value is wrong; nothing is changed then.
        """
        config = self.config.replace(**dotted)
        data = {name.removeprefix("data."): value for name, value in dotted.items() if name.startswith("data.")}
        other = any(name.startswith(("model.", "training.")) for name in dotted)
        if other and config.preset is not None:
            config = config.model_copy(update={"preset": None})
        if other:
            self._put_config(config.model_copy(update={"data": self.config.data}))
        if data:
            self._data.set_data(data)
        elif other:
            self.config_changed.emit()
        self._estimate.soon()

    def errors(self, **dotted: Any) -> dict[str, str]:
        """What would be wrong if these fields were set: dotted name -> sentence. For showing errors at fields."""
        values = self.config.model_dump()
        for name, value in dotted.items():
            section, _, field = name.partition(".")
            if section in values and isinstance(values[section], dict):
                values[section][field] = value
        return field_errors(values)

    def apply_preset(self, name: str) -> None:
        """Take a preset's network and training; the file and its columns stay."""
        from lstm_studio.config import presets

        self.set_config(presets.apply(self.config, name))

    def estimate(self) -> None:
        """Ask for an Estimate of the present configuration; it comes by ``estimate_changed``."""
        self._estimate.soon()

    def start_with(self, config: RunConfig, size: int, more: int) -> None:
        """What was found in the vectors of a configuration, for the Estimate; see ``EstimateRoom.start_with``."""
        self._estimate.start_with(config, size, more)

    # -- the run that lives ---------------------------------------------------------------------------------

    @property
    def training(self) -> bool:
        """Whether a run lives (preparing, running, paused or ending)."""
        return self.active is not None and self.active.living

    @property
    def showing_active(self) -> bool:
        """Whether ``history`` and ``selected_run`` are those of the active run, living or just ended."""
        return self.active is not None and self.history is self.active.history

    def why_not_start(self) -> str:
        """Empty if training can start; else a sentence for the tooltip of the disabled button."""
        if self.training:
            return tr("A run is already training. Pause or stop it before you start another one.")
        if self.loading is not None:
            return tr("The file is still being read.")
        if self.dataset is None:
            return tr("Open a file or a sample first.")
        if self.form_errors:
            return tr("Correct the marked settings first: {errors}", errors="; ".join(self.form_errors.values()))
        void = idle(self.config.task, self.config.data)
        return next((tr(void[name]) for name in self.config.model.vector_files if name in void), "")

    def start_training(self) -> bool:
        """Start a run with the present configuration and show the Train page. False, and a sentence, if it cannot."""
        why = self.why_not_start()
        if why:
            self.notice.emit(Notice("warning", why, key="run"))
            return False
        config = self.settings.applied(self.config)
        if not self._runs.start(config):
            return False
        self.page_requested.emit("train")
        return True

    def pause(self) -> None:
        """Halt before the next batch; the network stays in memory and answers questions."""
        self._runs.steer("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        self._runs.steer("resume")

    def stop(self) -> None:
        """End before the next batch and keep the best weights."""
        self._runs.steer("stop")

    def cancel(self) -> None:
        """End before the next batch and discard the run. Ask before you call this."""
        self._runs.steer("cancel")

    def resume_run(self, path: str | Path) -> None:
        """Go on with a run that was stopped or interrupted, from its last checkpoint."""
        path = Path(path)

        def work(progress: Progress) -> RunConfig:
            from lstm_studio.runs.folder import RunFolder

            return RunFolder(path).config

        def done(config: RunConfig) -> None:
            if self._runs.start(config, resume=path):
                self.page_requested.emit("train")

        self.jobs.start(work, done=done, channel="resume")

    def train_variant(self, path: str | Path, **changes: Any) -> None:
        """Train a run's settings once more with some of them changed, as a run of its own:
        ``session.train_variant(path, **{"model.cell": "rnn"})``."""
        path = Path(path)

        def work(progress: Progress) -> RunConfig:
            from lstm_studio.runs.folder import RunFolder

            return RunFolder(path).config.replace(**changes)

        def done(config: RunConfig) -> None:
            if self._runs.start(config):
                self.page_requested.emit("train")

        self.jobs.start(work, done=done, channel="variant")

    def set_probe(self, text: str) -> None:
        """Watch the gates on another sentence, in the living run at once and in later ones."""
        text = text.strip()
        self._put_config(self.config.replace(**{"training.probe_text": text or None}))
        if self.active is not None and self.active.living and text:
            self.active.control.set_probe(text)
        self.config_changed.emit()

    def training_command(self) -> str:
        """The command line that trains the same: for a saved run its config.toml, else the settings one by one."""
        import shlex

        from lstm_studio.config.presets import begun

        if self.selected_run is not None:
            return shlex.join(["lstm-studio", "train", str(self.selected_run / "config.toml")])
        default = begun(RunConfig(task=self.config.task, data=type(self.config.data)()), ())
        parts = ["lstm-studio", "train"]
        if self.config.data.path:
            parts += ["--data", self.config.data.path]
        parts += ["--set", f"task={self.config.task}"]
        for section in ("data", "model", "training"):
            now, usual = getattr(self.config, section), getattr(default, section)
            for name in type(now).model_fields:
                value = getattr(now, name)
                if name != "path" and value is not None and value != getattr(usual, name, None):
                    shown = str(value).lower() if isinstance(value, bool) else value
                    parts += ["--set", f"{section}.{name}={shown}"]
        return shlex.join(parts)

    # -- runs on disk ---------------------------------------------------------------------------------------

    @property
    def store(self) -> RunStore:
        """The list of runs, in the folder that the settings name."""
        if self._store is None:
            from lstm_studio.runs.store import RunStore

            self._store = RunStore(self.settings.runs)
        return self._store

    def run_name(self, path: Path) -> str:
        """What a run is called; its folder's name while that is not known."""
        summary = self.store.summary(path)
        return summary.name if summary is not None else path.name

    def select_run(self, path: str | Path | None) -> None:
        """Look at a run: its history is read, and questions go to its network."""
        path = Path(path) if path is not None else None
        if path != self.selected_run:
            self._select(path)

    def duplicate_run(self, path: str | Path, **changes: Any) -> None:
        """Take a run's settings for a new one, some of them changed, open its file, and show the Model page."""
        path = Path(path)

        def done(config: RunConfig) -> None:
            if changes:
                config = config.replace(**{"preset": None, **changes})
            data = config.data
            dataset = self.dataset
            same = dataset is not None and str(dataset.path) == data.path and type(dataset.data) is type(data)
            if same or not data.path:
                self.set_config(config)
            else:
                self._put_config(config)
                self._data.open_file(data.path, data)
                self.config_changed.emit()
            self.page_requested.emit("model")

        self.jobs.start(lambda progress: self.store.duplicate(path), done=done, channel="duplicate")

    def with_predictor(
        self,
        function: Callable[[Predictor], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object] | None = None,
        channel: str = "predict",
        *,
        long: bool = False,
    ) -> Job | None:
        """Ask the selected run's network: the one in memory, between two batches, if it is training; else the saved.

        Args:
            function: Gets a Predictor on another thread; returns plain values.
            done: Gets the answer on the window's thread, unless a later question on the channel came first.
            failed: Gets the error, a StudioError when there is no network; without it the window shows it.
            channel: Questions of one channel supersede each other.
            long: The answer takes more than a moment: a run in training does not stand still for it, a copy of its
                network answers. ``function`` should look at the job now and then, and end once it is cancelled.
        """
        return self._predictors.ask(function, done, failed, channel, long)

    def saved_predictor(self, path: Path, epoch: int | None = None) -> Predictor:
        """The saved network of any run, its best or that of a kept epoch, for use inside a job; the last few stay open.

        Raises:
            StudioError: the run has no trained network or has not kept the epoch, or it cannot be read.
        """
        return self._predictors.open(path, epoch)

    def predict_file(
        self,
        source: Path,
        target: Path,
        done: Callable[[int], object],
        failed: Callable[[Exception], object] | None = None,
        progress: Callable[[float, str], object] | None = None,
    ) -> Job | None:
        """Predict every row of a file into another, with the selected run's saved network; ``done`` gets the rows.

        A file is long work, so a run in training is not asked to stand still for it: its best weights answer.
        """
        path = self.selected_run
        if path is None:
            return None
        return self.jobs.start(
            lambda report: self._predictors.open(path).predict_file(source, target, progress=report),
            done=done,
            failed=failed,
            progress=progress,
            channel="predict-file",
        )

    # -- remembering ----------------------------------------------------------------------------------------

    def restore(self, *, open_data: bool = True) -> None:
        """Find everything as it was: configuration, dataset, selected run."""
        if self.settings.config:
            try:
                self._put_config(parse(self.settings.config))
                self.config_changed.emit()
            except StudioError:
                self.settings.config = None
        path, data = self.settings.dataset, self.config.data
        if open_data and path and is_there(path):
            self._data.open_file(path, data if data.path == path else None, self.settings.sample)
        if self.settings.run and Path(self.settings.run).is_dir():
            self._select(Path(self.settings.run))

    def save_soon(self) -> None:
        """Write the settings when nothing has changed for half a second."""
        self._save_timer.start()

    def save(self) -> None:
        """Write the settings now; a disk that refuses is told of once."""
        self._save_timer.stop()
        self.settings.config = self.config.model_dump(mode="json")
        try:
            settings_module.save(self.settings)
        except OSError as error:
            words = tr("The settings could not be saved: {why}", why=settings_module.os_words(error))
            self.notice.emit(Notice("warning", words, key="settings"))

    def set_runs_folder(self, path: str | Path | None) -> None:
        """Keep runs in another folder; those in the old one stay where they are."""
        self.settings.runs_folder = str(path) if path is not None else None
        self._store = None
        self.save_soon()
        self.runs_changed.emit()

    def close(self) -> None:
        """End everything: the run is stopped and kept, jobs are cancelled, threads are waited for."""
        self.lab.close()
        self.seeds.close()
        self._runs.close()
        self.sweeps.close()
        self.jobs.close()
        if self._save_timer.isActive():
            self.save()
        for timer in self.findChildren(QTimer):
            timer.stop()

    # -- for the rooms --------------------------------------------------------------------------------------

    def _put_config(self, config: RunConfig) -> None:
        self.config = config
        self.save_soon()

    def _select(self, path: Path | None) -> None:
        self.selected_run = path
        self.settings.run = str(path) if path is not None else None
        self.save_soon()
        if self.active is not None and path is not None and self.active.path == path:
            self.history = self.active.history
        else:
            self.history = None
            if path is not None:
                self._runs.read_history(path)
        self.selected_run_changed.emit()
        self.history_changed.emit()

    def _with_data_of_the_file(self, config: RunConfig) -> RunConfig:
        """What a configuration leaves open in [data], or says of another file, comes from the opened file."""
        if self.dataset is None:
            return config
        now = self.dataset.data
        if type(now) is not type(config.data):
            return config.model_copy(update={"task": self.config.task, "data": now})
        kept: dict[str, Any] = {}
        for name in type(config.data).model_fields:
            value = getattr(config.data, name)
            if value is None or name in FORMAT_FIELDS or name in COLUMN_FIELDS or name in _OF_THE_FILE:
                kept[name] = getattr(now, name, None)
            else:
                kept[name] = value
        lengths = [name for name in ("max_length", "max_target_length") if name in kept]
        guessed = {name: self.dataset.guess.fields.get(name) for name in lengths}
        kept |= {name: length for name, length in guessed.items() if getattr(config.data, name) is None}
        return RunConfig(**{**config.model_dump(), "data": kept})
