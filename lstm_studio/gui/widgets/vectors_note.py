"""How many words of the open data a file of word vectors knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.config.describe import options
from lstm_studio.config.together import idle
from lstm_studio.data.kinds import kind_of
from lstm_studio.gui.i18n import error_text, number, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.widgets.basic import Label, Muted, line
from lstm_studio.gui.widgets.token_axis import quoted

if TYPE_CHECKING:
    from lstm_studio.data.vectors import Coverage
    from lstm_studio.gui.session import Session


class VectorsNote(QWidget):
    """Hidden where no pretrained vectors are chosen or could be used; else counts by itself when that changes."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: object = None
        self._of = session.config
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.title, self.details = Label(""), Muted("")
        self.second_title, self.second_details = Label(""), Muted("")
        layout.addWidget(line())
        for label in (self.title, self.details, self.second_title, self.second_details):
            label.setWordWrap(True)
            layout.addWidget(label)
        self.second_title.setContentsMargins(0, 4, 0, 0)
        self.hide()
        session.config_changed.connect(self.refresh)
        session.dataset_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Count again if a file, the data or how it is cut is another one."""
        session = self._session
        config, dataset = session.config, session.dataset
        known = {option.name for option in options(type(config.model), config.task)}
        void = idle(config.task, config.data)
        files = {side: path for side, path in config.model.vector_files.items() if side in known and side not in void}
        if not files or dataset is None:
            self._asked = None
            session.jobs.cancel("vectors")
            self.hide()
            return
        self._of = config
        asked = (files, str(dataset.path), config.data)
        if asked == self._asked:
            return
        self._asked = asked
        table, data = dataset.table, config.data
        self._say(tr("Counting the words that have a vector."))

        def work(progress: Progress) -> dict[str, Coverage]:
            from lstm_studio.data.vector_coverage import look_coverage

            found = {}
            for place, (side, path) in enumerate(files.items()):

                def part(share: float, words: str, begun: float = place / len(files)) -> None:
                    progress(begun + max(0.0, share) / len(files), words)

                found[side] = look_coverage(table, data, path, part, side=side)
            return found

        session.jobs.start(
            work,
            done=self._show,
            failed=lambda error: self._say(tr("The words with a vector cannot be counted."), error_text(error)),
            progress=lambda share, words: self._say(tr("Counting the words that have a vector."), tr(words)),
            channel="vectors",
        )

    def _show(self, found: dict[str, Coverage]) -> None:
        kind = kind_of(self._session.config.data)
        said: list[str] = []
        for (side, coverage), label in zip(found.items(), (self.details, self.second_details), strict=False):
            title, lines, more = _words(coverage)
            if kind.writes is not None:
                title = f"{tr(kind.roles[0 if side == 'vectors' else 1].title)}: {title}"
            several = len(found) > 1  # there is no room for all of it twice
            said += [title, "\n".join(lines if several else [*lines, *more])]
            label.setToolTip("\n".join(more) if several else "")
        self._say(*said)
        one = next(iter(found.values()))
        self._session.start_with(self._of, one.size, sum(coverage.more for coverage in found.values()))

    def _say(self, *words: str) -> None:
        labels = (self.title, self.details, self.second_title, self.second_details)
        for label, text in zip(labels, [*words, "", "", ""], strict=False):
            label.setText(text)
            label.setVisible(bool(text))
        self.show()


def _words(found: Coverage) -> tuple[str, list[str], list[str]]:
    """One sentence, lines of details, and what may be left for a tooltip."""
    share = f"{100 * found.share:.1f}\u00a0%"
    title = tr("{found} of {total} words have a vector ({share})", found=number(found.found),
               total=number(found.total), share=share)  # fmt: skip
    lines = [tr("{exact} as they are written, {lowered} by their lower-case form.", exact=number(found.exact),
                lowered=number(found.lowered))]  # fmt: skip
    if found.missing:
        words = ", ".join(map(quoted, found.missing))
        missing = number(found.total - found.found)
        lines.append(tr("{n} have none; the most frequent of these: {words}", n=missing, words=words))
    more = [tr("{n} more words of the file will be known too.", n=number(found.more))] if found.more else []
    more += [tr("A vector has {n} numbers, and so has the embedding of the run.", n=number(found.size))]
    if found.share_text is not None:
        more.insert(
            0, tr("The words that have one make up {share} of the text.", share=f"{100 * found.share_text:.1f}\u00a0%")
        )
    return title, lines, more
