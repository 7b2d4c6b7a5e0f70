"""The Predict page with a language model: words that come one by one, stop, another seed, going on, what was copied."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from lstm_studio.config import ModelConfig
from lstm_studio.errors import StudioError
from lstm_studio.gui import i18n
from lstm_studio.gui.widgets.continued_text import ContinuedEdit
from lstm_studio.gui.widgets.continued_words import joined, perplexity, sureness
from lstm_studio.tasks.continued import Continuation, Copied, WrittenToken

FIRST_PAGE = "predict"
WAIT = 5000


class Fake:
    """Writes the seed and numbers counted on; waits after so many tokens until it is told to go on."""

    path = None

    def __init__(self, **model: Any) -> None:
        self.config = SimpleNamespace(task="generation", model=ModelConfig(**{"longest": 6, **model}))
        self.answers = SimpleNamespace(asked=("temperature", "top_k", "top_p", "longest", "seed", "until", "stop"))
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.copied: Copied | None = Copied(0, 1, 4, False)
        self.ends: str = "longest"
        self.wait_at: int | None = None
        self.gate = threading.Event()
        self.halted = threading.Event()
        self.thread: int | None = None

    def write(self, text: str, on_token: Callable[[WrittenToken], bool | None], **asked: Any) -> Continuation:
        self.asked.append((text, asked))
        self.thread = threading.get_ident()
        if text == "wrong":
            raise StudioError("It cannot be written on", todo="Type something else")
        output: list[str] = []
        written, ended = "", self.ends
        for number in range(asked["longest"]):
            if number == self.wait_at:
                self.gate.wait(WAIT / 1000)
            output.append(f"w{asked['seed'] % 1000}.{number}")
            written += f" {output[-1]}"
            if on_token(WrittenToken(output[-1], 0.25, written)) is True:
                ended = "halted"
                self.halted.set()
                break
        tokens = tuple(text.split())
        unknown = tuple(token == "Xy" for token in tokens)
        values = (0.25,) * len(output)
        given = (0.5,) * len(tokens)
        return Continuation(
            text, tokens, unknown, given, tuple(output), values, values, written, ended, asked["seed"], self.copied
        )  # type: ignore[arg-type]


@pytest.fixture
def shown(window: Any, session: Any, qtbot: Any, tmp_path: Path, monkeypatch: Any) -> Callable[..., Any]:
    """Show the page with a network and a beginning."""
    now: list[Fake] = []
    monkeypatch.setattr(
        session,
        "with_predictor",
        lambda function, done, failed=None, channel="predict", long=False: session.jobs.start(
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
        qtbot.waitUntil(lambda: page._known == session.selected_run, timeout=WAIT)
        page._keys.stop()
        return page

    return make


def written(page: Any, qtbot: Any) -> str:
    qtbot.waitUntil(lambda: page._view._writing is None, timeout=WAIT)
    return page._view.text.toPlainText()


# -- the text ---------------------------------------------------------------------------------------------------


def told(*pieces: tuple[str, str]) -> list[WrittenToken]:
    whole, found = "", []
    for token, piece in pieces:
        whole += piece
        found.append(WrittenToken(token, 0.5, whole))
    return found


def marked(edit: ContinuedEdit) -> list[str]:
    text = edit.toPlainText().encode("utf-16-le")
    return ["" if place is None else text[2 * place[0] : 2 * place[1]].decode("utf-16-le") for place in edit._places]


def test_words_are_put_behind_the_beginning_and_marked(qtbot: Any) -> None:
    edit = ContinuedEdit()
    qtbot.addWidget(edit)
    edit.begin("😀 So\nit began")
    coming = told(("▁with", " with"), ("↵", "\n"), ("😀", "😀"), ("▁", " "), ("an", "an"))
    edit.take(coming[:2])
    edit.take(coming[2:])
    assert edit.toPlainText() == "😀 So\nit began with\n😀 an"
    assert marked(edit) == ["with", "\n", "😀", " ", "an"]
    edit.take([WrittenToken("d", 0.5, " with;\n😀 and")])
    assert edit.toPlainText() == "😀 So\nit began with;\n😀 and", "what reads otherwise now is put right"
    assert marked(edit)[-2:] == ["an", "d"]
    edit.go_on("\n")
    edit.take(told(("on", "on")))
    assert edit.toPlainText().endswith("😀 and\non")
    assert marked(edit)[-1] == "on"


def test_all_is_known_when_it_is_complete(qtbot: Any) -> None:
    edit = ContinuedEdit()
    qtbot.addWidget(edit)
    edit.resize(300, 100)
    edit.show()
    words = tuple(f"w{number}" for number in range(400))
    found = Continuation(
        "It", (), (), (), words, (0.5,) * 400, (0.75,) * 400, " " + " ".join(words), "longest", 0, Copied(2, 9, 4, True)
    )
    edit.begin("It")
    edit.complete(found)
    assert edit.toPlainText() == found.whole
    assert marked(edit) == list(words)
    assert "Drawn with 75 %" in edit.token_words(0)
    assert "word for word" not in edit.token_words(1)
    assert "word for word" in edit.token_words(2)
    assert 0 < len(edit._in_sight()) < 100, "only what is seen is painted"
    edit.verticalScrollBar().setValue(0)
    assert edit.token_at(edit.rects_of(3)[0].center()) == 3
    edit.grab()


def test_how_sure_a_text_is() -> None:
    assert sureness((0.5, 0.125)) == pytest.approx(0.25)
    assert perplexity((0.5, 0.125)) == pytest.approx(4)
    assert sureness(()) == 1


# -- the page ---------------------------------------------------------------------------------------------------


def test_several_lines_are_one_beginning_and_nothing_is_asked_while_typing(shown: Any, qtbot: Any) -> None:
    fake = Fake(temperature=0.5)
    page = shown(fake, "Once\n\nupon Xy")
    view = page._view
    assert view.isVisible()
    assert page._several.isHidden()
    assert not fake.asked
    assert "begins by itself" in page._text.placeholderText()
    assert view.controls.temperature.number() == 0.5
    page.window().activateWindow()
    page._text.setFocus()
    qtbot.waitUntil(page._text.hasFocus, timeout=WAIT)
    qtbot.keyClick(page._text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert written(page, qtbot) == "Once\n\nupon Xy w0.0 w0.1 w0.2 w0.3 w0.4 w0.5"
    assert fake.asked[0][0] == "Once\n\nupon Xy"
    assert fake.asked[0][1] == {
        "temperature": 0.5,
        "top_k": 0,
        "top_p": 1,
        "longest": 6,
        "seed": 0,
        "until": "end",
        "stop": "",
    }
    assert fake.thread != threading.get_ident()
    assert view.text._probabilities == [0.25] * 6
    said = view.note.text()
    assert "after 6 tokens" in said
    assert "perplexity 4.0" in said
    assert "1 token of the beginning is unknown" in said
    assert "Xy" in said
    assert not view.copied.isVisible()
    assert page._history.count() == 1
    page._text.setPlainText("another")
    page._keys.stop()
    page._ask()
    assert len(fake.asked) == 1
    assert view.text.toPlainText().startswith("Once"), "what was written stays"


def test_it_streams_and_stops(shown: Any, qtbot: Any) -> None:
    fake = Fake(longest=500)
    fake.wait_at = 3
    page = shown(fake, "It")
    view = page._view
    view.write.click()
    qtbot.waitUntil(lambda: view.text.toPlainText() == "It w0.0 w0.1 w0.2", timeout=WAIT)
    assert view.stop.isVisible()
    assert not view.write.isVisible()
    assert not view.again_button.isEnabled()
    assert view.again_button.toolTip()
    assert "3 tokens of at most 500" in view.note.text()
    view.stop.click()
    fake.gate.set()
    assert written(page, qtbot) == "It w0.0 w0.1 w0.2 w0.3"
    assert "Stopped after 4 tokens" in view.note.text()
    assert view.write.isVisible()
    assert not view._timer.isActive()


def test_seeds_and_going_on(shown: Any, qtbot: Any) -> None:
    fake = Fake(longest=2)
    page = shown(fake, "It")
    view = page._view
    view.controls.seed.lineEdit().setText("7")  # and no wait: it counts at once
    view.write.click()
    assert written(page, qtbot) == "It w7.0 w7.1"
    page._text.setPlainText("Other")
    view.again_button.click()
    assert written(page, qtbot) == "It w8.0 w8.1"
    assert view.controls.seed.number() == 8
    view.go_on.click()
    whole = written(page, qtbot)
    assert whole == "It w8.0 w8.1 w11.0 w11.1"
    assert fake.asked[-1][0] == "It w8.0 w8.1"
    assert fake.asked[-1][1]["seed"] != 8, "the same draws would repeat themselves"
    assert joined(view._parts).whole == whole
    assert "after 4 tokens" in view.note.text()
    view.copy.click()
    assert QGuiApplication.clipboard().text() == whole
    view.text.token_chosen.emit(1)
    assert "25 % sure" in view.token.text()
    view.controls.temperature.set_number(0)
    view._say_state()
    assert not view.again_button.isEnabled()
    assert view.go_on.isEnabled()


def test_going_on_behind_an_end(shown: Any, qtbot: Any) -> None:
    fake = Fake(longest=1)
    fake.ends = "stop"
    page = shown(fake, "It")
    view = page._view
    view.write.click()
    written(page, qtbot)
    assert not view.go_on.isEnabled()
    assert "ended its text" in view.go_on.toolTip()
    view.controls.until.setCurrentIndex(1)
    assert view.go_on.isEnabled()
    view.write.click()
    written(page, qtbot)
    view.go_on.click()
    written(page, qtbot)
    assert fake.asked[-1][0] == "It w0.0\n", "the end of the line was not written, and is read"


def test_what_was_copied_is_told(shown: Any, qtbot: Any) -> None:
    fake = Fake()
    fake.copied = Copied(1, 4, 2, True)
    page = shown(fake, "")
    view = page._view
    view.write.click()
    assert written(page, qtbot).strip().startswith("w0.0")
    assert view.copied.isVisible()
    assert "4 tokens in a row stand in the training text" in view.copied.label.text()
    assert view.text._copied == [False, True, True, True, True, False]
    assert page._history.count() == 0, "nothing was typed"
    fake.copied = None
    view.write.click()
    written(page, qtbot)
    assert not view.copied.isVisible()
    assert "not there to compare with" in view.note.text()
    assert not any(view.text._copied)


def test_settings_that_cannot_be_used(shown: Any, qtbot: Any) -> None:
    fake = Fake()
    page = shown(fake, "It")
    view = page._view
    view.controls.top_p.lineEdit().setText("0")
    view.controls.longest.lineEdit().setText("many")
    view.write.click()
    assert not fake.asked
    assert "Top-p: a number above 0, up to 1." in view.controls.problem.text()
    assert "At most: a whole number from 1 to 10,000." in view.controls.problem.text()
    assert not view.write.isEnabled()
    view.controls.top_p.lineEdit().setText("0.9")
    view.controls.longest.lineEdit().setText("3")
    view.controls.check()
    assert view.controls.problem.isHidden()
    view.write.click()
    written(page, qtbot)
    assert fake.asked[0][1]["top_p"] == 0.9


def test_an_error_is_a_sentence_in_the_page(shown: Any, qtbot: Any) -> None:
    page = shown(Fake(), "wrong")
    page._view.write.click()
    qtbot.waitUntil(lambda: page._banner is not None, timeout=WAIT)
    assert "cannot be written on" in page._banner.label.text()
    page._text.setPlainText("right")
    page._view.write.click()
    written(page, qtbot)
    assert page._banner is None


@pytest.mark.parametrize("how", ["page", "run", "session"])
def test_nothing_goes_on_when_it_is_left(shown: Any, window: Any, session: Any, qtbot: Any, how: str) -> None:
    fake = Fake(longest=10_000)
    fake.wait_at = 3
    page = shown(fake, "It")
    view = page._view
    view.write.click()
    qtbot.waitUntil(lambda: view.text.toPlainText().endswith("w0.2"), timeout=WAIT)
    if how == "page":
        window.show_page("runs")
    elif how == "run":
        shown(Fake(longest=9), "It", "other")
        assert view.controls.longest.number() == 9
        assert view.text.toPlainText() == ""
    else:
        session.jobs.cancel("write")
    fake.gate.set()
    assert fake.halted.wait(WAIT / 1000)
    if how == "page":
        assert written(page, qtbot).endswith("w0.3"), "what was written stays"
    elif how == "run":
        assert view._writing is None
        assert view._parts == []
    else:
        view.leave()


def test_in_chinese(shown: Any, qtbot: Any) -> None:
    i18n.set_language("zh_CN")
    fake = Fake()
    fake.copied = None
    page = shown(fake, "It")
    page._view.write.click()
    written(page, qtbot)
    assert "困惑度" in page._view.note.text()
