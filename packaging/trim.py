"""What of the installed packages the bundle does without, and which libraries lose the names of their inner functions.

Every rule is for a path inside the bundle, "/" between its parts. SIZE.md tells what they save.
"""

from __future__ import annotations

import fnmatch
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

Entry = tuple[str, str, str]
"""Of PyInstaller: place in the bundle, source, kind; the source of a SYMLINK is what it leads to."""

LEFT_OUT = (
    # torch: tests, programs of its builders, headers, archives. torch_shm_manager stays: import torch looks for it.
    "torch/test/*",
    "torch/include/*",
    "torch/share/*",
    "torch/bin/[!t]*",
    "torch/bin/test_*",
    "torch/lib/libtorchbind_test.so",
    "torch/lib/libjitbackend_test.so",
    "torch/lib/libbackend_with_compiler.so",
    "torch/lib/libaoti_custom_ops.so",
    "torch/lib/*.lib",
    "torch/utils/model_dump/*",
    "*.a",
    "*.h",
    "*.hpp",
    "*.cuh",
    "*.cmake",
    # Sources of what is there compiled, and declarations for editors.
    "*.pyx",
    "*.pxd",
    "*.pxi",
    "*.pyi",
    # pyarrow: stores on the network, ORC, remote procedures; the rest of its libraries is linked to each other.
    "pyarrow/include/*",
    "pyarrow/src/*",
    "pyarrow/tests/*",
    "pyarrow/libarrow_flight*",
    "pyarrow/*arrow_flight*.dll",
    "pyarrow/_flight.*",
    "pyarrow/libarrow_s3*",
    "pyarrow/_s3fs.*",
    "pyarrow/_gcsfs.*",
    "pyarrow/_azurefs.*",
    "pyarrow/_orc.*",
    "pyarrow/_substrait.*",
    "pyarrow/libarrow_python_flight*",
    "pyarrow/libarrow_python.so",
    "pyarrow/libarrow_python.so.*.*",
    # Qt: QML, the network, databases, on-screen keyboards, formats of pictures that the program never reads.
    "*/libQt6Qml*",
    "*/libQt6Quick*",
    "*/libQt6VirtualKeyboard*",
    "*/libQt6Pdf*",
    "*/Qt6Qml*",
    "*/Qt6Quick*",
    "*/Qt6VirtualKeyboard*",
    "*/Qt6Pdf*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*",
    "*/plugins/sqldrivers/*",
    "*/plugins/qmltooling/*",
    "*/plugins/tls/*",
    "*/plugins/networkinformation/*",
    "*/plugins/generic/*tuio*",
    "*/plugins/imageformats/*pdf*",
    "*/plugins/imageformats/*tga*",
    "*/plugins/imageformats/*tiff*",
    "*/plugins/imageformats/*wbmp*",
    "*/plugins/imageformats/*icns*",
    "*/plugins/imageformats/*webp*",
    "*/plugins/platforms/*vnc*",
    "*/plugins/platforms/*eglfs*",
    "*/plugins/platforms/*linuxfb*",
    "*/plugins/platforms/*vkkhr*",
    "*/plugins/platforms/*minimalegl*",
    "*/plugins/egldeviceintegrations/*",
    # The theme of GTK would bring GTK, without its data; the portal of the desktop opens the dialogs for files.
    "*/plugins/platformthemes/*gtk3*",
    # Only its parser is reached.
    "lxml/objectify*",
    "lxml/sax*",
    "lxml/html/*",
    "lxml/isoschematron/*",
    "lxml/includes/*",
    # GNU readline is under the GPL; the program reads no lines from a terminal.
    "*readline*.so*",
    # What is said about packages when they are installed.
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/direct_url.json",
)
"""Patterns of files."""

SOURCES_KEPT = (
    "torch/*config.py",
    "torch/*config_comms.py",
    "torch/utils/_config_module.py",
    "torch/functional.py",
    "torch/nn/functional.py",
    "torch/nn/modules/*.py",
    "torch/_decomp/*",
)
"""torch reads these of its own sources while it is imported; all others are there as bytecode."""

MODULES_LEFT_OUT = (
    "torch.utils.benchmark*",
    "torch.utils.bottleneck*",
    "torch.utils.tensorboard*",
    "torch.utils.model_dump*",
    "torch.utils.viz*",
    "torch.testing._internal.*",
    "readline",
    "pyarrow.tests*",
    "pyarrow.flight",
    "pyarrow.orc",
    "pyarrow.substrait",
    "numpy.f2py*",
    "numpy.*.tests*",
    "sympy.*.tests*",
    "nltk.test*",
    "lxml.html*",
    "lxml.isoschematron*",
    "lxml.objectify",
    "optuna.cli",
    "optuna.visualization*",
    "optuna.storages._rdb.alembic*",
)
"""Patterns of modules of Python."""
MODULES_KEPT = (
    "torch.testing._internal.logging_tensor",
    "torch.testing._internal.common_dtype",
    "torch.testing._internal.distributed",
    "torch.testing._internal.distributed.fake_pg",
)
"""Exceptions: torch's optimisers reach them."""

NEVER_IMPORTED = (
    "alembic", "anyio", "certifi", "click", "filelock", "fsspec", "h11", "hf_xet", "httpcore2", "httpx2",
    "huggingface_hub", "idna", "jinja2", "mako", "markupsafe", "networkx", "setuptools", "_distutils_hack",
    "sqlalchemy", "truststore", "yaml", "_yaml",
)  # fmt: skip
"""What pip installs with the dependencies, for things that the program does not do; and SQLAlchemy with alembic, which
Optuna only reaches for when a sweep is kept in a database instead of its journal."""

BROUGHT = (
    "libpython3*", "libssl.so*", "libcrypto.so*", "libffi.so*", "liblzma.so*", "libbz2.so*", "libsqlite3.so*",
    "libxcb-cursor.so*", "libxcb-icccm.so*", "libxcb-image.so*", "libxcb-keysyms.so*", "libxcb-render-util.so*",
    "libxcb-util.so*",
)  # fmt: skip
"""Libraries of the builder's Linux that go along. All others are the user's own: fonts, input, display and the C++
runtime have to fit that system, and every desktop has them."""

EXTRAS = ("gui", "sweeps")
"""Optional dependencies of the program that the bundle holds."""

LANGUAGES = ("zh_CN",)
"""Qt's own words are kept for these; English stands in its source."""

STRIPPED = (
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libtorch_python.so",
    "torch/lib/libc10.so",
    "pyarrow/libarrow*.so*",
    "pyarrow/libparquet*.so*",
    "tokenizers/*.so",
    "rjieba/*.so",
    "libpython3*.so.*",
    "python3*/lib-dynload/*.so",
)
"""Libraries with a table of their inner names, which only a debugger reads. Nothing that patchelf has been at."""


def keeps_file(path: str) -> bool:
    """Whether a file goes into the bundle; ``path`` is its place there."""
    path = path.replace("\\", "/")
    if _any(path, LEFT_OUT):
        return False
    if path.startswith("torch/") and path.endswith(".py"):
        return _any(path, SOURCES_KEPT)
    if "/translations/" in path and path.endswith(".qm"):
        return any(path.endswith(f"qtbase_{language}.qm") for language in LANGUAGES)
    return True


def keeps_module(name: str) -> bool:
    """Whether a module of Python goes into the bundle."""
    return _any(name, MODULES_KEPT) or not _any(name, MODULES_LEFT_OUT)


def not_ours(project: str = "lstm-studio") -> list[str]:
    """Modules of what is installed for development alone: all that no dependency of the program asks for."""
    ours: set[str] = set()
    open_ends = [project]
    while open_ends:
        name = _normal(open_ends.pop())
        if name in ours:
            continue
        ours.add(name)
        try:
            requirements = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # of another system
            continue
        for line in requirements:
            extra = re.search(r"""extra == ["']([^"']+)""", line)
            if extra is None or (name == project and extra.group(1) in EXTRAS):
                open_ends.append(re.split(r"[^A-Za-z0-9._-]", line)[0])
    modules = importlib.metadata.packages_distributions()
    return sorted(
        module
        for module, owners in modules.items()
        if module.isidentifier() and not any(_normal(owner) in ours for owner in owners)
    )


def files_kept(entries: Iterable[Entry]) -> list[Entry]:
    """The files that go into the bundle; a link goes with what it leads to."""
    kept = [entry for entry in entries if keeps_file(entry[0]) and keeps_file(_end(entry))]
    return _without_system(kept) if sys.platform.startswith("linux") and shutil.which("objdump") else kept


def links_kept(entries: Iterable[Entry], others: Iterable[Entry]) -> list[Entry]:
    """``entries`` without the links whose end is neither among them nor among ``others``."""
    kept, rest = list(entries), [entry[0].replace("\\", "/") for entry in others]
    while True:
        places = {*rest, *(entry[0].replace("\\", "/") for entry in kept)}
        whole = [
            entry
            for entry in kept
            if entry[2] != "SYMLINK" or (end := _end(entry)) in places or any(p.startswith(f"{end}/") for p in places)
        ]
        if len(whole) == len(kept):
            return kept
        kept = whole


def _without_system(entries: list[Entry]) -> list[Entry]:
    """Leave out libraries of the builder's system, then those of Qt that nothing left is linked to."""
    prefix = Path(sys.prefix).resolve()
    kept = []
    for entry in entries:
        place, source, kind = entry
        from_system = kind == "BINARY" and not Path(source).resolve().is_relative_to(prefix) and "/" not in place
        if not from_system or _any(place, BROUGHT):
            kept.append(entry)
    real = {entry[0]: entry for entry in kept if entry[2] != "SYMLINK"}
    loose = {place for place in real if "/" not in place or place.startswith("PySide6/Qt/lib/")}
    loose = {place for place in loose if re.match(r"lib.*\.so", os.path.basename(place)) and "python3" not in place}
    by_name = {os.path.basename(place): place for place in loose}
    reached: set[str] = set()
    ends = [place for place in real if place not in loose and real[place][2] in {"BINARY", "EXTENSION"}]
    while ends:
        for name in _linked(real[ends.pop()][1]):
            place = by_name.get(name)
            if place is not None and place not in reached:
                reached.add(place)
                ends.append(place)
    gone = loose - reached
    return [entry for entry in kept if entry[0] not in gone and _end(entry) not in gone]


def _linked(file: str) -> list[str]:
    told = subprocess.run(["objdump", "-p", file], capture_output=True, text=True).stdout
    return re.findall(r"NEEDED\s+(\S+)", told)


def _end(entry: Entry) -> str:
    place, source, kind = entry
    if kind != "SYMLINK":
        return place
    return os.path.normpath(os.path.join(os.path.dirname(place), source)).replace("\\", "/")


def _any(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def strip(bundle: Path) -> int:
    """Take the inner names out of the large libraries of a Linux bundle.

    Returns:
        How many bytes that saves; 0 where there is no ``strip``.
    """
    tool = shutil.which("strip")
    if tool is None:
        return 0
    saved = 0
    inside = bundle / "_internal"
    for pattern in STRIPPED:
        for file in inside.glob(pattern):
            if file.is_symlink():
                continue
            before = file.stat().st_size
            slim = file.with_name(file.name + ".slim")
            if subprocess.run([tool, "--strip-unneeded", "-o", slim, file], capture_output=True).returncode == 0:
                shutil.copymode(file, slim)
                slim.replace(file)
                saved += before - file.stat().st_size
            slim.unlink(missing_ok=True)
    return saved
