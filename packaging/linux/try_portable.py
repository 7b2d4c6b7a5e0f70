#!/usr/bin/python3
"""Try the portable archive as a person who may not install anything: unpack, add to the menu, open from there, remove.

    sudo /usr/bin/python3 packaging/linux/try_portable.py dist/lstm-studio-*.tar.zst [--pictures FOLDER]

Needs what desk.PACKAGES names, on Debian or Ubuntu. The person is "nobody", with an empty home, in folders with spaces
and Chinese characters. Every step leaves a picture; a step that fails ends the trial with exit status 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk, LostError, until
from trial import as_user, conduct, expect, run, running, say

NOBODY = 65534
SAMPLE = "Open Reviews with a twist"
OPENED = "import sys; from gi.repository import Gio; Gio.DesktopAppInfo.new_from_filename(sys.argv[1]).launch([], None)"
"""As a desktop does it: GLib reads the entry and its quotes."""
OWN = {".config/lstm-studio", ".local/share/lstm-studio", ".cache/lstm-studio"}
"""What README.txt says that stays: the person's settings, runs, and what can be made again."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--place", type=Path, default=Path("/var/tmp/lstm-studio-portable"), help="1 GB are needed")
    return conduct(parser, "ARCHIVE", "zstd", trial)


def trial(given: argparse.Namespace, pictures: Path) -> None:
    """From the archive to the empty folder."""
    place = given.place
    base, home, sockets = place / "程序 my programs", place / "家 home", place / "sockets"
    for folder in (base, home, sockets):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        os.chown(folder, NOBODY, NOBODY)
    before = strewn()
    desktop = Desk(sockets, NOBODY, Path("/etc/passwd"), given.screen, pictures)
    try:
        person = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "USER": "nobody",
            "LANG": "C.UTF-8",
            **desktop.environment,
        }
        person["TMPDIR"] = str(sockets)
        at_home(person, "tar", "-xf", given.file, "-C", base)
        (program,) = base.iterdir()
        at_home(person, program / "add-to-menu.sh")
        entry = home / ".local/share/applications/lstm-studio.desktop"
        if shutil.which("desktop-file-validate"):
            at_home(person, "desktop-file-validate", entry)
        say("ok: unpacked, and in the menu")
        begun = time.monotonic()
        with open(pictures / "program.txt", "wb") as told:  # the program outlives the command, and keeps its output
            at_home(person, "/usr/bin/python3", "-c", OPENED, entry, to=told)
        desktop.find("LSTM Studio", part=True, role="frame", seconds=60)
        say(f"ok: its entry opens the window, in {time.monotonic() - begun:.1f} s")
        desktop.find(SAMPLE, seconds=60)
        desktop.picture("start")
        desktop.click(SAMPLE)
        desktop.find("Configure the model", seconds=60)
        desktop.picture("data")
        desktop.keys("alt+F4")
        until(lambda: not running(program), "the end of the program", 60)
        told = at_home(person, program / "run.sh", "--help")
        expect("usage" in told.lower(), "run.sh takes the command line")
        at_home(person, program / "add-to-menu.sh", "--remove")
        shutil.rmtree(program)
    except LostError:
        desktop.picture("lost")
        raise
    finally:
        desktop.close()
    left = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    left = {path for path in left if not any(path.startswith(f"{own}/") for own in OWN)}
    left |= {str(path) for path in base.iterdir()} | (strewn() - before)
    expect(not left, f"removed, nothing is left but the person's own{': ' + ', '.join(sorted(left)) if left else ''}")


def strewn() -> set[str]:
    """What belongs to the person in folders that all share."""
    shared = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
    return {str(path) for folder in shared for path in folder.iterdir() if path.lstat().st_uid == NOBODY}


def at_home(person: dict[str, str], *command: object, to: IO[bytes] | None = None) -> str:
    """Run a command as the person."""
    return run(*as_user(NOBODY), *command, environment=person, cwd=person["HOME"], to=to)


if __name__ == "__main__":
    sys.exit(main())
