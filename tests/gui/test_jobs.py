"""Jobs: answers on the window's thread, cancelling, superseding, errors, closing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.jobs import JobPool
from lstm_studio.gui.notify import hub


@pytest.fixture
def pool(qapp: QApplication):
    made = JobPool()
    yield made
    assert made.close()


def test_the_answer_comes_on_the_windows_thread(pool: JobPool, qtbot) -> None:
    seen = {}

    def work(progress):
        seen["worked"] = threading.current_thread()
        return 42

    def done(value):
        seen["answer"], seen["on"] = value, QThread.currentThread()

    pool.start(work, done=done)
    qtbot.waitUntil(lambda: "answer" in seen)
    assert seen["answer"] == 42
    assert seen["worked"] is not threading.main_thread()
    assert seen["on"] is pool.thread()
    assert pool.busy == 0


def test_progress_is_throttled_and_arrives_in_order(pool: JobPool, qtbot) -> None:
    told, answers = [], []

    def work(progress):
        for number in range(2000):
            progress(number / 2000, f"{number}")
        progress(1.0, "end")

    pool.start(work, done=answers.append, progress=lambda fraction, words: told.append(fraction))
    qtbot.waitUntil(lambda: bool(answers))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) < 100


def test_cancelling_ends_the_function_and_drops_the_answer(pool: JobPool, qtbot) -> None:
    ended, called = threading.Event(), []

    def work(progress):
        try:
            while True:
                time.sleep(0.002)
                progress(0.5, "")
        finally:
            ended.set()

    job = pool.start(work, done=called.append, failed=called.append)
    qtbot.wait(20)
    job.cancel()
    assert ended.wait(2)
    qtbot.waitUntil(lambda: pool.busy == 0)
    assert called == []


def test_a_newer_job_makes_the_older_one_stale(pool: JobPool, qtbot) -> None:
    gate, got = threading.Event(), []

    def slow(progress):
        gate.wait(5)
        return "old"  # does not look whether it was cancelled

    pool.start(slow, done=got.append, channel="preview")
    pool.start(lambda progress: "new", done=got.append, channel="preview")
    pool.start(lambda progress: "other", done=got.append, channel="elsewhere")
    qtbot.waitUntil(lambda: len(got) == 2)
    gate.set()
    qtbot.waitUntil(lambda: pool.busy == 0)
    assert sorted(got) == ["new", "other"]


def test_errors_go_to_whoever_asked_else_to_the_hub(pool: JobPool, qtbot, heard) -> None:
    heard.on(hub().notice).on(hub().bug)
    mine = []

    def expected(progress):
        raise StudioError("The file is empty")

    def bug(progress):
        raise ZeroDivisionError("oops")

    pool.start(expected, failed=mine.append)
    qtbot.waitUntil(lambda: bool(mine))
    assert isinstance(mine[0], StudioError)
    pool.start(expected)
    qtbot.waitUntil(lambda: len(heard.got) == 1)
    assert heard.got[0].text == "The file is empty."
    pool.start(bug)
    qtbot.waitUntil(lambda: len(heard.got) == 2)
    assert "ZeroDivisionError: oops" in heard.got[1]


def test_a_bug_in_a_callback_does_not_stop_the_others(pool: JobPool, qtbot, heard) -> None:
    heard.on(hub().bug)
    got = []

    def broken(value):
        raise RuntimeError("in the callback")

    pool.start(lambda progress: 1, done=broken)
    pool.start(lambda progress: 2, done=got.append)
    qtbot.waitUntil(lambda: bool(got) and bool(heard.got))
    assert "in the callback" in heard.got[0]


def test_adopted_futures(pool: JobPool, qtbot) -> None:
    got, failed = [], []
    good, bad, dropped = Future(), Future(), Future()
    pool.adopt(good, done=got.append)
    pool.adopt(bad, failed=failed.append)
    pool.adopt(dropped, failed=failed.append)
    threading.Thread(target=good.set_result, args=(7,)).start()
    bad.set_exception(ValueError("x"))
    dropped.cancel()
    qtbot.waitUntil(lambda: len(failed) == 2 and got == [7])
    assert {type(error) for error in failed} == {ValueError, Cancelled}


def test_many_jobs_use_few_threads(pool: JobPool, qtbot) -> None:
    got = []
    for number in range(200):
        pool.start(lambda progress, number=number: number, done=got.append)
    qtbot.waitUntil(lambda: len(got) == 200)
    assert sorted(got) == list(range(200))
    assert len(pool._threads) <= 3


def test_closing_cancels_and_delivers_nothing(qapp: QApplication, qtbot) -> None:
    pool, got = JobPool(), []

    def work(progress):
        while True:
            time.sleep(0.002)
            progress(0, "")

    pool.start(work, done=got.append, failed=got.append)
    qtbot.wait(20)
    assert pool.close()
    qtbot.wait(20)
    assert got == []
