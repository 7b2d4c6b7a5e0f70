"""Gates and states of one text as a file."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from lstm_studio.errors import StudioError
from lstm_studio.inspection.trace import TextTrace
from lstm_studio.runs.files import replacing, writing_output


def save_gates(trace: TextTrace, path: str | Path, *, layer: str | None = None) -> None:
    """Write a trace as ``.npz`` or ``.png``.

    Args:
        trace: What ``Predictor.trace`` returned.
        path: Its ending says what is written.
        layer: For a picture, which layer and direction ("layer0.forward"); all of them one below the other when None.

    Raises:
        StudioError: another ending, no such layer, or the file cannot be written.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".npz":
            save_npz(trace, path)
        case ".png":
            # Painting text needs the window's library; it is looked for only here.
            try:
                picture = importlib.import_module("lstm_studio.gui.gate_picture")
            except ModuleNotFoundError:
                raise StudioError(
                    "A picture needs the window's parts, which are not installed",
                    todo="Write .npz, or install them with: pip install 'lstm-studio[gui]'",
                ) from None
            picture.render(trace, path, layer=layer)
        case _:
            raise StudioError(
                "Gates can be written as .npz (numbers) or .png (a picture)",
                where=path,
                todo="Choose a name that ends in one of these",
            )


def arrays(trace: TextTrace) -> dict[str, np.ndarray]:
    """What the npz holds: ``tokens`` (str [T]); per layer and direction ``layer0.forward.i`` and so on, float32 [T, H];
    ``text``, ``classes`` (str [K]), ``probabilities`` (float32 [K]), ``prefix_probabilities`` (float32 [T, K]) and,
    where the run pools with attention, ``attention`` (float32 [T]). Of a network that writes also ``output`` (str [U],
    the end mark last), ``alignment`` (float32 [U, T]: where each step looked), ``decoder.layer0.forward.i`` ..."""
    found = {
        "tokens": np.array(trace.tokens, dtype=np.str_),
        "text": np.array(trace.text, dtype=np.str_),
        "classes": np.array(trace.classes, dtype=np.str_),
        "prefix_probabilities": trace.prefix_probabilities,
    }
    if trace.probabilities is not None:
        found["probabilities"] = trace.probabilities
    if trace.attention is not None:
        found["attention"] = trace.attention
    if trace.output:
        found["output"] = np.array(trace.output, dtype=np.str_)
    if trace.alignment is not None:
        found["alignment"] = trace.alignment
    for layer in trace.layers:
        for name, values in layer.values.items():
            found[f"{layer.name}.{name}"] = np.asarray(values, np.float32)
    return found


def save_npz(trace: TextTrace, path: Path) -> None:
    """Write ``arrays(trace)``; ``numpy.load`` reads it without pickle."""
    with writing_output(path), replacing(path, "wb") as file:
        np.savez_compressed(file, **arrays(trace))  # type: ignore[arg-type]
