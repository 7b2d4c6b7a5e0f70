"""What heatmaps that are looked at together share: the visible part, the cell under the cursor, the chosen unit."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class LinkedView(QObject):
    """Ranges are in cells: tokens along x, rows along y. A row is a place in the present order of the units."""

    range_changed = Signal()
    cursor_changed = Signal()
    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tokens = 0
        self.units = 0
        self.x0 = self.y0 = 0.0
        self.x1 = self.y1 = 1.0
        self.cursor: tuple[int, int] | None = None
        self.chosen: int | None = None

    def set_extent(self, tokens: int, units: int) -> None:
        """How many cells there are. The zoom stays where it is when nothing changed."""
        if (tokens, units) == (self.tokens, self.units):
            return
        same_units = units == self.units
        self.tokens, self.units = tokens, units
        if self.cursor and (self.cursor[0] >= tokens or self.cursor[1] >= units):
            self.set_cursor(None)
        if not same_units and self.chosen is not None and self.chosen >= units:
            self.choose(None)
        self.reset()

    @property
    def whole(self) -> bool:
        """Whether everything is visible."""
        return (self.x0, self.x1, self.y0, self.y1) == (0.0, float(self.tokens), 0.0, float(self.units))

    def reset(self) -> None:
        """Show everything."""
        self.set_range(0.0, float(self.tokens), 0.0, float(self.units))

    def set_range(self, x0: float, x1: float, y0: float, y1: float) -> None:
        """Show this part, kept inside the data and not smaller than a few cells."""
        x0, x1 = _fit(x0, x1, self.tokens)
        y0, y1 = _fit(y0, y1, self.units)
        if (x0, x1, y0, y1) != (self.x0, self.x1, self.y0, self.y1):
            self.x0, self.x1, self.y0, self.y1 = x0, x1, y0, y1
            self.range_changed.emit()

    def zoom(self, factor: float, x: float, y: float, *, along: str = "xy") -> None:
        """Make the visible part ``factor`` times as large around the point (x, y)."""
        fx = factor if "x" in along else 1.0
        fy = factor if "y" in along else 1.0
        self.set_range(x - (x - self.x0) * fx, x + (self.x1 - x) * fx, y - (y - self.y0) * fy, y + (self.y1 - y) * fy)

    def pan(self, dx: float, dy: float) -> None:
        """Move the visible part by so many cells."""
        self.set_range(self.x0 + dx, self.x1 + dx, self.y0 + dy, self.y1 + dy)

    def set_cursor(self, cursor: tuple[int, int] | None) -> None:
        """Point at (token, row), or at nothing."""
        if cursor != self.cursor:
            self.cursor = cursor
            self.cursor_changed.emit()

    def move_cursor(self, tokens: int, rows: int) -> None:
        """Move the cursor by whole cells and keep it in sight; it starts in the middle of what is visible."""
        if not self.tokens or not self.units:
            return
        if self.cursor is None:
            token, row = int((self.x0 + self.x1) / 2), int((self.y0 + self.y1) / 2)
        else:
            token, row = self.cursor[0] + tokens, self.cursor[1] + rows
        token, row = min(max(token, 0), self.tokens - 1), min(max(row, 0), self.units - 1)
        dx = min(0.0, token - self.x0) + max(0.0, token + 1 - self.x1)
        dy = min(0.0, row - self.y0) + max(0.0, row + 1 - self.y1)
        if dx or dy:
            self.pan(dx, dy)
        self.set_cursor((token, row))

    def choose(self, unit: int | None) -> None:
        """Choose a unit (its number, not its row)."""
        if unit != self.chosen:
            self.chosen = unit
            self.chosen_changed.emit()


def _fit(low: float, high: float, count: int) -> tuple[float, float]:
    """Keep [low, high] inside [0, count] and at least four cells wide (or all there are)."""
    least = float(min(4, count))
    size = min(max(high - low, least), float(count))
    middle = (low + high) / 2
    low = min(max(middle - size / 2, 0.0), count - size)
    return low, low + size
