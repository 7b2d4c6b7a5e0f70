"""How figures are called and written on the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lstm_studio.data.figures import figure, shown
from lstm_studio.gui.i18n import tr
from lstm_studio.training.events import EpochEnded


def metric_title(name: str) -> str:
    """The figure's name for people."""
    return tr(figure(name).title)


def is_share(name: str) -> bool:
    """Whether the figure lies in 0..1 and is written in percent."""
    return figure(name).kind == "share"


def shown_metric(name: str, value: float) -> str:
    """The figure as it is written: 81.3 %, 31.2, 0.4312."""
    return shown(name, value)


def best_place(name: str, values: Sequence[float | None]) -> int | None:
    """Where the best value stands; None if there are not two different ones."""
    known = [value for value in values if value is not None and value == value]
    if len(set(known)) < 2:
        return None
    return values.index(max(known) if figure(name).higher_is_better else min(known))


def metric_help(name: str, *, spans: bool = False) -> str:
    """What a figure says, in one sentence; nothing for one that is not known. ``spans``: it is about words and spans
    of sentences, not about whole texts."""
    accuracy = tr("The share of the texts that were read rightly.")
    if spans:
        accuracy = tr("The share of the words with the right tag; most words have none, so it is high.")
    said: Mapping[str, str] = {
        "f1": tr("The harmonic mean of precision and recall over all spans."),
        "precision": tr("Of the spans that the network found, the share that is in the data too, both ends and type."),
        "recall": tr("Of the spans in the data, the share that the network found, both ends and type."),
        "accuracy": accuracy,
        "macro_f1": tr("The mean of the F1 of all classes: rare ones count as much as frequent ones."),
        "loss": tr("How surprised the network is by the truth; lower is better."),
        "bleu": tr("Up to four words in a row that are also in the right answer, from 0 to 100; higher is better."),
        "chrf": tr("Characters in a row that are also in the right answer, from 0 to 100; higher is better."),
        "rouge1": tr("Words that what was written and the right answer have in common (F1)."),
        "rouge2": tr("Pairs of neighbouring words that what was written and the right answer have in common (F1)."),
        "rougeL": tr("Words that what was written and the right answer have in common in the same order (F1)."),
        "bits_per_character": tr(
            "How many bits of surprise a character of the text costs, whatever tokens are; lower is better."
        ),
        "perplexity": tr("Among how many tokens the network is as good as torn at each step; lower is better."),
    }
    return said.get(name, "")


def main_metric(epoch: EpochEnded) -> str:
    """The figure to show first: the watched one, unless that is the loss, which has a chart of its own."""
    names = [name for name in epoch.metrics if name != "loss"]
    if epoch.monitor in names or not names:
        return epoch.monitor
    return names[0]
