"""Text that runs to the left, and glyphs that must be there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QImage, QPainter, QTextLayout
from PySide6.QtTest import QTest

from lstm_studio.gui.theme import SIZES, font
from lstm_studio.gui.widgets.bidi import is_right_to_left, isolated, mirrored, turned_mark
from lstm_studio.gui.widgets.saveable import Saved, to_svg
from lstm_studio.gui.widgets.span_flow import lay_out
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.gui.widgets.token_strip import TokenStrip
from lstm_studio.gui.widgets.word_weights import WordWeights
from lstm_studio.runs.report_html import tinted

HEBREW = ["הסרט", "(", "great", ")", "!"]
CHINESE = "神经网络，细胞状态：输入门遗忘门。「」《》……——１２３ＡＢＣ"


def missing(text: str, face: QFont) -> set[str]:
    """Characters that a font and those behind it have no glyph for: glyph 0 is the box."""
    found = set()
    for letter in text:
        layout = QTextLayout(letter, face)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        if any(0 in run.glyphIndexes() for run in layout.glyphRuns()):
            found.add(letter)
    return found


def test_only_what_runs_to_the_left_is_isolated() -> None:
    assert isolated("good 好 é") == "good 好 é"
    assert isolated("שלום, x") == "\u2068שלום, x\u2069"
    assert visible_token("שלום,") == "\u2068שלום,\u2069"
    assert visible_token("مرحبا") == "\u2068مرحبا\u2069"
    assert (turned_mark("("), turned_mark("a"), turned_mark("א")) == ("\u2067(\u2069", "a", "א")
    assert is_right_to_left(["!", "עברית", "x"])
    assert not is_right_to_left(["12", "x", "עברית"])
    assert mirrored([QRectF(0, 5, 30, 10)], 100) == [QRectF(70, 5, 30, 10)]


def test_tokens_stand_in_the_order_in_which_they_are_read(qtbot) -> None:
    strip = TokenStrip()
    words = WordWeights()
    for widget in (strip, words):
        qtbot.addWidget(widget)
        widget.resize(400, 60)
    for tokens, turned in ((HEBREW, True), (["the", "עברית", "!"], False)):
        strip.set_tokens(tokens)
        words.set_words(tokens, [False] * len(tokens), [0.1] * len(tokens))
        for places in ([strip.place_of(n) for n in range(len(tokens))], words._places):
            lefts = [place.left() for place in places]
            assert lefts == sorted(lefts, reverse=turned)
    strip.set_tokens(HEBREW)
    strip.set_cursor(1)
    moved = []
    strip.cursor_moved.connect(moved.append)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert moved == [2, 0]


def test_tinted_tokens_of_a_report_run_to_the_left() -> None:
    assert 'class="tokens" dir="rtl"' in tinted(HEBREW, [0.1] * len(HEBREW))
    assert "dir=" not in tinted(["the", "עברית"], [0.1, 0.2])


def test_brackets_of_such_a_sentence_open_to_the_left(qapp) -> None:
    flow = lay_out(HEBREW, [], 400.0)
    assert [place.text for place in flow.words][1] == "\u2067(\u2069"
    assert flow.right_to_left


def test_chinese_has_no_missing_glyphs(qapp) -> None:
    if not QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese):
        pytest.skip("this system has no Chinese font")
    for size in SIZES:
        for made in (font(size), font(size, mono=True), font(size, bold=True, tabular=True), QFont()):
            assert not missing(CHINESE, made), (size, made.families())


def test_a_saved_drawing_names_fonts_that_draw_chinese(qapp) -> None:
    from PySide6.QtCore import QSize

    def paint(painter: QPainter) -> None:
        painter.setFont(font("body"))
        painter.drawText(10, 20, CHINESE[:4])

    text = to_svg(Saved("门", QSize(200, 60), paint)).decode("utf-8")
    assert CHINESE[:4] in text
    named = text.split('font-family="', 1)[1].split('"', 1)[0]
    assert named.endswith("sans-serif")
    assert "Noto Sans CJK SC" in named
    assert QImage.fromData(text.encode(), "svg").isNull() is False
