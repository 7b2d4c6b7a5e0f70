"""The Model page: presets, form, drawing, equations and costs follow one configuration."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.config import RunConfig
from lstm_studio.config.presets import presets_of
from lstm_studio.gui import i18n, theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.model import OWN, ModelPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.session_types import Estimate
from lstm_studio.gui.widgets.estimate_panel import EstimatePanel, about
from lstm_studio.nn.parameters import count_parameters
from tests.gui.test_data_page import opened, quiet, write_rows
from tests.gui.test_forms import type_in

FIRST_PAGE = "model"


def test_without_texts_it_says_what_to_do(page: ModelPage, window: MainWindow) -> None:
    assert not page.start.isEnabled()
    assert "Open a file or a sample" in page.start.toolTip()
    assert page.costs.sentence.isVisible()
    assert not page.costs.parameters.isVisible()
    page.choose_data.click()
    assert window.current_page == "data"


@pytest.mark.usefixtures("measuring")
def test_costs_come_with_the_texts(page: ModelPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    session.change(**{"model.hidden_size": 8, "model.embedding_size": 6})
    assert page.start.isEnabled()
    assert not page.choose_data.isVisible()
    dataset = session.dataset
    assert dataset is not None
    assert dataset.health is not None
    expected = count_parameters(session.config.model, dataset.health.vocabulary_size + 2, 2)
    assert page.costs.parameters.value.text() == f"{expected:,}"
    assert page.costs.epoch.value.text() == "measuring…"
    qtbot.waitUntil(lambda: "measuring" not in page.costs.epoch.value.text(), timeout=60000)
    assert "s" in page.costs.epoch.value.text()
    quiet(session, qtbot)


@pytest.mark.parametrize("preset", [preset.name for preset in presets_of("classification")])
def test_a_preset_is_taken_and_recognised(page: ModelPage, session: Session, preset: str) -> None:
    place = [option[0] for option in page._preset_options("classification", False)].index(preset)
    page.presets.buttons[place].click()
    assert page.presets.value() == preset
    assert page.back.isHidden()
    assert not any(row.changed for row in page.form.rows.values() if row.dotted.startswith(("model.", "training.")))
    wanted = next(found for found in presets_of("classification") if found.name == preset)
    for name, value in wanted.model.items():
        assert getattr(session.config.model, name) == value


def test_own_changes_are_kept_beside_the_presets(page: ModelPage, session: Session) -> None:
    session.apply_preset("fast")
    session.change(**{"model.hidden_size": 64, "training.device": "cpu"})
    assert page.presets.value() == OWN
    assert page.back.isVisible()
    assert [name for name, row in page.form.rows.items() if row.changed and name.startswith("model.")] == [
        "model.hidden_size"
    ]
    page.back.click()
    assert session.config.model.hidden_size == 48
    assert page.presets.value() == "fast"
    page.presets.buttons[-1].click()
    assert session.config.model.hidden_size == 64
    assert page.presets.value() == OWN


def test_drawing_and_equations_follow_the_form(page: ModelPage, session: Session) -> None:
    combo = page.form.rows["model.peephole"].editor
    assert isinstance(combo, QComboBox)
    for value in ("none", "full", "diagonal"):
        place = combo.findData(value)
        combo.setCurrentIndex(place)
        combo.activated.emit(place)
        assert session.config.model.peephole == value
        assert bool(page.drawing.shown().peepholes()) == (value != "none")
        assert any("c[t-1] +" in text for text in page.equations.texts()[:3]) == (value != "none")
    session.change(**{"model.cell": "gru", "model.layers": 3})
    assert page.drawing.parts() == ["r", "z", "n", "h"] or set(page.drawing.parts()) == set("rznh")
    assert len(page.equations.texts()) == 4
    assert page.drawing_card.title.text() == "The GRU cell"
    assert len(page.strip.rows()) == 6


def test_a_network_that_writes_is_drawn_with_its_equations(
    page: ModelPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = ["german\tenglish", *(f"Der alte Hund Nummer {n}.\tThe old dog number {n}." for n in range(60))]
    (tmp_path / "pairs.tsv").write_text("\n".join(rows), encoding="utf-8")
    opened(session, tmp_path / "pairs.tsv", qtbot)
    assert session.config.task == "translation"
    # Words, or pieces of them as soon as these are learned.
    qtbot.waitUntil(lambda: "".join(page.strip._written).startswith("The"), timeout=60000)
    assert "".join(page.strip._tokens).startswith("Der")
    assert "attention" in page.strip.accessibleDescription()
    assert any(text.startswith("e[t,s]") for text in page.equations.texts())
    assert "reader and writer" in page.legend.text()
    session.apply_preset("luong_2015")
    assert page.presets.value() == "luong_2015"
    assert "input feeding" in page.strip.accessibleDescription()
    assert "x[t] = (E_y y[t-1], a[t-1])" in page.equations.texts()
    page.equations._pick("k")
    assert page.caption.text().startswith("Context: ")
    session.change(**{"model.attention": "none"})
    assert not any(text.startswith("e[t,s]") for text in page.equations.texts())
    quiet(session, qtbot)


def test_a_gate_and_its_equation_point_at_each_other(page: ModelPage) -> None:
    QTest.keyClick(page.drawing, Qt.Key.Key_Right)
    part = page.drawing.part
    assert part
    assert page.equations.part == part
    assert ":" in page.caption.text()
    QTest.keyClick(page.drawing, Qt.Key.Key_Escape)
    assert page.equations.part == ""
    QTest.keyClick(page.equations, Qt.Key.Key_Down)
    assert page.drawing.part == page.equations.part == "i"


def test_a_wrong_setting_forbids_to_start_and_says_why(
    page: ModelPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    assert page.start.isEnabled()
    editor = page.form.rows["model.hidden_size"].editor
    type_in(editor, "99999")  # type: ignore[arg-type]
    assert not page.start.isEnabled()
    assert "Hidden units" in page.start.toolTip()
    assert "4096" in page.start.toolTip()
    assert not session.start_training()
    type_in(editor, "16")  # type: ignore[arg-type]
    assert page.start.isEnabled()
    assert "99999" not in page.start.toolTip()
    quiet(session, qtbot)


def test_the_texts_of_the_file_stand_under_the_strip(
    page: ModelPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    qtbot.waitUntil(lambda: page.strip._tokens[:2] == ("the", "film"), timeout=5000)
    quiet(session, qtbot)


def test_explanations_can_be_put_away_and_stay_away(page: ModelPage, session: Session, qtbot: QtBot) -> None:
    page.explain.click()
    assert page.form.rows["model.layers"].help.isHidden()
    again = ModelPage(session)
    qtbot.addWidget(again)
    assert again.form.rows["model.layers"].help.isHidden()


@pytest.mark.parametrize("width", [1024, 1280, 1920])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("task", ["classification", "translation"])
def test_nothing_of_the_form_is_cut_off(session: Session, qtbot: QtBot, width: int, language: str, task: str) -> None:
    i18n.set_language(language)
    session.set_config(RunConfig(task=task))
    page = ModelPage(session)
    qtbot.addWidget(page)
    page.resize(width - 80, 592 if width == 1024 else 752)
    page.show()
    for button in page.form.fold_buttons():
        button.click()
    qtbot.wait(20)
    view = page.area.viewport()
    for row in page.form.rows.values():
        if row.isVisible():
            right = row.editor.mapTo(page.form, row.editor.rect().topRight()).x()
            assert right < view.width(), row.dotted
            assert row.editor.width() >= 64
    cards = [page.form_card, page.drawing_card, page.equations_card]
    edges = [(card.x(), card.x() + card.width()) for card in cards]
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(edges))
    assert edges[-1][1] <= page.width()


def test_the_focused_setting_scrolls_into_view(page: ModelPage, qtbot: QtBot) -> None:
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow, timeout=2000)
    editor = page.form.rows["training.learning_rate"].editor
    editor.setFocus()
    top = editor.mapTo(page.area.viewport(), editor.rect().topLeft()).y()
    assert 0 <= top < page.area.viewport().height()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_control_is_named_and_says_what_it_means(session: Session, qtbot: QtBot, language: str) -> None:
    i18n.set_language(language)
    page = ModelPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 752)
    page.show()
    session.change(**{"model.hidden_size": 64})
    for button in page.form.fold_buttons():
        button.click()
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QComboBox, QAbstractSpinBox)
    for kind in kinds:
        for control in page.findChildren(kind):
            if control.objectName().startswith("qt_") or control.isHidden():
                continue
            assert control.accessibleName(), (kind, control.parentWidget())
            assert control.toolTip(), control.accessibleName()
            assert control.toolTip() != control.accessibleName()
    theme.choose("dark")
    page.grab()
    theme.choose("light")


def test_times_are_rounded_to_what_one_can_know(qtbot: QtBot) -> None:
    assert about(0.3) == "under 1 s"
    assert about(9.2) == "about 9 s"
    assert about(44) == "about 45 s"
    assert about(134) == "about 2 min"
    assert about(7300) == "about 2 h 2 min"
    panel = EstimatePanel()
    qtbot.addWidget(panel)
    panel.set_epochs(10)
    panel.set_estimate(Estimate(1_234_567, 38_000_000, 9.0))
    assert panel.parameters.value.text() == "1.2 M"
    assert "1,234,567" in panel.parameters.toolTip()
    assert panel.memory.value.text() == "38 MB"
    assert panel.whole.value.text() == "about 1 min 30 s"
    panel.set_estimate(Estimate(10, 10, None), measuring=False)
    assert panel.epoch.value.text() == "–"
