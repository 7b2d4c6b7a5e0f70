#!/usr/bin/env python3
"""The commands of a checkout: run, test, docs, words, package, bench. Needs nothing but Python 3.11 or newer.

The first call makes .venv and installs the pinned dependencies; later calls start at once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.sha256"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
OLDEST = (3, 11)


class SetupError(Exception):
    """Something the person at the keyboard has to mend; shown as one sentence."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="{run,test,docs,words,package,bench}")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text[1], add_help=name not in {"run", "package"})
        command.set_defaults(function=text[0])
    options, rest = parser.parse_known_args(arguments)
    try:
        return options.function(rest)
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run(rest: list[str]) -> int:
    """Open the window, or, where there is no screen, leave a tour of pictures."""
    python = prepare()
    if rest and rest[0] == "--":
        rest = rest[1:]
    if rest or has_screen():
        return call([python, "-m", "lstm_studio", *rest])
    pictures = ROOT / "out" / "tour"
    say("No screen here, so the tour runs offscreen and saves a picture of every page.")
    code = call([python, "-m", "lstm_studio", "tour", pictures], QT_QPA_PLATFORM="offscreen")
    if code == 0:
        say(f"The pictures are in {pictures}")
    return code


def test(rest: list[str]) -> int:
    """Lint, check arrows and types, then run the suite. With arguments, only pytest, with these."""
    python = prepare()
    quiet = {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    pytest = [python, "-m", "pytest", "-q", *(rest or ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"])]
    if rest:
        return call(pytest, **quiet)
    checks = [
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [script("lint-imports")],
        [python, "-m", "mypy"],
        pytest,
    ]
    failed = []
    for command in checks:
        title = " ".join(Path(part).name if i == 0 else str(part) for i, part in enumerate(command))
        say(f"== {title}")
        code = call(command, **quiet)
        if code:
            failed.append(title)
    for title in failed:
        say(f"failed: {title}")
    return 1 if failed else 0


def docs(rest: list[str]) -> int:
    """Build the handbook into resources/help, English and Chinese; any warning is an error.

    Pictures come from the folder of a tour: the one that is named, else the last one in out/.
    """
    python = prepare()
    tours = [Path(rest[0]).resolve()] if rest else [ROOT / "out" / "tour", ROOT / "out" / "bundle-tour"]
    if rest and not tours[0].is_dir():
        raise SetupError(f"there is no folder {rest[0]}; take a tour first: dev.py run tour {rest[0]}")
    tour = next((folder for folder in tours if folder.is_dir()), "")
    made = ROOT / "build" / "help"
    shutil.rmtree(made, ignore_errors=True)
    for name, source, language in (("en", ROOT / "docs", "en"), ("zh", ROOT / "docs" / "zh", "zh_CN")):
        command = [python, "-m", "sphinx", "-b", "html", "-q", "-E", "-W", "--keep-going", "-c", ROOT / "docs"]
        command += [
            "-d",
            ROOT / "build" / "doctrees" / name,
            "-D",
            f"language={language}",
            "-D",
            f"tour_pictures={tour}",
        ]
        code = call([*command, source, made / name])
        if code:
            return code
        for left in (".buildinfo", ".buildinfo.bak", "objects.inv"):
            (made / name / left).unlink(missing_ok=True)
    target = ROOT / "resources" / "help"
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(made, target)
    say(f"The handbook is {target / 'en' / 'index.html'}")
    return 0


def words(rest: list[str]) -> int:
    """What people read, against the Chinese catalogues: missing, empty, wrong; with --all also unused and doubtful.

    --write AREA puts what is missing into that catalogue, to be filled in; --export FILE.ts and --import FILE.ts are
    for those who translate with Qt Linguist or a site that knows its files.
    """
    import words as tool

    what, name = [*rest, "", ""][:2]
    if what not in {"", "--all"} and (what not in {"--write", "--export", "--import"} or not name):
        raise SetupError("words takes nothing, --all, --write AREA, --export FILE.ts or --import FILE.ts")
    try:
        if what == "--write":
            say(f"What is missing stands in {tool.write_skeleton(name)}")
        elif what == "--export":
            say(f"{tool.export_ts(Path(name))} texts are in {name}")
        elif what == "--import":
            say(f"{tool.import_ts(Path(name))} translations changed")
    except (ValueError, OSError) as error:
        raise SetupError(str(error)) from None
    return 1 if tool.report(say, more=what == "--all") else 0


def package(rest: list[str]) -> int:
    """Build the one-folder bundle, the handbook in it, into dist/lstm-studio and let it pass the tour.

    --deb, --portable and --installer make of it what people install, --reuse takes the bundle that is there.
    """
    import bundle

    python = prepare()
    if not {"--reuse", "-h", "--help"} & set(rest) and (code := docs([])):
        return code
    return bundle.package(rest, python)


def bench(rest: list[str]) -> int:
    """Run the measurements of tests/benchmarks, or those whose names are given; then one table of all there are.

    What begins with a dash, and all after it, goes to the measurements.
    """
    python = prepare()
    first = next((at for at, word in enumerate(rest) if word.startswith("-")), len(rest))
    rest, options = rest[:first], rest[first:]
    scripts = sorted((ROOT / "tests" / "benchmarks").glob("bench_*.py"))
    chosen = [path for path in scripts if not rest or any(word in path.stem for word in rest)]
    if not chosen:
        raise SetupError(
            f"no measurement is called {' or '.join(rest)}; there are {', '.join(p.stem for p in scripts)}"
        )
    codes = []
    for path in chosen:
        say(f"== {path.stem}")
        codes.append(call([python, path, *options], QT_QPA_PLATFORM="offscreen"))
    say("== all")
    call([python, ROOT / "tests" / "benchmarks" / "figures.py"])
    return max(codes)


COMMANDS = {
    "run": (run, "start the program"),
    "test": (test, "lint, import arrows, types and tests"),
    "docs": (docs, "build the handbook; pictures from OUT_DIR of a tour"),
    "words": (words, "strings that are not translated; --all, --write AREA, --export FILE.ts, --import FILE.ts"),
    "package": (package, "build the bundle; --deb, --portable, --installer: and what people install"),
    "bench": (bench, "run the measurements"),
}


def prepare() -> Path:
    """Make .venv hold what pyproject.toml and the constraints say; returns its Python."""
    if sys.version_info < OLDEST:
        raise SetupError(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}")
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = fingerprint()
    if not (python.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted):
        make_venv(python)
        say("Installing the dependencies (some minutes, once) ...")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if call([*install, "-c", CONSTRAINTS, "-e", f"{ROOT}[dev,docs]"]):
            raise SetupError("pip could not install the dependencies; its message stands above")
        STAMP.write_text(wanted, encoding="utf-8")
    from kernel import build
    from system_libraries import check

    build()  # what is slower without it is no reason to stop
    problem = check(VENV)
    if problem:
        raise SetupError(problem)
    return python


def make_venv(python: Path) -> None:
    """A fresh virtual environment; on Debian the module may be a package of its own."""
    if python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    say("Making .venv ...")
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, capture_output=True).returncode == 0:
        return
    from system_libraries import install

    shutil.rmtree(VENV, ignore_errors=True)
    install(["python3-venv"], "Python's venv module")
    if call(command):
        raise SetupError("Python's venv module does not work here")


def fingerprint() -> str:
    """Changes when the dependencies, the interpreter or the place of the checkout do."""
    digest = hashlib.sha256(f"{sys.version}|{ROOT}".encode())
    for name in ("pyproject.toml", "setup.py", "packaging/constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def has_screen() -> bool:
    """Whether a window can be shown."""
    if os.environ.get("QT_QPA_PLATFORM", "") in {"offscreen", "minimal"}:
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def script(name: str) -> Path:
    return VENV / ("Scripts" if os.name == "nt" else "bin") / name


def call(command: list, **environment: str) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}).returncode


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
