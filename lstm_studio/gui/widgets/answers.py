"""Which view shows the answers of which task, and one question for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstm_studio.errors import StudioError
from lstm_studio.gui.widgets.answer_continued import ContinuedAnswerView
from lstm_studio.gui.widgets.answer_tags import TagAnswerView
from lstm_studio.gui.widgets.answer_text import TextAnswerView
from lstm_studio.gui.widgets.answer_view import AnswerView, known_to
from lstm_studio.gui.widgets.answer_written import WrittenAnswerView

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Predictor

VIEWS: dict[str, type[AnswerView]] = {
    view.task: view for view in (TextAnswerView, TagAnswerView, WrittenAnswerView, ContinuedAnswerView)
}
"""A new task adds its view here."""


@dataclass(frozen=True)
class Found:
    """What a run said, and what it is: its task and what the task's view wants to know of it."""

    task: str
    facts: Any
    answers: list[Any]


def ask(
    predictor: Predictor, texts: Sequence[str], chosen: Mapping[str, Any] | None = None, shown: str | None = None
) -> Found:
    """Put texts to a network, on its thread; what it is is found out in any case.

    Args:
        predictor: Of any task.
        texts: One or many, or none; a view that asks itself is not asked for here.
        chosen: What a person has chosen in the view that is shown.
        shown: Which task that view is for; another one's choices are not heeded.

    Raises:
        StudioError: a text is empty, or no view shows such answers.
    """
    task = predictor.config.task
    view = VIEWS.get(task)
    if view is None:
        raise StudioError(
            "The answers of this run cannot be shown here", why=f"Its task is {task}", todo="Use the command line"
        )
    facts = view.facts(predictor)
    if not texts or view.asks_itself:
        return Found(task, facts, [])
    asked = view.question(facts, len(texts), (chosen or {}) if shown == task else {})
    return Found(task, facts, predictor.predict(texts, **known_to(predictor, asked)))
