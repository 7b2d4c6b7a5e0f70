"""What the page of answers asks of a task's own view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor


@dataclass(frozen=True)
class AnswerColumn:
    """A column beside the texts when there are several. ``wide``: takes its share of the width."""

    title: str
    wide: bool = False
    figures: bool = False


class AnswerView(QWidget):
    """Shows the answer to one text, and says what stands in tables and in the history. One class for each task.

    Attributes:
        task: The task's name.
        failed: A further question, such as which words mattered, had no answer: the exception.
        again: What ``asked`` gives is another now; the text should be asked about anew.
    """

    task: ClassVar[str]
    failed = Signal(object)
    again = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    @staticmethod
    def facts(predictor: Predictor) -> Any:
        """What the view needs to know of the run; called on another thread."""
        return None

    def new_run(self) -> None:
        """Another run answers from now on; what was chosen for the last one is forgotten."""

    def set_facts(self, facts: Any) -> None:
        """What ``facts`` found, before any answer of that run."""

    def asked(self) -> dict[str, Any]:
        """What a person has chosen in the view to be asked with the texts."""
        return {}

    @staticmethod
    def question(facts: Any, texts: int, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """All that is asked with so many texts, given what was chosen; called on another thread."""
        return dict(chosen)

    def show_answer(self, answer: Any) -> None:
        """Show one answer, and ask for what belongs to it."""
        raise NotImplementedError

    def clear(self) -> None:
        """No text: say what will be here."""
        raise NotImplementedError

    def columns(self) -> Sequence[AnswerColumn]:
        """Of the table of several answers, beside the text."""
        raise NotImplementedError

    def row(self, answer: Any) -> Sequence[str]:
        """One answer in those columns."""
        raise NotImplementedError

    def in_short(self, answer: Any) -> str:
        """One answer for the history."""
        raise NotImplementedError

    def about_files(self) -> str:
        """What a file of answers will hold."""
        raise NotImplementedError


def known_to(predictor: Predictor, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a run takes of what is asked besides a text."""
    return {name: value for name, value in asked.items() if name in predictor.answers.asked}
