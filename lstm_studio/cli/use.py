"""Using what was trained: evaluate, predict, gates, report; and the samples."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from lstm_studio.cli.console import ProgressLine, say, say_json
from lstm_studio.errors import StudioError

ASKED = ("predicate", "beams", "temperature", "top_k", "top_p", "longest", "seed", "until", "stop")
"""Options that a network is asked with; each task takes some."""


def evaluate(given: argparse.Namespace) -> int:
    """``evaluate RUN_DIR FILE [--epoch N]``."""
    line = ProgressLine()
    predictor = _open(given)
    from lstm_studio.data.kinds import KINDS
    from lstm_studio.runs.results import evaluated
    from lstm_studio.tasks import registry

    figures = predictor.evaluate(given.file, line.progress)
    line.clear()
    notes = figures.pop("notes")
    for note in notes:
        line.keep(note)
    if given.json:
        epoch = {} if given.epoch is None else {"epoch": given.epoch}
        say_json({"run": str(given.run), **epoch, "file": str(given.file), **figures})
        return 0
    kind = KINDS[predictor.config.task]
    say(f"{figures['examples']:,} {kind.example[1]} of {given.file}")
    metrics = registry.get(predictor.config.task).metrics
    width = max(len(metric.name) for metric in metrics)
    part = evaluated(figures)
    intervals = part.ranges if part is not None else {}
    for metric in metrics:
        if metric.name in figures:
            ends = " to ".join(metric.shown(end) for end in intervals.get(metric.name, ()))
            sure = f"  (95 %: {ends})" if ends else ""
            say(f"  {metric.name:<{width}} {metric.shown(figures[metric.name])}{sure}")
    for text in part.lines() if part is not None else ():
        say(f"  {text}")
    return 0


def predict(given: argparse.Namespace) -> int:
    """``predict RUN_DIR (--text T ... | --input FILE --output FILE) [--epoch N]``."""
    if given.text and (given.input or given.output):
        raise StudioError("Texts and a file were both given", todo="Use either --text or --input with --output")
    if not given.text and not (given.input and given.output):
        raise StudioError(
            "There is nothing to predict"
            if not (given.input or given.output)
            else "A file in needs a file out, and the other way round",
            todo='Add --text "a text", or --input FILE --output FILE',
        )
    if given.text and given.column:
        raise StudioError("--column is for files", todo="Leave it out, or use --input")
    asked = {name: value for name in ASKED if (value := getattr(given, name)) is not None}
    if given.text:
        predictor = _open(given)
        if predictor.streams and not given.json:
            for text in given.text:
                _write(predictor, text, asked)
            return 0
        for answer in predictor.predict(given.text, **asked):
            if given.json:
                say_json(answer.plain())
            else:
                for text in answer.lines():
                    say(text)
        return 0
    if given.predicate is not None:
        raise StudioError("--predicate is for a typed text", todo="Leave it out: a file names its predicates itself")
    line = ProgressLine()
    rows = _open(given).predict_file(given.input, given.output, line.progress, given.column, **asked)
    line.clear()
    if given.json:
        say_json({"input": str(given.input), "output": str(given.output), "rows": rows})
    else:
        say(f"{rows:,} {'row' if rows == 1 else 'rows'} written to {given.output}")
    return 0


def _write(predictor: Any, text: str, asked: dict[str, Any]) -> None:
    """Show a text while it is written, and then what is to be said of it."""
    seen = ""

    def show(token: Any) -> None:
        nonlocal seen
        sys.stdout.write(token.text.removeprefix(seen) if token.text.startswith(seen) else "")
        sys.stdout.flush()
        seen = token.text

    sys.stdout.write(text)
    found = predictor.write(text, show, **asked)
    say("")
    for line in found.notes():
        say(f"  {line}")


def gates(given: argparse.Namespace) -> int:
    """``gates RUN_DIR --text T --output FILE [--epoch N]``."""
    ending = Path(given.output).suffix.lower()
    if ending not in (".npz", ".png"):
        raise StudioError(
            "Gates can be written as .npz (numbers) or .png (a picture)",
            where=given.output,
            todo="Choose a name that ends in one of these",
        )
    predictor = _open(given)
    from lstm_studio.runs.export import save_gates

    trace = predictor.trace(given.text)
    save_gates(trace, given.output, layer=given.layer)
    say(f"{len(trace.tokens)} tokens, {len(trace.layers)} layers and directions, written to {given.output}")
    return 0


def report(given: argparse.Namespace) -> int:
    """``report RUN_DIR FILE.html``."""
    line = ProgressLine()
    from lstm_studio.runs.report import save_report

    path = save_report(given.run, given.file, language=given.language, progress=line.progress)
    line.clear()
    say(f"Written to {path}")
    return 0


def list_samples() -> int:
    """``samples list``."""
    from lstm_studio.data.samples import SAMPLES

    for sample in SAMPLES:
        say(f"{sample.name}\n    {sample.title}. {sample.help}")
    return 0


def export_sample(given: argparse.Namespace) -> int:
    """``samples export NAME FILE``."""
    from lstm_studio.data.samples import write

    say(f"Written to {write(given.name, given.file)}")
    return 0


def _open(given: argparse.Namespace) -> Any:
    from lstm_studio.runs.predictor import Predictor

    return Predictor(given.run, epoch=given.epoch)
