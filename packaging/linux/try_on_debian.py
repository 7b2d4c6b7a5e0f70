#!/usr/bin/python3
"""Try the .deb as a person with a clean Debian and no Python does: install, open, train, export, remove.

    sudo /usr/bin/python3 packaging/linux/try_on_debian.py dist/lstm-studio_*.deb [--pictures FOLDER]

Needs debootstrap and what desk.PACKAGES names, on Debian or Ubuntu. The system under trial holds a minimal Debian, the
package, and what apt brings with it, nothing else; display, buses, eyes and hands stay outside. Every step leaves a
picture; a step that fails ends the trial with exit status 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk, LostError, until
from trial import as_user, conduct, expect, run, running, say

ENTRY = "usr/share/applications/lstm-studio.desktop"
NAME, NUMBER, HOME = "person", 4321, "/home/李 明"
SAMPLE = "Open Reviews with a twist"
SWEEP = """runs = 2
[base.data]
path = "影评.csv"
[base.training]
epochs = 1
[fields.model.hidden_size]
low = 8
high = 16
"""
CHANGING = (
    "var/lib/apt",
    "var/lib/dpkg",
    "var/cache",
    "var/log",
    "etc/ld.so.cache",
    "dev",
    "home",
    "proc",
    "run",
    "tmp",
)
"""What a package manager writes for itself, and what is the person's."""


class Debian:
    """A Debian in a folder.

    Args:
        place: For it, and for a clean copy that later trials begin with.
        suite: bookworm, trixie ...
        mirror: Where its packages are.
    """

    def __init__(self, place: Path, suite: str, mirror: str) -> None:
        self.root, clean = place / "debian", place / f"clean-{suite}"
        if not (clean / "etc" / "debian_version").is_file():
            say(f"Fetching a minimal Debian ({suite}) ...")
            run("debootstrap", "--variant=minbase", suite, clean, mirror)
        for line in reversed(Path("/proc/mounts").read_text(encoding="utf-8").splitlines()):  # of a trial cut short
            if line.split()[1].startswith(f"{self.root}/"):
                run("umount", "--lazy", line.split()[1])
        run("rm", "-rf", "--one-file-system", self.root)
        run("cp", "-a", clean, self.root)
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        service = self.root / "usr" / "sbin" / "policy-rc.d"  # nothing is to be started here
        service.write_text("#!/bin/sh\nexit 101\n")
        service.chmod(0o755)
        (self.root / "etc" / "dpkg" / "dpkg.cfg.d" / "trial").write_text("force-unsafe-io\n")

    def __call__(self, *command: object, environment: dict[str, str] | None = None) -> str:
        """Run a command in it as root; what it says."""
        return run("chroot", self.root, *command, environment={**base(), **(environment or {})})

    def files(self) -> set[str]:
        """All that is there, but for what changes anyway."""
        found = self("find", "/", "-xdev", "-mindepth", "1").splitlines()
        return {path for path in found if not path[1:].startswith(CHANGING)}

    @contextmanager
    def mounted(self, folder: Path) -> Iterator[None]:
        """With /proc, shared memory and the sockets of the desktop."""
        inside = self.root / folder.relative_to("/")
        shared = self.root / "dev" / "shm"
        mounts = [("proc", "proc", self.root / "proc"), ("tmpfs", "tmpfs", shared), ("none", str(folder), inside)]
        for kind, source, target in mounts:
            target.mkdir(parents=True, exist_ok=True)
            run("mount", *(["--bind"] if kind == "none" else ["-t", kind]), source, target)
        try:
            yield
        finally:
            for *_, target in reversed(mounts):
                run("umount", "--lazy", target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", default="bookworm", help="of Debian (bookworm)")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian", help="where its packages are")
    parser.add_argument("--place", type=Path, default=Path("/var/tmp/lstm-studio-trial"), help="1.5 GB are needed")
    return conduct(parser, "PACKAGE", "debootstrap", trial)


def trial(given: argparse.Namespace, pictures: Path) -> None:
    """From the installation to the removal."""
    debian = Debian(given.place, given.suite, given.mirror)
    folder = Path("/tmp/lstm-studio-desk")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.chown(folder, NUMBER, NUMBER)
    with debian.mounted(folder):
        debian("apt-get", "update", "-qq")
        debian("useradd", "--uid", NUMBER, "--home-dir", HOME, "--create-home", "--shell", "/bin/sh", NAME)
        before = debian.files()
        expect(no_python(debian), "no Python is there")
        shutil.copy(given.file, debian.root / "tmp" / "package.deb")
        begun = time.monotonic()
        debian("apt-get", "install", "-y", "-qq", "/tmp/package.deb")
        say(f"ok: apt installs it and what it depends on, in {time.monotonic() - begun:.0f} s")
        expect(no_python(debian), "and still no Python")
        desktop = Desk(folder, NUMBER, debian.root / "etc" / "passwd", given.screen, pictures)
        try:
            drive(debian, desktop)
        except LostError:
            desktop.picture("lost")
            raise
        finally:
            desktop.close()
        owned = set(debian("find", HOME, "-type", "f").splitlines())
        debian("apt-get", "purge", "-y", "-qq", "lstm-studio")
        debian("apt-get", "autoremove", "--purge", "-y", "-qq")
        left = debian.files() - before
        expect(not left, f"purged, nothing is left of it{': ' + ', '.join(sorted(left)[:20]) if left else ''}")
        kept = set(debian("find", HOME, "-type", "f").splitlines())
        expect(kept == owned and f"{HOME}/twist.onnx" in kept, f"the person's {len(kept)} files are untouched")


def drive(debian: Debian, desktop: Desk) -> None:
    """What a person does with the window."""
    program = launch(debian, desktop)
    begun = time.monotonic()
    desktop.find("LSTM Studio", part=True, role="frame")
    say(f"ok: its window is there after {time.monotonic() - begun:.1f} s")
    desktop.find(SAMPLE, seconds=60)
    desktop.picture("start")
    desktop.click(SAMPLE)
    desktop.find("Configure the model", seconds=60)
    desktop.picture("data")
    desktop.click("Configure the model")
    desktop.find("Start training", seconds=60)
    desktop.click("Fast", role="check box")
    time.sleep(3)
    desktop.picture("model")
    desktop.click("Start training")
    time.sleep(8)
    desktop.picture("train")
    found = until(lambda: weights(debian), "a trained network", 300)
    until(lambda: "run_finished" in (found.parent / "metrics.jsonl").read_text("utf-8"), "the end of training", 600)
    time.sleep(2)
    desktop.picture("trained")
    say("ok: the sample is open, and a network has learned it")

    desktop.keys("ctrl+comma")
    desktop.click("As the system", role="combo box")  # over this bus, Qt names a choice by what is chosen
    desktop.picture("settings")
    desktop.keys("End", "Return")
    desktop.click("Close", "关闭", role="button")
    desktop.find("设置", seconds=60)
    time.sleep(2)
    desktop.picture("chinese")
    say("ok: the window is Chinese")

    desktop.keys("ctrl+6")
    desktop.find("导出", seconds=30)
    time.sleep(1)
    desktop.picture("runs")
    desktop.click("导出")
    desktop.picture("export")
    desktop.keys("Down", "Return")
    time.sleep(1.5)
    desktop.keys("ctrl+a")
    desktop.type("twist.onnx")
    desktop.picture("file")
    desktop.keys("Return")
    file = debian.root / f"{HOME}/twist.onnx".lstrip("/")
    until(file.is_file, str(file), 120)
    time.sleep(1)
    desktop.picture("exported")
    say(f"ok: the network is in {file.name}, {file.stat().st_size / 1e6:.1f} MB")

    desktop.keys("ctrl+comma")
    desktop.click("100 %", role="combo box")
    desktop.keys("Home", "Down", "Down", "Down", "Return")
    desktop.picture("text-size")
    desktop.click("立即重新启动")
    until(lambda: program.poll() is not None, "the end of the program, to start again", 60)
    desktop.find("设置", seconds=60)
    time.sleep(3)
    desktop.picture("text-size-150")
    say("ok: it starts itself again with larger words")
    desktop.keys("alt+F4")
    until(lambda: not running(debian.root / "opt"), "the end of the program", 60)
    by_command_line(debian, found.parent, desktop)


def launch(debian: Debian, desktop: Desk) -> subprocess.Popen:
    """Start what the desktop entry says, as a desktop does: TryExec on the PATH, Exec without its fields."""
    lines = (debian.root / ENTRY).read_text(encoding="utf-8").splitlines()
    entry = dict(line.split("=", 1) for line in lines if "=" in line)
    debian("sh", "-c", f"command -v {entry['TryExec']}")
    words = [word for word in entry["Exec"].split() if not word.startswith("%")]
    say(f"Exec of the desktop entry: {' '.join(words)}")
    with open(desktop.pictures / "program.txt", "wb") as told:
        return subprocess.Popen(
            ["chroot", f"--userspec={NUMBER}:{NUMBER}", debian.root, "sh", "-c", 'cd "$HOME"; exec "$@"', "sh", *words],
            env=of_person(desktop), stdout=told, stderr=told,
        )  # fmt: skip


def by_command_line(debian: Debian, folder: Path, desktop: Desk) -> None:
    """The installed command exports, answers and sweeps too."""
    inside = f"/{folder.relative_to(debian.root)}"
    who = as_user(NUMBER)
    environment = of_person(desktop)
    debian(*who, "lstm-studio", "export", inside, f"{HOME}/again.onnx", environment=environment)
    told = debian(*who, "lstm-studio", "predict", inside, "--text", "not a good film", environment=environment)
    expect(bool(told.strip()), f"the command line exports and answers: {' '.join(told.split())[:80]}")
    debian(*who, "lstm-studio", "samples", "export", "sentiment-contrast", f"{HOME}/影评.csv", environment=environment)
    (debian.root / HOME[1:] / "sizes.toml").write_text(SWEEP, encoding="utf-8")
    told = debian(*who, "lstm-studio", "sweep", f"{HOME}/sizes.toml", environment=environment)
    expect("Best: trial" in told, f"and sweeps: {told.splitlines()[-1][:80]}")


def of_person(desktop: Desk) -> dict[str, str]:
    """Variables after logging in."""
    return {**base(), **desktop.environment, "HOME": HOME, "USER": NAME, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "2"}


def base() -> dict[str, str]:
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive"}  # fmt: skip


def no_python(debian: Debian) -> bool:
    """Whether no interpreter is on the PATH."""
    return not debian("sh", "-c", "command -v python3 python perl-python || true").strip()


def weights(debian: Debian) -> Path | None:
    """The network that was trained."""
    return next((debian.root / HOME[1:]).rglob("model.safetensors"), None)


if __name__ == "__main__":
    sys.exit(main())
