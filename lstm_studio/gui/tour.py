"""Drives the real window through the whole main job and saves a picture of each step, light and dark.

It is the program's self-check too: it works offscreen and from the frozen bundle, and says which step failed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.errors import StudioError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton, QWidget

    from lstm_studio.gui.app import Studio

SMALL, LARGE = (1280, 800), (1920, 1080)
SENTENCE = "the story was not very good but the acting is wonderful"
REQUEST = "please book a flight from Boston to Florence on Friday at seven"
ROLES = "The teacher who broke the clock gave Maria three books yesterday ."
GERMAN = "Weil es gestern zu spät war, hat mein alter Bruder den Arzt nicht angerufen."
TEXT_VIEWS = ("anatomy", "memory", "gradient", "why", "whatif")
MANY_VIEWS = ("examples", "units")
TALE = "# Juno and the Silver Key\nOnce there lived"
SEVERAL = (
    "I did not enjoy a single minute of it",
    "although the start is slow, the end is brilliant",
    "the food was hardly edible",
    "never boring, always warm",
)
PATIENCE = 180.0


def run_tour(out: str | Path) -> int:
    """Take the tour.

    Args:
        out: Folder for the pictures; made if need be.

    Returns:
        0 if every step went well, else 1. What failed stands on stderr.

    Raises:
        StudioError: the folder cannot be written.
    """
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError("The pictures cannot be saved there", where=out, why=error.strerror or str(error)) from None
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    kept = os.environ.get("LSTM_STUDIO_HOME")
    with tempfile.TemporaryDirectory(prefix="lstm-studio-tour-", ignore_cleanup_errors=True) as home:
        os.environ["LSTM_STUDIO_HOME"] = home
        try:
            return _Tour(out).run()
        finally:
            if kept is None:
                os.environ.pop("LSTM_STUDIO_HOME", None)
            else:
                os.environ["LSTM_STUDIO_HOME"] = kept


class _Tour:
    """The steps, in order. Each acts as a person would, waits for what must follow, and takes its pictures."""

    def __init__(self, out: Path) -> None:
        from lstm_studio.gui import app, crash, settings

        self.out = out
        self.failed: list[str] = []
        self.number = 0
        self.app = app.make_application(["lstm-studio"])
        self.studio: Studio = app.Studio(settings.Settings(language="en", theme="light", threads=1))
        self.reports: list[str] = []
        self.undo = crash.install(self.reports.append)
        self.studio.window.resize(*SMALL)
        self.studio.window.show()

    def run(self) -> int:
        """All steps; a step that fails is told of, and the next ones are still tried."""
        for step in self._steps():
            name = step.__name__.strip("_")
            began = time.monotonic()
            try:
                step()
                if self.reports:
                    raise AssertionError(self.reports.pop())
                sys.stderr.write(f"{name}: {time.monotonic() - began:.1f} s\n")
            except Exception:  # noqa: BLE001 - every failure is to be told
                self.failed.append(name)
                sys.stderr.write(f"{name} FAILED\n{traceback.format_exc()}\n")
                self._picture(f"{name}-failed", both=False)
        self.studio.session.close()
        self.studio.window.retire()
        self._breathe(0.1)
        self.undo()
        if self.failed:
            sys.stderr.write(f"The tour failed at: {', '.join(self.failed)}\n")
        return 1 if self.failed else 0

    def _steps(self) -> list[Callable[[], None]]:
        return [
            self._empty_pages,
            self._data,
            self._model,
            self._train,
            self._pause_and_predict,
            self._resume_and_finish,
            self._replay,
            self._inspect,
            self._predict,
            self._second_run,
            self._runs,
            self._slots,
            self._slots_used,
            self._roles,
            self._pairs,
            self._pairs_used,
            self._headlines,
            self._tales,
            self._tales_used,
            self._quatrains,
            self._large,
            self._chinese,
        ]

    # -- steps -----------------------------------------------------------------------------------------------

    def _empty_pages(self) -> None:
        for name in ("train", "inspect", "predict", "runs", "data"):
            self._show(name)
            self._picture(f"empty-{name}", both=name in {"data", "train"})

    def _data(self) -> None:
        session = self.studio.session
        session.open_sample("sentiment-contrast")
        self._wait(lambda: session.dataset is not None and session.dataset.health is not None, "the sample to open")
        self._show("data")
        self._picture("data")

    def _model(self) -> None:
        session = self.studio.session
        self._click("Configure the model", "data")
        self._wait(lambda: self.studio.window.current_page == "model", "the Model page")
        session.apply_preset("keras_tutorial")
        self._breathe(0.6)
        self._picture("model-tutorial", both=False)
        session.apply_preset("recommended")
        # Small and quick, so that the tour shows a network that has learned within a minute.
        session.change(**{"model.hidden_size": 48, "model.embedding_size": 48, "model.dropout": 0.2})
        session.change(**{"model.embedding_dropout": 0.1, "model.word_dropout": 0.0, "training.epochs": 6})
        session.change(**{"training.learning_rate": 0.004, "training.probe_seconds": 0.15})
        self._breathe(1.5)
        self._picture("model")

    def _train(self) -> None:
        session = self.studio.session
        session.set_probe(SENTENCE)
        self._click("Start training", "model")
        self._wait(lambda: session.active is not None and session.active.epoch >= 4, "the fourth epoch")
        self._picture("train-running")

    def _pause_and_predict(self) -> None:
        session = self.studio.session
        session.pause()
        self._wait(lambda: session.active is not None and session.active.state == "paused", "the pause")
        self._show("train")
        self._picture("train-paused", both=False)
        self._show("predict")
        self._type("predict", SENTENCE)
        self._picture("predict-while-paused", both=False)

    def _resume_and_finish(self) -> None:
        session = self.studio.session
        session.resume()
        self._wait(lambda: not session.training, "the end of the run")
        active = session.active
        assert active is not None
        assert getattr(active.finished, "reason", "") == "completed", active.finished
        accuracy = active.finished.metrics["accuracy"]  # type: ignore[union-attr]
        assert accuracy > 0.6, f"the run learned too little: {accuracy:.3f}"
        self._show("train")
        self._picture("train-finished")

    def _replay(self) -> None:
        from PySide6.QtWidgets import QSlider

        page = self.studio.window.page("train")
        sliders = [slider for slider in page.findChildren(QSlider) if slider.isVisible() and slider.maximum() > 2]
        assert sliders, "there is no replay slider"
        slider = max(sliders, key=lambda found: found.maximum())
        slider.setValue(slider.maximum() // 3)
        self._breathe(0.3)
        self._picture("train-replay", both=False)
        slider.setValue(slider.maximum())

    def _inspect(self) -> None:
        self._show("inspect")
        self._type("inspect", SENTENCE)
        self._breathe(1.0)
        self._picture("inspect")
        self._look_inside("inspect", (TEXT_VIEWS, MANY_VIEWS))

    def _look_inside(self, name: str, views: tuple[Sequence[str], Sequence[str]]) -> None:
        """Each way to look inside one text, and at many; back to the gates afterwards."""
        page: Any = self.studio.window.page("inspect")
        for view in views[0]:
            page.views.choose(view)
            self._breathe(1.2)
            assert page.views.view is not None, f"there is no view {view}"
            self._picture(f"{name}-{view}", both=False)
        page.views.choose("gates")
        for mode in views[1]:
            self._click(page.many(mode).title(), "inspect")
            self._breathe(1.5)
            self._picture(f"{name}-{mode}", both=False)
        self._click("One text", "inspect")
        self._breathe(0.3)

    def _predict(self) -> None:
        self._show("predict")
        self._type("predict", SENTENCE)
        self._breathe(1.8)  # the answer is remembered after a pause in typing
        self._picture("predict")
        self._type("predict", "\n".join(SEVERAL))
        self._picture("predict-several")

    def _second_run(self) -> None:
        session = self.studio.session
        session.change(**{"model.cell": "rnn", "training.epochs": 2})
        session.start_training()
        self._wait(lambda: not session.training, "the second run")

    def _runs(self) -> None:
        from PySide6.QtWidgets import QTableView

        self._show("runs")
        table = self.studio.window.page("runs").findChild(QTableView)
        assert isinstance(table, QTableView)
        self._wait(lambda: table.model().rowCount() == 2, "both runs in the list")
        self._breathe(0.3)
        self._picture("runs")
        table.selectAll()
        self._breathe(0.5)
        self._picture("runs-compare")
        table.clearSelection()
        table.selectRow(1)

    def _slots(self) -> None:
        """Another task, from its file to a trained network."""
        session = self.studio.session
        session.open_sample("requests", rows=1200)
        self._wait(lambda: self._opened("requests"), "the sample of requests to open")
        self._show("data")
        assert session.config.task == "tagging", session.config.task
        self._picture("slots-data")
        self._show("model")
        session.apply_preset("recommended")
        session.change(**{"model.hidden_size": 48, "model.embedding_size": 48, "training.epochs": 8})
        session.change(**{"training.learning_rate": 0.006, "training.probe_seconds": 0.15})
        session.set_probe(REQUEST)
        self._breathe(1.5)
        self._picture("slots-model", both=False)
        self._click("Start training", "model")
        self._wait(lambda: session.active is not None and session.active.epoch >= 4, "the fourth epoch")
        self._picture("slots-train", both=False)
        self._wait(lambda: not session.training, "the end of the run")
        f1 = session.active.finished.metrics["f1"]  # type: ignore[union-attr]
        assert f1 > 0.6, f"the tagger learned too little: {f1:.3f}"

    def _slots_used(self) -> None:
        self._show("predict")
        self._type("predict", REQUEST)
        self._breathe(1.8)
        self._picture("slots-predict")
        self._show("inspect")
        self._type("inspect", REQUEST)
        self._breathe(1.0)
        self._picture("slots-inspect", both=False)
        self._click("Results", "inspect")
        self._breathe(1.0)
        self._picture("slots-results")
        self._click("One text", "inspect")

    def _roles(self) -> None:
        """Semantic roles: the predicate is clicked, or all verbs are asked for."""
        session = self.studio.session
        session.open_sample("roles", rows=900)
        self._wait(lambda: self._opened("roles"), "the sample of roles to open")
        self._show("data")
        self._picture("roles-data", both=False)
        session.start_training()
        self._wait(lambda: not session.training, "the end of the run")
        self._show("predict")
        self._type("predict", ROLES)
        self._breathe(1.0)
        self._picture("roles-predict")

    def _pairs(self) -> None:
        """A network that writes: German in, English out."""
        session = self.studio.session
        session.open_sample("german-english", rows=6000)
        self._wait(lambda: self._opened("german-english"), "the sample of pairs to open")
        assert session.config.task == "translation", session.config.task
        self._show("data")
        self._picture("pairs-data")
        self._show("model")
        session.apply_preset("recommended")
        session.change(**{"model.hidden_size": 192, "model.embedding_size": 192, "training.schedule": "constant"})
        session.change(**{"training.epochs": 4, "training.batch_size": 48, "training.probe_seconds": 0.5})
        session.change(**{"data.validation_fraction": 0.05})
        session.set_probe(GERMAN)
        self._breathe(1.5)
        self._picture("pairs-model")
        self._click("Start training", "model")
        self._wait(lambda: session.active is not None and session.active.epoch >= 3, "the third epoch")
        self._picture("pairs-train")
        self._click("Gates", "train")
        self._breathe(0.6)
        self._picture("pairs-train-gates", both=False)
        self._wait(lambda: not session.training, "the end of the run")
        bleu = session.active.finished.metrics["bleu"]  # type: ignore[union-attr]
        assert bleu > 40, f"the translator learned too little: {bleu:.1f}"

    def _pairs_used(self) -> None:
        self._show("predict")
        self._type("predict", GERMAN)
        self._breathe(1.8)
        self._picture("pairs-predict")
        self._show("inspect")
        self._type("inspect", GERMAN)
        self._breathe(1.0)
        self._picture("pairs-inspect", both=False)
        self._click("Attention", "inspect")
        self._breathe(0.6)
        self._picture("pairs-attention")
        self._click("Gates", "inspect")
        self._click("Results", "inspect")
        self._breathe(1.0)
        self._picture("pairs-results")
        self._click("One text", "inspect")

    def _headlines(self) -> None:
        """Summaries: what the file looks like."""
        session = self.studio.session
        session.open_sample("headlines", rows=1000)
        self._wait(lambda: self._opened("headlines"), "the sample of reports to open")
        assert session.dataset is not None
        assert session.dataset.guess.task_title == "Summaries", session.dataset.guess.task_title
        self._show("data")
        self._picture("headlines-data", both=False)

    def _tales(self) -> None:
        """A network that writes on: tales, character by character."""
        session = self.studio.session
        session.open_sample("tales", rows=200)
        self._wait(lambda: self._opened("tales"), "the sample of tales to open")
        assert session.config.task == "generation", session.config.task
        self._show("data")
        self._picture("tales-data")
        self._show("model")
        session.apply_preset("recommended")
        session.change(**{"model.hidden_size": 192, "training.epochs": 6, "training.probe_seconds": 0.5})
        session.set_probe(TALE)
        self._breathe(1.5)
        self._picture("tales-model")
        self._click("Start training", "model")
        self._wait(lambda: session.active is not None and session.active.epoch >= 4, "the fourth epoch")
        self._picture("tales-train")
        self._wait(lambda: not session.training, "the end of the run")
        bits = session.active.finished.metrics["bits_per_character"]  # type: ignore[union-attr]
        assert bits < 2, f"the language model learned too little: {bits:.2f} bits per character"

    def _tales_used(self) -> None:
        self._show("predict")
        self._type("predict", TALE)
        self._click("Write", "predict")
        self._breathe(2.5)
        self._picture("tales-predict")
        self._show("inspect")
        self._type("inspect", TALE)
        self._breathe(1.0)
        self._picture("tales-inspect", both=False)
        self._click("Results", "inspect")
        self._breathe(1.0)
        self._picture("tales-results")
        self._click("One text", "inspect")

    def _quatrains(self) -> None:
        """Poems, each a text of its own."""
        session = self.studio.session
        session.open_sample("quatrains-zh", rows=500)
        self._wait(lambda: self._opened("quatrains-zh"), "the sample of poems to open")
        assert session.config.data.documents == "paragraphs"  # type: ignore[attr-defined]
        self._show("data")
        self._picture("quatrains-data", both=False)

    def _opened(self, sample: str) -> bool:
        dataset = self.studio.session.dataset
        return dataset is not None and dataset.sample == sample and dataset.health is not None

    def _large(self) -> None:
        self.studio.window.resize(*LARGE)
        for name in ("data", "model", "train", "inspect", "predict", "runs"):
            self._show(name)
            self._picture(f"large-{name}", both=False)
        self.studio.window.resize(*SMALL)

    def _chinese(self) -> None:
        self.studio.settings.language = "zh_CN"
        self.studio.rebuild()
        self._breathe(0.8)
        self.studio.window.resize(*SMALL)
        for name in ("data", "model", "train", "inspect", "predict", "runs"):
            self._show(name)
            if name in {"inspect", "predict"}:
                self._type(name, GERMAN)  # the last run reads German
            self._picture(f"chinese-{name}", both=name == "train")

    # -- hands and eyes --------------------------------------------------------------------------------------

    def _show(self, name: str) -> None:
        self.studio.window.show_page(name)
        self._breathe(0.5)

    def _click(self, words: str, page: str) -> None:
        from PySide6.QtWidgets import QAbstractButton

        buttons: list[QAbstractButton] = self.studio.window.page(page).findChildren(QAbstractButton)
        for button in buttons:
            if words in (button.text(), button.accessibleName()) and button.isVisible():
                assert button.isEnabled(), f"{words} is disabled: {button.toolTip()}"
                button.click()
                self._breathe(0.1)
                return
        raise AssertionError(f"there is no button {words!r} on the page {page}")

    def _type(self, page: str, words: str) -> None:
        from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

        place = self.studio.window.page(page)
        fields: list[QWidget] = [*place.findChildren(QPlainTextEdit), *place.findChildren(QLineEdit)]
        field = next(f for f in fields if f.isVisible() and not f.isReadOnly())  # type: ignore[attr-defined]
        if isinstance(field, QPlainTextEdit):
            field.setPlainText(words)
        else:
            assert isinstance(field, QLineEdit)
            field.setText(words)
            field.editingFinished.emit()
        self._breathe(0.9)

    def _wait(self, test: Callable[[], bool], what: str) -> None:
        limit = time.monotonic() + PATIENCE
        while not test():
            if time.monotonic() > limit:
                raise TimeoutError(f"waited {PATIENCE:.0f} s for {what}")
            self._breathe(0.02)

    def _breathe(self, seconds: float) -> None:
        """Let the window live for a while."""
        limit = time.monotonic() + seconds
        while True:
            self.app.processEvents()
            if time.monotonic() >= limit:
                return
            time.sleep(0.004)

    def _picture(self, name: str, both: bool = True) -> None:
        from lstm_studio.gui import theme

        self.number += 1
        for look in ("light", "dark") if both else ("light",):
            if theme.theme().name != look:
                theme.choose(look)
            self._breathe(0.25)
            path = self.out / f"{self.number:02d}-{name}-{look}.png"
            assert self.studio.window.grab().save(str(path)), f"{path} could not be written"
        if theme.theme().name != "light":
            theme.choose("light")
            self._breathe(0.05)
