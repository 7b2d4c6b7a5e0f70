"""Catalogues: everything said has words in both languages, placeholders fit, patterns match."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QDialogButtonBox

import lstm_studio.gui
from lstm_studio import resources
from lstm_studio.config import ModelConfig, TrainingConfig
from lstm_studio.config.data import SECTIONS
from lstm_studio.config.describe import options
from lstm_studio.config.presets import PRESETS
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.samples import SAMPLES
from lstm_studio.errors import StudioError
from lstm_studio.gui import i18n
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.pages import PAGES
from lstm_studio.gui.widgets.header import STATES
from lstm_studio.gui.widgets.help_dialog import KEYS

FOLDER = Path(lstm_studio.gui.__file__).parent
SOURCES = sorted(FOLDER.rglob("*.py"))
CHINESE = i18n.load_catalogue("zh_CN")


def literals(path: Path) -> set[str]:
    """Texts that a file hands to tr and ntr."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"tr", "ntr"}:
            for argument in node.args[: 2 if node.func.id == "ntr" else 1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
                assert not isinstance(argument, ast.JoinedStr), f"{path.name}: tr of an f-string finds no key"
    return found


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(FOLDER)) for path in SOURCES])
def test_everything_said_is_translated(path: Path) -> None:
    missing = sorted(text for text in literals(path) if text not in CHINESE and re.search(r"[A-Za-z]{2}", text))
    assert not missing


def test_settings_pages_and_states_are_translated() -> None:
    texts = {text for page in PAGES for text in (page.title, page.question)}
    texts |= {words for _, words in STATES.values()} | {words for _, words in KEYS}
    texts |= {text for preset in PRESETS for text in (preset.title, preset.help)}
    for kind in KINDS.values():
        texts |= {kind.title, kind.help, *kind.row, *(kind.classes or ()), *kind.counted, kind.lengths}
        texts |= {text for role in kind.roles for text in (role.title, role.help)}
    for sample in SAMPLES:
        texts |= {sample.title, sample.help, *(text for own in sample.options for text in (own.title, own.help))}
    for section in (*SECTIONS.values(), ModelConfig, TrainingConfig):
        for option in options(section):
            texts |= {option.title, option.help, option.unit, option.automatic, *option.labels.values()}
    assert not sorted(text for text in texts if text and text not in CHINESE)


def test_placeholders_fit() -> None:
    for english, chinese in CHINESE.items():
        names = [set(re.findall(r"\{(\w*)", text)) for text in (english, chinese)]
        assert names[1] <= names[0], english


def test_no_key_has_two_translations() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in sorted(resources.find("translations").glob("zh_CN*.json")):
        for english, chinese in json.loads(path.read_text(encoding="utf-8")).items():
            if english in seen:
                assert seen[english][1] == chinese, (english, path.name, seen[english][0])
            seen[english] = (path.name, chinese)


def test_english_is_the_key() -> None:
    i18n.set_language("en")
    assert tr("Runs") == "Runs"
    assert tr("It took {time}.", time="9 s") == "It took 9 s."
    assert ntr("{n} text", "{n} texts", 1) == "1 text"
    assert ntr("{n} text", "{n} texts", 6920) == "6,920 texts"


def test_chinese_words_patterns_and_errors() -> None:
    i18n.set_language("zh_CN")
    assert tr("Data") == "数据"
    assert ntr("{n} text", "{n} texts", 1) == "1 条文本"
    assert tr("Reading: 1,500 rows") == "正在读取：1,500 行"
    assert tr("Cutting texts into tokens: 5 of 7") == "正在把文本切成词元：5 / 7"
    assert tr("nothing like it") == "nothing like it"
    error = StudioError("There is no trained network yet.", where="a.csv")
    assert i18n.error_text(error).startswith("a.csv: ")


def test_a_translation_that_does_not_fit_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_catalogue", {"{a} left": "{b} 剩余"})
    assert tr("{a} left", a="9 s") == "9 s left"


def test_qt_speaks_chinese_too(qapp: QApplication) -> None:
    i18n.set_language("zh_CN")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert re.search(r"[\u4e00-\u9fff]", box.buttons()[0].text())
    i18n.set_language("en")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert "ancel" in box.buttons()[0].text()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59.4, "59 s"), (134, "2 min 14 s"), (3600 * 3 + 300, "3 h 5 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert i18n.duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(950, "950"), (12_400, "12.4 k"), (123_456, "123 k"), (1_234_567, "1.2 M"), (99_990, "100.0 k")],
)
def test_compact_numbers(value: float, words: str) -> None:
    assert i18n.compact(value) == words


def test_compact_numbers_in_chinese() -> None:
    i18n.set_language("zh_CN")
    assert [i18n.compact(value) for value in (950, 312_000, 250_000_000)] == ["950", "31.2 万", "2.5 亿"]


@pytest.mark.parametrize(("amount", "words"), [(12, "12 B"), (38_200_000, "38 MB"), (1_500, "1.5 kB"), (2e9, "2.0 GB")])
def test_sizes(amount: float, words: str) -> None:
    assert i18n.size(amount) == words


def test_what_qt_left_in_english_is_chinese_too(qapp) -> None:
    try:
        i18n.set_language("zh_CN")
        for text in ("&Look in:", "Files of &type:", "File &name:"):
            assert any("一" <= letter <= "鿿" for letter in QCoreApplication.translate("QFileDialog", text))
        assert QCoreApplication.translate("QFileDialog", "nobody says this") == "nobody says this"
    finally:
        i18n.set_language("en")
    assert QCoreApplication.translate("QFileDialog", "&Look in:") == "&Look in:"
