"""Heatmaps: what is painted where, linked views, keys, odd values, many units and tokens."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from lstm_studio.gui import theme
from lstm_studio.gui.widgets.gate_panel import GateGrid, GateStatus, limit_of
from lstm_studio.gui.widgets.gates import LSTM_KEYS, kinds
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.raster import (
    Coloured,
    binned_mean,
    bins,
    colour_table,
    nice_limit,
    robust_limit,
    ticks,
    to_colours,
)
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.training.events import LayerGates


def gates(tokens: int, units: int, keys: str = "ifogch", seed: int = 0) -> LayerGates:
    generator = np.random.default_rng(seed)
    values = {
        key: (generator.random((tokens, units)) if key in "iforz" else generator.normal(size=(tokens, units))).astype(
            np.float32
        )
        for key in keys
    }
    return LayerGates(0, "forward", values)


@pytest.fixture
def grid(qtbot: object, qapp: QApplication) -> GateGrid:
    made = GateGrid()
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(900, 320)
    made.show()
    qapp.processEvents()
    return made


def color_at(map_: Heatmap, image: QImage, token: int, row: int) -> QColor:
    return image.pixelColor(map_.cell_rect(token, row).center().toPoint())


# -- numbers ----------------------------------------------------------------------------------------------------


def test_bins_cover_everything_once_and_do_not_move_with_the_view() -> None:
    assert bins(0, 5, 100, 5).tolist() == [0, 1, 2, 3, 4, 5]
    edges = bins(0, 1000, 300, 1000)
    assert edges[0] == 0
    assert edges[-1] == 1000
    assert len(edges) - 1 <= 300
    panned = bins(401, 801, 100, 1000)
    assert set(panned.tolist()) <= set(bins(400, 800, 100, 1000).tolist()) | {800, 804}
    assert panned[0] <= 401
    assert panned[-1] >= 801


def test_a_part_of_coloured_groups_is_what_colouring_the_part_gives() -> None:
    values = np.random.default_rng(3).random((37, 50), np.float32)
    values[5, 7] = np.nan
    table = colour_table(np.arange(256 * 3).reshape(256, 3) % 256, (1, 2, 3))
    coloured = Coloured(values)
    for first, last, pixels in ((0, 37, 100), (3, 20, 5), (30, 37, 4), (9, 37, 9)):
        rows, columns = bins(first, last, pixels, 37), bins(2 * first // 2, last + 9, pixels, 50)
        for low, high in ((0.0, 1.0), (0.2, 0.7)):
            data, height, width, stride = coloured.part(rows, columns, low, high, table)
            lines = np.frombuffer(data, np.uint32)
            got = np.stack([lines[row * stride // 4 :][:width] for row in range(height)])
            np.testing.assert_array_equal(got, to_colours(binned_mean(values, rows, columns), low, high, table))


def test_binned_mean_is_the_mean_of_each_block_and_leaves_nan_out() -> None:
    values = np.arange(24, dtype=float).reshape(4, 6)
    got = binned_mean(values, np.array([0, 2, 4]), np.array([0, 3, 6]))
    assert got == pytest.approx(values.reshape(2, 2, 2, 3).mean(axis=(1, 3)))
    values[0, 0] = np.nan
    values[2:, 3:] = np.nan
    got = binned_mean(values, np.array([0, 2, 4]), np.array([0, 3, 6]))
    assert got[0, 0] == pytest.approx(np.nanmean(values[:2, :3]))
    assert np.isnan(got[1, 1])


@pytest.mark.parametrize(("rows", "columns"), [([0, 3, 6, 8], [0, 4, 8, 10]), ([0, 1, 6, 8], [0, 2, 10])])
def test_blocks_of_one_size_and_of_any(rows: list[int], columns: list[int]) -> None:
    values = np.random.default_rng(0).random((8, 10), np.float32)
    got = binned_mean(values, np.array(rows), np.array(columns))
    for row, (top, bottom) in enumerate(itertools.pairwise(rows)):
        for column, (left, right) in enumerate(itertools.pairwise(columns)):
            assert got[row, column] == pytest.approx(values[top:bottom, left:right].mean(), abs=1e-6)


def test_colours_clip_at_the_limits_and_mark_nan() -> None:
    table = np.zeros((256, 4), np.uint8)
    table[:, 0] = np.arange(256)
    colours = colour_table(table, (1, 2, 3))
    got = to_colours(np.array([[-5.0, 0.0, 0.5, 1.0, 9.0, np.nan]]), 0.0, 1.0, colours)
    assert [(int(value) >> 16) & 255 for value in got[0][:5]] == [0, 0, 128, 255, 255]
    assert int(got[0][5]) == 0xFF010203


def test_limits_are_round_and_ignore_single_outliers() -> None:
    assert [nice_limit(value) for value in (0.0, 0.93, 1.0, 1.01, 3.2, 47.0)] == [1.0, 1.0, 1.0, 1.2, 4.0, 50.0]
    values = np.full(1000, 0.5)
    values[0] = 100.0
    assert robust_limit(values) == pytest.approx(0.5)
    assert robust_limit(np.array([np.nan, np.inf])) == 0.0
    assert limit_of(np.full((3, 4), 0.42)) == 0.5


def test_ticks_are_round_and_few() -> None:
    assert ticks(0, 128, 5) == [0, 50, 100]
    assert ticks(10.5, 13, 10) == [11, 12]
    assert ticks(0, 10, 0) == []


def test_blanks_and_control_characters_can_be_seen() -> None:
    assert [visible_token(token) for token in (" ", "\n", "\t", "a\x00b", "词")] == ["␣", "⏎", "⇥", "a·b", "词"]


# -- pictures ---------------------------------------------------------------------------------------------------


def test_every_cell_has_the_colour_of_its_value(grid: GateGrid) -> None:
    layer = gates(4, 6)
    layer.values["i"][1, 2] = 0.0
    layer.values["i"][3, 5] = 1.0
    grid.set_gates(["a", "b", "c", "d"], layer)
    map_ = grid.maps[0]
    image = map_.grab().toImage()
    table = theme.theme().sequential()
    assert color_at(map_, image, 1, 2) == QColor(*table[0][:3])
    assert color_at(map_, image, 3, 5) == QColor(*table[255][:3])


def test_order_moves_rows_and_keeps_unit_numbers(grid: GateGrid) -> None:
    layer = gates(3, 5)
    grid.set_gates(["a", "b", "c"], layer, np.array([4, 3, 2, 1, 0]))
    map_ = grid.maps[0]
    assert map_.unit_at(0) == 4
    assert map_.value_at(1, 0) == pytest.approx(float(layer.values["i"][1, 4]))
    assert map_.value_at(9, 0) is None


def test_one_view_for_all_six(grid: GateGrid, qtbot: object) -> None:
    grid.set_gates([f"t{n}" for n in range(40)], gates(40, 64))
    first, last = grid.maps[0], grid.maps[-1]
    center = first.plot_area().center()
    wheel = QWheelEvent(
        center,
        QPointF(first.mapToGlobal(center.toPoint())),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(first, wheel)
    assert not grid.view.whole
    assert last.view.x1 - last.view.x0 < 40
    before = grid.view.x0
    point = first.plot_area().center().toPoint()
    qtbot.mousePress(first, Qt.MouseButton.LeftButton, pos=point)  # type: ignore[attr-defined]
    qtbot.mouseMove(first, point - QPoint(30, 0))  # type: ignore[attr-defined]
    first.mouseMoveEvent(_move(first, point - QPoint(40, 0)))
    qtbot.mouseRelease(first, Qt.MouseButton.LeftButton, pos=point - QPoint(40, 0))  # type: ignore[attr-defined]
    assert grid.view.x0 > before
    assert grid.view.chosen is None, "a drag chooses nothing"
    qtbot.mouseDClick(first, Qt.MouseButton.LeftButton, pos=point)  # type: ignore[attr-defined]
    assert grid.view.whole


def _move(widget: Heatmap, point: QPoint) -> object:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    return QMouseEvent(
        QEvent.Type.MouseMove, QPointF(point), QPointF(widget.mapToGlobal(point)),
        Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip


def test_pointing_shows_all_values_and_a_click_chooses_the_unit(grid: GateGrid, qtbot: object) -> None:
    layer = gates(5, 8)
    grid.set_gates(list("abcde"), layer, np.arange(8)[::-1].copy())
    status = GateStatus(grid)
    qtbot.addWidget(status)  # type: ignore[attr-defined]
    map_ = grid.maps[2]
    place = map_.cell_rect(3, 1).center().toPoint()
    map_.mouseMoveEvent(_move(map_, place))
    assert grid.view.cursor == (3, 1)
    assert grid._titles[0].value.text() == f"{layer.values['i'][3, 6]:.2f}"
    assert "unit 6" in status.label.full_text()
    assert "token 4 of 5" in status.label.full_text()
    qtbot.mouseClick(map_, Qt.MouseButton.LeftButton, pos=place)  # type: ignore[attr-defined]
    assert grid.view.chosen == 6
    qtbot.mouseClick(map_, Qt.MouseButton.LeftButton, pos=place)  # type: ignore[attr-defined]
    assert grid.view.chosen is None


def test_keys_move_the_cursor_choose_zoom_and_say_where_they_are(grid: GateGrid, qtbot: object) -> None:
    grid.set_gates([f"t{n}" for n in range(30)], gates(30, 40))
    map_ = grid.maps[1]
    map_.setFocus(Qt.FocusReason.TabFocusReason)
    grid.view.set_cursor((0, 0))
    press = qtbot.keyClick  # type: ignore[attr-defined]
    press(map_, Qt.Key.Key_Right)
    press(map_, Qt.Key.Key_Down)
    assert grid.view.cursor == (1, 1)
    press(map_, Qt.Key.Key_Left)
    press(map_, Qt.Key.Key_Left)
    assert grid.view.cursor == (0, 1), "it stops at the edge"
    press(map_, Qt.Key.Key_End)
    assert grid.view.cursor == (29, 1)
    press(map_, Qt.Key.Key_Return)
    assert grid.view.chosen == 1
    press(map_, "+")
    assert not grid.view.whole
    press(map_, Qt.Key.Key_Home)
    assert grid.view.x0 == 0, "the view follows the cursor"
    press(map_, "0")
    assert grid.view.whole
    if map_.hasFocus():
        assert "t0" in map_.accessibleDescription()
    assert "forget gate" in map_.describe_cursor()
    press(map_, Qt.Key.Key_Escape)
    assert grid.view.cursor is None
    assert grid.view.chosen is None


def test_a_gru_a_plain_rnn_and_no_network(grid: GateGrid) -> None:
    grid.set_gates(["x"], gates(1, 3, "rznh"))
    assert [map_.kind.key for map_ in grid.maps] == ["r", "z", "n", "h"]
    grid.set_gates(["x"], gates(1, 3, "h"))
    assert [map_.kind.key for map_ in grid.maps] == ["h"]
    grid.set_gates([], None)
    assert grid.cell_words() == ""
    grid.grab()
    assert [kind.key for kind in kinds("hcgofi")] == list(LSTM_KEYS)


def test_nan_single_cells_and_any_script(grid: GateGrid, qapp: QApplication) -> None:
    layer = gates(1, 1)
    for values in layer.values.values():
        values[:] = np.nan
    grid.set_gates(["لم"], layer)
    grid.view.set_cursor((0, 0))
    grid.grab()
    assert all(title.value.text() == "" for title in grid._titles)
    grid.set_gates(list("送餐很快，味道也不错"), gates(10, 3))
    for choice in ("dark", "light"):
        theme.choose(choice)
        grid.grab()
    qapp.processEvents()


def test_signed_scales_are_symmetric_and_follow_the_theme(grid: GateGrid) -> None:
    layer = gates(6, 9)
    grid.set_gates(list("abcdef"), layer)
    by_key = {map_.kind.key: map_ for map_ in grid.maps}
    assert by_key["f"].limits == (0.0, 1.0)
    low, high = by_key["c"].limits
    assert low == -high
    grid.set_gates(list("abcdef"), layer, limits={"c": 7.0})
    assert by_key["c"].limits == (-7.0, 7.0)


def test_five_hundred_tokens_by_a_thousand_units_are_quick(grid: GateGrid) -> None:
    grid.set_gates([f"word{n}" for n in range(500)], gates(500, 1024))
    assert grid.maps[0].units_per_pixel_row() > 1
    assert "mean" in grid.cell_words()
    grid.grab()
    began = time.perf_counter()
    for step in range(10):
        grid.view.set_range(step, 400 + step, 0, 900)
        grid.grab()
    assert (time.perf_counter() - began) / 10 < 0.1


def test_the_picture_has_twice_the_pixels(grid: GateGrid) -> None:
    grid.set_gates(list("abc"), gates(3, 4))
    image = grid.to_image("a heading")
    assert image.devicePixelRatio() == 2.0
    assert image.width() >= 2 * grid.width()


def test_the_zoom_survives_new_values_of_the_same_text(grid: GateGrid) -> None:
    tokens = [f"t{n}" for n in range(20)]
    grid.set_gates(tokens, gates(20, 30, seed=1))
    grid.view.set_range(2, 10, 5, 15)
    grid.set_gates(tokens, gates(20, 30, seed=2))
    assert (grid.view.x0, grid.view.x1, grid.view.y0, grid.view.y1) == (2, 10, 5, 15)
    grid.set_gates(tokens[:7], gates(7, 30))
    assert grid.view.whole


def test_a_view_never_leaves_its_data() -> None:
    view = LinkedView()
    view.set_extent(10, 20)
    view.zoom(0.01, 9.9, 19.9)
    assert view.x1 <= 10
    assert view.x1 - view.x0 == 4
    view.pan(-100, 100)
    assert (view.x0, view.y1) == (0, 20)
    view.zoom(1000, 5, 5)
    assert view.whole
