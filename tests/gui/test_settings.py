"""Settings: remembered, mended when damaged, never lost."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from pytestqt.qtbot import QtBot

from lstm_studio.gui import settings
from lstm_studio.gui.folders import Glimpse, folders, glimpse, use_data
from lstm_studio.gui.session import Session
from lstm_studio.gui.settings import Settings
from lstm_studio.gui.widgets.settings_dialog import SettingsDialog

from .conftest import Heard


@pytest.fixture(autouse=True)
def _usual_folder() -> Iterator[None]:
    yield
    use_data("")


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


@pytest.mark.parametrize(
    "content",
    [b"{", b"[1]", b"\x00", b'"x"', b"", b"\xff\xfe\x80", b'{"theme": "da', b"[" * 100_000, b" " * 10_000_000],
    ids=["half", "list", "zero", "text", "empty", "binary", "broken off", "deep", "10 MB"],
)
def test_a_damaged_file_is_set_aside(content: bytes) -> None:
    path = settings.settings_file()
    path.parent.mkdir(parents=True)
    for name in ("settings.json.damaged", "settings.json.damaged-2"):  # an older one is not lost
        path.write_bytes(content)
        loaded, complaint = settings.load()
        assert loaded == Settings()
        assert complaint
        assert "damaged" in complaint
        assert path.with_name(name).read_bytes() == content
        assert not path.exists()
    assert glimpse() == Glimpse()
    settings.save(loaded)
    assert settings.load() == (loaded, None)


def test_a_folder_in_its_place_is_set_aside_too() -> None:
    path = settings.settings_file()
    (path / "inside").mkdir(parents=True)
    assert glimpse() == Glimpse()
    loaded, complaint = settings.load()
    assert complaint
    assert "folder" in complaint or "directory" in complaint
    assert (path.with_name("settings.json.damaged") / "inside").is_dir()
    settings.save(loaded)


def test_wrong_values_cost_only_themselves_and_are_told() -> None:
    path = settings.settings_file()
    path.parent.mkdir(parents=True)
    odd = {"theme": "purple", "language": "zh_CN", "future": 1, "threads": "many", "recent": 3, "pages": {"data": 1}}
    path.write_text(json.dumps(odd), encoding="utf-8")
    loaded, complaint = settings.load()
    assert complaint
    assert "pages, recent, theme, threads" in complaint
    assert (loaded.theme, loaded.threads, loaded.language) == ("system", None, "zh_CN")
    assert json.loads(path.with_name("settings.json.damaged").read_text(encoding="utf-8")) == odd


def test_a_disk_that_refuses_is_told_of_and_nothing_is_lost(
    session: Session, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.save(Settings(theme="dark"))
    heard.on(session.notice)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("os.replace", "tempfile.mkstemp"):
        monkeypatch.setattr(f"lstm_studio.gui.settings.{name}", full)
        session.save()
    assert [notice.text for notice in heard.got] == ["The settings could not be saved: No space left on device"] * 2
    assert settings.load()[0].theme == "dark"
    assert [path.name for path in settings.settings_file().parent.iterdir()] == ["settings.json"]
    path = settings.settings_file()
    path.write_text("{", encoding="utf-8")  # and it cannot be set aside either
    loaded, complaint = settings.load()
    assert loaded == Settings()
    assert complaint
    assert "could not be read" in complaint


def test_folders_are_tried_before_they_are_kept(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    usual = folders().data
    (tmp_path / "file").write_text("", encoding="utf-8")
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)

    def tried(keep: Callable[[str], object], folder: str) -> None:
        keep(folder)
        qtbot.waitUntil(lambda: session.jobs.busy == 0)

    for bad in (str(tmp_path / "file" / "in"), "not/from/the/root", str(tmp_path / "nul\0")):
        tried(dialog.folders.keep_data, bad)
        assert not dialog.folders.wrong.isHidden()
        assert dialog.folders.wrong.text().endswith(".")
        assert folders().data == usual
        tried(dialog.folders.keep_runs, bad)
        assert session.settings.runs_folder is None
        tried(dialog.corpora.keep, bad)
        assert not dialog.corpora.wrong.isHidden()
        assert session.settings.corpora_folder == ""
    tried(dialog.folders.keep_data, str(tmp_path / "mine"))
    assert dialog.folders.wrong.isHidden()
    assert dialog.folders.data.folder.full_text() == str(tmp_path / "mine")
    assert folders().data == tmp_path / "mine"
    assert session.store.folder == tmp_path / "mine" / "runs"
    settings.save(session.settings)
    loaded, _ = settings.load()
    assert settings.use_folder(loaded) == ""
    (tmp_path / "mine").rename(tmp_path / "gone")
    (tmp_path / "mine").write_text("", encoding="utf-8")  # as when a disk is not there
    assert "cannot be used now" in settings.use_folder(loaded)
    assert folders().data == usual
    dialog.folders.keep_data("")
    assert folders().data == usual


def test_a_device_is_asked_for_before_it_is_kept(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    dialog.device.setCurrentIndex(2)
    dialog.device.activated.emit(2)
    qtbot.waitUntil(lambda: not dialog.device_error.isHidden(), timeout=20_000)
    assert "NVIDIA GPU" in dialog.device_error.text()
    assert session.settings.device == "auto"
    assert dialog.device.currentIndex() == 0
    dialog.device.setCurrentIndex(1)
    dialog.device.activated.emit(1)
    qtbot.waitUntil(lambda: session.settings.device == "cpu")
    assert dialog.device_error.isHidden()
    applied = session.settings.applied(session.config).training
    assert applied.device == "cpu"


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
