"""What the trials of the installers have in common: how they begin, run commands, say what they found, and end."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import desk
from desk import LostError


class TrialError(Exception):
    """A step went wrong; the message says what was expected."""


def conduct(
    parser: argparse.ArgumentParser, thing: str, tool: str, trial: Callable[[argparse.Namespace, Path], None]
) -> int:
    """Read the command line, see that all is there, and try.

    Args:
        parser: With --place, and what only this trial needs.
        thing: What is tried, the first argument.
        tool: A program that it needs beside those of ``desk``, and its Debian package.
        trial: Gets the arguments and the folder for pictures.

    Returns:
        The exit status.
    """
    parser.add_argument("file", type=Path, metavar=thing)
    parser.add_argument("--pictures", type=Path, help="folder (pictures in PLACE)")
    parser.add_argument("--screen", default="1440x900", help="its size (1440x900)")
    given = parser.parse_args()
    missing = [name for name in (*desk.TOOLS, tool) if shutil.which(name) is None]
    if os.geteuid() != 0 or missing or not given.file.is_file():
        print(f"This must be run by root, with {thing}, and needs: apt install {tool} {desk.PACKAGES}")
        return 2
    given.file, given.place = given.file.resolve(), given.place.resolve()
    pictures = (given.pictures or given.place / "pictures").resolve()
    pictures.mkdir(parents=True, exist_ok=True)
    try:
        trial(given, pictures)
    except (TrialError, LostError) as error:
        say(f"FAILED: {error}")
        return 1
    say(f"All of it works. The pictures are in {pictures}")
    return 0


def run(
    *command: object, environment: Mapping[str, str] | None = None, cwd: str | None = None, to: IO[bytes] | None = None
) -> str:
    """Run a command to its end; what it says, unless that goes ``to`` a file.

    Raises:
        TrialError: it failed.
    """
    words = [str(word) for word in command]
    pipe = subprocess.PIPE if to is None else to
    told = subprocess.run(words, env=environment, cwd=cwd, stdout=pipe, stderr=pipe, text=True)
    if told.returncode:
        raise TrialError(f"{' '.join(words)}\n{(told.stdout or '')[-2000:]}\n{(told.stderr or '')[-2000:]}")
    return told.stdout or ""


def as_user(number: int) -> tuple[str, ...]:
    """What to put before a command of root's that this user is to run."""
    return ("setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups")


def running(folder: Path) -> bool:
    """Whether a program below that folder runs."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "exe").startswith(f"{folder}/"):
                return True
        except OSError:
            continue
    return False


def expect(fine: bool, what: str) -> None:
    """Say what was found, or stop.

    Raises:
        TrialError: it is not so.
    """
    if not fine:
        raise TrialError(what)
    say(f"ok: {what}")


def say(words: str) -> None:
    """Tell whoever watches."""
    print(words, flush=True)
