"""How token ids enter the network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lstm_studio.config import ModelConfig
from lstm_studio.errors import StudioError
from lstm_studio.nn import chance
from lstm_studio.nn.dropout import Dropout

PADDING, UNKNOWN = 0, 1
ONE_HOT_LIMIT = 5_000
"""Above this one-hot vectors fill the memory before they teach anything."""


class InputEncoder(nn.Module):
    """Ids [B, T] -> vectors [B, T, E]: a trained embedding, one-hot, or the bare id as one number.

    The embedding starts from U(-range, range); its row for padding is zero and stays so. The bare id is what the
    classic Keras tutorial feeds its LSTM: a number without scale, whose order means nothing.

    Raises:
        StudioError: one-hot with a vocabulary of more than 5,000 tokens.
    """

    def __init__(self, vocabulary_size: int, config: ModelConfig) -> None:
        super().__init__()
        self.kind = config.encoding
        self.vocabulary_size = vocabulary_size
        self.word_dropout = config.word_dropout
        self.embedding: nn.Embedding | None = None
        if self.kind == "embedding":
            self.embedding = nn.Embedding(vocabulary_size, config.embedding_size, padding_idx=PADDING)
            with torch.no_grad():
                self.embedding.weight.uniform_(-config.embedding_range, config.embedding_range)
                self.embedding.weight[PADDING] = 0
        elif self.kind == "one_hot" and vocabulary_size > ONE_HOT_LIMIT:
            raise StudioError(
                f"One-hot encoding of {vocabulary_size:,} tokens needs too much memory",
                why=f"It works up to {ONE_HOT_LIMIT:,} tokens",
                todo="Lower data.vocabulary_size, or use a trained embedding",
            )
        self.dropout = Dropout(config.embedding_dropout if self.kind == "embedding" else 0.0)
        self.output_size = {"embedding": config.embedding_size, "one_hot": vocabulary_size, "index": 1}[self.kind]

    @property
    def tables(self) -> list[nn.Embedding]:
        """The embedding, where there is one. It may learn by rows in a network that uses it nowhere else."""
        return [] if self.embedding is None else [self.embedding]

    def forward(self, ids: Tensor) -> Tensor:
        """Ids [B, T] int64 -> [B, T, E] float."""
        if self.training and self.word_dropout > 0:
            hidden = torch.rand(ids.shape, device=ids.device, generator=chance.generator()) < self.word_dropout
            ids = torch.where(hidden & (ids != PADDING), UNKNOWN, ids)
        if self.embedding is not None:
            return self.dropout(self.embedding(ids))
        if self.kind == "one_hot":
            return nn.functional.one_hot(ids, self.vocabulary_size).float()
        return ids.unsqueeze(-1).float()
