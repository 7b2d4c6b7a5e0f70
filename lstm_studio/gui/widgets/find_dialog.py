"""Values that suit a run, measured before it: a learning rate, a batch size. One click takes the suggestion over."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.gui.help_pages import help_key
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2, S3
from lstm_studio.gui.widgets.basic import Button, Label, Muted, PrimaryButton, Title, describe, set_enabled, tidy
from lstm_studio.gui.widgets.dialog_body import DialogBody, fit

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

CHANNEL = "find-value"


class FindDialog(QDialog):
    """Measures when told to (``begin``); closing it ends that. What is measured, the subclass says."""

    field = ""
    """Dotted name of the setting."""
    wide = 640

    def __init__(self, session: Session, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.suggestion: float | int | None = None
        self._came: deque[Any] = deque()
        self._job: Job | None = None
        self.setWindowTitle(title)
        help_key(self, "model.find")
        column = QVBoxLayout(self)
        column.setContentsMargins(S3, S3, S3, S3)
        column.setSpacing(S2)
        body = DialogBody(title)
        body.box.setSpacing(S2)
        body.box.addWidget(Title(title))
        body.box.addWidget(Label(sentence, tone="muted", wrap=True))
        body.box.addWidget(self._picture(), 1)
        self.words = Label("", wrap=True)
        self.words.setMinimumHeight(3 * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        body.box.addWidget(self.words)
        column.addWidget(body, 1)
        column.addLayout(self._foot())
        tidy(self)
        fit(self, self.wide)

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the measurement"))
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.step = Muted("", wrap=False)
        self.again = Button(tr("Measure again"), "refresh", self.begin)
        describe(self.again, self.again.text(), tr("Begins anew with the settings as they are now."))
        self.close_button = Button(tr("Close"), callback=self.reject)
        describe(self.close_button, tr("Close"), tr("Ends the measurement; the setting stays as it is."))
        self.use = PrimaryButton(tr("Use it"), "check", callback=self.take)
        row.addWidget(self.bar, 1)
        row.addWidget(self.step, 1)
        row.addWidget(self.again)
        row.addWidget(self.close_button)
        row.addWidget(self.use)
        return row

    # -- for subclasses --------------------------------------------------------------------------------------

    def _picture(self) -> QWidget:
        """Where the measurement is shown."""
        raise NotImplementedError

    def _measure(self, config: RunConfig, progress: Progress) -> Any:
        """The work, on a pool thread; what comes on the way goes to ``_came``."""
        raise NotImplementedError

    def _show_some(self, came: list[Any]) -> None:
        """What came since the last time."""
        raise NotImplementedError

    def _show(self, found: Any) -> str:
        """The outcome; sets ``suggestion`` and returns what one sees, in a sentence or two."""
        raise NotImplementedError

    def _clear(self) -> None:
        """Nothing was measured yet."""
        raise NotImplementedError

    def _named(self, value: float) -> str:
        """The suggestion as it is written."""
        raise NotImplementedError

    # -- the measurement -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Measure with the settings as they are."""
        session, config = self.session, self.session.config
        config = session.settings.applied(config)
        self._came.clear()
        self.suggestion = None
        self._clear()
        self.words.setText("")
        self._set_busy(True)
        session.jobs.cancel("estimate")
        self._job = session.jobs.start(
            lambda progress: self._measure(config, progress),
            done=self._done,
            failed=self._failed,
            progress=self._progress,
            channel=CHANNEL,
        )

    def _progress(self, share: float, words: str) -> None:
        if share >= 0:
            self.bar.setRange(0, 1000)
            self.bar.setValue(int(1000 * share))
        self.step.setText(tr(words) if words else "")
        self._take_in()

    def _take_in(self) -> None:
        came = [self._came.popleft() for _ in range(len(self._came))]
        if came:
            self._show_some(came)

    def _done(self, found: Any) -> None:
        self._job = None
        self._take_in()
        self.words.setText(self._show(found))
        self._set_busy(False)

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._set_busy(False)
        if isinstance(error, StudioError):
            self.words.setText(error_text(error))
        else:
            hub().fail(error)

    def _set_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)
        self.step.setText("")
        self.step.setVisible(busy)
        why = tr("The measurement is still going on.")
        set_enabled(self.again, not busy, why)
        if self.suggestion is None:
            self.use.setText(tr("Use it"))
            set_enabled(self.use, False, why if busy else tr("There is nothing to suggest."))
            return
        words = tr("Use {value}", value=self._named(self.suggestion))
        self.use.setText(words)
        describe(self.use, words, tr("Takes the suggested value over into the settings."))
        set_enabled(self.use, True, "")
        self.use.setFocus(Qt.FocusReason.OtherFocusReason)

    def take(self) -> None:
        """Take the suggestion over."""
        if self.suggestion is not None:
            self.session.form_errors.pop(self.field, None)
            self.session.change(**{self.field: self.suggestion})
            self.accept()

    def done(self, result: int) -> None:
        """However it is left: the measurement ends with it."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        super().closeEvent(event)
