"""What a view of the inside of a network is: it follows the text, the layer, the unit and the token that are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates


@dataclass(frozen=True, eq=False)
class Seen:
    """What all views of one text look at.

    Attributes:
        trace: The text and what happened while it was read.
        layer: The chosen layer and direction; one of the trace's.
        unit: The chosen unit.
        token: The token under the cursor, by its place in ``trace.tokens_of(layer)``.
        asked: How the text was read besides, for ``Predictor`` methods that read it again.
    """

    trace: TextTrace
    layer: LayerGates
    unit: int | None = None
    token: int | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tokens(self) -> tuple[str, ...]:
        """What the layer runs over."""
        return self.trace.tokens_of(self.layer)


class InsideView(QWidget):
    """One way to look inside. Views are made when they are first looked at, and told only while they are shown."""

    name: ClassVar[str]
    uses_layers: ClassVar[bool] = True
    """Whether a layer is chosen in it."""
    uses_unit: ClassVar[bool] = False
    """Whether the chosen unit's trace stands below it."""

    unit_asked = Signal(int)
    """A unit is to be the chosen one."""
    token_asked = Signal(int)
    """The cursor is to stand on this token; on none if below 0."""
    text_asked = Signal(str)
    """Another text is to be read."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    @staticmethod
    def title() -> str:
        """One or two words, translated."""
        raise NotImplementedError

    @staticmethod
    def help() -> str:
        """One sentence: what one looks at, translated."""
        raise NotImplementedError

    @staticmethod
    def suits(trace: TextTrace) -> bool:
        """Whether there is something to see of such a text."""
        return True

    def show_seen(self, seen: Seen | None) -> None:
        """Follow what is looked at; called at each change of text, layer, unit and token. None: nothing is."""
        raise NotImplementedError

    def leave(self) -> None:
        """It is no longer shown, or another run is: whatever it has asked for is not wanted."""
