"""A desktop for a program under trial: display, window manager, buses; eyes over AT-SPI, hands of xdotool.

It runs outside of the system in which the program is installed, so that it brings nothing there. Standard library, and
GLib's bindings of the system's own Python (python3-gi).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOOLS = ("Xvfb", "openbox", "xdotool", "import", "dbus-daemon", "setpriv")
PACKAGES = "xvfb openbox xdotool imagemagick dbus at-spi2-core python3-gi"
"""Debian packages that hold the tools."""
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE, COMPONENT = "org.a11y.atspi.Accessible", "org.a11y.atspi.Component"
ENABLED, SHOWING, VISIBLE = 8, 25, 30
"""Bits of AtspiStateType."""
MANY = ("table", "tree", "list")
"""Roles whose rows are not looked at."""
MOST = 3000


@dataclass(frozen=True)
class Node:
    """Something on the screen: its role, name, place in pixels, and whether it can be used."""

    role: str
    name: str
    x: int
    y: int
    width: int
    height: int
    enabled: bool

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


class LostError(Exception):
    """What a person would look for is not on the screen; the message says what is."""


class Desk:
    """A screen of its own with a session bus, for one person.

    Args:
        folder: For sockets; the program must see it under the same path. It belongs to the person.
        person: Number of the user and of the group.
        users: The /etc/passwd that names the person, whom the system outside need not know.
        size: Of the screen.
        pictures: Where ``picture`` puts PNG files.
    """

    def __init__(self, folder: Path, person: int, users: Path, size: str, pictures: Path) -> None:
        self.folder, self.person, self.users, self.pictures = folder, person, users, pictures
        self._parts: list[subprocess.Popen] = []
        self._count = 0
        try:
            self.environment = {"XDG_RUNTIME_DIR": str(folder)}
            self._open(size)
            self._bus = self._listen()
        except BaseException:
            self.close()
            raise

    def _open(self, size: str) -> None:
        reader, writer = os.pipe()
        self._start(["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-nolisten", "tcp"], writer)
        os.close(writer)
        with os.fdopen(reader) as said:
            self.environment["DISPLAY"] = f":{said.readline().strip()}"
        bus = self.folder / "bus"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={bus}"
        self._start([*self._guise, "dbus-daemon", "--session", "--nofork", f"--address=unix:path={bus}"])
        until(bus.exists, "the session bus", 20)
        self._start([*self._guise, "openbox"])

    @property
    def _guise(self) -> list[str]:
        known = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', str(self.users)]
        return [*known, "setpriv", f"--reuid={self.person}", f"--regid={self.person}", "--clear-groups"]

    def _start(self, command: list[str], pipe: int | None = None) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self._parts.append(
            subprocess.Popen(
                command, env={**kept, "HOME": str(self.folder), **self.environment},
                pass_fds=() if pipe is None else (pipe,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip

    def close(self) -> None:
        """Take the desktop down."""
        for part in reversed(self._parts):
            part.terminate()
            part.wait()

    # -- eyes --------------------------------------------------------------------------------------------------

    def _listen(self) -> Any:
        """The accessibility bus, told that somebody reads the screen, as a screen reader tells it."""
        from gi.repository import Gio, GLib

        self._variant = GLib.Variant
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        os.setegid(self.person)
        os.seteuid(self.person)  # a session bus lets nobody else in
        try:
            session = Gio.DBusConnection.new_for_address_sync(
                self.environment["DBUS_SESSION_BUS_ADDRESS"], flags, None, None
            )
            at = ("org.a11y.Bus", "/org/a11y/bus")
            address = session.call_sync(*at, "org.a11y.Bus", "GetAddress", None, None, 0, 20_000, None).unpack()[0]
            for name in ("IsEnabled", "ScreenReaderEnabled"):
                words = GLib.Variant("(ssv)", ("org.a11y.Status", name, GLib.Variant("b", True)))
                session.call_sync(*at, "org.freedesktop.DBus.Properties", "Set", words, None, 0, 20_000, None)
            self._session = session
            return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        finally:
            os.seteuid(0)
            os.setegid(0)

    def _ask(self, at: tuple[str, str], interface: str, method: str, words: Any = None) -> Any:
        answer = self._bus.call_sync(*at, interface, method, words, None, 0, 20_000, None).unpack()
        return answer[0] if len(answer) == 1 else answer

    def nodes(self) -> list[Node]:
        """All that the programs of this desktop show, in the order of their trees; the newest window last."""
        found: list[Node] = []
        for program in self._ask(("org.a11y.atspi.Registry", ROOT), ACCESSIBLE, "GetChildren"):
            with suppress(Exception):  # it may end, or a part of it go, while one looks
                found += self._walk(tuple(program), shown=True)
        return found

    def _walk(self, at: tuple[str, str], shown: bool = False) -> Iterator[Node]:
        open_ends, count = [(at, shown)], 0
        while open_ends and count < MOST:
            at, shown = open_ends.pop()
            try:
                low, high = self._ask(at, ACCESSIBLE, "GetState")
                states = {bit for bit in (ENABLED, SHOWING, VISIBLE) if (low if bit < 32 else high) >> (bit % 32) & 1}
                if not shown and not {SHOWING, VISIBLE} <= states:
                    continue
                count += 1
                name = self._variant("(ss)", (ACCESSIBLE, "Name"))
                words = self._ask(at, "org.freedesktop.DBus.Properties", "Get", name)
                role = self._ask(at, ACCESSIBLE, "GetRoleName")
                place = (0, 0, 0, 0) if shown else self._ask(at, COMPONENT, "GetExtents", self._variant("(u)", (0,)))
                yield Node(role, words, *place, ENABLED in states)
                children = [] if role in MANY else self._ask(at, ACCESSIBLE, "GetChildren")
            except Exception:  # noqa: BLE001 - gone meanwhile
                continue
            open_ends += [(tuple(child), False) for child in reversed(children)]

    def find(self, *names: str, role: str = "", seconds: float = 30, enabled: bool = True, part: bool = False) -> Node:
        """The last thing shown that has one of these names (``part``: as a part of its own), once it is there.

        Raises:
            LostError: it does not come.
        """

        def look() -> Node | None:
            for node in reversed(self.nodes()):
                named = any(name in node.name if part else name == node.name for name in names)
                if named and role in node.role and (node.enabled or not enabled) and node.width > 0:
                    return node
            return None

        return until(look, f"{' or '.join(names)}{f' ({role})' if role else ''}", seconds, self._seen)

    def _seen(self) -> str:
        return "; ".join(f"{node.role} {node.name[:60]}" for node in self.nodes() if node.name)[:6000]

    # -- hands ---------------------------------------------------------------------------------------------------

    def xdotool(self, *words: object) -> str:
        """Let xdotool do something; what it says."""
        command = ["xdotool", *map(str, words)]
        told = subprocess.run(command, env={**os.environ, **self.environment}, capture_output=True, text=True)
        return told.stdout.strip()

    def click(self, *names: str, role: str = "", seconds: float = 30, part: bool = False) -> Node:
        """Move the mouse there and press its button."""
        node = self.find(*names, role=role, seconds=seconds, part=part)
        self.xdotool("mousemove", "--sync", *node.middle)
        time.sleep(0.3)
        self.xdotool("click", 1)
        time.sleep(0.7)
        return node

    def keys(self, *names: str) -> None:
        """Press keys, one after another."""
        for name in names:
            self.xdotool("key", "--clearmodifiers", name)
            time.sleep(0.3)

    def type(self, words: str) -> None:
        """Type words into what has the focus."""
        self.xdotool("type", "--delay", 30, words)

    def picture(self, name: str) -> Path:
        """The whole screen, in a file with the next number."""
        self._count += 1
        path = self.pictures / f"{self._count:02d}-{name}.png"
        command = ["import", "-window", "root", str(path)]
        subprocess.run(command, env={**os.environ, **self.environment}, check=True, capture_output=True)
        return path


def until(look: Callable[[], Any], what: str, seconds: float, seen: Callable[[], str] = str) -> Any:
    """What ``look`` returns as soon as that is something.

    Raises:
        LostError: it stayed nothing for so long.
    """
    limit = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > limit:
            raise LostError(f"{what} did not come within {seconds:g} s. There is: {seen()}")
        time.sleep(0.2)
