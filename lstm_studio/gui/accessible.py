"""What assistive technology is told beyond names: roles of what paints itself, sentences that appear, sizes of maps.

Qt knows the roles of its own widgets only. Names and descriptions are those of ``QWidget``; widgets that paint say in
their description what is seen, and say it again when the cursor moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from lstm_studio.gui.i18n import tr

if TYPE_CHECKING:
    import numpy as np

_CHARTS = """_Plot Bars _Bars CalibrationChart ChangeBars ClassBalance DensityChart FlowChart LengthHistogram
    LengthChart MeanStrips PhraseBars ProbabilityBars SaturationChart TimeChart BandChart TokenBars
    UnitTrace VerdictBand"""
_PICTURES = """CellDrawing ColorBar EquationsView FlowMap Heatmap SelectHeatmap NetworkStrip StepView RankedUnits
    AlignmentMap"""
_TEXTS = "TokenStrip RangeStrip TokenRow TextLines WordWeights PhraseWords SpanText HandMarks"
_GROUPS = "Card SegmentedControl EmptyState"
ROLES: dict[str, QAccessible.Role] = {
    **dict.fromkeys(_CHARTS.split(), QAccessible.Role.Chart),
    **dict.fromkeys(_PICTURES.split(), QAccessible.Role.Graphic),
    **dict.fromkeys(_TEXTS.split(), QAccessible.Role.StaticText),
    **dict.fromkeys(_GROUPS.split(), QAccessible.Role.Grouping),
    "Rail": QAccessible.Role.ToolBar,
    "Banner": QAccessible.Role.AlertMessage,
    "RunBar": QAccessible.Role.StatusBar,
    "AlignmentGrid": QAccessible.Role.Graphic,
    "IconLabel": QAccessible.Role.Graphic,
    "Dot": QAccessible.Role.Graphic,
    "_Swatch": QAccessible.Role.Graphic,
}
"""By the name of the class, or of one that it is derived from."""

_installed = False


def install() -> None:
    """Tell roles from now on; once for the process."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_made)


def _made(key: str, thing: QObject) -> QAccessibleInterface | None:
    role = ROLES.get(key)
    return QAccessibleWidget(thing, role) if role is not None and isinstance(thing, QWidget) else None


def announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say a sentence that has appeared, wherever the focus is."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def map_words(values: np.ndarray | None) -> str:
    """What a heatmap of [T, H] shows in a sentence, and how it is walked."""
    if values is None or not values.size:
        return tr("Nothing is shown yet.")
    finite = values[abs(values) < float("inf")]
    parts = [tr("Units as rows, tokens as columns: {units} by {tokens}.", units=values.shape[1], tokens=len(values))]
    if finite.size:
        low, high, mean = (f"{float(value):.2f}" for value in (finite.min(), finite.max(), finite.mean()))
        parts.append(tr("Values from {low} to {high}, on average {mean}.", low=low, high=high, mean=mean))
    parts.append(tr("The arrow keys move from cell to cell, Enter chooses a unit."))
    return " ".join(parts)
