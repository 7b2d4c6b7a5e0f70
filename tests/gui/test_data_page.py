"""The Data page with real files: open, look, change, mend, go on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.data.health import HealthWarning
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.table import open_table
from lstm_studio.gui import i18n, theme
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.pages.data import START, WORK, DataPage
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.class_balance import FEW, ClassBalance
from lstm_studio.gui.widgets.health_panel import breakable, fix_words
from lstm_studio.gui.widgets.label_colors import LabelColors
from lstm_studio.gui.widgets.preview_table import IGNORE, SHOWN, TIP, PreviewTable, TableModel, one_line

WORDS = "the film was not good but I would gladly watch it again with my whole family".split()

TEXT, LABEL = "text", "label"


def write_rows(path: Path, rows: int = 80, header: str = "id,review,verdict", extra: str = "") -> Path:
    """A small CSV of texts with two labels."""
    lines = [header]
    for row in range(rows):
        text = " ".join(WORDS[row % 5 : row % 5 + 3 + row % 9])
        lines.append(f"{row},{text} {row},{'good' if row % 3 else 'bad'}")
    path.write_text("\n".join(lines) + "\n" + extra, encoding="utf-8")
    return path


def healthy(session: Session) -> bool:
    """Whether a file is open and examined."""
    return session.loading is None and session.dataset is not None and session.dataset.health is not None


def opened(session: Session, path: Path, qtbot: QtBot) -> None:
    """Open a file and wait for its health."""
    session.open_file(path)
    qtbot.waitUntil(
        lambda: session.dataset is not None and session.dataset.path == path and healthy(session), timeout=20000
    )


def quiet(session: Session, qtbot: QtBot) -> None:
    """Measure nothing more, and let the jobs end."""
    session._estimate._timer.stop()
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=30000)


def test_nothing_is_open_yet(page: DataPage) -> None:
    assert page.stack.currentIndex() == START
    assert page.start.zone.file.isVisible()
    tagged, written = {"requests", "notes-zh", "roles"}, {"german-english", "errands-zh", "headlines"}
    running = {"tales", "quatrains-zh", "programs"}
    assert set(page.start.samples) == {"sentiment-contrast", "reber"} | tagged | written | running
    assert not page.open_file.isVisible()
    assert not page.loading.isVisible()
    assert page.start.recent_head.isHidden()


def test_a_file_is_shown_with_roles_health_and_settings(
    page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(session, write_rows(tmp_path / "reviews.csv", extra="99,the film,good\n99,the film,good\n"), qtbot)
    work = page.work
    assert page.stack.currentIndex() == WORK
    assert [work.table.header.role(column) for column in range(3)] == [IGNORE, TEXT, LABEL]
    assert work.table.model().rowCount() == 82
    assert "comma" in work.source.summary.full_text()
    assert "UTF-8" in work.source.summary.full_text()
    assert work.health.balance.bars.classes[0][0] == "good"
    assert "{" not in work.health.vocabulary.text()
    assert work.parts.text().endswith("to check with")
    assert work.next.isEnabled()
    qtbot.waitUntil(lambda: "tokens" in work.tokens_title.text(), timeout=5000)
    assert work.tokens._tokens[:2] == ["the", "film"]


def test_the_health_figures_come_from_the_file(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    dataset = session.dataset
    assert dataset is not None
    assert dataset.health is not None
    assert sum(count for _, count in page.work.health.balance.bars.classes) == 80
    assert int(page.work.health.lengths._counts.sum()) == 80
    assert page.work.health.lengths._cut == dataset.data.max_length


def test_roles_are_changed_by_the_buttons(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    header = page.work.table.header
    menu = header.menu(0)
    _, label, ignore = menu.actions()
    assert ignore.isChecked()
    label.trigger()
    menu.close()
    qtbot.waitUntil(lambda: session.config.data.label == "id", timeout=5000)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: header.role(0) == LABEL, timeout=5000)
    assert header.role(2) == IGNORE
    menu = header.menu(0)
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: header.role(0) == TEXT, timeout=5000)
    assert header.role(1) == LABEL, "text and label have changed places"
    assert not menu.actions()[2].isEnabled()
    assert menu.actions()[2].toolTip()
    menu.close()
    quiet(session, qtbot)


def test_a_finding_is_mended_by_one_click(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    path = write_rows(tmp_path / "r.csv", extra="x,again and again,good\n" * 4)
    opened(session, path, qtbot)
    from lstm_studio.gui.widgets.health_panel import Finding

    def offered() -> list[Finding]:
        found = page.work.health.findings.findChildren(Finding)
        return [finding for finding in found if "drop_duplicates" in finding.offers and not finding.isHidden()]

    qtbot.waitUntil(lambda: bool(offered()))  # what is put into a shown panel shows a moment later
    button = offered()[0].offers["drop_duplicates"]
    assert button.text() == "Drop duplicates"
    button.click()
    assert session.config.data.remedies == ("drop_duplicates",)
    qtbot.waitUntil(lambda: not offered(), timeout=10000)


def test_the_file_can_be_read_otherwise(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    source = page.work.source
    source.change.click()
    assert source.panel.isVisible()
    assert not page.work.tokens.isVisible()
    assert source.reasons.text().count("\n") >= 1
    source.header.click()
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.rows == 81, timeout=10000)
    assert not source.header.isChecked()
    place = source.delimiter.findData(";")
    source.delimiter.setCurrentIndex(place)
    source.delimiter.activated.emit(place)
    qtbot.waitUntil(lambda: page.banner.isVisible(), timeout=10000)
    assert "one column" in page.banner.label.text()
    assert session.dataset is not None
    assert session.dataset.rows == 81, "what was open stays open"
    assert source.delimiter.currentData() == ","
    source.again.click()
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.rows == 80, timeout=10000)
    qtbot.waitUntil(lambda: healthy(session), timeout=10000)


def test_an_unreadable_file_is_a_sentence_in_the_page(
    page: DataPage, window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    session.open_file(path)
    qtbot.waitUntil(lambda: page.banner.isVisible(), timeout=10000)
    assert "PNG" in page.banner.label.text()
    qtbot.waitUntil(lambda: window.notices.texts() == [], timeout=2000)
    assert page.stack.currentIndex() == START
    opened(session, write_rows(tmp_path / "good.csv"), qtbot)
    assert not page.banner.isVisible()


def test_reading_can_be_cancelled_and_the_window_lives(
    page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    path = write_rows(tmp_path / "large.csv", rows=60_000)
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start(5)
    session.open_file(path)
    assert page.loading.isVisible()
    assert "large.csv" in page.loading.file.full_text()
    page.loading.cancel.click()
    assert not page.loading.isVisible()
    quiet(session, qtbot)
    timer.stop()
    assert session.dataset is None
    assert page.stack.currentIndex() == START
    assert beats


def test_200_000_rows_scroll_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        file.writelines(f"row number {row} of many,{row % 7}\n" for row in range(200_000))
    table = open_table(path)
    view = PreviewTable()
    qtbot.addWidget(view)
    view.resize(800, 500)
    began = time.perf_counter()
    view.set_table(table)
    view.set_roles({0: TEXT, 1: LABEL}, KINDS["classification"].roles)
    view.show()
    view.grab()
    view.scrollToBottom()
    view.grab()
    assert time.perf_counter() - began < 1.5
    model = view.model()
    assert model.rowCount() == 200_000
    assert model.index(199_999, 0).data() == "row number 199999 of many"
    assert isinstance(model, TableModel)
    assert len(model._blocks) <= 24


def test_the_model_reads_what_the_table_holds(tmp_path: Path, qtbot: QtBot) -> None:
    table = open_table(write_rows(tmp_path / "r.csv", rows=500))
    model = TableModel(table)
    for row in (0, 127, 128, 300, 499):
        assert [model.index(row, column).data() for column in range(3)] == table.row(row)
    assert model.headerData(0, Qt.Orientation.Horizontal) == "id"
    assert model.headerData(3, Qt.Orientation.Vertical) == "4"
    assert "5" in model.headerData(3, Qt.Orientation.Vertical, Qt.ItemDataRole.ToolTipRole)


def test_long_and_odd_cells_are_bounded(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "odd.csv"
    huge = "word <b>bold</b> " * 40_000
    path.write_text(f'text,label\n"{huge}",a\n"שלום\nעולם\x07",b\n"a\tb",a\n', encoding="utf-8")
    view = PreviewTable()
    qtbot.addWidget(view)
    view.set_table(open_table(path))
    view.set_roles({0: TEXT, 1: LABEL}, KINDS["classification"].roles)
    view.resize(700, 300)
    view.show()
    view.grab()
    model = view.model()
    assert len(model.index(0, 0).data()) <= SHOWN + 1
    tooltip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert len(tooltip) < 4 * TIP
    assert "<b>" not in tooltip
    assert model.index(1, 0).data() == "שלום↵עולם·"
    assert one_line("x" * 10, 4) == "xxxx…"


def test_a_thousand_columns_make_few_buttons(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = ["text", "label", "n" * 200, *(f"name {place}" for place in range(999))]
    path.write_text(",".join(names) + "\n" + ",".join(["words here"] * 1002) + "\n", encoding="utf-8")
    view = PreviewTable()
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.set_table(open_table(path))
    view.set_roles({0: TEXT, 1: LABEL}, KINDS["classification"].roles)
    view.show()
    view.grab()
    assert 2 <= len(view.header._buttons) < 12
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
    view.grab()
    assert 1001 in view.header._buttons
    assert 0 not in view.header._buttons


def test_a_sample_with_options(page: DataPage, session: Session, qtbot: QtBot) -> None:
    card = page.start.samples["reber"]
    distance = card.fields["distance"].editor
    distance.lineEdit().setText("999999999")  # type: ignore[attr-defined]
    distance._flush()  # type: ignore[attr-defined]
    assert not card.open.isEnabled()
    assert not card.fields["distance"].error.isHidden()
    distance.lineEdit().setText("30")  # type: ignore[attr-defined]
    distance._flush()  # type: ignore[attr-defined]
    card.fields["rows"].editor.lineEdit().setText("60")  # type: ignore[attr-defined]
    card.fields["rows"].editor._flush()  # type: ignore[attr-defined]
    assert card.open.isEnabled()
    card.open.click()
    qtbot.waitUntil(lambda: healthy(session), timeout=20000)
    assert session.dataset is not None
    assert session.dataset.rows == 60
    assert session.dataset.sample == "reber"


def test_a_file_can_be_dropped(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(write_rows(tmp_path / "dropped.csv")))])
    at = QPointF(200, 200)
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dragEnterEvent(QDragEnterEvent(at.toPoint(), copy, mime, left, none))
    assert page.overlay.isVisible()
    page.overlay.grab()
    page.dropEvent(QDropEvent(at, copy, mime, left, none))
    assert not page.overlay.isVisible()
    qtbot.waitUntil(lambda: healthy(session), timeout=10000)
    assert session.dataset is not None
    assert session.dataset.title == "dropped.csv"


def test_validation_and_test_files(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "train.csv"), qtbot)
    other = write_rows(tmp_path / "dev.csv", rows=20)
    page.work.validation.chosen.emit(str(other))
    qtbot.waitUntil(lambda: session.config.data.validation == str(other), timeout=5000)
    assert page.work.validation.button.text() == "dev.csv"
    assert page.work.form.rows["data.validation_fraction"].isHidden()
    qtbot.waitUntil(
        lambda: (
            session.dataset is not None
            and session.dataset.health is not None
            and session.dataset.health.validation_rows == 20
        ),
        timeout=10000,
    )
    page.work.validation.clear.click()
    assert session.config.data.validation is None
    qtbot.waitUntil(lambda: not page.work.form.rows["data.validation_fraction"].isHidden(), timeout=2000)
    page.work.test.chosen.emit(str(other))
    assert session.config.data.test == str(other)
    quiet(session, qtbot)


def test_the_cut_follows_the_longest_text(page: DataPage, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    editor = page.work.form.rows["data.max_length"].editor
    editor.lineEdit().setText("5")  # type: ignore[attr-defined]
    editor._flush()  # type: ignore[attr-defined]
    assert session.config.data.max_length == 5
    qtbot.waitUntil(lambda: page.work.health.lengths._cut == 5, timeout=10000)
    qtbot.waitUntil(lambda: page.work.health.lengths._share > 0.3, timeout=10000)
    qtbot.waitUntil(lambda: page.work.tokens.dropped(5) and not page.work.tokens.dropped(4), timeout=5000)
    page.work.form.rows["data.max_length"].reset.click()
    assert session.dataset is not None
    assert session.config.data.max_length == session.dataset.guess.max_length
    quiet(session, qtbot)


def test_many_classes_collapse(qtbot: QtBot) -> None:
    balance = ClassBalance()
    qtbot.addWidget(balance)
    classes = [(f"class {'x' * (place % 200)}{place}", 1000 - place) for place in range(1000)]
    balance.set_classes(classes, LabelColors(name for name, _ in classes))
    balance.resize(280, 600)
    balance.show()
    assert len(balance.bars.classes) == FEW
    assert "994" in balance.more.text()
    balance.more.click()
    assert len(balance.bars.classes) == 200
    balance.grab()
    balance.more.click()
    assert len(balance.bars.classes) == FEW


def test_every_fix_has_words_of_its_own() -> None:
    fixes: list[dict[str, Any]] = [
        {"data.max_length": 80},
        {"training.class_weights": "balanced"},
        {"data.lowercase": True},
        {"data.tokenizer": "character"},
        {"data.min_count": 2},
        {"data.vocabulary_size": 60_000},
    ]
    said = [fix_words(fix) for fix in fixes]
    assert len(set(said)) == len(said)
    assert "Characters" in said[3]


def test_long_words_in_sentences_can_break() -> None:
    warning = HealthWarning("All rows have the same label, " + "x" * 300)
    assert max(map(len, breakable(warning.text).replace("\u200b", " ").split())) <= 24
    assert breakable("short words only") == "short words only"


def test_the_primary_button_goes_on(
    page: DataPage, window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    page.work.next.click()
    assert window.current_page == "model"
    quiet(session, qtbot)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_control_is_named_and_says_what_it_means(
    session: Session, tmp_path: Path, qtbot: QtBot, language: str
) -> None:
    i18n.set_language(language)
    page = DataPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 752)
    page.show()
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    page.work.source.set_open(True)
    page.work.show_advanced(True)
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QComboBox, QAbstractSpinBox)
    for kind in kinds:
        for control in page.findChildren(kind):
            if control.objectName().startswith("qt_") or control.isHidden():
                continue
            name, tip = control.accessibleName(), control.toolTip()
            assert name, (kind, control.objectName(), control.parentWidget())
            assert tip, name
            assert tip != name, "a tooltip must not repeat the label"
    theme.choose("dark")
    page.grab()
    theme.choose("light")
    quiet(session, qtbot)


def test_a_page_built_later_shows_what_is_open(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    opened(session, write_rows(tmp_path / "r.csv"), qtbot)
    page = DataPage(session)
    qtbot.addWidget(page)
    page.show()
    assert page.stack.currentIndex() == WORK
    assert page.work.health.chip.text()
    assert page.work.table.model().rowCount() == 80
    quiet(session, qtbot)


def test_all_awkward_files_are_shown_or_refused_in_a_sentence(
    page: DataPage, session: Session, shared_data: Path, qtbot: QtBot
) -> None:
    names = (
        "bidi_and_controls.csv", "many_columns.csv", "duplicate_headers.csv", "one_class.csv", "headers_only.csv",
        "formula_cells.csv", "very_long_word.csv", "one_row.csv", "nul_bytes.csv", "folder_by_label",
    )  # fmt: skip
    for name in names:
        session.load_error = None
        session.open_file(shared_data / "awkward" / name)
        qtbot.waitUntil(
            lambda: session.loading is None and (session.load_error is not None or session.health_progress is None),
            timeout=20000,
        )
        page.grab()
        assert (session.load_error is not None) == page.banner.isVisible(), name
        if session.load_error is None:
            assert session.dataset is not None
            assert session.dataset.path.name == name
