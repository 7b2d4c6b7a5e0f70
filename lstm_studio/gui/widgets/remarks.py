"""What a tutor would say of a run, remark by remark; beside the log, in the same place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.remarks_watch import RemarksWatch, advice_words, sentence_words, title_words
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    Dot,
    Label,
    Muted,
    SegmentedControl,
    describe,
    empty,
    line,
)
from lstm_studio.inspection.evidence import Finding

ROLES = {"fault": "danger", "warning": "warning", "hint": "accent"}


class Remark(QWidget):
    """One finding: what, the numbers behind it, what to do, and a button that does it."""

    applied = Signal(object)

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(S1)
        kinds = {"fault": tr("Spoils the run"), "warning": tr("Costs something"), "hint": tr("Worth a thought")}
        dot = Dot(ROLES[finding.severity])
        dot.setToolTip(kinds[finding.severity])
        dot.setAccessibleName(kinds[finding.severity])
        self.title = Label(title_words(finding), wrap=True)
        self.title.setFont(font("body", bold=True))
        head.addWidget(dot, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.title, 1)
        column.addLayout(head)
        self.sentence = Label(sentence_words(finding), tone="muted", wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.sentence)
        self.button: Button | None = None
        advice = advice_words(finding)
        if advice:
            column.addWidget(Label(f"{advice}.", wrap=True))
        if finding.remedy:
            self.button = Button(tr("Use for a new run"), "arrow_right", lambda: self.applied.emit(finding))
            tip = tr(
                "Takes this run's settings with that change, and shows them on the Model page; this can be undone."
            )
            describe(self.button, f"{self.button.text()}: {advice}", tip)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)


class RemarkList(QScrollArea):
    """All remarks below each other; what will be here while there are none."""

    applied = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(self, tr("Remarks"), "")
        self._inside = QWidget()
        self._inside.setObjectName("content")
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(S1 + 4)
        self.setWidget(self._inside)
        self.remarks: list[Remark] = []
        self.words = Muted("")
        self.set_findings((), looked=False)

    def set_findings(self, findings: Sequence[Finding], *, looked: bool) -> None:
        """Show these; those that are shown already stay, and so does the place that was scrolled to."""
        place = self.verticalScrollBar().value()
        empty(self._column)
        self.remarks = []
        if not looked:
            words = tr("What a tutor would say of this run will stand here, from the first epoch on.")
        elif not findings:
            words = tr("Nothing to remark: curves, answers and gates look healthy.")
        else:
            words = tr("What a tutor would say, from the curves, the answers and the inside of this run.")
        self.words = Muted(words)
        self._column.addWidget(self.words)
        for finding in findings:
            self._column.addWidget(line())
            remark = Remark(finding)
            remark.applied.connect(self.applied)
            self.remarks.append(remark)
            self._column.addWidget(remark)
        self._column.addStretch(1)
        self.verticalScrollBar().setValue(place)


class NotesCard(Card):
    """The log and the remarks in one place, with a switch that says how many remarks there are."""

    def __init__(self, watch: RemarksWatch, log: QWidget, tools: Sequence[QWidget]) -> None:
        """``log`` is shown for "Log", with ``tools`` in the head of the card."""
        super().__init__()
        self.watch, self._tools = watch, list(tools)
        self.setAccessibleName(tr("Log and remarks"))
        self.which = SegmentedControl(self._options(), "log", tr("Log and remarks"))
        self.header.insertWidget(0, self.which)
        for tool in tools:
            self.header.addWidget(tool)
        self.list = RemarkList()
        self.list.applied.connect(watch.apply)
        self.stack = QStackedWidget()
        self.stack.addWidget(log)
        self.stack.addWidget(self.list)
        self.body.addWidget(self.stack, 1)
        self.which.changed.connect(self._switch)
        watch.changed.connect(self.refresh)
        self.refresh()

    def _options(self) -> list[tuple[str, str, str]]:
        count = len(self.watch.findings)
        remarks = f"{tr('Remarks')} · {count}" if count else tr("Remarks")
        return [
            ("log", tr("Log"), tr("What the run reported.")),
            ("remarks", remarks, tr("What a tutor would say of this run, and what to do about it.")),
        ]

    def refresh(self) -> None:
        """Follow the watch."""
        options = self._options()
        if self.which.buttons[1].text() != options[1][1]:
            self.which.buttons[1].setText(options[1][1])
            self.which.buttons[1].setAccessibleName(options[1][1])
        self.list.set_findings(self.watch.findings, looked=self.watch.looked)

    def _switch(self, which: str) -> None:
        self.stack.setCurrentIndex(0 if which == "log" else 1)
        for tool in self._tools:
            tool.setVisible(which == "log")

    def show_remarks(self) -> None:
        """Turn to the remarks."""
        self.which.set_value("remarks")
        self._switch("remarks")
