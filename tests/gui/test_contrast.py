"""Every pair of colours that the style sheet and the painters lay on each other: 4.5:1 for words, 3:1 for the rest.

WCAG 2.1, success criteria 1.4.3 and 1.4.11. Words of disabled controls are exempt there; here they keep 3:1.
"""

from __future__ import annotations

import itertools
import re

import pytest
from PySide6.QtGui import QColor

from lstm_studio.gui import stylesheet
from lstm_studio.gui.theme import GATES, Theme
from lstm_studio.gui.widgets.alignment_grid import tint
from lstm_studio.gui.widgets.context_list import Tint
from lstm_studio.gui.widgets.span_colors import contrast, over
from lstm_studio.gui.widgets.token_strip import MOST_TINT

WORDS, SHAPES = 4.5, 3.0
SURFACES = ("background", "surface", "surface_raised")
SOFT = ("accent_soft", "danger_soft", "warning_soft", "success_soft", "selection")
both = pytest.mark.parametrize("name", ["light", "dark"])


def low(pairs: list[tuple[str, QColor, QColor]], least: float) -> list[str]:
    """Pairs that miss."""
    return [f"{what}: {contrast(one, two):.2f}" for what, one, two in pairs if contrast(one, two) < least]


def roles(of: Theme, inks: tuple[str, ...], grounds: tuple[str, ...]) -> list[tuple[str, QColor, QColor]]:
    return [(f"{ink} on {at}", of.color(ink), of.color(at)) for ink, at in itertools.product(inks, grounds)]


@both
def test_words(name: str) -> None:
    of = Theme(name)
    pairs = roles(of, ("text", "text_muted"), (*SURFACES, *SOFT))
    pairs += roles(of, ("accent", "danger", "warning", "success"), (*SURFACES, "selection"))
    for role in ("accent", "danger", "warning", "success"):
        pairs += roles(of, (role,), (f"{role}_soft",))
    pairs += roles(of, ("accent_text",), ("accent", "accent_hover"))
    pairs += [(f"gate {gate} on {at}", of.gate(gate), of.color(at)) for gate in GATES for at in SURFACES[:2]]
    assert not low(pairs, WORDS)


@both
def test_what_the_style_sheet_lays_on_each_other(name: str) -> None:
    """Rules that name both a colour and a background."""
    of = Theme(name)
    pairs = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", stylesheet._SHEET):
        ink = re.search(r"(?<![-\w])color: @(\w+)", body)
        ground = re.search(r"(?<![-\w])background: @(\w+)", body)
        if ink and ground and ":disabled" not in selector and "text_disabled" not in body:
            pairs += roles(of, (ink[1],), (ground[1],))
    assert len(pairs) > 15
    assert not low(pairs, WORDS)


@both
def test_disabled_words_can_still_be_read(name: str) -> None:
    assert not low(roles(Theme(name), ("text_disabled",), SURFACES), SHAPES)


@both
def test_rings_borders_of_fields_and_curves(name: str) -> None:
    of = Theme(name)
    pairs = roles(of, ("focus",), (*SURFACES, *SOFT, "border"))
    pairs += roles(of, ("border_strong", "plot_train", "plot_validation", "plot_best", "accent"), SURFACES)
    pairs += [(f"gate {gate}", of.gate(gate), of.color("surface_raised")) for gate in GATES]
    pairs += [
        (f"class {k + 1} on {at}", of.class_color(k), of.color(at)) for k in range(8) for at in (*SURFACES, "selection")
    ]
    assert not low(pairs, SHAPES)


@both
def test_words_and_marks_on_tints(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of = Theme(name)
    surface, text = of.color("surface"), of.color("text")
    words, marks = [], []
    for k in range(8):
        ground = over(of.class_color(k), 0.06 + MOST_TINT, surface)
        words.append((f"word on class {k + 1}", text, ground))
        marks.append((f"mark on class {k + 1}", of.class_color(k), ground))
    for role, most in (("success", 0.35), ("danger", 0.35), ("accent", 0.38)):
        words.append((f"word on {role}", text, over(of.color(role), most, surface)))
    monkeypatch.setattr("lstm_studio.gui.widgets.alignment_grid.theme", lambda: of)
    monkeypatch.setattr("lstm_studio.gui.widgets.context_list.theme", lambda: of)
    for made in (tint(1.0), Tint().of(1.0), Tint().of(-1.0), Tint(shares=True).of(1.0)):
        ground = over(QColor(made.red(), made.green(), made.blue()), made.alphaF(), surface)
        words.append((f"word on {made.name()}", text, ground))
    assert not low(words, WORDS)
    assert not low(marks, 2.5)  # beside the word's own tint, with a shape of their own
