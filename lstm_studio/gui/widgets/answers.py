"""Which view shows the answers of which task, and one question for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstm_studio.errors import StudioError
from lstm_studio.gui.widgets.answer_tags import TagAnswerView
from lstm_studio.gui.widgets.answer_text import TextAnswerView
from lstm_studio.gui.widgets.answer_view import AnswerView

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Predictor

VIEWS: dict[str, type[AnswerView]] = {view.task: view for view in (TextAnswerView, TagAnswerView)}
"""A new task adds its view here."""


@dataclass(frozen=True)
class Found:
    """What a run said, and what it is: its task and what the task's view wants to know of it."""

    task: str
    facts: Any
    answers: list[Any]


def ask(predictor: Predictor, texts: Sequence[str]) -> Found:
    """Put texts to a network, on its thread; without texts only what it is is found out.

    Raises:
        StudioError: a text is empty, or no view shows such answers.
    """
    task = predictor.config.task
    view = VIEWS.get(task)
    if view is None:
        raise StudioError(
            "The answers of this run cannot be shown here", why=f"Its task is {task}", todo="Use the command line"
        )
    return Found(task, view.facts(predictor), predictor.predict(texts) if texts else [])
