"""Everything that is drawn can be saved: as a picture on white or in the window's colours, as lines, as numbers."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QContextMenuEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from lstm_studio.gui import theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.basic import Card
from lstm_studio.gui.widgets.calibration_chart import CalibrationChart
from lstm_studio.gui.widgets.change_bars import ChangeBars
from lstm_studio.gui.widgets.confusion_table import ConfusionTable
from lstm_studio.gui.widgets.curves import CurveChart, CurveSpec
from lstm_studio.gui.widgets.density_chart import DensityChart
from lstm_studio.gui.widgets.flow_chart import Curve, FlowChart
from lstm_studio.gui.widgets.gates import kinds
from lstm_studio.gui.widgets.heatmap import Heatmap
from lstm_studio.gui.widgets.length_chart import LengthChart
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.mean_strips import MeanStrips
from lstm_studio.gui.widgets.probability_bars import ProbabilityBars
from lstm_studio.gui.widgets.results_figures import ClassTable
from lstm_studio.gui.widgets.save_menu import SaveMenu, save
from lstm_studio.gui.widgets.saveable import Saved, file_stem, to_image, to_svg
from lstm_studio.gui.widgets.saved_plots import saved_at, saved_in, saved_of
from lstm_studio.inspection.examples import Calibration
from lstm_studio.inspection.units import Histogram, LabelDensity
from lstm_studio.runs.results import ClassFigures
from lstm_studio.runs.results_written import ByLength
from tests.gui.test_inspect_page import read, trained  # noqa: F401
from tests.gui.test_train_page import WAIT

FIRST_PAGE = "inspect"
SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>\x00 & "x"\''


def shown(qtbot: Any, widget: QWidget) -> Any:
    qtbot.addWidget(widget)
    widget.resize(400, 220)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_a_picture_is_on_white_or_as_the_window(qtbot: Any) -> None:
    theme.choose("dark")
    bars = shown(qtbot, ProbabilityBars())
    bars.set_probabilities({EVIL: 0.75, "电影": 0.25})
    saved = saved_of(bars)
    assert saved is not None
    light, dark = to_image(saved), to_image(saved, light=False)
    assert light.pixelColor(2, 2).name() == "#ffffff"
    assert dark.pixelColor(2, 2) == theme.theme().color("surface")
    assert light.devicePixelRatio() == 2.0
    assert theme.theme().dark, "the window keeps its palette"
    root = ET.fromstring(to_svg(saved))
    words = " ".join(root.itertext())
    assert "75.0 %" in words
    assert "电影" in words
    assert not [node for node in root.iter() if "script" in str(node.tag)]
    assert saved.numbers is not None
    assert saved.numbers()["probability"].tolist() == [0.75, 0.25]
    assert file_stem("a/b: ‘c’ <d>") == "a-b-c-d"
    theme.choose("light")


def test_heatmaps_in_svg_stand_where_they_belong_also_when_zoomed(qtbot: Any) -> None:
    view = LinkedView()
    map_ = shown(qtbot, Heatmap(kinds("f")[0], view))
    values = np.random.default_rng(0).random((20, 30), np.float32)
    view.set_extent(20, 30)
    map_.set_tokens([str(n) for n in range(20)])
    map_.set_values(values)
    view.set_range(5, 9, 10, 15)
    saved = saved_of(map_)
    assert saved is not None
    assert saved.numbers is not None
    assert np.array_equal(saved.numbers()["f"], values)
    root = ET.fromstring(to_svg(saved))
    (image,) = root.iter(f"{SVG}image")
    area = map_.plot_area()
    assert float(image.attrib["width"]) == pytest.approx(area.width(), abs=1.5)
    assert "pixelated" in image.attrib["style"]
    # Against the picture in pixels: the middle of a cell has the same colour in both ways to paint.
    place = map_.cell_rect(6, 12).center().toPoint()
    drawn = QImage(map_.size(), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    map_.render(painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    table = theme.theme().sequential()[round(255 * float(values[6, 12]))]
    colour = drawn.pixelColor(place)
    assert abs(np.array(colour.getRgb()[:3]) - table[:3]).max() <= 3


def test_numbers_of_charts_and_tables(qtbot: Any) -> None:
    chart = shown(qtbot, CurveChart("Loss", [CurveSpec("line", "Training loss", "plot_train", "points")]))
    assert saved_of(chart) is None, "nothing is drawn yet"
    chart.set_data("line", np.arange(3.0), np.array([3.0, 2.0, np.nan]))
    chart.update_curves()
    saved = saved_of(chart.plot.viewport()) or saved_at(chart.plot.viewport())
    assert saved is not None
    assert saved.columns is not None
    assert list(saved.columns()) == ["Training loss: step", "Training loss"]
    assert b"<circle" in to_svg(saved) or to_svg(saved).count(b"<path") > 3
    confusion = shown(qtbot, ConfusionTable())
    confusion.set_matrix(["=a", "b"], [[5, 1], [0, 7]], title_rows="True", title_columns="Read")
    found = saved_at(confusion.table.viewport())
    assert found is not None
    assert found.numbers is not None
    assert found.columns is not None
    assert found.numbers()["confusion"].tolist() == [[5, 1], [0, 7]]
    assert found.columns()["b"].tolist() == [1, 7]
    classes = shown(qtbot, ClassTable())
    classes.set_figures({"good": ClassFigures(0.5, 0.25, 1 / 3, 12)})
    table = saved_of(classes)
    assert table is not None
    assert table.numbers is not None
    assert table.numbers()["Recall"].tolist() == ["25.0 %"]
    assert not to_image(table).isNull()
    lengths = shown(qtbot, LengthChart())
    lengths.set_lengths(ByLength((1.0, 5.0, 9.0), (40.0, 50.0), (3, 9)))
    both = Card("Both")
    both.body.addWidget(lengths)
    both.body.addWidget(classes)
    shown(qtbot, both)
    whole = saved_in(both)
    assert whole.numbers is not None
    assert {"1.chrf", "2.Class"} <= set(whole.numbers()), "all parts, each under its number"
    label = QLabel("words")
    both.body.addWidget(label)
    assert (saved_at(label) or whole).title == "Both", "elsewhere on a card its picture is taken"


def test_the_page_and_its_menus(trained: Any, window: MainWindow, session: Session, tmp_path: Path, qtbot: Any) -> None:  # noqa: F811
    read(trained, "the film was good", qtbot)
    heard: list[Any] = []
    session.notice.connect(heard.append)
    for ending in ("svg", "csv"):
        trained.save_to(tmp_path / f"gates.{ending}")
        qtbot.waitUntil(lambda: (tmp_path / f"gates.{ending}").exists(), timeout=WAIT)  # noqa: B023
    with (tmp_path / "gates.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    assert head[:2] == ["token", "i.0"]
    assert [row[0] for row in rows] == ["the", "film", "was", "good"]
    layer = trained.grid.layer
    assert float(rows[2][1]) == pytest.approx(float(layer.values["i"][2, 0]), rel=1e-5)
    assert b"Input gate" in (tmp_path / "gates.svg").read_bytes()
    map_ = trained.grid.maps[0]
    place = map_.mapTo(window, map_.rect().center())
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, window.mapToGlobal(place))
    QApplication.sendEvent(window, event)
    menu = window.saving.menu
    assert isinstance(menu, SaveMenu)
    assert all(action.isEnabled() for action in menu.kinds.values())
    assert not menu.white.isVisible(), "the window is light"
    menu.close()
    window.saving.save_page()
    assert window.saving.menu is not menu
    window.saving.menu.close()
    (tmp_path / "folder.png").mkdir()
    save(session, Saved("x", QSize(10, 10), lambda painter: None), tmp_path / "folder.png")
    qtbot.waitUntil(lambda: any(notice.severity == "error" for notice in heard), timeout=WAIT)


def test_the_plots_of_the_inside(qtbot: Any) -> None:
    curves = FlowChart()
    curves.set_curves([Curve("h", "dL/dh", -2, np.array([0.1, 0.2, 0.4]))], ["a", "b", "c"], -2)
    strips = MeanStrips()
    strips.set_gates(["a", "b"], {"f": np.array([[0.0, 1.0], [1.0, 1.0]])})
    changes = ChangeBars()
    changes.set_shares({"yes": 0.9, "no": 0.1}, {"yes": 0.4, "no": 0.6}, ("before", "now"))
    density = DensityChart()
    label = LabelDensity(0, "yes", 4, 0.1, np.full(4, 0.25), 1.0)
    density.set_histogram(Histogram(np.linspace(-1, 1, 5), (label,), None, 0.1))
    calibration = CalibrationChart()
    tenths = np.array([0.2, 0.9])
    calibration.set_calibration(Calibration(np.array([3, 5]), tenths, tenths, 0.0))
    found = {}
    for widget in (curves, strips, changes, density, calibration):
        saved = saved_of(shown(qtbot, widget))
        assert saved is not None
        ET.fromstring(to_svg(saved))
        numbers = saved.columns or saved.numbers
        assert numbers is not None
        found |= {name: np.asarray(values).tolist() for name, values in numbers().items()}
    assert found["dL/dh: t"] == [-2, -1, 0]
    assert found["f"] == [0.5, 1.0]
    assert found["now"] == [0.4, 0.6]
    assert found["yes"] == [0.25] * 4
    assert found["share_right"] == [0.2, 0.9]
