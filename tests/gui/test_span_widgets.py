"""Sentences with spans, their colours, the table of confusions and long lists of sentences."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QScrollArea

from lstm_studio.gui import i18n
from lstm_studio.gui import theme as theming
from lstm_studio.gui.theme import Theme
from lstm_studio.gui.widgets.confusion_table import ConfusionTable, shade
from lstm_studio.gui.widgets.sentence_list import SentenceList, SentenceRow
from lstm_studio.gui.widgets.span_colors import DISTINCT, SpanColors, over, readable
from lstm_studio.gui.widgets.span_flow import compare_marks, lay_out
from lstm_studio.gui.widgets.span_text import SpanMark, SpanText
from tests.gui.test_theme import BLINDNESS, SURFACES, as_seen, contrast

WORDS = "Angela Merkel met Emmanuel Macron in Paris yesterday".split()
SPANS = (SpanMark(0, 2, "person"), SpanMark(6, 7, "location", strength=0.93))
LABELS = [f"label{number}" for number in range(DISTINCT)]


@pytest.fixture
def shown(qtbot: Any) -> Any:
    def make(**more: Any) -> SpanText:
        made = SpanText()
        qtbot.addWidget(made)
        made.set_sentence(WORDS, SPANS, **more)
        made.resize(500, 100)
        made.show()
        return made

    return make


# -- colours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_labels_are_readable_and_words_on_their_tint_too(dark: bool) -> None:
    colors, of = SpanColors(LABELS), Theme("dark" if dark else "light")
    for label in LABELS:
        ink = colors.of(label, dark)
        for surface in SURFACES:
            assert contrast(ink, of.color(surface)) >= 4.5, (label, surface)
            assert contrast(of.color("text"), over(ink, 0.26, of.color(surface))) >= 4.5, (label, surface)


@pytest.mark.parametrize("dark", [False, True])
def test_all_colours_differ_and_the_first_ones_for_the_colour_blind_too(dark: bool) -> None:
    colors = [SpanColors(LABELS).of(label, dark) for label in LABELS]
    for one, other in itertools.combinations(colors, 2):
        assert np.linalg.norm(as_seen(one, None) - as_seen(other, None)) >= 0.03, (one.name(), other.name())
    for kind in BLINDNESS:
        for one, other in itertools.combinations(colors[:8], 2):
            assert np.linalg.norm(as_seen(one, kind) - as_seen(other, kind)) >= 0.035, (kind, one.name(), other.name())


def test_a_label_keeps_its_colour_and_many_labels_are_hatched() -> None:
    colors = SpanColors(["a", "b", "a", *LABELS])
    assert colors.of("b", False) == SpanColors(["x", "b"]).of("b", False)
    assert colors.of("a", False) == colors.of("a", False)
    assert colors.of(LABELS[-2], True) == colors.of("a", True)
    assert colors.hatched(LABELS[-2])
    assert not colors.hatched("a")
    assert SpanColors([]).of("new", False).isValid()


def test_a_given_colour_is_made_readable() -> None:
    assert contrast(readable(QColor("#FFEE00"), False), QColor("#FFFFFF")) >= 4.5
    assert contrast(readable(QColor("#000080"), True), Theme("dark").color("surface_raised")) >= 4.5


# -- the sentence -----------------------------------------------------------------------------------------------


def test_words_flow_and_nothing_overlaps(shown: Any) -> None:
    text = shown()
    assert text.heightForWidth(240) > text.heightForWidth(1000)
    labels = [SpanMark(at, at + 1, f"a_rather_long_label_{at}") for at in range(len(WORDS))]
    for spaced, width in itertools.product((True, False), (240, 400, 1280)):
        flow = lay_out(WORDS, labels, width, spaced=spaced)
        rects = [piece.rect for piece in flow.pieces]
        assert not any(one.intersects(other) for one, other in itertools.combinations(rects, 2))
        assert all(rect.left() >= 0 and rect.right() <= width + 1 for rect in rects)
        for piece, place in zip(flow.pieces, flow.words, strict=True):
            assert piece.rect.contains(place.rect)


def test_a_long_span_goes_on_in_the_next_line() -> None:
    flow = lay_out(["word"] * 40, [SpanMark(2, 38, "long")], 300)
    assert len(flow.pieces) > 3
    assert [piece.label for piece in flow.pieces] == ["long"] + [""] * (len(flow.pieces) - 1)
    assert [piece.first for piece in flow.pieces].count(True) == 1
    assert flow.pieces[-1].last
    assert [place.index for place in flow.words] == list(range(40))


def test_lines_may_be_limited() -> None:
    flow = lay_out(["word"] * 400, [SpanMark(5, 6, "x"), SpanMark(20, 60, "y")], 300, most_lines=2)
    assert flow.more is not None
    assert len({place.rect.top() for place in flow.words}) == 2
    assert flow.more.right() <= 301
    assert lay_out(WORDS, SPANS, 3000, most_lines=2).more is None


@pytest.mark.parametrize(
    ("words", "spaced"), [(list("我们在巴黎，他们在伦敦。") * 9, False), (["So", ",", "yes", "."] * 9, True)]
)
def test_no_line_starts_with_a_closing_mark(words: list[str], spaced: bool) -> None:
    for width in range(120, 240, 9):
        flow = lay_out(words, [], width, spaced=spaced)
        starts = [words[place.index] for place in flow.words if place.rect.left() == 0]
        assert len(starts) > 2
        assert not {",", ".", "，", "。"} & set(starts)


def test_many_labels_in_both_themes(qtbot: Any) -> None:
    text = SpanText()
    qtbot.addWidget(text)
    names = [f"l{at}" for at in range(60)]
    text.set_sentence(names, [SpanMark(at, at + 1, name) for at, name in enumerate(names)])
    for name in ("dark", "light"):
        theming.choose(name)
        text.resize(600, text.heightForWidth(600))
        text.grab()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("spaced", [True, False])
def test_odd_sentences_do_not_break(qtbot: Any, dark: bool, spaced: bool) -> None:
    theming.choose("dark" if dark else "light")
    text = SpanText()
    qtbot.addWidget(text)
    text.resize(240, 200)
    text.show()
    long = [f"word{at}" for at in range(600)]
    for words, spans in (
        ([], [SpanMark(0, 1, "none")]),
        (["x" * 300, "e\u0301\u0323\u0302o", "", "\n", "\u200f"], [SpanMark(0, 1, "l" * 200)]),
        (long, [SpanMark(at, at + 9, "abc", tone="wrong") for at in range(0, 600, 10)]),
        (WORDS, [SpanMark(-3, 2, "a"), SpanMark(1, 4, "b"), SpanMark(2, 3, ""), SpanMark(7, 99, "c", tone="missed")]),
        (WORDS, [SpanMark(3, 3, "empty"), SpanMark(5, 2, "turned"), SpanMark(0, 1, "x", QColor("red"), 7.0, "right")]),
        ("שלום עולם טוב".split(), [SpanMark(0, 2, "greeting")]),
    ):
        text.set_sentence(words, spans, spaced=spaced, clickable=range(-1, 700), marked=1, unknown=(0, 1, 999))
        text.resize(240, max(20, text.heightForWidth(240)))
        text.grab()
        assert text.heightForWidth(240) >= 26
    theming.choose("light")


def test_text_that_runs_to_the_left_starts_at_the_right() -> None:
    flow = lay_out("שלום עולם טוב".split(), [], 400)
    assert flow.right_to_left
    assert flow.words[0].rect.right() == pytest.approx(400)
    assert flow.words[0].rect.left() > flow.words[1].rect.left()


def test_clicks_hovering_and_keys(shown: Any, qtbot: Any, heard: Any) -> None:
    text = shown(clickable=(2, 5, 7), marked=2)
    heard.on(text.word_clicked)
    over_words: list[int] = []
    text.word_hovered.connect(over_words.append)

    def spot(word: int) -> QPoint:
        return (text.place_of(word).center() + QPointF(3, 0)).toPoint()

    qtbot.mouseClick(text, Qt.MouseButton.LeftButton, pos=spot(5))
    qtbot.mouseClick(text, Qt.MouseButton.LeftButton, pos=spot(4))
    assert heard.got == [5]
    qtbot.mouseMove(text, spot(7))
    qtbot.mouseMove(text, QPoint(499, 99))
    assert over_words[-1] == -1
    assert 7 in over_words
    text.set_sentence([*WORDS, "."], SPANS, clickable=(2, 5, 7), marked=2)
    text.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(text, Qt.Key.Key_Right)
    qtbot.keyClick(text, Qt.Key.Key_Right)
    qtbot.keyClick(text, Qt.Key.Key_Right)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    qtbot.keyClick(text, Qt.Key.Key_Left)
    qtbot.keyClick(text, Qt.Key.Key_Space)
    qtbot.keyClick(text, Qt.Key.Key_Home)
    qtbot.keyClick(text, Qt.Key.Key_Enter)
    assert heard.got == [5, 7, 5, 2]


def test_words_without_clicks_are_no_stop_of_the_tab_key(shown: Any) -> None:
    assert shown().focusPolicy() == Qt.FocusPolicy.ClickFocus
    assert shown(clickable=(1,)).focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_the_chosen_word_scrolls_into_sight(qtbot: Any) -> None:
    area, text = QScrollArea(), SpanText()
    qtbot.addWidget(area)
    area.setWidget(text)
    area.setWidgetResizable(True)
    text.set_sentence(["word"] * 500, clickable=range(500))
    area.resize(300, 120)
    area.show()
    qtbot.keyClick(text, Qt.Key.Key_End)
    assert area.verticalScrollBar().value() > 500


def test_what_is_said_and_copied(shown: Any) -> None:
    text = shown(unknown=(4,))
    assert "Angela Merkel: person" in text.accessibleDescription()
    assert "Paris: location, 93 %" in text.accessibleDescription()
    assert text.words_of(6) == "Paris: location, 93 %"
    assert "not in the vocabulary" in text.words_of(4)
    copy, tagged = text.menu().actions()
    copy.trigger()
    assert QGuiApplication.clipboard().text() == " ".join(WORDS)
    tagged.trigger()
    expected = "[Angela Merkel](person) met Emmanuel Macron in [Paris](location) yesterday"
    assert QGuiApplication.clipboard().text() == expected
    text.set_sentence(list("我在巴黎"), [SpanMark(2, 4, "地点")], spaced=False)
    assert text.tagged_text() == "我在[巴黎](地点)"
    assert text._tip(QPointF(text.place_of(0).center())) == "", "a tooltip does not repeat what can be read"


def test_predictions_against_the_truth() -> None:
    truth = (SpanMark(0, 2, "person"), SpanMark(3, 5, "person"), SpanMark(6, 7, "location"))
    predicted = (SpanMark(0, 2, "person"), SpanMark(6, 7, "person"))
    marks = compare_marks(WORDS, truth, predicted)
    assert [(mark.start, mark.label, mark.tone) for mark in marks] == [
        (0, "person", "plain"),
        (3, "person", "missed"),
        (6, "person", "wrong"),
    ]
    assert marks[2].note == "in the data: Paris: location"


def test_chinese(shown: Any) -> None:
    i18n.set_language("zh_CN")
    text = shown()
    assert [action.text() for action in text.menu().actions()] == ["复制文本", "连同标签一起复制"]


# -- confusions -------------------------------------------------------------------------------------------------


def confusions(qtbot: Any, size: int) -> ConfusionTable:
    table = ConfusionTable()
    qtbot.addWidget(table)
    counts = np.arange(size * size).reshape(size, size) % 23
    names = ["person", "location", "organisation", *(f"label {at}" for at in range(size))][:size]
    table.set_matrix(names, counts, title_rows="In the data", title_columns="Predicted")
    table.resize(400, 300)
    table.show()
    return table


@pytest.mark.parametrize("size", [1, 2, 5, 80])
def test_tables_of_all_sizes(qtbot: Any, size: int) -> None:
    table = confusions(qtbot, size)
    table.grab()
    bar = table.table.horizontalScrollBar()
    assert (bar.maximum() > 0) == (size == 80)
    table.resize(1280, 900)
    assert table.table.across.defaultSectionSize() >= 36
    table.resize(240, 160)
    table.grab()


def test_cells_tell_what_they_count(qtbot: Any, heard: Any) -> None:
    table = ConfusionTable()
    qtbot.addWidget(table)
    counts = [[40, 17, 3], [1, 50, 0], [2, 0, 0]]
    said: dict[str, Any] = {"title_rows": "In the data", "title_columns": "Predicted"}
    table.set_matrix(["person", "location", "nothing"], counts, nothing=2, **said)
    plain = str.maketrans("", "", "\u2068\u2069")
    assert table.words(0, 1).translate(plain) == "17 spans of 'person' were read as 'location'. 28 % of this row"
    assert table.words(1, 0).translate(plain) == "1 span of 'location' was read as 'person'. 2 % of this row"
    assert table.words(1, 1).translate(plain).startswith("50 spans of 'location' were read rightly.")
    assert "were missed" in table.words(0, 2)
    assert "where the data have none" in table.words(2, 0)
    assert table.words(2, 2) == ""
    table.set_matrix(["person", "location", "nothing"], counts, unit="sentence", **said)
    assert "17 sentences of" in table.words(0, 1)
    table.resize(500, 300)
    table.show()
    heard.on(table.cell_clicked)
    view = table.table
    spot = view.visualRect(view.counts.index(1, 2)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert heard.got == [(1, 2), (0, 1)]
    table.grab()
    with pytest.raises(ValueError, match="2 names"):
        table.set_matrix(["a", "b"], counts[:2], **said)
    table.set_matrix([], [], **said)
    assert view.isHidden()


@pytest.mark.parametrize("dark", [False, True])
def test_counts_are_readable_on_every_shade(qapp: Any, dark: bool) -> None:
    theming.choose("dark" if dark else "light")
    for share, right in itertools.product((0.0, 0.01, 0.5, 1.0), (True, False)):
        ink = theming.theme().color("text" if share else "text_muted")
        assert contrast(ink, shade(share, right)) >= 4.5
    theming.choose("light")


# -- the list ---------------------------------------------------------------------------------------------------


def test_two_thousand_sentences_at_once(qtbot: Any) -> None:
    view = SentenceList()
    qtbot.addWidget(view)
    rows = [SentenceRow((*WORDS, str(at)) * 5, SPANS, SPANS[:1], "1 of 2 entities wrong") for at in range(2000)]
    view.resize(600, 500)
    view.show()
    started = time.perf_counter()
    view.set_rows(rows)
    view.grab()
    assert time.perf_counter() - started < 1.0
    assert len(view.view.rows._flows) < 20, "only what is in sight is laid out"
    view.select(1999)
    assert view.current() == 1999
    view.resize(240, 300)
    view.grab()


def test_rows_open_by_key_double_click_and_word(qtbot: Any, heard: Any) -> None:
    view = SentenceList()
    qtbot.addWidget(view)
    view.set_rows([SentenceRow(tuple(WORDS), SPANS, SPANS, f"note {at}") for at in range(5)])
    view.resize(500, 700)
    view.show()
    heard.on(view.activated)
    rows = view.view
    place = rows.visualRect(rows.sentences.index(1))
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    assert heard.got == []
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    qtbot.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    third = rows.visualRect(rows.sentences.index(3))
    spot = rows.rows.inspect_rect(third, 3).center().toPoint()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert heard.got == [2, 1, 3]


def test_rows_say_what_they_hold(qtbot: Any) -> None:
    view = SentenceList()
    qtbot.addWidget(view)
    view.set_empty("Train first.")
    view.resize(500, 300)
    view.show()
    assert view.empty.isVisible()
    assert view.empty.text() == "Train first."
    view.set_rows([SentenceRow(tuple(WORDS), SPANS, SPANS[:1], "1 of 2 wrong"), SentenceRow((), (), ())])
    assert not view.empty.isVisible()
    said = view.view.sentences.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "in the data, but missed" in said
    assert "1 of 2 wrong" in said
    view.grab()
    place = view.view.visualRect(view.view.sentences.index(0))
    delegate = view.view.rows
    mark = delegate.flow(0).pieces[0].rect.center() + delegate.origin(place, 0)
    assert delegate.tip(place, 0, mark) == "Angela Merkel: person"
    view.set_rows([])
    assert view.empty.isVisible()
