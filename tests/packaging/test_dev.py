"""The development commands, without installing anything."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


@pytest.fixture
def dev(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))
    import dev

    return dev


LOCAL = {"system_libraries", "kernel", "bundle", "elf", "linux_packages", "publisher", "trim", "spoken", "words"}


@pytest.fixture
def libraries(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))
    import system_libraries

    return system_libraries


@pytest.mark.parametrize(
    "name",
    [
        "dev.py",
        "kernel.py",
        "system_libraries.py",
        "bundle.py",
        "elf.py",
        "linux_packages.py",
        "trim.py",
        "notices.py",
        "publisher.py",
        "spoken.py",
        "words.py",
    ],
)
def test_needs_only_the_standard_library(name):
    tree = ast.parse((PACKAGING / name).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            imported.add((node.module or "").split(".")[0])
    assert imported - LOCAL <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "w"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
    ],
)
def test_finds_out_whether_there_is_a_screen(dev, monkeypatch, environment, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert dev.has_screen() is expected


def test_names_the_line_that_installs_what_is_missing(libraries, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(libraries, "may_install", lambda: False)
    monkeypatch.setattr(libraries, "has_chinese_font", lambda: True)
    monkeypatch.setattr(libraries, "missing", lambda venv: ["libEGL.so.1", "libstrange.so.9"])
    problem = libraries.check(tmp_path)
    assert "sudo apt-get install libegl1" in problem
    assert "libstrange.so.9" in problem


def test_installs_as_root_and_looks_again(libraries, monkeypatch, tmp_path):
    state = {"missing": ["libEGL.so.1"], "installed": []}

    def install(packages, reason):
        state["installed"] += packages
        state["missing"] = []

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(libraries, "may_install", lambda: True)
    monkeypatch.setattr(libraries, "has_chinese_font", lambda: True)
    monkeypatch.setattr(libraries, "missing", lambda venv: state["missing"])
    monkeypatch.setattr(libraries, "install", install)
    assert libraries.check(tmp_path) == ""
    assert state["installed"] == ["libegl1"]


def test_an_unknown_measurement_is_named(dev, monkeypatch, capsys):
    monkeypatch.setattr(dev, "prepare", lambda: Path(sys.executable))
    assert dev.main(["bench", "nothing-of-that-name"]) == 2
    assert "nothing-of-that-name" in capsys.readouterr().err


def test_the_handbook_takes_pictures_from_a_tour_that_was_taken(dev, monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(dev, "prepare", lambda: "python")
    monkeypatch.setattr(dev, "call", lambda command: calls.append([str(part) for part in command]) or 1)
    with pytest.raises(dev.SetupError, match="take a tour first"):
        dev.docs([str(tmp_path / "nowhere")])
    assert dev.docs([str(tmp_path)]) == 1  # what Sphinx says counts, and nothing is put in place
    assert f"tour_pictures={tmp_path}" in calls[0]
    assert "-W" in calls[0]
    assert len(calls) == 1


def test_measurements_get_what_begins_with_a_dash_and_the_table_comes_last(dev, monkeypatch):
    commands = []
    monkeypatch.setattr(dev, "prepare", lambda: "python")
    monkeypatch.setattr(dev, "call", lambda command, **_: commands.append([str(part) for part in command]) or 0)
    assert dev.bench(["layer", "lengths", "--repeats", "3"]) == 0
    names = [Path(command[1]).name for command in commands]
    assert names == ["bench_layer.py", "bench_lengths.py", "figures.py"]
    assert [command[2:] for command in commands] == [["--repeats", "3"], ["--repeats", "3"], []]
    with pytest.raises(dev.SetupError, match="bench_layer"):
        dev.bench(["nothing"])
