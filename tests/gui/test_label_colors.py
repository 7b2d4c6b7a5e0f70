"""A label has one colour wherever its data are written, previewed and counted."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.gui.pages.data import HAND, WORK
from lstm_studio.gui.session import Session
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.label_colors import LabelColors, colors_of, label_order

ROWS = [("good soup", "yes"), ("bad soup", "no"), ("good bread", "yes"), ("bad bread", "no"), ("so so", "maybe")] * 2


def test_the_editor_and_the_workbench_agree(window, session: Session, qtbot: QtBot) -> None:
    page = window.page("data")
    page.show_hand()
    qtbot.waitUntil(lambda: page.stack.currentIndex() == HAND and page.hand.content is not None)
    page.hand.content.paste(0, 0, [(f"{text} {place}", label) for place, (text, label) in enumerate(ROWS)])
    page.hand.content.add_class("a new one")
    page.hand.desk.refresh()
    editor = {name: page.hand.desk.table.ink(name) for name in ("yes", "no", "maybe")}
    assert [page.hand.desk.labels.list.colors.of(name) for name in editor] == list(editor.values())
    page.hand.use()
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20000)
    assert page.stack.currentIndex() == WORK
    assert {name: page.work.table.label_color(name) for name in editor} == editor
    assert {name: page.work.health.balance.bars.colors.of(name) for name in editor} == editor
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=20000)


def test_their_order_and_what_there_are_too_many_of() -> None:
    assert label_order(["10", "-2", "9", "9"]) == ["-2", "9", "10"]
    assert label_order(["²", "1", "x"]) == ["1", "x", "²"], "no whole numbers, though they are digits"
    few = LabelColors(["a", "b"])
    assert few.of("b") == theme().class_color(1)
    assert few.of("c") is None
    many = LabelColors(map(str, range(20)))
    assert len({many.of(str(place)).name() for place in range(20)}) == 20  # type: ignore[union-attr]
    assert LabelColors(map(str, range(40))).of("1") is None
    tags = HandSet(HAND_KINDS["tagging"], "x", [("to Rome", "O B-city")], ["date", "city"])
    assert colors_of(tags).names == ["city", "date"], "a type that nothing is marked with comes last"
