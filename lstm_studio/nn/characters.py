"""A vector for each word from its letters: what it looks like, also where it was never seen."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lstm_studio.nn.dropout import Dropout
from lstm_studio.nn.encoding import PADDING
from lstm_studio.nn.pooling import padding_mask, without_padding
from lstm_studio.nn.recurrent import Recurrent


class CharacterEncoder(nn.Module):
    """A recurrent layer reads the characters of each word from both ends; the two last states are its vector.

    After Lample et al., "Neural architectures for named entity recognition", 2016, section 4.1
    (https://arxiv.org/abs/1603.01360). A batch repeats most of its words, so each different one is read once.

    Args:
        characters: How many there are, padding and unknown included.
        embedding_size: Numbers that describe a character.
        hidden_size: Units per direction.
        cell, peephole, output_gate_sees, forget_bias, variant: As of ``Recurrent``.
        dropout: Share of the embedding's values that are silenced while training.
        embedding_range: The embedding starts from U(-range, range); its row for padding is zero and stays so.

    Attributes:
        output_size: Numbers in a word's vector, 2 * hidden_size.
    """

    def __init__(
        self,
        characters: int,
        embedding_size: int = 25,
        hidden_size: int = 25,
        *,
        cell: str = "lstm",
        peephole: str = "diagonal",
        output_gate_sees: str = "previous",
        forget_bias: float = 1.0,
        variant: str = "none",
        dropout: float = 0.0,
        embedding_range: float = 0.1,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, embedding_size, padding_idx=PADDING)
        with torch.no_grad():
            self.embedding.weight.uniform_(-embedding_range, embedding_range)
            self.embedding.weight[PADDING] = 0
        self.dropout = Dropout(dropout)
        self.recurrent = Recurrent(
            embedding_size,
            hidden_size,
            cell=cell,
            bidirectional=True,
            peephole=peephole,
            output_gate_sees=output_gate_sees,
            forget_bias=forget_bias,
            variant=variant,
        )
        self.output_size = self.recurrent.output_size

    def forward(self, characters: Tensor, sizes: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
        """Read the different words of a batch and put each where it stands.

        Args:
            characters: Ids of the characters of W different words, int64 [W, C].
            sizes: Characters of each, [W], 1..C.
            words: Which of them stands at each place, int64 [B, T]; at padding any number in 0..W-1.
            lengths: Words of each row, [B].

        Returns:
            [B, T, output_size], zero at padding.

        Raises:
            ValueError: a size is 0 or larger than C.
        """
        _, state, _ = self.recurrent(self.dropout(self.embedding(characters)), sizes, memory=False)
        vectors = torch.cat(list(state.h), -1)[words]
        return without_padding(vectors, padding_mask(lengths, words.shape[1], words.device))
