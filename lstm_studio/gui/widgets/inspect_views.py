"""What the Inspect page shows of the inside: the gates, and other ways to look at the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.alignment_map import AlignmentMap
from lstm_studio.gui.widgets.anatomy_view import AnatomyView
from lstm_studio.gui.widgets.basic import SegmentedControl
from lstm_studio.gui.widgets.gradient_view import GradientView
from lstm_studio.gui.widgets.inside_view import InsideView, Seen
from lstm_studio.gui.widgets.memory_view import MemoryView
from lstm_studio.gui.widgets.whatif_view import WhatIfView
from lstm_studio.gui.widgets.why_view import WhyView

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.trace import TextTrace

GATES = "gates"


class AttentionView(InsideView):
    """Where each written token looked."""

    name = "attention"
    uses_layers = False

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.map = AlignmentMap()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.map)
        self._shown: TextTrace | None = None

    @staticmethod
    def title() -> str:
        return tr("Attention")

    @staticmethod
    def help() -> str:
        return tr("Where in the text each written token looked.")

    @staticmethod
    def suits(trace: TextTrace) -> bool:
        return trace.alignment is not None

    def show_seen(self, seen: Seen | None) -> None:
        trace = seen.trace if seen is not None else None
        if trace is self._shown:
            return
        self._shown = trace
        if trace is None or trace.alignment is None:
            self.map.set_alignment((), (), None)
        else:
            self.map.set_alignment(trace.tokens, trace.output, trace.alignment)


VIEWS: tuple[type[InsideView], ...] = (AnatomyView, MemoryView, AttentionView, GradientView, WhyView, WhatIfView)
"""In the order in which they are offered; a new way to look inside adds its view here."""


class InsideViews(QStackedWidget):
    """The gates first; ``switch`` is hidden where there is nothing else."""

    changed = Signal()
    """Another one is shown."""
    unit_asked = Signal(int)
    token_asked = Signal(int)
    text_asked = Signal(str)

    def __init__(self, session: Session, gates: QWidget) -> None:
        super().__init__()
        self._session = session
        self._views: dict[str, InsideView] = {}
        self._offered: tuple[str, ...] = ()
        self._wanted = GATES
        self._seen: Seen | None = None
        self._gates = gates
        mark(gates, "inspect.gates")
        self.addWidget(gates)
        self.switch = SegmentedControl([], name=tr("What to look at inside"))
        self.switch.hide()
        self.switch.changed.connect(self._chosen)
        self._offer(())

    @property
    def view(self) -> InsideView | None:
        """The view that is shown; None while the gates are."""
        found = self.currentWidget()
        return found if isinstance(found, InsideView) else None

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of the views that there are besides the gates."""
        return self._offered

    @property
    def on_gates(self) -> bool:
        """Whether the gates are shown."""
        return self.view is None

    @property
    def attention(self) -> AlignmentMap:
        """The attention matrix."""
        view = self._made("attention")
        assert isinstance(view, AttentionView)
        return view.map

    def offer(self, trace: TextTrace | None) -> None:
        """Follow another text; what was chosen stays where it can, and comes back."""
        self._offer(tuple(view.name for view in VIEWS if trace is not None and view.suits(trace)))

    def show_seen(self, seen: Seen | None) -> None:
        """Tell the view that is shown what is looked at."""
        self._seen = seen
        if self.view is not None:
            self.view.show_seen(seen)

    def leave(self) -> None:
        """Nobody looks any more."""
        if self.view is not None:
            self.view.leave()

    def choose(self, name: str) -> None:
        """Show one by its name, as a click on the switch does."""
        self.switch.set_value(name)
        self._chosen(name)

    def _chosen(self, name: str) -> None:
        self._wanted = name
        self._show()

    def _offer(self, names: tuple[str, ...]) -> None:
        if names != self._offered or not self.switch.buttons:
            self._offered = names
            kinds = {view.name: view for view in VIEWS}
            options = [(GATES, tr("Gates"), tr("What every unit does at every token."))]
            options += [(name, kinds[name].title(), kinds[name].help()) for name in names]
            self.switch.set_options(options, self._wanted if self._wanted in names else GATES)
            self.switch.setVisible(bool(names))
        self._show()

    def _made(self, name: str) -> InsideView:
        if name not in self._views:
            kinds = {view.name: view for view in VIEWS}
            view = self._views[name] = kinds[name](self._session)
            mark(view, f"inspect.{name}")
            view.unit_asked.connect(self.unit_asked)
            view.token_asked.connect(self.token_asked)
            view.text_asked.connect(self.text_asked)
            self.addWidget(view)
        return self._views[name]

    def _show(self) -> None:
        name = self.switch.value()
        widget: QWidget = self._gates if name == GATES or name not in self._offered else self._made(name)
        before = self.view
        if widget is self.currentWidget():
            return
        if before is not None:
            before.leave()
        self.setCurrentWidget(widget)
        self.changed.emit()
        if self.view is not None:
            self.view.show_seen(self._seen)
