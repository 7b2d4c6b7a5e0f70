"""Reads a window as a person does: every text of its widgets, and what has no room."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QToolButton,
    QWidget,
)

from lstm_studio.gui.widgets.basic import Chip, ElidedLabel

NAMES = set(
    """lstm lstms gru rnn studio csv tsv json jsonl parquet conll conllu nltk bleu rouge rougel chrf adam adamw sgd
    rmsprop cpu gpu mps cuda onnx python pytorch torch keras numpy npz png svg html txt utf gbk big5 latin unicode ascii
    mit apache ctrl shift alt tab esc enter home end page del space english luong bahdanau glove fasttext word2vec bpe
    treebank toktok pad unk bos eos relu tanh sigmoid softmax dropout crf bilstm bio iob iob2 iobes gers graves zip
    pdf runtime seed word char zoneout perplexity reber guo merity zaremba general apple nvidia mlflow
    tensorboard boston seven she microsoft visual""".split()
)
"""What is written alike in Chinese."""
_BESIDE = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:['’-][A-Za-z]+)*")
PLACES = re.compile(r"\{(\w+)\}")
_MARKUP = re.compile(r"<[/a-z][^>]*>|&\w+;")
_CODE = re.compile(r"https?://\S+|[\w~.-]*[/\\]\S*|\b\w+(?:[._]\w+)+|<\w+>|\{\w*\}|--\w+|\.\w+\b|\b[A-Za-z]\[[^\]]*\]")
"""Addresses, paths, settings by their names, tokens, formulas."""


def english(text: str, data: set[str]) -> list[str]:
    """Words of a text that are neither Chinese, nor names, nor of the data."""
    # What stands between marks of direction is of the data: the window isolates it.
    bare = _CODE.sub(" ", _MARKUP.sub(" ", re.sub("\u2068.*?\u2069", " ", text)))
    known = NAMES | data
    return [
        word
        for word in _WORD.findall(bare)
        if len(word) > 2
        and not word.isupper()
        and not {part.lower() for part in word.split("-") if len(part) > 2} <= known
    ]


def said(root: QWidget) -> Iterator[tuple[QWidget, str]]:
    """All texts of the widgets that are shown, their names, tips and menus; not what a person typed or opened."""
    for widget in [root, *root.findChildren(QWidget)]:
        if not widget.isVisible():
            continue
        texts = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()]
        if isinstance(widget, QLabel | QAbstractButton):
            texts.append(widget.text())
        if isinstance(widget, QLineEdit | QPlainTextEdit):
            texts.append(widget.placeholderText())
        if isinstance(widget, QAbstractSpinBox):
            texts.append(widget.text())
        if isinstance(widget, QComboBox):
            texts += [widget.itemText(index) for index in range(widget.count())]
        if isinstance(widget, QTabBar):
            texts += [widget.tabText(index) for index in range(widget.count())]
        if isinstance(widget, QHeaderView) and widget.model() is not None:
            way = widget.orientation()
            for place in range(min(widget.count(), 50)):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                    texts.append(str(widget.model().headerData(place, way, role) or ""))
        menu = widget.menu() if isinstance(widget, QToolButton | QAbstractButton) and hasattr(widget, "menu") else None
        for action in _all_actions(menu):
            texts += [action.text(), action.toolTip()]
        for text in texts:
            if text:
                yield widget, text


def _all_actions(menu: QMenu | None) -> Iterator[QAction]:
    for action in menu.actions() if menu is not None else ():
        yield action
        inner = action.menu()
        yield from _all_actions(inner if isinstance(inner, QMenu) else None)


def left_in_english(root: QWidget, data: set[str]) -> set[str]:
    """Texts of a Chinese window that nobody translated."""
    found = set()
    for widget, text in said(root):
        words = english(text, data)
        if words:
            found.add(f"{type(widget).__name__}: {text[:160]!r} {words}")
    return found


def clipped(root: QWidget) -> set[str]:
    """Labels, buttons, tabs, choices and headings with less room than their words need, and no dots on purpose."""
    found = set()
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, ElidedLabel | Chip):
            continue
        short = ""
        if isinstance(widget, QLabel) and widget.text() and "…" not in widget.text():
            if widget.wordWrap():
                short = widget.text() if widget.height() + 2 < _needed(widget) else ""
            elif widget.width() + 1 < widget.minimumSizeHint().width():
                short = widget.text()
        elif isinstance(widget, QAbstractButton) and widget.text() and "…" not in widget.text():
            wide = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", "")) + 4
            style = widget.toolButtonStyle() if isinstance(widget, QToolButton) else _BESIDE
            if style == _BESIDE and not widget.icon().isNull():
                wide += widget.iconSize().width() + 4
            bare = style == Qt.ToolButtonStyle.ToolButtonIconOnly
            short = widget.text() if widget.width() + 1 < wide and not bare else ""
        elif isinstance(widget, QTabBar):
            wide = [widget.fontMetrics().horizontalAdvance(widget.tabText(n)) for n in range(widget.count())]
            short = next((widget.tabText(n) for n, w in enumerate(wide) if widget.tabRect(n).width() < w + 2), "")
        elif isinstance(widget, QComboBox) and not widget.isEditable():
            wide = widget.fontMetrics().horizontalAdvance(widget.currentText())
            short = widget.currentText() if widget.width() < wide + 20 and widget.count() < 30 else ""
        elif isinstance(widget, QHeaderView) and widget.orientation() == Qt.Orientation.Horizontal:
            short = _narrow_heading(widget)
        if short:
            found.add(f"{type(widget).__name__} {short[:60]!r} {widget.width()} x {widget.height()}")
    return found


def _needed(label: QLabel) -> int:
    return min(label.heightForWidth(label.width()), label.maximumHeight())


def _narrow_heading(header: QHeaderView) -> str:
    for place in range(header.count()):
        text = str(header.model().headerData(place, header.orientation(), Qt.ItemDataRole.DisplayRole) or "")
        wide = header.fontMetrics().horizontalAdvance(text)
        if header.isSectionHidden(place) or (header.textElideMode() != Qt.TextElideMode.ElideNone and len(text) > 24):
            continue
        if header.sectionSize(place) < wide:
            return text
    return ""
