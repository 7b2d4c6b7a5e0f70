"""The Data page with running text: what it counts, one text, rows as they are read, a folder of files."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.data import DataPage
from lstm_studio.gui.session import Session


def examined(session: Session, qtbot: QtBot) -> None:
    """Wait until nothing is under way and the file is examined."""
    done = lambda: session.dataset is not None and session.dataset.health is not None  # noqa: E731
    qtbot.waitUntil(lambda: session.loading is None and done() and session.health_progress is None, timeout=20000)
    qtbot.waitUntil(lambda: session.jobs.busy == 0 and not session._data._health_timer.isActive(), timeout=20000)


def test_one_text(page: DataPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "tale.txt"
    path.write_text("".join(f"  Line {n} of {n * 7 % 31} tales.\n\n" for n in range(400)), encoding="utf-8")
    session.open_file(path)
    examined(session, qtbot)
    assert session.config.task == "generation"
    work, health = page.work, session.dataset.health  # type: ignore[union-attr]
    assert health is not None
    assert window.header.what.text().endswith(f"{health.tokens:,} tokens")
    assert work.parts.text() == f"{health.train_rows:,} tokens to learn from, {health.validation_rows:,} to check with"
    assert work.health.cut.text() == f"One text of {health.tokens:,} tokens."
    assert not work.health.lengths.isVisible()
    assert "of the validation tokens" in work.health.vocabulary.text()
    qtbot.waitUntil(lambda: len(work.sides.sides) == 1 and work.sides.sides[0].tokens.isVisible(), timeout=5000)
    assert work.sides.sides[0].name.text() == "Text"
    session.set_data(documents="lines", units="word")
    examined(session, qtbot)
    qtbot.waitUntil(work.health.lengths.isVisible, timeout=5000)
    assert work.health.cut.text().startswith("Half of the texts have at most 6 tokens")


def test_a_folder_of_files(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "novels"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.txt").write_text(f"Chapter {name}.\n" * 300, encoding="utf-8")
    session.open_file(folder)
    examined(session, qtbot)
    assert session.config.task == "generation"
    assert page.work.source.summary.text() == "Folder of .txt files"
    assert [page.work.table.header.role(place) for place in range(2)] == ["ignore", "text"]
