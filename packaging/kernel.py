"""Compiles the C files of the program, lstm_studio/nn/*.c, where there is a compiler, for each kind of processor that
it knows; without one plain operations of torch do the same, slower. Needs nothing but Python."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "lstm_studio" / "nn"
SOURCES = [FOLDER / "steps.c", FOLDER / "rows.c"]
VARIANTS: dict[str, tuple[list[str], list[str]]] = {
    "plain": ([], []),
    "avx2": (["-march=x86-64-v3"], ["/arch:AVX2"]),
    "avx512": (["-march=x86-64-v4", "-mprefer-vector-width=512"], ["/arch:AVX512"]),
}
"""Name -> what gcc or clang is told, what Microsoft's compiler is. nn/kernel.py chooses when the program runs."""
GNU = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"]
GNU += ["-fvisibility=hidden", "-shared"]
TOO_LONG = 120


def names() -> list[str]:
    """Variants that make sense on machines like this one."""
    wide = platform.machine().lower() in {"x86_64", "amd64"}
    return list(VARIANTS) if wide else ["plain"]


def path_of(name: str) -> Path:
    """Where a variant belongs."""
    return FOLDER / f"{name}.kernel"


def build() -> list[Path]:
    """Make the variants that are not newer than what they are made from; those that are there."""
    return [path_of(name) for name in names() if _made(name)]


def _made(name: str) -> bool:
    kernel = path_of(name)
    newest = max(path.stat().st_mtime for path in (*SOURCES, FOLDER / "kernel.h", Path(__file__)))
    if kernel.exists() and kernel.stat().st_mtime >= newest:
        return True
    kernel.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / kernel.name
        for command in commands(made, name):
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, timeout=TOO_LONG)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and made.exists():
                beside = kernel.with_name(f".{kernel.name}.{os.getpid()}")
                shutil.copyfile(made, beside)
                os.replace(beside, kernel)
                return True
    return False


def commands(target: Path, name: str = "plain") -> list[list[str]]:
    """One for each compiler that there is, the likelier first."""
    gnu, microsoft = VARIANTS[name]
    found = []
    named = os.environ.get("CC", "").split()
    for compiler in ([*named[:1]] if named else []) + ["cc", "gcc", "clang"]:
        if (path := shutil.which(compiler)) is not None:
            position = [] if os.name == "nt" else ["-fPIC"]
            found.append([path, *GNU, *gnu, *position, "-o", str(target), *map(str, SOURCES)])
    if os.name == "nt" and (path := shutil.which("cl")) is not None:
        found.append([path, "/nologo", "/O2", "/std:c11", "/LD", *microsoft, *map(str, SOURCES), f"/Fe:{target}"])
    return found


if __name__ == "__main__":
    made = "".join(f"{path.relative_to(ROOT)}\n" for path in build())
    sys.stdout.write(made or "no C compiler was found\n")
