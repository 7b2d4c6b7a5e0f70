"""Results of texts that were written: the worst, their differences, lengths, the way to Inspect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch  # noqa: F401 - a job that is the first to import it outlives a short test on a slow machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from lstm_studio.gui import i18n, theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.length_chart import LengthChart
from lstm_studio.gui.widgets.metrics import best_place, metric_help
from lstm_studio.gui.widgets.results_classes import ClassesBody
from lstm_studio.gui.widgets.results_figures import main_figure
from lstm_studio.gui.widgets.results_written import Comparison, WrittenBody
from lstm_studio.gui.widgets.runs_table import metric_value
from lstm_studio.gui.widgets.text_diff import differences, nearest
from lstm_studio.runs.results import part_of
from lstm_studio.runs.results_written import ByLength, WrittenMistake
from tests.gui.test_results_view import show_folder
from tests.gui.test_train_page import WAIT
from tests.runs.test_results import texts, write
from tests.runs.test_results_written import ENTRY, written

FIRST_PAGE = "inspect"
ROWS = [
    {**ENTRY, "index": 17, "score": 12.3},
    {"index": 3, "score": 20.0, "source": "Ein Hund läuft.", "written": "A cat sleeps.", "references": ["A dog runs."]},
    {"index": 5, "score": 9.5, "source": "Zwei Äpfel", "written": "", "references": ["Two apples"]},
]


@pytest.fixture
def body(page: InspectPage, window: MainWindow, tmp_path: Path, qtbot: Any) -> WrittenBody:
    write(tmp_path, {"validation": written(worst=ROWS), "test": written(worst=[], lengths=None, written=0)})
    show_folder(page, window, tmp_path, qtbot)
    assert isinstance(page.results.body, WrittenBody)
    return page.results.body


def test_figures_and_how_they_were_computed(page: InspectPage, body: WrittenBody) -> None:
    stats = page.results.bar.stats
    assert list(stats) == ["bleu", "chrf", "rouge1", "rouge2", "rougeL", "perplexity", "loss", "examples"]
    said = {name: stat.value.text() for name, stat in stats.items()}
    assert (said["bleu"], said["rougeL"], said["perplexity"]) == ("31.2", "38.0 %", "7.1")
    assert said["examples"] == "1,000 of 1,014 texts"
    assert "between 30.1 and 32.2" in stats["bleu"].toolTip()
    first, second = body.signature.text().split("\n")
    assert first == "BLEU|nrefs:1|case:lc|eff:no|tok:13a = 31.2 (95 %: 30.1 to 32.2)"
    assert second == "chrF|nrefs:1|case:lc = 55.0"
    body.copy.click()
    assert QGuiApplication.clipboard().text() == body.signature.text()


def test_the_worst_stand_first_and_can_be_sorted(body: WrittenBody, qtbot: Any) -> None:
    assert [one.index for one in body.table.listed] == [5, 17, 3]
    assert body.count.text() == "3 texts"
    assert body.score.text() == "chrF 9.5"
    qtbot.keyClick(body.table.view, Qt.Key.Key_1)
    assert [one.index for one in body.table.listed] == [3, 17, 5]
    qtbot.keyClick(body.table.view, Qt.Key.Key_2)
    assert [one.index for one in body.table.listed] == [3, 17, 5]
    assert body.table.current() == body.table.texts.rows[2], "the chosen one stays chosen"


def test_search_finds_in_all_texts(body: WrittenBody, qtbot: Any) -> None:
    for words, found in (("DACH", [17]), ("äpfel", [5]), ("cat", [3]), ("some people", [17]), ("o", [5, 17, 3])):
        body.search.setText(words)
        assert [one.index for one in body.table.listed] == found, words
    body.search.setText("dog")
    assert body.count.text() == "1 of 3"
    assert "A dog runs." in body.detail.toPlainText()
    body.search.setText("nowhere")
    assert body.table.empty.text() == "None holds these words."
    assert body.score.text() == ""
    assert not body.inspect.isEnabled()
    qtbot.keyClick(body.search, Qt.Key.Key_Escape)
    assert len(body.table.listed) == 3
    assert body.inspect.isEnabled()


@pytest.mark.parametrize("way", ["enter", "button", "double"])
def test_a_source_is_opened(page: InspectPage, body: WrittenBody, way: str, qtbot: Any) -> None:
    body.search.setText("Hund")
    with qtbot.waitSignal(page.results.sentence_asked) as asked:
        if way == "enter":
            qtbot.keyClick(body.table.view, Qt.Key.Key_Return)
        elif way == "button":
            body.inspect.click()
        else:
            body.table.view.doubleClicked.emit(body.table.found.index(0, 1))
    assert asked.args[0].text == "Ein Hund läuft."
    assert asked.args[0].words is None
    assert page.mode.value() == "text"
    assert page.text.toPlainText() == "Ein Hund läuft."


def test_a_better_epoch_keeps_what_is_chosen(page: InspectPage, body: WrittenBody, tmp_path: Path, qtbot: Any) -> None:
    body.table.view.selectRow(1)
    assert body.table.current() is not None
    body.search.setText("o")
    write(tmp_path, {"validation": written(worst=ROWS[::-1], examples=900, written=900)})
    page.results.look()
    qtbot.waitUntil(lambda: page.results.part is not None and page.results.part.examples == 900, timeout=WAIT)
    assert page.results.bar.stats["examples"].value.text() == "900 texts"
    now = body.table.current()
    assert now is not None
    assert now.index == 17
    assert body.search.text() == "o"


def test_nothing_was_written(page: InspectPage, body: WrittenBody) -> None:
    page.results.bar.part.buttons[1].click()
    assert body.table.empty.text() == "No text was written for these figures."
    assert "stand here" in body.detail.toPlainText()
    page.grab()


def test_kinds_of_results_take_turns(
    page: InspectPage, body: WrittenBody, window: MainWindow, tmp_path: Path, qtbot: Any
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    show_folder(page, window, write(other, {"validation": texts()}), qtbot)
    assert isinstance(page.results.body, ClassesBody)
    assert list(page.results.bar.stats) == ["accuracy", "loss", "examples"]
    show_folder(page, window, tmp_path, qtbot)
    assert page.results.body is body


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_both_languages_and_themes_at_the_smallest_size(
    session: Session, tmp_path: Path, qtbot: Any, language: str
) -> None:
    i18n.set_language(language)
    theme.choose("dark")
    session.settings.note("inspect", mode="results")
    long = {**ENTRY, "source": "ein <b>langer</b> Text & mehr " * 300, "written": "so lang\n" * 60}
    session.selected_run = write(tmp_path, {"validation": written(worst=[long, *ROWS])})
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
    theme.choose("light")
    made.grab()
    made.close()
    made.deleteLater()
    i18n.set_language("en")


# -- parts --------------------------------------------------------------------------------------------------------


def cut(text: str, stretches: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in stretches]


@pytest.mark.parametrize(
    ("one", "other", "fold", "extra", "missing"),
    [
        ("A man in a blue shirt.", "A man in an old hat.", False, ["a blue shirt"], ["an old hat"]),
        ("The Dog", "the dog", False, ["The Dog"], ["the dog"]),
        ("The Dog", "the dog", True, [], []),
        ("戴蓝色帽子的女人", "戴橙色帽子的男人", False, ["蓝", "女"], ["橙", "男"]),
        ("", "all of it", False, [], ["all of it"]),
        ("all of it", "", False, ["all of it"], []),
        ("it is", "it  is !", False, [], ["!"]),
        ("so so so", "so", False, ["so so"], []),
    ],
)
def test_differences(one: str, other: str, fold: bool, extra: list[str], missing: list[str]) -> None:
    found = differences(one, other, fold=fold)
    assert (cut(one, found[0]), cut(other, found[1])) == (extra, missing)


def test_long_texts_are_compared_in_no_time() -> None:
    one, other = " ".join(f"w{n % 700}" for n in range(20_000)), "字" * 20_000
    assert differences(one, one) == ([], [])
    assert differences(one, other)[0]


def test_the_nearest_of_several_right_answers() -> None:
    assert nearest("a dog runs", ["some cat", "the dog runs fast", "dog"]) == 1
    assert nearest("", ["x", "y"]) == 0


def test_only_what_differs_is_marked(qtbot: Any) -> None:
    shown = Comparison()
    qtbot.addWidget(shown)
    one = WrittenMistake(1, "Leute", ("None of it", "People <b>fix</b> the roof"), "People on the roof", 3.0)
    shown.show_text(one, fold=False)
    marked = []
    block = shown.document().begin()
    while block.isValid():
        for piece in block:
            fragment = piece.fragment()
            if fragment.charFormat().fontUnderline():
                marked.append(fragment.text())
        block = block.next()
    assert marked == ["on", "<b>fix</b>"]
    words = shown.toPlainText()
    assert words.index("Written") < words.index("Right answer") < words.index("Right as well") < words.index("Source")
    theme.choose("dark")
    assert shown.toPlainText() == words
    theme.choose("light")
    shown.show_text(WrittenMistake(2, "x", (), "", 0.0), fold=False)
    assert "(nothing)" in shown.toPlainText()
    assert "Right answer" not in shown.toPlainText()


def test_bars_say_what_they_are(qtbot: Any) -> None:
    chart = LengthChart()
    qtbot.addWidget(chart)
    chart.resize(328, 120)
    chart.grab()
    chart.set_lengths(ByLength((3, 4, 9, 41), (60.0, float("nan"), 41.5), (1, 0, 60)))
    chart.grab()
    assert chart.tip(30) == "3 tokens: chrF 60.0, 1 text"
    assert chart.tip(150) == "4 – 8 tokens: chrF –, 0 texts"
    assert chart.tip(320) == "9 – 40 tokens: chrF 41.5, 60 texts"
    assert chart.tip(5) == ""
    assert "9 – 40 tokens" in chart.accessibleDescription()
    chart.set_lengths(ByLength((7, 8), (0.0,), (200,)))
    chart.grab()


def test_the_figure_that_stands_first() -> None:
    part = part_of(written())
    assert part is not None
    assert main_figure(part) == "bleu"
    assert main_figure(part, "rougeL") == "rougeL"
    bare = part_of(written(metrics={"loss": 2.0, "perplexity": 7.4}))
    assert bare is not None
    assert main_figure(bare) == "perplexity"


def test_better_is_lower_for_some() -> None:
    assert best_place("bleu", [30.0, None, 31.0]) == 2
    assert best_place("perplexity", [7.0, 6.5, float("nan")]) == 1
    assert best_place("loss", [1.0, 1.0]) is None
    assert metric_value("bleu", 31.24) == "31.2"
    assert metric_value("rouge1", 0.4) == "40.0\u00a0%"
    assert metric_value("bleu", None) == "–"
    assert all(metric_help(name) for name in written()["metrics"])


def test_settings_hold_plain_values(page: InspectPage, body: WrittenBody, session: Session) -> None:
    body.search.setText("dog")
    json.dumps(session.settings.pages)
