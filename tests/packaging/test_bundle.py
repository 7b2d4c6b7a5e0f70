"""The frozen program, as a person has it who has no Python: run with ``pytest -m slow tests/packaging``.

``LSTM_STUDIO_BUNDLE`` names a bundle; without it one is built first, which takes minutes.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


class Installed:
    """The program in a folder that it cannot write to, run by a person with a space and Chinese in the name."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        self.program = folder / ("lstm-studio.exe" if os.name == "nt" else "lstm-studio")
        # Root may write anywhere: then somebody who may not runs it.
        self.guise = []
        if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("setpriv"):
            self.guise = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            for path in [home, *home.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)

    def environment(self) -> dict[str, str]:
        """As after logging in: no Python, no variable of a shell."""
        if os.name == "nt":
            return {**os.environ, "PATH": "", "USERPROFILE": str(self.home), "QT_QPA_PLATFORM": "offscreen"}
        return {"HOME": str(self.home), "USER": "李 明", "PATH": "/nowhere", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1",
                "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(self.home)}  # fmt: skip

    def command(self, *arguments: object) -> list[str]:
        return [*self.guise, str(self.program), *map(str, arguments)]

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        # The guise is found by the full environment, the program gets the bare one.
        guise = [shutil.which(self.guise[0]), *self.guise[1:]] if self.guise else []
        return subprocess.Popen(
            [*guise, *self.command(*arguments)[len(self.guise) :]],
            cwd=self.home,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, *arguments: object, code: int = 0) -> list[dict]:
        """Run it to its end.

        Returns:
            The lines of standard output that are JSON.
        """
        process = self.start(*arguments)
        said, complaints = process.communicate()
        assert process.returncode == code, f"{arguments}\n{said[-3000:]}\n{complaints[-3000:]}"
        assert "Traceback" not in complaints
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    given = os.environ.get("LSTM_STUDIO_BUNDLE")
    if given:
        return Path(given)
    assert subprocess.run([sys.executable, ROOT / "packaging" / "dev.py", "package", "--no-tour"]).returncode == 0
    return ROOT / "dist" / "lstm-studio"


@pytest.fixture(scope="module")
def studio(bundle, tmp_path_factory) -> Installed:
    base = tmp_path_factory.mktemp("bundle")
    for path in (base, *base.parents):
        if path.owner() != "root" or path.stat().st_mode & 0o005 == 0:
            path.chmod(path.stat().st_mode | 0o005)
        if path.name.startswith("pytest-of"):
            break
    folder = base / "程序 files" / "lstm-studio"
    shutil.copytree(bundle, folder, symlinks=True)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    home = base / "李 明"
    home.mkdir(mode=0o700)
    installed = Installed(folder, home)
    before = state(folder)
    yield installed
    assert state(folder) == before, "the program wrote into its own folder"
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def reviews(studio) -> Path:
    """A third of a sample."""
    file = studio.home / "评论 1.csv"
    studio("samples", "export", "sentiment-contrast", file)
    few = file.with_name("评论 2.csv")
    few.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:3000]), encoding="utf-8")
    return few


@pytest.fixture(scope="module")
def run(studio, reviews) -> Path:
    """A run that was killed and resumed."""
    folder = studio.home / "runs" / "第一次 run"
    process = studio.start("train", "--data", reviews, "--set", "training.epochs=6", "--out", folder, "--json")
    deadline = time.monotonic() + 300
    while not any((folder / "checkpoint").glob("*")) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.2)
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.communicate()
    last = studio("train", "--resume", folder, "--json")[-1]
    assert last["event"] == "run_finished"
    assert last["metrics"]["accuracy"] > 0.5
    return folder


def state(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in folder.rglob("*"):
        facts = path.lstat()
        found[str(path.relative_to(folder))] = (facts.st_size, facts.st_mtime_ns)
    return found


def test_it_is_trimmed(bundle):
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    places = [path.relative_to(bundle / "_internal").as_posix() for path in files if "_internal" in path.parts]
    parts = [place for place in places if not place.startswith("lstm_studio/assets/")]
    assert not [path for path in bundle.rglob("*") if path.is_symlink() and not path.exists()]
    assert sum(path.stat().st_size for path in files) < 750e6 or not sys.platform.startswith("linux")
    for name in (
        "torch/test/",
        "torch/include/",
        "pytest",
        "sphinx",
        "babel",
        "captum",
        "matplotlib",
        "sqlalchemy",
        "libQt6Qml",
    ):
        assert not [place for place in parts if place.startswith(name) or f"/{name}" in place], name
    assert not [place for place in places if "readline" in place or place.endswith(".a")]
    assert "lstm_studio/assets/icons/app.svg" in places
    assert {place for place in places if place.endswith(".kernel")} == {
        str(path.relative_to(ROOT)) for path in (ROOT / "lstm_studio" / "nn").glob("*.kernel")
    }


def test_notices_name_every_distribution_and_none_is_gpl(bundle, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    readers = pytest.importorskip("PyInstaller.archive.readers")
    import notices

    archive = readers.CArchiveReader(str(bundle / "lstm-studio"))
    modules = {name.split(".")[0] for name in archive.open_embedded_archive("PYZ.pyz").toc}
    modules |= {path.name.split(".")[0] for path in (bundle / "_internal").iterdir()}
    owners = importlib.metadata.packages_distributions()
    wanted = {notices.normal(owner) for module in modules for owner in owners.get(module, ())} - {"lstm-studio"}
    assert {"torch", "numpy", "pyside6-essentials", "pyarrow", "nltk", "rjieba", "tokenizers"} <= wanted
    text = (bundle / "NOTICES.txt").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^(\S+) \S+\n    (.*); \[", text.partition("\nParts\n")[2], re.MULTILINE))
    assert wanted <= {notices.normal(name) for name in listed}
    for name, licence in listed.items():
        excused = notices.normal(name) in notices.EXCEPTIONS or name in notices.SYSTEM_EXCEPTIONS
        assert excused or not notices.only_gpl(licence), name
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert (bundle / "LICENSE.txt").is_file()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF")
def test_qt_is_made_of_separate_libraries(bundle):
    inside = bundle / "_internal" / "PySide6" / "Qt" / "lib"
    for name in ("libQt6Core.so.6", "libQt6Gui.so.6", "libQt6Widgets.so.6", "libQt6Svg.so.6"):
        assert (inside / name).is_file()


def test_a_killed_run_is_resumed(run):
    assert (run / "model.safetensors").is_file()


def test_predict_evaluate_gates_and_report(studio, reviews, run):
    answer = studio("predict", run, "--text", "not a good film", "--json")
    assert answer
    measured = studio("evaluate", run, reviews, "--json")[-1]
    assert measured["accuracy"] > 0.5
    studio("gates", run, "--text", "not a good film", "--output", studio.home / "门.npz")
    with np.load(studio.home / "门.npz") as arrays:
        assert len(arrays["tokens"]) == 4
        assert any(name.endswith("forward.f") for name in arrays)
    studio("gates", run, "--text", "not a good film", "--output", studio.home / "门.png")
    assert (studio.home / "门.png").read_bytes()[:4] == b"\x89PNG"
    studio("report", run, studio.home / "报告.html")
    assert "<svg" in (studio.home / "报告.html").read_text(encoding="utf-8")


def test_a_sweep_needs_nothing_else_and_databases_are_told(studio, reviews):
    file = studio.home / "搜索 1.toml"
    file.write_text(
        f'''runs = 2
[base.data]
path = "{reviews.name}"
[base.training]
epochs = 1
[fields.model.hidden_size]
low = 4
high = 16
''',
        encoding="utf-8",
    )
    last = studio("sweep", file, "--out", studio.home / "runs", "--json")[-1]
    assert last["event"] == "sweep_finished"
    assert [trial["state"] for trial in last["trials"]] == ["done", "done"]
    assert len({trial["values"]["model.hidden_size"] for trial in last["trials"]}) == 2
    assert file.with_suffix(".journal").is_file()
    process = studio.start("sweep", file, "--storage", "sqlite:///sweep.db")
    _, complaints = process.communicate()
    assert process.returncode == 2
    assert "journal" in complaints
    assert len(complaints.strip().splitlines()) == 1


def test_bad_input_is_one_sentence(studio):
    process = studio.start("train", "--data", "没有.csv")
    _, complaints = process.communicate()
    assert process.returncode == 2
    assert len(complaints.strip().splitlines()) == 1


def test_chinese_words(studio):
    lines = [
        "text,label",
        *(f"这个房间很{'干净' if n % 2 else '脏乱'}第{n}间,{'好' if n % 2 else '差'}" for n in range(300)),
    ]
    data = studio.home / "酒店.csv"
    data.write_text("\n".join(lines), encoding="utf-8")
    out = studio.home / "runs" / "酒店"
    studio("train", "--data", data, "--set", "data.tokenizer=chinese words", "training.epochs=1", "--out", out)
    known = (out / "vocabulary.json").read_text(encoding="utf-8")
    assert "干净" in known or "\\u5e72\\u51c0" in known


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at the processes of Linux")
def test_large_files_are_cut_by_processes_of_the_program(studio):
    data = studio.home / "large.csv"
    row = "a long and winding review of a film that nobody has to see twice unless it rains, number {},{}\n"
    with data.open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        for number in range(740_000):
            file.write(row.format(number, "good" if number % 2 else "bad"))
    assert data.stat().st_size > 70e6
    process = studio.start(
        "train", "--data", data, "--set", "training.epochs=1", "--out", studio.home / "runs" / "large"
    )
    seen = False
    deadline = time.monotonic() + 600
    while not seen and process.poll() is None and time.monotonic() < deadline:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    line = (folder / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                seen |= len(line) > 1 and line[1] == b"--cut-blocks" and line[0] == str(studio.program).encode()
        time.sleep(0.01)
    ended = process.poll()
    process.kill()
    said = process.communicate()[1]
    data.unlink()
    assert seen, f"{ended}\n{said[-2000:]}"


def test_the_tour(studio):
    pictures = studio.home / "图 tour"
    studio("tour", pictures)
    assert len(list(pictures.glob("*.png"))) > 30
