"""The Predict page with a real network: typing, several texts, a file, no network, a run that is paused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_studio.config import parse
from lstm_studio.gui.widgets.probability_bars import percent
from lstm_studio.runs.start import start
from tests.training.conftest import write_toy

FIRST_PAGE = "predict"


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    config = parse(
        {
            "data": {"path": str(write_toy(folder / "toy.csv"))},
            "model": {"hidden_size": 12, "embedding_size": 8},
            "training": {"epochs": 3, "batch_size": 16, "learning_rate": 0.01, "threads": 1, "probe_seconds": 0},
        }
    )
    run = start(config, lambda event: None, folder=folder / "run", cache=folder / "cache").run
    assert run is not None
    return run


@pytest.fixture
def page(window, session, trained, qtbot):
    session.select_run(trained)
    window.show_page("predict")
    return window.page("predict")


def test_without_a_network_it_says_what_to_do(window):
    window.show_page("predict")
    page = window.page("predict")
    assert page._empty.isVisible()
    assert not page._content.isVisible()
    page._empty.buttons[0].click()
    assert window.current_page == "train"


def test_typing_gives_probabilities_and_words(page, qtbot):
    page._text.setPlainText("w1 good w2 zebra")
    qtbot.waitUntil(lambda: page._view is not None and bool(page._view.bars._rows), timeout=5000)
    bars, why = page._view.bars, page._view.why
    shown = dict(bars._rows)
    assert set(shown) == {"neg", "pos"}
    assert sum(shown.values()) == pytest.approx(1, abs=1e-5)
    assert why.words._tokens == ["w1", "good", "w2", "zebra"]
    assert why.words._unknown == [False, False, False, True]
    qtbot.waitUntil(lambda: why.words._weights is not None, timeout=5000)
    weights = [abs(weight) for weight in why.words._weights]
    assert weights.index(max(weights)) == 1, "the label hangs on 'good'"
    assert "1 word is unknown" in why.legend.text()
    page._keep()
    assert page._history.count() == 1
    page._text.setPlainText("")
    qtbot.waitUntil(lambda: not bars._rows, timeout=5000)
    page._history.itemClicked.emit(page._history.item(0))
    assert page._text.toPlainText() == "w1 good w2 zebra"


def test_several_lines_are_several_texts(page, qtbot):
    page._text.setPlainText("good w1\n\nbad w2\n" + "w3 " * 300)
    qtbot.waitUntil(lambda: page._table.rowCount() == 3, timeout=5000)
    assert page._several.isVisible()
    assert not page._view.isVisible()
    assert [page._table.item(row, 1).text() for row in (0, 1)] == ["pos", "neg"]
    page._table.cellDoubleClicked.emit(1, 0)
    qtbot.waitUntil(lambda: page._view.isVisible(), timeout=5000)
    assert page._text.toPlainText() == "bad w2"


def test_a_file_in_a_file_out(page, qtbot, tmp_path):
    source, target = tmp_path / "in.txt", tmp_path / "out.csv"
    source.write_text("good w1\nbad w2\n")
    page.predict_file(source, target)
    qtbot.waitUntil(lambda: page._job is None, timeout=10000)
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "pos" in lines[1]
    assert "2 rows written" in page._status.text()
    assert page._file.isEnabled()


def test_a_bad_file_is_a_sentence_in_the_page(page, qtbot, tmp_path):
    source = tmp_path / "picture.csv"
    source.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    page.predict_file(source, tmp_path / "out.csv")
    qtbot.waitUntil(lambda: page._banner is not None, timeout=10000)
    assert "PNG picture" in page._banner.label.text()
    assert not (tmp_path / "out.csv").exists()


def test_percent():
    assert percent(0.1234) == "12.3 %"
    assert percent(1.0) == "100.0 %"
