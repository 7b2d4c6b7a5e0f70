"""Sentences, banners, reports: nothing goes to the console, nothing is lost."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QObject, Signal, qWarning
from PySide6.QtWidgets import QApplication

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui import crash
from lstm_studio.gui.folders import folders
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.widgets import report_dialog
from lstm_studio.gui.widgets.notices import MOST, Notices


@pytest.fixture
def reports(qapp: QApplication):
    got: list[str] = []
    undo = crash.install(got.append)
    yield got
    undo()


def test_an_expected_error_is_a_sentence(reports: list[str], heard) -> None:
    heard.on(hub().notice)
    hub().fail(StudioError("The file has no rows", where="a.csv", todo="Choose another"))
    hub().fail(Cancelled())
    assert [notice.text for notice in heard.got] == ["a.csv: The file has no rows. Choose another."]
    assert reports == []


@pytest.mark.qt_no_exception_capture
def test_a_bug_in_a_slot_becomes_a_report(reports: list[str], qtbot, capfd) -> None:
    class Bell(QObject):
        rung = Signal()

    def slot() -> None:
        raise KeyError("the bug")

    bell = Bell()
    bell.rung.connect(slot)
    bell.rung.emit()
    qtbot.waitUntil(lambda: len(reports) == 1)
    assert "KeyError: 'the bug'" in reports[0]
    assert "LSTM Studio" in reports[0]
    assert "Traceback" not in capfd.readouterr().err


def test_a_bug_on_a_thread_becomes_a_report(reports: list[str], qtbot) -> None:
    def broken() -> None:
        raise ValueError("on a thread")

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(reports) == 1)
    assert "ValueError: on a thread" in reports[0]


@pytest.mark.qt_no_exception_capture
def test_what_python_cannot_raise_is_kept(reports: list[str]) -> None:
    class Broken:
        def __del__(self) -> None:
            raise OSError("in del")

    made = Broken()
    del made
    gc.collect()
    kept = list(folders().logs.glob("*.txt"))
    assert len(kept) == 1
    assert "in del" in kept[0].read_text(encoding="utf-8")


def test_qt_messages_go_to_the_log(reports: list[str], caplog: pytest.LogCaptureFixture, capfd) -> None:
    with caplog.at_level(logging.WARNING, logger="qt"):
        qWarning("a Qt complaint")
        qWarning("This plugin does not support propagateSizeHints()")
    assert [record.message for record in caplog.records] == ["a Qt complaint"]
    assert capfd.readouterr().err == ""


def test_only_the_newest_reports_are_kept() -> None:
    for number in range(crash.KEEP + 5):
        assert crash.write_report(f"report {number}")
    assert len(list(folders().logs.glob("*.txt"))) == crash.KEEP


def test_a_crash_is_told_at_the_next_start() -> None:
    assert crash.mark_running() is None
    mark = folders().logs / "running"
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    mark.write_bytes(gone.stdout.strip())
    path = crash.write_report("it died of this")
    assert crash.mark_running() == path
    crash.unmark_running()
    assert crash.mark_running() is None


def test_a_second_window_is_no_crash() -> None:
    crash.mark_running()
    (folders().logs / "running").write_text(str(os.getppid()), encoding="utf-8")
    crash.write_report("of the other one")
    assert crash.mark_running() is None
    crash.unmark_running()
    assert (folders().logs / "running").exists()


def test_banners_replace_their_key_and_are_few(qtbot) -> None:
    notices = Notices()
    qtbot.addWidget(notices)
    notices.say(Notice("error", "one", key="load"))
    notices.say(Notice("error", "two", key="load"))
    assert notices.texts() == ["two"]
    notices.say(Notice("warning", "two"))
    assert notices.texts() == ["two"]
    for number in range(5):
        notices.say(Notice("error", f"error {number}"))
    assert len(notices.texts()) == MOST
    notices.clear()
    assert notices.texts() == []
    assert notices.isHidden()


def test_a_banner_acts_once_and_goes(qtbot) -> None:
    notices, done = Notices(), []
    qtbot.addWidget(notices)
    notices.say(Notice("error", "Too big", "Try batches of 16", lambda: done.append(16)))
    banner = notices._shown[0][1]
    banner.button.click()
    assert done == [16]
    assert notices.texts() == []


def test_information_goes_by_itself(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_studio.gui.widgets import notices as module

    monkeypatch.setattr(module, "SECONDS", {"info": 0.02})
    notices = Notices()
    qtbot.addWidget(notices)
    notices.say(Notice("info", "Copied"))
    notices.say(Notice("error", "Stays"))
    qtbot.waitUntil(lambda: notices.texts() == ["Stays"])


def test_the_report_can_be_copied_and_takes_in_more(qtbot, qapp: QApplication) -> None:
    path = crash.write_report("first bug")
    dialog = report_dialog.show_report("first bug", path, None)
    assert report_dialog.show_report("second bug", None, None) is dialog
    dialog.copy.click()
    copied = qapp.clipboard().text()
    assert "first bug" in copied
    assert "second bug" in copied
    dialog.accept()
    qtbot.wait(10)
    assert report_dialog._open == []
