"""NOTICES.txt: the licences of all that the bundle is made of, from the installed metadata; no network.

Distributions are found by their files, so what is not bundled is not named. A part without a licence text, or one that
the GPL alone governs, stops the build.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SUPPLIED = Path(__file__).resolve().parent / "licenses"
TEXTS_BESIDE = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt", "ICU.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "tokenizers": ("Apache-2.0.txt",),
    "rjieba": ("rjieba.txt",),
}
"""Licences of distributions that bring no text of their own."""
EXCEPTIONS = {
    "pyinstaller": "its start-up program is under the GPL with an exception that allows programs under any licence",
    "pyinstaller-hooks-contrib": "what of it is brought along, hooks for the start, is under the Apache licence",
}
"""Parts under the GPL that an exception in their own licence lets stand beside others."""
SYSTEM_EXCEPTIONS = ("libgcc-s1", "libstdc++6", "libgomp1")
"""Libraries of GCC: GPL 3 with the GCC Runtime Library Exception."""
HANDBOOK = ("furo", "sphinx", "sphinx-basic-ng", "pygments", "snowballstemmer")
"""Whose styles and scripts Sphinx copies into the pages of the handbook."""

_HELP = Path(__file__).resolve().parent.parent / "resources" / "help"
_LICENCE_NAME = re.compile(r"(licen[sc]e|copying|notice|copyright)", re.IGNORECASE)
_LINE = "=" * 100


class NoticeError(Exception):
    """A part that must not be shipped as it is."""


@dataclass(frozen=True)
class Part:
    """Something bundled: its name, version, licence in a word, and the texts (title, words)."""

    name: str
    version: str
    licence: str
    texts: tuple[tuple[str, str], ...]


def parts_of(sources: Iterable[str | Path]) -> list[Part]:
    """The parts that files come from.

    Args:
        sources: Files as they lie on the builder's disk; one of the handbook stands for what made its pages too.

    Raises:
        NoticeError: a part has no licence text, or the GPL alone.
    """
    owners = _owners()
    found: dict[str, importlib.metadata.Distribution] = {}
    packages: set[str] = set()
    handbook = False
    for source in sources:
        path = Path(source).resolve()
        owner = owners.get(str(path))
        if owner is not None:
            found[normal(owner.metadata["Name"])] = owner
        elif path.is_relative_to(_HELP):
            handbook = True
        elif path.is_file() and not _is_ours(path):
            packages.add(_system_package(path))
    if handbook:
        found |= {name: importlib.metadata.distribution(name) for name in HANDBOOK}
    found.pop("lstm-studio", None)
    parts = [_part(name, owner) for name, owner in sorted(found.items())]
    parts += [_system_part(name) for name in sorted(packages - {""})]
    return [_python(), *parts]


def write(parts: Iterable[Part], target: Path, version: str) -> None:
    """Write one file: what is in the bundle, what that means for Qt, then every text once."""
    parts = list(parts)
    numbers: dict[str, int] = {}
    bodies: list[str] = []
    rows = []
    for part in parts:
        used = []
        for title, words in part.texts:
            key = hashlib.sha256(" ".join(words.split()).encode()).hexdigest()
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                bodies.append(f"{_LINE}\n[{numbers[key]}] {part.name}: {title}\n{_LINE}\n\n{words.strip()}\n")
            used.append(numbers[key])
        said = ", ".join(f"[{number}]" for number in sorted(set(used)))
        rows.append(f"{part.name} {part.version}\n    {part.licence}; {said}")
    qt = next((part.version for part in parts if normal(part.name) == "pyside6-essentials"), "")
    head = _HEAD.format(version=version, qt=qt)
    target.write_text(head + "\n".join(rows) + "\n\n" + "\n".join(bodies), encoding="utf-8")


def licence_of(metadata: importlib.metadata.PackageMetadata) -> str:
    """A licence in a word: the SPDX expression, else the field, else the classifiers."""
    said = metadata.get("License-Expression") or metadata.get("License") or ""
    if said and "\n" not in said and len(said) < 200:
        return said
    prefix = "License :: "
    classifiers = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or () if line.startswith(prefix)]
    return " and ".join(classifiers)


def only_gpl(licence: str) -> bool:
    """Whether every choice that a licence gives contains the GPL or AGPL; the LGPL is another matter."""
    choices = re.split(r"\s(?:OR|or(?! later))\s", licence)
    return bool(licence) and all(
        re.search(r"(?<![A-Za-z])A?GPL|(?<!Lesser )(?<!Library )General Public License", choice) for choice in choices
    )


def normal(name: str) -> str:
    """The name of a distribution as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.cache
def _owners() -> dict[str, importlib.metadata.Distribution]:
    """File -> the distribution that brought it."""
    owners = {}
    for distribution in importlib.metadata.distributions():
        base = str(Path(str(distribution.locate_file(""))).resolve())
        for file in (distribution.read_text("RECORD") or "").splitlines():
            name = file.partition(",")[0]
            if not name.endswith(".pyc"):
                owners[os.path.normpath(f"{base}/{name}")] = distribution
    return owners


def _part(name: str, owner: importlib.metadata.Distribution) -> Part:
    licence = licence_of(owner.metadata)
    if only_gpl(licence) and name not in EXCEPTIONS:
        raise NoticeError(f"{name} is under {licence}; the program cannot bring it along")
    texts = []
    for file in owner.files or ():
        path = file.as_posix()
        of_metadata = ".dist-info/" in path and (_LICENCE_NAME.search(file.name) or "/licenses/" in path)
        if of_metadata or path.endswith(".js.LICENSE.txt"):  # the latter: of a script that a theme took in
            full = Path(str(owner.locate_file(file)))
            if full.is_file():
                title = path.partition(".dist-info/")[2].removeprefix("licenses/") or file.name
                texts.append((title, full.read_text(encoding="utf-8", errors="replace")))
    for beside in TEXTS_BESIDE.get(name, ()):
        texts.append((beside, (SUPPLIED / beside).read_text(encoding="utf-8")))
    if not texts:
        raise NoticeError(f"{name} brings no licence text; put it into packaging/licenses and name it in notices.py")
    said = f"{licence or 'see the text'}{f' ({EXCEPTIONS[name]})' if name in EXCEPTIONS else ''}"
    return Part(owner.metadata["Name"], owner.version, said, tuple(texts))


def _python() -> Part:
    version = ".".join(map(str, sys.version_info[:3]))
    places = [
        Path(sys.base_prefix, "LICENSE.txt"),
        Path(sys.base_prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "LICENSE.txt"),
        Path(f"/usr/share/doc/python{sys.version_info[0]}.{sys.version_info[1]}/copyright"),
    ]
    for place in places:
        if place.is_file():
            words = place.read_text(encoding="utf-8", errors="replace")
            return Part("Python", version, "PSF-2.0", (("LICENSE.txt", words),))
    raise NoticeError("the licence of Python itself was not found beside the interpreter")


def _is_ours(path: Path) -> bool:
    """Whether a file is the program's own, of the build, or Python's."""
    root = Path(__file__).resolve().parent.parent
    python = Path(sys.base_prefix).resolve()
    return path.is_relative_to(root) or (python != Path("/usr") and path.is_relative_to(python))


def _system_package(path: Path) -> str:
    """The Debian package that a library of the system is from; elsewhere its own name."""
    if shutil.which("dpkg") is None:
        return path.name if path.suffix in {".so", ".dylib"} or ".so." in path.name else ""
    for place in (path, Path("/usr", *path.parts[1:]), Path("/", *path.parts[2:])):
        asked = subprocess.run(["dpkg", "-S", place], capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.split(":")[0]
    return ""


def _system_part(package: str) -> Part:
    asked = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True)
    file = Path("/usr/share/doc", package, "copyright")
    if not file.is_file():
        raise NoticeError(f"{package} of this system brings no licence text")
    said = "GPL-3.0 with the GCC Runtime Library Exception" if package in SYSTEM_EXCEPTIONS else "see the text"
    return Part(package, asked.stdout, f"library of the system; {said}", (("copyright", file.read_text("utf-8")),))


_HEAD = """LSTM Studio {version} is under the MIT licence (LICENSE.txt). It brings along the parts that are listed
here, each under its own licence. Numbers in brackets are those of the texts below.

Qt and PySide6
--------------
The window is drawn by Qt {qt} and PySide6 {qt}, which are used under the GNU Lesser General Public License,
version 3. They are separate shared libraries: the files in the folder _internal/PySide6 (and _internal/shiboken6,
and the libraries beside them that begin with libQt6 or libicu). You may replace each of them by a version of your own
that has the same interface: put your file in the place of the one that is there, and start the program. Nothing in
LSTM Studio is linked to them statically, hinders that, or forbids taking the program apart to find out why a changed
library does not work. Their source code is at https://download.qt.io/official_releases/qt/ and
https://download.qt.io/official_releases/QtForPython/. Parts of Qt have further authors, whom
https://doc.qt.io/qt-6/licenses-used-in-qt.html names; ICU is under the Unicode licence.

Parts
-----
"""
