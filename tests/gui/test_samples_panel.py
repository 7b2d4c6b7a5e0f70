"""Texts that are written while a network learns: beside the references, in place, and nothing while hidden."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lstm_studio.config import RunConfig
from lstm_studio.data.written import Sample
from lstm_studio.gui import theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.train import TrainPage
from lstm_studio.gui.session import History, Session
from lstm_studio.gui.widgets.samples_list import right_stretches
from lstm_studio.gui.widgets.samples_panel import SamplesPanel
from lstm_studio.gui.widgets.text_lines import TextLines, lay_out
from lstm_studio.training.events import EpochEnded
from lstm_studio.training.record import Record, read

FIRST_PAGE = "train"
PAIRS = (("Ein Hund rennt im Schnee.", "A dog runs in the snow."), ("Ein Junge schläft.", "A boy sleeps."))


def samples(epoch: int, pairs: tuple[tuple[str, str], ...] = PAIRS) -> tuple[Sample, ...]:
    """More words are right after each epoch."""
    return tuple(
        Sample(source, " ".join(right.split()[:epoch]), (right,), min(100.0, 10.0 * epoch)) for source, right in pairs
    )


def ended(epoch: int, written: tuple[Sample, ...] | None = None, best: bool = False) -> EpochEnded:
    found = samples(epoch) if written is None else written
    return EpochEnded(epoch, 10 * epoch, 2.0, 2.0, {"bleu": float(epoch)}, "bleu", best, 1.0, found)


@pytest.fixture
def panel(qtbot: Any) -> SamplesPanel:
    made = SamplesPanel()
    qtbot.addWidget(made)
    made.resize(850, 360)
    made.show()
    return made


def written(panel: SamplesPanel) -> list[str]:
    """The lines from the top."""
    model = panel.list.written
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def test_newest_on_top_beside_source_and_reference(panel: SamplesPanel) -> None:
    panel.set_epochs([ended(1), ended(2, best=True), ended(3)])
    assert panel.source.text() == PAIRS[0][0]
    assert panel.reference.text() == PAIRS[0][1]
    assert written(panel) == ["A dog runs", "A dog", "A"]
    assert panel.list.written.best() == 1
    assert panel.sources.count() == 2
    assert panel.sources.item(0).data(Qt.ItemDataRole.UserRole) == 30.0
    model = panel.list.written
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == "Epoch 3, chrF 30.0: A dog runs"
    panel.choose(1)
    assert panel.reference.text() == "A boy sleeps."
    assert written(panel)[0] == "A boy sleeps."
    assert "2 texts" in panel.about.full_text()


def test_epochs_come_in_place(panel: SamplesPanel) -> None:
    model = panel.list.written
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    epochs = [ended(1)]
    panel.set_epochs(epochs)
    panel.choose(1)
    before = len(resets)
    for epoch in range(2, 6):
        epochs.append(ended(epoch))
        panel.set_epochs(epochs)
    assert len(resets) == before, "rows are added, not built anew"
    assert model.rowCount() == 5
    assert panel.chosen() == 1, "the chosen text stays"
    panel.set_epochs(epochs[:2])
    assert len(resets) == before + 1, "a run that goes back to a checkpoint"
    assert model.rowCount() == 2
    panel.set_epochs([])
    assert panel.stack.currentWidget() is panel.empty


def test_who_reads_further_down_is_left_there(panel: SamplesPanel, qapp: QApplication) -> None:
    epochs = [ended(epoch) for epoch in range(1, 60)]
    panel.set_epochs(epochs)
    qapp.processEvents()
    bar = panel.list.verticalScrollBar()
    assert bar.maximum() > 300
    bar.setValue(300)
    seen = panel.list.indexAt(panel.list.viewport().rect().center())
    text = panel.list.written.place(seen.row())
    panel.set_epochs([*epochs, ended(60), ended(61)])
    qapp.processEvents()
    assert panel.list.written.place(panel.list.indexAt(panel.list.viewport().rect().center()).row()) == text


def test_nothing_happens_while_hidden(panel: SamplesPanel) -> None:
    panel.hide()
    panel.set_epochs([ended(1)])
    assert panel.list.written.rowCount() == 0
    panel.show()
    assert panel.list.written.rowCount() == 1


def test_a_beginning_that_is_continued_has_no_reference(panel: SamplesPanel) -> None:
    texts = tuple(Sample("Once upon a time", f"there was a dog {n}") for n in range(3))
    panel.set_epochs([ended(1, texts)])
    assert panel.source_name.text() == "Beginning"
    assert panel.reference.isHidden()
    assert panel.score_head.isHidden()
    assert panel.list.written.data(panel.list.written.index(0)) == "there was a dog 0"
    panel.grab()
    panel.set_epochs([ended(1, texts[:1])])
    assert panel.sources.isHidden(), "one text needs no list"


def test_hundreds_of_long_texts_do_not_slow_it_down(panel: SamplesPanel) -> None:
    long = " ".join(["the committee met on Tuesday to discuss the bridge"] * 40)
    epochs = [
        ended(epoch, tuple(Sample(long, f"{long} {epoch}", (long,), 50.0) for _ in range(8))) for epoch in range(600)
    ]
    panel.set_epochs(epochs)
    panel.grab()
    began = time.perf_counter()
    for epoch in range(600, 620):
        epochs.append(ended(epoch, epochs[0].samples))
        panel.set_epochs(epochs)
        panel.grab()
    assert (time.perf_counter() - began) / 20 < 0.1
    assert len(panel.list.rows._lines) < 60, "only what is in sight is laid out"


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_strange_texts_are_painted(panel: SamplesPanel, choice: str) -> None:
    theme.choose(choice)  # type: ignore[arg-type]
    strange = (
        "",
        " ",
        "\n\t\x00",
        "a" * 5000,
        "去北京的火车星期一早上七点半出发" * 30,
        "שלום עולם",
        "𝔘" * 50,
        "<b>x</b>",
    )
    texts = tuple(Sample(text, text[::-1], (text, "x"), 0.0) for text in strange)
    panel.set_epochs([ended(1, texts), ended(2, texts[:3])])
    for size in ((300, 160), (600, 240), (1500, 700)):
        panel.resize(*size)
        for row in range(len(strange)):
            panel.choose(row)
            panel.grab()


def test_the_chosen_line_can_be_copied(panel: SamplesPanel) -> None:
    panel.set_epochs([ended(1), ended(2)])
    panel.list.setCurrentIndex(panel.list.written.index(1))
    QTest.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "A"


def test_right_words_are_marked() -> None:
    text = "one dog ran in snow ."
    # A word that is missing breaks no stretch: what stands there is right.
    assert [text[start:end] for start, end in right_stretches(text, ("A dog runs in the snow .",))] == [
        "dog",
        "in snow .",
    ]
    chinese = "去北的火车"
    assert [chinese[start:end] for start, end in right_stretches(chinese, ("去北京的火车",))] == ["去北的火车"]
    assert right_stretches("no", ()) == []
    assert right_stretches("", ("A",)) == []
    assert right_stretches("a b", ("x y", "a b")) == [(0, 3)], "of several references the nearest counts"


def test_lines_end_in_dots_and_stay_inside(qtbot: Any) -> None:
    text = "many words and more of them " * 20
    lines = lay_out(text, theme.font("body"), 200, 2)
    assert lines.cut
    assert lines.layout.lineCount() == 2
    assert lines.layout.text().endswith("…")
    assert all(lines.layout.lineAt(row).naturalTextWidth() <= 200 for row in range(2))
    assert not lay_out("short", theme.font("body"), 200, 2).cut
    widget = TextLines(2)
    qtbot.addWidget(widget)
    widget.resize(200, 20)
    widget.set_text(text, "or: <another>")
    assert "or: &lt;another&gt;" in widget.toolTip()
    widget.set_text("short")
    assert widget.toolTip() == ""


# -- on the page ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(window: MainWindow, qapp: QApplication) -> TrainPage:
    window.show_page("train")
    made = window.page("train")
    assert isinstance(made, TrainPage)
    qapp.processEvents()
    return made


def show_run(session: Session, epochs: list[EpochEnded]) -> None:
    session.history = History()
    session.history.extend(epochs)
    session.history_changed.emit()


def test_the_switch_is_there_for_runs_that_write(page: TrainPage, session: Session) -> None:
    assert page.views.shown == "gates"
    assert not page.views.switches[0].isVisible()
    assert page.gates.title.isVisible()
    show_run(session, [ended(1), ended(2)])
    assert page.views.shown == "texts"
    assert written(page.texts) == ["A dog", "A"]
    page.views.switches[1].buttons[0].click()
    assert page.views.shown == "gates"
    assert page.views.switches[0].isVisible()
    assert session.settings.noted("train", "watch") == "gates"
    show_run(session, [ended(1, ())])
    assert page.views.shown == "gates"
    assert not page.views.switches[0].isVisible()
    show_run(session, [ended(1)])
    assert page.views.shown == "gates", "what was chosen is remembered"
    assert page.views.switches[0].isVisible()


def test_texts_are_announced_before_the_first_epoch(page: TrainPage, session: Session) -> None:
    session.set_config(RunConfig(task="translation"))
    page.on_shown()
    assert page.views.shown == "texts"
    assert page.texts.empty.isVisible()
    session.set_config(RunConfig())
    page.on_shown()
    assert page.views.shown == "gates"


def test_a_saved_run_still_has_its_texts(page: TrainPage, session: Session, tmp_path: Path) -> None:
    record = Record(tmp_path / "metrics.jsonl")
    for epoch in (1, 2, 3):
        record.write(ended(epoch))
    record.close()
    config = RunConfig(task="translation")
    session.history = History()
    session.history.extend(read(tmp_path / "metrics.jsonl", config))
    session.history_changed.emit()
    assert written(page.texts) == ["A dog runs", "A dog", "A"]
    assert page.texts.reference.text() == PAIRS[0][1]
