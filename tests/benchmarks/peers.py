"""An environment of its own for what the studio is compared with: .venv-peers, made when it is first asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from figures import ROOT

PLACE = ROOT / ".venv-peers"
WANTED = ("keras>=3.12", "tensorflow-cpu>=2.20", "jax[cpu]>=0.7", "torch>=2.13,<2.14")
"""3 GB on disk; Apache and BSD licences. On Linux without a GPU's libraries: torch's own index of processor builds."""
BACKENDS = ("jax", "tensorflow", "torch")


def python() -> Path:
    """Its interpreter, with everything installed.

    Raises:
        SystemExit: it could not be made, e.g. without a network; says so in a sentence.
    """
    found = PLACE / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = PLACE / "installed.txt"
    if found.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == "\n".join(WANTED):
        return found
    sys.stderr.write("Installing Keras and what it runs on into .venv-peers (some minutes, once) ...\n")
    venv.create(PLACE, with_pip=True)
    command = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *WANTED]
    if sys.platform.startswith("linux"):
        command += ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]
    if subprocess.run(command).returncode:
        raise SystemExit("bench_job: Keras could not be installed; without it only --studio can be measured")
    stamp.write_text("\n".join(WANTED), encoding="utf-8")
    return found
