"""Pretrained vectors on the Model page, for tasks with two sides and for units that are no words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.model import ModelPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.file_edit import FileEdit
from lstm_studio.gui.widgets.vectors_note import VectorsNote
from tests.runs import paired

FIRST_PAGE = "model"


@pytest.fixture
def opened(session: Session, qtbot: QtBot, tmp_path: Path) -> Session:
    """A file of pairs, examined."""
    session.open_file(paired.write_tsv(tmp_path / "animals.tsv", paired.pairs(40)))
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20000)
    return session


def test_both_sides_are_counted_and_pieces_of_words_offer_none(
    page: ModelPage, window: MainWindow, opened: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session = opened
    assert session.config.task == "translation"
    session.change(**{"data.source_units": "bpe", "data.target_units": "word"})
    rows = page.form.rows
    read, written = rows["model.vectors"], rows["model.target_vectors"]
    assert isinstance(read.editor, FileEdit)
    assert isinstance(written.editor, FileEdit)
    assert "whole words only, and here sources are cut" in read.help.text()
    assert "whole words only" in read.editor.button.toolTip()
    assert not read.editor.button.isEnabled()
    qtbot.waitUntil(written.editor.button.isEnabled, timeout=20000)
    assert "whole words" not in written.help.text()
    glove = tmp_path / "glove.txt"
    glove.write_text("kato 1 2\nun 3 4\nRED 1 1\ncat 2 2\ntwo 0 1\n", encoding="utf-8")
    note = page.findChild(VectorsNote)
    session.change(**{"model.vectors": str(glove)})
    assert not note.isVisibleTo(page)
    assert "whole words only" in session.why_not_start()
    assert not page.start.isEnabled()
    assert not read.editor.clear.isHidden(), "what is named can be taken back"
    session.change(**{"data.source_units": "word"})
    qtbot.waitUntil(lambda: session.why_not_start() == "", timeout=20000)
    assert read.editor.button.isEnabled()
    session.change(**{"model.target_vectors": str(glove)})
    qtbot.waitUntil(lambda: note.second_title.text() != "", timeout=20000)
    assert note.title.text().startswith("Source: 2 of 16 words have a vector")
    assert note.second_title.text().startswith("Target: 2 of 16 words")
    assert note.details.text().startswith("2 as they are written, 0 by their lower-case form.")
    assert "2 numbers" in note.details.toolTip()
    session.change(**{"data.vocabularies": "joint"})
    session.change(**{"model.tied": "all"})
    assert written.isHidden(), "one embedding starts with one file"
