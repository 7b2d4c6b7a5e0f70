"""Runs leave the program and come back: ``export`` and ``import``."""

from __future__ import annotations

import argparse
from pathlib import Path

from lstm_studio.cli.console import ProgressLine, say, say_json
from lstm_studio.errors import StudioError


def export(given: argparse.Namespace) -> int:
    """``export RUN_DIR FILE.onnx|FILE.zip [--epoch N] [--all]``."""
    ending = Path(given.file).suffix.lower()
    line = ProgressLine()
    if ending == ".onnx":
        if given.all:
            raise StudioError("--all is for packed runs", todo="Leave it out, or name a file that ends in .zip")
        from lstm_studio.runs.onnx_export import export_onnx

        files = export_onnx(given.run, given.file, epoch=given.epoch, progress=line.progress)
    elif ending == ".zip":
        if given.epoch is not None:
            raise StudioError(
                "--epoch is for ONNX files", why="A packed run keeps its best weights", todo="Leave it out"
            )
        from lstm_studio.runs.pack import pack_run

        files = [pack_run(given.run, given.file, everything=given.all, progress=line.progress)]
    else:
        raise StudioError(
            "A run can be exported as .onnx (its network) or .zip (the whole run)",
            where=given.file,
            todo="Choose a name that ends in one of these",
        )
    line.clear()
    if given.json:
        written = [{"file": str(file), "bytes": file.stat().st_size} for file in files]
        say_json({"run": str(given.run), "files": written})
        return 0
    for file in files:
        say(f"Written to {file}")
    return 0


def bring_in(given: argparse.Namespace) -> int:
    """``import FILE.zip [--out RUN_DIR]``."""
    line = ProgressLine()
    from lstm_studio.runs.folder import RunFolder
    from lstm_studio.runs.unpack import unpack_run

    path = unpack_run(given.file, out=given.out, progress=line.progress)
    line.clear()
    name = RunFolder(path).name
    if given.json:
        say_json({"run": str(path), "name": name})
    else:
        say(f"{name} is in {path}")
    return 0


def prepare(given: argparse.Namespace) -> int:
    """``prepare [CONFIG.toml] [--data FILE] [--set ...] [--out FOLDER] [--zip FILE] [--json]``."""
    from lstm_studio.cli.train import configure
    from lstm_studio.data.places import cache_folder
    from lstm_studio.runs.elsewhere import prepare_elsewhere

    line = ProgressLine()
    try:
        packed = prepare_elsewhere(
            configure(given), given.out, given.zip, progress=line.progress, cache=cache_folder() / "prepared"
        )
    finally:
        line.clear()
    if given.json:
        folder, file = (None if path is None else str(path) for path in (packed.folder, packed.zip))
        say_json({"folder": folder, "zip": file, "bytes": packed.bytes})
        return 0
    say(f"Written to {packed.folder or packed.zip}" + (f" and {packed.zip}" if packed.folder and packed.zip else ""))
    say("There: lstm-studio train config.toml --out run")
    return 0
