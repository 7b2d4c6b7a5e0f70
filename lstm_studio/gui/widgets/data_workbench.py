"""The opened file: its rows with their roles, its health, and how it will be split and cut into tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.gui.forms import Choice, ConfigForm
from lstm_studio.gui.i18n import error_text, ntr, number, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.theme import S2, S3
from lstm_studio.gui.widgets.basic import (
    Card,
    Label,
    LinkButton,
    Muted,
    PrimaryButton,
    describe,
    line,
    set_enabled,
)
from lstm_studio.gui.widgets.health_panel import HealthPanel
from lstm_studio.gui.widgets.label_colors import LabelColors, label_order
from lstm_studio.gui.widgets.preview_table import IGNORE, PreviewTable
from lstm_studio.gui.widgets.source_options import SourceOptions
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.span_text import SpanMark, SpanText
from lstm_studio.gui.widgets.split_fields import FileField
from lstm_studio.gui.widgets.token_row import LINES, TokenRow
from lstm_studio.gui.widgets.token_sides import TokenSides

if TYPE_CHECKING:
    from lstm_studio.data.marked import Marked
    from lstm_studio.data.reading import Reading
    from lstm_studio.gui.session import Session

_SIDE = 344
_TALL, _LOW = 800, 600
"""Heights from which on two strips of tokens go together with all settings, and have two lines each."""
_LOOKED_AT = 4000
"""Characters of a row that are cut into tokens for the strip."""
_TOKENS = 200
_MARKS = 96
_WORDS, _SPANS = 600, 200
"""Of a sentence, that are painted."""


class DataWorkbench(QWidget):
    """Follows ``session.dataset``; everything that is changed on it goes through the session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        middle = QHBoxLayout()
        middle.setSpacing(S2)
        middle.addWidget(self._preview_card(), 1)
        middle.addWidget(self._health_card())
        column.addLayout(middle, 1)
        column.addWidget(self._settings_card())
        self._row = 0
        self._tokens_timer = QTimer(self)
        self._tokens_timer.setSingleShot(True)
        self._tokens_timer.setInterval(60)
        self._tokens_timer.timeout.connect(self._cut_row)
        session.dataset_changed.connect(self.refresh)
        session.config_changed.connect(self._config_changed)
        session.health_changed.connect(self._show_health)
        session.health_progress_changed.connect(self._health_progress)
        self.refresh()

    # -- parts ----------------------------------------------------------------------------------------------

    def _preview_card(self) -> Card:
        card = Card()
        self.source = SourceOptions()
        self.source.changed.connect(self._change)
        self.source.opened.connect(self._source_opened)
        self.table = PreviewTable()
        self.table.role_chosen.connect(self._role_chosen)
        self.table.row_changed.connect(self._row_chosen)
        self.table.setMinimumHeight(150)
        self.tokens = TokenRow()
        self.marks = SpanText()
        self.marks_area = QScrollArea()
        self.marks_area.setWidgetResizable(True)
        self.marks_area.setFrameShape(QFrame.Shape.NoFrame)
        self.marks_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.marks_area.setFixedHeight(_MARKS)
        self.marks_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.marks_area.setWidget(self.marks)
        self.marks.setObjectName("content")  # see-through, so that the card shows
        self.marks_area.hide()
        self.sides = TokenSides()
        self.tokens_title = Muted(tr("As the network reads it"), wrap=False)
        card.body.addWidget(self.source)
        card.body.addWidget(self.table, 1)
        self.tokens_line = line()
        card.body.addWidget(self.tokens_line)
        card.body.addWidget(self.tokens_title)
        card.body.addWidget(self.tokens)
        card.body.addWidget(self.marks_area)
        card.body.addWidget(self.sides)
        return card

    def _health_card(self) -> Card:
        card = Card(tr("Health"))
        card.setFixedWidth(_SIDE)
        self.health = HealthPanel()
        self.health.fix_asked.connect(self._fix)
        card.header.addWidget(self.health.chip)
        card.body.addWidget(self.health, 1)
        return card

    def _settings_card(self) -> Card:
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(S3)
        task = QVBoxLayout()
        task.setSpacing(2)
        head = Muted(tr("Task"), wrap=False)
        head.setMinimumHeight(22)
        self.task = Choice()
        describe(self.task, tr("Task"), tr("What is learned from this file; it was found out from its columns."))
        self.task.activated.connect(self._task_chosen)
        self.task_why = Muted("")
        task.addWidget(head)
        task.addWidget(self.task)
        task.addWidget(self.task_why)
        task.addStretch(1)
        place = QWidget()
        place.setLayout(task)
        task.setContentsMargins(0, 0, 0, 0)
        place.setFixedWidth(188)
        self.form = ConfigForm(
            self.session, [("data", "")], columns=3, levels=("essential",), stacked=True, explain=False
        )
        self.advanced = ConfigForm(
            self.session, [("data", "")], columns=7, levels=("advanced",), stacked=True, explain=False, gap=S2
        )
        self.advanced.hide()
        self.more = LinkButton("", callback=lambda: self.show_advanced(not self.advanced.isVisibleTo(self)))
        for form in (self.form, self.advanced):
            form.errors_changed.connect(self._show_next)
        self.validation = FileField(
            tr("Validation file"),
            tr("A part of the texts is set aside."),
            tr("A file of its own to see how well the network does on unseen text."),
            self._folder,
        )
        self.validation.chosen.connect(lambda path: self._change({"validation": path}))
        self.test = FileField(
            tr("Test file"),
            tr("None is used."),
            tr("A file that is looked at once, after training, to report honest figures."),
            self._folder,
        )
        self.test.chosen.connect(lambda path: self._change({"test": path}))
        row.addWidget(place)
        row.addWidget(self.form, 12)
        files = QVBoxLayout()
        files_row = QHBoxLayout()
        files_row.setSpacing(S2)
        files_row.addWidget(self.validation, 1)
        files_row.addWidget(self.test, 1)
        files.addLayout(files_row)
        files.addStretch(1)
        row.addLayout(files, 6)
        card.body.addLayout(row)
        card.body.addWidget(self.advanced)
        foot = QHBoxLayout()
        foot.setSpacing(S2)
        self.parts = Label("", tone="muted")
        self.next = PrimaryButton(tr("Configure the model"), "arrow_right", callback=self._go_on)
        describe(
            self.next,
            tr("Configure the model"),
            tr("Goes on to the Model page, where the network is built and training starts."),
            "Ctrl+Return",
        )
        foot.addWidget(self.parts)
        foot.addWidget(self.more)
        foot.addStretch(1)
        foot.addWidget(self.next)
        card.body.addLayout(foot)
        return card

    # -- following the session ------------------------------------------------------------------------------

    def set_busy(self, busy: bool) -> None:
        """While another file is read, this one cannot be changed."""
        self.table.header.setEnabled(not busy)
        self.source.setEnabled(not busy)

    @Slot()
    def refresh(self) -> None:
        """Show the session's dataset."""
        dataset = self.session.dataset
        if dataset is None:
            return
        fresh = self.table.model() is None or getattr(self.table.model(), "table", None) is not dataset.table
        if fresh:
            if dataset.path != self._shown_path:
                self.source.set_open(False)
            self._shown_path = dataset.path
            self._row = 0
        guessed = self._first_guess()
        for form in (self.form, self.advanced):
            form.set_reference(RunConfig(task=dataset.kind.task, data=type(dataset.data)(**guessed)))
        self._name_more()
        self.source.set_dataset(dataset)
        self.table.set_table(dataset.table)
        self.table.set_roles(self._roles(), dataset.kind.roles)
        self._source_opened(self.source.panel.isVisibleTo(self.source))
        self._show_task()
        self.validation.set_path(dataset.data.validation)
        self.test.set_path(dataset.data.test)
        self._show_health()
        self._tokens_timer.start()

    def _first_guess(self) -> dict[str, Any]:
        """What was guessed of these columns before a person chose otherwise, with all that follows from a choice."""
        dataset = self.session.dataset
        assert dataset is not None
        kind, found = dataset.kind, dataset.guess.fields
        key = (dataset.table, kind.task, tuple(sorted(self._roles().items())))
        if key != self._guessed_for:
            self._guessed_for, self._guessed = key, dict(found)
        columns = {role.field for role in kind.roles}
        chosen = {name: self._guessed.get(name) for name in kind.depends if name not in columns}
        return {**{name: found.get(name) for name in kind.guessed - columns}, **chosen}

    def _roles(self) -> dict[int, str]:
        """Column -> field of [data] that names it."""
        dataset = self.session.dataset
        assert dataset is not None
        places = {role.field: dataset.column(role.field) for role in dataset.kind.roles}
        return {place: field for field, place in places.items() if place is not None}

    def _show_task(self) -> None:
        from lstm_studio.data.kinds import KINDS

        dataset = self.session.dataset
        assert dataset is not None
        now = dataset.kind.task
        with QSignalBlocker(self.task):
            self.task.clear()
            for kind in KINDS.values():
                title = dataset.guess.task_title if kind.task == now else kind.title
                self.task.addItem(tr(title), kind.task)
                self.task.setItemData(self.task.count() - 1, tr(kind.help), Qt.ItemDataRole.ToolTipRole)
            self.task.setCurrentIndex(self.task.findData(now))
        why = tr(dataset.guess.reasons.get("task", "")) or tr(dataset.kind.help)
        self.task_why.setText(why if len(why) <= 90 else why[:89] + "…")
        self.task_why.setToolTip(why)

    @Slot(int)
    def _task_chosen(self, place: int) -> None:
        self.session.set_task(str(self.task.itemData(place)))

    _shown_path: Path | None = None
    _guessed_for: tuple[Any, ...] = ()
    _guessed: Mapping[str, Any] = MappingProxyType({})

    def show_advanced(self, opened: bool) -> None:
        """Unfold the settings that are seldom needed; the page has room for one unfolded part at a time."""
        if opened:
            self.source.set_open(False)
        self.advanced.setVisible(opened)
        self._show_strip()
        self._name_more()

    @Slot(bool)
    def _source_opened(self, opened: bool) -> None:
        if opened:
            self.show_advanced(False)
        self._show_strip()

    def _show_strip(self) -> None:
        """The chosen row as it is read, where there is room for it."""
        dataset = self.session.dataset
        kind = dataset.kind if dataset is not None else None
        marked = kind is not None and kind.marks is not None
        sides = kind is not None and kind.reads is not None
        opened = self.source.panel.isVisibleTo(self.source)
        opened |= sides and self.advanced.isVisibleTo(self) and self.height() < _TALL
        low = sides and self.height() < _LOW
        self.tokens_line.setVisible(not opened)
        self.tokens_title.setVisible(not opened and not low)
        self.tokens.setVisible(not opened and not marked and not sides)
        self.marks_area.setVisible(not opened and marked)
        self.sides.setVisible(not opened and sides)
        self.sides.set_lines(1 if low else LINES)
        self.tokens.set_lines(1 if self.height() < _LOW else LINES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_strip()

    def _name_more(self) -> None:
        opened = self.advanced.isVisibleTo(self)
        count, changed = len(self.advanced.rows), self.advanced.changed_rows()
        words = tr("Fewer settings") if opened else ntr("{n} more setting", "{n} more settings", count)
        if changed and not opened:
            words += " · " + ntr("{n} changed", "{n} changed", changed)
        self.more.setText(words)
        self.more.set_icon("chevron_down" if opened else "chevron_right")
        describe(self.more, words, tr("Settings that are seldom needed; the defaults do well."))

    @Slot()
    def _config_changed(self) -> None:
        dataset = self.session.dataset
        if dataset is not None:
            self.validation.set_path(dataset.data.validation)
            self.test.set_path(dataset.data.test)
            self._name_more()
            self._tokens_timer.start()

    @Slot(float)
    def _health_progress(self, fraction: float) -> None:
        self.health.set_progress(fraction)

    @Slot()
    def _show_health(self) -> None:
        dataset = self.session.dataset
        if dataset is None:
            return
        health = dataset.health
        self.health.set_progress(self.session.health_progress)
        colors = LabelColors()
        if health is not None:
            names = label_order(name for name, _ in health.classes)
            colors = LabelColors(names, dataset.kind.marks is not None)
            self.table.set_colors(colors)
        self.health.set_health(health, dataset.data, colors)
        if health is not None and (dataset.kind.marks is not None or dataset.kind.reads is not None):
            self._tokens_timer.start()  # the colours of the types are known now, or the pieces of words
        self._show_next()

    @Slot()
    def _show_next(self) -> None:
        dataset = self.session.dataset
        health = dataset.health if dataset is not None else None
        if dataset is None:
            return
        if health is None:
            words = ntr("{n} row", "{n} rows", dataset.rows)
        else:
            words = tr(
                "{texts} to learn from, {validation} to check with",
                texts=ntr(*dataset.kind.counted_examples, health.train_rows),
                validation=number(health.validation_rows),
            )
        self.parts.setText(words)
        wrong = [words for name, words in self.session.form_errors.items() if name.startswith("data.")]
        why = tr("Correct the marked settings first: {errors}", errors="; ".join(wrong)) if wrong else ""
        set_enabled(self.next, not why, why)

    # -- what is asked for ----------------------------------------------------------------------------------

    @Slot(dict)
    def _change(self, fields: dict[str, Any]) -> None:
        try:
            self.session.set_data(**fields)
        except StudioError as error:
            self.session.notice.emit(Notice("error", error_text(error), key="data"))
            self.refresh()

    @Slot(dict)
    def _fix(self, dotted: dict[str, Any]) -> None:
        try:
            self.session.change(**dotted)
        except StudioError as error:
            self.session.notice.emit(Notice("error", error_text(error), key="data"))

    @Slot(int, str)
    def _role_chosen(self, column: int, role: str) -> None:
        dataset = self.session.dataset
        if dataset is None:
            return
        roles = self._roles()
        before = roles.pop(column, None)
        other = next((place for place, field in roles.items() if field == role), None)
        if other is not None:
            # The column that loses its role takes the other one's, if that becomes free.
            del roles[other]
            if before is not None:
                roles[other] = before
        if role != IGNORE:
            roles[column] = role
        fields: dict[str, Any] = {known.field: None for known in dataset.kind.roles if not known.needed}
        fields |= {field: dataset.table.columns[place] for place, field in roles.items()}
        now = {name: getattr(dataset.data, name) for name in fields}
        self._change({name: value for name, value in fields.items() if value != now[name]})

    def _go_on(self) -> None:
        self.session.page_requested.emit("model")

    def _folder(self) -> str:
        dataset = self.session.dataset
        return str(dataset.path.parent) if dataset is not None else ""

    # -- tokens of a row ------------------------------------------------------------------------------------

    @Slot(int)
    def _row_chosen(self, row: int) -> None:
        if row >= 0:
            self._row = row
            self._tokens_timer.start()

    @Slot()
    def _cut_row(self) -> None:
        dataset = self.session.dataset
        if dataset is None or self._row >= dataset.rows:
            return
        data, row, kind = dataset.data, self._row, dataset.kind
        column = dataset.column(kind.roles[0].field)
        if column is None:
            return
        marks, table = kind.marks, dataset.table
        if marks is not None:
            self.session.jobs.start(
                lambda progress: marks(table, data, row),
                done=lambda found: self._show_marks(found, row),
                channel="preview-tokens",
            )
            return
        if (reads := kind.reads) is not None:
            self.session.jobs.start(
                lambda progress: reads(table, data, row),
                done=lambda found: self._show_sides(found, row),
                channel="preview-tokens",
            )
            return
        text = dataset.table.cell(row, column)

        def work(progress: Progress) -> tuple[list[str], int]:
            tokens = kind.tokens(text[:_LOOKED_AT], data)
            return tokens[:_TOKENS], len(tokens) if len(text) <= _LOOKED_AT else -1

        def done(answer: tuple[list[str], int]) -> None:
            tokens, count = answer
            self.tokens.set_tokens(tokens, count, data.max_length, data.cut)
            self.tokens_title.setText(
                tr("Row {row} as the network reads it: {count}", row=number(row + 1), count=self.tokens.words())
            )

        self.session.jobs.start(work, done=done, channel="preview-tokens")

    def _show_sides(self, found: tuple[Reading, ...], row: int) -> None:
        """The texts of the chosen row as tokens."""
        self.sides.set_sides(found)
        words = tr("Row {row} as the network reads and writes it", row=number(row + 1))
        problems = [f"{tr(side.title)}: {tr(side.problem)}" for side in found if side.problem]
        self.tokens_title.setText(". ".join([words, *problems]))

    def _show_marks(self, found: Marked, row: int) -> None:
        """The chosen sentence with what is marked in it."""
        dataset = self.session.dataset
        health = dataset.health if dataset is not None else None
        if health is not None:
            self.marks.set_colors(SpanColors(label_order(name for name, _ in health.classes)))
        spans = [SpanMark(span.start, span.end, span.type) for span in found.spans[:_SPANS]]
        self.marks.set_sentence(found.words[:_WORDS], spans, marked=found.predicate, spaced=found.spaced)
        words = ntr("{n} word", "{n} words", len(found.words))
        if found.problem:
            words = f"{words}. {tr(found.problem)}"
        self.tokens_title.setText(tr("Row {row} with its tags: {count}", row=number(row + 1), count=words))
