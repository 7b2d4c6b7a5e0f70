"""What recurrent layers hand around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from torch import Tensor

Direction = Literal["forward", "backward"]


class LSTMState(NamedTuple):
    """State after each row's last real step.

    Attributes:
        h: Hidden states, [layers * directions, B, H]; layer by layer, forward before backward.
        c: Memory cells of the same shape; None for cells that have none.
    """

    h: Tensor
    c: Tensor | None


@dataclass
class LSTMTrace:
    """What happened inside one layer and direction.

    ``values`` maps "i", "f", "g", "o", "c", "h" (LSTM), "r", "z", "n", "h" (GRU) or "h" (RNN) to [B, T, H].
    Row t belongs to token t in both directions; padding is zero.
    """

    layer: int
    direction: Direction
    values: dict[str, Tensor] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As in the npz files: "layer0.forward"."""
        return f"layer{self.layer}.{self.direction}"
