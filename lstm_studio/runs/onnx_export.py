"""A trained network as ONNX files that ONNX Runtime alone can use: numbers, tokens, labels, and how to use them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

import tomli_w

from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, with_ending, writing_output
from lstm_studio.version import __version__

if TYPE_CHECKING:
    from torch import nn

    from lstm_studio.runs.onnx_networks import Exported

ENDING = ".onnx"


def export_onnx(
    run: str | Path, path: str | Path, *, epoch: int | None = None, progress: Progress = silent
) -> list[Path]:
    """Write a run's network.

    Args:
        run: The run's folder.
        path: The file to be, ending in ``.onnx``. A network of several graphs becomes several files, with the name of
            each behind the file's own: "model-encoder.onnx" and "model-decoder.onnx".
        epoch: As of ``Predictor``.
        progress: May raise Cancelled; nothing is written then.

    Returns:
        What was written.

    Raises:
        StudioError: another ending, a run that has no network, a file that cannot be written, or the package onnx is
            not installed.
    """
    path = checked(path)
    progress(0.0, "Opening the run")
    from lstm_studio.runs.predictor import Predictor

    return Predictor(run, epoch=epoch).export_onnx(path, progress)


def checked(path: str | Path) -> Path:
    """The path of an ONNX file.

    Raises:
        StudioError: it ends in something else.
    """
    return with_ending(path, ENDING, "A network is written as .onnx")


def write(
    path: Path, model: nn.Module, config: RunConfig, meta: Any, folder: Path | None, progress: Progress = silent
) -> list[Path]:
    """Write a network; see ``export_onnx``.

    Args:
        path: The file to be.
        model: In evaluation mode.
        config, meta: Of its run.
        folder: Of its run, for its name and figures.
    """
    from lstm_studio.runs.onnx_networks import graphs_of

    progress(0.2, "Writing the network as ONNX")
    try:
        found = graphs_of(model, meta)
    except TypeError as error:
        raise StudioError("This network cannot be written as ONNX", why=str(error)) from None
    files = [path if not one.part else path.with_name(f"{path.stem}-{one.part}{path.suffix}") for one in found]
    contents = []
    for number, one in enumerate(found):
        progress(0.3 + 0.5 * number / len(found), "Writing the network as ONNX")
        contents.append(_bytes_of(one, files, config, meta, folder))
    for number, (file, content) in enumerate(zip(files, contents, strict=True)):
        progress(0.8 + 0.2 * number / len(found), f"Writing {file.name}")
        with writing_output(file), replacing(file, "wb") as stream:
            stream.write(content)
    progress(1.0, "Written")
    return files


def facts_of(config: RunConfig, meta: Any, folder: Path | None, one: Exported) -> dict[str, str]:
    """What the file's metadata say, under the names that docs/onnx.md explains."""
    facts = {
        "program": f"LSTM Studio {__version__}",
        "task": config.task,
        "tokens": _json(one.tokens),
        "vocabulary": _json(json.loads(meta.to_json())),
        "config": _settings(config),
        "tokenizer": _tokenizer(config),
    }
    if one.part:
        facts["part"] = one.part
    if one.labels:
        facts["labels"] = _json(one.labels)
    facts |= one.more
    if folder is not None:
        from lstm_studio.runs.folder import RunFolder

        info = RunFolder(folder).info
        figures = {name: value for name, value in info.best.items() if math.isfinite(value)}
        facts |= {"run": info.name or folder.name, "figures": json.dumps(figures)}
    return facts


def readme(config: RunConfig, one: Exported, files: list[Path], title: str) -> str:
    """For people: what goes in, what comes out, how texts become numbers."""
    from lstm_studio.runs.card import what_it_is

    file = next((file for file in files if one.part and file.stem.endswith(f"-{one.part}")), files[0])
    lines = [f"{title}{what_it_is(config)}, trained with LSTM Studio {__version__}.", ""]
    if one.part:
        others = ", ".join(other.name for other in files if other != file)
        lines += [f"This file is the {one.part}; it is used together with {others}.", ""]
    lines += ["Inputs:", *(f"  {port.words()}" for port in one.graph.inputs)]
    lines += ["Outputs:", *(f"  {port.words()}" for port in one.graph.outputs), ""]
    reads = any(port.name == "ids" for port in one.graph.inputs)
    lines += [*(_reading(config) if reads else ()), *one.use, ""]
    feed = ", ".join(f'"{port.name}": {port.name}' for port in one.graph.inputs)
    lines += [
        "import json, onnxruntime",
        f"session = onnxruntime.InferenceSession({json.dumps(file.name)})",
        "facts = session.get_modelmeta().custom_metadata_map",
        'tokens = json.loads(facts["tokens"])',
        *(['labels = json.loads(facts["labels"])'] if one.labels else []),
        f"outputs = session.run(None, {{{feed}}})",
        "",
    ]
    return "\n".join(lines)


# -- inside --------------------------------------------------------------------------------------------------


def _bytes_of(one: Exported, files: list[Path], config: RunConfig, meta: Any, folder: Path | None) -> bytes:
    facts = facts_of(config, meta, folder, one)
    title = f"{facts['run']}: " if facts.get("run") else ""
    text = readme(config, one, files, title)
    model = one.graph.model(one.part or "network", {**facts, "readme": text}, text, __version__)
    content: bytes = model.SerializeToString()
    return content


def _reading(config: RunConfig) -> list[str]:
    """How a text becomes ids, as far as a sentence can say it."""
    data, name = config.data, _tokenizer(config)
    lines = ["The id of a token is its place in the metadata 'tokens', counted from 0; unknown tokens have the id 1."]
    cut = {"bpe": "pieces of words (the metadata 'vocabulary' has the merges)", "character": "single characters"}
    how = cut.get(name, f"tokens by the tokenizer {name!r}")
    small = ", in small letters" if getattr(data, "lowercase", False) else ""
    lines.append(f"Texts are cut into {how}{small}.")
    if getattr(data, "same_digits", False):
        lines.append("All digits are read as 0.")
    if getattr(data, "normalize_width", False):
        lines.append("Full-width letters, digits and punctuation are read as half-width ones.")
    longest = getattr(data, "max_length", None)
    if longest is not None:
        kept = "last" if getattr(data, "cut", "end") == "start" else "first"
        lines.append(f"Of longer texts the {kept} {longest} tokens are read.")
        if getattr(data, "pad_to_max_length", False):
            lines.append(
                f"Shorter ones are filled up with the id 0 to {longest}, and all of that is read: lengths too."
            )
    if data.remedies:
        lines.append("The remedies in the metadata 'config' are applied to texts first.")
    return lines


def _tokenizer(config: RunConfig) -> str:
    """What texts that are read are cut by: a kind of units, or for words the tokenizer's name."""
    data = config.data
    units = getattr(data, "source_units", None) or getattr(data, "units", None)
    return str(units if units in ("bpe", "character") else getattr(data, "tokenizer", None) or "whitespace")


def _settings(config: RunConfig) -> str:
    """config.toml without the folders of this computer."""
    values = {"schema_version": config.schema_version, "task": config.task, **config.model_dump(exclude_none=True)}
    return tomli_w.dumps(without_folders(values))


def without_folders(values: Any) -> Any:
    """Values in which paths that begin at a root are names of files alone."""
    if isinstance(values, Mapping):
        return {name: without_folders(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [without_folders(value) for value in values]
    if isinstance(values, str):
        for kind in (PureWindowsPath, PurePosixPath):
            if (path := kind(values)).is_absolute() and path.name:
                return path.name
    return values


def _json(values: Any) -> str:
    text = json.dumps(values, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates has no form in UTF-8
        return json.dumps(list(values))
    return text
