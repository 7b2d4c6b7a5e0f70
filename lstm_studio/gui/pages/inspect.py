"""Inspect: what happens inside while the network reads a text."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui import icons
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1, S2, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import (
    Banner,
    Button,
    Card,
    EmptyState,
    Label,
    Muted,
    SegmentedControl,
    describe,
    set_enabled,
)
from lstm_studio.gui.widgets.gate_panel import GateGrid, GateStatus
from lstm_studio.gui.widgets.layer_choice import LayerChoice
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.token_strip import TokenScroll, TokenStrip
from lstm_studio.gui.widgets.unit_trace import UnitTrace, arithmetic

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.trace import TextTrace

_TYPING = 250
_LONGEST = 20_000
_KEPT_TEXTS = 400
_LIVE_SECONDS = 2.0
_LIVE_SHARE = 20
"""While the run trains, looking inside may take one part in so many of its time."""


class InspectPage(Page):
    """One text through the selected run's network: tokens, gates, one unit."""

    name = "inspect"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.trace: TextTrace | None = None
        self._order: np.ndarray | None = None
        self._order_of: tuple[object, ...] = ()
        self._texts: tuple[Path | None, list[str]] = (None, [])
        self._asked = 0.0
        self._took = 0.0
        self._stale = True
        self.pages = QStackedWidget()
        self.layout_.addWidget(self.pages)
        self.empty = EmptyState(
            "inspect",
            tr("Nothing to look into yet"),
            tr("Train a network or choose a finished run; then every gate at every word of any text can be seen here."),
            [
                (tr("Go to training"), lambda: session.page_requested.emit("train"), True),
                (tr("Choose a run"), lambda: session.page_requested.emit("runs"), False),
            ],
        )
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addWidget(self._text_card())
        column.addWidget(self._gate_card(), 7)
        column.addWidget(self._unit_card(), 2)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(content)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self._ask)
        session.selected_run_changed.connect(self._run_changed)
        session.run_changed.connect(self._run_changed)
        session.events_arrived.connect(self._learned)
        theme_notifier().changed.connect(self._show_arithmetic)
        theme_notifier().changed.connect(self._show_verdict)
        self.text.setPlainText(str(session.settings.noted("inspect", "text", "") or ""))
        self._run_changed()

    # -- building -------------------------------------------------------------------------------------------

    def _text_card(self) -> Card:
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(tr("Type or paste a text to look inside the network while it reads it"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(38)
        self.text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.textChanged.connect(self._typed)
        describe(self.text, tr("Text"), tr("The network reads this text; everything below follows."), "Ctrl+L")
        row.addWidget(self.text, 1)
        self.take = Button(tr("A validation text"), "sample", self._take_text)
        describe(
            self.take,
            self.take.text(),
            tr("Takes one at random of the texts that this network was checked with."),
            "Ctrl+R",
        )
        row.addWidget(self.take)
        card.body.addLayout(row)
        self.strip = TokenStrip()
        self.strip.cursor_moved.connect(self._strip_moved)
        self.tokens_area = TokenScroll(self.strip)
        self.verdict = Label("", "small", tabular=True)
        self.verdict.setTextFormat(Qt.TextFormat.RichText)
        self.note = Muted("", wrap=False)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignRight)
        said.addWidget(self.note, 0, Qt.AlignmentFlag.AlignRight)
        said.addStretch(1)
        second = QHBoxLayout()
        second.setSpacing(S2)
        second.addWidget(self.tokens_area, 1)
        second.addLayout(said)
        card.body.addLayout(second)
        self.problem = Banner("warning")
        self.problem.hide()
        card.body.addWidget(self.problem)
        return card

    def _gate_card(self) -> Card:
        card = Card(tr("Gates"))
        self.layers = LayerChoice()
        self.layers.changed.connect(self._refresh)
        self.sort = SegmentedControl(
            [
                ("number", tr("By number"), tr("Units stand in the order in which the network numbers them.")),
                ("activity", tr("By activity"), tr("Units that move most over this text stand on top.")),
                ("similarity", tr("By similarity"), tr("Units that rise and fall together stand together.")),
            ],
            self.session.settings.noted("inspect", "sort", "similarity"),
            tr("Order of the units"),
        )
        self.sort.changed.connect(self._sorted)
        self.save = Button(tr("Save"), "save")
        self.save.setProperty("menu", "true")
        describe(self.save, tr("Save the gates"), tr("As a picture to show, or as numbers to compute with."))
        menu = QMenu(self.save)
        for words, kind, icon in (
            (tr("Picture (PNG)"), "png", "inspect"),
            (tr("Numbers (NumPy, npz)"), "npz", "table"),
        ):
            action = QAction(icons.icon(icon), words, menu)
            action.triggered.connect(lambda _=False, kind=kind: self._ask_where(kind))
            menu.addAction(action)
        self.save.setMenu(menu)
        for widget in (self.layers, self.sort, self.save):
            card.header.addWidget(widget)
        self.grid = GateGrid()
        self.grid.view.cursor_changed.connect(self._cursor_moved)
        self.grid.view.chosen_changed.connect(self._chosen)
        self.status = GateStatus(self.grid)
        card.body.addWidget(self.grid, 1)
        card.body.addWidget(self.status)
        return card

    def _unit_card(self) -> Card:
        card = Card(tr("One unit"))
        self.unit_title = card.title
        self.formula = Label("", tabular=True)
        self.formula.setTextFormat(Qt.TextFormat.RichText)
        self.formula.setFont(font("body", tabular=True))
        card.header.addWidget(self.formula)
        self.unit = UnitTrace(self.grid.view)
        self.units = QStackedWidget()
        self.hint = Muted(
            tr("Click a unit in a heatmap, or press Enter on it: its gates and its memory over the text stand here.")
        )
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.units.addWidget(self.hint)
        self.units.addWidget(self.unit)
        card.body.addWidget(self.units, 1)
        return card

    # -- following the session ------------------------------------------------------------------------------

    def on_shown(self) -> None:
        """Look again: the network may have learned meanwhile."""
        self._run_changed()

    @Slot()
    def _run_changed(self) -> None:
        run = self.session.selected_run
        self.pages.setCurrentIndex(0 if run is None else 1)
        if run is None:
            self._clear()
            return
        self._stale = True
        if self.isVisible():
            if not self.text.toPlainText().strip():
                self._propose()
            self._ask()

    @Slot(list)
    def _learned(self, _events: list[object]) -> None:
        """The live network has moved on: look again now and then, without holding it up."""
        if not self.isVisible() or not self.session.showing_active or self._typing.isActive() or self._asked:
            return
        if time.monotonic() - self._last_look > max(_LIVE_SECONDS, _LIVE_SHARE * self._took):
            self._ask()

    _last_look = 0.0

    def _propose(self) -> None:
        """A first text, so that the page is never empty: the probe sentence, else one to validate with."""
        history = self.session.history
        if history is not None and history.snapshots:
            self.text.setPlainText(history.snapshots[-1].text)
        elif self.session.config.training.probe_text:
            self.text.setPlainText(self.session.config.training.probe_text)
        elif not self.session.training:
            self._take_text()

    # -- asking ---------------------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._typing.start()

    @Slot()
    def _ask(self) -> None:
        self._typing.stop()
        text = self.text.toPlainText()[:_LONGEST]
        if self.session.selected_run is None or not self.isVisible():
            return
        if not text.strip():
            self._clear()
            return
        self.session.settings.note("inspect", text=text[:2000])
        self._asked = time.monotonic()
        self._last_look = self._asked
        self.session.with_predictor(
            lambda predictor: predictor.trace(text), done=self._traced, failed=self._failed, channel="inspect"
        )

    def _traced(self, trace: TextTrace) -> None:
        self._took, self._asked, self._stale = time.monotonic() - self._asked, 0.0, False
        self.problem.hide()
        same = self.trace is not None and trace.tokens == self.trace.tokens
        self.trace = trace
        if not same:
            self._order_of = ()
        self.layers.set_layers(trace.layers)
        self._show_tokens()
        self._refresh()

    def _failed(self, error: Exception) -> None:
        self._asked = 0.0
        if isinstance(error, StudioError):
            self._clear()
            self.problem.show_message("warning", error.message())
            self.problem.show()
        else:
            hub().fail(error)

    def _clear(self) -> None:
        self.trace = None
        self.problem.hide()
        self.strip.set_tokens([])
        self.tokens_area.fit()
        self.verdict.setText("")
        self.note.setText("")
        self.grid.set_gates([], None)
        self._show_unit()
        set_enabled(self.save, False, tr("There is nothing to save yet; type a text first."))

    # -- showing --------------------------------------------------------------------------------------------

    def _show_tokens(self) -> None:
        trace = self.trace
        assert trace is not None
        self.strip.set_tokens(trace.tokens, trace.known, trace.prefix_probabilities, trace.classes)
        self.tokens_area.fit()
        self._show_verdict()
        words = [] if trace.cut or not all(trace.known) else [tr("Tint: the verdict had the text ended there")]
        unknown = trace.known.count(False)
        if unknown:
            words.append(ntr("{n} unknown word, dotted", "{n} unknown words, dotted", unknown))
        if trace.cut:
            words.append(ntr("{n} token too many left out", "{n} tokens too many left out", trace.cut))
        self.note.setText(" · ".join(words))
        set_enabled(self.save, True, "")

    @Slot()
    def _show_verdict(self) -> None:
        """The most probable classes, each with the colour that the tokens are tinted in."""
        if self.trace is None:
            self.verdict.setText("")
            return
        shares = self.trace.probabilities
        if shares is None:
            self._show_tags()
            return
        said = []
        for k in np.argsort(-shares)[:3]:
            share = f"{100 * float(shares[k]):.0f}"
            name = _escaped(self.trace.classes[k][:24])
            said.append(f'<span style="color:{theme().class_color(int(k)).name()}">■</span> {name} {share} %')
        self.verdict.setText("&nbsp;&nbsp;&nbsp;".join(said))
        self.verdict.setToolTip(tr("What the network says of the whole text; the tokens are tinted in these colours."))

    def _show_tags(self) -> None:
        """What was found on which words; the colours are those of the words."""
        assert self.trace is not None
        found = [_escaped(part[:60]) for part in self.trace.verdict.split(" · ")[:4] if part]
        self.verdict.setText("&nbsp;&nbsp;&nbsp;".join(found) or tr("Nothing was found."))
        self.verdict.setToolTip(tr("What the network found; each word is tinted in the colour of its likeliest tag."))

    @Slot()
    def _refresh(self) -> None:
        """Bring units in order, then show the chosen layer."""
        trace = self.trace
        if trace is None:
            return
        layer = self.layers.of(trace.layers)
        how = self.sort.value()
        if layer is None or how == "number":
            self._order, self._order_of = None, ()
            self._show_gates()
            return
        values = layer.values["c" if "c" in layer.values else "h"]
        key = (how, layer.name, values.shape, trace.tokens)
        if key == self._order_of:  # a live network: units keep their places while they learn
            self._show_gates()
            return

        def work(progress: Progress) -> np.ndarray:
            from lstm_studio.inspection.order import unit_order

            return unit_order(values, how)

        def done(order: np.ndarray) -> None:
            self._order, self._order_of = order, key
            self._show_gates()

        self.session.jobs.start(work, done=done, channel="inspect-order")

    def _show_gates(self) -> None:
        trace = self.trace
        layer = self.layers.of(trace.layers) if trace is not None else None
        if trace is None or layer is None:
            return
        units = next(iter(layer.values.values())).shape[1]
        order = self._order if self._order is not None and len(self._order) == units else None
        self.grid.set_gates(trace.tokens, layer, order)
        if self.grid.view.chosen is None and units:
            self.grid.view.choose(int(order[0]) if order is not None else 0)
        self._show_unit()

    @Slot()
    def _chosen(self) -> None:
        self._show_unit()

    def _show_unit(self) -> None:
        layer, unit = self.grid.layer, self.grid.view.chosen
        there = layer is not None and unit is not None
        self.units.setCurrentIndex(1 if there else 0)
        self.unit_title.setText(tr("Unit {n}", n=unit) if there else tr("One unit"))
        self.unit.set_unit(self.grid.tokens, layer.values if layer is not None else {}, unit if there else None)
        self._show_arithmetic()

    @Slot()
    def _show_arithmetic(self) -> None:
        layer, unit = self.grid.layer, self.grid.view.chosen
        if layer is None or unit is None or not self.grid.tokens:
            self.formula.setText("")
            return
        cursor = self.grid.view.cursor
        token = cursor[0] if cursor is not None else len(self.grid.tokens) - 1
        words = arithmetic(layer.values, unit, token, layer.direction == "backward")
        where = _escaped(tr("at “{token}”", token=quoted(self.grid.tokens[token][:20])))
        place = f'<span style="color:{theme().hex("text_muted")}">{where}</span>'
        self.formula.setText(f"{place}&nbsp;&nbsp;&nbsp;{words}" if words else "")
        self.formula.setToolTip(
            tr("How the memory and the output of this unit come about at the token under the cursor.")
        )

    @Slot()
    def _cursor_moved(self) -> None:
        cursor = self.grid.view.cursor
        self.strip.set_cursor(cursor[0] if cursor else None)
        if cursor and not self.strip.underMouse():
            self.tokens_area.show_token(cursor[0])
        self._show_arithmetic()

    @Slot(object)
    def _strip_moved(self, token: int | None) -> None:
        view = self.grid.view
        if token is None or not view.units:
            view.set_cursor(None)
            return
        chosen = view.chosen
        row = 0
        if chosen is not None:
            found = np.nonzero(self._order == chosen)[0] if self._order is not None else [chosen]
            row = int(found[0]) if len(found) else 0
        view.set_cursor((token, min(row, view.units - 1)))

    def _sorted(self, how: str) -> None:
        self.session.settings.note("inspect", sort=how)
        self.session.save_soon()
        self._refresh()

    # -- texts to validate with -----------------------------------------------------------------------------

    def _take_text(self) -> None:
        run = self.session.selected_run
        if run is None:
            return
        if self._texts[0] == run and self._texts[1]:
            self.text.setPlainText(random.choice(self._texts[1]))
            return
        set_enabled(self.take, False, tr("The texts are being looked up."))

        def work(progress: Progress) -> list[str]:
            from lstm_studio.runs.folder import RunFolder
            from lstm_studio.runs.places import cache_folder
            from lstm_studio.tasks import registry

            config = RunFolder(run).config
            prepared = registry.get(config.task).prepare(config, progress, cache_folder() / "prepared")
            count = len(prepared.validation)
            rows = random.sample(range(count), min(count, _KEPT_TEXTS))
            return [prepared.text("validation", row) for row in rows]

        def done(texts: list[str]) -> None:
            self._texts = (run, texts)
            set_enabled(self.take, True, "")
            if texts and self.session.selected_run == run:
                self.text.setPlainText(random.choice(texts))

        def failed(error: Exception) -> None:
            set_enabled(self.take, True, "")
            if isinstance(error, StudioError):
                self.problem.show_message("warning", error.message())
                self.problem.show()
            else:
                hub().fail(error)

        self.session.jobs.start(work, done=done, failed=failed, channel="inspect-texts")

    # -- saving ---------------------------------------------------------------------------------------------

    def _ask_where(self, kind: str) -> None:
        run = self.session.selected_run
        start = Path.home() / f"{run.name if run else 'gates'}.{kind}"
        title = tr("Save the picture") if kind == "png" else tr("Save the numbers")
        path, _ = QFileDialog.getSaveFileName(self, title, str(start), f"{kind.upper()} (*.{kind})")
        if path:
            self.save_to(Path(path).with_suffix(f".{kind}"))

    def save_to(self, path: Path) -> None:
        """Save the gates of the text as a picture of the chosen layer (.png) or as all numbers (.npz)."""
        trace = self.trace
        layer = self.layers.of(trace.layers) if trace is not None else None
        if trace is None or layer is None:
            return
        order, dark, name = self.sort.value(), theme().dark, layer.name

        def work(progress: Progress) -> Path:
            if path.suffix == ".png":
                from lstm_studio.gui.gate_picture import render

                render(trace, path, layer=name, order=order, dark=dark)
            else:
                from lstm_studio.runs.export import save_gates

                save_gates(trace, path)
            return path

        def done(saved: Path) -> None:
            self.session.notice.emit(Notice("success", tr("Saved as {file}.", file=str(saved)), key="inspect-save"))

        def failed(error: Exception) -> None:
            if isinstance(error, StudioError):
                self.problem.show_message("error", error.message())
                self.problem.show()
            else:
                hub().fail(error)

        self.session.jobs.start(work, done=done, failed=failed, channel="inspect-save")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
