"""The command line without Qt: what 'pip install lstm-studio' gives."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.training.conftest import write_toy

WITHOUT = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, Blocked())
from lstm_studio.cli.main import main

small = ["--set", "model.hidden_size=6", "model.embedding_size=5", "training.epochs=1"]
for words in (
    ["train", "--data", "toy.csv", *small, "--out", "run"],
    ["evaluate", "run", "toy.csv", "--json"],
    ["predict", "run", "--text", "a good one", "--json"],
    ["gates", "run", "--text", "a good one", "--output", "gates.npz"],
    ["export", "run", "run.zip"],
    ["import", "run.zip", "--out", "again"],
    ["report", "run", "run.html"],
    ["prepare", "--data", "toy.csv", *small, "--out", "job"],
):
    assert main(words) == 0, words
picture = ["gates", "run", "--text", "a good one", "--output", "gates.png"]
for words in ([], ["toy.csv"], ["tour", "pictures"], picture):
    assert main(words) == 2, words
found = {"torch._dynamo", "torch._inductor", "sympy"} & sys.modules.keys()
assert not found, f"{found}: seconds before the first step, for a compiler that nothing uses"
"""


def test_all_but_the_window_works_without_qt(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    write_toy(tmp_path / "toy.csv", 60)
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("pip install 'lstm-studio[gui]'") == 4


def test_qt_is_an_extra() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = " ".join(project["dependencies"]).lower()
    extras = project["optional-dependencies"]
    assert "pyside6" not in needed
    assert "pyqtgraph" not in needed
    assert "PySide6-Essentials" in " ".join(extras["gui"])
    assert "lstm-studio[gui]" in extras["dev"]
