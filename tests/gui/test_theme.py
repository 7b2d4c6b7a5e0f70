"""Palettes: every role there is, text that can be read, gates that stay apart for the colour-blind."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from lstm_studio import resources
from lstm_studio.gui import colour_maps, icons, stylesheet
from lstm_studio.gui import theme as theming
from lstm_studio.gui.theme import GATES, Theme

NAMES = ("light", "dark")
SURFACES = ("background", "surface", "surface_raised")

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(color: QColor) -> np.ndarray:
    values = np.array([color.redF(), color.greenF(), color.blueF()])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(color: QColor) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.1."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def as_seen(color: QColor, kind: str | None) -> np.ndarray:
    """OKLab as somebody sees it."""
    rgb = linear(color)
    if kind:
        rgb = np.clip(np.array(BLINDNESS[kind]) @ rgb, 0, 1)
    return np.cbrt(rgb @ colour_maps._LMS.T) @ colour_maps._LAB.T


def test_both_palettes_have_the_same_roles() -> None:
    assert Theme("light").roles == Theme("dark").roles


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["text", "text_muted", "accent", "danger", "warning", "success"])
def test_text_is_readable_on_every_surface(name: str, role: str) -> None:
    of = Theme(name)
    for surface in SURFACES:
        assert contrast(of.color(role), of.color(surface)) >= 4.5, surface


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("role", "below"),
    [
        ("accent_text", "accent"),
        ("accent_text", "accent_hover"),
        ("accent", "accent_soft"),
        ("text", "selection"),
        ("text", "accent_soft"),
        ("danger", "danger_soft"),
        ("warning", "warning_soft"),
        ("success", "success_soft"),
        ("text", "danger_soft"),
        ("text", "warning_soft"),
    ],
)
def test_words_on_coloured_ground_are_readable(name: str, role: str, below: str) -> None:
    of = Theme(name)
    assert contrast(of.color(role), of.color(below)) >= 4.5


@pytest.mark.parametrize("name", NAMES)
def test_gates_are_readable_as_text(name: str) -> None:
    of = Theme(name)
    for gate in GATES:
        for surface in ("background", "surface"):
            assert contrast(of.gate(gate), of.color(surface)) >= 4.5, (gate, surface)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [None, *BLINDNESS])
def test_gates_stay_apart(name: str, kind: str | None) -> None:
    of = Theme(name)
    for one, other in itertools.combinations(GATES, 2):
        distance = np.linalg.norm(as_seen(of.gate(one), kind) - as_seen(of.gate(other), kind))
        assert distance >= 0.05, (one, other, kind)


def test_gru_gates_share_the_hues() -> None:
    of = Theme("light")
    assert [of.gate(name).name() for name in "rzn"] == [of.gate(name).name() for name in "ifg"]


@pytest.mark.parametrize("name", NAMES)
def test_sequential_map_rises_evenly(name: str) -> None:
    table = Theme(name).sequential()
    assert table.shape == (256, 4)
    assert table.dtype == np.uint8
    lightness = colour_maps.to_oklab(table[:, :3] / 255)[:, 0]
    steps = np.diff(lightness)
    assert (steps > -1e-3).all()
    assert lightness[-1] - lightness[0] > 0.6
    assert steps.max() < 4 * steps.mean()


@pytest.mark.parametrize("name", NAMES)
def test_diverging_map_is_centred_on_the_surface(name: str) -> None:
    of = Theme(name)
    table, surface = of.diverging(), of.color("surface")
    middle = np.array([surface.red(), surface.green(), surface.blue()])
    assert np.abs(table[127:129, :3].astype(int) - middle).max() <= 4
    ends = table[[0, 255], :3].astype(int)
    assert np.abs(ends[0] - ends[1]).max() > 60
    assert np.abs(ends - middle).max(axis=1).min() > 60


def test_style_sheet_has_no_hole_and_no_colour_of_its_own() -> None:
    sheet = stylesheet.build(Theme("dark"))
    assert "@" not in sheet
    literal = set(re.findall(r"#[0-9A-Fa-f]{6}\b", stylesheet._SHEET))
    assert not literal
    for path in re.findall(r"url\(([^)]+)\)", sheet):
        assert QImage(path).isNull() is False, path


def test_every_icon_is_of_the_one_set(qapp: QApplication) -> None:
    files = sorted(resources.find("icons").glob("*.svg"))
    assert len(files) > 40
    for path in files:
        image = icons.icon(path.stem).pixmap(24, 24).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), path.name
        if path.stem != "app":
            text = path.read_text(encoding="utf-8")
            assert 'viewBox="0 0 24 24"' in text, path.name
            assert 'stroke-width="1.5"' in text, path.name
            assert "currentColor" in text, path.name


def test_icons_follow_the_theme(qapp: QApplication) -> None:
    made = icons.icon("stop", "danger")

    def darkest() -> str:
        image = made.pixmap(48, 48).toImage()
        # The middle of the square's left side.
        return max((image.pixelColor(x, 24) for x in range(4, 20)), key=lambda c: c.alpha()).name()

    theming.choose("light")
    light = darkest()
    theming.choose("dark")
    dark = darkest()
    theming.choose("light")
    assert light == Theme("light").color("danger").name()
    assert dark == Theme("dark").color("danger").name()


def test_choosing_changes_palette_and_tells(qapp: QApplication, qtbot) -> None:
    theming.choose("light")
    with qtbot.waitSignal(theming.theme_notifier().changed):
        theming.choose("dark")
    assert theming.theme().dark
    assert qapp.palette().window().color() == Theme("dark").color("background")
    theming.choose("light")
    assert not theming.theme().dark


def test_system_choice_follows_a_live_change(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    theming.choose("system")
    monkeypatch.setattr(theming, "_wanted", lambda: "dark")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theming.theme().dark
    monkeypatch.undo()
    theming.choose("light")


def test_fonts_keep_to_the_scale(qapp: QApplication) -> None:
    assert [theming.font(name).pixelSize() for name in theming.SIZES] == [12, 14, 18, 24]
    assert theming.families()
    assert theming.font("small", mono=True).families() == theming.monospace_families()
