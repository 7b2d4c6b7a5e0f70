"""A number that a person types or steps; what is wrong stays as it was typed, so that it can be explained."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

from lstm_studio.config.describe import OptionInfo
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Muted

_AUTOMATIC = -2e14
_UNREADABLE = -1e14
_WAIT = 300
"""Milliseconds after the last key before a typed number counts."""
_SHORT = 12
_BUTTONS, _PADDING = 26, 7


class NumberEdit(QDoubleSpinBox):
    """A whole or real number, or None where the option may be left to the program.

    Bounds are not enforced while typing: ``edited`` carries whatever was typed, and whoever listens says what is
    wrong with it. The buttons and arrow keys stay within the bounds.
    """

    edited = Signal(object)
    """A number, None for automatic, or the text when it is not a number."""

    def __init__(self, option: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = option
        self._raw = ""
        self._sent: object = _UNREADABLE
        self.setLocale(QLocale.c())
        self.setRange(-1e15, 1e15)
        self.setDecimals(0 if option.kind == "integer" else 12)
        self.setKeyboardTracking(False)
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToPreviousValue)
        self.lineEdit().setTextMargins(_PADDING, 0, 0, 0)
        # The unit stands inside the field, so that all fields of a form are equally wide.
        self.unit = Muted(tr(option.unit), wrap=False)
        self.unit.setParent(self)
        self.unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT)
        self._timer.timeout.connect(self._flush)
        self.lineEdit().textEdited.connect(self._typed)
        self.lineEdit().textChanged.connect(self._place_unit)
        self.editingFinished.connect(self._flush)
        self.set_number(option.default)

    @property
    def automatic_words(self) -> str:
        """What stands in the field while the program chooses."""
        words = tr(self.option.automatic)
        return words if len(words) <= _SHORT else tr("Automatic")

    def number(self) -> object:
        """The number, None for automatic, or the text when it is not a number."""
        return self._read(self.lineEdit().text())

    def set_number(self, value: float | None) -> None:
        """Show a value; nothing is emitted."""
        self._timer.stop()
        self._sent = value
        if self.number() != value or not self.lineEdit().text():
            self.setValue(_AUTOMATIC if value is None else float(value))
            self.lineEdit().setText(self.textFromValue(self.value()))

    # -- what the spin box asks -----------------------------------------------------------------------------

    def validate(self, text: str, position: int) -> object:  # type: ignore[override]
        return QValidator.State.Acceptable, text, position

    def valueFromText(self, text: str) -> float:
        found = self._read(text)
        if found is None:
            return _AUTOMATIC
        if isinstance(found, str):
            self._raw = found
            return _UNREADABLE
        return float(found)  # type: ignore[arg-type]

    def textFromValue(self, value: float) -> str:
        if value == _AUTOMATIC:
            return self.automatic_words
        if value == _UNREADABLE:
            return self._raw
        if self.option.kind == "integer" and value == int(value):
            return str(int(value))
        return f"{value:.10g}"

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        now = self.number()
        if now is None:
            return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if not isinstance(now, (int, float)):
            return flags
        low, high = self._ends()
        if now < high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if now > low or self.option.automatic:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def stepBy(self, steps: int) -> None:
        found = self._after(self.number(), steps)
        self.setValue(_AUTOMATIC if found is None else found)
        self.lineEdit().setText(self.textFromValue(self.value()))
        self.lineEdit().selectAll()
        self._flush()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the form scrolls instead

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_unit()

    def _place_unit(self) -> None:
        hint = self.unit.sizeHint()
        text = self.fontMetrics().horizontalAdvance(self.lineEdit().text()) + 2 * _PADDING
        room = self.width() - _BUTTONS - text
        self.unit.setGeometry(self.width() - _BUTTONS - hint.width(), 0, hint.width(), self.height())
        self.unit.setVisible(bool(self.option.unit) and room >= hint.width() and self.number() is not None)

    # -- inside ---------------------------------------------------------------------------------------------

    def _typed(self, _text: str) -> None:
        self._timer.start()

    def _flush(self) -> None:
        self._timer.stop()
        value = self.number()
        if value != self._sent:
            self._sent = value
            self.edited.emit(value)

    def _read(self, text: str) -> object:
        text = text.strip()
        if self.option.automatic and text.lower() in ("", self.automatic_words.lower()):
            return None
        plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        try:
            value = float(plain)
        except ValueError:
            return text
        if not math.isfinite(value) or abs(value) >= 1e13:
            return text
        return int(value) if self.option.kind == "integer" and value == int(value) else value

    def _ends(self) -> tuple[float, float]:
        option = self.option
        low = -1e12 if option.minimum is None else option.minimum
        high = 1e12 if option.maximum is None else option.maximum
        step = self._step()
        if option.minimum_open:
            low += 1e-6 if option.logarithmic else step
        if option.maximum_open:
            high -= step
        return low, high

    def _step(self) -> float:
        return self.option.step or (1.0 if self.option.kind == "integer" else 0.1)

    def _after(self, now: object, steps: int) -> float | None:
        low, high = self._ends()
        if not isinstance(now, (int, float)):
            if steps < 0 and self.option.automatic:
                return None
            start = self.option.default
            return float(start) if isinstance(start, (int, float)) else float(max(low, 1.0))
        if steps < 0 and now <= low and self.option.automatic:
            return None
        if self.option.logarithmic:
            value = float(now)
            for _ in range(abs(steps)):
                value = _neighbour(value, steps > 0)
        else:
            value = now + steps * self._step()
            # Typed odd values come back to the grid of steps.
            value = round(value / self._step()) * self._step() if self.option.step is None else value
        return min(high, max(low, round(value, 10)))


def _neighbour(value: float, up: bool) -> float:
    """The next number of the series 1, 2, 5, 10."""
    if value <= 0:
        return 1e-5 if up else 0.0
    exponent = math.floor(math.log10(value) + 1e-9)
    series = [m * 10.0**e for e in (exponent - 1, exponent, exponent + 1) for m in (1, 2, 5)]
    if up:
        return next(number for number in series if number > value * 1.0001)
    lower = [number for number in series if number < value * 0.9999]
    return lower[-1] if lower and lower[-1] >= 1e-7 else 0.0
