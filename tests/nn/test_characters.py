"""Words read by their letters."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.nn.characters import CharacterEncoder

CHARACTERS = torch.tensor([[2, 3, 0, 0], [4, 2, 5, 3], [6, 0, 0, 0]])
SIZES = torch.tensor([2, 4, 1])
WORDS = torch.tensor([[1, 0, 1, 2], [2, 0, 0, 0]])
LENGTHS = torch.tensor([4, 1])


def encoder(**options) -> CharacterEncoder:
    torch.manual_seed(0)
    return CharacterEncoder(8, 5, 3, **options).double().eval()


@pytest.mark.parametrize(("cell", "peephole"), [("lstm", "diagonal"), ("lstm", "none"), ("gru", "none")])
def test_a_word_has_one_vector_wherever_it_stands(cell, peephole):
    network = encoder(cell=cell, peephole=peephole)
    vectors = network(CHARACTERS, SIZES, WORDS, LENGTHS)
    assert vectors.shape == (2, 4, network.output_size)
    torch.testing.assert_close(vectors[0, 0], vectors[0, 2], atol=0, rtol=0)
    torch.testing.assert_close(vectors[0, 3], vectors[1, 0], atol=0, rtol=0)
    assert torch.equal(vectors[1, 1:], torch.zeros(3, 6, dtype=torch.float64))
    for word, size in enumerate(SIZES.tolist()):
        one = torch.tensor([[0]])
        alone = network(CHARACTERS[word : word + 1, :size], SIZES[word : word + 1], one, torch.tensor([1]))
        place = tuple(torch.eq(WORDS, word).nonzero()[0].tolist())
        torch.testing.assert_close(vectors[place], alone[0, 0], atol=1e-12, rtol=0)


def test_both_ends_count():
    network = encoder()
    words, sizes = torch.tensor([[2, 3, 4], [5, 3, 4], [2, 3, 5]]), torch.tensor([3, 3, 3])
    first, other_start, other_end = network(words, sizes, torch.tensor([[0, 1, 2]]), torch.tensor([3]))[0]
    assert not torch.allclose(first, other_start)
    assert not torch.allclose(first, other_end)


def test_padding_learns_nothing_and_has_no_influence():
    network = encoder()
    network.train()
    garbage = CHARACTERS.clone()
    garbage[0, 2:] = 7
    garbage[2, 1:] = 7
    elsewhere = WORDS.clone()
    elsewhere[1, 1:] = 2
    before = network(CHARACTERS, SIZES, WORDS, LENGTHS)
    torch.testing.assert_close(network(garbage, SIZES, elsewhere, LENGTHS), before, atol=0, rtol=0)
    network(garbage, SIZES, elsewhere, LENGTHS).square().sum().backward()
    gradient = network.embedding.weight.grad
    assert gradient is not None
    assert torch.equal(gradient[[0, 1, 7]], torch.zeros(3, 5, dtype=torch.float64))
    assert bool((gradient[2:7].abs().sum(1) > 0).all())


def test_a_word_without_characters_is_refused():
    with pytest.raises(ValueError, match="lengths"):
        encoder()(CHARACTERS, torch.tensor([2, 4, 0]), WORDS, LENGTHS)
