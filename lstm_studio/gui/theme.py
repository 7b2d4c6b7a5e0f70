"""Colours by role, type scale, spacing and the application's style, for light and dark.

Pages never name a colour: they ask ``theme().color("text_muted")``. Standard widgets follow the global style
sheet by themselves; widgets that paint listen to ``theme_notifier().changed``.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication

from lstm_studio import resources

if TYPE_CHECKING:
    import numpy as np

S1, S2, S3, S4 = 8, 16, 24, 32
"""The spacing grid."""
RADIUS = 8
SIZES = {"small": 12, "body": 14, "title": 18, "headline": 24}
GATES = ("i", "f", "g", "o", "c", "h")

Choice = Literal["system", "light", "dark"]


class Theme:
    """One palette. Colours are looked up by role; colour maps are RGBA lookup tables of 256 rows."""

    def __init__(self, name: str) -> None:
        with resources.find("themes", f"{name}.toml").open("rb") as file:
            values = tomllib.load(file)
        self.name: str = name
        self.dark: bool = name == "dark"
        self._roles: dict[str, str] = values["roles"]
        self._maps: dict[str, list[str]] = values["maps"]

    def __contains__(self, role: str) -> bool:
        return role in self._roles

    @property
    def roles(self) -> list[str]:
        """Names of all colours."""
        return list(self._roles)

    def hex(self, role: str) -> str:
        """``"#RRGGBB"`` of a role, for rich text and style sheets."""
        return self._roles[role]

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """The colour of a role; ``alpha`` from 0 to 1."""
        color = QColor(self._roles[role])
        color.setAlphaF(alpha)
        return color

    def gate(self, name: str) -> QColor:
        """The colour of a gate or state: i, f, g, o, c, h of an LSTM; r, z, n of a GRU share the first three."""
        return self.color(f"gate_{ {'r': 'i', 'z': 'f', 'n': 'g'}.get(name, name) }")

    def class_color(self, index: int) -> QColor:
        """The colour of the class at a position; they repeat after eight."""
        return self.color(f"class_{index % 8 + 1}")

    def sequential(self) -> np.ndarray:
        """uint8 [256, 4] for values from 0 to 1 (gates): dark to bright, even in lightness, colour-blind safe."""
        from lstm_studio.gui.colour_maps import ramp

        return ramp(tuple(self._maps["sequential"]))

    def diverging(self) -> np.ndarray:
        """uint8 [256, 4] for values around 0 (c and h): zero has the colour of the surface."""
        from lstm_studio.gui.colour_maps import ramp

        return ramp((*self._maps["negative"], self._roles["surface"], *self._maps["positive"]))


class ThemeNotifier(QObject):
    """Says when another palette is in force."""

    changed = Signal()
    _following: QStyleHints | None = None

    def follow(self, hints: QStyleHints) -> None:
        """Listen to the system from now on."""
        if self._following is not hints:
            self._following = hints
            hints.colorSchemeChanged.connect(_follow_system)


_notifier: ThemeNotifier | None = None
_current: Theme | None = None
_choice: Choice = "system"


def theme() -> Theme:
    """The palette in force."""
    global _current
    if _current is None:
        _current = Theme("light")
    return _current


def theme_notifier() -> ThemeNotifier:
    """The one object whose ``changed`` signal tells that the palette is another one."""
    global _notifier
    if _notifier is None:
        _notifier = ThemeNotifier()
    return _notifier


def choose(choice: Choice) -> None:
    """Use light, dark, or what the system says, from now on also when the system changes its mind."""
    global _choice
    _choice = choice
    app = _application()
    hints = app.styleHints()
    schemes = {
        "system": Qt.ColorScheme.Unknown,
        "light": Qt.ColorScheme.Light,
        "dark": Qt.ColorScheme.Dark,
    }
    hints.setColorScheme(schemes[choice])
    theme_notifier().follow(hints)
    _apply(_wanted())


def lend(name: str) -> str:
    """Have everything that paints itself use a palette, for pictures that are painted now; the style sheet and with it
    the standard widgets stay.

    Returns:
        The name of the palette before, to be lent again afterwards.
    """
    global _current
    before = theme().name
    if name != before:
        _current = Theme(name)
        theme_notifier().changed.emit()
    return before


def _wanted() -> str:
    if _choice != "system":
        return _choice
    return "dark" if _application().styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


def _follow_system(*_: object) -> None:
    if QApplication.instance() is not None and _wanted() != theme().name:
        _apply(_wanted())


def _apply(name: str) -> None:
    global _current
    from lstm_studio.gui import stylesheet

    app = _application()
    _current = Theme(name)
    if app.style().name().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(_current))
    app.setFont(font("body"))
    app.setStyleSheet(stylesheet.build(_current))
    theme_notifier().changed.emit()


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication), "a QApplication must exist before a theme is chosen"
    return app


def _palette(of: Theme) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: "background",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "background",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "surface",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "danger",
        QPalette.ColorRole.Highlight: "selection",
        QPalette.ColorRole.HighlightedText: "text",
        QPalette.ColorRole.ToolTipBase: "surface_raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "text_muted",
        QPalette.ColorRole.Link: "accent",
        QPalette.ColorRole.LinkVisited: "accent",
        QPalette.ColorRole.Light: "surface",
        QPalette.ColorRole.Midlight: "surface_raised",
        QPalette.ColorRole.Mid: "border",
        QPalette.ColorRole.Dark: "border_strong",
        QPalette.ColorRole.Shadow: "border",
        QPalette.ColorRole.Accent: "accent",
    }
    palette = QPalette()
    for role, name in roles.items():
        palette.setColor(role, of.color(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, of.color("text_disabled"))
    return palette


_CJK = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
_PLAIN = ("DejaVu Sans", "Sans Serif", "Sans", "Bitstream Vera Sans")
_PREFERRED = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Open Sans")


@lru_cache(maxsize=1)
def families() -> list[str]:
    """The system's family and, after it, what draws Chinese. A bare X11 default gives way to a better one."""
    known = set(QFontDatabase.families())
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    first = QFontInfo(system).family()
    if first in _PLAIN:
        first = next((name for name in _PREFERRED if name in known), first)
    return [first, *(name for name in _CJK if name in known), *(name for name in _PLAIN[:1] if name in known)]


@lru_cache(maxsize=1)
def monospace_families() -> list[str]:
    """Families for logs and command lines."""
    known = set(QFontDatabase.families())
    fixed = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)).family()
    return [fixed, *(name for name in ("DejaVu Sans Mono", *_CJK) if name in known and name != fixed)]


def font(size: str = "body", *, tabular: bool = False, bold: bool = False, mono: bool = False) -> QFont:
    """A font of the type scale: small 12, body 14, title 18, headline 24 pixels.

    Args:
        size: A name of the scale.
        tabular: All figures equally wide, for numbers that change.
        bold: Semi-bold.
        mono: Fixed width.
    """
    made = QFont(monospace_families() if mono else families())
    made.setPixelSize(SIZES[size])
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    if bold or size in ("title", "headline"):
        made.setWeight(QFont.Weight.DemiBold)
    return made
