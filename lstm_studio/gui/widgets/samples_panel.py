"""What a network writes while it learns, beside what would have been right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.data.written import Sample
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2, font, theme
from lstm_studio.gui.widgets.basic import Card, ElidedLabel, EmptyState, Muted, line
from lstm_studio.gui.widgets.samples_list import EPOCH, NAME, SCORE, WrittenList
from lstm_studio.gui.widgets.text_lines import LINE, TextLines, one_line
from lstm_studio.training.events import EpochEnded

_LIST_SHARE, _LIST_LEAST, _LIST_MOST = 0.26, 150, 360
_ITEM, _SCORE = 30, 40
_LOW = 280
"""Below this height source and reference have one line each."""


class _Sources(QStyledItemDelegate):
    """A source and its newest score."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, _ITEM)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colors, rect = theme(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(0, 1, -2, -1), 6, 6)
        score = index.data(Qt.ItemDataRole.UserRole)
        room = rect.adjusted(8, 0, -10, 0)
        if isinstance(score, float):
            painter.setFont(font("small", tabular=True))
            painter.setPen(colors.color("text_muted"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{score:.0f}")
            room.setRight(room.right() - _SCORE)
        face = font("body")
        painter.setFont(face)
        painter.setPen(colors.color("accent" if chosen else "text"))
        words = QFontMetricsF(face).elidedText(index.data() or "", Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()


class SamplesPanel(Card):
    """Choose a source; see what is right and what was written after each epoch. Hidden, it does nothing."""

    def __init__(self) -> None:
        super().__init__(tr("Texts"))
        self._epochs: list[EpochEnded] = []
        self._pending = False
        self.about = ElidedLabel(size="small", tone="small")
        self.header.insertWidget(1, self.about)
        self.sources = QListWidget()
        self.sources.setObjectName("plain")
        self.sources.setItemDelegate(_Sources(self.sources))
        self.sources.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sources.setUniformItemSizes(True)
        self.sources.setAccessibleName(tr("Texts that are read"))
        self.sources.setAccessibleDescription(tr("Choose which one to follow; the figure is its newest chrF."))
        self.sources.currentRowChanged.connect(self._choose)
        self.source_name, self.reference_name = Muted("", wrap=False), Muted("", wrap=False)
        self.source, self.reference = TextLines(role="text"), TextLines(role="text")
        self.list = WrittenList()
        self.epoch_head, self.score_head = Muted(tr("Epoch"), wrap=False), Muted("chrF", wrap=False)
        self.score_head.setToolTip(
            tr("How many runs of letters it has in common with the reference, from 0 to 100, of this text alone.")
        )
        self.text_head = Muted(tr("Written"), wrap=False)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._build())
        self.empty = EmptyState(
            "predict",
            tr("What the network writes will stand here"),
            tr("The same few texts, written anew after each epoch, beside what would have been right."),
        )
        self.stack.addWidget(self.empty)
        self.body.addWidget(self.stack, 1)
        self.stack.setCurrentIndex(1)

    def _build(self) -> QWidget:
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S2)
        row.addWidget(self.sources)
        column = QVBoxLayout()
        column.setSpacing(4)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, bar, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(4)
        for index, (name, text) in enumerate(((self.source_name, self.source), (self.reference_name, self.reference))):
            name.setFixedHeight(round(LINE))
            self._grid.addWidget(name, index, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, index, 1)
        self._grid.setColumnStretch(1, 1)
        self._heads = QHBoxLayout()
        self._heads.setContentsMargins(0, 0, bar, 0)
        self._heads.setSpacing(0)
        for name in (self.source_name, self.reference_name, self.epoch_head):
            name.setIndent(4)
        self._heads.addWidget(self.epoch_head)
        self._heads.addWidget(self.score_head)
        self._heads.addWidget(self.text_head, 1)
        column.addLayout(self._grid)
        column.addWidget(line())
        column.addLayout(self._heads)
        column.addWidget(self.list, 1)
        row.addLayout(column, 1)
        return place

    # -- content --------------------------------------------------------------------------------------------

    def set_epochs(self, epochs: Sequence[EpochEnded]) -> None:
        """All epochs of a run so far, the newest last; those without samples do not count."""
        self._epochs = [epoch for epoch in epochs if epoch.samples]
        if self.isVisible():
            self._refresh()
        else:
            self._pending = True

    def chosen(self) -> int:
        """Which sample is followed."""
        return max(0, self.sources.currentRow())

    def choose(self, sample: int) -> None:
        """Follow another sample."""
        self.sources.setCurrentRow(sample)

    def _refresh(self) -> None:
        self._pending = False
        self.stack.setCurrentIndex(0 if self._epochs else 1)
        if not self._epochs:
            self.about.setText("")
            return
        samples = self._epochs[-1].samples
        self._show_sources(samples)
        self._show_chosen()
        if any(sample.references for sample in samples):
            words = ntr(
                "{n} text of the validation part, written anew after each epoch; right words are marked",
                "{n} texts of the validation part, written anew after each epoch; right words are marked",
                len(samples),
            )
        else:
            words = ntr(
                "{n} beginning, continued anew after each epoch",
                "{n} beginnings, continued anew after each epoch",
                len(samples),
            )
        self.about.setText(words)

    def _show_sources(self, samples: Sequence[Sample]) -> None:
        blocked = self.sources.blockSignals(True)
        while self.sources.count() > len(samples):
            self.sources.takeItem(self.sources.count() - 1)
        while self.sources.count() < len(samples):
            self.sources.addItem("")
        for row, sample in enumerate(samples):
            item = self.sources.item(row)
            wanted: dict[int, Any] = {
                Qt.ItemDataRole.DisplayRole: one_line(sample.source),
                Qt.ItemDataRole.UserRole: None if sample.score is None else float(sample.score),
            }
            for role, value in wanted.items():
                if item.data(role) != value:
                    item.setData(role, value)
        if self.sources.currentRow() < 0:
            self.sources.setCurrentRow(0)
        self.sources.blockSignals(blocked)
        self.sources.setVisible(len(samples) > 1)

    @Slot(int)
    def _choose(self, _row: int) -> None:
        if self._epochs and self.isVisible():
            self._show_chosen()

    def _show_chosen(self) -> None:
        samples = self._epochs[-1].samples
        sample = samples[min(self.chosen(), len(samples) - 1)]
        self.source.set_text(sample.source)
        several = len(sample.references) > 1
        self.reference.set_text(
            sample.references[0] if sample.references else "",
            "\n".join(tr("or: {words}", words=text) for text in sample.references[1:]),
        )
        self.source_name.setText(tr("Source") if sample.references else tr("Beginning"))
        words = ntr("Reference", "References ({n})", len(sample.references)) if several else tr("Reference")
        self.reference_name.setText(words)
        for widget in (self.reference_name, self.reference):
            widget.setVisible(bool(sample.references))
        self.list.show_sample(self._epochs, self.chosen())
        scored = self.list.written.scored
        self.score_head.setVisible(scored)
        self.epoch_head.setFixedWidth(EPOCH if scored else NAME)
        self.score_head.setFixedWidth(SCORE)
        for name in (self.source_name, self.reference_name):
            name.setFixedWidth(EPOCH + SCORE if scored else NAME)

    # -- size -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.sources.setFixedWidth(int(min(_LIST_MOST, max(_LIST_LEAST, _LIST_SHARE * self.width()))))
        low = self.height() < _LOW
        self._grid.setVerticalSpacing(0 if low else S1)
        for text in (self.source, self.reference):
            text.set_most(1 if low else 2)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._pending:
            self._refresh()
