"""A text in, another one out: translation and summaries."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig
from lstm_studio.nn.decoder import END, START, Decoder, DecoderOptions, DecoderOutput, DecoderState, Source
from lstm_studio.nn.dense import softmax_loss
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.encoding import PADDING, InputEncoder
from lstm_studio.nn.pooling import padding_mask
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMTrace


@dataclass
class Encoded:
    """A batch of sources, read: what decoding starts from, and the encoder's traces when asked for."""

    source: Source
    state: DecoderState
    traces: list[LSTMTrace] | None = None

    def select(self, rows: Tensor) -> Encoded:
        """Only these rows, in this order, without traces; a row may be taken several times."""
        return Encoded(self.source.select(rows), self.state.select(rows))


@dataclass
class TranslationLoss:
    """``total``: the sum over all target words and end marks, smoothed, to be differentiated; ``each`` [B]: -log p of
    each whole target, unsmoothed, without gradient; ``words``: how many were counted, end marks included."""

    total: Tensor
    each: Tensor
    words: int


class Translator(nn.Module):
    """Encoder, attention, decoder.

    Sutskever, Vinyals & Le, "Sequence to sequence learning with neural networks", 2014, with attention.

    Args:
        source_vocabulary: Words of the source, padding and unknown included.
        target_vocabulary: Words of the target, padding, unknown, start and end included, in this order.
        config: The [model] section, for encoder and decoder; only the encoder reads in both directions.
        options: The decoder's.
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        config: ModelConfig,
        options: DecoderOptions | None = None,
    ) -> None:
        super().__init__()
        self.encoder = InputEncoder(source_vocabulary, config)
        self.recurrent = Recurrent.of(self.encoder.output_size, config)
        self.dropout = Dropout(config.dropout)
        self.decoder = Decoder(target_vocabulary, config, options, self.encoder)

    def encode(self, source: Tensor, lengths: Tensor, trace: bool = False) -> Encoded:
        """Read sources, int64 [B, S] with lengths [B], 1..S."""
        return self.encode_vectors(self.encoder(source), lengths, trace)

    def encode_vectors(self, vectors: Tensor, lengths: Tensor, trace: bool = False) -> Encoded:
        """The same from what the recurrent layers read: float [B, S, E], as ``encoder`` makes it."""
        outputs, final, traces = self.recurrent(vectors, lengths, trace=trace)
        return Encoded(*self.decoder.begin(self.dropout(outputs), lengths, final), traces)

    def read(
        self, encoded: Encoded, target: Tensor, lengths: Tensor, *, trace: bool = False, teacher_share: float = 1.0
    ) -> DecoderOutput:
        """Read true targets behind a start mark.

        Args:
            encoded: From ``encode``.
            target: Words without marks, int64 [B, U].
            lengths: [B], 0..U.
            trace, teacher_share: As of ``Decoder.forward``.

        Returns:
            One step more than the target has words: step t stands before word t, the last before the end mark.
        """
        words = torch.cat([target.new_full((len(target), 1), START), target], 1)
        return self.decoder(words, lengths + 1, encoded.source, encoded.state, trace=trace, teacher_share=teacher_share)

    def loss(
        self,
        source: Tensor,
        source_lengths: Tensor,
        target: Tensor,
        target_lengths: Tensor,
        *,
        smoothing: float = 0.0,
        teacher_share: float = 1.0,
    ) -> TranslationLoss:
        """Cross-entropy of the target's words and the end mark; what stands at padding has no influence.

        Only the states of real words meet the output layer, which for large vocabularies is most of the work.

        Args:
            source, source_lengths: int64 [B, S], [B] in 1..S.
            target, target_lengths: Words without marks, int64 [B, U], [B] in 0..U.
            smoothing: Of the labels, see ``softmax_loss``.
            teacher_share: See ``Decoder.forward``.
        """
        encoded = self.encode(source, source_lengths)
        states = self.read(encoded, target, target_lengths, teacher_share=teacher_share).states
        return self.loss_of(states, target, target_lengths, smoothing)

    def loss_of(self, states: Tensor, target: Tensor, lengths: Tensor, smoothing: float = 0.0) -> TranslationLoss:
        """The same, from the attentional states [B, U + 1, A] that ``read`` gave."""
        gold = with_end(target, lengths)
        mask = padding_mask(lengths + 1, gold.shape[1], gold.device)
        places = mask.flatten().nonzero().squeeze(1)
        decoder = self.decoder
        packed = decoder.dropout(states.flatten(0, 1).index_select(0, places))
        total, nll = softmax_loss(packed, decoder.output, decoder.output_bias, gold.flatten()[places], smoothing)
        each = nll.new_zeros(len(target)).index_add_(0, places // gold.shape[1], nll)
        return TranslationLoss(total, each, len(places))


def with_end(target: Tensor, lengths: Tensor) -> Tensor:
    """Words [B, U] -> words with the end mark behind them [B, U + 1], padding after it."""
    gold = torch.cat([target, target.new_full((len(target), 1), PADDING)], 1)
    there = lengths.to(gold.device).unsqueeze(1)
    place = torch.arange(gold.shape[1], device=gold.device).unsqueeze(0)
    return gold.masked_fill(place >= there, PADDING).scatter(1, there, END)
