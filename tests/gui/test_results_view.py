"""The results of real runs: figures, confusions, filters, the way to one sentence; live runs, old runs, no runs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from lstm_studio.config import parse
from lstm_studio.gui import i18n
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.results_figures import ClassTable, FiguresBar, main_figure
from lstm_studio.gui.widgets.token_strip import TokenStrip
from lstm_studio.runs.results import ClassFigures, part_of
from lstm_studio.runs.start import start
from tests.gui.test_train_page import WAIT, open_texts, train
from tests.runs.test_results import tagging, texts, write

FIRST_PAGE = "inspect"
SMALL = {
    "model.hidden_size": 6,
    "model.embedding_size": 5,
    "training.batch_size": 8,
    "training.epochs": 2,
    "training.threads": 1,
    "training.probe_seconds": 0.0,
}


def write_sentences(path: Path, rows: int = 80) -> Path:
    """CoNLL lines; what is a place or a person cannot be learned well from them."""
    chance = random.Random(5)
    lines = []
    for _ in range(rows):
        for word in chance.sample("met saw in with on a the old".split(), 4):
            lines.append(f"{word} O")
            if chance.random() < 0.5:
                kind = chance.choice(["PER", "LOC"])
                lines += [f"Name{chance.randrange(9)} B-{kind}", f"Rest{chance.randrange(5)} I-{kind}"]
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def show_results(page: InspectPage, window: MainWindow, qtbot: Any) -> None:
    window.show_page("inspect")
    page.mode.buttons[1].click()
    qtbot.waitUntil(lambda: page.results.part is not None, timeout=WAIT)


def show_folder(page: InspectPage, window: MainWindow, folder: Path, qtbot: Any) -> None:
    page.session.selected_run = folder
    page.session.selected_run_changed.emit()
    show_results(page, window, qtbot)


def test_texts_from_the_results_to_the_gates(
    page: InspectPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 1, "training.learning_rate": 1e-5})
    train(session, qtbot)
    show_results(page, window, qtbot)
    view = page.results
    part = view.part
    assert part is not None
    assert part.examples == 16
    assert part.worst
    assert view.bar.stats["accuracy"].value.text() == f"{100 * part.metrics['accuracy']:.1f} %"
    assert view.bar.stats["examples"].value.text() == "16 texts"
    assert not view.bar.part.isVisible()
    assert len(view.body.listed) == len(part.worst) == int(part.confusion.sum() - part.confusion.trace())
    shares = [one.probability or 0 for one in part.worst]
    assert shares == sorted(shares, reverse=True)

    # a cell leads to all of its examples; the chip lets go of it
    truth, read = (int(place[0]) for place in np.nonzero(part.confusion - np.diag(part.confusion.diagonal())))
    table = view.body.confusion.table
    place = table.visualRect(table.counts.index(truth, read)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert page.mode.value() == "examples"
    mode, count = page.many("examples"), int(part.confusion[truth, read])
    qtbot.waitUntil(lambda: mode.table.model.rowCount() == count, timeout=WAIT)
    assert mode.filter.cell_chip.text() == f"{part.classes[truth]} read as {part.classes[read]}"
    qtbot.waitUntil(mode.filter.cell_chip.isVisible, timeout=WAIT)
    mode.filter.cell_chip.click()
    qtbot.waitUntil(lambda: mode.table.model.rowCount() == 16, timeout=WAIT)
    assert not mode.filter.cell_chip.isVisible()
    show_results(page, window, qtbot)
    table.setCurrentIndex(table.counts.index(truth, truth))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert page.mode.value() == "examples"
    qtbot.waitUntil(lambda: mode.table.model.rowCount() == part.confusion[truth, truth], timeout=WAIT)
    show_results(page, window, qtbot)

    one = view.body.listed[-1]
    assert f"is \u2068{one.label}\u2069, read as \u2068{one.read}\u2069" in view.body.list.view.sentences.rows[-1].note
    view.body.list.activated.emit(len(view.body.listed) - 1)
    assert page.mode.value() == "text"
    assert page.text.toPlainText() == " ".join(one.words)
    qtbot.waitUntil(lambda: page.trace is not None and page.trace.verdict == one.read, timeout=WAIT)
    assert session.settings.noted("inspect", "mode") == "text"


def test_sentences_from_the_results_to_the_gates(
    page: InspectPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    session.open_file(write_sentences(tmp_path / "names.conll"))
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=WAIT)
    session.change(**SMALL)
    train(session, qtbot)
    show_results(page, window, qtbot)
    view = page.results
    part = view.part
    assert part is not None
    assert part.classes[-1] == ""
    assert part.labels == ("LOC", "PER")
    assert part.worst
    assert next(iter(view.bar.stats)) == "f1"
    missed = next((row, 2) for row in range(2) if part.confusion[row, 2]) if part.confusion[:, 2].any() else (2, 0)
    view.body.confusion.cell_marked.emit(*missed)
    assert view.body.chip.isVisible()
    assert 0 < len(view.body.listed) <= len(part.worst)
    assert all(missed in one.cells for one in view.body.listed)
    assert view.body.count.text() == f"{len(view.body.listed)} of {len(part.worst)}"
    one = view.body.listed[0]
    view.body.list.activated.emit(0)
    qtbot.waitUntil(lambda: page.trace is not None and page.trace.tokens == one.words, timeout=WAIT)
    trace = page.trace
    assert trace is not None
    assert trace.meaning == "token"
    assert trace.classes[-1] == "O"
    assert "Read as:" in page.strip.words(0)
    assert page.line.given is not None
    page.text.setPlainText(page.text.toPlainText() + " again")
    assert page.line.given is None, "an edited text is cut into words again"
    page.line.take.click()
    qtbot.waitUntil(lambda: page.line.given is not None, timeout=WAIT)
    assert page.line.given is not None
    assert page.line.given.words
    page.grab()


def test_results_follow_a_run_in_training(
    page: InspectPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 4000})
    page.mode.buttons[1].click()
    assert session.start_training()
    window.show_page("inspect")
    qtbot.waitUntil(lambda: page.results.part is not None, timeout=WAIT)
    first = page.results._found
    qtbot.waitUntil(lambda: page.results._found is not first, timeout=WAIT)
    session.stop()
    qtbot.waitUntil(lambda: not session.training, timeout=WAIT)


def write_roles(path: Path) -> Path:
    """Two verbs a sentence, a line each; the roles of a verb are the words beside it."""
    chance, rows = random.Random(4), []
    for _ in range(40):
        words = []
        for _ in range(2):
            words += [chance.choice(["Ada", "Grace"]), chance.choice(["gave", "sent"]), "books", "and"]
        for verb in (1, 5):
            tags = ["O"] * 8
            tags[verb - 1 : verb + 2] = ["B-A0", "B-V", "B-A1"]
            rows.append({"words": words, "tags": tags, "predicate": verb})
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_roles_are_read_for_the_verb_of_the_sentence(
    page: InspectPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    path = write_roles(tmp_path / "roles.jsonl")
    data = {"path": str(path), "word": "words", "tag": "tags", "predicate": "predicate"}
    model = {"hidden_size": 4, "embedding_size": 4}
    training = {"epochs": 1, "threads": 1, "probe_seconds": 0, "learning_rate": 1e-5}
    config = parse({"task": "tagging", "data": data, "model": model, "training": training})
    run = start(config, lambda event: None, folder=tmp_path / "run", cache=tmp_path / "cache").run
    assert run is not None
    session.select_run(run)
    show_results(page, window, qtbot)
    view = page.results
    row = next(row for row, one in enumerate(view.body.listed) if one.predicate == 5)
    note = view.body.list.view.sentences.rows[row].note
    assert note.startswith(f"of “\u2068{view.body.listed[row].words[5]}\u2069” · ")
    view.body.list.activated.emit(row)
    qtbot.waitUntil(lambda: page.trace is not None and page.trace.tokens == view.body.listed[row].words, timeout=WAIT)
    assert page.trace is not None
    assert page.trace.marked == 5
    page.text.setPlainText(" ".join(view.body.listed[row].words[:4]))
    qtbot.waitUntil(lambda: page.trace is not None and len(page.trace.tokens) == 4, timeout=WAIT)
    assert page.trace.marked == 1, "of a typed sentence it is the first verb"
    page.grab()


# -- made-up results ----------------------------------------------------------------------------------------------


def test_cells_filter_and_the_chip_lets_go(page: InspectPage, window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    write(tmp_path, {"validation": tagging(), "test": tagging(examples=5, worst=[])})
    show_folder(page, window, tmp_path, qtbot)
    view = page.results
    table = view.body.confusion.table
    place = table.visualRect(table.counts.index(1, 0)).center()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, control, pos=QPoint(place))
    assert view.body.cell == (1, 0)
    assert view.body.chip.text() == "place read as person"
    assert len(view.body.listed) == 1
    view.body.chip.click()
    assert view.body.cell is None
    assert not view.body.chip.isVisible()
    for cell, words, text in (
        ((1, 2), "place missed", "Nothing was read like this."),
        ((0, 0), "person read rightly", "None of the 1 worst, which are all that is kept, has this."),
    ):
        view.body._cell_marked(*cell)
        assert view.body.chip.text() == words
        assert view.body.list.empty.text() == text
    view.body._cell_marked(0, 0)
    assert view.body.cell is None, "a second click on the cell lets go too"
    view.body._cell_marked(2, 0)
    assert view.body.chip.text() == "person invented"
    note = view.body.list.view.sentences.rows[0].note
    assert note == "of “\u2068met\u2069” · 1 of another type · 1 missed · 1 invented"
    view.bar.part.buttons[1].click()
    assert view.body.cell is None
    assert view.bar.stats["examples"].value.text() == "5 sentences"
    assert view.body.list.empty.text() == "Nothing here was read wrongly."
    assert page.session.settings.noted("inspect", "part") == "test"


def test_a_better_epoch_keeps_the_filter_and_the_chosen_sentence(
    page: InspectPage, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    entries = [{**tagging()["worst"][0], "index": number} for number in range(4)]
    write(tmp_path, {"validation": tagging(worst=entries)})
    show_folder(page, window, tmp_path, qtbot)
    view = page.results
    view.body._cell_marked(1, 0)
    view.body.list.select(2)
    write(tmp_path, {"validation": tagging(worst=entries[1:], examples=13)})
    view.look()
    qtbot.waitUntil(lambda: view.part is not None and view.part.examples == 13, timeout=WAIT)
    assert view.body.cell == (1, 0)
    assert view.body.listed[view.body.list.current()].index == 2
    (tmp_path / "results.json").write_text("{", encoding="utf-8")
    view.look()
    qtbot.waitUntil(lambda: view.part is None, timeout=WAIT)
    assert view.empty.title.text() == "This run kept no results"


def test_an_old_run_says_so_and_can_be_evaluated(
    page: InspectPage, session: Session, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    (tmp_path / "old").mkdir()
    session.selected_run = tmp_path / "old"
    session.selected_run_changed.emit()
    page.mode.buttons[1].click()
    view = page.results
    qtbot.waitUntil(lambda: view.empty.title.text() == "This run kept no results", timeout=WAIT)
    assert not view.evaluate.isVisible()
    # a run with a validation file of its own
    open_texts(session, tmp_path, qtbot, **{"training.epochs": 1})
    session.change(**{"data.validation": str(tmp_path / "texts.csv")})
    train(session, qtbot)
    run = session.selected_run
    assert run is not None
    (run / "results.json").unlink()
    view._found = None
    view._show_parts({})
    window.show_page("inspect")
    view.look()
    qtbot.waitUntil(lambda: view.evaluate.isVisible(), timeout=WAIT)
    view.evaluate.click()
    qtbot.waitUntil(lambda: view.part is not None, timeout=WAIT)
    assert view.part is not None
    assert view.part.examples == 160


def test_before_the_first_epoch(page: InspectPage, session: Session, qtbot: Any) -> None:
    from lstm_studio.gui.session_history import History

    session.history = History()
    session.history_changed.emit()
    assert page.results.empty.title.text() == "No epoch has ended yet."


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize(
    "content", [tagging(), texts(), tagging(classes=[""], confusion=[[0]], per_class={}, worst=[])]
)
def test_all_kinds_are_painted_in_both_languages(
    session: Session, qapp: QApplication, tmp_path: Path, qtbot: Any, content: dict[str, Any], language: str
) -> None:
    i18n.set_language(language)
    session.settings.note("inspect", mode="results")
    session.selected_run = write(tmp_path, {"validation": content, "test": content})
    made = MainWindow(session)
    made.resize(1024, 640)
    made.show()
    made.show_page("inspect")
    page = made.page("inspect")
    assert isinstance(page, InspectPage)
    qtbot.waitUntil(lambda: page.results.part is not None, timeout=WAIT)
    made.grab()
    assert made.size().height() == 640
    assert page.minimumSizeHint().width() < 1024
    made.close()
    made.deleteLater()
    i18n.set_language("en")


# -- parts --------------------------------------------------------------------------------------------------------


def test_the_watched_figure_stands_first(qtbot: Any) -> None:
    sentences, labelled = part_of(tagging()), part_of(texts())
    assert sentences is not None
    assert labelled is not None
    assert main_figure(sentences) == "f1"
    assert main_figure(sentences, "recall") == "recall"
    assert main_figure(labelled, "loss") == "accuracy"
    bar = FiguresBar()
    qtbot.addWidget(bar)
    bar.show_part(sentences, "", "12 sentences")
    assert list(bar.stats) == ["f1", "precision", "recall", "accuracy", "loss", "examples"]
    assert bar.stats["accuracy"].title.text() == "Accuracy by word"
    bar.show_part(labelled, "", "4 texts")
    assert list(bar.stats) == ["accuracy", "loss", "examples"]
    bar.show_part(None, "", "")
    assert bar.stats == {}


def test_classes_are_sorted_by_figures_not_by_their_words(qtbot: Any) -> None:
    table = ClassTable()
    qtbot.addWidget(table)
    counts = [9, 100, 20]
    table.set_figures({name: ClassFigures(0.1, n / 100, 0.3, n) for name, n in zip("bac", counts, strict=True)})

    def column(number: int) -> list[str]:
        return [str(table.sorted.index(row, number).data()) for row in range(3)]

    assert column(0) == ["b", "a", "c"], "as they come until somebody sorts"
    qtbot.keyClick(table, Qt.Key.Key_5)
    assert column(4) == ["100", "20", "9"]
    qtbot.keyClick(table, Qt.Key.Key_5)
    assert column(4) == ["9", "20", "100"]
    qtbot.keyClick(table, Qt.Key.Key_3)
    assert column(2) == ["100.0 %", "20.0 %", "9.0 %"]
    table.grab()


def test_a_strip_of_tags_leaves_words_without_one_plain(qtbot: Any) -> None:
    import numpy as np

    strip = TokenStrip()
    qtbot.addWidget(strip)
    each = np.array([[0.1, 0.9], [0.8, 0.2]], np.float32)
    strip.set_tokens(["the", "Louvre"], [True, True], each, ("place", "O"), tags=True, marked=0)
    assert strip._tint(0).alpha() == 255
    assert strip._tint(1).alpha() < 255
    assert "nothing 90 %" in strip.words(0)
    assert "roles" in strip.words(0)
    assert "place 80 %" in strip.words(1)
    strip.grab()


def test_settings_hold_plain_values(page: InspectPage, session: Session) -> None:
    page.mode.buttons[1].click()
    json.dumps(session.settings.pages)
    assert session.settings.noted("inspect", "mode") == "results"
