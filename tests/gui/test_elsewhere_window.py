"""A run that was trained elsewhere, in the window: its data opens, its network answers."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from lstm_studio.gui.session import Session
from lstm_studio.runs import elsewhere
from tests.gui.test_data_page import quiet
from tests.runs import untrained
from tests.training.conftest import write_toy


def test_a_run_that_came_home_opens(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    original = write_toy(tmp_path / "films.csv", 60)
    elsewhere._note("data-1f2e3d4c", {"films.csv": str(original)})
    run = untrained.make(Path(session.settings.runs) / "back", data="/cluster/job/data-1f2e3d4c/films.csv")
    session.select_run(run)
    with qtbot.waitSignal(session.dataset_changed, timeout=60_000):
        session.duplicate_run(run)
    assert session.dataset is not None
    assert session.dataset.path == original
    answers: list = []
    session.with_predictor(lambda predictor: predictor.predict(["the film was good"]), answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=60_000)
    assert answers[0][0].label in {"negative", "positive"}
    quiet(session, qtbot)
