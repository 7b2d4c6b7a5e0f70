"""The CRF against a walk over every sequence there is."""

from __future__ import annotations

import itertools

import pytest
import torch

from lstm_studio.nn.crf import LinearChainCRF

TAGS = 3
LENGTHS = torch.tensor([4, 1, 3, 2])


def layer(tags: int = TAGS, **tables: torch.Tensor) -> LinearChainCRF:
    torch.manual_seed(3)
    found = LinearChainCRF(tags, **tables).double()
    with torch.no_grad():
        for parameter in found.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return found


def emissions(rows: int = 4, steps: int = 4, tags: int = TAGS) -> torch.Tensor:
    return torch.randn(rows, steps, tags, dtype=torch.float64, generator=torch.Generator().manual_seed(7)) * 2


def scores_of_all(crf: LinearChainCRF, row: torch.Tensor) -> dict[tuple[int, ...], float]:
    """Sequence -> score, straight from the definition. row: [T, K]."""
    found = {}
    for path in itertools.product(range(crf.tags), repeat=len(row)):
        score = crf.start[path[0]] + crf.end[path[-1]] + sum(row[step, tag] for step, tag in enumerate(path))
        score = score + sum(crf.transitions[a, b] for a, b in itertools.pairwise(path))
        found[path] = float(score.detach())
    return found


def legal(crf: LinearChainCRF, path: tuple[int, ...]) -> bool:
    inner = all(bool(crf.allowed[a, b]) for a, b in itertools.pairwise(path))
    return inner and bool(crf.allowed_start[path[0]]) and bool(crf.allowed_end[path[-1]])


def test_likelihood_marginals_and_best_path_equal_brute_force():
    crf, values = layer(), emissions()
    tags = torch.randint(0, TAGS, (4, 4), generator=torch.Generator().manual_seed(1))
    likelihood = crf.log_likelihood(values, tags, LENGTHS)
    shares = crf.marginals(values, LENGTHS)
    best, score = crf.decode(values, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        every = scores_of_all(crf, values[row, :length])
        total = torch.logsumexp(torch.tensor(list(every.values()), dtype=torch.float64), 0)
        given = tuple(tags[row, :length].tolist())
        assert float(likelihood[row].detach()) == pytest.approx(every[given] - float(total), abs=1e-10)
        wanted = torch.zeros(length, TAGS, dtype=torch.float64)
        for path, value in every.items():
            for step, tag in enumerate(path):
                wanted[step, tag] += torch.exp(torch.tensor(value, dtype=torch.float64) - total)
        torch.testing.assert_close(shares[row, :length], wanted, atol=1e-10, rtol=0)
        top = max(every, key=lambda path: every[path])
        assert tuple(best[row, :length].tolist()) == top
        assert float(score[row]) == pytest.approx(every[top], abs=1e-10)
        assert best[row, length:].tolist() == [0] * (4 - length)
        assert float(shares[row, length:].abs().sum()) == 0


def test_gradients():
    crf, values = layer(), emissions().requires_grad_(True)
    tags = torch.zeros(4, 4, dtype=torch.int64)
    assert torch.autograd.gradcheck(lambda e: crf.log_likelihood(e, tags, LENGTHS), (values,))

    def of_weights(start, transitions, end):
        return torch.func.functional_call(
            _Likelihood(crf), {"crf.start": start, "crf.transitions": transitions, "crf.end": end}, (values.detach(),)
        )

    assert torch.autograd.gradcheck(of_weights, (crf.start, crf.transitions, crf.end))


class _Likelihood(torch.nn.Module):
    def __init__(self, crf: LinearChainCRF) -> None:
        super().__init__()
        self.crf = crf

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.crf.log_likelihood(values, torch.ones(4, 4, dtype=torch.int64), LENGTHS)


def test_the_gradient_of_the_partition_is_the_marginals():
    crf, values = layer(), emissions().requires_grad_(True)
    tags = torch.zeros(4, 4, dtype=torch.int64)
    (gradient,) = torch.autograd.grad(crf.log_likelihood(values, tags, LENGTHS).sum(), values)
    there = (torch.arange(4).unsqueeze(0) < LENGTHS.unsqueeze(1)).unsqueeze(2)
    truth = torch.nn.functional.one_hot(tags, TAGS).double() * there
    torch.testing.assert_close(truth - gradient, crf.marginals(values.detach(), LENGTHS), atol=1e-12, rtol=0)


def test_a_row_in_a_batch_is_scored_as_alone_and_padding_has_no_influence():
    crf, values = layer(), emissions()
    tags = torch.randint(0, TAGS, (4, 4), generator=torch.Generator().manual_seed(2))
    together = crf.log_likelihood(values, tags, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = crf.log_likelihood(values[row : row + 1, :length], tags[row : row + 1, :length], LENGTHS[row : row + 1])
        torch.testing.assert_close(together[row], alone[0], atol=1e-12, rtol=0)
    wild = values.clone()
    wild[1, 1:], wild[2, 3:], wild[3, 2:] = float("inf"), 1e30, float("nan")
    other = tags.clone()
    other[1, 1:] = 2
    wild.requires_grad_(True)
    found = crf.log_likelihood(wild, other, LENGTHS)
    torch.testing.assert_close(found, together, atol=0, rtol=0)
    (gradient,) = torch.autograd.grad(found.sum(), wild)
    assert bool(gradient.isfinite().all())
    assert float(gradient[1, 1:].abs().sum() + gradient[3, 2:].abs().sum()) == 0
    assert torch.equal(crf.decode(wild.detach(), LENGTHS)[0], crf.decode(values, LENGTHS)[0])
    torch.testing.assert_close(crf.marginals(wild.detach(), LENGTHS), crf.marginals(values, LENGTHS), atol=0, rtol=0)


@pytest.mark.parametrize("seed", range(8))
def test_decoding_keeps_to_what_is_legal(seed):
    chance = torch.Generator().manual_seed(seed)
    tables = {
        "allowed": torch.rand(TAGS, TAGS, generator=chance) > 0.4,
        "allowed_start": torch.rand(TAGS, generator=chance) > 0.3,
        "allowed_end": torch.rand(TAGS, generator=chance) > 0.3,
    }
    crf, values = layer(**tables), emissions()
    best, score = crf.decode(values, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        every = scores_of_all(crf, values[row, :length])
        fitting = {path: value for path, value in every.items() if legal(crf, path)} or every
        assert tuple(best[row, :length].tolist()) == max(fitting, key=lambda path: fitting[path])
        assert float(score[row]) == pytest.approx(max(fitting.values()), abs=1e-10)


def test_where_nothing_is_legal_the_best_of_all_is_taken():
    nothing = torch.zeros(TAGS, dtype=torch.bool)
    free, bound = layer(), layer(allowed_start=nothing)
    bound.load_state_dict({**free.state_dict(), "allowed_start": nothing})
    for left, right in zip(free.decode(emissions(), LENGTHS), bound.decode(emissions(), LENGTHS), strict=True):
        assert torch.equal(left, right)


def test_a_sequence_against_the_rules_has_a_finite_loss():
    crf = layer(allowed=torch.zeros(TAGS, TAGS, dtype=torch.bool))
    likelihood = crf.log_likelihood(emissions(), torch.zeros(4, 4, dtype=torch.int64), LENGTHS)
    assert bool(likelihood.isfinite().all())
    assert bool((likelihood < 0).all())


def test_huge_scores_stay_numbers():
    crf = layer().float()
    values = emissions().float() * 1e4
    tags, _ = crf.decode(values, LENGTHS)
    likelihood = crf.log_likelihood(values, tags, LENGTHS)
    torch.testing.assert_close(likelihood, torch.zeros(4), atol=1e-2, rtol=0)
    assert bool(crf.marginals(values, LENGTHS).isfinite().all())


def test_it_is_kept_with_its_rules_and_loads_into_a_network_built_without_numbers():
    first = layer(allowed_end=torch.tensor([True, False, True]))
    with torch.device("meta"):
        second = LinearChainCRF(TAGS)
    second.to_empty(device="cpu").double()
    second.load_state_dict(first.state_dict())
    assert second.allowed_end.tolist() == [True, False, True]
    assert torch.equal(first.decode(emissions(), LENGTHS)[0], second.decode(emissions(), LENGTHS)[0])


def test_a_table_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="allowed_end"):
        LinearChainCRF(3, allowed_end=torch.ones(4))
