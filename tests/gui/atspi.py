"""Started by test_accessible_bus under a display and a bus of its own: opens the window, then looks at it as a screen
reader does, over D-Bus, and prints what it finds, one JSON object a line.

    python -m tests.gui.atspi RUN_FOLDER        the window: opens page after page as stdin says
    /usr/bin/python3 atspi.py walk NAME         what the bus tells of the program (GLib's bindings; no Qt)
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

ROOT = "/org/a11y/atspi/accessible/root"
REGISTRY = "org.a11y.atspi.Registry"
ACCESSIBLE, VALUE, TABLE = (f"org.a11y.atspi.{name}" for name in ("Accessible", "Value", "Table"))
FOCUSABLE, SHOWING, VISIBLE, ENABLED = 11, 25, 30, 8
"""Bits of AtspiStateType."""
MOST = 4000


class Bus:
    """The accessibility bus, through Gio."""

    def __init__(self) -> None:
        from gi.repository import Gio, GLib  # type: ignore[import-not-found]

        self.glib, self.gio = GLib, Gio
        session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        found = session.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, 20_000, None
        )
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(found.unpack()[0], flags, None, None)

    def ask(self, at: tuple[str, str], interface: str, method: str, words: Any = None) -> Any:
        """The answer to a call."""
        name, path = at
        answer = self.bus.call_sync(name, path, interface, method, words, None, 0, 20_000, None).unpack()
        return answer[0] if len(answer) == 1 else answer

    def get(self, at: tuple[str, str], interface: str, name: str) -> Any:
        """A property."""
        words = self.glib.Variant("(ss)", (interface, name))
        return self.ask(at, "org.freedesktop.DBus.Properties", "Get", words)

    def states(self, at: tuple[str, str]) -> set[int]:
        """Bits that are set."""
        low, high = self.ask(at, ACCESSIBLE, "GetState")
        return {bit for bit in range(64) if (low if bit < 32 else high) >> (bit % 32) & 1}

    def walk(self, at: tuple[str, str], depth: int = 0) -> list[dict[str, Any]]:
        """Everything below a node that is shown; the cells of tables are left to the tables."""
        states = self.states(at)
        interfaces = self.ask(at, ACCESSIBLE, "GetInterfaces")
        node: dict[str, Any] = {
            "role": self.ask(at, ACCESSIBLE, "GetRoleName"),
            "name": self.get(at, ACCESSIBLE, "Name"),
            "description": self.get(at, ACCESSIBLE, "Description"),
            "focusable": FOCUSABLE in states and ENABLED in states,
            "depth": depth,
        }
        if VALUE in interfaces:
            node["value"] = self.get(at, VALUE, "CurrentValue")
            node["range"] = [self.get(at, VALUE, name) for name in ("MinimumValue", "MaximumValue")]
        found = [node]
        if node["role"] in ("table", "list", "tree"):
            if node["role"] != "table" or TABLE not in interfaces:
                return found
            node["rows"], node["columns"] = self.get(at, TABLE, "NRows"), self.get(at, TABLE, "NColumns")
            column = self.glib.Variant("(i)", (0,))
            header = self.ask(at, TABLE, "GetColumnHeader", column)
            node["header"] = self.get(tuple(header), ACCESSIBLE, "Name") if header[1] != "/" else ""
            return found
        for child in self.ask(at, ACCESSIBLE, "GetChildren"):
            if len(found) < MOST and {SHOWING, VISIBLE} <= self.states(tuple(child)):
                found += self.walk(tuple(child), depth + 1)
        return found


def walk(name: str) -> None:
    """Print the nodes of the program of this name."""
    bus = Bus()
    names: list[str] = []
    for _ in range(50):  # a program makes itself known a little after its window is there
        names = []
        for at in bus.ask((REGISTRY, ROOT), ACCESSIBLE, "GetChildren"):
            names.append(bus.get(tuple(at), ACCESSIBLE, "Name"))
            if name in names:
                for node in bus.walk(tuple(at)):
                    sys.stdout.write(json.dumps(node, ensure_ascii=False) + "\n")
                return
        time.sleep(0.1)
    sys.stdout.write(json.dumps({"missing": name, "there": names}) + "\n")


def window(run: str) -> None:
    """Show the window with a sample and a trained run; each line of stdin names a page, each answer is a line."""
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtWidgets import QApplication

    from lstm_studio.gui import app
    from lstm_studio.gui.folders import folders
    from lstm_studio.gui.session_model import EstimateRoom
    from lstm_studio.gui.settings import Settings

    EstimateRoom._measure = lambda self: None  # type: ignore[method-assign]  # the machine need not be measured
    made = app.make_application(["lstm-studio"])
    studio = app.Studio(Settings(language="en", theme="light", threads=1))
    session, shown = studio.session, studio.window
    shown.resize(1280, 800)
    shown.show()
    session.open_sample("sentiment-contrast", rows=200)
    kept = Path(shutil.copytree(run, folders().runs / "trained"))
    session.select_run(kept)

    def settle() -> None:
        least, limit = time.monotonic() + 0.4, time.monotonic() + 6
        while time.monotonic() < least or (session.dataset is None and time.monotonic() < limit):
            made.processEvents()
            time.sleep(0.005)

    def next_page() -> None:
        page, _, rest = sys.stdin.readline().strip().partition(" ")
        if page in ("", "end"):
            session.close()
            shown.retire()
            QApplication.quit()
            return
        shown.show_page(page)
        if page == "inspect":
            shown.page(page).text.setPlainText("the story was not good")  # type: ignore[attr-defined]
            settle()
            settle()
            if rest == "focus":
                shown.page(page).grid.maps[-1].setFocus()  # type: ignore[attr-defined]
        settle()
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    ear = QSocketNotifier(0, QSocketNotifier.Type.Read)
    ear.activated.connect(next_page)
    settle()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    made.exec()


if __name__ == "__main__":
    walk(sys.argv[2]) if sys.argv[1] == "walk" else window(sys.argv[1])
