"""A layer that scores whole sequences of tags: linear-chain conditional random field."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lstm_studio.nn.pooling import padding_mask

_START = 0.1
_FORBIDDEN = float("-inf")


class LinearChainCRF(nn.Module):
    """Scores of neighbouring tags, learned together with the scores of each tag at its word.

    Lafferty, McCallum & Pereira, "Conditional random fields", 2001; on top of an LSTM: Lample et al., "Neural
    architectures for named entity recognition", 2016 (https://arxiv.org/abs/1603.01360), section 2.2:

        score(y) = start[y_1] + sum_t emission[t, y_t] + sum_t transitions[y_t, y_t+1] + end[y_T]
        p(y)     = exp(score(y)) / sum over all y' of exp(score(y'))

    Training and marginals sum over all sequences, so that a sentence that was tagged against the rules of its scheme
    still has a finite loss; decoding keeps to the legal ones.

    Args:
        tags: K.
        allowed: Legal steps, bool [K, K], from row to column; all when None.
        allowed_start, allowed_end: Legal first and last tags, bool [K]; all when None.

    Attributes:
        transitions: [K, K], from row to column.
        start, end: [K].

    Raises:
        ValueError: a table of legal steps has another shape.
    """

    allowed: Tensor
    allowed_start: Tensor
    allowed_end: Tensor

    def __init__(
        self,
        tags: int,
        allowed: Tensor | None = None,
        allowed_start: Tensor | None = None,
        allowed_end: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.tags = tags
        self.transitions = nn.Parameter(torch.empty(tags, tags).uniform_(-_START, _START))
        self.start = nn.Parameter(torch.empty(tags).uniform_(-_START, _START))
        self.end = nn.Parameter(torch.empty(tags).uniform_(-_START, _START))
        tables = (
            ("allowed", allowed, (tags, tags)),
            ("allowed_start", allowed_start, (tags,)),
            ("allowed_end", allowed_end, (tags,)),
        )
        for name, table, shape in tables:
            if table is not None and tuple(table.shape) != shape:
                raise ValueError(f"{name} must have the shape {shape}, not {tuple(table.shape)}")
            # Persistent: a network that is built without numbers gets them from its file.
            self.register_buffer(name, torch.ones(shape, dtype=torch.bool) if table is None else table.bool())

    def log_likelihood(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """log p of the given tags, [B], at most 0.

        Args:
            emissions: [B, T, K]; what stands at padding has no influence.
            tags: int64 [B, T]; the same.
            lengths: [B], 1..T.
        """
        mask = padding_mask(lengths, emissions.shape[1], emissions.device)
        emissions = _clean(emissions, mask)
        return self._score(emissions, tags.masked_fill(~mask, 0), mask) - self._log_partition(emissions, mask)

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The best legal sequence of each row (Viterbi); where no sequence is legal, the best of all.

        Args:
            emissions: [B, T, K].
            lengths: [B], 1..T.

        Returns:
            Tags int64 [B, T], 0 at padding, and their scores [B]. Of equal ones the lower tag is taken.
        """
        mask = padding_mask(lengths, emissions.shape[1], emissions.device)
        emissions = _clean(emissions, mask)
        tags, scores = self._viterbi(emissions, mask, legal=True)
        lost = torch.isneginf(scores)
        if bool(lost.any()):
            tags[lost], scores[lost] = self._viterbi(emissions[lost], mask[lost], legal=False)
        return tags, scores

    @torch.no_grad()
    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Probability of each tag at each word given the whole row, [B, T, K]; zero at padding (forward-backward)."""
        mask = padding_mask(lengths, emissions.shape[1], emissions.device)
        emissions = _clean(emissions, mask)
        steps = emissions.shape[1]
        forward = [self.start + emissions[:, 0]]
        for step in range(1, steps):
            here = torch.logsumexp(forward[-1].unsqueeze(2) + self.transitions, 1) + emissions[:, step]
            forward.append(torch.where(mask[:, step, None], here, forward[-1]))
        after = self.end.expand_as(forward[0])
        backward = [after]
        for step in range(steps - 1, 0, -1):
            before = torch.logsumexp(self.transitions + (emissions[:, step] + after).unsqueeze(1), 2)
            after = torch.where(mask[:, step, None], before, after)
            backward.append(after)
        both = torch.stack(forward, 1) + torch.stack(backward[::-1], 1)
        return both.softmax(2).masked_fill(~mask.unsqueeze(2), 0)

    # -- inside ----------------------------------------------------------------------------------------------

    def _score(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Of one sequence a row, [B]."""
        each = emissions.gather(2, tags.unsqueeze(2)).squeeze(2)
        steps = self.transitions[tags[:, :-1], tags[:, 1:]]
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1).squeeze(1)
        inner = each.masked_fill(~mask, 0).sum(1) + steps.masked_fill(~mask[:, 1:], 0).sum(1)
        return self.start[tags[:, 0]] + inner + self.end[last]

    def _log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """log of the sum over all sequences, [B] (forward algorithm)."""
        alpha = self.start + emissions[:, 0]
        for step in range(1, emissions.shape[1]):
            here = torch.logsumexp(alpha.unsqueeze(2) + self.transitions, 1) + emissions[:, step]
            alpha = torch.where(mask[:, step, None], here, alpha)
        return torch.logsumexp(alpha + self.end, 1)

    def _viterbi(self, emissions: Tensor, mask: Tensor, *, legal: bool) -> tuple[Tensor, Tensor]:
        start: Tensor = self.start
        step_scores: Tensor = self.transitions
        end: Tensor = self.end
        if legal:
            start = start.masked_fill(~self.allowed_start, _FORBIDDEN)
            step_scores = step_scores.masked_fill(~self.allowed, _FORBIDDEN)
            end = end.masked_fill(~self.allowed_end, _FORBIDDEN)
        rows, steps, tags = emissions.shape
        best = start + emissions[:, 0]
        stay = torch.arange(tags, device=emissions.device).expand(rows, tags)
        origins = []
        for step in range(1, steps):
            reached, origin = (best.unsqueeze(2) + step_scores).max(1)
            there = mask[:, step, None]
            best = torch.where(there, reached + emissions[:, step], best)
            # Over padding each tag leads back to itself, so that all rows can be walked back together.
            origins.append(torch.where(there, origin, stay))
        scores, last = (best + end).max(1)
        path = [last]
        for origin in reversed(origins):
            path.append(origin.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1).masked_fill(~mask, 0), scores


def _clean(emissions: Tensor, mask: Tensor) -> Tensor:
    """Nothing at padding, so that what stands there cannot spoil a sum or a gradient."""
    return emissions.masked_fill(~mask.unsqueeze(2), 0)
