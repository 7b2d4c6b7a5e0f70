"""Text -> class."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig
from lstm_studio.nn.alike import read_alike
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.pooling import Pooling
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMTrace


@dataclass
class ClassifierOutput:
    """``logits`` [B, K]; ``outputs`` [B, T, F] of the top layer; ``pooled`` [B, F]; ``traces`` when asked for."""

    logits: Tensor
    outputs: Tensor
    pooled: Tensor
    traces: list[LSTMTrace] | None = None


class TextClassifier(nn.Module):
    """Encoder, recurrent layers, pooling, dropout, one linear layer.

    Args:
        vocabulary_size: V, padding and unknown included.
        classes: K, at least 2.
        config: The [model] section.
    """

    def __init__(self, vocabulary_size: int, classes: int, config: ModelConfig) -> None:
        super().__init__()
        self.encoder = InputEncoder(vocabulary_size, config)
        self.recurrent = Recurrent.of(self.encoder.output_size, config)
        self.pooling = Pooling(config.pooling, self.recurrent.output_size)
        self.dropout = Dropout(config.dropout)
        self.output = nn.Linear(self.recurrent.output_size, classes)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    @property
    def tables(self) -> list[nn.Embedding]:
        """Whose rows nothing else uses: they may learn by rows."""
        return self.encoder.tables

    def forward(self, ids: Tensor, lengths: Tensor, trace: bool = False) -> ClassifierOutput:
        """Ids [B, T] int64, lengths [B] -> logits [B, K]."""
        return self.classify(self.encoder(ids), lengths, trace)

    def classify(self, vectors: Tensor, lengths: Tensor, trace: bool = False) -> ClassifierOutput:
        """The network behind the encoder: vectors [B, T, E]; attribution enters here."""
        outputs, state, traces = self.recurrent(vectors, lengths, trace=trace, memory=False)
        directions = len(self.recurrent.directions)
        final = torch.cat(list(state.h[-directions:]), -1)
        pooled = self.pooling(outputs, lengths, final)
        return ClassifierOutput(self.output(self.dropout(pooled)), outputs, pooled, traces)

    @torch.no_grad()
    def prefix_logits(self, vectors: Tensor, first: int, last: int, known: ClassifierOutput | None = None) -> Tensor:
        """What it would say had the text ended after token ``first``, and so on to before ``last``.

        What reads from left to right has the same states whether a text goes on or not; from the end each prefix is
        another text.

        Args:
            vectors: Of the text, [T, E].
            known: What ``classify`` has found in it, with traces; None to ask it.

        Returns:
            Logits [last - first, K].
        """
        steps = torch.arange(first + 1, last + 1)
        if known is None:
            known = self.classify(vectors.unsqueeze(0), torch.tensor([len(vectors)]), trace=True)
        if len(self.recurrent.directions) == 1:
            outputs, final = known.outputs.expand(last - first, -1, -1), known.outputs[0, first:last]
        elif vectors.device.type != "cpu" or self.recurrent.holds is not None:
            outputs, state, _ = self.recurrent(vectors.expand(last - first, -1, -1), steps, memory=False)
            final = torch.cat([state.h[-2], state.h[-1]], -1)
        else:
            there = torch.arange(len(vectors)) < steps.unsqueeze(1)
            outputs, state = read_alike(self.recurrent, vectors, None, there, known.traces)
            final = torch.cat([state.h[-2], state.h[-1]], -1)
        pooled = self.pooling(outputs, steps, final)
        logits: Tensor = self.output(self.dropout(pooled))
        return logits
