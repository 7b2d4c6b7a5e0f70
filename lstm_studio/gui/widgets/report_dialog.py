"""A bug, said plainly, with a report that can be copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from lstm_studio.gui import text_size
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, S2, S3, font
from lstm_studio.gui.widgets.basic import Button, IconLabel, Label, Muted, PrimaryButton, Title, describe

_open: list[ReportDialog] = []


class ReportDialog(QDialog):
    """Shows one report. Further bugs while it is open are added to the same text."""

    def __init__(self, report: str, path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong in the program"))
        self.resize(QSize(720, 480).boundedTo(text_size.room(self)))
        column = QVBoxLayout(self)
        column.setContentsMargins(S3, S3, S3, S3)
        column.setSpacing(S2)
        head = QHBoxLayout()
        head.setSpacing(S1)
        head.addWidget(IconLabel("error", 24, "danger"))
        head.addWidget(Title(tr("Something went wrong in the program")), 1)
        column.addLayout(head)
        column.addWidget(
            Label(
                tr(
                    "This is a mistake in LSTM Studio, not in what you did. Your runs are safe on disk. "
                    "The report below holds no text of yours beyond what an error message quotes."
                ),
                wrap=True,
            )
        )
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setFont(font("small", mono=True))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        describe(self.text, tr("Report"), tr("What happened, for whoever mends it"))
        column.addWidget(self.text, 1)
        if path is not None:
            where = Muted(tr("Kept as {path}", path=path))
            column.addWidget(where)
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addStretch(1)
        self.copy = Button(tr("Copy the report"), "copy", self._copy)
        close = PrimaryButton(tr("Go on working"), callback=self.accept)
        row.addWidget(self.copy)
        row.addWidget(close)
        column.addLayout(row)
        close.setFocus()

    def add(self, report: str) -> None:
        """One more bug while the dialog is open."""
        if report not in self.text.toPlainText():
            self.text.appendPlainText("\n" + report)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(tr("Copied"))
        self.copy.set_icon("check")


def show_report(report: str, path: Path | None, parent: QWidget | None) -> ReportDialog:
    """Show a report without stopping anything; the dialog that is already open takes in further ones."""
    if _open:
        _open[0].add(report)
        return _open[0]
    dialog = ReportDialog(report, path, parent)
    _open.append(dialog)

    def gone() -> None:
        _open.clear()
        dialog.deleteLater()

    dialog.finished.connect(gone)
    dialog.open() if parent is not None else dialog.show()
    return dialog
