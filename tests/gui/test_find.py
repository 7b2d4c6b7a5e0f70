"""The finders of learning rate and batch size, and the trackers in the settings."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pytestqt.qtbot import QtBot

from lstm_studio.gui.pages.model import ModelPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.find_batch import FindBatch
from lstm_studio.gui.widgets.find_rate import FindRate
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog
from lstm_studio.training import batch_test, range_test
from tests.gui.test_data_page import opened, quiet, write_rows

FIRST_PAGE = "model"


def test_a_rate_and_a_batch_size_are_found_and_taken(
    page: ModelPage, session: Session, tmp_path: Path, qtbot: QtBot, monkeypatch
) -> None:
    links = page.finders
    assert not any(link.isEnabled() for link in links.values())
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    session.change(**{"model.hidden_size": 4, "model.embedding_size": 4, "training.batch_size": 8})
    assert all(link.isEnabled() for link in links.values())
    monkeypatch.setattr(range_test, "find_rate", partial(range_test.find_rate, steps=40))
    monkeypatch.setattr(batch_test, "find_batch_size", partial(batch_test.find_batch_size, largest=16))
    for field, kind in (("training.learning_rate", FindRate), ("training.batch_size", FindBatch)):
        links[field].click()
        dialog = page.window().findChild(kind)
        assert dialog is not None
        qtbot.waitUntil(lambda dialog=dialog: dialog._job is None, timeout=60_000)
        assert dialog.words.text()
        if dialog.suggestion is None:
            dialog.reject()
            continue
        name = field.partition(".")[2]
        value = dialog.suggestion
        dialog.use.click()
        assert getattr(session.config.training, name) == value
        assert page.form.rows[field].value() == value
    quiet(session, qtbot)


def test_closing_ends_the_measurement(page: ModelPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    before = session.config
    dialog = FindRate(session, page)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.begin()
    assert not dialog.use.isEnabled()
    dialog.close_button.click()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=60_000)
    assert session.config == before
    quiet(session, qtbot)


def test_trackers_are_chosen_in_the_settings(session: Session, qtbot: QtBot) -> None:
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    card = dialog.trackers
    card.address.setText("example.org")
    card.address.editingFinished.emit()
    assert session.settings.mlflow == ""
    assert not card.wrong.isHidden()
    card.address.setText("http://example.org:5000")
    card.address.editingFinished.emit()
    assert session.settings.mlflow == "http://example.org:5000"
    card._set_folder("/tmp/logs")
    assert session.settings.tensorboard == "/tmp/logs"
    card.off.click()
    assert session.settings.tensorboard == ""
