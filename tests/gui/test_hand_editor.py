"""A data set written by hand in the real window, by keys alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.data.handmade import MOST_CELL, HandSet
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.data.handmade_paste import read_pasted
from lstm_studio.errors import StudioError
from lstm_studio.gui import i18n
from lstm_studio.gui.pages.data import HAND, START, WORK, DataPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.hand_cells import LabelEditor, TextEditor
from lstm_studio.gui.widgets.hand_desk import _HOW
from lstm_studio.gui.widgets.hand_editor import HandEditor
from lstm_studio.gui.widgets.hand_table import HandTable

Key, Ctrl, Shift = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TABLE = "I like it\tgood\nIt is dull\tbad\nSo warm\tgood\nNever again\tbad\nWhat fun\t"


@pytest.fixture
def editor(session: Session, qtbot: QtBot) -> Iterator[HandEditor]:
    """An empty set of texts with labels, without the rest of the window."""
    made = HandEditor(session)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: made.content is not None and made.desk.table.hasFocus())
    yield made
    made.close()


def of(editor: HandEditor) -> HandSet:
    assert editor.content is not None
    return editor.content


def at(table: HandTable) -> tuple[int, int]:
    return table.currentIndex().row(), table.currentIndex().column()


def cell() -> QWidget:
    """The open cell."""
    found = QApplication.focusWidget()
    assert isinstance(found, TextEditor | LabelEditor)
    return found


def press(widget: QWidget, *keys: Qt.Key | str) -> None:
    """Keys one after the other: to the open cell where there is one."""
    for key in keys:
        focus = QApplication.focusWidget()
        target = focus if isinstance(focus, TextEditor | LabelEditor | QLineEdit) else widget
        if isinstance(key, str):
            for letter in key:
                focus = QApplication.focusWidget()
                target = focus if isinstance(focus, TextEditor | LabelEditor | QLineEdit) else widget
                QTest.keyClicks(target, letter)
        else:
            QTest.keyClick(target, key)


def paste(editor: HandEditor, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(editor.desk.table, Key.Key_V, Ctrl)


def test_rows_are_typed_and_labelled_by_keys_alone(editor: HandEditor) -> None:
    table, content = editor.desk.table, of(editor)
    press(table, "I like it", Key.Key_Tab, "good", Key.Key_Return)
    assert at(table) == (1, 0), "Enter goes to the column in which the row was begun"
    press(table, "It is dull", Key.Key_Tab, "bad", Key.Key_Return, "So warm", Key.Key_Return, "3 stars", Key.Key_Return)
    assert content.rows == [("I like it", "good"), ("It is dull", "bad"), ("So warm", ""), ("3 stars", "")]
    table.go_to(2, 1)
    press(table, "1")
    assert content.rows[2][1] == "good"
    assert at(table) == (3, 1), "the cursor goes on"
    press(table, "b")
    assert content.rows[3][1] == "bad"
    table.go_to(3, 1)
    press(table, Key.Key_Delete)
    assert content.rows[3] == ("3 stars", "")
    table.go_to(0, 0)
    QTest.keyClick(table, Key.Key_Down, Shift)
    QTest.keyClick(table, Key.Key_Down, Shift)
    press(table, "2")
    assert [label for _, label in content.rows] == ["bad", "bad", "bad", ""]


def test_undo_and_redo_take_back_everything(editor: HandEditor, qtbot: QtBot) -> None:
    table, content = editor.desk.table, of(editor)
    paste(editor, TABLE)
    table.go_to(4, 1)
    press(table, "1")
    content.rename_class("good", "fine")
    table.go_to(0, 0)
    press(table, Key.Key_F2)
    QTest.keyClick(cell(), Key.Key_A, Ctrl)
    press(table, "changed", Key.Key_Return)
    after = list(content.rows)
    assert after[0] == ("changed", "fine")
    assert after[4] == ("What fun", "fine")
    qtbot.waitUntil(editor.desk.undo.isEnabled)
    assert "Edit a cell" in editor.desk.undo.toolTip()
    for _ in range(4):
        QTest.keyClick(table, Key.Key_Z, Ctrl)
    assert content.rows == []
    for _ in range(4):
        QTest.keyClick(table, Key.Key_Z, Ctrl | Shift)
    assert content.rows == after


def test_a_label_is_completed_while_it_is_typed(editor: HandEditor) -> None:
    table, content = editor.desk.table, of(editor)
    paste(editor, TABLE)
    table.go_to(4, 1)
    press(table, "x")
    field = cell()
    assert isinstance(field, LabelEditor), "a letter that begins no label begins a new one"
    press(table, Key.Key_Backspace, "go")
    complete = field.completer()
    assert complete is not None
    assert complete.completionCount() == 1
    QTest.keyClick(complete.popup(), Key.Key_Down)
    QTest.keyClick(complete.popup(), Key.Key_Return)
    assert content.rows[4] == ("What fun", "good")
    table.go_to(4, 1)
    press(table, Key.Key_F2)
    press(table, "GOOD", Key.Key_Tab)
    assert content.rows[4][1] == "good", "no second label that differs in capitals alone"
    assert content.classes == ["good", "bad"]
    table.setFocus()


def test_tab_leaves_the_table_at_its_end_and_escape_everywhere(editor: HandEditor) -> None:
    table = editor.desk.table
    table.setFocus()
    table.go_to(0, 0)
    press(table, Key.Key_Tab)
    assert at(table) == (0, 1)
    press(table, Key.Key_Tab)
    assert not table.hasFocus()
    table.setFocus()
    press(table, Key.Key_Escape)
    assert not table.hasFocus()


def test_an_input_method_writes_into_a_cell(editor: HandEditor) -> None:
    table, content = editor.desk.table, of(editor)
    for column, word in ((0, "很好看"), (1, "正面")):
        table.go_to(0, column)
        QCoreApplication.sendEvent(table, QInputMethodEvent("hen", []))
        done = QInputMethodEvent("", [])
        done.setCommitString(word)
        focus = QApplication.focusWidget()
        assert focus is not None
        QCoreApplication.sendEvent(focus, done)
        press(table, Key.Key_Return)
    assert content.rows == [("很好看", "正面")]


def test_what_cannot_be_pasted_is_a_sentence_and_the_window_lives(editor: HandEditor, qtbot: QtBot) -> None:
    content, banner = of(editor), editor.banner
    paste(editor, "a\tb\n" * 200_000)
    assert banner.isVisible(), "it says that it is reading, and can be stopped"
    qtbot.waitUntil(lambda: "200,000 rows" in banner.label.text(), timeout=20000)
    paste(editor, "w" * 1_000_000)
    qtbot.waitUntil(lambda: "1,000,000 characters" in banner.label.text(), timeout=20000)
    table = editor.desk.table
    table.go_to(0, 0)
    press(table, "a")
    field = cell()
    assert isinstance(field, TextEditor)
    data = QMimeData()
    data.setText("w" * (MOST_CELL + 1))
    field.insertFromMimeData(data)
    assert field.toPlainText() == "a"
    assert "20,001" in banner.label.text()
    press(table, Key.Key_Escape)
    assert content.rows == []


def test_lines_pasted_into_an_open_cell_become_rows(editor: HandEditor) -> None:
    table, content = editor.desk.table, of(editor)
    press(table, Key.Key_F2)
    QGuiApplication.clipboard().setText("one\ntwo\nthree")
    QTest.keyClick(cell(), Key.Key_V, Ctrl)
    assert [text for text, _ in content.rows] == ["one", "two", "three"]
    assert "3 rows" in editor.banner.label.text()
    editor.banner.button.click()
    assert content.rows == []
    paste(editor, "one\ntwo")
    assert editor.banner.button.isEnabled()
    content.add_class("x")
    assert not editor.banner.button.isEnabled(), "it would take back something else"


def test_labels_are_added_renamed_removed_and_filter(editor: HandEditor, qtbot: QtBot) -> None:
    desk, content = editor.desk, of(editor)
    paste(editor, TABLE)
    qtbot.waitUntil(lambda: desk.labels.list.count() == 4)
    assert "60 %" not in desk.labels.about.text()
    QTest.keyClicks(desk.labels.new, "mixed")
    QTest.keyClick(desk.labels.new, Key.Key_Return)
    assert content.classes == ["good", "bad", "mixed"]
    qtbot.waitUntil(lambda: desk.labels.list.count() == 5)
    desk.labels.list.setFocus()
    QTest.keyClick(desk.labels.list, Key.Key_Down)
    model = desk.table.hand
    assert model is not None
    assert [model.row_of(place) for place in range(model.rowCount() - 1)] == [0, 2]
    QTest.keyClick(desk.labels.list, Key.Key_F2)
    field = desk.labels.list.findChild(QLineEdit)
    assert field is not None
    field.setText("fine")
    QTest.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: content.classes == ["fine", "bad", "mixed"])
    desk.refresh()
    desk.labels.list.setCurrentRow(2)
    QTest.keyClick(desk.labels.list, Key.Key_Delete)
    assert content.classes == ["fine", "mixed"]
    desk.table.setFocus()
    press(desk.table, Key.Key_Escape)
    assert model.rowCount() == 6


def test_finding_and_sorting_show_rows_without_changing_them(editor: HandEditor) -> None:
    desk, content = editor.desk, of(editor)
    paste(editor, TABLE)
    before = list(content.rows)
    model = desk.table.hand
    assert model is not None
    QTest.keyClicks(desk.search, "it")
    assert [model.row_of(place) for place in range(model.rowCount() - 1)] == [0, 1]
    QTest.keyClick(desk.search, Key.Key_Return)
    assert desk.table.hasFocus()
    desk.search.clear()
    head = desk.table.horizontalHeader()
    for wanted in ([0, 2, 1, 3, 4], [4, 1, 3, 0, 2], [0, 1, 2, 3, 4]):
        QTest.mouseClick(
            head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(head.sectionViewportPosition(1) + 20, 8)
        )
        assert [model.row_of(place) for place in range(5)] == wanted
    assert content.rows == before
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 8))
    desk.table.go_to(1, 0)
    paste(editor, "new\tgood\nother\tbad")
    assert content.rows == [*before, ("new", "good"), ("other", "bad")], "below in the table is not below in the set"
    desk.table.go_to(1, 0)
    paste(editor, "one cell")
    assert content.rows[1] == ("one cell", "bad")
    assert at(desk.table) == (1, 0)


def test_rows_are_removed_inserted_and_copied(editor: HandEditor) -> None:
    table, content = editor.desk.table, of(editor)
    paste(editor, TABLE)
    table.go_to(1, 0)
    QTest.keyClick(table, Key.Key_Space, Shift)
    QTest.keyClick(table, Key.Key_C, Ctrl)
    assert QGuiApplication.clipboard().text() == "It is dull\tbad"
    press(table, Key.Key_Delete)
    assert [text for text, _ in content.rows] == ["I like it", "So warm", "Never again", "What fun"]
    table.go_to(1, 0)
    press(table, Key.Key_Insert)
    assert content.rows[1] == ("", "")
    assert at(table) == (1, 0)
    press(table, Key.Key_Delete)
    QTest.keyClick(table, Key.Key_Delete, Ctrl)
    assert len(content.rows) == 3


def test_a_set_is_kept_used_changed_and_used_again(page: DataPage, session: Session, qtbot: QtBot) -> None:
    page.start.zone.own.click()
    editor = page.hand
    qtbot.waitUntil(lambda: editor.content is not None)
    assert page.stack.currentIndex() == HAND
    editor.desk.back.click()
    assert page.stack.currentIndex() == START
    page.start.zone.own.click()
    content = of(editor)
    paste(editor, TABLE)
    path = editor.saver.path
    assert path is not None
    qtbot.waitUntil(lambda: path.exists() and not editor.saver.pending)
    assert len(list(csv.reader(path.read_text(encoding="utf-8").splitlines()))) == 6
    qtbot.waitUntil(editor.desk.use.isEnabled)
    QTest.keyClick(editor.desk.table, Key.Key_Return, Ctrl)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == WORK, timeout=60000)
    first = session.dataset
    assert first is not None
    assert first.rows == 4
    assert (first.data.text, first.data.label) == ("text", "label")
    page.edit_copy.click()
    assert page.edit_copy.text() == "Edit the set"
    qtbot.waitUntil(lambda: of(editor) is not content)
    editor.desk.table.go_to(4, 1)
    press(editor.desk.table, "1")
    editor.desk.use.click()
    qtbot.waitUntil(lambda: session.dataset is not first, timeout=60000)
    second = session.dataset
    assert second is not None
    assert second.rows == 5
    assert second.path != first.path
    assert first.path.exists()
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=60000)


def test_the_shelf_renames_deletes_and_restores(editor: HandEditor, qtbot: QtBot) -> None:
    desk, shelf = editor.desk, editor.shelf
    paste(editor, TABLE)
    desk.title.setText("Films: 1/2")
    QTest.keyClick(desk.title, Key.Key_Return)
    assert of(editor).title == "Films 1 2"
    desk.sets.click()
    qtbot.waitUntil(lambda: shelf.list.count() == 1)
    assert "5 rows" in shelf.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    QTest.keyClick(shelf.list, Key.Key_F2)
    field = shelf.list.findChild(QLineEdit)
    assert field is not None
    field.setText("Reviews")
    QTest.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: (now := shelf.current()) is not None and now.title == "Reviews")
    shelf.list.setFocus()
    QTest.keyClick(shelf.list, Key.Key_Delete)
    qtbot.waitUntil(lambda: shelf.list.count() == 0)
    editor.banner.button.click()
    qtbot.waitUntil(lambda: shelf.list.count() == 1)
    QTest.keyClick(shelf.list, Key.Key_Return)
    qtbot.waitUntil(lambda: editor.stack.currentWidget() is desk)
    assert len(of(editor).rows) == 5


def test_words_are_marked_by_keys_and_mouse(editor: HandEditor) -> None:
    editor.begin("tagging")
    desk, content = editor.desk, of(editor)
    paste(editor, "Fly to New York on Monday\n我在北京")
    for name in ("city", "time"):
        content.add_class(name)
    desk.refresh()
    desk.table.go_to(0, 1)
    press(desk.table, Key.Key_F2)
    assert desk.marks.hasFocus()
    for key in (Key.Key_Right, Key.Key_Right):
        QTest.keyClick(desk.marks, key)
    QTest.keyClick(desk.marks, Key.Key_Right, Shift)
    QTest.keyClick(desk.marks, Key.Key_1)
    QTest.keyClick(desk.marks, Key.Key_End)
    QTest.keyClicks(desk.marks, "t")
    assert content.rows[0][1] == "O O B-city I-city O B-time"
    place = desk.marks.place_of(5)
    assert place is not None
    QTest.mouseClick(desk.marks, Qt.MouseButton.LeftButton, pos=place.center().toPoint() + QPoint(3, 0))
    QTest.keyClick(desk.marks, Key.Key_Delete)
    assert content.rows[0][1] == "O O B-city I-city O O"
    QTest.keyClick(desk.marks, Key.Key_Down)
    assert at(desk.table) == (1, 1)
    QTest.keyClick(desk.marks, Key.Key_Escape)
    assert desk.table.hasFocus()


def test_every_control_has_a_name_and_says_what_it_does(editor: HandEditor, qtbot: QtBot) -> None:
    paste(editor, TABLE)
    editor.desk.refresh()
    for face in (editor.desk, editor.shelf):
        for kind in (QAbstractButton, QLineEdit, QListWidget, HandTable):
            for widget in face.findChildren(kind):
                if widget.objectName() != "qt_tableview_cornerbutton" and type(widget).__name__ != "QToolButton":
                    assert widget.accessibleName(), widget
                    assert widget.toolTip() or widget.accessibleDescription(), widget.accessibleName()


def test_a_copy_of_a_file_is_edited_and_the_file_stays(
    page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "r.csv"
    text = "id,review,verdict\n" + "".join(f"{n},the film {n} was,{'good' if n % 2 else 'bad'}\n" for n in range(30))
    path.write_text(text, encoding="utf-8")
    session.open_file(path)
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=60000)
    assert page.edit_copy.text() == "Edit a copy"
    page.edit_copy.click()
    qtbot.waitUntil(lambda: page.hand.content is not None, timeout=20000)
    content = of(page.hand)
    assert content.title == "r"
    assert content.rows[3] == ("the film 3 was", "good")
    content.remove(range(5))
    page.back.click()
    assert path.read_text(encoding="utf-8") == text
    assert page.stack.currentIndex() == WORK
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=60000)


def test_what_stands_in_an_open_cell_is_kept_when_the_window_goes(editor: HandEditor) -> None:
    table, content = editor.desk.table, of(editor)
    press(table, "half a sentence")
    path = editor.saver.path
    editor.hide()
    assert content.rows == [("half a sentence", "")]
    assert path is not None
    assert "half a sentence" in path.read_text(encoding="utf-8")


def test_rows_are_saved_as_a_file_of_ones_own(editor: HandEditor, tmp_path: Path, qtbot: QtBot) -> None:
    paste(editor, TABLE)
    editor.write_to(tmp_path / "mine.csv")
    qtbot.waitUntil(lambda: "mine.csv" in editor.banner.label.text())
    lines = (tmp_path / "mine.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["text,label", "I like it,good"]
    assert len(lines) == 6
    editor.write_to(tmp_path / "none" / "mine.csv")
    qtbot.waitUntil(lambda: "cannot be written" in editor.banner.label.text())


def test_what_a_set_refuses_is_said(editor: HandEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    paste(editor, TABLE)
    monkeypatch.setattr("lstm_studio.data.handmade.MOST_ROWS", 5)
    press(editor.desk.table, Key.Key_Up, Key.Key_Insert)
    assert "6 rows" in editor.banner.label.text()
    editor.desk.labels.new.setMaxLength(200)
    editor.desk.labels.new.setText("w" * 90)
    QTest.keyClick(editor.desk.labels.new, Key.Key_Return)
    assert "80 characters" in editor.banner.label.text()
    assert len(of(editor).rows) == 5


def test_all_of_it_is_said_in_chinese() -> None:
    i18n.set_language("zh_CN")
    said = list(_HOW.values())
    for kind in HAND_KINDS.values():
        said += [kind.says, kind.lacks([]), *(kind.names or ())]
        said += [words for column in kind.columns for words in (column.title, column.help, column.example)]
    made = HandSet(HAND_KINDS["classification"], "mine", [("a", "x"), ("b", "")])
    for change in (
        lambda: made.set_cell(0, 0, "c"),
        lambda: made.insert(0, [("d", "")]),
        lambda: made.remove([0]),
        lambda: made.clear([(0, 0)]),
        lambda: made.paste(0, 0, [["e"]]),
        lambda: made.label([1], "x"),
        lambda: made.label([1], ""),
        lambda: made.add_class("z"),
        lambda: made.rename_class("z", "y"),
        lambda: made.remove_class("y"),
    ):
        change()
        said.append(made.undoable)
    for text in (
        "text,label\na,b",
        "x\tlong words here\n" * 5 + "y\tother words are there",
        "a\tb\tc\nd\n",
        "a\tb\nc\nd",
    ):
        said += read_pasted(text, made.kind).notes
    for text in ("w" * 30_000, "a\n" * 30_000, "w" * 20_000_001):
        with pytest.raises(StudioError) as caught:
            read_pasted(text, made.kind)
        said += [caught.value.what, caught.value.why, caught.value.todo]
    for call in (lambda: made.set_cell(0, 0, "w" * 30_000), lambda: made.add_class("w" * 100)):
        with pytest.raises(StudioError) as caught:
            call()
        said += [caught.value.what, caught.value.todo]
    left = [words for words in said if words and not re.search(r"[\u4e00-\u9fff]", i18n.tr(words))]
    assert left == ["Wo ist der Bahnhof?"]
