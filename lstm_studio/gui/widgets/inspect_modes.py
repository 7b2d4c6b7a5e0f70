"""What the Inspect page can look at: one text, or many at once in several ways."""

from __future__ import annotations

from typing import Any

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.compare_mode import CompareMode
from lstm_studio.gui.widgets.examples_mode import ExamplesMode
from lstm_studio.gui.widgets.results_view import ResultsView
from lstm_studio.gui.widgets.units_mode import UnitsMode

TEXT = "text"


class ResultsMode(ResultsView):
    """Figures, confusion and errors of the run."""

    name = "results"

    @staticmethod
    def title() -> str:
        """One or two words."""
        return tr("Results")

    @staticmethod
    def help() -> str:
        """One sentence."""
        return tr("What the network gets right and wrong of the texts it was checked with.")


MODES: tuple[type[Any], ...] = (ResultsMode, ExamplesMode, CompareMode, UnitsMode)
"""Besides the one text, in their order; a new way to look at many texts adds its widget here.

Each is made as ``kind(session)`` when it is first chosen, has ``name``, ``title()`` and ``help()``, a widget ``bar``
that stands above it beside the switch, and a signal ``sentence_asked`` that emits a ``Given`` to read under "One text".
One that can tell about a unit has ``show_unit(layer, unit)``; the chosen unit under "One text" then leads there. One
that lists examples has ``show_cell(part, truth, said)``; others lead there by a signal ``rows_asked`` of these three.
"""
