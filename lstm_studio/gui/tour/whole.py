"""Every page once more: in a large window, and in Chinese."""

from __future__ import annotations

from lstm_studio.gui.tour.hands import LARGE, SMALL, Hands
from lstm_studio.gui.tour.texts import TALE


def large(hands: Hands) -> None:
    hands.studio.window.resize(*LARGE)
    for name in ("data", "model", "train", "inspect", "predict", "runs"):
        hands.show(name)
        hands.picture(f"large-{name}", both=False)
    hands.studio.window.resize(*SMALL)


def chinese(hands: Hands) -> None:
    hands.studio.settings.language = "zh_CN"
    hands.studio.rebuild()
    hands.breathe(0.8)
    hands.studio.window.resize(*SMALL)
    for name in ("data", "model", "train", "inspect", "predict", "runs"):
        hands.show(name)
        if name in {"inspect", "predict"}:
            hands.type(name, TALE)  # the last run goes on with it
        hands.picture(f"chinese-{name}", both=name == "train")
    page = hands.page("runs")
    for name, opened in (("sweep", page.open_sweep), ("seeds", page.open_seeds)):
        opened()
        hands.settle(0.8)
        hands.picture(f"chinese-{name}", both=False)
