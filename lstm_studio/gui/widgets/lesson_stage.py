"""What a lesson can do on the Inspect page: look at its parts, show a view, read a text, point at a word and a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from lstm_studio.gui.pages.inspect import InspectPage
    from lstm_studio.gui.widgets.lesson_steps import Part
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates


class Stage:
    """The page as the lesson sees it."""

    def __init__(self, page: InspectPage) -> None:
        self.page = page

    def part(self, name: Part) -> QWidget:
        """A part that is pointed at."""
        page = self.page
        parts: dict[Part, QWidget] = {
            "text": page.line,
            "tokens": page.tokens_area,
            "inside": page.views,
            "unit": page.unit_card,
        }
        return parts[name]

    def views(self) -> tuple[str, ...]:
        """Names of the views that there are for the present text."""
        return self.page.views.offered

    def view(self, name: str | None = None) -> str:
        """The view that is shown, after another one was asked for if ``name`` is given."""
        views = self.page.views
        if name is not None and name != views.switch.value():
            views.choose(name)
        shown = views.switch.value()
        return str(shown) if shown is not None else ""

    def text(self, text: str | None = None) -> str:
        """The text that is read, after another one was given."""
        page = self.page
        if text is not None and text != page.text.toPlainText():
            page.text.setPlainText(text)
            page._ask()
        return page.text.toPlainText()

    def read(self) -> tuple[TextTrace | None, LayerGates | None]:
        """What is shown of the present text; nothing while another one is being read."""
        page = self.page
        there = not page._asked and page.trace is not None and page.grid.tokens == list(page.trace.tokens)
        return (page.trace, page.grid.layer) if there else (None, None)

    def point(self, token: int | None, unit: int | None) -> None:
        """Choose a unit, and put the cursor on a token; without a token there is no cursor."""
        if unit is not None and unit < max(1, self.page.grid.view.units):
            self.page.grid.view.choose(unit)
        self.page._strip_moved(token)

    def unit(self) -> int | None:
        """The chosen unit."""
        return self.page.grid.view.chosen

    def suits(self) -> bool:
        """Whether the network gives one answer to a whole text, which the lesson is about."""
        trace = self.page.trace
        return trace is not None and trace.meaning == "prefix" and trace.probabilities is not None

    def sample(self) -> bool:
        """Whether the run knows the words of the lesson's own sentence: it was trained on the sample of opinions."""
        run = self.page.session.selected_run
        summary = self.page.session.store.summary(run) if run is not None else None
        return summary is not None and summary.data.startswith("sentiment")
