"""The Predict page with a network that writes: the text, its tokens, versions, where it looked, how it is searched."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from lstm_studio.config import ModelConfig
from lstm_studio.errors import StudioError
from lstm_studio.gui import i18n
from lstm_studio.gui.widgets.answer_written import WrittenAnswerView, shares, sureness
from lstm_studio.gui.widgets.written_text import WrittenEdit, token_places
from lstm_studio.tasks.written import Version, WrittenText

FIRST_PAGE = "predict"
WAIT = 5000


def version(text: str, tokens: tuple[str, ...], read: int, sure: float = 0.5, **more: Any) -> Version:
    """Every token as probable as the others; each step looks at one token."""
    count = len(tokens) + 1
    weights = np.zeros((count, read), np.float32)
    weights[np.arange(count), np.minimum(np.arange(count), read - 1)] = 1
    log = math.log(sure) * count
    return Version(text, tokens, (sure,) * count, log, log / count, weights, **more)


class Fake:
    """A predictor that answers at once, and remembers what it was asked."""

    path = None

    def __init__(self, **model: Any) -> None:
        self.config = SimpleNamespace(task="translation", model=ModelConfig(**model))
        self.answers = SimpleNamespace(asked=("beams", "length_penalty", "best"))
        self.asked: list[dict[str, Any]] = []
        self.explained: list[tuple[int, dict[str, Any]]] = []
        self.versions: Callable[[int], tuple[Version, ...]] = lambda read: (
            version("The book is here.", ("▁The", "▁book", "▁is", "▁here", "."), read, 0.8, copied=(False,) * 5),
            version("A book.", ("▁A", "▁book", "."), read, 0.6),
        )

    def predict(self, texts: list[str], **asked: Any) -> list[WrittenText]:
        self.asked.append(asked)
        found = []
        for text in texts:
            read = tuple(f"▁{word}" for word in text.split())
            unknown = tuple(token == "▁Xy" for token in read)
            versions = self.versions(len(read))
            if self.config.model.attention == "none":
                versions = tuple(
                    Version(v.text, v.tokens, v.probabilities, v.log_probability, v.score) for v in versions
                )
            found.append(WrittenText(text, read, unknown, versions[: asked.get("best", 1)]))
        return found

    def attribution(self, text: str, word: int, **asked: Any) -> Any:
        self.explained.append((word, asked))
        count = len(text.split())
        return SimpleNamespace(weights=np.full(count, 1 / count, np.float32))


@pytest.fixture
def asked(window: Any, session: Any, qtbot: Any, tmp_path: Path, monkeypatch: Any) -> Callable[..., Any]:
    """Show the page with a predictor and a text, and wait until nothing is open."""
    now: list[Fake] = []
    monkeypatch.setattr(
        session,
        "with_predictor",
        lambda function, done, failed=None, channel="predict": session.jobs.start(
            lambda progress: function(now[-1]), done=done, failed=failed, channel=channel
        ),
    )

    def make(predictor: Fake, text: str, name: str = "run") -> Any:
        now.append(predictor)
        session.selected_run = tmp_path / name
        session.selected_run_changed.emit()
        window.show_page("predict")
        page = window.page("predict")
        page._text.setPlainText(text)
        page._keys.stop()
        page._ask()
        qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)
        page._keys.stop()
        return page

    return make


# -- where tokens stand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tokens", "found"),
    [
        ("The book.", ("▁The", "▁bo", "ok", "."), ["The", "bo", "ok", "."]),
        ("书在这里", ("书", "在", "这", "里"), ["书", "在", "这", "里"]),
        ("so so", ("▁so", "▁so"), ["so", "so"]),
        ('He said "no".', ("He", "said", "``", "no", "''", "."), ["He", "said", '"', "no", '"', "."]),
        ("in Zürich now", ("▁in", "<unk>", "▁now"), ["in", "Zürich", "now"]),
        ("a b", ("a", "▁", "b"), ["a", None, "b"]),
        ("", ("▁", ""), [None, None]),
        ("x", ("▁y", "▁z"), ["x", None]),
    ],
)
def test_tokens_are_found_in_the_text(text: str, tokens: tuple[str, ...], found: list[str | None]) -> None:
    places = token_places(text, tokens)
    assert [None if place is None else text[slice(*place)] for place in places] == found


def test_the_text_can_be_selected_and_its_tokens_chosen(qtbot: Any) -> None:
    edit = WrittenEdit()
    qtbot.addWidget(edit)
    edit.resize(400, 100)
    edit.set_written(
        "😀 The book.", ("😀", "▁The", "▁bo", "ok", "."), (0.9, 0.5, 0.999, 0.2, 0.1), (False,) * 3 + (True,)
    )
    edit.show()
    rects = edit.rects()
    assert all(rects)
    assert rects[2][0].right() == pytest.approx(rects[3][0].left(), abs=1), "pieces of a word touch"
    chosen: list[int] = []
    edit.token_chosen.connect(chosen.append)
    qtbot.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton, pos=rects[1][0].center().toPoint())
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Home, Qt.Key.Key_Return):
        qtbot.keyClick(edit, key)
    assert chosen == [1, 3, 0]
    assert "99.9 % sure" in edit.token_words(2)
    assert "Copied from the text" in edit.token_words(3)
    edit.selectAll()
    edit.copy()
    assert QGuiApplication.clipboard().text() == "😀 The book."
    edit.grab()


def test_a_long_text_wraps_scrolls_and_keeps_the_chosen_token_in_sight(qtbot: Any) -> None:
    edit = WrittenEdit()
    qtbot.addWidget(edit)
    edit.resize(300, 120)
    edit.show()
    words = [f"word{n}" for n in range(300)]
    edit.set_written(" ".join(words), [f"▁{word}" for word in words], [0.5] * 301)
    assert edit.maximumHeight() > 300
    edit.set_token(250)
    assert edit.viewport().rect().contains(edit.rects()[250][0].center().toPoint())
    edit.grab()


# -- the page ---------------------------------------------------------------------------------------------------


def test_the_best_version_is_shown_with_where_it_looked_and_why(asked, session, qtbot):
    predictor = Fake(beams=3)
    page = asked(predictor, "Das Buch ist hier Xy")
    view = page._view
    assert isinstance(view, WrittenAnswerView)
    assert predictor.asked == [{"best": 3}], "the first time the run's own search is used"
    assert view.text.toPlainText() == "The book is here."
    assert view.beams.number() == 3
    assert view.versions.count() == 2
    assert view.map.grid._written == ["The", "book", "is", "here", ".", "⏎ end"]
    assert view.map.row == 0
    assert view.why.title.text() == "Words that mattered for “The”"
    assert view.why.words._weights is not None
    assert view.why.words._tokens == ["Das", "Buch", "ist", "hier", "Xy"]
    assert "1 token of the text is unknown" in view.note.text()
    assert view._found is not None
    assert view.in_short(view._found) == "The book is here."
    assert "text that is written about it" in page._about_files.text()
    view.text.token_chosen.emit(1)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)
    assert view.map.row == 1
    assert view.why.title.text() == "Words that mattered for “book”"
    view.map.row_chosen.emit(5)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)
    assert view.why.title.text() == "Words that mattered for “⏎ end”"
    assert view.text._chosen is None
    search = {"beams": 3, "length_penalty": 1.0, "best": 3}
    assert predictor.explained == [(0, search), (1, search), (5, search)]
    view.copy.click()
    assert QGuiApplication.clipboard().text() == "The book is here."


def test_another_version_can_be_looked_at_and_copied(asked, session, qtbot):
    predictor = Fake()
    view = asked(predictor, "Das Buch")._view
    view.versions.setCurrentRow(1)
    assert view.text.toPlainText() == "A book."
    assert view.map.grid._written == ["A", "book", ".", "⏎ end"]
    assert "found out for the first version" in view.why.legend.text()
    view.copy.click()
    assert QGuiApplication.clipboard().text() == "A book."
    view.versions.setCurrentRow(0)
    assert view.text.toPlainText() == "The book is here."
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)
    assert len(predictor.explained) == 2


def test_another_search_asks_again_and_a_wrong_number_is_explained(asked, session, qtbot):
    predictor = Fake(beams=2)
    page = asked(predictor, "Das Buch")
    view = page._view
    view.beams.edited.emit(8)
    qtbot.waitUntil(lambda: len(predictor.asked) == 2 and session.jobs.busy == 0, timeout=WAIT)
    assert predictor.asked[-1] == {"beams": 8, "length_penalty": 1.0, "best": 4}
    view.penalty.edited.emit(0.5)
    qtbot.waitUntil(lambda: len(predictor.asked) == 3 and session.jobs.busy == 0, timeout=WAIT)
    assert predictor.asked[-1]["length_penalty"] == 0.5
    for wrong in (17, 0, 2.5, "many", None):
        view.beams.edited.emit(wrong)
        assert view.beams.property("invalid")
        assert view.note.text() == "Beams: a number from 1 to 16."
    view.beams.edited.emit(8)
    assert not view.beams.property("invalid")
    assert "the surer the network was" in view.note.text()
    qtbot.wait(60)
    assert len(predictor.asked) == 3
    page._text.setPlainText("Das Buch\nist hier")
    qtbot.waitUntil(lambda: page._table.rowCount() == 2, timeout=WAIT)
    assert predictor.asked[-1] == {"beams": 8, "length_penalty": 0.5}


def test_another_run_starts_with_its_own_search(asked):
    view = asked(Fake(beams=2), "Das Buch", "one")._view
    view.beams.edited.emit(8)
    assert view.asked()["beams"] == 8
    other = Fake(beams=40)
    view = asked(other, "Das Buch", "two")._view
    assert "beams" not in other.asked[0]
    assert view.beams.number() == 40
    assert view.beams.option.maximum == 40
    same = Fake(beams=40)
    view.beams.edited.emit(7)
    asked(same, "Das Buch", "three")
    assert view.asked()["beams"] == 40


def test_without_attention_the_place_says_so(asked):
    view = asked(Fake(attention="none"), "Das Buch")._view
    assert view.map.stack.currentWidget() is view.map.empty
    assert "has no attention" in view.map.empty.text()
    assert view.text.toPlainText() == "The book is here."
    assert view.why.words._weights is not None


def test_nothing_written_is_said(asked):
    predictor = Fake()
    predictor.versions = lambda read: (Version("", (), (), float("-inf"), float("-inf")),)
    page = asked(predictor, "Das Buch")
    view = page._view
    assert "wrote nothing" in view.hint.text()
    assert view.text.isHidden()
    assert not view.copy.isEnabled()
    assert view.versions.isHidden()
    assert view.row(view._found) == ("Nothing was written", "0.0 %")
    assert view.in_short(view._found) == "Nothing was written"
    page._text.setPlainText("")
    page._ask()
    assert "will stand here" in view.hint.text()
    assert view.map.stack.currentWidget() is view.map.empty


def test_several_lines_are_a_table_of_what_was_written(asked):
    page = asked(Fake(), "Das Buch\nist <b>hier</b>")
    heads = [page._table.horizontalHeaderItem(column).text() for column in range(page._table.columnCount())]
    assert heads == ["Text", "Written", "Probability of a token"]
    assert page._table.item(0, 1).text() == "The book is here."
    assert page._table.item(0, 2).text() == "80.0 %"


def test_a_question_that_fails_is_a_sentence(asked, session, qtbot):
    predictor = Fake()
    page = asked(predictor, "Das Buch")

    def refuse(text: str, word: int, **more: Any) -> Any:
        raise StudioError("There is no such token")

    predictor.attribution = refuse  # type: ignore[method-assign]
    page._view.text.token_chosen.emit(2)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)
    assert "no such token" in page._banner.label.text()


def test_a_very_long_answer_stays_quick(asked, qtbot):
    predictor = Fake()
    tokens = tuple(f"▁word{n}" for n in range(300))
    predictor.versions = lambda read: (version(" ".join(token[1:] for token in tokens), tokens, read),)
    page = asked(predictor, "Das Buch " * 40)
    view = page._view
    view._choose(280)
    view.grab()
    assert view.map.row == 280
    assert view.height() < 800


def test_figures() -> None:
    one, other = version("a", ("▁a",), 1, 0.5), version("b", ("▁b",), 1, 0.25)
    assert shares((one, other)) == pytest.approx([0.8, 0.2])
    assert sureness(one) == pytest.approx(0.5)
    nothing = Version("", (), (), float("-inf"), float("-inf"))
    assert shares((nothing,)) == [1.0]
    assert sureness(nothing) == 0


def test_chinese(asked, session, qtbot):
    i18n.set_language("zh_CN")
    view = asked(Fake(), "这 本 书")._view
    assert view.why.title.text() == "对“The”起作用的词"
    assert view.columns()[0].title == i18n.tr("Written")
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=WAIT)
