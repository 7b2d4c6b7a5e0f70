"""Model: presets, the form, the cell drawn, the equations in use, what it costs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.config import RunConfig, presets
from lstm_studio.gui.forms import ConfigForm
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.session_types import Estimate
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    ElidedLabel,
    IconButton,
    LinkButton,
    Muted,
    PrimaryButton,
    SegmentedControl,
    describe,
    line,
    set_enabled,
)
from lstm_studio.gui.widgets.cell_drawing import CellDrawing
from lstm_studio.gui.widgets.equations_view import EquationsView
from lstm_studio.gui.widgets.estimate_panel import EstimatePanel
from lstm_studio.gui.widgets.gates import kinds, variant_words
from lstm_studio.gui.widgets.network_strip import NetworkStrip
from lstm_studio.gui.widgets.token_axis import shown_piece
from lstm_studio.gui.widgets.vectors_note import VectorsNote

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

OWN = "own"
_FORM, _NARROW_FORM = 332, 300
_EQUATIONS, _NARROW_EQUATIONS = 336, 272
_NARROW = 1120


class ModelPage(Page):
    """Everything on it follows ``session.config``; the form writes to it through the session."""

    name = "model"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._own: RunConfig | None = None
        self._base = str(session.settings.noted("model", "base", "recommended"))
        self._check_base()
        self.layout_.addLayout(self._preset_row())
        middle = QHBoxLayout()
        middle.setSpacing(S2)
        middle.addWidget(self._form_card())
        middle.addWidget(self._drawing_card(), 1)
        middle.addWidget(self._equations_card())
        self.layout_.addLayout(middle, 1)
        self.layout_.addWidget(self._cost_card())
        for one, other in ((self.drawing, self.equations), (self.equations, self.drawing)):
            one.picked.connect(other.set_part)
            one.picked.connect(self._say_part)
        session.config_changed.connect(self.refresh)
        session.dataset_changed.connect(self._data_changed)
        session.health_changed.connect(self._show_costs)
        session.loading_changed.connect(self._show_costs)
        session.run_changed.connect(self._show_costs)
        session.estimate_changed.connect(self._estimated)
        self.form.errors_changed.connect(self._show_costs)
        self.refresh()
        self._data_changed()

    def _check_base(self) -> None:
        """Another task has other presets."""
        if self._base not in {preset.name for preset in presets.presets_of(self.session.config.task)}:
            self._base = "recommended"

    # -- parts ----------------------------------------------------------------------------------------------

    def _preset_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(S2)
        self.presets = SegmentedControl(self._preset_options(self.session.config.task, False), name=tr("Presets"))
        self._names = [preset.name for preset in presets.presets_of(self.session.config.task)]
        self.presets.changed.connect(self._choose_preset)
        self.preset_help = ElidedLabel(tone="muted")
        self.back = LinkButton("", "undo", self._back_to_preset)
        row.addWidget(self.presets)
        row.addWidget(self.preset_help, 1)
        row.addWidget(self.back)
        return row

    @staticmethod
    def _preset_options(task: str, own: bool) -> list[tuple[str, str, str]]:
        options = [(preset.name, tr(preset.title), tr(preset.help)) for preset in presets.presets_of(task)]
        if own:
            options.append((OWN, tr("Your own"), tr("The settings as you changed them.")))
        return options

    def _form_card(self) -> Card:
        card = Card(tr("Settings"))
        card.setFixedWidth(_FORM)
        self.form_card = card
        explained = bool(self.session.settings.noted("model", "explained", True))
        self.explain = IconButton(
            "help", tr("Explanations"), tr("Show or hide the sentence under each setting."), "Ctrl+E"
        )
        self.explain.setFixedSize(24, 24)
        self.explain.setIconSize(QSize(16, 16))
        self.explain.setCheckable(True)
        self.explain.setChecked(explained)
        self.explain.toggled.connect(self._explain)
        card.header.addWidget(self.explain)
        self.form = ConfigForm(
            self.session,
            [("model", tr("Network")), ("training", tr("How it learns"))],
            explain=explained,
            remember="model",
        )
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.form)
        self.form.setContentsMargins(0, 0, S1, 0)
        self.form.rebuilt.connect(self._watch_rows)
        self._watch_rows()
        card.body.addWidget(self.area, 1)
        card.body.addWidget(VectorsNote(self.session))
        return card

    @Slot()
    def _watch_rows(self) -> None:
        for row in self.form.rows.values():
            row.editor.installEventFilter(self)
        self._offer_finders()

    def _offer_finders(self) -> None:
        """Under two of the settings: values for them are found by a measurement."""
        rate = tr("Tries rates on a copy of the network and shows where the loss falls fastest.")
        batch = tr("Tries batch sizes and shows how much memory they take and how fast they are.")
        self.finders: dict[str, LinkButton] = {}
        for field, words, tip in (
            ("training.learning_rate", tr("Find a learning rate…"), rate),
            ("training.batch_size", tr("Find a batch size…"), batch),
        ):
            row = self.form.rows.get(field)
            if row is not None:
                link = LinkButton(words, "search", partial(self._find, field))
                describe(link, words, tip)
                row.add_below(link)
                self.finders[field] = link

    def _find(self, field: str) -> None:
        from lstm_studio.gui.widgets.find_batch import FindBatch
        from lstm_studio.gui.widgets.find_rate import FindRate

        kind = FindRate if field == "training.learning_rate" else FindBatch
        dialog = kind(self.session, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        dialog.begin()

    def _drawing_card(self) -> Card:
        self.drawing_card = Card(tr("The cell"))
        self.drawing = CellDrawing(self.session.config.model)
        self.caption = Muted("", wrap=True)
        self.caption.setMinimumHeight(2 * self.caption.fontMetrics().lineSpacing())
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.strip = NetworkStrip(self.session.config.model)
        body = self.drawing_card.body
        body.addWidget(self.drawing, 3)
        body.addWidget(self.caption)
        body.addWidget(line())
        body.addWidget(self.strip, 1)
        return self.drawing_card

    def _equations_card(self) -> Card:
        card = Card(tr("Equations in use"))
        card.setFixedWidth(_EQUATIONS)
        self.equations_card = card
        self.equations = EquationsView(self.session.config.model)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        place = QWidget()
        place.setObjectName("content")
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.equations)
        column.addStretch(1)
        scroll.setWidget(place)
        card.body.addWidget(scroll, 1)
        self.legend = Muted("")
        card.body.addWidget(line())
        card.body.addWidget(self.legend)
        return card

    def _cost_card(self) -> Card:
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(S2)
        self.costs = EstimatePanel()
        self.choose_data = Button(tr("Choose texts"), "data", lambda: self.session.page_requested.emit("data"))
        describe(self.choose_data, tr("Choose texts"), tr("Opens the Data page, where files and samples are."))
        self.choose_data.setMinimumHeight(40)
        self.start = PrimaryButton(tr("Start training"), "play", callback=self.session.start_training)
        describe(
            self.start,
            tr("Start training"),
            tr("Trains a network with these settings on the opened texts."),
            "F5",
        )
        self.start.setMinimumHeight(40)
        row.addWidget(self.costs, 1)
        self.sweep = Button(tr("Sweep"), "compare", lambda: self._more("sweep"))
        describe(self.sweep, tr("Sweep"), tr("Tries ranges of settings, and shows which ones are best."))
        self.seeds = Button(tr("Train with 5 seeds"), "duplicate", lambda: self._more("seeds"))
        describe(
            self.seeds,
            self.seeds.text(),
            tr("Trains these settings five times from other random numbers, and shows mean and spread."),
        )
        row.addWidget(self.choose_data)
        for button in (self.sweep, self.seeds):
            button.setMinimumHeight(40)
            row.addWidget(button)
        row.addWidget(self.start)
        card.body.addLayout(row)
        return card

    # -- following the session ------------------------------------------------------------------------------

    def on_shown(self) -> None:
        """Figures may be old: other rows, another machine load."""
        self.session.estimate()
        self._show_costs()

    @Slot()
    def refresh(self) -> None:
        """Show the session's configuration."""
        from lstm_studio.data.kinds import kind_of

        config = self.session.config
        if self._own is not None and self._own.task != config.task:
            self._own = None
        self._check_base()
        matched = presets.matching(config, config.preset or self._base)
        if matched is not None and matched != self._base:
            self._base = matched
            self.session.settings.note("model", base=matched)
        if matched is None:
            self._own = config
        wanted = self._preset_options(config.task, self._own is not None)
        if [name for name, _, _ in wanted] != self._names:
            self._names = [name for name, _, _ in wanted]
            self.presets.set_options(wanted, matched or OWN)
        self.presets.set_value(matched or OWN)
        base = next(preset for preset in presets.presets_of(config.task) if preset.name == self._base)
        if matched is None:
            self.preset_help.setText(tr("Changed settings are marked."))
        else:
            self.preset_help.setText(tr(base.help))
        self.back.setVisible(matched is None)
        words = tr("Back to {preset}", preset=tr(base.title))
        self.back.setText(words)
        describe(self.back, words, tr("Takes back all changes; they stay under Your own."))
        self.form.set_reference(presets.apply(config, self._base))
        self.drawing.set_config(config.model)
        self.equations.set_config(config.model, self._writes())
        self.strip.set_config(config.model, kind_of(config.data).says)
        titles = {"lstm": tr("The LSTM cell"), "gru": tr("The GRU cell"), "rnn": tr("The plain recurrent cell")}
        self.drawing_card.set_title(titles[config.model.cell])
        self._say_part(self.drawing.part)
        self._show_legend()
        self.costs.set_epochs(config.training.epochs)
        self._show_costs()

    @Slot(object)
    def _choose_preset(self, name: object) -> None:
        if name == OWN:
            own = self._own
            if own is not None:
                now = self.session.config
                values = {**now.model_dump(), "preset": None, "model": own.model_dump()["model"]}
                values["training"] = own.model_dump()["training"]
                values["data"]["pad_to_max_length"] = own.data.pad_to_max_length
                self.session.set_config(RunConfig(**values))
            return
        self._base = str(name)
        self.session.settings.note("model", base=self._base)
        self.session.apply_preset(self._base)

    def _back_to_preset(self) -> None:
        self.session.apply_preset(self._base)

    @Slot()
    def _data_changed(self) -> None:
        self._show_costs()
        dataset = self.session.dataset
        if dataset is None:
            return
        table, data, kind = dataset.table, dataset.data, dataset.kind
        column = dataset.column(kind.roles[0].field)
        if column is None:
            return

        def sides(row: int) -> list[list[str]]:
            if kind.reads is not None:
                return [[shown_piece(token) for token in one.tokens] for one in kind.reads(table, data, row)]
            return [kind.tokens(table.cell(row, column)[:400], data)]

        def work(progress: Progress) -> list[list[str]]:
            for row in range(min(50, table.num_rows)):
                found = sides(row)
                if len(found[0]) >= 3:
                    return [tokens[:5] for tokens in found[:2]]
            return []

        def done(found: list[list[str]]) -> None:
            if found:
                self.strip.set_tokens(*found)

        self.session.jobs.start(work, done=done, failed=lambda error: None, channel="strip-tokens")

    @Slot(object)
    def _estimated(self, estimate: Estimate) -> None:
        health = self.session.dataset.health if self.session.dataset is not None else None
        measuring = not self.session.training and (health is not None or self.session.health_progress is not None)
        self.costs.set_estimate(estimate, measuring)

    @Slot()
    def _show_costs(self) -> None:
        session = self.session
        if session.dataset is None:
            words = tr("Parameters, memory and time will be reckoned here as soon as there are texts.")
            if session.loading is not None:
                words = tr("Reading {file}", file=session.loading.title) + " …"
            self.costs.show_sentence(words)
        else:
            self.costs.show_sentence("")
        self.choose_data.setVisible(session.dataset is None and session.loading is None)
        why = session.why_not_start()
        set_enabled(self.start, not why, why)
        set_enabled(self.seeds, not why, why)
        for link in self.finders.values():
            set_enabled(link, not why, why)
        self.sweep.setVisible(session.dataset is not None)
        self.seeds.setVisible(session.dataset is not None)

    def _more(self, panel: str) -> None:
        """More than one run: what comes of them stands among the runs."""
        if panel == "seeds" and not self.session.seeds.train(self.session.config):
            return
        self.session.page_requested.emit("runs")
        self.session.panel_requested.emit(panel)

    # -- words ----------------------------------------------------------------------------------------------

    @Slot(str)
    def _say_part(self, part: str) -> None:
        if part:
            kind = kinds([part])[0]
            self.caption.setText(f"{tr(kind.title)}: {tr(kind.help)}")
            return
        model = self.session.config.model
        if model.cell == "gru":
            words = tr("One state instead of memory and output: what the update gate keeps, it does not renew.")
        elif model.cell == "rnn":
            words = tr("No gates: each token overwrites the whole state, so what was long ago soon fades.")
        elif model.peephole == "none":
            words = tr("The gates see the token and the last output, but not the memory: the standard LSTM.")
        elif model.peephole == "diagonal":
            words = tr("Dotted: peepholes. Each gate unit also sees the memory cell that it guards, and only that one.")
        else:
            words = tr("Thick: peepholes. Each gate unit also sees the memory cells of all units of its layer.")
        if model.cell == "lstm" and model.variant != "none":
            words = f"{words} {tr('This one is {variant}.', variant=variant_words(model.variant))}"
        self.caption.setText(words)

    def _writes(self) -> bool:
        from lstm_studio.data.kinds import kind_of

        return kind_of(self.session.config.data).says == "text"

    def _show_legend(self) -> None:
        from lstm_studio.data.kinds import kind_of

        model = self.session.config.model
        words = [tr("σ squeezes to 0…1, tanh to −1…1; ⊙ multiplies unit by unit.")]
        if model.cell == "rnn":
            words = [tr("tanh squeezes to −1…1.")]
        both = model.bidirectional and kind_of(self.session.config.data).says != "next"
        copies = model.layers * (2 if both else 1)
        if self._writes():
            words.append(tr("m: states of the reader, S its last token; t counts the words that are written."))
            words.append(
                tr("Each layer of reader and writer, {n} in all, has weights of its own.", n=copies + model.layers)
            )
        elif copies > 1:
            if both:
                words.append(tr("Each layer and direction, {n} in all, has weights of its own.", n=copies))
            else:
                words.append(tr("Each of the {n} layers has weights of its own.", n=copies))
        self.legend.setText(" ".join(words))

    @Slot(bool)
    def _explain(self, shown: bool) -> None:
        self.form.set_explained(shown)
        self.session.settings.note("model", explained=shown)
        self.session.save_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self.form_card.setFixedWidth(_NARROW_FORM if narrow else _FORM)
        self.equations_card.setFixedWidth(_NARROW_EQUATIONS if narrow else _EQUATIONS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keyboard must not leave the view: the row that gets the focus scrolls in."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.area.ensureWidgetVisible(watched.parentWidget() or watched, 0, S2)
        return super().eventFilter(watched, event)
