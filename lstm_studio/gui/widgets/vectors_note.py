"""How many words of the open data a file of word vectors knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.config.describe import options
from lstm_studio.gui.i18n import error_text, number, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.widgets.basic import Label, Muted, line
from lstm_studio.gui.widgets.token_axis import quoted

if TYPE_CHECKING:
    from lstm_studio.data.vectors import Coverage
    from lstm_studio.gui.session import Session


class VectorsNote(QWidget):
    """Hidden where the task has no pretrained vectors or none are chosen; else counts by itself when that changes."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: object = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.title = Label("")
        self.details = Muted("")
        for label in (self.title, self.details):
            label.setWordWrap(True)
        layout.addWidget(line())
        layout.addWidget(self.title)
        layout.addWidget(self.details)
        self.hide()
        session.config_changed.connect(self.refresh)
        session.dataset_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Count again if the file, the data or how it is cut is another one."""
        session = self._session
        config, dataset = session.config, session.dataset
        path = config.model.vectors
        known = any(option.name == "vectors" for option in options(type(config.model), config.task))
        if path is None or not known or config.model.encoding != "embedding" or dataset is None:
            self._asked = None
            self.hide()
            return
        asked = (path, str(dataset.path), config.data)
        if asked == self._asked:
            return
        self._asked = asked
        table, data = dataset.table, config.data
        self._say(tr("Counting the words that have a vector."))

        def work(progress: Progress) -> Coverage:
            from lstm_studio.data.vector_coverage import look_coverage

            return look_coverage(table, data, path, progress)

        session.jobs.start(
            work,
            done=self._show,
            failed=lambda error: self._say(tr("The words with a vector cannot be counted."), error_text(error)),
            progress=lambda share, words: self._say(tr("Counting the words that have a vector."), tr(words)),
            channel="vectors",
        )

    def _show(self, found: Coverage) -> None:
        share = f"{100 * found.share:.1f} %"
        title = tr("{found} of {total} words have a vector ({share})", found=number(found.found),
                   total=number(found.total), share=share)  # fmt: skip
        lines = [tr("{exact} as they are written, {lowered} by their lower-case form.", exact=number(found.exact),
                    lowered=number(found.lowered))]  # fmt: skip
        if found.share_text is not None:
            lines.append(tr("They make up {share} of the text.", share=f"{100 * found.share_text:.1f} %"))
        if found.missing:
            words = ", ".join(map(quoted, found.missing))
            missing = number(found.total - found.found)
            lines.append(tr("{n} have none; the most frequent of these: {words}", n=missing, words=words))
        self._say(title, "\n".join(lines))

    def _say(self, title: str, details: str = "") -> None:
        self.title.setText(title)
        self.details.setText(details)
        self.details.setVisible(bool(details))
        self.show()
