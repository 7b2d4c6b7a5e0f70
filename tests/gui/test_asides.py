"""Menus, boxes, dialogs, banners and tooltips in both languages: each is opened, and what nobody opens fails here."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from lstm_studio.data.handmade import HandSet
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.gui import i18n
from lstm_studio.gui.main_window import MainWindow
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.session import Session
from lstm_studio.gui.widgets.find_batch import FindBatch
from lstm_studio.gui.widgets.find_rate import FindRate
from lstm_studio.gui.widgets.hand_marks import HandMarks
from lstm_studio.gui.widgets.help_dialog import HelpDialog
from lstm_studio.gui.widgets.notices import Notices
from lstm_studio.gui.widgets.question import Question
from lstm_studio.gui.widgets.report_dialog import ReportDialog
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog
from lstm_studio.gui.widgets.span_text import SpanMark, SpanText

from .asides import GUI, TIPS, Site, Walk, called, calls, classes, dialogs, sites, tree_of
from .reading import PLACES, clipped, left_in_english
from .test_words import SLOW, inside, loaded_window, open_sample, settle, speaking, trained_window, words_of

__all__ = ["speaking"]
ASKED = ("ask_discard", "_ask_leave")
"""Slots of the window that ask a question."""


@pytest.fixture(params=["zh_CN", "en"])
def language(request: pytest.FixtureRequest) -> str:
    i18n.set_language(request.param)
    return str(request.param)


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Before the window is made: it sees who makes what."""
    return Walk(monkeypatch)


# -- menus ------------------------------------------------------------------------------------------------------


def _sentences(qtbot: QtBot) -> Iterator[SpanText]:
    plain, marks = SpanText(), HandMarks()
    plain.set_sentence(["fly", "to", "Paris"], [SpanMark(2, 3, "city")])
    marks.show_row(HandSet(HAND_KINDS["tagging"], "mine", [("fly to Paris", "O O B-city")]), 0)
    for made in (plain, marks):
        qtbot.addWidget(made)
        made.resize(400, 80)
        made.show()
        yield made


def test_every_menu_speaks_the_language(walk: Walk, speaking: MainWindow, session: Session, qtbot: QtBot) -> None:
    window = speaking
    walk.data = {"city", "good", "bad"}
    for made in _sentences(qtbot):
        walk.context_menus(made)
    open_sample(session, qtbot)
    walk.data |= words_of(session, "run")
    data: Any = window.page("data")
    window.show_page("data")
    walk.context_menus(window)
    header = data.work.table.header
    walk.open(header.button(0).click)
    data.show_hand()
    data.hand.desk.table.setFocus()
    settle(session, qtbot)
    walk.context_menus(window)
    for name in ("runs", "inspect"):
        walk.button_menus(window.page(name))
    walk.open(window.saving.save_page)
    window.runbar.show()
    QApplication.processEvents()
    walk.open(window.runbar.more.click)
    window.runbar.hide()
    assert not walk.wrong, "\n".join(walk.wrong)
    assert not sites("QMenu", *classes(QMenu)) - walk.walked, "nobody opens these menus here"


# -- boxes and dialogs ------------------------------------------------------------------------------------------


def test_every_question_speaks_the_language(
    walk: Walk, language: str, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "training", property(lambda _: True))
    for name in ASKED:
        assert walk.open(getattr(window, name))
    monkeypatch.undo()
    assert not walk.wrong, "\n".join(walk.wrong)
    assert {function for _, function in sites("Question")} == set(ASKED), "nobody asks these questions here"
    kinds = ("question", "warning", "critical", "information", "about", "getText", "getItem", "getInt", "getColor")
    assert not sites("QMessageBox"), "its buttons are cut: take a Question"
    owned = [(site, node.func) for site, node in calls() if called(node) in kinds]
    short = [site for site, func in owned if isinstance(func, ast.Attribute) and ast.unparse(func.value)[0] == "Q"]
    assert not short, "a box of one line is not walked: take a Question"


OWN = ("Question", "SettingsDialog", "HelpDialog", "ReportDialog", "FindRate", "FindBatch")


def dialog_of(name: str, session: Session, window: MainWindow) -> Any:
    """One of the dialogs, not shown yet."""
    if name == "Question":
        yes = (i18n.tr("Stop and close"), i18n.tr("End the run and keep the best weights"))
        return Question(i18n.tr("A run is still training"), i18n.tr("Reading the file"), yes, yes, parent=window)
    if name == "ReportDialog":
        return ReportDialog("Traceback", Path("/home/a/logs/20260101-101010-123456.txt"), window)
    kinds: dict[str, Any] = {
        "SettingsDialog": SettingsDialog, "HelpDialog": HelpDialog, "FindRate": FindRate, "FindBatch": FindBatch,
    }  # fmt: skip
    return kinds[name](window) if name == "HelpDialog" else kinds[name](session, window)


def test_every_dialog_speaks_the_language(walk: Walk, language: str, window: MainWindow, session: Session) -> None:
    assert dialogs() == set(OWN), "each dialog has its place in OWN"
    for name in OWN:
        dialog = dialog_of(name, session, window)
        dialog.show()
        QApplication.processEvents()
        walk.data = {"traceback"}
        walk.read(dialog, name)
        dialog.close()
        dialog.deleteLater()
    assert not walk.wrong, "\n".join(walk.wrong)


def test_questions_for_a_file_are_asked_in_the_language() -> None:
    """Their titles and the names of what may be chosen go through tr; an ending in capitals is its own name."""
    functions = ("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory")
    found = [(site, node) for site, node in calls() if called(node) in functions]
    assert found
    bad = []
    for site, node in found:
        for text in (part.value for part in ast.walk(node) if isinstance(part, ast.Constant)):
            bare = re.sub(r"\([^)]*\)", "", text) if isinstance(text, str) else ""
            said = any(len(word) > 2 and word.islower() for word in re.findall("[A-Za-z]+", bare))
            if said and text not in i18n.load_catalogue("zh_CN"):
                bad.append((site, text))
    assert not bad


# -- banners ----------------------------------------------------------------------------------------------------

SAID = {"tr", "ntr", "error_text", "_sentence", "os_words"}
ELSEWHERE = {
    f"widgets/{name}.py"
    for name in (
        "alignment_grid", "density_chart", "parallel_axes", "passage_text", "samples_list", "sentence_list",
        "span_text", "sweep_slices", "tips", "token_bars", "verdict_band", "written_text",
    )
}  # fmt: skip
"""Painted for other tasks, or after measurements that take long: their own tests ask for their words."""
Functions = dict[str, ast.FunctionDef]
SEVERITIES = {"info", "success", "warning", "error"}
SINKS = ("Notice", "show_message", "say")


def _tree(name: str) -> ast.Module:
    return tree_of(GUI / name)


def _function(tree: ast.Module, node: ast.Call) -> ast.AST:
    """The outermost function around a call."""
    return next((f for f in _functions(tree) if f.lineno <= node.lineno <= (f.end_lineno or 0)), tree)


@functools.cache
def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _unsaid(node: ast.AST, around: ast.AST, functions: Functions, seen: frozenset[str] = frozenset()) -> list[str]:
    """What of an expression goes to a person without tr."""
    if isinstance(node, ast.Constant):
        words = isinstance(node.value, str) and any(map(str.isalpha, node.value)) and node.value not in SEVERITIES
        return [str(node.value)] if words else []
    if isinstance(node, ast.Starred | ast.GeneratorExp | ast.ListComp):
        return _unsaid(node.value if isinstance(node, ast.Starred) else node.elt, around, functions, seen)
    if isinstance(node, ast.List | ast.Tuple):
        return [text for part in node.elts for text in _unsaid(part, around, functions, seen)]
    if isinstance(node, ast.IfExp):
        return [*_unsaid(node.body, around, functions, seen), *_unsaid(node.orelse, around, functions, seen)]
    if isinstance(node, ast.BinOp | ast.BoolOp):
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) else node.values
        return [text for part in parts for text in _unsaid(part, around, functions, seen)]
    if isinstance(node, ast.Call):
        name = called(node)
        if name in SAID:
            return []
        if name in seen or name[:1].isupper():  # no text
            return []
        if name in ("join", "next", "sub"):
            parts = node.args[2:] if name == "sub" else node.args
            return [text for part in parts for text in _unsaid(part, around, functions, seen)]
        if name in functions:
            made = [n.value for n in ast.walk(functions[name]) if isinstance(n, ast.Return) and n.value is not None]
            return [text for part in made for text in _unsaid(part, functions[name], functions, seen | {name})]
        return [ast.unparse(node)]
    if isinstance(node, ast.Name):
        given = [n.value for n in ast.walk(around) if isinstance(n, ast.Assign) and _names(n, node.id)]
        handed = [a.arg for n in ast.walk(around) if isinstance(n, ast.FunctionDef) for a in n.args.args]
        if node.id in seen or (not given and node.id in handed):
            return []  # whoever calls it says it
        return [t for part in given for t in _unsaid(part, around, functions, seen | {node.id})] if given else [node.id]
    return [ast.unparse(node)]


def _names(node: ast.Assign, name: str) -> bool:
    targets = [part for target in node.targets for part in getattr(target, "elts", [target])]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _banners() -> Iterator[tuple[Site, ast.Call]]:
    for site, node in calls():
        kinds = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)] if node.args else []
        severity = isinstance(node.args[0], ast.Name) if len(node.args) > 1 else False
        if called(node) in SINKS and len(node.args) > 1 and (severity or set(kinds) & SEVERITIES):
            yield site, node


def test_no_banner_is_said_without_its_translation() -> None:
    functions: Functions = {}
    for path in sorted(GUI.rglob("*.py")):
        functions |= {node.name: node for node in _functions(tree_of(path))}
    bad = []
    for (name, scope), node in _banners():
        around = _function(_tree(name), node)
        for part in node.args[1:3]:
            bad += [f"{name} {scope}: {text}" for text in _unsaid(part, around, functions)]
    assert not bad, "\n".join(bad)


def test_what_is_filled_in_is_translated_too() -> None:
    """Why something failed, inside of a sentence."""
    filled = [(site, word.value) for site, node in calls() if called(node) in ("tr", "ntr") for word in node.keywords]
    bare = [(site, ast.unparse(value)) for site, value in filled if not isinstance(value, ast.Call)]
    bare += [(site, ast.unparse(value)) for site, value in filled if ast.unparse(value).startswith("str(error")]
    assert not [(site, text) for site, text in bare if re.search(r"\.message\b|strerror|str\(error", text)]


def test_every_banner_has_room_for_what_it_says(language: str, qtbot: QtBot) -> None:
    """All sentences of banners, with long words filled in, in a narrow window."""
    texts = set()
    for (name, _), node in _banners():
        for part in ast.walk(_function(_tree(name), node)):
            first = part.args[0] if isinstance(part, ast.Call) and called(part) == "tr" else None
            if isinstance(first, ast.Constant):
                texts.add(str(first.value))
    assert len(texts) > 30
    place, made = QWidget(), Notices()
    qtbot.addWidget(place)
    column = QVBoxLayout(place)
    column.addWidget(made)
    column.addWidget(QWidget(), 1)
    place.resize(560, 500)
    place.show()
    wrong = set()
    for text in sorted(texts):
        values = dict.fromkeys(PLACES.findall(text), "/home/a/资料/a-long-name-of-a-file-2026.zip")
        try:
            said = i18n.tr(text, **values)
        except ValueError:
            continue  # a number with a format
        made.say(Notice("warning", said, i18n.tr("Open folder")))
        QApplication.processEvents()
        wrong |= clipped(made) | (left_in_english(made, set()) if language == "zh_CN" else set())
    assert not wrong, "\n".join(wrong)


# -- tooltips ---------------------------------------------------------------------------------------------------


@SLOW
@pytest.mark.timeout(900)
def test_every_painted_tooltip_speaks_chinese(
    walk: Walk, speaking: MainWindow, session: Session, texts_run: Path, qtbot: QtBot
) -> None:
    open_sample(session, qtbot)
    walk.data = words_of(session, "run yes no good film plot bad its turns and")
    for _, root in loaded_window(speaking, session, qtbot):
        walk.tips(root)
    session.select_run(texts_run)
    for parts in (trained_window(speaking, session, qtbot), inside(speaking, session, qtbot)):
        for _, root in parts:
            walk.tips(root)
    assert not walk.wrong, "\n".join(walk.wrong)
    left = {name for name, _ in sites(*TIPS) - walk.walked}
    assert left <= ELSEWHERE, f"nobody points at these here: {sorted(left - ELSEWHERE)}"
