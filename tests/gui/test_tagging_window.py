"""Tagging in the window, from its file to a trained network."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from pytestqt.qtbot import QtBot

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.pages.data import DataPage
from lstm_studio.gui.pages.model import ModelPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.file_edit import FileEdit
from lstm_studio.gui.widgets.preview_table import IGNORE
from lstm_studio.gui.widgets.vectors_note import VectorsNote

TOWNS = ("Paris", "Rome", "Oslo", "New York")


def write_conll(path: Path, sentences: int = 60) -> Path:
    """Who lives where, word by word."""
    lines = []
    for number in range(sentences):
        lines += ["Ann\tB-PER", "Lee\tI-PER", f"no{number}\tO", "saw\tO"]
        town = TOWNS[number % 4].split()
        lines += [f"{word}\t{'B' if place == 0 else 'I'}-LOC" for place, word in enumerate(town)]
        lines += [""]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def opened(session: Session, qtbot: QtBot, path: Path) -> None:
    """Open a file and wait until it is examined."""
    session.open_file(path)
    qtbot.waitUntil(
        lambda: session.dataset is not None and session.dataset.path == path and session.dataset.health is not None,
        timeout=20000,
    )


@pytest.fixture
def page(window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path) -> DataPage:
    """The Data page with a file of words and tags."""
    opened(session, qtbot, write_conll(tmp_path / "a.conll"))
    window.show_page("data")
    found = window.page("data")
    assert isinstance(found, DataPage)
    return found


def test_the_task_is_guessed_and_said(page: DataPage, session: Session, window: MainWindow) -> None:
    dataset = session.dataset
    assert dataset is not None
    assert session.config.task == "tagging"
    assert page.work.task.currentText() == "Named entities"
    assert "IOB2" in page.work.task_why.toolTip()
    header = page.work.table.header
    assert [header.role(column) for column in range(2)] == ["word", "tag"]
    assert [header.button(column).text() for column in range(2)] == ["Words ▾", "Tags ▾"]
    assert "60 sentences" in window.header.what.text()
    assert page.work.parts.text() == "54 sentences to learn from, 6 to check with"


def test_the_chosen_sentence_shows_its_spans(page: DataPage, qtbot: QtBot) -> None:
    work = page.work
    qtbot.waitUntil(lambda: "8" not in work.tokens_title.text() and "words" in work.tokens_title.text())
    assert work.marks_area.isVisible()
    assert not work.tokens.isVisible()
    assert work.marks.text() == "Ann Lee no0 saw Paris"
    work.table.selectRow(3)
    qtbot.waitUntil(lambda: work.marks.text() == "Ann Lee no3 saw New York", timeout=3000)
    assert work.marks.tagged_text() == "[Ann Lee](PER) no3 saw [New York](LOC)"


def test_a_broken_sentence_says_so(session: Session, window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = write_conll(tmp_path / "b.conll")
    path.write_text("Ann\tI-LOC\nLee\tO\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    opened(session, qtbot, path)
    window.show_page("data")
    work = window.page("data").work  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "I-LOC" in work.tokens_title.text(), timeout=3000)
    assert session.dataset is not None
    assert session.dataset.health is not None
    assert any("line 1" in warning.text for warning in session.dataset.health.warnings)


def test_a_task_that_does_not_fit_is_refused(page: DataPage, session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("text,label\n" + "a fine day,good\na dull day,bad\n" * 30, encoding="utf-8")
    opened(session, qtbot, path)
    assert session.config.task == "classification"
    said: list[Notice] = []
    session.notice.connect(said.append)
    box = page.work.task
    box.setCurrentIndex(box.findData("tagging"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: bool(said), timeout=5000)
    assert "hold words and a tag" in said[-1].text
    assert session.config.task == "classification"
    qtbot.waitUntil(lambda: box.currentData() == "classification", timeout=2000)


def test_another_task_brings_its_settings_and_keeps_what_was_set(
    page: DataPage, window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    model = window.page("model")
    assert isinstance(model, ModelPage)
    assert session.config.training.epochs == 20
    assert model.presets.value() == "recommended"
    assert "model.crf" in model.form.rows
    assert "model.pooling" not in model.form.rows
    session.apply_preset("each_alone")
    assert not session.config.model.crf
    path = tmp_path / "texts.csv"
    path.write_text("text,label\n" + "a fine day,good\na dull day,bad\n" * 30, encoding="utf-8")
    opened(session, qtbot, path)
    assert session.config.task == "classification"
    assert session.config.training.epochs == 8
    assert "model.crf" not in model.form.rows
    assert "model.pooling" in model.form.rows
    session.change(**{"model.hidden_size": 33})
    opened(session, qtbot, write_conll(tmp_path / "c.conll"))
    assert session.config.task == "tagging"
    assert session.config.model.hidden_size == 33
    assert session.config.data.word == "column 1"  # type: ignore[attr-defined]


def test_roles_are_chosen_above_the_columns(page: DataPage, session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "pos.conll"
    rows = [line for number in range(40) for line in (f"no{number} X B-A", "sees Y O", "it Z O", "")]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    opened(session, qtbot, path)
    header = page.work.table.header
    assert [header.role(column) for column in range(3)] == ["word", IGNORE, "tag"]
    header.role_chosen.emit(1, "tag")
    qtbot.waitUntil(lambda: session.config.data.tag == "column 2", timeout=5000)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: header.role(1) == "tag", timeout=5000)
    assert header.role(2) == IGNORE
    assert session.config.data.scheme == "none"  # type: ignore[attr-defined]
    menu = header.menu(0)
    choices = {action.text(): action.isEnabled() for action in menu.actions()}
    assert choices == {"Words": True, "Tags": True, "Predicate": True, "Ignore": False}
    menu.close()


def test_a_file_of_vectors_is_chosen(
    page: DataPage,
    window: MainWindow,
    session: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    window.show_page("model")
    model = window.page("model")
    assert isinstance(model, ModelPage)
    editor = model.form.rows["model.vectors"].editor
    assert isinstance(editor, FileEdit)
    chosen = tmp_path / "glove.txt"
    chosen.write_text("paris 1 2\n", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(chosen), ""))
    editor.button.click()
    assert session.config.model.vectors == str(chosen)
    assert "glove.txt" in editor.button.accessibleName()
    note = model.findChild(VectorsNote)
    qtbot.waitUntil(lambda: note.title.text().startswith("1 of "), timeout=5000)
    assert "1 as they are written, 0 by their lower-case form." in note.details.text()
    assert "the most frequent of these: \u2068ann\u2069, \u2068lee\u2069" in note.details.text()
    chosen.write_text("paris\n", encoding="utf-8")
    session.change(**{"model.vectors": str(tmp_path / "none.txt")})
    qtbot.waitUntil(lambda: "no such file" in note.details.text(), timeout=5000)
    editor.clear.click()
    assert session.config.model.vectors is None
    assert not note.isVisible()


def test_it_trains_and_answers(page: DataPage, window: MainWindow, session: Session, qtbot: QtBot) -> None:
    session.change(**{"model.hidden_size": 16, "model.embedding_size": 12, "training.epochs": 10})
    session.change(**{"training.learning_rate": 0.02, "training.batch_size": 8, "training.threads": 1})
    session.change(**{"model.dropout": 0.0, "model.embedding_dropout": 0.0, "model.word_dropout": 0.0})
    assert session.start_training()
    qtbot.waitUntil(lambda: not session.training, timeout=60000)
    active = session.active
    assert active is not None
    metrics = active.finished.metrics  # type: ignore[union-attr]
    assert metrics["f1"] > 0.8
    found: list[object] = []
    session.with_predictor(lambda predictor: predictor.predict(["Ann Lee saw Rome"])[0].plain(), found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=10000)
    assert [span["type"] for span in found[0]["spans"]] == ["PER", "LOC"]  # type: ignore[index]
    assert "task=tagging" in session.training_command() or "config.toml" in session.training_command()
    window.show_page("train")
    titles = {button.text() for button in window.page("train").findChildren(QAbstractButton)}
    assert "F1" in titles


def test_it_is_found_again_at_the_next_start(page: DataPage, session: Session, qtbot: QtBot) -> None:
    session.change(**{"data.same_digits": True, "model.crf": False})
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=10000)
    session.save()
    again = Session(session.settings)
    again.restore()
    qtbot.waitUntil(lambda: again.dataset is not None and again.dataset.health is not None, timeout=10000)
    assert again.config.task == "tagging"
    assert (again.config.data.same_digits, again.config.model.crf) == (True, False)  # type: ignore[attr-defined]
    assert again.config.data.tag == "column 2"  # type: ignore[attr-defined]
    again.close()


def test_a_runs_settings_bring_its_task_back(
    page: DataPage, session: Session, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    session.change(**{"model.hidden_size": 9, "training.epochs": 1, "training.threads": 1})
    assert session.start_training()
    qtbot.waitUntil(lambda: not session.training, timeout=60000)
    run = session.selected_run
    assert run is not None
    path = tmp_path / "texts.csv"
    path.write_text("text,label\n" + "a fine day,good\na dull day,bad\n" * 30, encoding="utf-8")
    opened(session, qtbot, path)
    assert session.config.task == "classification"
    session.duplicate_run(run)
    qtbot.waitUntil(
        lambda: session.dataset is not None and session.dataset.path.suffix == ".conll" and session.loading is None,
        timeout=10000,
    )
    assert session.config.task == "tagging"
    assert (session.config.model.hidden_size, session.config.training.epochs) == (9, 1)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=10000)
