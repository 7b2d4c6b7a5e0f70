"""The guided lesson, step by step: what is said, which view is shown, which part of the page is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.inspect_views import GATES
from lstm_studio.gui.widgets.token_axis import quoted

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates

Part = Literal["text", "tokens", "inside", "unit"]
SENTENCE = "The story was not very good, but the acting is wonderful."
"""For runs of the sample of opinions, which know all its words and read it rightly."""
MOST = 8


@dataclass(frozen=True)
class Moment:
    """What is worth looking at in a text.

    Attributes:
        token: Where the answer changed most.
        unit: The unit whose state changed most there.
        word: The token itself.
    """

    token: int
    unit: int
    word: str


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: For tests and pictures.
        view: The view that is shown, by its name.
        part: The part of the page that is outlined.
        pointed: Whether the cursor stands on the moment's token.
    """

    name: str
    view: str = GATES
    part: Part = "inside"
    pointed: bool = True

    def title(self) -> str:
        """A few words."""
        return {
            "words": tr("One word after the other"),
            "gates": tr("Gates open and close"),
            "unit": tr("One unit and its memory"),
            "anatomy": tr("Where a number comes from"),
            "memory": tr("How long it remembers"),
            "gradient": tr("How far back it learns"),
            "whatif": tr("Hold a gate, see what happens"),
            "turn": tr("Your turn"),
        }[self.name]

    def text(self, moment: Moment, gated: bool) -> str:
        """Two or three sentences. ``gated``: the cell is an LSTM."""
        word, unit = quoted(moment.word[:24]), moment.unit
        if self.name == "words":
            return tr(
                "The network reads one word at a time. The tint of a word is the answer that it would give had the "
                "text ended there. The answer changes most at “{word}”, so the lesson looks closely at that word.",
                word=word,
            )
        if self.name == "gates":
            if gated:
                return tr(
                    "Each row is a unit, each column a word. A unit keeps a memory, the cell state c. The input gate i "
                    "writes into it, the forget gate f keeps or drops it, and the output gate o lets it out. Bright is "
                    "open, dark is shut."
                )
            return tr(
                "Each row is a unit, each column a word. All that the network knows of the words so far is in the "
                "hidden state h; the colours show how strongly each unit says yes or no."
            )
        if self.name == "unit":
            return tr(
                "Unit {n} changes most at “{word}”. Its gates are on the left and its memory on the right. The line "
                "above does the sum: old memory times forget gate, plus what is new.",
                n=unit,
                word=word,
            )
        if self.name == "anatomy":
            return tr(
                "This is all of unit {n} at “{word}”, number by number: what the word, the state before and the memory "
                "add to each gate. Step through the sentence with the arrow keys and watch the numbers change.",
                n=unit,
                word=word,
            )
        return {
            "memory": tr(
                "A forget gate near 1 makes a long memory, one near 0 a short one. From its mean follows for how many "
                "words each unit remembers. Some count in sentences, others in single words."
            ),
            "gradient": tr(
                "While it learns, the error travels back from the last word to the first. The curve shows how much of "
                "it is left at each word. Where it falls to nothing, the network cannot learn from what stood there."
            ),
            "whatif": tr(
                "Hold a gate at a value, at one word or at all of them, and see how the answer changes. What changes "
                "the answer is what the network really uses."
            ),
            "turn": tr(
                "Type a sentence of your own, or take one of those that the network was checked with. Change one word, "
                "and look at which gates notice."
            ),
        }[self.name]


STEPS: tuple[Step, ...] = (
    Step("words", part="tokens"),
    Step("gates"),
    Step("unit", part="unit"),
    Step("anatomy", "anatomy"),
    Step("memory", "memory"),
    Step("gradient", "gradient"),
    Step("whatif", "whatif"),
    Step("turn", part="text", pointed=False),
)


def steps_for(views: Sequence[str]) -> list[Step]:
    """The steps whose views there are."""
    return [step for step in STEPS if step.view == GATES or step.view in views][:MOST]


def moment_of(trace: TextTrace, layer: LayerGates) -> Moment:
    """Where the answer changed most from one word to the next, and which unit's memory did there."""
    said = trace.prefix_probabilities
    values = layer.values["c" if "c" in layer.values else "h"]
    count = min(len(trace.tokens), len(values))
    token = 0
    if len(said) >= count > 1:
        token = 1 + int(np.abs(np.diff(said[:count], axis=0)).sum(1).argmax())
    backward = layer.direction == "backward"
    before = token + 1 if backward else token - 1
    earlier = values[before] if 0 <= before < count else np.zeros_like(values[0])
    unit = int(np.abs(values[token] - earlier).argmax()) if count else 0
    return Moment(token, unit, trace.tokens[token] if trace.tokens else "")
