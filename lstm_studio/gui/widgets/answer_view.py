"""What the page of answers asks of a task's own view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lstm_studio.gui.i18n import tr

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
        asks_itself: Whether an answer is asked for in the view, when a person wants it, instead of with each key. What
            is typed is one whole then, however many lines it has, and ``set_text`` tells the view of it.
        failed: A further question, such as which words mattered, had no answer: the exception.
        again: What ``asked`` gives is another now; the text should be asked about anew.
        answered: A view that asks itself has got an answer.
    """

    task: ClassVar[str]
    asks_itself: ClassVar[bool] = False
    failed = Signal(object)
    again = Signal()
    answered = Signal(object)

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

    def about_text(self) -> tuple[str, str]:
        """What stands in the box for texts while it is empty, and what is to be known of it."""
        return (
            tr("Type or paste a text. Several lines are several texts."),
            tr("What you type is answered as you type; each line is a text of its own."),
        )

    def set_text(self, text: str) -> None:
        """What stands in the box now."""

    def leave(self) -> None:
        """Another run is asked from now on: nothing that was begun may go on."""

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
