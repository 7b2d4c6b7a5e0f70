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
