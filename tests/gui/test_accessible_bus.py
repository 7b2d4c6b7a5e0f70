"""The real window under the real accessibility bus, walked as a screen reader walks it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SYSTEM_PYTHON = "/usr/bin/python3"
"""GLib's bindings belong to the system's Python."""
NEEDED = ("Xvfb", "dbus-daemon")
UNNAMED = {"filler", "panel", "scroll bar", "separator", "viewport", "icon", "image", "layered pane", "frame"}

Node = dict[str, Any]
Look = Callable[..., list[Node]]


def _missing() -> str:
    for name in NEEDED:
        if shutil.which(name) is None:
            return f"{name} is not installed"
    if not any(Path(folder, "at-spi-bus-launcher").exists() for folder in ("/usr/libexec", "/usr/lib/at-spi2-core")):
        return "at-spi2-core, the accessibility bus, is not installed"
    if not Path(SYSTEM_PYTHON).exists():
        return "the system has no Python of its own"
    asked = subprocess.run([SYSTEM_PYTHON, "-c", "import gi"], capture_output=True, timeout=20, check=False)
    return "" if asked.returncode == 0 else "GLib's bindings for Python (python3-gi) are not installed"


@pytest.fixture(scope="module")
def look(_texts_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Look]:
    """Opens a page of the window and returns all nodes of the bus, with what is below ``frame``."""
    why = "this bus is that of Linux desktops" if not sys.platform.startswith("linux") else _missing()
    if why:
        pytest.skip(f"The accessibility bus cannot be tested here: {why}.")
    reader, writer = os.pipe()
    display = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(writer,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writer)
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--print-address", "--nofork"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    window = None
    try:
        with os.fdopen(reader) as said:
            number = said.readline().strip()
        assert daemon.stdout is not None
        environment = {name: value for name, value in os.environ.items() if not name.startswith("QT_")} | {
            "DISPLAY": f":{number}",
            "DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip(),
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "QT_QPA_PLATFORM": "xcb",
            "LSTM_STUDIO_HOME": str(tmp_path_factory.mktemp("bus")),
            "OMP_NUM_THREADS": "1",
        }
        window = subprocess.Popen(
            [sys.executable, "-m", "tests.gui.atspi", str(_texts_run)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=HERE.parents[1],
        )  # fmt: skip

        def ready() -> None:
            assert window is not None
            assert window.stdout is not None
            line = window.stdout.readline().strip()
            assert line == "ready", line or "the window has gone"

        def find(page: str) -> list[Node]:
            assert window is not None
            assert window.stdin is not None
            window.stdin.write(page + "\n")
            window.stdin.flush()
            ready()
            walked = subprocess.run(
                [SYSTEM_PYTHON, str(HERE / "atspi.py"), "walk", "lstm-studio"],
                capture_output=True, text=True, env=environment, timeout=120, check=False,
            )  # fmt: skip
            assert walked.returncode == 0, walked.stderr
            return [json.loads(line) for line in walked.stdout.splitlines()]

        ready()
        yield find
    finally:
        if window is not None:
            window.kill()
            window.communicate()
        for process in (daemon, display):
            process.terminate()
            process.communicate()


PAGES = ("data", "model", "train", "inspect", "predict", "runs")


@pytest.mark.parametrize("page", PAGES)
def test_every_control_has_a_name_a_role_and_a_description(look: Look, page: str) -> None:
    nodes = look(page)
    assert len(nodes) > 30, nodes[:3]
    stops = [node for node in nodes if node["focusable"] and node["role"] not in UNNAMED | {"label", "application"}]
    assert len(stops) > 5
    for node in stops:
        assert node["name"].strip(), node
        assert node["description"].strip(), node
        assert node["description"] != node["name"], node
    for node in nodes:
        if node["role"] in ("slider", "spin button", "progress bar"):
            low, high = node["range"]
            assert low <= node["value"] <= high, node
        if node["role"] == "table" and node["rows"]:
            assert node["columns"] > 0, node


def test_charts_and_heatmaps_say_what_they_show(look: Look) -> None:
    charts = {node["name"]: node["description"] for node in look("train") if node["role"] == "chart"}
    assert "training" in charts["Loss over the steps"].lower(), charts
    assert "validation" in charts["Loss over the steps"].lower()
    nodes = look("inspect focus")
    maps = [node for node in nodes if node["name"].startswith("Heatmap")]
    assert len(maps) == 6
    assert {node["role"] for node in maps} <= {"image", "icon", "graphic"}
    assert any("by 5" in node["description"] for node in maps), maps


def test_tables_have_headers(look: Look) -> None:
    table = next(node for node in look("runs") if node["role"] == "table")
    assert table["header"] == "Name", table
