"""The Data page with pairs of texts: two files, roles, health without classes, both sides as tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from lstm_studio.config import TranslationData
from lstm_studio.gui import i18n
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.opening import are_parallel
from lstm_studio.gui.pages.data import WORK, DataPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.preview_table import IGNORE

GERMAN, ENGLISH = "null eins zwei drei vier".split(), "zero one two three four".split()


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """train.de with train.en, and val.de with val.en."""
    for name, rows in (("train", range(60)), ("val", range(200, 212))):
        for code, words, start in (("de", GERMAN, "das ist nicht"), ("en", ENGLISH, "that is not")):
            lines = [f"{start} {words[n // 25 % 5]} und" + f" {words[n // 5 % 5]} {words[n % 5]}" for n in rows]
            (tmp_path / f"{name}.{code}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def open_and_wait(session: Session, qtbot: QtBot, *paths: Path) -> None:
    """Open files and wait until they are examined."""
    session.open_file(*paths)
    examined(session, qtbot, paths[0])


def examined(session: Session, qtbot: QtBot, path: Path) -> None:
    """Wait until a file is open and examined, and nothing is under way."""

    def done() -> bool:
        found = session.dataset
        return session.loading is None and found is not None and found.path == path and found.health is not None

    qtbot.waitUntil(done, timeout=20000)
    qtbot.waitUntil(lambda: session.jobs.busy == 0 and session.health_progress is None, timeout=20000)


def section(session: Session) -> TranslationData:
    """The session's [data]."""
    assert isinstance(session.config.data, TranslationData)
    return session.config.data


def test_a_file_brings_its_translation(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    work = page.work
    assert page.stack.currentIndex() == WORK
    assert session.config.task == "translation"
    assert (work.task.currentText(), work.task.currentData()) == ("Translation", "translation")
    assert "train.en" in work.source.summary.text()
    assert [work.table.header.role(place) for place in range(2)] == ["source", "target"]
    assert [work.table.header.button(place).text() for place in range(2)] == ["Source ▾", "Target ▾"]
    assert not section(session).lowercase  # the other task's default, not this one's
    assert work.advanced.changed_rows() == work.form.changed_rows() == 0
    assert set(work.form.rows) == {
        f"data.{name}" for name in ("max_length", "validation_fraction", "source_units", "target_units")
    }


def test_health_without_classes(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    panel = page.work.health
    assert not panel.classes.isVisibleTo(panel)
    assert panel.targets.isVisibleTo(panel)
    assert panel.read.title.text() == "Tokens in a source"
    assert "Half of the targets" in panel.written_cut.text()
    assert "can be read" in panel.vocabulary.text()
    assert "54 pairs to learn from, 6 to check with" in page.work.parts.text()
    labelled = texts / "a.csv"
    labelled.write_text("text,label\n" + "".join(f"film number {n},{'good' if n % 3 else 'bad'}\n" for n in range(60)))
    open_and_wait(session, qtbot, labelled)
    assert panel.classes.isVisibleTo(panel)
    assert not panel.targets.isVisibleTo(panel)
    assert page.work.tokens.isVisibleTo(page.work)
    assert not page.work.sides.isVisibleTo(page.work)


def test_a_row_is_shown_as_it_is_read_and_written(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    work = page.work
    assert work.sides.isVisibleTo(work)
    assert not work.tokens.isVisibleTo(work)
    qtbot.waitUntil(lambda: len(work.sides.sides) == 2 and "▁" in work.sides.sides[0].tokens.accessibleDescription())
    assert [side.name.text() for side in work.sides.sides] == ["Source", "Target"]
    assert "Row 1 as the network reads and writes it" in work.tokens_title.text()
    work.table.selectRow(7)
    qtbot.waitUntil(lambda: "Row 8" in work.tokens_title.text())
    session.change(**{"data.max_target_length": 1})
    qtbot.waitUntil(lambda: "Too long to be learned from" in work.tokens_title.text())
    assert work.sides.sides[1].count.property("tone") == "warning"
    examined(session, qtbot, texts / "train.de")


def test_units_bring_their_lengths(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    before = section(session)
    session.change(**{"data.target_units": "character"})
    qtbot.waitUntil(lambda: section(session).target_units == "character")
    assert (section(session).max_target_length or 0) > (before.max_target_length or 0)
    assert section(session).max_length == before.max_length
    examined(session, qtbot, texts / "train.de")
    row = page.work.form.rows["data.target_units"]
    assert row.changed
    row.reset.click()
    qtbot.waitUntil(lambda: section(session) == before)
    examined(session, qtbot, texts / "train.de")


def test_sides_change_places(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    page.work.table.header.role_chosen.emit(1, "source")
    qtbot.waitUntil(lambda: (section(session).source, section(session).target) == ("target", "source"))
    menu = page.work.table.header.menu(0)
    assert [action.text() for action in menu.actions()] == ["Source", "Target", "Ignore"]
    assert not menu.actions()[-1].isEnabled()
    menu.close()
    menu.deleteLater()
    assert page.work.table.header.role(0) != IGNORE
    examined(session, qtbot, texts / "train.de")


def test_two_files_are_opened_together(
    page: DataPage, session: Session, texts: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (texts / "train.de").rename(texts / "one.txt"), (texts / "train.en").rename(texts / "other.txt")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in (one, other)])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys))
    examined(session, qtbot, one)
    assert section(session).parallel == str(other)
    assert session.config.task == "translation"
    source = page.work.source
    page.work.source.set_open(True)
    assert source.second.isVisibleTo(source)
    assert source.second.button.text() == "other.txt"
    assert not source.delimiter.isVisibleTo(source)
    chosen = [str(texts / "val.de"), str(texts / "val.en")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (chosen, ""))
    page.ask_file()
    examined(session, qtbot, texts / "val.de")
    assert session.dataset is not None
    assert session.dataset.rows == 12


def test_another_second_file(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    third = texts / "train_in_upper_case.txt"
    third.write_text((texts / "train.en").read_text().upper())
    page.work.source.second.chosen.emit(str(third))
    qtbot.waitUntil(lambda: section(session).parallel == str(third) and session.loading is None)
    examined(session, qtbot, texts / "train.de")
    assert session.dataset is not None
    assert session.dataset.table.cell(0, 1).startswith("THAT IS NOT")
    page.work.source.again.click()
    qtbot.waitUntil(lambda: section(session).parallel is None and session.loading is None)
    examined(session, qtbot, texts / "train.de")
    assert session.dataset.table.cell(0, 1).startswith("that is not")


def test_different_numbers_of_lines_are_told(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    (texts / "train.en").write_text("one line\n")
    session.open_file(texts / "train.de")
    qtbot.waitUntil(lambda: session.load_error is not None, timeout=10000)
    assert page.banner.isVisible()
    assert session.load_error is not None
    assert "train.de has 60 lines, train.en ends at line 1" in i18n.error_text(session.load_error)
    i18n.set_language("zh_CN")
    assert "有 60 行" in i18n.error_text(session.load_error)


def test_a_validation_file_has_its_own_second_file(page: DataPage, session: Session, texts: Path, qtbot: QtBot) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    page.work.validation.chosen.emit(str(texts / "val.de"))
    qtbot.waitUntil(lambda: section(session).validation is not None)
    examined(session, qtbot, texts / "train.de")
    qtbot.waitUntil(lambda: "60 pairs to learn from, 12 to check with" in page.work.parts.text(), timeout=10000)


def test_all_settings_and_both_sides_fit_where_there_is_room(
    page: DataPage, session: Session, texts: Path, window: MainWindow, qtbot: QtBot
) -> None:
    open_and_wait(session, qtbot, texts / "train.de")
    work = page.work
    work.show_advanced(True)
    assert not work.sides.isVisibleTo(work)
    window.resize(1920, 1080)
    qtbot.waitUntil(lambda: work.sides.isVisibleTo(work))
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: not work.sides.isVisibleTo(work))
    work.show_advanced(False)
    assert work.sides.isVisibleTo(work)


def test_what_was_chosen_together() -> None:
    assert are_parallel(["a.de", "a.en"])
    assert are_parallel(["one.txt", "other.txt"])
    assert not are_parallel(["a.de"])
    assert not are_parallel(["train.csv", "test.csv"])
    assert not are_parallel(["a", "b", "c"])
