"""The bundle and what people install of it. Called by ``dev.py package``; standard library only."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import elf
import linux_packages
import publisher
import trim

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST = ROOT / "dist"
BUNDLE = DIST / "lstm-studio"


class BundleError(Exception):
    """A step failed; the message says which, the lines above it say why."""


def version() -> str:
    """The version, from the one place that holds it."""
    words = (ROOT / "lstm_studio" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', words)
    if found is None:
        raise BundleError("lstm_studio/version.py holds no __version__")
    return found.group(1)


def package(rest: Sequence[str], python: Path) -> int:
    """Build what is asked for.

    Args:
        rest: --deb, --portable, --installer, --reuse, --no-tour; anything else goes to PyInstaller.
        python: That of .venv.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="dev.py package", description="Build the bundle, and what is made of it.")
    parser.add_argument("--deb", action="store_true", help="make the package for Debian and Ubuntu too")
    parser.add_argument("--portable", action="store_true", help="make the archive for any Linux too")
    parser.add_argument("--installer", action="store_true", help="make the installer of this Windows or macOS too")
    parser.add_argument("--reuse", action="store_true", help="take the bundle that is there")
    parser.add_argument("--no-tour", action="store_true", help="do not try the bundle")
    asked, more = parser.parse_known_args(rest)
    try:
        if not asked.reuse:
            build(python, more)
        elif not program(BUNDLE).is_file():
            raise BundleError(f"There is no bundle in {BUNDLE}; leave --reuse out")
        if not asked.no_tour:
            take_tour()
        if asked.deb:
            say(f"The package is {linux_packages.deb(BUNDLE, DIST, version())}")
        if asked.portable:
            say(f"The archive is {linux_packages.portable(BUNDLE, DIST, version())}")
        if asked.installer:
            installer()
    except (BundleError, linux_packages.PackageError, publisher.PublisherError) as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 2
    if (asked.deb or asked.portable or asked.installer) and (names := publisher.unset()):
        say(f"To be set in packaging/publisher.py before it is published: {', '.join(names)}")
    return 0


def build(python: Path, more: Sequence[str] = ()) -> None:
    """Make dist/lstm-studio: pictures, PyInstaller, slimmer libraries, licences beside the program.

    Raises:
        BundleError: PyInstaller or the drawing of the icons failed.
    """
    _call([python, HERE / "icons.py", ROOT / "build" / "icons"], "The icons could not be drawn")
    command = [python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    command += ["--distpath", DIST, "--workpath", ROOT / "build"]
    _call([*command, HERE / "lstm_studio.spec", *more], "PyInstaller could not build the bundle")
    finish(BUNDLE)


def finish(bundle: Path) -> None:
    """What PyInstaller leaves to do: slimmer libraries, no folders of the builder, licences where people look."""
    if sys.platform.startswith("linux"):
        trim.strip(bundle)
        elf.drop_search_paths(bundle)
    shutil.copy(ROOT / "LICENSE", bundle / "LICENSE.txt")
    shutil.copy(bundle / "_internal" / "NOTICES.txt", bundle / "NOTICES.txt")
    say(f"The bundle is {bundle} ({size(bundle) / 1e6:.0f} MB)")


def take_tour() -> None:
    """Let the bundle go through the main job.

    Raises:
        BundleError: a step of it failed.
    """
    pictures = ROOT / "out" / "bundle-tour"
    _call([program(BUNDLE), "tour", pictures], "The bundle does not pass its tour", QT_QPA_PLATFORM="offscreen")
    say(f"The pictures of its tour are in {pictures}")


def installer() -> None:
    """Make setup.exe on Windows, the disk image on macOS.

    Raises:
        BundleError: not such a system, or its tool is missing or fails.
    """
    if sys.platform == "win32":
        tool = shutil.which("iscc") or shutil.which(r"C:\Program Files (x86)\Inno Setup 6\ISCC.exe")
        if tool is None:
            raise BundleError("Inno Setup is missing; get it from https://jrsoftware.org/isinfo.php")
        publisher.check()
        told = [f"/DAppVersion={version()}", f"/DPublisher={publisher.NAME}"]
        told += [f"/DHomepage={publisher.HOMEPAGE}"] if publisher.HOMEPAGE else []
        _call([tool, *told, HERE / "windows" / "lstm-studio.iss"], "Inno Setup failed")
        say(f"The installer is {DIST / f'lstm-studio-{version()}-windows-x64-setup.exe'}")
    elif sys.platform == "darwin":
        _call(["/bin/bash", HERE / "macos" / "make_dmg.sh", version()], "The disk image could not be made")
    else:
        raise BundleError("--installer is for Windows and macOS; on Linux use --deb or --portable")


def program(bundle: Path) -> Path:
    """The program of a bundle."""
    return bundle / ("lstm-studio.exe" if os.name == "nt" else "lstm-studio")


def size(folder: Path) -> int:
    """Bytes of all files, links not followed."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def say(text: str) -> None:
    print(text, flush=True)


def _call(command: Sequence[object], complaint: str, **environment: str) -> None:
    words = [str(part) for part in command]
    if subprocess.run(words, cwd=ROOT, env={**os.environ, **environment}).returncode:
        raise BundleError(complaint)
