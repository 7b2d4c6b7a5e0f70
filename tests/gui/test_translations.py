"""Every sentence that the window can show has a Chinese form with the same placeholders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lstm_studio.config import ModelConfig, TrainingConfig
from lstm_studio.config.data import SECTIONS
from lstm_studio.config.describe import options
from lstm_studio.config.presets import PRESETS
from lstm_studio.gui import i18n

GUI = Path(i18n.__file__).parent
FILES = sorted(GUI.rglob("*.py"))


def literals(path: Path) -> set[str]:
    """First arguments of tr, first two of ntr, where they are plain text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        taken = {"tr": 1, "ntr": 2}.get(name, 0)
        for argument in node.args[:taken]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.add(argument.value)
    return {text for text in found if re.search(r"[A-Za-z]{2}", re.sub(r"\{\w+\}", "", text))}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    return i18n.load_catalogue("zh_CN")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GUI)))
def test_every_sentence_is_translated(path, catalogue):
    missing = sorted(literals(path) - catalogue.keys())
    assert not missing, missing


def test_every_setting_is_translated(catalogue):
    wanted: set[str] = set()
    for section in (*SECTIONS.values(), ModelConfig, TrainingConfig):
        for option in options(section):
            wanted |= {option.title, option.help, *option.labels.values()}
            wanted |= {text for text in (option.unit, option.automatic) if text and text != "s"}
    for preset in PRESETS:
        wanted |= {preset.title, preset.help}
    assert not sorted(wanted - catalogue.keys())


def test_placeholders_are_the_same(catalogue):
    for english, chinese in catalogue.items():
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", chinese)), english
        assert chinese.strip(), english
