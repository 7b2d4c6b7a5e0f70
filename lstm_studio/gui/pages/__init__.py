"""The pages, in the order of the rail. They are imported when they are first shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageInfo:
    """Where a page is found and how the rail names it. ``title`` and ``question`` are keys for ``tr``."""

    name: str
    title: str
    icon: str
    module: str
    cls: str
    question: str
    key: str


PAGES: tuple[PageInfo, ...] = (
    PageInfo("data", "Data", "data", "lstm_studio.gui.pages.data", "DataPage", "What does the network read?", "Ctrl+1"),
    PageInfo(
        "model", "Model", "model", "lstm_studio.gui.pages.model", "ModelPage", "How is the network built?", "Ctrl+2"
    ),
    PageInfo("train", "Train", "train", "lstm_studio.gui.pages.train", "TrainPage", "Is it learning?", "Ctrl+3"),
    PageInfo(
        "inspect",
        "Inspect",
        "inspect",
        "lstm_studio.gui.pages.inspect",
        "InspectPage",
        "What happens inside, token by token?",
        "Ctrl+4",
    ),
    PageInfo(
        "predict",
        "Predict",
        "predict",
        "lstm_studio.gui.pages.predict",
        "PredictPage",
        "What does it say about a text of mine?",
        "Ctrl+5",
    ),
    PageInfo("runs", "Runs", "runs", "lstm_studio.gui.pages.runs", "RunsPage", "What have I trained so far?", "Ctrl+6"),
)
