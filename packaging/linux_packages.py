"""What people on Linux install: a .deb and an archive that runs from any folder. Standard library and dpkg-deb only."""

from __future__ import annotations

import datetime
import email.utils
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import publisher
from system_libraries import PACKAGES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
BASE = {"libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libc.so.6", "libresolv.so.2"}
"""Parts of glibc; the version that is needed is measured. The dynamic linker is another."""
ALSO = ("libegl1", "libgl1", "libfontconfig1", "libdbus-1-3", "libxkbcommon-x11-0", "libxcb-cursor0")
"""What Qt loads by name where it finds it; without these the window does not open or has no fonts."""
RENAMED = {"libglib2.0-0": "libglib2.0-0t64 | libglib2.0-0"}
"""Debian 13 and Ubuntu 24.04 renamed packages with 64-bit times; the older ones follow."""
RECOMMENDED = "fonts-noto-cjk, fontconfig"
COPYRIGHT = """LSTM Studio is under the licence below. Python, PyTorch, Qt and the other parts that it brings along are
under licences of their own; NOTICES.txt in the folder of the program holds them all.

"""


class PackageError(Exception):
    """The package cannot be made as it should be."""


def deb(bundle: Path, target: Path, version: str) -> Path:
    """Make the Debian package of a bundle.

    It has no scripts: triggers of other packages bring menus, types of files and icons up to date.

    Args:
        bundle: The folder with the program.
        target: The folder that the file goes to.
        version: As version.py says it.

    Raises:
        PackageError: dpkg-deb is missing or fails, or a library is needed whose package is not known.
    """
    if shutil.which("dpkg-deb") is None:
        raise PackageError("dpkg-deb is missing; a .deb is made on Debian or Ubuntu")
    architecture = ARCHITECTURES.get(os.uname().machine, os.uname().machine)
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(bundle, tree / "opt" / "lstm-studio", symlinks=True)
    _share(tree, version)
    link = tree / "usr" / "bin" / "lstm-studio"
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/lstm-studio/lstm-studio")
    overrides = tree / "usr" / "share" / "lintian" / "overrides" / "lstm-studio"
    overrides.parent.mkdir(parents=True)
    shutil.copy(HERE / "linux" / "lintian-overrides", overrides)
    size = _tidy(tree)
    control = (HERE / "linux" / "control").read_text(encoding="utf-8")
    words = {
        "VERSION": version,
        "ARCHITECTURE": architecture,
        "SIZE": str(size // 1024),
        "DEPENDS": ", ".join(depends(bundle)),
        "RECOMMENDS": RECOMMENDED,
    }
    (tree / "DEBIAN").mkdir(mode=0o755)
    (tree / "DEBIAN" / "control").write_text(publisher.fill(control, words), encoding="utf-8")
    (tree / "DEBIAN" / "md5sums").write_text("".join(_sums(tree)), encoding="utf-8")
    file = target / f"lstm-studio_{version}_{architecture}.deb"
    # zstd is four times as quick to unpack as xz, and known to dpkg of Ubuntu 22.04 and Debian 12.
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", tree, file]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        raise PackageError(f"dpkg-deb could not make the package: {made.stderr.strip()}")
    shutil.rmtree(tree)
    return file


def portable(bundle: Path, target: Path, version: str) -> Path:
    """Make the archive that runs from any folder: the bundle, what a desktop needs, and two scripts.

    Returns:
        A .tar.zst where zstd is there, else a .tar.gz.
    """
    name = f"lstm-studio-{version}-linux-{os.uname().machine}"
    tree = BUILD / "portable" / name
    shutil.rmtree(tree.parent, ignore_errors=True)
    shutil.copytree(bundle, tree / "program", symlinks=True)
    _share(tree, version, prefix="")
    for script in ("run.sh", "add-to-menu.sh"):
        shutil.copy(HERE / "linux" / script, tree / script)
        (tree / script).chmod(0o755)
    shutil.copy(HERE / "linux" / "README.txt", tree / "README.txt")
    _tidy(tree)
    if shutil.which("zstd"):
        file = target / f"{name}.tar.zst"
        file.unlink(missing_ok=True)
        with subprocess.Popen(["zstd", "-q", "-T0", "-9", "-o", file], stdin=subprocess.PIPE) as packer:
            with tarfile.open(fileobj=packer.stdin, mode="w|") as archive:
                archive.add(tree, name, filter=_root_owned)
            packer.stdin.close()
        if packer.returncode:
            raise PackageError("zstd could not pack the archive")
    else:
        file = target / f"{name}.tar.gz"
        with tarfile.open(file, "w:gz", compresslevel=6) as archive:
            archive.add(tree, name, filter=_root_owned)
    shutil.rmtree(tree.parent)
    return file


def depends(bundle: Path) -> list[str]:
    """The Debian packages that a bundle needs: those of libraries that it is linked to and does not bring.

    Raises:
        PackageError: the package of a library is not known, or objdump is missing.
    """
    if shutil.which("objdump") is None:
        raise PackageError("objdump is missing: apt-get install binutils")
    wanted, brought, newest = set(), set(), (0, 0)
    for file in libraries(bundle):
        brought.add(file.name)
        told = subprocess.run(["objdump", "-p", file], capture_output=True, text=True).stdout
        wanted |= set(re.findall(r"NEEDED\s+(\S+)", told))
        own = re.search(r"SONAME\s+(\S+)", told)
        if own:
            brought.add(own.group(1))
        for number in re.findall(r"GLIBC_(\d+\.\d+)", told):
            newest = max(newest, tuple(map(int, number.split("."))))
    missing = {name for name in wanted - brought - BASE if not name.startswith("ld-linux")}
    unknown = sorted(name for name in missing if name not in PACKAGES)
    if unknown:
        raise PackageError(f"system_libraries.py does not know the packages of {', '.join(unknown)}")
    packages = {PACKAGES[name] for name in missing} | set(ALSO)
    return [f"libc6 (>= {newest[0]}.{newest[1]})", *(RENAMED.get(name, name) for name in sorted(packages))]


def libraries(bundle: Path) -> Iterator[Path]:
    """The ELF files of a bundle, links left out."""
    for file in sorted(bundle.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as stream:
                if stream.read(4) == b"\x7fELF":
                    yield file


def _share(tree: Path, version: str, prefix: str = "usr") -> None:
    """Desktop file, pictures, types of files, AppStream data and licence."""
    share = tree / prefix / "share"
    linux = HERE / "linux"
    pictures = BUILD / "icons"
    places: list[tuple[Path, str]] = [
        (linux / "lstm-studio.desktop", "applications/lstm-studio.desktop"),
        (linux / "lstm-studio-mime.xml", "mime/packages/lstm-studio.xml"),
        (ROOT / "resources" / "icons" / "app.svg", "icons/hicolor/scalable/apps/lstm-studio.svg"),
    ]
    for picture in sorted(pictures.glob("app-*.png")):
        size = int(picture.stem.removeprefix("app-"))
        if size <= 512:
            places.append((picture, f"icons/hicolor/{size}x{size}/apps/lstm-studio.png"))
    for source, place in places:
        (share / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, share / place)
    manual = share / "man" / "man1" / "lstm-studio.1.gz"
    manual.parent.mkdir(parents=True)
    words = publisher.fill((linux / "lstm-studio.1").read_text(encoding="utf-8"), {"VERSION": version})
    manual.write_bytes(gzip.compress(words.encode(), 9, mtime=0))
    licence = share / "doc" / "lstm-studio" / "copyright"
    licence.parent.mkdir(parents=True)
    licence.write_text(COPYRIGHT + (ROOT / "LICENSE").read_text(encoding="utf-8"), encoding="utf-8")
    data = (linux / "metainfo.xml").read_text(encoding="utf-8")
    changes = ROOT / "CHANGELOG.md"
    made = time.gmtime((changes if changes.is_file() else linux).stat().st_mtime)
    day = time.strftime("%Y-%m-%d", made)
    metainfo = share / "metainfo" / f"{publisher.APP_ID}.metainfo.xml"
    metainfo.parent.mkdir(parents=True)
    metainfo.write_text(publisher.fill(data, {"VERSION": version, "DATE": day}, xml=True), encoding="utf-8")
    if changes.is_file():
        packed = gzip.compress(changes.read_bytes(), 9, mtime=0)
        (licence.parent / "NEWS.md.gz").write_bytes(packed)
    words = {"VERSION": version, "TIME": email.utils.format_datetime(datetime.datetime(*made[:6], tzinfo=datetime.UTC))}
    debian = publisher.fill((linux / "changelog").read_text(encoding="utf-8"), words)
    (licence.parent / "changelog.gz").write_bytes(gzip.compress(debian.encode(), 9, mtime=0))


def _tidy(tree: Path) -> int:
    """Give every file the rights that an installed one has; returns the bytes they take."""
    total = 0
    for file in [tree, *tree.rglob("*")]:
        if file.is_symlink():
            continue
        if file.is_dir():
            file.chmod(0o755)
        else:
            runs = file.stat().st_mode & 0o100 and file.suffix != ".py" and ".so" not in file.suffixes
            file.chmod(0o755 if runs else 0o644)
            total += file.stat().st_size
    return total


def _sums(tree: Path) -> Iterable[str]:
    for file in sorted(tree.rglob("*")):
        inside = file.relative_to(tree)
        if file.is_file() and not file.is_symlink() and inside.parts[0] != "DEBIAN":
            with file.open("rb") as stream:
                yield f"{hashlib.file_digest(stream, 'md5').hexdigest()}  {inside}\n"


def _root_owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
