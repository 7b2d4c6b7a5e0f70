"""Finds the system libraries that Qt needs and this Linux lacks; installs them where it may. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libgbm.so.1": "libgbm1",
    "libdrm.so.2": "libdrm2",
    "libgcc_s.so.1": "libgcc-s1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libstdc++.so.6": "libstdc++6",
    "libuuid.so.1": "libuuid1",
    "libvulkan.so.1": "libvulkan1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libwayland-server.so.0": "libwayland-server0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Library -> the Debian and Ubuntu package that holds it."""

PARTS = (
    "Qt/lib/libQt6Core.so.6",
    "Qt/lib/libQt6Gui.so.6",
    "Qt/lib/libQt6Widgets.so.6",
    "Qt/lib/libQt6Svg.so.6",
    "Qt/lib/libQt6XcbQpa.so.6",
    "Qt/plugins/platforms/libqoffscreen.so",
    "Qt/plugins/platforms/libqxcb.so",
)


def check(venv: Path) -> str:
    """Empty when all is there (or was just installed), else the sentence that says what to do."""
    if not sys.platform.startswith("linux") or shutil.which("ldd") is None:
        return ""
    wanted = missing(venv)
    packages = sorted({PACKAGES[name] for name in wanted if name in PACKAGES})
    if shutil.which("fc-list") is None:
        packages.append("fontconfig")
    if not has_chinese_font() and may_install():
        packages.append("fonts-noto-cjk")
    if packages and may_install():
        install(packages, "Qt")
        wanted = missing(venv)
        packages = sorted({PACKAGES[name] for name in wanted if name in PACKAGES})
    if not wanted:
        return ""
    unknown = [name for name in wanted if name not in PACKAGES]
    line = f"Qt needs system libraries that are missing: {', '.join(wanted)}."
    if packages:
        line += f"\nInstall them with: sudo apt-get install {' '.join(packages)}"
    if unknown:
        line += f"\nFind the packages of your system that hold {', '.join(unknown)} and install them."
    return line


def missing(venv: Path) -> list[str]:
    """Names of the libraries that the dynamic linker does not find for Qt's own libraries."""
    found = set()
    for base in venv.glob("lib/python3*/site-packages/PySide6"):
        files = [str(base / part) for part in PARTS if (base / part).exists()]
        if files:
            result = subprocess.run(["ldd", *files], capture_output=True, text=True)
            found |= {line.split()[0] for line in result.stdout.splitlines() if line.strip().endswith("not found")}
    return sorted(found)


def has_chinese_font() -> bool:
    """Whether Chinese can be shown; without fontconfig the answer is no."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True).stdout.strip())


def may_install() -> bool:
    """Whether this is Debian or one of its children, and we are root."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: list[str], reason: str) -> None:
    """Install Debian packages as root; a failure is reported by whoever needs them.

    Raises:
        SystemExit: not root on Debian or Ubuntu; the message is the exact line to type.
    """
    if not may_install():
        raise SystemExit(f"dev.py: {reason} needs: sudo apt-get install {' '.join(packages)}")
    print(f"Installing for {reason}: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "env": environment}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    if subprocess.run([*command, *packages], **quiet).returncode:
        for name in packages:  # one that this release does not know must not stop the others
            subprocess.run([*command, name], **quiet)
