"""Findings of the health panel: rows that show them, remedies at a click, chips that take them away, and undo."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.health_panel import Finding


def test_a_remedy_is_chosen_shown_taken_back_and_undone(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "a.csv"
    rows = [f"words number {n} {'abcdefgh'[n % 8] * 20},{'yes' if n % 2 else 'no'}" for n in range(60)]
    text = "\n".join(["text,label", *rows, "a cafÃ© here,yes", "so <b>bold</b> a move,no"])
    path.write_text(text, encoding="utf-8")
    window.show_page("data")
    panel = window.page("data").work.health  # type: ignore[attr-defined]
    session.open_file(path)

    def examined(*remedies: str) -> bool:
        dataset = session.dataset
        done = dataset is not None and dataset.health is not None and session.health_progress is None
        return done and [one.remedy for one in session.dataset.health.mended] == [*remedies]  # type: ignore[union-attr]

    def finding(words: str) -> Finding | None:
        found = [panel._findings.itemAt(place).widget() for place in range(panel._findings.count())]
        return next((one for one in found if words in one.accessibleName()), None)

    qtbot.waitUntil(lambda: examined(), timeout=20000)
    assert panel.remedies.isHidden()
    panel.more.click()
    garbled = finding("garbled")
    assert garbled is not None
    assert garbled.show_rows is not None
    garbled.show_rows.click()
    assert garbled.rows.text() == "Line 62: a cafÃ© here"
    garbled.offers["fix_mojibake"].click()
    qtbot.waitUntil(lambda: examined("fix_mojibake"), timeout=20000)
    assert session.config.data.remedies == ("fix_mojibake",)
    assert panel.remedies.buttons["fix_mojibake"].text() == "Mend garbled letters · 1"
    assert finding("garbled") is None
    markup = finding("markup")
    assert markup is not None
    markup.offers["strip_html"].click()
    qtbot.waitUntil(lambda: examined("fix_mojibake", "strip_html"), timeout=20000)
    panel.remedies.buttons["fix_mojibake"].click()
    qtbot.waitUntil(lambda: examined("strip_html"), timeout=20000)
    panel.remedies.undo.click()
    qtbot.waitUntil(lambda: examined("fix_mojibake", "strip_html"), timeout=20000)
    panel.remedies.undo.click()
    panel.remedies.undo.click()
    qtbot.waitUntil(lambda: examined(), timeout=20000)
    assert panel.remedies.isHidden()
    assert path.read_text(encoding="utf-8") == text
    session.open_file(Path(path).rename(tmp_path / "b.csv"))
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20000)
