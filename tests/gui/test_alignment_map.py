"""The attention matrix: labels, cursor, choosing, scrolling, what it says while it is empty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt

from lstm_studio.gui import i18n, theme
from lstm_studio.gui.widgets.alignment_layout import LOW, NARROW, lay_out
from lstm_studio.gui.widgets.alignment_map import AlignmentMap, shown_piece
from lstm_studio.gui.widgets.token_axis import visible_token

SOURCE = ("▁Das", "▁Buch", "▁lie", "gt")
WRITTEN = ("▁The", "▁book", "▁lies", "</s>")
WEIGHTS = np.array([[0.9, 0.1, 0, 0], [0.1, 0.83, 0.07, 0], [0, 0, 0.6, 0.4], [0, 0, 0.1, 0.9]], np.float32)


def diagonal(rows: int, columns: int) -> np.ndarray:
    """Each step looks a little further."""
    at = np.arange(rows)[:, None] * columns / rows
    weights = np.exp(-((np.arange(columns)[None, :] - at) ** 2) / 8)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


@pytest.fixture
def shown(qtbot: Any) -> AlignmentMap:
    made = AlignmentMap()
    qtbot.addWidget(made)
    made.resize(480, 320)
    made.set_alignment(SOURCE, WRITTEN, WEIGHTS, (0.98, 0.75, 0.5, 0.2))
    made.show()
    return made


def bring(shown: AlignmentMap, row: int, column: int) -> QPoint:
    return shown.grid.cell_rect(row, column).center().toPoint()


def test_pieces_are_shown_without_the_mark_of_a_space() -> None:
    assert [shown_piece(token) for token in ("▁book", "ing", "▁", "</s>", "")] == ["book", "ing", " ", "⏎ end", ""]
    assert [visible_token(token) for token in ("▁book", "▁", "</s>")] == ["book", "␣", "⏎ end"]


def test_a_cell_is_told_under_the_cursor_and_for_screen_readers(shown: AlignmentMap, qtbot: Any) -> None:
    assert "Rows: written" in shown.status.full_text()
    assert shown.grid.accessibleDescription() == "4 written tokens by 4 read ones."
    qtbot.mouseMove(shown.grid.viewport(), bring(shown, 1, 1))
    assert shown.grid.cursor_at == (1, 1)
    said = shown.status.full_text().replace("\u2068", "").replace("\u2069", "")
    assert said == "‘book’ looked at ‘Buch’: 83 % · its own probability: 75 %"
    assert "‘\u2068book\u2069’" in shown.grid.accessibleDescription()
    assert shown.grid.accessibleName() == "Where each written token looked"
    shown.grab()


def test_a_label_points_at_where_the_token_looked_most(shown: AlignmentMap) -> None:
    grid = shown.grid
    row = grid.cell_rect(2, 0).center()
    assert grid.cell_at(QPointF(4, row.y())) == (2, 2)
    column = grid.cell_rect(0, 3).center()
    assert grid.cell_at(QPointF(column.x(), 4)) == (3, 3)
    assert grid.cell_at(QPointF(2, 2)) is None
    assert grid.cell_at(QPointF(9000, 9000)) is None


def test_keys_move_the_cursor_and_choose_a_row(shown: AlignmentMap, qtbot: Any) -> None:
    chosen: list[int] = []
    shown.row_chosen.connect(chosen.append)
    grid = shown.grid
    grid.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    assert grid.cursor_at == (1, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert chosen == [1]
    assert shown.row == 1
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert grid.cursor_at == (3, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.cursor_at is None
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=bring(shown, 2, 0))
    assert chosen == [1, 2]
    shown.set_row(0)
    assert chosen == [1, 2], "only a person's choice is told"
    assert shown.row == 0


def test_a_large_matrix_scrolls_and_brings_the_chosen_row_into_sight(qtbot: Any) -> None:
    shown = AlignmentMap()
    qtbot.addWidget(shown)
    shown.resize(500, 300)
    shown.show()
    shown.set_alignment([f"▁source{n}" for n in range(60)], [f"▁word{n}" for n in range(100)], diagonal(100, 60))
    grid = shown.grid
    cell = grid.cell_rect(0, 0)
    assert cell.width() >= NARROW
    assert cell.height() >= LOW
    assert grid.verticalScrollBar().maximum() > 0
    assert grid.horizontalScrollBar().maximum() > 0
    shown.set_row(90)
    view = grid.viewport().rect()
    assert view.contains(bring(shown, 90, int(diagonal(100, 60)[90].argmax())))
    grid.setFocus()
    for _ in range(3):
        qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.horizontalScrollBar().value() == 0
    assert shown.bar._high < 1, "the scale ends near the largest weight"
    shown.grab()


@pytest.mark.parametrize("size", [QSize(300, 120), QSize(420, 260), QSize(1200, 900)])
@pytest.mark.parametrize("columns", [1, 12, 17, 60])
def test_a_bar_is_there_exactly_when_cells_do_not_fit(qtbot: Any, size: QSize, columns: int) -> None:
    plan = lay_out([f"word{n}" for n in range(columns)], ["token"] * 12, size, 12)
    fits = plan.left + columns * plan.wide <= size.width()
    assert bool(plan.across) == (not fits) or plan.across <= plan.above
    assert plan.wide >= NARROW
    assert plan.high >= LOW
    assert plan.top < size.height() / 2


def test_nothing_there_is_a_sentence(shown: AlignmentMap) -> None:
    shown.grid.set_cursor((3, 3))
    shown.set_row(3)
    shown.set_alignment(SOURCE, WRITTEN[:2], WEIGHTS[:2])
    assert shown.grid.cursor_at is None
    assert shown.row is None
    shown.set_empty("No attention here.")
    shown.set_alignment(SOURCE, WRITTEN, None)
    assert shown.stack.currentWidget() is shown.empty
    assert shown.empty.text() == "No attention here."
    assert shown.accessibleDescription() == "No attention here."
    shown.set_alignment((), (), np.empty((0, 0), np.float32))
    assert shown.stack.currentWidget() is shown.empty
    with pytest.raises(ValueError, match="4 written and 4 read"):
        shown.set_alignment(SOURCE, WRITTEN, WEIGHTS[:2])


def test_what_is_no_number_and_a_single_cell(shown: AlignmentMap) -> None:
    broken = WEIGHTS.copy()
    broken[1] = np.nan
    shown.set_alignment(SOURCE, WRITTEN, broken, (1.0, 0.5, 0.1, 0.0))
    shown.set_row(1)
    shown.grab()
    shown.set_alignment(("▁",), ("</s>",), np.ones((1, 1), np.float32))
    shown.grid.set_cursor((0, 0))
    shown.grab()
    assert "␣" in shown.status.full_text()


def test_chinese_and_the_dark(shown: AlignmentMap, qtbot: Any) -> None:
    i18n.set_language("zh_CN")
    shown.set_alignment(tuple("这本书"), ("▁book", "</s>"), WEIGHTS[:2, :3], (0.9, 0.4))
    shown.grid.set_cursor((1, 2))
    assert shown.grid._plan.level, "single characters stand upright"
    assert "⏎ 结束" in shown.status.full_text()
    theme.choose("dark")
    shown.grab()
    theme.choose("light")
