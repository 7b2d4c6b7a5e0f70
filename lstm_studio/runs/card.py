"""model_card.md: what a run is, for a person who finds the folder later (after Mitchell et al., "Model cards for
model reporting", 2019)."""

from __future__ import annotations

import re
from pathlib import Path

from lstm_studio.config import RunConfig
from lstm_studio.config.describe import options
from lstm_studio.config.section import Section
from lstm_studio.data.corpora_catalogue import BY_NAME
from lstm_studio.data.figures import figure
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.places import corpus_parts, is_corpus
from lstm_studio.runs.folder import RunInfo

_STATUS = {
    "new": "not trained yet",
    "running": "in training",
    "paused": "in training",
    "finished": "finished",
    "stopped": "stopped by hand; the best epoch's weights are kept",
    "interrupted": "interrupted; it can be resumed",
    "failed": "failed",
}


def model_card(config: RunConfig, info: RunInfo, folder: Path) -> str:
    """Markdown text.

    Args:
        config: The run, its data section complete.
        info: What run.json says.
        folder: Where the run lies; named in the examples.
    """
    parts = [
        f"# {_cell(info.name) or folder.name}\n",
        _head(config, info),
        _data(config, info),
        _figures(info),
        _settings(config),
        _limits(config, info),
        _licence(config),
        _use(folder),
    ]
    return "\n".join(parts)


def with_folder(card: str, folder: Path) -> str:
    """A card in whose examples the run lies in another folder."""
    found = re.search(r'^lstm-studio predict "(.+)" --text', card, re.MULTILINE)
    if found is None:
        return card
    old = found[1]
    return card.replace(f'"{old}"', f'"{folder}"').replace(f"({old!r})", f"({str(folder)!r})")


def _head(config: RunConfig, info: RunInfo) -> str:
    size = f" {info.parameters:,} weights." if info.parameters else ""
    day = f" on {info.created[:10]}" if info.created else ""
    status = f" Status: {_STATUS.get(info.status, info.status)}."
    if info.pruned and info.status == "stopped":
        status = " Status: ended early, since other trials of its sweep did better."
    message = f" {info.message}" if info.message else ""
    sweep = f" A trial of the sweep {_cell(info.sweep)}." if info.sweep else ""
    return f"{what_it_is(config)}, trained with LSTM Studio {info.version}{day}.{size}{status}{message}{sweep}"


def what_it_is(config: RunConfig) -> str:
    """Task and network in a line: "Sentiment: an LSTM of 128 units, one layer, from left to right"."""
    model = config.model
    cell = {"lstm": "LSTM", "gru": "GRU", "rnn": "plain RNN"}[model.cell]
    if model.cell == "lstm" and model.peephole != "none":
        cell = f"{'diagonal' if model.peephole == 'diagonal' else 'full'} peephole LSTM"
    if model.cell == "lstm" and model.variant != "none":
        how = {"coupled": "with the input gate coupled to the forget gate"}
        cell += f" {how.get(model.variant, model.variant.replace('_', ' ').replace('no ', 'without '))}"
    words = f"{model.layers} layers" if model.layers > 1 else "one layer"
    sides = "in both directions" if model.bidirectional else "from left to right"
    return f"{KINDS[config.task].title}: a {cell} of {model.hidden_size} units, {words}, {sides}"


def _data(config: RunConfig, info: RunInfo) -> str:
    data = config.data
    lines = ["\n## Data\n", f"- File: `{data.path}`"]
    kind = KINDS[config.task]
    columns = [(role.title.lower(), getattr(data, role.field)) for role in kind.roles]
    if all(name is not None for role, (_, name) in zip(kind.roles, columns, strict=True) if role.needed):
        shown = ", ".join(f"{title} from `{name}`" for title, name in columns if name is not None)
        lines.append(f"- Columns: {shown}")
    if data.validation:
        lines.append(f"- Validation file: `{data.validation}`")
    else:
        shuffled = any(option.name == "split_seed" for option in options(type(data), config.task))
        seed = f", split seed {data.split_seed}" if shuffled else ""
        lines.append(f"- Validation: {data.validation_fraction:.0%} of the {kind.row[1]}{seed}")
    if data.test:
        lines.append(f"- Test file: `{data.test}`, looked at once, after training")
    if info.train_examples:
        many = kind.example[1].capitalize()
        lines.append(f"- {many}: {info.train_examples:,} to learn from, {info.validation_examples:,} to check with")
    if info.classes and kind.classes is not None:
        shown = ", ".join(f"`{_cell(name)}`" for name in info.classes[:50])
        more = f" and {len(info.classes) - 50} more" if len(info.classes) > 50 else ""
        what = kind.classes[1].removeprefix("{n} ").capitalize()
        lines.append(f"- {what} ({len(info.classes)}): {shown}{more}")
    if info.vocabulary_size:
        lines.append(f"- Vocabulary: {info.vocabulary_size:,} tokens; all others are read as one unknown word")
    lines += [f"- {note}" for note in info.notes]
    return "\n".join(lines)


def _figures(info: RunInfo) -> str:
    if not info.best:
        return "\n## Figures\n\nNone yet: no epoch has ended."
    when = f"epoch {info.best_epoch} of {info.epochs}" if info.best_epoch else "the first validation"
    lines = ["\n## Figures\n", f"Validation figures of the best epoch ({when}).\n", "| figure | value |", "|---|---|"]
    for name, value in info.best.items():
        known = figure(name)
        title = (known.full or known.title) + (" on the test file" if known.name != name else "")
        lines.append(f"| {title} | {known.shown(value)} |")
    if info.seconds:
        lines.append(f"\nTrained for {_duration(info.seconds)} on {info.device}.")
    return "\n".join(lines)


def _settings(config: RunConfig) -> str:
    lines = ["\n## Settings\n", "| setting | value |", "|---|---|"]
    if config.preset:
        lines.append(f"| Preset | {config.preset} |")
    for section in (config.data, config.model, config.training):
        lines += [f"| {title} | {value} |" for title, value in _values(section, config.task)]
    return "\n".join(lines)


def _values(section: Section, task: str) -> list[tuple[str, str]]:
    found = []
    for option in options(type(section), task):
        value = getattr(section, option.name)
        if option.level == "hidden" or not option.applies(section):
            continue
        if value is None:
            shown = option.automatic
        elif option.kind == "choice":
            shown = option.label(value)
        elif option.kind == "boolean":
            shown = "yes" if value else "no"
        else:
            shown = f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)
            shown = f"{shown} {option.unit}".rstrip()
        found.append((option.title, _cell(shown)))
    return found


def _limits(config: RunConfig, info: RunInfo) -> str:
    data, kind = config.data, KINDS[config.task]
    lines = [
        "\n## Limits\n",
        f"- It has learned from these {kind.row[1]} alone: on texts of another kind, time or language expect worse "
        "figures.",
        f"- {kind.limit}",
        "- Its probabilities are not calibrated: 0.9 does not mean that nine of ten such answers are right.",
    ]
    if data.max_length is not None and kind.cuts:
        part = "end" if data.cut == "end" else "start"
        lines.append(f"- Texts are cut to {data.max_length:,} tokens; what stands at the {part} beyond is not read.")
    if data.validation is None:
        lines.append(f"- The best epoch was chosen on the validation {kind.row[1]}: their figures flatter it a little.")
    return "\n".join(lines)


def _licence(config: RunConfig) -> str:
    data = config.data
    lines = [
        "\n## Licence\n",
        "The authors of LSTM Studio claim no rights to this network. What may be done with it depends on the texts "
        "that it has learned from: look at their licence before you pass it on.",
    ]
    if is_corpus(data.path):
        corpus = BY_NAME.get(corpus_parts(data.path)[0])
        if corpus is not None:
            lines.append(f"\nOf {corpus.title} (`{data.path}`): {corpus.licence}. {corpus.terms}".rstrip())
    return "\n".join(lines)


def _use(folder: Path) -> str:
    return f"""
## How to use it

```
lstm-studio predict "{folder}" --text "..."
lstm-studio evaluate "{folder}" FILE
lstm-studio gates "{folder}" --text "..." --output gates.png
lstm-studio export "{folder}" network.onnx
lstm-studio export "{folder}" run.zip
```

```python
from lstm_studio import Predictor

print(Predictor({str(folder)!r}).predict(["..."])[0].plain())
```

Files: `config.toml` all settings, `vocabulary.json` tokens and classes, `model.safetensors` the best weights, \
`metrics.jsonl` every event of the training, `checkpoint/` what resuming needs, and perhaps `epochs/`, \
the weights after some epochs, for `--epoch N`. No pickle anywhere.
"""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _cell(text: str) -> str:
    """Text that cannot break out of a line or a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")
