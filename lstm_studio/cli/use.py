"""Using what was trained: evaluate, predict, gates; and the samples."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.cli.console import ProgressLine, percent, say, say_json
from lstm_studio.errors import StudioError

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Prediction

_SHARES = ("accuracy", "macro_f1")


def evaluate(given: argparse.Namespace) -> int:
    """``evaluate RUN_DIR FILE``."""
    line = ProgressLine()
    predictor = _open(given.run)
    figures = predictor.evaluate(given.file, line.progress)
    line.clear()
    notes = figures.pop("notes")
    for note in notes:
        line.keep(note)
    if given.json:
        say_json({"run": str(given.run), "file": str(given.file), **figures})
        return 0
    say(f"{figures['examples']:,} texts of {given.file}")
    for name in ("accuracy", "macro_f1", "loss"):
        value = figures[name]
        say(f"  {name:<9} {percent(value) if name in _SHARES else f'{value:.4f}'}")
    rows = [("class", "precision", "recall", "f1", "texts")]
    for name, values in figures["per_class"].items():
        shares = (percent(values[key]) for key in ("precision", "recall", "f1"))
        rows.append((name, *shares, f"{values['support']:,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        say("  " + "  ".join(cells))
    return 0


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
    if given.text:
        predictions = _open(given.run).predict(given.text)
        for prediction in predictions:
            if given.json:
                say_json(_plain(prediction))
            else:
                _show(prediction)
        return 0
    line = ProgressLine()
    rows = _open(given.run).predict_file(given.input, given.output, line.progress, given.column)
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


def _plain(prediction: Prediction) -> dict[str, Any]:
    return {
        "text": prediction.text,
        "prediction": prediction.label,
        "probability": prediction.probabilities[prediction.label],
        "probabilities": prediction.probabilities,
        "tokens": prediction.tokens,
        "unknown": prediction.unknown,
    }


def _show(prediction: Prediction) -> None:
    ranked = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])[:8]
    say(prediction.text)
    say("  " + "  ".join(f"{name} {percent(share)}" for name, share in ranked))
    strange = [token for token, unknown in zip(prediction.tokens, prediction.unknown, strict=True) if unknown]
    if strange:
        say(f"  unknown to the network: {' '.join(dict.fromkeys(strange))}")
    if prediction.cut:
        say(f"  {prediction.cut:,} tokens beyond the longest text were not read")
