"""What each gate and state is called, which hue and scale it has, and in which order they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lstm_studio.gui.i18n import tr


@dataclass(frozen=True)
class GateKind:
    """One of the things a cell computes at each token. ``signed``: between -1 and 1 or beyond, centred on 0."""

    key: str
    title: str
    help: str
    role: str
    signed: bool


_LSTM = (
    GateKind("i", "Input gate", "How much of the new candidate is written into the memory.", "gate_i", False),
    GateKind("f", "Forget gate", "How much of the old memory is kept; 0 forgets everything.", "gate_f", False),
    GateKind("o", "Output gate", "How much of the memory the unit lets out.", "gate_o", False),
    GateKind("g", "Candidate", "What the unit would like to write into its memory.", "gate_g", True),
    GateKind("c", "Cell state", "The memory itself, after this token.", "gate_c", True),
    GateKind("h", "Hidden state", "What the unit lets out after this token.", "gate_h", True),
)
_OTHERS = (
    GateKind("r", "Reset gate", "How much of the last state the candidate gets to see.", "gate_i", False),
    GateKind("z", "Update gate", "How much of the last state is kept; 0 takes the candidate instead.", "gate_f", False),
    GateKind("n", "Candidate", "What the unit would like to become.", "gate_g", True),
)
_AROUND = (
    GateKind("h0", "First state of the writer", "What was read last becomes where writing starts.", "gate_h", True),
    GateKind("c0", "First memory of the writer", "The memory of what was read, handed over.", "gate_c", True),
    GateKind("x", "What the writer reads", "The word before, as a vector.", "text_muted", True),
    GateKind("e", "Attention: score", "How well each word of the source fits this step.", "text_muted", True),
    GateKind("w", "Attention: weight", "The scores as shares: over the source they add up to 1.", "text_muted", False),
    GateKind("k", "Context", "What this step takes from the source.", "text_muted", True),
    GateKind("a", "Attentional state", "Context and state in one: all that the next word depends on.",
             "text_muted", True),
    GateKind("y", "Next word", "How likely each word of the vocabulary comes next.", "text_muted", False),
)  # fmt: skip
"""What is computed around the cells that write."""
_BY_KEY = {kind.key: kind for kind in (*_LSTM, *_OTHERS, *_AROUND)}
_ORDER = [*"iforzgnch", *(kind.key for kind in _AROUND)]


LSTM_KEYS = tuple(kind.key for kind in _LSTM)


def kinds(keys: Iterable[str]) -> list[GateKind]:
    """The kinds of these keys in the order in which they are shown: gates first, then candidate, memory, output."""
    return [_BY_KEY[key] for key in sorted(keys, key=_ORDER.index)]


def variant_words(variant: str) -> str:
    """What is missing in an LSTM of this variant, in a few words; nothing of a whole one."""
    return {
        "no_input_gate": tr("without input gate"),
        "no_forget_gate": tr("without forget gate"),
        "no_output_gate": tr("without output gate"),
        "coupled": tr("with coupled gates"),
        "no_input_activation": tr("without input activation"),
        "no_output_activation": tr("without output activation"),
    }.get(variant, "")
