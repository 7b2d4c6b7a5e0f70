"""A run as one HTML file that opens anywhere: settings, curves, figures, confusions, examples. Needs no network, and
nothing that a text of the data says can run in it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lstm_studio.config import RunConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.config.section import Section
from lstm_studio.data.figures import figure, shown
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, writing_output
from lstm_studio.runs.folder import RunFolder, RunInfo
from lstm_studio.runs.report_curves import Line, chart, smoothed
from lstm_studio.runs.report_examples import Example, examples_html, gather
from lstm_studio.runs.report_html import escaped, figure_box, given, page, paragraph, section, table
from lstm_studio.runs.report_results import results_part, title_of
from lstm_studio.runs.report_words import Words
from lstm_studio.runs.results import read_results
from lstm_studio.training.events import EpochEnded, RunStarted, StepEnded

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Predictor

_CLASSES = 50
_SMOOTH = 0.9
STATUS = {
    "new": "Not trained yet",
    "running": "In training",
    "finished": "Finished",
    "stopped": "Stopped by hand; the best epoch's weights are kept",
    "interrupted": "Interrupted; it can be resumed",
    "failed": "Failed",
}


def save_report(
    run: str | Path,
    target: str | Path,
    *,
    language: str = "en",
    predictor: Predictor | None = None,
    progress: Progress = silent,
) -> Path:
    """Write the report of a run.

    Args:
        run: The run's folder.
        target: The file; it gets the ending .html if it has none.
        language: "en" or "zh_CN".
        predictor: The run's network; opened when None. A run without one gets a report without examples.
        progress: May raise Cancelled; nothing is written then.

    Returns:
        The file.

    Raises:
        StudioError: there is no such run, its configuration is damaged, or the file cannot be written.
    """
    target = Path(target)
    if not target.suffix:
        target = target.with_suffix(".html")
    if target.suffix.lower() not in (".html", ".htm"):
        raise StudioError("Reports are HTML files", where=target, todo="Choose a name that ends in .html")
    if target.is_dir():
        raise StudioError("This is a folder", where=target, todo="Name a file to write")
    text = report(run, language=language, predictor=predictor, progress=progress)
    with writing_output(target), replacing(target) as file:
        file.write(text)
    return target


def report(
    run: str | Path, *, language: str = "en", predictor: Predictor | None = None, progress: Progress = silent
) -> str:
    """The report as the text of an HTML file; see ``save_report``.

    Raises:
        StudioError: there is no such run, or its configuration is damaged.
    """
    words = Words(language)
    folder = RunFolder(run)
    config, info = folder.config, folder.info
    progress(0.0, "Reading the run")
    examples, why = _examples(folder, predictor, progress)
    body = [
        _head(folder, config, info, words),
        section(words.say("How it learned"), _curves(folder, info, words)),
        *(
            section(words.say({"validation": "Validation", "test": "Test"}.get(name, name)), results_part(part, words))
            for name, part in read_results(folder.path).items()
        ),
        section(words.say("How it reads"), examples_html(examples, why, words)),
        section(words.say("Data"), _data(config, info, words)),
        section(words.say("Settings"), _settings(config, words)),
        _foot(folder, info, words),
    ]
    progress(1.0, "The report is complete")
    return page(info.name or folder.path.name, words.html, "\n".join(part for part in body if part))


def _examples(folder: RunFolder, predictor: Predictor | None, progress: Progress) -> tuple[list[Example], str]:
    if predictor is None:
        if not folder.has_weights:
            return [], ""
        from lstm_studio.runs.predictor import Predictor

        try:
            predictor = Predictor(folder.path)
        except StudioError as error:
            return [], error.message()
    return gather(predictor, progress)


# -- parts ------------------------------------------------------------------------------------------------------------


def _head(folder: RunFolder, config: RunConfig, info: RunInfo, words: Words) -> str:
    name = info.name or folder.path.name
    when = info.when.astimezone().strftime("%Y-%m-%d %H:%M") if info.created else ""
    status = words.say(STATUS.get(folder.status, folder.status))
    facts = [text for text in (_what(config, words), status, when) if text]
    figures = []
    order = dict.fromkeys([info.metric, *info.best])
    for metric in [name for name in order if name in info.best][:6]:
        title = title_of(metric, words)
        if metric.startswith("test_"):
            title = words.say("{figure}, test file", figure=title)
        figures.append((title, shown(metric, info.best[metric])))
    if info.best_epoch:
        figures.append((words.say("Best epoch"), f"{info.best_epoch:,} / {info.epochs:,}"))
    if info.parameters:
        figures.append((words.say("Weights"), f"{info.parameters:,}"))
    if info.seconds:
        figures.append((words.say("Training time"), words.duration(info.seconds)))
    chips = "".join(f"<div><dt>{escaped(title)}</dt><dd>{escaped(value)}</dd></div>" for title, value in figures)
    message = paragraph(info.message, "note") if info.status == "failed" else ""
    return f"<header><h1>{given(name, 200)}</h1>{paragraph(' · '.join(facts), 'mute')}{message}</header>" + (
        f'<section><dl class="chips">{chips}</dl></section>' if chips else ""
    )


def _what(config: RunConfig, words: Words) -> str:
    model = config.model
    cell = {option.name: option for option in options(type(model))}["cell"].label(model.cell)
    parts = [words.say(KINDS[config.task].title), words.say(cell)]
    parts.append(words.count("{n} unit", "{n} units", model.hidden_size))
    parts.append(words.count("{n} layer", "{n} layers", model.layers))
    if model.bidirectional:
        parts.append(words.say("both directions"))
    return " · ".join(parts)


def _curves(folder: RunFolder, info: RunInfo, words: Words) -> str:
    steps: list[StepEnded] = []
    epochs: list[EpochEnded] = []
    for event in folder.events():
        if isinstance(event, StepEnded):
            steps.append(event)
        elif isinstance(event, EpochEnded):
            epochs.append(event)
        elif isinstance(event, RunStarted):  # a resumed run repeats the steps after its checkpoint
            steps = [step for step in steps if step.step <= event.step]
            epochs = [epoch for epoch in epochs if epoch.step <= event.step]
    if not steps and not epochs:
        return paragraph(words.say("No step has been taken yet."), "note")
    at = np.array([step.step for step in steps], float)
    losses = np.array([step.loss for step in steps], float)
    ends = np.array([epoch.step for epoch in epochs], float)
    checks = np.array([epoch.validation_loss for epoch in epochs], float)
    best = next((epoch for epoch in reversed(epochs) if epoch.best), None)
    train, check = words.say("Training loss"), words.say("Validation loss")
    keys = _key("train", train) + _key("check", check) + (_key("best", words.say("Best epoch")) if best else "")
    lines = [Line("faint", at, losses), Line("train", at, smoothed(losses, _SMOOTH)), Line("check", ends, checks)]
    mark = (float(best.step), best.validation_loss) if best is not None else None
    title = words.say("Loss over the steps")
    found = [figure_box(chart(title, lines, _short, mark), f"{escaped(title)} · {keys}")]
    metrics = [info.metric, *(epochs[-1].metrics if epochs else ())]
    metric = next((name for name in metrics if name and name != "loss"), "")
    if metric:
        values = np.array([epoch.metrics.get(metric, math.nan) for epoch in epochs], float)
        mark = (float(best.step), best.metrics.get(metric, math.nan)) if best is not None else None
        title = title_of(metric, words)
        picture = chart(title, [Line("check", ends, values)], figure(metric).shown, mark)
        found.append(figure_box(picture, f"{escaped(title)} · {_key('check', words.say('Validation'))}"))
    for title, taken in (
        (words.say("Learning rate over the steps"), [step.learning_rate for step in steps]),
        (words.say("Gradient norm over the steps"), [step.gradient_norm for step in steps]),
    ):
        own = np.array(taken, float)
        finite = own[np.isfinite(own)]
        if len(finite) and finite.max() > finite.min():
            picture = chart(title, [Line("train", at, own)], _short)
            found.append(figure_box(picture, escaped(title)))
    return f'<div class="grid">{"".join(found)}</div>'


def _key(kind: str, words: str) -> str:
    return f'<span><span class="key {kind}"></span>{escaped(words)}</span>'


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _data(config: RunConfig, info: RunInfo, words: Words) -> str:
    data, kind = config.data, KINDS[config.task]
    rows = [(words.say("File"), given(data.path, 300))]
    for role in kind.roles:
        value = getattr(data, role.field)
        if value is not None:
            rows.append((words.say("{role} column", role=words.say(role.title)), given(value, 80)))
    if data.validation:
        rows.append((words.say("Validation file"), given(data.validation, 300)))
    else:
        rows.append((words.say("Validation"), f"{data.validation_fraction:.0%}"))
    if data.test:
        rows.append((words.say("Test file"), given(data.test, 300)))
    if info.train_examples:
        one, many = kind.counted_examples
        rows.append((words.say("To learn from"), escaped(words.count(one, many, info.train_examples))))
        rows.append((words.say("To check with"), escaped(words.count(one, many, info.validation_examples))))
    if info.vocabulary_size:
        said = words.count("{n} token", "{n} tokens", info.vocabulary_size)
        rows.append((words.say("Vocabulary"), escaped(said)))
    if info.classes and kind.classes is not None:
        names = ", ".join(given(name, 60) for name in info.classes[:_CLASSES])
        more = f" + {len(info.classes) - _CLASSES:,}" if len(info.classes) > _CLASSES else ""
        counted = escaped(words.count(*kind.classes, len(info.classes)))
        rows.append((words.say("Answers"), f"{counted}: {names}{more}"))
    notes = "".join(paragraph(words.say(note), "note") for note in info.notes)
    limit = paragraph(words.say(kind.limit), "note")
    return table(("", ""), [(escaped(title), value) for title, value in rows], kind="settings") + notes + limit


def _settings(config: RunConfig, words: Words) -> str:
    parts = []
    for title, own in (
        ("Network", config.model),
        ("Settings of the training", config.training),
        ("Reading the data", config.data),
    ):
        rows = _rows(own, config.task, words)
        if rows:
            parts.append(f"<h3>{escaped(words.say(title))}</h3>{table(('', ''), rows, kind='settings')}")
    said = words.say("Bold: not what the program would have chosen by itself.")
    return paragraph(said, "note") + "".join(parts)


def _rows(own: Section, task: str, words: Words) -> list[tuple[str, str]]:
    named = {role.field for role in KINDS[task].roles} | {"path", "validation", "test", "probe_text"}
    found = []
    for option in options(type(own), task):
        value = getattr(own, option.name)
        if option.level == "hidden" or not option.applies(own) or option.name in named:
            continue
        said = given(_value(option, value, words), 200)
        if value != option.default and value is not None:
            said = f'<span class="changed">{said}</span>'
        found.append((escaped(words.say(option.title)), said))
    return found


def _value(option: OptionInfo, value: object, words: Words) -> str:
    if value is None:
        return words.say(option.automatic)
    if option.kind == "choice":
        return words.say(option.label(value))
    if isinstance(value, bool):
        return words.say("Yes") if value else words.say("No")
    if isinstance(value, int):
        text = f"{value:,}"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {words.say(option.unit)}".rstrip() if option.unit else text


def _foot(folder: RunFolder, info: RunInfo, words: Words) -> str:
    made = words.say("Made with LSTM Studio {version}. Its files: {folder}", version=info.version, folder=folder.path)
    lines = f'lstm-studio predict "{folder.path}" --text "..."\nlstm-studio evaluate "{folder.path}" FILE'
    return section(words.say("How to use it"), f'<pre class="use">{escaped(lines)}</pre>') + (
        f"<footer>{paragraph(made)}</footer>"
    )
