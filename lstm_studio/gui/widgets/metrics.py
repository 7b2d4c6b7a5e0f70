"""How figures are called and written on the pages."""

from __future__ import annotations

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.axes import percent, plain
from lstm_studio.training.events import EpochEnded

_TITLES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "f1": "F1",
    "loss": "Loss",
    "perplexity": "Perplexity",
    "bleu": "BLEU",
    "rougeL": "ROUGE-L",
}
_NOT_SHARES = {"loss", "perplexity", "bleu"}


def metric_title(name: str) -> str:
    """The figure's name for people."""
    return tr(_TITLES.get(name, name.replace("_", " ").capitalize()))


def is_share(name: str) -> bool:
    """Whether the figure lies in 0..1 and is written in percent."""
    return name not in _NOT_SHARES


def shown_metric(name: str, value: float) -> str:
    """The figure as it is written: 81.3 %, 0.4312."""
    return percent(value) if is_share(name) else plain(value)


def main_metric(epoch: EpochEnded) -> str:
    """The figure to show first: the watched one, unless that is the loss, which has a chart of its own."""
    names = [name for name in epoch.metrics if name != "loss"]
    if epoch.monitor in names or not names:
        return epoch.monitor
    return names[0]
