"""From what an encoder said to the words of another text, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig
from lstm_studio.nn import chance
from lstm_studio.nn.attention import Attention, Memory
from lstm_studio.nn.dense import linear
from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.pooling import padding_mask, without_padding
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.types import LSTMState, LSTMTrace

START, END = 2, 3
"""Ids of the marks before the first and after the last word of a target, behind padding and unknown."""


@dataclass(frozen=True)
class DecoderOptions:
    """What a decoder has besides the [model] section.

    Attributes:
        attention: How it looks back at the source; "none" gives it the encoder's last state at every step.
        input_feeding: Each step also reads the attentional state of the step before (Luong et al., 2015, section
            3.3). It then knows where it looked, but training must go step by step.
        tie_output: The output layer is the target embedding (Press & Wolf, "Using the output embedding", 2017).
        tie_source: Source and target share one embedding, for a common vocabulary.
    """

    attention: Literal["none", "bahdanau", "luong_dot", "luong_general"] = "luong_general"
    input_feeding: bool = False
    tie_output: bool = False
    tie_source: bool = False


class Source(NamedTuple):
    """An encoded batch: ``memory`` for attention (None without), ``final`` [B, K] the encoder's last state."""

    memory: Memory | None
    final: Tensor

    def select(self, rows: Tensor | slice) -> Source:
        """Only these rows, in this order."""
        return Source(None if self.memory is None else self.memory.select(rows), self.final[rows])


class DecoderState(NamedTuple):
    """Between two steps: the recurrent layers' state, and with input feeding the last attentional state [B, A]."""

    recurrent: LSTMState
    fed: Tensor | None

    def select(self, rows: Tensor | slice) -> DecoderState:
        """Only these rows, in this order."""
        h, c = self.recurrent
        state = LSTMState(h[:, rows], None if c is None else c[:, rows])
        return DecoderState(state, None if self.fed is None else self.fed[rows])


@dataclass
class DecoderOutput:
    """Of a whole target.

    Attributes:
        states: Attentional states [B, U, A], zero at padding; ``Decoder.scores`` makes words of them.
        attention: Weights [B, U, S], zero at padding on both sides; None without attention.
        traces: Of the recurrent layers, when asked for.
        words: What was read, [B, U]: the targets, or with scheduled sampling partly the decoder's own words.
    """

    states: Tensor
    attention: Tensor | None
    traces: list[LSTMTrace] | None
    words: Tensor


class Decoder(nn.Module):
    """Recurrent layers over the words so far, attention, an attentional state and the output layer.

        s_0 = bridge(encoder's last state), layer by layer: h through tanh(W h + b), c through W c + b
        h_t = layers(embedding(y_t-1), with input feeding also h~_t-1)
        c_t = attention(h_t, encoder's outputs)
        h~_t = tanh(W_c [c_t; h_t]);  p(y_t) = softmax(W_o h~_t + b_o)

    Luong, Pham & Manning, "Effective approaches to attention-based neural machine translation", 2015. Padding and
    unknown words enter as in the encoder (word dropout, embedding dropout).

    Args:
        vocabulary_size: V words of the target, with padding, unknown and the two marks.
        config: The [model] section; the encoder was made of the same one.
        options: What else there is to choose.
        source: How the encoder reads words, for ``tie_source``.

    Attributes:
        output_size: A: embedding_size with ``tie_output``, else hidden_size.

    Raises:
        ValueError: a shared embedding that there is none of, or of another size; luong_dot where sizes differ.
    """

    def __init__(
        self,
        vocabulary_size: int,
        config: ModelConfig,
        options: DecoderOptions | None = None,
        source: InputEncoder | None = None,
    ) -> None:
        super().__init__()
        self.options = options = options or DecoderOptions()
        hidden, directions = config.hidden_size, 2 if config.bidirectional else 1
        size = hidden * directions
        # A shared module stands in a list, where it is not counted, moved and saved a second time.
        self._lent: list[InputEncoder] = []
        self.embedding: InputEncoder | None = None
        if options.tie_source:
            if source is None or source.embedding is None or source.vocabulary_size != vocabulary_size:
                raise ValueError("a shared embedding needs a trained one for the source, with the same vocabulary")
            self._lent.append(source)
        else:
            self.embedding = InputEncoder(vocabulary_size, config.model_copy(update={"encoding": "embedding"}))
        self.output_size = config.embedding_size if options.tie_output else hidden
        fed = self.output_size if options.input_feeding else 0
        # Words that are yet to come cannot be read from their end.
        self.recurrent = Recurrent.of(config.embedding_size + fed, config, bidirectional=False)
        self.bridge_h = nn.ModuleList(_dense(size, hidden) for _ in range(config.layers))
        self.bridge_c = nn.ModuleList(
            _dense(size, hidden) for _ in range(config.layers if config.cell == "lstm" else 0)
        )
        self.attention: Attention | None = None
        if options.attention != "none":
            self.attention = Attention(options.attention, hidden, size, hidden)
        self.combine = nn.Linear(size + hidden, self.output_size, bias=False)
        nn.init.xavier_uniform_(self.combine.weight)
        self.dropout = Dropout(config.dropout)
        self.output_weight: nn.Parameter | None = None
        if not options.tie_output:
            self.output_weight = nn.Parameter(torch.empty(vocabulary_size, self.output_size))
            nn.init.uniform_(self.output_weight, -config.embedding_range, config.embedding_range)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))

    @property
    def words(self) -> InputEncoder:
        """How target words enter; the source's own module with ``tie_source``."""
        found = self.embedding if self.embedding is not None else self._lent[0]
        assert found is not None
        return found

    @property
    def output(self) -> Tensor:
        """Weight of the output layer, [V, A]."""
        if self.output_weight is not None:
            return self.output_weight
        embedding = self.words.embedding
        assert embedding is not None
        return embedding.weight

    def begin(self, outputs: Tensor, lengths: Tensor, final: LSTMState) -> tuple[Source, DecoderState]:
        """From the encoder's outputs [B, S, K], lengths [B] and last state: what all steps share, the first state."""
        joined_h = _joined(final.h, len(self.bridge_h))
        h = _bridged(self.bridge_h, joined_h).tanh()
        c = None if final.c is None else _bridged(self.bridge_c, _joined(final.c, len(self.bridge_c)))
        memory = None if self.attention is None else self.attention.prepare(outputs, lengths)
        fed = outputs.new_zeros(len(outputs), self.output_size) if self.options.input_feeding else None
        return Source(memory, joined_h[-1]), DecoderState(LSTMState(h, c), fed)

    def forward(
        self,
        words: Tensor,
        lengths: Tensor,
        source: Source,
        state: DecoderState,
        *,
        trace: bool = False,
        teacher_share: float = 1.0,
    ) -> DecoderOutput:
        """Read whole targets: all steps at once, or with input feeding one after the other.

        Args:
            words: What each step reads, the start mark first, int64 [B, U].
            lengths: [B], 1..U.
            source, state: From ``begin``.
            trace: Also keep what happens inside the recurrent layers.
            teacher_share: Share of the steps that read the true word before; the others read what the decoder itself
                holds most likely (Bengio et al., "Scheduled sampling", 2015). The choice carries no gradient, so it
                is made first, step by step, and what it gives is then read as any other target.
        """
        if teacher_share < 1:
            words = self._sample(words, source, state, teacher_share)
        vectors = self.words(words)
        if self.options.input_feeding:
            states, weights, traces = self._walk(vectors, lengths, source, state, trace)
        else:
            h, _, traces = self.recurrent(vectors, lengths, state.recurrent, trace, memory=False)
            states, weights = self._attend(h, source)
        there = padding_mask(lengths, words.shape[1], states.device)
        weights = None if weights is None else without_padding(weights, there)
        return DecoderOutput(without_padding(states, there), weights, traces, words)

    def step(self, words: Tensor, state: DecoderState, source: Source) -> tuple[Tensor, DecoderState, Tensor | None]:
        """One step: the word before -> scores of the next.

        Args:
            words: int64 [R], where R is B or a multiple of it: R / B beams stand next to each other and share a row
                of the source, which is not copied.
            state: Of R rows.
            source: Of B rows.

        Returns:
            Scores [R, V], the state after, and attention [R, S] (None without).
        """
        states, state, weights, _ = self._step(self.words(words.unsqueeze(1)), state, source, trace=False)
        return self.scores(states), state, weights

    def scores(self, states: Tensor) -> Tensor:
        """Attentional states [..., A] -> the output layer's scores [..., V], before softmax."""
        return linear(self.dropout(states), self.output, self.output_bias)

    # -- inside ----------------------------------------------------------------------------------------------

    def _attend(self, h: Tensor, source: Source) -> tuple[Tensor, Tensor | None]:
        """[B, U, H] -> attentional states [B, U, A] and weights [B, U, S]."""
        weights: Tensor | None = None
        if self.attention is not None and source.memory is not None:
            context, weights = self.attention(h, source.memory)
        else:
            context = source.final.unsqueeze(1).expand(-1, h.shape[1], -1)
        return torch.tanh(linear(torch.cat([context, h], 2), self.combine.weight)), weights

    def _step(
        self, vectors: Tensor, state: DecoderState, source: Source, trace: bool
    ) -> tuple[Tensor, DecoderState, Tensor | None, list[LSTMTrace] | None]:
        """Vectors [R, 1, E] -> attentional states [R, A], state, weights [R, S], traces."""
        rows = len(vectors)
        if state.fed is not None:
            vectors = torch.cat([vectors, state.fed.unsqueeze(1)], 2)
        ones = torch.ones(rows, dtype=torch.int64)
        h, after, traces = self.recurrent(vectors, ones, state.recurrent, trace)
        attended, weights = self._attend(h.view(len(source.final), -1, h.shape[2]), source)
        attended = attended.reshape(rows, -1)
        fed = None if state.fed is None else attended
        weights = None if weights is None else weights.reshape(rows, -1)
        return attended, DecoderState(after, fed), weights, traces

    def _walk(
        self, vectors: Tensor, lengths: Tensor, source: Source, state: DecoderState, trace: bool
    ) -> tuple[Tensor, Tensor | None, list[LSTMTrace] | None]:
        """Vectors [B, U, E] step by step -> states [B, U, A], weights [B, U, S], traces. No step reads padding."""
        rows, steps = vectors.shape[:2]
        sizes, order = lengths.detach().to("cpu", torch.int64).sort(descending=True, stable=True)
        there = order.to(vectors.device)
        back = torch.empty_like(there)
        back[there] = torch.arange(rows, device=vectors.device)
        vectors, source, state = vectors[there], source.select(there), state.select(there)
        active = (sizes.unsqueeze(0) > torch.arange(steps).unsqueeze(1)).sum(1).tolist()
        states, weights = [], []
        inside: dict[tuple[int, str], list[Tensor]] = {}
        running = rows
        for place, vector in enumerate(vectors[:, : int(sizes[0])].unbind(1)):
            if active[place] < running:
                running = active[place]
                source, state = source.select(slice(running)), state.select(slice(running))
            attended, state, looked, seen = self._step(vector[:running].unsqueeze(1), state, source, trace)
            states.append(attended)
            if looked is not None:
                weights.append(looked)
            for layer, one in enumerate(seen or []):
                for name, values in one.values.items():
                    inside.setdefault((layer, name), []).append(values.squeeze(1).detach())

        def whole(parts: list[Tensor]) -> Tensor:
            padded = [nn.functional.pad(part, (0, 0, 0, rows - len(part))) for part in parts]
            return nn.functional.pad(torch.stack(padded, 1), (0, 0, 0, steps - len(parts)))[back]

        traces: list[LSTMTrace] | None = None
        if trace:
            traces = [LSTMTrace(layer, "forward") for layer in range(len(self.bridge_h))]
            for (layer, name), parts in inside.items():
                traces[layer].values[name] = whole(parts)
        return whole(states), whole(weights) if weights else None, traces

    @torch.no_grad()
    def _sample(self, words: Tensor, source: Source, state: DecoderState, share: float) -> Tensor:
        """Targets [B, U] in which random words behind the first gave way to the decoder's own."""
        true = torch.rand(words.shape, device=words.device, generator=chance.generator()) < share
        read = [words[:, 0]]
        for place in range(1, words.shape[1]):
            scores, state, _ = self.step(read[-1], state, source)
            read.append(torch.where(true[:, place], words[:, place], scores.argmax(1)))
        return torch.stack(read, 1)


def _joined(values: Tensor, layers: int) -> Tensor:
    """[layers * directions, B, H] -> [layers, B, directions * H]."""
    return values.unflatten(0, (layers, -1)).transpose(1, 2).flatten(2)


def _bridged(bridges: nn.ModuleList, joined: Tensor) -> Tensor:
    """[layers, B, K] -> [layers, B, H]; a memory is not kept in half precision."""
    return torch.stack([bridge(part) for bridge, part in zip(bridges, joined, strict=True)]).to(joined)


def _dense(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
