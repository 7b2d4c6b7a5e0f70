"""Compiles the C files of the program, lstm_studio/nn/*.c, where there is a compiler; without one plain operations of
torch do the same, slower. Needs nothing but Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "lstm_studio" / "nn"
SOURCES = [FOLDER / "steps.c", FOLDER / "rows.c"]
KERNEL = FOLDER / "steps.kernel"
GNU = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"]
GNU += ["-fvisibility=hidden", "-shared"]
TOO_LONG = 120


def build() -> bool:
    """Make ``steps.kernel`` unless it is newer than what it is made from; whether it is there."""
    newest = max(path.stat().st_mtime for path in (*SOURCES, FOLDER / "kernel.h"))
    if KERNEL.exists() and KERNEL.stat().st_mtime >= newest:
        return True
    KERNEL.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / KERNEL.name
        for command in commands(made):
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, timeout=TOO_LONG)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and made.exists():
                beside = KERNEL.with_name(f".{KERNEL.name}.{os.getpid()}")
                shutil.copyfile(made, beside)
                os.replace(beside, KERNEL)
                return True
    return False


def commands(target: Path) -> list[list[str]]:
    """One for each compiler that there is, the likelier first."""
    found = []
    named = os.environ.get("CC", "").split()
    for name in ([*named[:1]] if named else []) + ["cc", "gcc", "clang"]:
        if (path := shutil.which(name)) is not None:
            position = [] if os.name == "nt" else ["-fPIC"]
            whole = [path, *GNU, *position, "-o", str(target), *map(str, SOURCES)]
            found += [whole, [*whole, "-DNO_CLONES"]]  # an older compiler knows no variants for newer processors
    if os.name == "nt" and (path := shutil.which("cl")) is not None:
        found.append([path, "/nologo", "/O2", "/std:c11", "/LD", *map(str, SOURCES), f"/Fe:{target}"])
    return found


if __name__ == "__main__":
    sys.stdout.write(f"{KERNEL.relative_to(ROOT)}\n" if build() else "no C compiler was found\n")
