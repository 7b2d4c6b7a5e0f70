"""Using what was trained: evaluate, predict, gates; and the samples."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lstm_studio.cli.console import ProgressLine, percent, say, say_json
from lstm_studio.errors import StudioError


def evaluate(given: argparse.Namespace) -> int:
    """``evaluate RUN_DIR FILE``."""
    line = ProgressLine()
    predictor = _open(given.run)
    from lstm_studio.data.kinds import KINDS
    from lstm_studio.tasks import registry

    figures = predictor.evaluate(given.file, line.progress)
    line.clear()
    notes = figures.pop("notes")
    for note in notes:
        line.keep(note)
    if given.json:
        say_json({"run": str(given.run), "file": str(given.file), **figures})
        return 0
    kind = KINDS[predictor.config.task]
    say(f"{figures['examples']:,} {kind.row[1]} of {given.file}")
    metrics = registry.get(predictor.config.task).metrics
    width = max(len(metric.name) for metric in metrics)
    intervals = figures.get("intervals", {})
    for metric in metrics:
        if metric.name in figures:
            ends = " to ".join(metric.shown(end) for end in intervals.get(metric.name, ()))
            sure = f"  (95 %: {ends})" if ends else ""
            say(f"  {metric.name:<{width}} {metric.shown(figures[metric.name])}{sure}")
    baseline = figures.get("baseline")
    if baseline:
        shown = (f"{m.name} {m.shown(baseline['metrics'][m.name])}" for m in metrics if m.name in baseline["metrics"])
        say(f"  {baseline['title']} alone reaches {', '.join(shown)}")
    for name, signature in figures.get("signature", {}).items():
        say(f"  {name} as {signature}")
    if figures.get("per_class"):
        _say_classes(figures["per_class"])
    return 0


def _say_classes(per_class: dict[str, dict[str, Any]]) -> None:
    rows: list[tuple[str, ...]] = [("class", "precision", "recall", "f1", "support")]
    for name, values in per_class.items():
        shares = (percent(values[key]) for key in ("precision", "recall", "f1"))
        rows.append((name, *shares, f"{values['support']:,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        say("  " + "  ".join(cells))


def predict(given: argparse.Namespace) -> int:
    """``predict RUN_DIR (--text T ... | --input FILE --output FILE)``."""
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
    asked = {name: value for name in ("predicate", "beams") if (value := getattr(given, name)) is not None}
    if given.text:
        for answer in _open(given.run).predict(given.text, **asked):
            if given.json:
                say_json(answer.plain())
            else:
                for text in answer.lines():
                    say(text)
        return 0
    if given.predicate is not None:
        raise StudioError("--predicate is for a typed text", todo="Leave it out: a file names its predicates itself")
    line = ProgressLine()
    rows = _open(given.run).predict_file(given.input, given.output, line.progress, given.column, **asked)
    line.clear()
    if given.json:
        say_json({"input": str(given.input), "output": str(given.output), "rows": rows})
    else:
        say(f"{rows:,} {'row' if rows == 1 else 'rows'} written to {given.output}")
    return 0


def gates(given: argparse.Namespace) -> int:
    """``gates RUN_DIR --text T --output FILE``."""
    ending = Path(given.output).suffix.lower()
    if ending not in (".npz", ".png"):
        raise StudioError(
            "Gates can be written as .npz (numbers) or .png (a picture)",
            where=given.output,
            todo="Choose a name that ends in one of these",
        )
    predictor = _open(given.run)
    from lstm_studio.runs.export import save_gates

    trace = predictor.trace(given.text)
    save_gates(trace, given.output, layer=given.layer)
    say(f"{len(trace.tokens)} tokens, {len(trace.layers)} layers and directions, written to {given.output}")
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


def _open(run: str) -> Any:
    from lstm_studio.runs.predictor import Predictor

    return Predictor(run)
