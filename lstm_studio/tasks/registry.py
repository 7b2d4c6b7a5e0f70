"""The tasks there are."""

from __future__ import annotations

from lstm_studio.errors import StudioError
from lstm_studio.tasks.base import Task
from lstm_studio.tasks.classification import ClassificationTask
from lstm_studio.tasks.generation import GenerationTask
from lstm_studio.tasks.tagging import TaggingTask
from lstm_studio.tasks.translation import TranslationTask

TASKS: dict[str, Task] = {
    task.name: task for task in (ClassificationTask(), TaggingTask(), TranslationTask(), GenerationTask())
}


def get(name: str) -> Task:
    """The task of that name.

    Raises:
        StudioError: there is none.
    """
    try:
        return TASKS[name]
    except KeyError:
        raise StudioError(f"There is no task called {name}", todo=f"Choose one of {', '.join(TASKS)}") from None
