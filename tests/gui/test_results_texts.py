"""Results of language models: what each token of a passage cost, frequency, costly tokens, the way to Inspect."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch  # noqa: F401 - a job that is the first to import it outlives a short test on a slow machine
from PySide6.QtCore import Qt

from lstm_studio.gui import i18n, theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.inspect import InspectPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.band_chart import BandChart
from lstm_studio.gui.widgets.metrics import best_place, metric_help
from lstm_studio.gui.widgets.passage_text import PassageText, shown_percent, step, tint
from lstm_studio.gui.widgets.results_texts import TextsBody
from lstm_studio.runs.results_texts import Band, Passage
from tests.gui.test_results_view import show_folder
from tests.gui.test_train_page import WAIT
from tests.runs.test_results import write
from tests.runs.test_results_texts import PASSAGE, running_text

FIRST_PAGE = "inspect"
CHINESE = {"place": 7, "hard": True, "tokens": list("春眠不覺曉↵處處聞啼鳥"), "losses": [float(n) for n in range(11)]}
EASY = {"place": 0, "hard": False, "tokens": ["so", "it", "is"], "losses": [0.5, 0.1, 0.2]}


@pytest.fixture
def body(page: InspectPage, window: MainWindow, tmp_path: Path, qtbot: Any) -> TextsBody:
    rows = [{**PASSAGE, "place": 600, "losses": [9.0] * 9}, PASSAGE, EASY]
    bare = running_text(bands=[], costly=[], passages=[], unknown=0.0)
    write(tmp_path, {"validation": running_text(passages=rows), "test": bare})
    show_folder(page, window, tmp_path, qtbot)
    assert isinstance(page.results.body, TextsBody)
    return page.results.body


def test_figures_passages_and_tokens(page: InspectPage, body: TextsBody, qtbot: Any) -> None:
    stats = page.results.bar.stats
    assert {name: stat.value.text() for name, stat in stats.items()} == {
        "perplexity": "78.3",
        "bits_per_character": "1.128",
        "loss": "4.3600",
        "examples": "10,000 tokens, 4.8 % unknown",
    }
    assert metric_help("bits_per_character")
    assert best_place("bits_per_character", [1.2, 1.1]) == 1
    assert [one.place for one in body.list.passages.rows] == [600, 120]
    assert body.place.text() == "Tokens 601 to 609"
    assert body.score.text() == "Perplexity 8103.1"
    assert body.passage.toPlainText() == "the <unk> of trade↵\nsaid N↵\nit"
    table = body.costly.sorted
    assert [table.index(0, column).data() for column in range(4)] == ["<unk>", "900", "4.00", "8.3 %"]
    qtbot.keyClick(body.costly, Qt.Key.Key_1)
    assert table.index(0, 0).data() == "↵"
    body.which.buttons[1].click()
    assert [one.place for one in body.list.passages.rows] == [0]
    assert body.passage.toPlainText() == "so it is"


def test_a_passage_is_opened(page: InspectPage, body: TextsBody, qtbot: Any) -> None:
    body.list.view.selectRow(1)
    for way in (
        lambda: qtbot.keyClick(body.list.view, Qt.Key.Key_Return),
        body.inspect.click,
        lambda: body.list.view.doubleClicked.emit(body.list.passages.index(1, 1)),
    ):
        with qtbot.waitSignal(page.results.sentence_asked) as asked:
            way()
        assert asked.args[0].text == "the <unk> of trade\nsaid N\nit"


def test_a_better_epoch_keeps_what_is_chosen(page: InspectPage, body: TextsBody, tmp_path: Path, qtbot: Any) -> None:
    body.list.view.selectRow(1)
    write(tmp_path, {"validation": running_text(examples=900, passages=[PASSAGE, {**PASSAGE, "place": 5}])})
    page.results.look()
    qtbot.waitUntil(lambda: page.results.part is not None and page.results.part.examples == 900, timeout=WAIT)
    now = body.list.current()
    assert now is not None
    assert now.place == 120


def test_nothing_to_show(page: InspectPage, body: TextsBody) -> None:
    page.results.bar.part.buttons[1].click()
    assert body.list.current() is None
    assert "stands here" in body.passage.toPlainText()
    assert body.band_card.isHidden()
    assert body.costly_card.isHidden()
    assert not body.inspect.isEnabled()
    assert page.results.bar.stats["examples"].value.text() == "10,000 tokens"
    page.grab()


def test_chinese_and_both_themes_at_the_smallest_size(session: Session, tmp_path: Path, qtbot: Any) -> None:
    i18n.set_language("zh_CN")
    theme.choose("dark")
    session.settings.note("inspect", mode="results")
    long = {"place": 0, "hard": True, "tokens": ["<b>&" * 15] * 60, "losses": [700.0] * 60}
    content = running_text(units="character", passages=[long, CHINESE])
    session.selected_run = write(tmp_path, {"validation": content})
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


def test_every_token_is_found_by_mouse_and_keys(qtbot: Any) -> None:
    shown = PassageText()
    qtbot.addWidget(shown)
    shown.resize(300, 200)
    shown.show()
    shown.show_passage(Passage(7, True, tuple(CHINESE["tokens"]), tuple(CHINESE["losses"])), "character")  # type: ignore[arg-type]
    assert shown.toPlainText() == "春眠不覺曉↵\n處處聞啼鳥"
    heard: list[int | None] = []
    shown.pointed.connect(heard.append)
    for token, letter in enumerate([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11]):
        qtbot.keyClick(shown, Qt.Key.Key_Right)
        cursor = shown.textCursor()
        cursor.setPosition(letter)
        place = shown.cursorRect(cursor).center()
        for beside in (3, 8):
            found = shown.token_at((place + type(place)(beside, 0)).toPointF())
            assert found == token, (token, beside)
    assert heard == list(range(11))
    assert shown.token_at(shown.rect().bottomRight().toPointF()) is None
    assert shown.token_words(2).endswith("had a probability of 14 %.")
    assert len(shown.extraSelections()) == 1
    theme.choose("dark")
    assert len(shown.extraSelections()) == 1, "the token stays marked"
    theme.choose("light")
    shown.show_passage(None, "word")
    assert heard[-1] is None
    qtbot.keyClick(shown, Qt.Key.Key_Right)


def test_unknown_and_first_tokens_say_so(qtbot: Any) -> None:
    shown = PassageText()
    qtbot.addWidget(shown)
    shown.show_passage(Passage(0, True, ("a", "<unk>"), (math.nan, 0.0)), "word")
    assert "was not predicted" in shown.token_words(0)
    assert "99.9 %" in shown.token_words(1)
    assert "does not know" in shown.token_words(1)


def test_tints_go_by_tens() -> None:
    shares = (1.0, 0.11, 0.1, 0.09, 0.011, 0.0011, 0.00011, 0.00001, 1e-300)
    assert [step(-math.log(share)) for share in shares] == [0, 0, 0, 1, 1, 2, 3, 4, 4]
    assert step(math.nan) == 0
    assert tint(0) == theme.theme().color("surface")
    said = [shown_percent(-math.log(share)) for share in (1.0, 0.621, 0.0312, 0.0042, 0.0004, 1e-9)]
    assert said == ["99.9", "62", "3.1", "0.42", "0.040", "<0.001"]


def test_text_can_be_read_on_every_tint() -> None:
    def light(name: Any) -> float:
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in name.getRgbF()[:3]]
        return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])

    for name in ("dark", "light"):
        theme.choose(name)
        for place in range(5):
            one, other = sorted((light(tint(place)), light(theme.theme().color("text"))))
            assert (other + 0.05) / (one + 0.05) > 4.5, (name, place)


def test_bars_say_what_they_are(qtbot: Any) -> None:
    chart = BandChart()
    qtbot.addWidget(chart)
    chart.resize(328, 120)
    chart.grab()
    chart.set_bands([Band(1, 10, 500, 2.0), Band(11, 100, 0, math.nan), Band(101, 9000, 3, 31.5)], 1000)
    for width in (600, 300, 120):
        chart.resize(width, 120)
        chart.grab()
    assert chart.tip(40) == "Tokens 1 to 10 by frequency: mean loss 2.0000, 500 tokens (50.0 %)"
    assert "11 to 100 by frequency: mean loss –, 0 tokens (0.0 %)" in chart.accessibleDescription()
    assert chart.tip(5) == ""
