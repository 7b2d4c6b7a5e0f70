"""The Predict page with networks that tag: entities in words, in Chinese characters, and roles of verbs."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from lstm_studio.config import parse
from lstm_studio.gui import i18n
from lstm_studio.gui.widgets import answer_tags
from lstm_studio.runs.start import start

FIRST_PAGE = "predict"
PEOPLE = ("Angela Merkel", "Ada", "Alan Turing", "Grace")
PLACES = ("Paris", "New York", "Rome")
VERBS = ("gave", "sent", "showed")


def write_entities(path: Path, sentences: int = 60) -> Path:
    """CoNLL columns: "Ada met Grace in Paris ." """
    chance, lines = random.Random(3), []
    for _ in range(sentences):
        parts = [
            (chance.choice(PEOPLE), "person"),
            (chance.choice(("met", "saw")), ""),
            (chance.choice(PEOPLE), "person"),
        ]
        if chance.random() < 0.7:
            parts += [("in", ""), (chance.choice(PLACES), "location")]
        for words, kind in [*parts, (".", "")]:
            for place, word in enumerate(words.split()):
                lines.append(f"{word} {('I-' if place else 'B-') + kind if kind else 'O'}")
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_roles(path: Path, sentences: int = 80) -> Path:
    """A line a verb: "Ada gave Grace books ." and two such joined by "and"."""
    chance, rows = random.Random(4), []
    for _ in range(sentences):
        words: list[str] = []
        frames = []
        for part in range(chance.choice((1, 2))):
            words += ["and"] if part else []
            first = len(words)
            words += [chance.choice(PEOPLE[1::2]), chance.choice(VERBS), chance.choice(PEOPLE[1::2]), "books"]
            frames.append(first)
        words.append(".")
        for first in frames:
            tags = ["O"] * len(words)
            tags[first : first + 4] = ["B-A0", "B-V", "B-A2", "B-A1"]
            rows.append({"words": words, "tags": tags, "predicate": first + 1})
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def write_chinese(path: Path, sentences: int = 60) -> Path:
    """A character a line."""
    chance, lines = random.Random(5), []
    for _ in range(sentences):
        for words, kind in (
            (chance.choice(("小明", "王芳")), "人名"),
            ("去", ""),
            (chance.choice(("北京", "上海")), "地名"),
        ):
            for place, sign in enumerate(words):
                lines.append(f"{sign} {('I-' if place else 'B-') + kind if kind else 'O'}")
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def train(path: Path, folder: Path, **data: Any) -> Path:
    """A tiny network of a second."""
    config = parse(
        {
            "task": "tagging",
            "data": {"path": str(path), **data},
            "model": {"hidden_size": 12, "embedding_size": 12, "dropout": 0.0},
            "training": {"epochs": 12, "batch_size": 8, "learning_rate": 0.03, "threads": 1, "probe_seconds": 0},
        }
    )
    run = start(config, lambda event: None, folder=folder / path.stem, cache=folder / "cache").run
    assert run is not None
    return run


@pytest.fixture(scope="module")
def entities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("entities")
    return train(write_entities(folder / "entities.conll"), folder, word=0, tag=1)


@pytest.fixture(scope="module")
def verbs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("roles")
    return train(write_roles(folder / "roles.jsonl"), folder, word="words", tag="tags", predicate="predicate")


@pytest.fixture(scope="module")
def characters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("characters")
    return train(write_chinese(folder / "zh.conll"), folder, word=0, tag=1)


@pytest.fixture
def asked(window: Any, session: Any, qtbot: Any) -> Callable[[Path, str], Any]:
    """Show the page with a run and a text, and wait for the words that mattered."""

    def make(run: Path, text: str) -> Any:
        session.select_run(run)
        window.show_page("predict")
        page = window.page("predict")
        page._text.setPlainText(text)
        qtbot.waitUntil(lambda: page._view is not None and page._view._found is not None, timeout=5000)
        qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)
        return page

    return make


def spans(text: Any) -> list[tuple[str, str]]:
    """(words, label) of what a sentence shows."""
    glue = " " if text._spaced else ""
    return [(glue.join(text._words[mark.start : mark.end]), mark.label) for mark in text._spans]


# -- entities ---------------------------------------------------------------------------------------------------


def test_entities_are_shown_with_their_types_and_the_first_one_explained(asked, entities):
    page = asked(entities, "Angela Merkel met Ada in zebra New York .")
    view = page._view
    (text,) = view.texts
    assert spans(text)[:2] == [("Angela Merkel", "person"), ("Ada", "person")]
    assert spans(text)[-1][1] == "location"
    assert [text._words[at] for at in text._unknown] == ["zebra"]
    counted = Counter(label for _, label in spans(text))
    shown = {label: button.text() for label, button in view.legend.buttons.items()}
    assert shown == {label: f" {label}  {count}" for label, count in counted.items()}
    assert view.why.title.text() == "Words that mattered for “Angela Merkel” (person)"
    weights = view.why.words._weights
    assert sum(abs(weight) for weight in weights) == pytest.approx(1, abs=1e-4)
    assert "1 word is unknown" in view.note.text()
    assert view.hint.isHidden()
    assert view.chips.isHidden()
    assert 0 < text._spans[0].strength <= 1
    assert "Every sentence of a file" in page._about_files.text()


def test_a_click_on_a_word_or_a_type_asks_why(asked, entities, session, qtbot):
    view = asked(entities, "Ada met Grace in Paris .")._view
    text = view.texts[0]
    before = list(view.why.words._weights)
    text.setFocus()
    qtbot.keyClick(text, Qt.Key.Key_End)
    qtbot.keyClick(text, Qt.Key.Key_Left)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert view.why.title.text() == "Words that mattered for “Paris” (location)"
    qtbot.waitUntil(lambda: view.why.words._weights is not None, timeout=5000)
    assert list(view.why.words._weights) != before
    text.word_clicked.emit(1)
    assert view.why.title.text() == "Words that mattered for “met” (no label)"
    people = [("Ada", "person"), ("Grace", "person"), ("Ada", "person")]
    for words, label in people:
        view.legend.buttons["person"].click()
        assert view.why.title.text() == f"Words that mattered for “{words}” ({label})"
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)


def test_nothing_found_is_said_and_the_words_can_still_be_asked_about(asked, entities, qtbot):
    page = asked(entities, "met in saw .")
    view = page._view
    if view.texts[0]._spans:  # pragma: no cover - a network this small may see ghosts
        pytest.skip("the network found something")
    assert view.hint.text() == "Nothing was found in this text."
    assert view.legend.isHidden()
    assert "Click a word" in view.why.legend.text()
    page._text.setPlainText("")
    qtbot.waitUntil(lambda: view._found is None, timeout=5000)
    assert "Your text will stand here" in view.hint.text()
    assert view.area.isHidden()


def test_several_sentences_are_a_table_of_what_was_found(asked, entities, qtbot):
    page = asked(entities, "Ada met Grace in Rome .")
    page._keep()
    assert page._history.item(0).text().splitlines()[1] == "person: Ada · person: Grace · location: Rome"
    page._text.setPlainText("Ada met Grace in Paris .\nGrace saw <b>Alan Turing</b> .\n\n.")
    qtbot.waitUntil(lambda: page._table.rowCount() == 3, timeout=5000)
    assert not page._view.isVisible()
    heads = [page._table.horizontalHeaderItem(column).text() for column in range(page._table.columnCount())]
    assert heads == ["Text", "What was found"]
    assert page._table.item(0, 1).text() == "person: Ada · person: Grace · location: Paris"
    assert "&lt;b&gt;" in page._table.item(1, 0).toolTip()
    page._table.cellDoubleClicked.emit(0, 1)
    qtbot.waitUntil(lambda: page._view.isVisible(), timeout=5000)
    assert page._text.toPlainText() == "Ada met Grace in Paris ."


def test_a_very_long_text_is_explained_around_the_word(asked, entities):
    view = asked(entities, "Ada met Grace in Paris and " * 600)._view
    assert len(view.texts[0]._words) == 2000
    assert "1,600 words too many were cut away" in view.note.text()
    assert len(view.why.words._tokens) == answer_tags.AROUND
    assert "Only the words around it" in view.why.legend.text()


def test_the_view_is_that_of_the_runs_task(asked, entities, verbs, window, session, qtbot):
    page = asked(entities, "Ada met Grace in Paris .")
    page._text.setPlainText("")
    qtbot.waitUntil(lambda: page._view._found is None, timeout=5000)
    session.select_run(verbs)
    qtbot.waitUntil(lambda: page._view._facts.predicates, timeout=5000)
    assert "who did what to whom" in page._view.hint.text()


# -- roles ------------------------------------------------------------------------------------------------------


def test_verbs_are_offered_and_each_has_its_roles(asked, verbs):
    view = asked(verbs, "Ada gave Grace books and Grace sent Ada books .")._view
    assert [button.text() for button in view.chips.buttons.values()] == ["All verbs", "gave", "sent"]
    assert view.chips.buttons[None].isChecked()
    shown = [text for text in view.texts if text.isVisible()]
    assert [text._marked for text in shown] == [1, 6]
    assert ("Ada", "A0") in spans(shown[0])
    assert all(label != "V" for text in shown for _, label in spans(text))
    assert view.why.title.text() == "Words that mattered for “Ada” (A0 of “gave”)"
    view.chips.buttons[6].click()
    assert [text._marked for text in view.texts if text.isVisible()] == [6]
    assert "of “sent”" in view.why.title.text()
    assert view.in_short(view._found).startswith("gave (A0: Ada")


def test_any_word_can_be_made_the_predicate(asked, verbs, qtbot, session):
    view = asked(verbs, "Ada gave Grace books and Grace sent Ada books .")._view
    view.texts[1].setFocus()
    view.texts[1].word_clicked.emit(3)
    qtbot.waitUntil(lambda: view._choice == 3, timeout=5000)
    assert view.chips.buttons[3].text() == "books"
    assert view.chips.buttons[3].isChecked()
    assert [text._marked for text in view.texts if text.isVisible()] == [3]
    assert view.window().focusWidget() is view.texts[0], "the keyboard stays in the sentence"
    view.chips.buttons[None].click()
    assert [text._marked for text in view.texts if text.isVisible()] == [1, 3, 6]
    view.texts[0].word_clicked.emit(6)
    assert view._choice == 6
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)


def test_without_a_verb_it_says_what_to_do(asked, verbs, qtbot, session):
    view = asked(verbs, "Ada and Grace .")._view
    assert view.hint.text() == "No verb was found. Click the word whose roles you want to see."
    assert view.chips.isHidden()
    assert view.texts[0]._clickable == [0, 1, 2, 3]
    view.texts[0].word_clicked.emit(1)
    qtbot.waitUntil(lambda: view._choice == 1, timeout=5000)
    assert list(view.chips.buttons) == [1]
    assert view.texts[0]._marked == 1
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)


def test_very_many_verbs_are_not_all_painted(asked, verbs):
    view = asked(verbs, "Ada gave Grace books and " * 60)._view
    shown = [text for text in view.texts if text.isVisible()]
    assert len(shown) == answer_tags.MOST_WORDS // 300
    assert "52 verbs more" in view.note.text()
    assert len(view.chips.buttons) == 17
    view._choose(296)
    assert view.chips.buttons[296].isChecked()
    assert len(view.chips.buttons) == 17


# -- Chinese ----------------------------------------------------------------------------------------------------


def test_characters_and_chinese_words(qapp, session, characters, asked, qtbot):
    view = asked(characters, "小明去上海")._view
    text = view.texts[0]
    assert spans(text) == [("小明", "人名"), ("上海", "地名")]
    assert not text._spaced
    i18n.set_language("zh_CN")
    view.show_answer(view._found)
    assert view.why.title.text() == "对“小明”（人名）起作用的词"
    assert view.in_short(view._found) == "人名：小明 · 地名：上海"
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)


def test_a_run_without_a_network_says_so_only_when_asked(window, session, entities, tmp_path, qtbot):
    empty = tmp_path / "empty"
    shutil.copytree(entities, empty)
    (empty / "model.safetensors").unlink()
    session.select_run(empty)
    window.show_page("predict")
    page = window.page("predict")
    qtbot.wait(100)
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)
    assert page._notices.count() == 0
    page._text.setPlainText("Ada met Grace .")
    qtbot.waitUntil(lambda: page._banner is not None, timeout=5000)
    assert "no trained network" in page._banner.label.text()
    session.select_run(entities)
    qtbot.waitUntil(lambda: page._view is not None and page._view._found is not None, timeout=5000)
    assert page._notices.count() == 0
    qtbot.waitUntil(lambda: session.jobs.busy == 0, timeout=5000)
