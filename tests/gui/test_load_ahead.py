"""What is loaded while a person looks at the window, when the program ends meanwhile."""

from __future__ import annotations

import builtins
import gc
import threading
from types import SimpleNamespace

import pytest

from lstm_studio.gui import app


def test_the_end_of_the_program_is_no_bug_and_another_trouble_is(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def refuse(name, *rest, **more):
        if name == "torch":
            raise RuntimeError("can't register atexit after shutdown")
        return found(name, *rest, **more)

    monkeypatch.setattr(app, "PAGES", ())
    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    with pytest.raises(RuntimeError, match="atexit"):
        app._load_ahead(lambda: None)
    monkeypatch.setattr(threading, "main_thread", lambda: SimpleNamespace(is_alive=lambda: False))
    app._load_ahead(lambda: None)
