"""Words -> one tag each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lstm_studio.config import ModelConfig
from lstm_studio.nn.characters import CharacterEncoder
from lstm_studio.nn.crf import LinearChainCRF
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.pooling import padding_mask, without_padding
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMTrace


@dataclass
class Spelling:
    """The different words of a batch, letter by letter; see ``CharacterEncoder.forward``.

    ``characters`` [W, C] and ``words`` [B, T] on the device of the network, ``sizes`` [W] on the CPU.
    """

    characters: Tensor
    sizes: Tensor
    words: Tensor


@dataclass
class TaggerOutput:
    """``emissions`` [B, T, K], zero at padding; ``outputs`` [B, T, F] of the top layer; ``traces`` when asked for."""

    emissions: Tensor
    outputs: Tensor
    traces: list[LSTMTrace] | None = None


class SequenceTagger(nn.Module):
    """Word vectors, letters and marks side by side; recurrent layers; a linear layer; with or without a CRF on top.

    Huang, Xu & Yu, "Bidirectional LSTM-CRF models for sequence tagging", 2015 (https://arxiv.org/abs/1508.01991).

    Args:
        vocabulary_size: V words, padding and unknown included.
        tags: K, at least 1.
        config: The [model] section.
        characters: How many characters the words are read with, padding and unknown included; None: not by letters.
        character_size: Units per direction of the character LSTM, and numbers that describe a character.
        marks: Different marks a word can carry (for semantic roles: 0 another word, 1 the predicate); 0: no marks.
        mark_size: Numbers that describe a mark.
        crf: The layer that scores whole sequences of tags; None decides on each tag alone.
    """

    def __init__(
        self,
        vocabulary_size: int,
        tags: int,
        config: ModelConfig,
        *,
        characters: int | None = None,
        character_size: int = 25,
        marks: int = 0,
        mark_size: int = 16,
        crf: LinearChainCRF | None = None,
    ) -> None:
        super().__init__()
        self.encoder = InputEncoder(vocabulary_size, config)
        size = self.encoder.output_size
        self.characters: CharacterEncoder | None = None
        if characters is not None:
            self.characters = CharacterEncoder(
                characters,
                character_size,
                character_size,
                cell=config.cell,
                peephole=config.peephole,
                output_gate_sees=config.output_gate_sees,
                forget_bias=config.forget_bias,
                variant=config.variant,
                dropout=config.embedding_dropout,
                embedding_range=config.embedding_range,
            )
            size += self.characters.output_size
        self.marks: nn.Embedding | None = None
        if marks:
            self.marks = nn.Embedding(marks, mark_size)
            size += mark_size
        self.recurrent = Recurrent.of(size, config)
        self.dropout = Dropout(config.dropout)
        self.output = nn.Linear(self.recurrent.output_size, tags)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        self.crf = crf

    @property
    def tables(self) -> list[nn.Embedding]:
        """Whose rows nothing else uses: they may learn by rows."""
        return self.encoder.tables

    def forward(
        self,
        ids: Tensor,
        lengths: Tensor,
        spelling: Spelling | None = None,
        marks: Tensor | None = None,
        trace: bool = False,
    ) -> TaggerOutput:
        """Score every tag at every word.

        Args:
            ids: Words, int64 [B, T].
            lengths: [B], 1..T.
            spelling: The words' letters, for a network that reads them.
            marks: int64 [B, T], for a network that has marks.
            trace: Also keep what happens inside the recurrent layers.

        Raises:
            ValueError: letters or marks are missing, or given to a network that knows none.
        """
        return self.tag(self.vectors(ids, lengths, spelling, marks), lengths, trace)

    def vectors(
        self, ids: Tensor, lengths: Tensor, spelling: Spelling | None = None, marks: Tensor | None = None
    ) -> Tensor:
        """What the recurrent layers read of each word, [B, T, E]; arguments and errors as of ``forward``."""
        if (spelling is None) != (self.characters is None) or (marks is None) != (self.marks is None):
            raise ValueError("letters and marks must be given to a network that reads them, and to no other")
        parts = [self.encoder(ids)]
        if self.characters is not None and spelling is not None:
            parts.append(self.characters(spelling.characters, spelling.sizes, spelling.words, lengths))
        if self.marks is not None and marks is not None:
            parts.append(self.marks(marks))
        return parts[0] if len(parts) == 1 else torch.cat(parts, -1)

    def tag(self, vectors: Tensor, lengths: Tensor, trace: bool = False) -> TaggerOutput:
        """Score every tag at every word, from the words' vectors [B, T, E]."""
        outputs, _, traces = self.recurrent(vectors, lengths, trace=trace, memory=False)
        mask = padding_mask(lengths, vectors.shape[1], vectors.device)
        emissions = without_padding(self.output(self.dropout(outputs)), mask)
        return TaggerOutput(emissions, outputs, traces)

    def negative_log_likelihood(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Of the true tags, [B]: of the whole sequence with a CRF, else summed over the words.

        Args:
            emissions: [B, T, K].
            tags: int64 [B, T]; what stands at padding has no influence.
            lengths: [B].
        """
        if self.crf is not None:
            return -self.crf.log_likelihood(emissions.float(), tags, lengths)
        mask = padding_mask(lengths, tags.shape[1], tags.device)
        each = cross_entropy(emissions.float().flatten(0, 1), tags.masked_fill(~mask, 0).flatten(), reduction="none")
        return each.view_as(tags).masked_fill(~mask, 0).sum(1)

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The best tags, int64 [B, T], 0 at padding: the best legal sequence with a CRF, else each word's best."""
        if self.crf is not None:
            tags, _ = self.crf.decode(emissions.float(), lengths)
            return tags
        mask = padding_mask(lengths, emissions.shape[1], emissions.device)
        return emissions.argmax(2).masked_fill(~mask, 0)

    @torch.no_grad()
    def probabilities(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Of each tag at each word given the whole text, [B, T, K]; zero at padding."""
        if self.crf is not None:
            return self.crf.marginals(emissions.float(), lengths)
        mask = padding_mask(lengths, emissions.shape[1], emissions.device)
        return emissions.float().softmax(2).masked_fill(~mask.unsqueeze(2), 0)
