"""Settings: remembered, mended when damaged, never lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from lstm_studio.gui import settings
from lstm_studio.gui.folders import folders
from lstm_studio.gui.settings import Settings


def test_what_is_saved_is_read_again() -> None:
    one = Settings(theme="dark", language="zh_CN", threads=2)
    one.remember_file("/a/reviews.csv")
    one.note("train", log_scale=True)
    settings.save(one)
    two, complaint = settings.load()
    assert complaint is None
    assert two == one
    assert two.noted("train", "log_scale") is True
    assert two.noted("train", "smoothing", 0.5) == 0.5
    assert [path.name for path in settings.settings_file().parent.iterdir()] == ["settings.json"]


def test_home_moves_everything(home: Path) -> None:
    places = folders()
    assert all(home in path.parents for path in (places.config, places.data, places.cache, places.runs, places.logs))
    assert Settings().runs == places.runs
    assert Settings(runs_folder="/elsewhere").runs == Path("/elsewhere")


@pytest.mark.parametrize("text", ["{", "[1]", "\x00", '"x"', ""])
def test_a_damaged_file_is_set_aside(text: str) -> None:
    path = settings.settings_file()
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    loaded, complaint = settings.load()
    assert loaded == Settings()
    assert complaint
    assert "damaged" in complaint
    assert path.with_name("settings.json.damaged").read_text(encoding="utf-8") == text
    assert not path.exists()


def test_one_wrong_value_costs_only_itself() -> None:
    path = settings.settings_file()
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"theme": "purple", "language": "zh_CN", "future": 1}), encoding="utf-8")
    loaded, complaint = settings.load()
    assert complaint is None
    assert loaded.theme == "system"
    assert loaded.language == "zh_CN"


def test_recent_files_are_unique_and_few() -> None:
    one = Settings()
    for number in range(20):
        one.remember_file(f"/{number}.csv")
    one.remember_file("/15.csv")
    assert one.recent[0] == "/15.csv"
    assert len(one.recent) == settings.RECENT == len(set(one.recent))


def test_assignment_is_checked() -> None:
    with pytest.raises(ValidationError):
        Settings().theme = "purple"  # type: ignore[assignment]
