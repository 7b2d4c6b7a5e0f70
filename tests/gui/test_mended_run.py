"""A run with remedies is stopped and taken up again in the window, and used: all of it mends rows alike."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pytestqt.qtbot import QtBot

from lstm_studio import Predictor
from lstm_studio.gui.session import Session
from lstm_studio.runs.start import start

REMEDIES = ("fix_mojibake", "strip_html", "remove_token:promo.example", "drop_duplicates")
SMALL = {"model.hidden_size": 6, "model.embedding_size": 6, "training.batch_size": 4, "training.device": "cpu"}


def test_it_ends_as_if_it_had_never_been_stopped(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "messages.csv"
    rows = [f"the {'abcdefgh'[n % 8] * 6} number {n} promo.example,{'yes' if n % 2 else 'no'}" for n in range(60)]
    text = "\n".join(["text,label", *rows, *rows[:9], "a cafÃ© here,yes", "so <b>bold</b> a move,no"])
    path.write_text(text, encoding="utf-8")
    session.open_file(path)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20000)
    session.change(**{"data.remedies": REMEDIES, "training.epochs": 4, **SMALL})
    session.start_training()
    qtbot.waitUntil(lambda: session.active is not None and session.active.step >= 3, timeout=30000)
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=20000)
    assert session.active is not None
    run = session.active.path
    assert run is not None
    assert session.active.finished.reason == "stopped"  # type: ignore[union-attr]
    session.change(**{"data.remedies": ()})  # the run keeps its own
    session.resume_run(run)
    qtbot.waitUntil(lambda: session.training, timeout=20000)
    qtbot.waitUntil(lambda: not session.training, timeout=60000)
    assert session.active.finished.reason == "completed"  # type: ignore[union-attr]
    values = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))
    assert tuple(values["data"]["remedies"]) == REMEDIES
    straight = start(session.active.config, lambda event: None, folder=tmp_path / "straight", cache=tmp_path / "cache")
    assert straight.reason == "completed"
    weights = [(folder / "model.safetensors").read_bytes() for folder in (run, tmp_path / "straight")]
    assert weights[0] == weights[1]
    found = Predictor(run).predict(["a <i>cafÃ©</i> promo.example"])[0]
    assert [token.lower() for token in found.tokens] == ["a", "café"]
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20000)
