"""What if a gate were held open, a unit silent, or another word in the text?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.answer_change import verbs_of
from lstm_studio.gui.widgets.answer_chips import VerbChips
from lstm_studio.gui.widgets.basic import Muted, SegmentedControl
from lstm_studio.gui.widgets.inside_view import InsideView, Seen
from lstm_studio.gui.widgets.whatif_ablate import AblatePane
from lstm_studio.gui.widgets.whatif_clamp import ClampPane
from lstm_studio.gui.widgets.whatif_texts import TextsPane

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

CLAMP, ABLATE, TEXTS = "clamp", "ablate", "texts"


class WhatIfView(InsideView):
    """Three ways to meddle with a network: clamps, ablation, another text."""

    name = "whatif"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._seen: Seen | None = None
        self._verb: int | None = None
        self._read: tuple[tuple[str, ...], dict[str, Any]] | None = None
        self._verbs_asked = False
        self._run = session.selected_run
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self._about = {
            CLAMP: tr("Drag over cells, or press Enter on one: they are held at a value, and the answer follows."),
            ABLATE: tr("What the network loses on validation texts when one unit of this layer tells nothing."),
            TEXTS: tr("One gate over two texts: as the one above is read, as the second is, and what differs."),
        }
        self.switch = SegmentedControl(
            [
                (CLAMP, tr("Clamp"), self._about[CLAMP]),
                (ABLATE, tr("Ablate"), self._about[ABLATE]),
                (TEXTS, tr("Two texts"), self._about[TEXTS]),
            ],
            session.settings.noted("inspect", "whatif", CLAMP),
            tr("What to try"),
        )
        self.switch.changed.connect(self._chosen)
        self.sentence = Muted("")
        row.addWidget(self.switch)
        row.addWidget(self.sentence, 1)
        column.addLayout(row)
        self.verbs = VerbChips(every=False)
        self.verbs.chosen.connect(self._verb_chosen)
        self.verb_row = QWidget()
        row = QHBoxLayout(self.verb_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        row.addWidget(Muted(tr("Roles that belong to"), wrap=False))
        row.addWidget(self.verbs, 1)
        column.addWidget(self.verb_row)
        self.clamp, self.ablate, self.texts = ClampPane(session), AblatePane(session), TextsPane(session)
        self.panes: dict[str, ClampPane | AblatePane | TextsPane] = {
            CLAMP: self.clamp,
            ABLATE: self.ablate,
            TEXTS: self.texts,
        }
        self.stack = QStackedWidget()
        for pane in self.panes.values():
            self.stack.addWidget(pane)
            pane.unit_asked.connect(self.unit_asked)
        self.clamp.failed.connect(self._complain)
        column.addWidget(self.stack, 1)
        self._show()

    @staticmethod
    def title() -> str:
        return tr("What if")

    @staticmethod
    def help() -> str:
        return tr("Hold gates at a value, silence units, or change the text, and see what becomes of the answer.")

    def show_seen(self, seen: Seen | None) -> None:
        if self.session.selected_run != self._run:
            self._run = self.session.selected_run
            self._read = None
            self.ablate.forget()
        if self._seen is None or seen is None or self._seen.trace is not seen.trace:
            self.sentence.setText(self._about[self.switch.value()])
            self.sentence.set_tone("small")
        of = (seen.trace.tokens, dict(seen.asked)) if seen is not None else None
        if of != self._read:
            self._read, self._verb, self._verbs_asked = of, None, False
            self.verbs.set_verbs([], None)
            self._show_verbs()
        self._seen = seen
        self._ask_verbs()
        self.panes[self.switch.value()].show_seen(self._given())

    # -- which verb -----------------------------------------------------------------------------------------

    def _given(self) -> Seen | None:
        """What the panes look at: read for the chosen verb."""
        if self._seen is None or self._verb is None:
            return self._seen
        return replace(self._seen, asked={**self._seen.asked, "predicate": self._verb})

    def _ask_verbs(self) -> None:
        """Where an answer belongs to one word, find out to which other words there are some."""
        if self._seen is None or self._seen.trace.marked is None or self._verbs_asked:
            return
        trace, marked, self._verbs_asked = self._seen.trace, self._seen.trace.marked, True
        asked = {name: value for name, value in self._seen.asked.items() if name != "predicate"}

        def done(verbs: list[tuple[int, str]]) -> None:
            known = {marked: trace.tokens[marked], **dict(verbs)}
            self.verbs.set_verbs(sorted(known.items()), marked if self._verb is None else self._verb)
            self._show_verbs()

        self.session.with_predictor(
            lambda predictor: verbs_of(predictor.predict([trace.text], **asked)[0]),
            done=done,
            failed=self._complain,
            channel="whatif-verbs",
        )

    def _verb_chosen(self, place: int) -> None:
        self._verb = place
        self.panes[self.switch.value()].show_seen(self._given())

    def _show_verbs(self) -> None:
        self.verb_row.setVisible(len(self.verbs.buttons) > 1 and self.switch.value() != ABLATE)

    def leave(self) -> None:
        if not self.verbs.buttons:
            self.session.jobs.cancel("whatif-verbs")
            self._verbs_asked = False
        for pane in self.panes.values():
            pane.leave()

    def choose(self, name: str) -> None:
        """Show one by its name, as a click on the switch does."""
        self.switch.set_value(name)
        self._chosen(name)

    def _chosen(self, name: str) -> None:
        self.session.settings.note("inspect", whatif=name)
        self.session.save_soon()
        self._show()
        self.panes[name].show_seen(self._given())

    def _show(self) -> None:
        name = self.switch.value()
        for other, pane in self.panes.items():
            if other != name:
                pane.leave()
        self.stack.setCurrentWidget(self.panes[name])
        self._show_verbs()
        self.sentence.setText(self._about[name])
        self.sentence.set_tone("small")

    @Slot(object)
    def _complain(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self.sentence.setText(error_text(error))
            self.sentence.set_tone("danger")
        else:
            hub().fail(error)
