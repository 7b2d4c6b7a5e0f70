"""All examples of two networks joined: counts of who is right, whether that can be chance, and the examples behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, ntr, number, tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.session_types import Loading
from lstm_studio.gui.theme import S2, S3
from lstm_studio.gui.widgets.basic import Card, EmptyState, Label, Muted, Stat
from lstm_studio.gui.widgets.compare_table import FourCounts, PairedTable
from lstm_studio.gui.widgets.examples_reader import ExamplesReader
from lstm_studio.gui.widgets.loading_strip import LoadingStrip
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.network_choice import Network
from lstm_studio.gui.widgets.results_body import Given
from lstm_studio.inspection.paired import Outcome, Paired, pair

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.examples import Examples

_PART = "validation"
_SURE = 0.05


class CompareExamples(QWidget):
    """Reads both, joins them, lists."""

    sentence_asked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.reader = ExamplesReader.of(session)
        self.paired: Paired | None = None
        self.outcome: Outcome = "first"
        self._networks: tuple[Network, Network] | None = None
        self._names = ("", "")
        self._job: Job | None = None
        self._stopped = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        self.loading = LoadingStrip(self.stop)
        column.addWidget(self.loading)
        self.pages = QStackedWidget()
        self.empty = EmptyState("compare", "", "", [(tr("Read the examples"), self.read, False)])
        self.pages.addWidget(self.empty)
        self.content = QSplitter(Qt.Orientation.Horizontal)
        self.content.setChildrenCollapsible(False)
        self.content.setHandleWidth(S2)
        self.content.addWidget(self._counts_card())
        self.content.addWidget(self._list_card())
        self.content.setStretchFactor(0, 2)
        self.content.setStretchFactor(1, 5)
        self.content.setSizes([350, 850])
        self.pages.addWidget(self.content)
        column.addWidget(self.pages, 1)

    def _counts_card(self) -> Card:
        card = Card(tr("Who is right"))
        card.setMinimumWidth(310)
        figures = QHBoxLayout()
        figures.setSpacing(S3)
        self.figures = (Stat("A"), Stat("B"))
        for figure in self.figures:
            figures.addWidget(figure)
        figures.addStretch(1)
        card.body.addLayout(figures)
        self.counts = FourCounts()
        self.counts.picked.connect(self._pick)
        card.body.addWidget(self.counts)
        self.verdict = Label("", wrap=True)
        card.body.addWidget(self.verdict)
        self.test = Muted("")
        card.body.addWidget(self.test)
        card.body.addStretch(1)
        return card

    def _list_card(self) -> Card:
        card = Card(tr("Examples"))
        card.setMinimumWidth(460)
        self.listed = Muted("", wrap=False)
        card.header.addWidget(self.listed)
        self.table = PairedTable()
        self.table.opened.connect(self._open)
        self.nothing = Label(tr("No example is like this."), tone="muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.lists = QStackedWidget()
        self.lists.addWidget(self.table)
        self.lists.addWidget(self.nothing)
        card.body.addWidget(self.lists, 1)
        return card

    # -- reading --------------------------------------------------------------------------------------------

    def set_networks(self, networks: tuple[Network, Network], names: tuple[str, str]) -> None:
        """Compare other networks."""
        if networks != self._networks:
            self.leave()
            self.paired, self._stopped = None, False
        self._networks, self._names = networks, names
        if self.isVisible() and self.paired is None and self._job is None and not self._stopped:
            self.read()

    def read(self) -> None:
        """Read what is not known yet, then join."""
        self._stopped = False
        found: list[Examples] = []
        networks = self._networks
        if networks is None:
            return

        def next_one() -> None:
            if networks != self._networks:
                return
            if len(found) == 2:
                self._join(found[0], found[1])
                return
            network, name = networks[len(found)], self._names[len(found)]
            known = self.reader.known(network, _PART)
            if known is not None and self.reader.fresh(network, _PART):
                found.append(known)
                next_one()
                return
            half = len(found) / 2
            self.loading.show_loading(Loading(name, half))
            self._job = self.reader.read(
                network,
                _PART,
                read,
                self._failed,
                lambda share, words: self.loading.show_loading(Loading(name, half + share / 2, words)),
                "compare-examples",
            )
            self._say(tr("The examples are being read"))

        def read(examples: Examples) -> None:
            found.append(examples)
            next_one()

        next_one()

    def _join(self, one: Examples, other: Examples) -> None:
        networks = self._networks

        def work(progress: Progress) -> Paired:
            return pair(one, other)

        def done(paired: Paired) -> None:
            self._job = None
            self.loading.show_loading(None)
            if networks == self._networks:
                self._show(paired)

        self._job = self.session.jobs.start(work, done=done, failed=self._failed, channel="compare-examples")

    def _failed(self, error: Exception) -> None:
        self._job = None
        self.loading.show_loading(None)
        if isinstance(error, StudioError):
            self._stopped = True
            self._say(tr("The examples cannot be read"), error_text(error))
        elif not isinstance(error, Cancelled):
            hub().fail(error)

    def stop(self) -> None:
        """End reading."""
        self.leave()
        self._stopped = True
        self._say(tr("No examples have been read yet"))

    def leave(self) -> None:
        """Nobody waits any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.loading.show_loading(None)

    # -- showing --------------------------------------------------------------------------------------------

    def _say(self, title: str, text: str = "", *, again: bool = True) -> None:
        self.empty.title.setText(title)
        usual = tr("Both networks answer the validation texts; here stands on which of them only one is right.")
        self.empty.text.setText(text or usual)
        self.empty.buttons[0].setVisible(self._job is None and again)
        self.pages.setCurrentWidget(self.empty)

    def _show(self, paired: Paired) -> None:
        self.paired = paired
        if not len(paired):
            self._say(
                tr("The two runs have no example in common"),
                tr("They were checked with other texts: their files, their split or their units differ."),
                again=False,
            )
            return
        self.pages.setCurrentWidget(self.content)
        title = metric_title(paired.one.figure)
        for letter, figure, of, rows in (
            ("A", self.figures[0], paired.one, paired.rows),
            ("B", self.figures[1], paired.other, paired.others),
        ):
            figure.title.setText(f"{letter} · {title}")
            figure.setAccessibleName(f"{letter} · {title}")
            figure.set_value(shown_metric(of.figure, of.value(rows)))
        self._tell(paired)
        if not paired.told and self.outcome not in ("first", "second"):
            self.outcome = "first"
        if not paired.count(self.outcome) and paired.count("second"):
            self.outcome = "second"
        self.counts.show_counts(paired, self.outcome)
        self._list()

    def _tell(self, paired: Paired) -> None:
        first, second = paired.count("first"), paired.count("second")
        share = f"{100 * paired.p:.1f} %" if paired.p >= 0.001 else "< 0.1 %"
        if first == second == 0:
            self.verdict.setText(tr("The two networks are right and wrong on the same examples."))
        elif paired.p < _SURE:
            better = "A" if first > second else "B"
            self.verdict.setText(tr("{letter} is better here, and chance hardly explains it.", letter=better))
        else:
            self.verdict.setText(tr("The two differ no more than chance alone can make them differ."))
        several = ntr("{n} example in common.", "{n} examples in common.", len(paired))
        test = tr(
            "Only one is better on {first} (A) and {second} (B). Were both equally good, chance alone would divide "
            "them so unevenly in {share} of cases (McNemar's exact test).",
            first=number(first),
            second=number(second),
            share=share,
        )
        apart = max(len(paired.one), len(paired.other)) - len(paired)
        left = ntr("{n} other is left out.", "{n} others are left out.", apart) if apart > 0 else ""
        right = ""
        if paired.one.figure == "f1":
            right = tr("A sentence is right if all of its spans are.")
        elif paired.one.figure == "chrf":
            right = tr("A text is right if it equals a right answer word for word.")
        self.test.setText(" ".join(part for part in (several, left, test, right) if part))

    def _pick(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._list()

    def _list(self) -> None:
        paired = self.paired
        if paired is None:
            return
        places: np.ndarray = paired.places(self.outcome)
        self.table.show_places(paired, places)
        self.lists.setCurrentWidget(self.table if len(places) else self.nothing)
        words = self.counts.words(self.outcome, paired.told)
        self.listed.setText(f"{words} · {number(len(places))}")

    def _open(self, row: int) -> None:
        paired = self.paired
        if paired is None:
            return
        self.session.jobs.start(
            lambda progress: paired.one.question(row),
            done=lambda asked: self.sentence_asked.emit(Given(**asked)),
            channel="examples-open",
        )
