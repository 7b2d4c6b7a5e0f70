"""Forms generated from the declaration of a run: one row an option, errors at the row, defaults a click away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.config import RunConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.config.together import idle
from lstm_studio.gui.help_pages import SETTING, mark
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import Dot, IconButton, Label, LinkButton, Muted, describe, empty, restyle
from lstm_studio.gui.widgets.file_edit import FileEdit
from lstm_studio.gui.widgets.number_edit import NumberEdit

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

_NUMBER_LEAST, _NUMBER_WIDTH, _TALL = 76, 136, 32
_ARROW = 48
_SHARES = {"choice": 5, "text": 5, "boolean": 4}


class Choice(QComboBox):
    """A combo box that does not change when a form is scrolled past it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        # Styled boxes clip what is too long; an ellipsis says that there is more.
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, self.width() - _ARROW
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


class FieldRow(QWidget):
    """One option: its name, its editor with the unit, one sentence, the error, and the way back to the default."""

    edited = Signal(str, object)
    """Dotted name and what was entered; not yet checked."""

    def __init__(self, section: str, option: OptionInfo, *, stacked: bool = False, explain: bool = True) -> None:
        super().__init__()
        self.option = option
        self.dotted = f"{section}.{option.name}"
        self.setObjectName("field")
        mark(self, f"{SETTING}{self.dotted}")
        self._value: Any = option.default
        self._reference: Any = option.default
        self._explain = explain
        self._idle = ""
        self.title = Label(tr(option.title), wrap=not stacked)
        self.mark = Dot("accent", 6)
        self.help = Muted(self._help_words())
        self.error = Label("", "small", "danger", wrap=True)
        self.reset = IconButton("undo", tr("Reset {name}", name=tr(option.title)), "", callback=self._reset)
        self.reset.setFixedSize(*((22, 22) if stacked else (28, 28)))
        self.reset.setIconSize(QSize(14, 14) if stacked else QSize(18, 18))
        if stacked:
            self.reset.setStyleSheet("padding: 2px;")
        for widget in (self.reset, self.mark):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
        self.editor = self._make_editor()
        self.editor.setFixedHeight(_TALL)
        describe(self.editor, tr(option.title), tr(option.help))
        self.title.setBuddy(self.editor)
        self.title.setToolTip(tr(option.help))
        if not stacked:
            for label in (self.title, self.help, self.error):
                label.setMinimumWidth(40)  # they wrap; the form may be narrow
        self._lay_out(stacked)
        self.set_explained(explain)
        self.error.hide()
        self._show_difference()

    def _lay_out(self, stacked: bool) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        one_line = not stacked and self.option.kind in ("integer", "number")
        if self.option.kind == "boolean" and not stacked:
            head.addWidget(self.editor, 1)
            head.addWidget(self.mark)
            head.addWidget(self.reset)
            self.title.hide()
            outer.addLayout(head)
        elif one_line:
            self.editor.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self.editor.setFixedWidth(_NUMBER_WIDTH)
            head.addWidget(self.title, 1)
            head.addWidget(self.mark)
            head.addWidget(self.editor)
            head.addWidget(self.reset)
            outer.addLayout(head)
        else:
            if stacked:
                self.title.setFont(font("small"))
                self.title.setProperty("tone", "small")
                self.title.setMinimumHeight(22)
            if self.option.kind == "boolean":
                self.title.setText("")  # the box itself is named
            self.title.setWordWrap(False)  # nothing stands beside it; short words would be broken
            head.addWidget(self.title)
            head.addWidget(self.mark)
            if stacked:
                head.addWidget(self.reset)
            head.addStretch(1)
            outer.addLayout(head)
            line.addWidget(self.editor, 100)
            if not stacked:
                line.addWidget(self.reset)
            if self.option.kind in ("integer", "number"):
                line.addStretch(1)
            outer.addLayout(line)
        outer.addWidget(self.help)
        outer.addWidget(self.error)

    def _help_words(self) -> str:
        words = tr(self.option.help)
        automatic = tr(self.option.automatic)
        if automatic and len(automatic) > 12:
            words += " " + tr("Automatic: {what}.", what=automatic)
        return words

    # -- editors --------------------------------------------------------------------------------------------

    def _make_editor(self) -> QWidget:
        option = self.option
        if option.kind in ("integer", "number"):
            number = NumberEdit(option)
            number.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            number.setMinimumWidth(_NUMBER_LEAST)
            number.setMaximumWidth(_NUMBER_WIDTH)
            number.edited.connect(self._entered)
            return number
        if option.kind == "boolean":
            box = QCheckBox(tr(option.title))
            box.toggled.connect(self._entered)
            return box
        if option.kind == "choice":
            combo = Choice()
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            if option.automatic:
                combo.addItem(tr("Automatic"), None)
            for value in option.choices:
                combo.addItem(tr(option.label(value)), value)
            combo.activated.connect(lambda index: self._entered(combo.itemData(index)))
            combo.setMinimumWidth(64)
            return combo
        if option.file:
            chooser = FileEdit(tr(option.title), tr(option.automatic))
            chooser.edited.connect(self._entered)
            return chooser
        edit = QLineEdit()
        edit.setPlaceholderText(tr(option.automatic))
        edit.setClearButtonEnabled(True)
        edit.editingFinished.connect(lambda: self._entered(edit.text().strip() or (None if option.automatic else "")))
        return edit

    def _entered(self, value: object) -> None:
        if value != self._value or type(value) is not type(self._value):
            self._value = value
            self.edited.emit(self.dotted, value)
        self._show_difference()

    def _reset(self) -> None:
        self.set_value(self._reference)
        self.edited.emit(self.dotted, self._reference)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what it shows --------------------------------------------------------------------------------------

    def value(self) -> Any:
        """What stands in the editor."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a value; nothing is emitted."""
        self._value = value
        with QSignalBlocker(self.editor):
            if isinstance(self.editor, NumberEdit):
                self.editor.set_number(value)
            elif isinstance(self.editor, QCheckBox):
                self.editor.setChecked(bool(value))
            elif isinstance(self.editor, QComboBox):
                self.editor.setCurrentIndex(max(0, self.editor.findData(value)))
            elif isinstance(self.editor, FileEdit):
                self.editor.set_path(value)
            elif isinstance(self.editor, QLineEdit) and not self.editor.hasFocus():
                self.editor.setText("" if value is None else str(value))
        self._show_difference()

    def set_reference(self, value: Any) -> None:
        """What counts as unchanged."""
        self._reference = value
        self._show_difference()

    def set_error(self, sentence: str) -> None:
        """Say what is wrong with the value; an empty sentence takes it back."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        wrong = bool(sentence)
        if bool(self.editor.property("invalid")) != wrong:
            restyle(self.editor, invalid=wrong)
        self.editor.setAccessibleDescription(sentence or tr(self.option.help))

    def add_below(self, widget: QWidget) -> None:
        """Put something that belongs to the setting right under it."""
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        outer.insertWidget(outer.indexOf(self.help), widget, 0, Qt.AlignmentFlag.AlignLeft)

    def set_explained(self, explained: bool) -> None:
        """Show the sentence under the row, or only in the tooltip."""
        self._explain = explained
        self.help.setVisible(explained or bool(self._idle))

    def set_idle(self, why: str) -> None:
        """Say why a file would have no effect here; an empty sentence offers it again."""
        if why != self._idle and isinstance(self.editor, FileEdit):
            self._idle = why
            self.editor.set_idle(why)
            self.help.setText(why or self._help_words())
            self.set_explained(self._explain)

    @property
    def changed(self) -> bool:
        """Whether the value is another one than the reference."""
        return bool(self._value != self._reference)

    def _show_difference(self) -> None:
        self.mark.setVisible(self.changed)
        self.reset.setVisible(self.changed)
        self.reset.setToolTip(tr("Back to {value}", value=self.words(self._reference)))
        self.mark.setToolTip(tr("Changed"))

    def words(self, value: Any) -> str:
        """A value as the editor words it."""
        if value is None:
            return tr(self.option.automatic or "Automatic")
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        if self.option.kind == "choice":
            return tr(self.option.label(value))
        return f"{value:g}" if isinstance(value, float) else str(value)


class ConfigForm(QWidget):
    """Sections of a run as a form: essentials open, the rest folded. Checked values go to the session at once."""

    errors_changed = Signal()
    """A row's error is another one; ``session.form_errors`` holds all of them."""
    rebuilt = Signal()
    """The rows are other ones, since the task is."""

    def __init__(
        self,
        session: Session,
        sections: Sequence[tuple[str, str]],
        *,
        columns: int = 1,
        levels: Sequence[str] = ("essential", "advanced"),
        skip: Sequence[str] = (),
        stacked: bool = False,
        explain: bool = True,
        remember: str = "form",
        gap: int = 3 * S1,
    ) -> None:
        """Args:
        sections: (name in the config, title over the rows or ""), e.g. ("model", "Network").
        columns: Rows stand side by side in so many columns.
        levels: What is shown; "advanced" comes folded when "essential" is shown too.
        skip: Dotted names that are shown elsewhere.
        stacked: Names above the editors instead of beside them.
        explain: Sentences under the rows; else they are in the tooltips only.
        remember: Under which name the state of the folds is kept in the settings.
        gap: Pixels between two columns.
        """
        super().__init__()
        self.session = session
        self.setObjectName("content")
        self.rows: dict[str, FieldRow] = {}
        self._reference = RunConfig(task=session.config.task, data=type(session.config.data)())
        self._columns, self._stacked, self._explain, self._remember = columns, stacked, explain, remember
        self._gap = gap
        self._sections, self._levels, self._skip = tuple(sections), tuple(levels), frozenset(skip)
        self._folds: list[tuple[LinkButton, QWidget, list[FieldRow]]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(S1 + 4)
        self._build()
        session.config_changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        """The rows of the options that the session's task knows."""
        self._task = self.session.config.task
        for name, title in self._sections:
            section = getattr(self.session.config, name)
            shown = [
                option
                for option in options(type(section), self._task)
                if option.level in self._levels and f"{name}.{option.name}" not in self._skip
            ]
            if title:
                head = Label(title)
                head.setFont(font("body", bold=True))
                self._column.addWidget(head)
            first = self._levels[0]
            self._column.addWidget(self._grid(name, [option for option in shown if option.level == first]))
            rest = [option for option in shown if option.level != first]
            if rest:
                self._add_fold(self._column, name, rest)
        self._column.addStretch(1)

    def _rebuild(self) -> None:
        """Another task has other options; errors of the old rows are gone with them."""
        for dotted in self.rows:
            self.session.form_errors.pop(dotted, None)
        self.rows, self._folds = {}, []
        empty(self._column)
        self._build()
        self.rebuilt.emit()

    def _grid(self, section: str, shown: Sequence[OptionInfo]) -> QWidget:
        place = QWidget()
        grid = QGridLayout(place)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._gap)
        grid.setVerticalSpacing(S1 + 4)
        columns = self._columns
        if len(shown) > columns > 1:  # lines of rows of one length
            columns = -(-len(shown) // -(-len(shown) // columns))
        for index, option in enumerate(shown):
            row = FieldRow(section, option, stacked=self._stacked, explain=self._explain)
            row.edited.connect(self._edited)
            self.rows[row.dotted] = row
            grid.addWidget(row, index // columns, index % columns, Qt.AlignmentFlag.AlignTop)
        for index in range(columns):
            # Choices need more room than numbers.
            shares = [_SHARES.get(option.kind, 3) for option in shown[index::columns]]
            grid.setColumnStretch(index, max(shares, default=3))
        return place

    def _add_fold(self, column: QVBoxLayout, section: str, rest: list[OptionInfo]) -> None:
        place = self._grid(section, rest)
        rows = [self.rows[f"{section}.{option.name}"] for option in rest]
        button = LinkButton("", "chevron_right")
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(place)
        self._folds.append((button, place, rows))
        opened = bool(self.session.settings.noted(self._remember, f"{section}_open", False))
        button.clicked.connect(lambda: self._fold(section, button, not place.isVisibleTo(self)))
        place.setVisible(opened)

    def fold_buttons(self) -> list[LinkButton]:
        """The buttons that open the folded settings."""
        return [button for button, _, _ in self._folds]

    def changed_rows(self) -> int:
        """How many of the shown settings differ from the reference."""
        return sum(row.changed for row in self.rows.values() if not row.isHidden())

    def _fold(self, section: str, button: LinkButton, opened: bool) -> None:
        place = next(place for one, place, _ in self._folds if one is button)
        place.setVisible(opened)
        self.session.settings.note(self._remember, **{f"{section}_open": opened})
        self.session.save_soon()
        self._name_folds()

    # -- following the session ------------------------------------------------------------------------------

    def set_reference(self, config: RunConfig) -> None:
        """What counts as unchanged: the preset in use."""
        self._reference = config
        self.refresh()

    def set_explained(self, explained: bool) -> None:
        """Show the sentences under all rows, or none."""
        self._explain = explained
        for row in self.rows.values():
            row.set_explained(explained)

    @Slot()
    def refresh(self) -> None:
        """Show the session's configuration; what is wrong and not yet mended stays as it was typed."""
        config = self.session.config
        if config.task != self._task:
            self._rebuild()
        void = idle(config.task, config.data)
        for dotted, row in self.rows.items():
            section, _, name = dotted.partition(".")
            part = getattr(config, section)
            row.set_reference(getattr(getattr(self._reference, section), name, None))
            if dotted not in self.session.form_errors:
                row.set_value(getattr(part, name))
                row.set_error("")
            why = void.get(name, "") if section == "model" else ""
            row.set_idle(tr(why) if why else "")
            applies = row.option.applies(part) and (not why or row.option.file)
            if row.isHidden() is applies:  # a row that shows already would be styled before it has its place
                row.setVisible(applies)
        self._try_again()
        self._name_folds()

    def _name_folds(self) -> None:
        for button, place, rows in self._folds:
            there = [row for row in rows if row.isVisibleTo(place)]
            changed = sum(row.changed for row in there)
            opened = place.isVisibleTo(self)
            words = tr("Fewer settings") if opened else ntr("{n} more setting", "{n} more settings", len(there))
            if changed and not opened:
                words += " · " + ntr("{n} changed", "{n} changed", changed)
            button.setText(words)
            button.set_icon("chevron_down" if opened else "chevron_right")
            describe(button, words, tr("Settings that are seldom needed; the defaults do well."))

    @Slot(str, object)
    def _edited(self, dotted: str, value: object) -> None:
        session = self.session
        section, _, name = dotted.partition(".")
        found = session.errors(**{dotted: value})
        row = self.rows[dotted]
        # What another row says is this one's doing too: the settings stood together before.
        wrong = next((text for place, text in found.items() if place.startswith(dotted)), "")
        wrong = wrong or next(iter(found.values()), "")
        before = dict(session.form_errors)
        if wrong:
            sentence = tr(wrong)
            title = tr(row.option.title)
            if wrong[:1].islower():
                session.form_errors[dotted] = tr("{title} {error}", title=title, error=sentence)
            else:
                session.form_errors[dotted] = tr("{title}: {error}", title=title, error=sentence)
            row.set_error(sentence[:1].upper() + sentence[1:] + ("." if sentence[-1:] not in ".。" else ""))
            self._open_fold_of(row)
        else:
            session.form_errors.pop(dotted, None)
            row.set_error("")
            if getattr(getattr(session.config, section), name) != value:
                session.change(**{dotted: value})
        if before != session.form_errors:
            self.errors_changed.emit()

    def _try_again(self) -> None:
        """Take over what is no longer wrong, now that another setting has changed."""
        for dotted, row in self.rows.items():
            if dotted in self.session.form_errors and not self.session.errors(**{dotted: row.value()}):
                self._edited(dotted, row.value())

    def _open_fold_of(self, row: FieldRow) -> None:
        for button, place, rows in self._folds:
            if row in rows and not place.isVisibleTo(self):
                place.show()
                self._name_folds()
                button.update()
