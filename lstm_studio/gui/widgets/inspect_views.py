"""What the Inspect page shows of the inside: the gates, or where each written token looked in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.alignment_map import AlignmentMap
from lstm_studio.gui.widgets.basic import SegmentedControl

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace


class InsideViews(QStackedWidget):
    """The gates, and the attention matrix of networks that have one; ``switch`` is hidden where there is none."""

    changed = Signal()
    """The other one is shown."""

    def __init__(self, gates: QWidget) -> None:
        super().__init__()
        self.attention = AlignmentMap()
        self.addWidget(gates)
        self.addWidget(self.attention)
        self.switch = SegmentedControl(
            [
                ("gates", tr("Gates"), tr("What every unit does at every token.")),
                ("attention", tr("Attention"), tr("Where in the text each written token looked.")),
            ],
            "gates",
            tr("What to look at inside"),
        )
        self.switch.hide()
        self.switch.changed.connect(self._show)

    @property
    def on_gates(self) -> bool:
        """Whether the gates are shown."""
        return self.currentIndex() == 0

    def show_trace(self, trace: TextTrace | None) -> None:
        """Follow another text; what was chosen stays where it can."""
        there = trace is not None and trace.alignment is not None
        if trace is not None and there:
            self.attention.set_alignment(trace.tokens, trace.output, trace.alignment)
        else:
            self.attention.set_alignment((), (), None)
        self.switch.setVisible(there)
        self._show()

    def _show(self) -> None:
        # not isVisible: on a page that is not shown nothing is
        index = 0 if self.switch.isHidden() or self.switch.value() == "gates" else 1
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            self.changed.emit()
