"""Curves: smoothing, thinning, ranges, cursor, zoom, hundreds of thousands of steps."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from lstm_studio.gui import theme
from lstm_studio.gui.widgets.axes import logarithmic_ticks, nearest, percent, plain
from lstm_studio.gui.widgets.curves import CurveChart, CurveSpec
from lstm_studio.gui.widgets.series import Extremes, Smoother, thin_evenly, thin_extremes, value_range, visible

SPECS = [
    CurveSpec("raw", "Each batch", "plot_train", "faint"),
    CurveSpec("line", "Training loss", "plot_train"),
    CurveSpec("check", "Validation loss", "plot_validation", "points"),
    CurveSpec("best", "", "plot_best", "star"),
]


def by_hand(values: np.ndarray, weight: float) -> np.ndarray:
    mean, mass, out = 0.0, 0.0, []
    for value in values:
        if np.isfinite(value):
            mean, mass = weight * mean + (1 - weight) * value, weight * mass + (1 - weight)
        out.append(mean / mass if mass else np.nan)
    return np.array(out)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.6, 0.9, 0.999])
def test_smoothing_is_the_same_in_one_piece_and_as_it_grows(weight: float) -> None:
    values = np.random.default_rng(0).normal(1.0, 0.3, 1500)
    values[[5, 300, 301]] = np.nan
    expected = by_hand(values, weight) if weight else values
    whole = Smoother(weight).extend(values)
    grown = Smoother(weight)
    for end in (1, 2, 255, 256, 700, 1500):
        got = grown.extend(values[:end])
    assert whole == pytest.approx(expected, nan_ok=True, rel=1e-9)
    assert got == pytest.approx(expected, nan_ok=True, rel=1e-9)
    assert len(grown.extend(values[:10])) == 10, "a run that was rewound starts again"


def test_thinning_keeps_every_spike_and_both_ends() -> None:
    x = np.arange(100_000.0)
    y = np.zeros_like(x)
    y[54_321], y[12] = 9.0, -9.0
    thin_x, thin_y = thin_extremes(x, y, 500)
    assert len(thin_x) <= 1_300
    assert (thin_y.max(), thin_y.min()) == (9.0, -9.0)
    assert np.all(np.diff(thin_x) >= 0)
    even_x, _ = thin_evenly(x, y, 500)
    assert (even_x[0], even_x[-1]) == (0.0, 99_999.0)
    assert len(even_x) < 1_100
    short = np.arange(5.0)
    assert thin_extremes(short, short, 500)[0] is short


def test_only_the_visible_part_and_its_neighbours_are_drawn() -> None:
    x = np.arange(1.0, 101.0)
    part = visible(x, 10.0, 20.0)
    assert (x[part][0], x[part][-1]) == (9.0, 21.0)
    assert x[visible(x, 500, 600)].tolist() == [100.0]


def test_the_range_ignores_outliers_nan_and_what_a_logarithm_cannot_show() -> None:
    values = np.concatenate([np.linspace(0.4, 0.6, 200), [50.0, np.nan, np.inf]])
    _, high = value_range([values], ignore_outliers=True, logarithmic=False) or (0, 0)
    assert high < 1
    assert (value_range([values], ignore_outliers=False, logarithmic=False) or (0, 0))[1] == 50
    assert value_range([np.array([-1.0, 0.0])], ignore_outliers=False, logarithmic=True) is None
    assert value_range([np.array([])], ignore_outliers=True, logarithmic=False) is None


def test_figures_are_short() -> None:
    assert [plain(value) for value in (0.43219, 0.04321, 12.3456, 1.2e-5, float("nan"))] == [
        "0.432", "0.0432", "12.35", "1.2e-05", "–",
    ]  # fmt: skip
    assert percent(0.8125) == "81.2 %"
    assert nearest(np.array([1.0, 5.0, 9.0]), 6.9) == 1
    assert nearest(np.array([1.0, 5.0, 9.0]), 99) == 2


@pytest.mark.parametrize(
    ("low", "high", "most", "figures"),
    [
        (0.03, 1.2, 3, (0.1, 1)),
        (0.03, 1.2, 5, (0.03, 0.1, 0.3, 1)),
        (0.03, 1.2, 6, (0.05, 0.1, 0.2, 0.5, 1)),
        (0.4, 5, 30, (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 3, 4, 5)),
        (0.62, 0.69, 5, (0.62, 0.64, 0.66, 0.68)),
        (1e-6, 1e3, 5, (1e-6, 1e-4, 1e-2, 1, 100)),
        (1e-6, 1e3, 12, (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000)),
    ],
)
def test_a_logarithmic_axis_has_round_figures_that_do_not_touch(
    low: float, high: float, most: int, figures: tuple[float, ...]
) -> None:
    ticks = logarithmic_ticks(np.log10(low), np.log10(high), most)
    assert 10 ** np.array(ticks) == pytest.approx(figures, rel=1e-6)


@pytest.fixture
def chart(qtbot: object, qapp: QApplication) -> CurveChart:
    made = CurveChart("Loss", SPECS)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(640, 280)
    made.show()
    qapp.processEvents()
    return made


def feed(chart: CurveChart, steps: int) -> np.ndarray:
    x = np.arange(1.0, steps + 1)
    y = 0.7 * np.exp(-x / steps) + 0.05 * np.random.default_rng(1).random(steps)
    chart.set_data("raw", x, y)
    chart.set_data("line", x, y)
    chart.set_data("check", x[steps // 4 :: steps // 4], y[steps // 4 :: steps // 4] + 0.1)
    chart.set_best((float(x[steps // 2]), 0.5))
    chart.update_curves()
    return y


def test_an_empty_chart_says_what_will_come_and_survives_everything(chart: CurveChart) -> None:
    chart.set_hint("A point after each epoch")
    assert "A point after each epoch" in chart._hint.text
    chart.set_logarithmic(True)
    chart.set_cursor(3.0)
    chart.reset()
    chart.grab()
    assert chart.legend.values["line"].text() == "–"


def test_the_legend_reads_the_latest_values_and_those_under_the_cursor(chart: CurveChart) -> None:
    y = feed(chart, 400)
    assert chart.legend.values["line"].text() == plain(y[-1])
    chart.set_epochs(lambda step: f"epoch {int(step) // 100 + 1}")
    chart.set_cursor(120.3)
    assert chart.legend.values["line"].text() == plain(y[119])
    assert chart.legend.values["check"].text() == plain(y[100] + 0.1)
    assert chart._place.toPlainText() == "step 120 · epoch 2"
    chart.set_cursor(None)
    assert chart.legend.values["line"].text() == plain(y[-1])
    assert chart.legend.values["best"].text() == "0.500"


def test_log_scale_outliers_and_non_positive_values(chart: CurveChart) -> None:
    x = np.arange(1.0, 301.0)
    y = np.linspace(1, 0.01, 300)
    y[[10, 20]] = [0.0, -1.0]
    y[200] = 1000.0
    chart.set_data("raw", x, y)
    chart.set_logarithmic(True)
    low, high = chart._box.viewRange()[1]
    assert -2.6 < low < -1.9
    assert high > 2.9
    chart.set_ignore_outliers(True)
    assert chart._box.viewRange()[1][1] < 0.2
    chart.set_logarithmic(False)
    chart.grab()
    assert chart._box.viewRange()[1][1] < 1.3


def test_zooming_stops_following_and_reset_follows_again(chart: CurveChart, qtbot: object) -> None:
    feed(chart, 400)
    heard: list[bool] = []
    chart.zoomed.connect(heard.append)
    qtbot.keyClick(chart.plot, "+")  # type: ignore[attr-defined]
    assert chart.is_zoomed
    zoomed = chart._box.viewRange()[0]
    feed(chart, 800)
    assert chart._box.viewRange()[0] == zoomed, "new steps do not move a view that a person chose"
    qtbot.keyClick(chart.plot, "0")  # type: ignore[attr-defined]
    assert not chart.is_zoomed
    assert chart._box.viewRange()[0][1] > 800
    assert heard == [True, False]


def test_keys_move_the_cursor_over_the_steps(chart: CurveChart, qtbot: object) -> None:
    feed(chart, 400)
    chart.plot.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(chart.plot, key)  # type: ignore[attr-defined]
    assert chart._cursor is not None
    assert 1 <= chart._cursor < 20
    qtbot.keyClick(chart.plot, Qt.Key.Key_Escape)  # type: ignore[attr-defined]
    assert chart._cursor is None


def test_one_set_data_a_curve_and_update_and_none_while_hidden(
    chart: CurveChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for key, curve in chart.curves.items():
        real = curve.item.setData
        monkeypatch.setattr(
            curve.item, "setData", lambda *a, key=key, real=real, **k: (calls.append(key), real(*a, **k))
        )
    feed(chart, 300)
    assert sorted(calls) == ["check", "line", "raw"]
    chart.update_curves()
    assert len(calls) == 3, "nothing new, nothing drawn"
    chart.hide()
    feed(chart, 350)
    assert len(calls) == 3
    chart.show()
    assert len(calls) >= 6


def test_three_hundred_thousand_steps_stay_quick(chart: CurveChart) -> None:
    feed(chart, 300_000)
    began = time.perf_counter()
    for _ in range(10):
        chart._dirty = True
        chart.update_curves()
    assert (time.perf_counter() - began) / 10 < 0.03


def test_colours_follow_the_theme(chart: CurveChart) -> None:
    feed(chart, 50)
    theme.choose("dark")
    assert chart.curves["line"].item.opts["pen"].color().name() == theme.theme().color("plot_train").name()
    theme.choose("light")


def test_extremes_look_at_what_came_since_and_notice_another_curve():
    chance = np.random.default_rng(0)
    x, y = np.arange(1, 2001), chance.normal(size=2000)
    y[[7, 400]] = np.nan, np.inf
    known = Extremes()
    for end in (0, 1, 8, 300, 300, 2000):
        finite = y[:end][np.isfinite(y[:end])]
        expected = [finite.min(), finite.max()] if len(finite) else []
        assert known.of(x[:end], y[:end]).tolist() == expected
    positive = y[np.isfinite(y) & (y > 0)]
    assert known.of(x, y, above_zero=True).tolist() == [positive.min(), positive.max()]
    assert known.of(x, y[::-1]).tolist() == [y[np.isfinite(y)].min(), y[np.isfinite(y)].max()]
    smooth = known.of(x, np.linspace(0, 1, 2000)).tolist()
    assert smooth == [0, 1], "the same steps with other values are another curve"
    other = known.of(x[:50], -10 + np.zeros(50))
    assert other.tolist() == [-10, -10]
    later = known.of(x[5:100], y[5:100] + 3)
    finite = y[5:100][np.isfinite(y[5:100])] + 3
    assert later.tolist() == [finite.min(), finite.max()]


def test_marks_stand_at_the_points_and_keep_their_size(qtbot) -> None:
    chart = CurveChart("Curves", SPECS)
    qtbot.addWidget(chart)
    chart.resize(500, 260)
    chart.show()
    x, y = np.array([10.0, 20.0, 30.0, 40.0]), np.array([1.0, np.nan, 0.1, 0.5])
    chart.set_data("check", x, y)
    for logarithmic in (False, True):
        chart.set_logarithmic(logarithmic)
        chart.update_curves()
        QApplication.processEvents()
        drawn = chart.plot.grab().toImage()
        color = theme.theme().color("plot_validation")
        box = chart.plot.getPlotItem().getViewBox()
        for place, value in ((10.0, 1.0), (30.0, 0.1)):
            at = box.mapViewToScene(QPointF(place, np.log10(value) if logarithmic else value)).toPoint()
            # A line of 2 pixels would not fill the whole disc.
            inside = [(0, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)]
            assert all(drawn.pixelColor(at.x() + dx, at.y() + dy) == color for dx, dy in inside)
            assert drawn.pixelColor(at.x(), at.y() + 6) != color


def test_the_lines_behind_the_curves_take_the_colours_of_another_theme(qtbot) -> None:
    chart = CurveChart("Curves", SPECS)
    qtbot.addWidget(chart)
    chart.resize(500, 260)
    chart.show()
    chart.set_data("line", np.array([0.0, 100.0]), np.array([0.0, 1.0]))
    before = theme.theme().name
    try:
        for name in ("light", "dark", "light"):
            theme.choose(name)
            chart.update_curves()
            QApplication.processEvents()
            box = chart.plot.getPlotItem().getViewBox()
            at = box.mapViewToScene(QPointF(90.0, 0.0)).toPoint()
            drawn = chart.plot.grab().toImage()
            column = {drawn.pixelColor(at.x(), at.y() + dy).name() for dy in (-1, 0, 1)}
            assert theme.theme().color("grid").name() in column
    finally:
        theme.choose(before)


def test_room_for_what_comes_goes_when_nothing_comes_any_more(qtbot) -> None:
    chart = CurveChart("Curves", SPECS)
    qtbot.addWidget(chart)
    chart.show()
    for end in (100, 104):
        chart.set_data("line", np.arange(1.0, end + 1), np.linspace(1, 0, end))
        chart.update_curves()
    box = chart.plot.getPlotItem().getViewBox()
    assert box.viewRange()[0][1] > 110, "the axis moves seldom"
    chart.fit_closely()
    chart.update_curves()
    assert box.viewRange()[0][1] == pytest.approx(104 + 0.01 * 103, rel=1e-6)


def test_figures_of_a_left_axis_stand_apart(chart: CurveChart) -> None:
    chart.set_data("line", np.array([0.0, 1.0]), np.array([0.613, 0.777]))
    axis = chart.plot.getPlotItem().getAxis("left")
    for height in range(140, 460, 10):
        chart.resize(600, height)
        chart.grab()
        specs = axis.generateDrawSpecs(QPainter())
        assert specs is not None
        middles = sorted(place.center().y() for place, _, _ in specs[2])
        assert len(middles) >= 2
        closest = min(lower - upper for upper, lower in itertools.pairwise(middles))
        assert closest > 1.5 * specs[2][0][0].height(), height
