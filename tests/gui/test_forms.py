"""Forms from the declaration: every option has a row, errors stand at the row, defaults come back."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from lstm_studio.config import ClassificationData, ModelConfig, RunConfig, TrainingConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.gui import i18n
from lstm_studio.gui.forms import Choice, ConfigForm, FieldRow
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.number_edit import NumberEdit

SECTIONS = [("data", "Texts"), ("model", "Network"), ("training", "Training")]


@pytest.fixture
def form(session: Session, qtbot: QtBot) -> ConfigForm:
    """All sections, shown."""
    made = ConfigForm(session, SECTIONS)
    qtbot.addWidget(made)
    made.resize(340, 900)
    made.show()
    return made


def number(form: ConfigForm, dotted: str) -> NumberEdit:
    """The number editor of a row."""
    editor = form.rows[dotted].editor
    assert isinstance(editor, NumberEdit)
    return editor


def type_in(editor: NumberEdit, text: str) -> None:
    """Type a number as a person does."""
    editor.setFocus()
    editor.lineEdit().selectAll()
    QTest.keyClicks(editor.lineEdit(), text)
    QTest.keyClick(editor.lineEdit(), Qt.Key.Key_Return)


def test_every_shown_option_has_a_row_with_name_and_help(form: ConfigForm) -> None:
    for name, kind in (("data", ClassificationData), ("model", ModelConfig), ("training", TrainingConfig)):
        for option in options(kind, "classification"):
            dotted = f"{name}.{option.name}"
            assert (dotted in form.rows) == (option.level != "hidden")
            if dotted in form.rows:
                editor = form.rows[dotted].editor
                assert editor.accessibleName() == option.title
                assert editor.toolTip().startswith(option.help[:20])
                assert editor.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_typed_number_reaches_the_session(form: ConfigForm, session: Session) -> None:
    type_in(number(form, "model.hidden_size"), "96")
    assert session.config.model.hidden_size == 96
    assert session.form_errors == {}
    assert form.rows["model.hidden_size"].changed


def test_a_typed_number_counts_after_a_moment_without_return(form: ConfigForm, session: Session, qtbot: QtBot) -> None:
    editor = number(form, "model.layers")
    editor.setFocus()
    editor.lineEdit().selectAll()
    QTest.keyClicks(editor.lineEdit(), "3")
    assert session.config.model.layers == 1
    qtbot.waitUntil(lambda: session.config.model.layers == 3, timeout=2000)


@pytest.mark.parametrize(
    ("dotted", "text", "words"),
    [
        ("model.hidden_size", "99999", "at most 4096"),
        ("model.hidden_size", "0", "at least 1"),
        ("model.hidden_size", "12.5", "whole number"),
        ("model.hidden_size", "many", "whole number"),
        ("model.hidden_size", "", "whole number"),
        ("model.dropout", "1.5", "at most 0.95"),
        ("training.learning_rate", "0", "more than 0"),
        ("training.learning_rate", "-1e-3", "more than 0"),
        ("training.learning_rate", "nan", "number"),
        ("training.early_stopping", "0", "at least 1"),
    ],
)
def test_an_error_stands_at_its_row_and_forbids_training(
    form: ConfigForm, session: Session, dotted: str, text: str, words: str
) -> None:
    before = session.config
    row = form.rows[dotted]
    editor = number(form, dotted)
    if text:
        type_in(editor, text)
    else:
        editor.lineEdit().clear()
        QTest.keyClick(editor.lineEdit(), Qt.Key.Key_Return)
    assert words in row.error.text()
    assert not row.error.isHidden()
    assert editor.property("invalid") is True
    assert dotted in session.form_errors
    assert session.config == before
    form.refresh()
    assert editor.lineEdit().text() in (text, "-0.001"), "what was typed stays to be mended"
    row.reset.click()
    assert session.form_errors == {}
    assert row.error.isHidden()
    assert editor.number() == row.option.default


def test_another_preset_takes_back_what_was_wrong(form: ConfigForm, session: Session) -> None:
    type_in(number(form, "model.hidden_size"), "99999")
    assert session.form_errors
    session.apply_preset("fast")
    assert session.form_errors == {}
    assert number(form, "model.hidden_size").number() == session.config.model.hidden_size
    assert form.rows["model.hidden_size"].error.isHidden()


def test_options_hide_when_they_do_not_matter(form: ConfigForm, session: Session) -> None:
    assert not form.rows["model.peephole"].isHidden()
    session.change(**{"model.cell": "gru"})
    assert form.rows["model.peephole"].isHidden()
    assert form.rows["model.forget_bias"].isHidden()
    assert form.rows["training.momentum"].isHidden()
    session.change(**{"training.optimizer": "sgd"})
    assert not form.rows["training.momentum"].isHidden()


def test_automatic_is_none_and_comes_back_below_the_minimum(form: ConfigForm, session: Session) -> None:
    editor = number(form, "training.early_stopping")
    assert editor.number() is None
    assert editor.lineEdit().text() == "off"
    editor.stepUp()
    first = session.config.training.early_stopping
    assert isinstance(first, int)
    for _ in range(first):
        editor.stepDown()
    assert session.config.training.early_stopping is None
    type_in(editor, "5")
    assert session.config.training.early_stopping == 5
    type_in(editor, "off")
    assert session.config.training.early_stopping is None


def test_learning_rates_step_by_factors(form: ConfigForm, session: Session) -> None:
    editor = number(form, "training.learning_rate")
    session.change(**{"training.learning_rate": 0.001})
    seen = []
    for _ in range(4):
        editor.stepUp()
        seen.append(session.config.training.learning_rate)
    assert seen == [0.002, 0.005, 0.01, 0.02]
    for _ in range(40):
        editor.stepDown()
    assert session.config.training.learning_rate > 0
    type_in(editor, "3e-4")
    assert session.config.training.learning_rate == 3e-4
    type_in(editor, "0,01")
    assert session.config.training.learning_rate == 0.01


def test_steps_stay_within_the_bounds(qtbot: QtBot) -> None:
    option = OptionInfo("n", "N", "A number.", "integer", 4, minimum=1, maximum=6, step=4)
    editor = NumberEdit(option)
    qtbot.addWidget(editor)
    heard: list[Any] = []
    editor.edited.connect(heard.append)
    editor.stepUp()
    editor.stepUp()
    editor.stepDown()
    editor.stepDown()
    editor.stepDown()
    assert heard == [6, 2, 1]


def test_choice_and_check_box(form: ConfigForm, session: Session) -> None:
    combo = form.rows["model.pooling"].editor
    assert isinstance(combo, QComboBox)
    QTest.keyClick(combo, Qt.Key.Key_Up)
    assert session.config.model.pooling == combo.currentData() != "max"
    box = form.rows["model.bidirectional"].editor
    assert isinstance(box, QCheckBox)
    box.click()
    assert session.config.model.bidirectional is False


def test_changes_are_marked_and_counted_on_the_fold(form: ConfigForm, session: Session) -> None:
    session.change(**{"model.forget_bias": 2.0})
    row = form.rows["model.forget_bias"]
    assert row.changed
    assert not row.reset.isHidden()
    assert "1" in row.reset.toolTip()
    fold = form.fold_buttons()[1]
    assert "1 changed" in fold.text()
    assert not row.isVisible()
    fold.click()
    assert row.isVisible()
    assert fold.text() == "Fewer settings"
    row.reset.click()
    assert session.config.model.forget_bias == 1.0


def test_the_reference_may_be_a_preset(form: ConfigForm, session: Session) -> None:
    session.apply_preset("fast")
    assert form.rows["model.hidden_size"].changed
    form.set_reference(session.config)
    assert not form.rows["model.hidden_size"].changed


def test_the_sentences_can_be_hidden(form: ConfigForm) -> None:
    row = form.rows["model.hidden_size"]
    assert row.help.isVisible()
    form.set_explained(False)
    assert not row.help.isVisible()
    assert row.editor.toolTip()


def test_scrolling_past_changes_nothing(form: ConfigForm, session: Session, qtbot: QtBot) -> None:
    combo = form.rows["model.cell"].editor
    assert isinstance(combo, Choice)
    combo.clearFocus()
    before = session.config
    point = combo.rect().center()
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    for target in (combo, number(form, "model.hidden_size")):
        event = QWheelEvent(
            QPointF(point), QPointF(point), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)
    assert session.config == before


def test_rows_in_chinese(session: Session, qtbot: QtBot) -> None:
    i18n.set_language("zh_CN")
    form = ConfigForm(session, SECTIONS)
    qtbot.addWidget(form)
    for row in form.rows.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in row.editor.toolTip()), row.dotted
    type_in(number(form, "model.hidden_size"), "99999")
    assert "4096" in form.rows["model.hidden_size"].error.text()
    assert "must" not in form.rows["model.hidden_size"].error.text()


def test_a_text_option_may_be_left_to_the_program(session: Session, qtbot: QtBot) -> None:
    option = next(option for option in options(TrainingConfig) if option.name == "monitor")
    row = FieldRow("training", option)
    qtbot.addWidget(row)
    heard: list[Any] = []
    row.edited.connect(lambda name, value: heard.append((name, value)))
    row.editor.setText("accuracy")  # type: ignore[attr-defined]
    row.editor.editingFinished.emit()  # type: ignore[attr-defined]
    row.editor.clear()  # type: ignore[attr-defined]
    row.editor.editingFinished.emit()  # type: ignore[attr-defined]
    assert heard == [("training.monitor", "accuracy"), ("training.monitor", None)]


def test_config_of_the_form_is_always_valid(form: ConfigForm, session: Session) -> None:
    for dotted in ("model.dropout", "training.batch_size", "training.clip_norm"):
        for text in ("1e99", "-3", "0.1", "7"):
            type_in(number(form, dotted), text)
            RunConfig(**session.config.model_dump())


def test_settings_that_do_not_go_together(session: Session, qtbot: QtBot) -> None:
    session.set_config(RunConfig(task="translation"))
    form = ConfigForm(session, [("model", "Network")])
    qtbot.addWidget(form)
    form.show()
    attention, both = form.rows["model.attention"], form.rows["model.bidirectional"]
    assert isinstance(attention.editor, QComboBox)
    assert isinstance(both.editor, QCheckBox)

    def choose(value: str) -> None:
        assert isinstance(attention.editor, QComboBox)
        attention.editor.setCurrentIndex(attention.editor.findData(value))
        attention.editor.activated.emit(attention.editor.currentIndex())

    choose("luong_dot")
    assert attention.error.text().startswith("Luong's dot product needs")
    assert session.form_errors["model.attention"].startswith("Attention: Luong's dot product")
    assert session.config.model.attention == "luong_general"
    both.editor.click()
    assert session.config.model.attention == "luong_dot", "what was chosen is taken as soon as it fits"
    assert not session.form_errors
    assert attention.error.isHidden()
    both.editor.click()
    assert both.error.text().startswith("Luong's dot product needs")
    assert not session.config.model.bidirectional
    choose("bahdanau")
    assert session.config.model.bidirectional
    assert session.config.model.attention == "bahdanau"
    assert both.error.isHidden()
    assert not session.form_errors
