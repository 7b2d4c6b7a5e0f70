"""Each way to look inside a network, at one text and at many; it serves every task."""

from __future__ import annotations

from typing import Any

from lstm_studio.gui.tour.hands import Hands


def one_text(hands: Hands, name: str, other: str) -> None:
    """Each way to look inside the text that stands there, beside an ``other`` one; back to the gates afterwards."""
    page: Any = hands.page("inspect")
    assert {"anatomy", "memory", "gradient", "why", "whatif"} <= set(page.views.offered), page.views.offered
    page.grid.view.choose(3)
    for view in page.views.offered:
        page.views.choose(view)
        hands.settle(0.5)
        assert page.views.view is not None, f"there is no view {view}"
        hands.picture(f"{name}-{view}", both=view in {"anatomy", "memory", "attention"})
        if view == "whatif":
            _what_if(hands, name, page.views.view, other)
    page.views.choose("gates")


def _what_if(hands: Hands, name: str, view: Any, other: str) -> None:
    hands.click("Forget nothing", "inspect")
    hands.settle(0.5)
    assert view.clamp.found is not None, "nothing came of the clamp"
    hands.picture(f"{name}-clamped")
    hands.click("Remove all", "inspect")
    hands.click("Ablate", "inspect")
    hands.click("Try every unit", "inspect")
    hands.settle(0.5, 120)
    assert view.ablate.said.isVisible(), "no unit was tried"
    hands.picture(f"{name}-ablated", both=False)
    hands.click("Two texts", "inspect")
    view.texts.text.setText(other)
    hands.settle(0.8)
    hands.picture(f"{name}-two-texts", both=False)
    hands.click("Clamp", "inspect")


def many_texts(hands: Hands, name: str) -> None:
    """Examples of the data, and what units react to; back to the one text afterwards."""
    page: Any = hands.page("inspect")
    hands.click("Examples", "inspect")
    hands.settle(0.5, 60)
    hands.picture(f"{name}-examples", both=False)
    hands.click("Units", "inspect")
    hands.settle()
    hands.click("Build the index", "inspect")
    units = page.many("units")
    hands.wait(lambda: units.index is not None, "the index of units")
    hands.settle(0.8)
    hands.picture(f"{name}-units")
    hands.click("A pattern", "inspect")
    hands.settle(0.8)
    hands.picture(f"{name}-units-pattern", both=False)
    hands.click("One unit", "inspect")
    hands.click("One text", "inspect")
    hands.settle()


def lesson(hands: Hands) -> None:
    """How this LSTM reads a sentence, step by step."""
    page: Any = hands.page("inspect")
    hands.click("Lesson", "inspect")
    hands.settle(0.8)
    steps = len(page.lesson.steps)
    assert 4 <= steps <= 8, steps
    for step in range(steps):
        hands.settle(0.4)
        hands.picture(f"lesson-{step + 1}", both=step == 0)
        hands.click("Next" if step + 1 < steps else "Done", "inspect")
    assert not page.lesson.running, "the lesson has no end"
    hands.settle()
