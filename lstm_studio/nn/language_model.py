"""The words so far -> the next word."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig
from lstm_studio.nn.dense import linear, softmax_loss
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.pooling import padding_mask
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.regularisation import (
    LockedDropout,
    RowDropout,
    activation_cost,
    change_cost,
    drop_weights,
    run_with,
)
from lstm_studio.nn.types import LSTMState, LSTMTrace


@dataclass(frozen=True)
class LanguageModelOptions:
    """What a language model has besides the [model] section; all but ``tied`` plays a part only while training.

    Attributes:
        tied: Words are written with the vectors that they are read with (Press & Wolf, "Using the output embedding to
            improve language models", 2017; Inan, Khosravi & Socher, "Tying word vectors and word classifiers", 2017).
            Where hidden_size differs from embedding_size, a matrix between takes the states to the embedding's size;
            AWD-LSTM instead makes its last layer that narrow.
        locked: Dropout masks of inputs, between layers and of outputs hold over all steps of a stretch, see
            ``LockedDropout``.
        output_dropout: Share of the last layer's values that are silenced; None for the same as between layers.
        row_dropout: Share of the vocabulary that is not read in a stretch, see ``RowDropout``.
        weight_drop: Share of the recurrent weights W_h that are silenced in a stretch, see ``drop_weights``.
        activation: Alpha of ``activation_cost``; 2 in AWD-LSTM.
        change: Beta of ``change_cost``; 1 in AWD-LSTM.

    Raises:
        ValueError: a share outside 0 <= p < 1, or a negative cost.
    """

    tied: bool = False
    locked: bool = False
    output_dropout: float | None = None
    row_dropout: float = 0.0
    weight_drop: float = 0.0
    activation: float = 0.0
    change: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.output_dropout or 0.0, self.row_dropout, self.weight_drop)
        if not all(0 <= share < 1 for share in shares):
            raise ValueError("output_dropout, row_dropout and weight_drop must lie in 0 <= p < 1")
        if self.activation < 0 or self.change < 0:
            raise ValueError("activation and change must not be negative")


@dataclass
class LanguageModelOutput:
    """``outputs`` [B, T, H] of the last layer, zero at padding, of which ``scores`` makes words; ``state`` after each
    row's last word; ``traces`` when asked for."""

    outputs: Tensor
    state: LSTMState
    traces: list[LSTMTrace] | None = None


@dataclass
class StretchLoss:
    """Of a stretch of text.

    Attributes:
        total: The sum over all words of -log p, in nats, plus the costs of activations and their changes times the
            number of words; to be differentiated.
        each: -log p of each target, [B, T], zero at padding, without gradient or costs.
        words: How many were counted.
        state: Where the next stretch goes on; no gradient flows back through it.
    """

    total: Tensor
    each: Tensor
    words: int
    state: LSTMState


class LanguageModel(nn.Module):
    """Word vectors, recurrent layers from left to right, a softmax over the vocabulary.

        h[t] = layers(embedding(w[t]), state);  p(w[t + 1]) = softmax(W_o P h[t] + b_o)

    with W_o the embedding where ``tied``, and P only where sizes differ then. Mikolov et al., "Recurrent neural network
    based language model", 2010; Zaremba, Sutskever & Vinyals, "Recurrent neural network regularization", 2014.

    A long text is read in stretches: the state is carried on, and gradients stop where a stretch begins (truncated
    back-propagation through time; Williams & Peng, "An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories", 1990).

    Args:
        vocabulary_size: V words, padding and unknown included.
        config: The [model] section; the text is read in one direction, whatever it says.
        options: What else there is to choose.

    Raises:
        ValueError: ``tied`` without a trained embedding.
    """

    def __init__(self, vocabulary_size: int, config: ModelConfig, options: LanguageModelOptions | None = None) -> None:
        super().__init__()
        self.options = options = options or LanguageModelOptions()
        self.encoder = InputEncoder(vocabulary_size, config)
        # Words that are yet to come must not be read.
        self.recurrent = Recurrent.of(self.encoder.output_size, config, bidirectional=False)
        hidden = self.recurrent.output_size
        share = config.dropout if options.output_dropout is None else options.output_dropout
        self.row_dropout = RowDropout(vocabulary_size, options.row_dropout)
        self.dropout = Dropout(share)
        if options.locked:
            self.encoder.dropout = LockedDropout(self.encoder.dropout.p, steps=1)
            self.recurrent.dropout = LockedDropout(config.dropout, steps=0)
            self.dropout = LockedDropout(share, steps=1)
        self.project: nn.Linear | None = None
        self.output_weight: nn.Parameter | None = None
        if not options.tied:
            self.output_weight = nn.Parameter(torch.empty(vocabulary_size, hidden))
            nn.init.uniform_(self.output_weight, -config.embedding_range, config.embedding_range)
        elif self.encoder.embedding is None:
            raise ValueError("tied weights need a trained embedding")
        elif hidden != config.embedding_size:
            self.project = nn.Linear(hidden, config.embedding_size, bias=False)
            nn.init.xavier_uniform_(self.project.weight)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))

    @property
    def output(self) -> Tensor:
        """Weight of the output layer: [V, H], or where tied the embedding itself, [V, E]."""
        if self.output_weight is not None:
            return self.output_weight
        assert self.encoder.embedding is not None
        return self.encoder.embedding.weight

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.output_bias.device

    def loss(
        self, ids: Tensor, targets: Tensor, state: LSTMState | None = None, lengths: Tensor | None = None
    ) -> StretchLoss:
        """Cross-entropy of the words that follow; what stands at padding has no influence.

        Args:
            ids: Words read, int64 [B, T].
            targets: The word after each, int64 [B, T].
            state: As the stretch before left it, None at the beginning; taken as given, without gradient.
            lengths: [B], 1..T; None when all rows are full.
        """
        read = self.read(ids, None if state is None else detached(state), lengths)
        outputs, options = read.outputs, self.options
        there = None if lengths is None else padding_mask(lengths, ids.shape[1], outputs.device)
        packed, gold = self.dropout(outputs).flatten(0, 1), targets.flatten()
        places: Tensor | None = None
        if there is not None:
            # Only the states of real words meet the output layer, which for large vocabularies is most of the work.
            places = there.flatten().nonzero().squeeze(1)
            packed, gold = packed.index_select(0, places), gold[places]
        total, nll = softmax_loss(self._projected(packed), self.output, self.output_bias, gold)
        words = len(gold)
        if self.training and options.activation:
            total = total + words * activation_cost(packed, options.activation)
        if self.training and options.change:
            total = total + words * change_cost(outputs, options.change, there)
        each = nll if places is None else nll.new_zeros(ids.numel()).index_copy_(0, places, nll)
        return StretchLoss(total, each.view(ids.shape), words, detached(read.state))

    def read(
        self, ids: Tensor, state: LSTMState | None = None, lengths: Tensor | None = None, trace: bool = False
    ) -> LanguageModelOutput:
        """Read words, int64 [B, T] with lengths [B] in 1..T; arguments as of ``loss``, but gradients reach ``state``.

        Args:
            trace: Also keep what happens inside the recurrent layers.
        """
        return self.read_vectors(self.vectors(ids), state, lengths, trace)

    def vectors(self, ids: Tensor) -> Tensor:
        """What the recurrent layers read of each word, [B, T] -> [B, T, E]."""
        return self.row_dropout(self.encoder(ids), ids)

    def read_vectors(
        self, vectors: Tensor, state: LSTMState | None = None, lengths: Tensor | None = None, trace: bool = False
    ) -> LanguageModelOutput:
        """``read``, from the words' vectors [B, T, E]."""
        if lengths is None:
            lengths = torch.full((len(vectors),), vectors.shape[1], dtype=torch.int64)
        if self.training and self.options.weight_drop:
            weights = drop_weights(self.recurrent, self.options.weight_drop)
            return LanguageModelOutput(*run_with(self.recurrent, weights, vectors, lengths, state, trace))
        return LanguageModelOutput(*self.recurrent(vectors, lengths, state, trace))

    def step(self, ids: Tensor, state: LSTMState | None = None) -> tuple[Tensor, LSTMState]:
        """One word of each row, int64 [R], and the state before -> scores of the next [R, V], and the state after."""
        read = self.read(ids.unsqueeze(1), state)
        return self.scores(read.outputs.squeeze(1)), read.state

    def scores(self, outputs: Tensor) -> Tensor:
        """Outputs [..., H] -> the output layer's scores [..., V], before softmax; without dropout."""
        return linear(self._projected(outputs), self.output, self.output_bias)

    def _projected(self, outputs: Tensor) -> Tensor:
        return outputs if self.project is None else linear(outputs, self.project.weight)


def detached(state: LSTMState) -> LSTMState:
    """The same numbers, through which no gradient flows back."""
    return LSTMState(state.h.detach(), None if state.c is None else state.c.detach())


def select(state: LSTMState, rows: Tensor) -> LSTMState:
    """Only these rows, int64 [R], in this order; a row may be taken several times."""
    return LSTMState(state.h[:, rows], None if state.c is None else state.c[:, rows])


def forget(state: LSTMState, rows: Tensor) -> LSTMState:
    """With zeros in the rows, bool [B], where a new text begins."""
    gone = rows.to(state.h.device).view(1, -1, 1)
    return LSTMState(state.h.masked_fill(gone, 0), None if state.c is None else state.c.masked_fill(gone, 0))
