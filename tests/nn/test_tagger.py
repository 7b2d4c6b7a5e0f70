"""The whole tagger: words, letters, marks, with and without a CRF."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.nn.crf import LinearChainCRF
from lstm_studio.nn.tagger import SequenceTagger, Spelling

IDS = torch.tensor([[5, 3, 2, 0], [4, 7, 9, 2], [8, 0, 0, 0]])
LENGTHS = torch.tensor([3, 4, 1])
TAGS = torch.tensor([[0, 2, 1, 0], [1, 1, 0, 2], [2, 0, 0, 0]])
MARKS = torch.tensor([[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
CHARACTERS = torch.tensor([[2, 3, 0], [4, 2, 5], [6, 0, 0]])
SIZES = torch.tensor([2, 3, 1])
WORDS = torch.tensor([[0, 1, 2, 0], [1, 1, 0, 2], [2, 0, 0, 0]])
SPELLING = Spelling(CHARACTERS, SIZES, WORDS)


def tagger(letters: bool, marks: bool, crf: bool) -> SequenceTagger:
    torch.manual_seed(0)
    config = ModelConfig(hidden_size=6, embedding_size=4, embedding_dropout=0.0, word_dropout=0.0, dropout=0.0)
    layer = LinearChainCRF(3) if crf else None
    network = SequenceTagger(
        12, 3, config, characters=7 if letters else None, character_size=3, marks=2 if marks else 0, crf=layer
    )
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return network.eval()


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize(("letters", "marks"), [(False, False), (True, False), (False, True), (True, True)])
def test_a_sentence_in_a_batch_is_tagged_as_alone(letters, marks, crf):
    network = tagger(letters, marks, crf)
    spelling, marked = SPELLING if letters else None, MARKS if marks else None
    found = network(IDS, LENGTHS, spelling, marked)
    losses = network.negative_log_likelihood(found.emissions, TAGS, LENGTHS)
    best = network.decode(found.emissions, LENGTHS)
    shares = network.probabilities(found.emissions, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        one, size = slice(row, row + 1), slice(0, length)
        spelt = Spelling(CHARACTERS, SIZES, WORDS[one, size]) if letters else None
        alone = network(IDS[one, size], LENGTHS[one], spelt, MARKS[one, size] if marks else None)
        torch.testing.assert_close(found.emissions[row, :length], alone.emissions[0], atol=1e-6, rtol=0)
        loss = network.negative_log_likelihood(alone.emissions, TAGS[one, size], LENGTHS[one])
        torch.testing.assert_close(losses[row], loss[0], atol=1e-5, rtol=0)
        assert best[row, :length].tolist() == network.decode(alone.emissions, LENGTHS[one])[0].tolist()
        torch.testing.assert_close(
            shares[row, :length], network.probabilities(alone.emissions, LENGTHS[one])[0], atol=1e-6, rtol=0
        )
        assert float(shares[row, length:].abs().sum()) == 0
        assert best[row, length:].tolist() == [0] * (4 - length)
    torch.testing.assert_close(shares.sum(2)[0, :3], torch.ones(3), atol=1e-5, rtol=0)


@pytest.mark.parametrize("crf", [False, True])
def test_tags_at_padding_have_no_influence(crf):
    network = tagger(False, False, crf)
    emissions = network(IDS, LENGTHS).emissions
    other = TAGS.clone()
    other[0, 3:] = 2
    other[2, 1:] = 1
    before = network.negative_log_likelihood(emissions, TAGS, LENGTHS)
    torch.testing.assert_close(network.negative_log_likelihood(emissions, other, LENGTHS), before, atol=0, rtol=0)


@pytest.mark.parametrize("crf", [False, True])
def test_it_learns_tags_that_depend_on_the_neighbour(crf):
    """The tag of a word is whether the word before it was an even number."""
    network = tagger(False, False, crf)
    network.train()
    chance = torch.Generator().manual_seed(1)
    ids = torch.randint(2, 12, (64, 7), generator=chance)
    lengths = torch.randint(2, 8, (64,), generator=chance)
    tags = torch.cat([torch.full((64, 1), 2), ids[:, :-1] % 2], 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        loss = network.negative_log_likelihood(network(ids, lengths).emissions, tags, lengths).mean()
        loss.backward()
        optimizer.step()
    found = network.decode(network(ids, lengths).emissions, lengths)
    there = torch.arange(7).unsqueeze(0) < lengths.unsqueeze(1)
    assert float((found == tags)[there].float().mean()) > 0.98


def test_marks_and_letters_change_the_answer():
    network = tagger(True, True, False)
    usual = network(IDS, LENGTHS, SPELLING, MARKS).emissions
    assert not torch.allclose(network(IDS, LENGTHS, SPELLING, 1 - MARKS).emissions, usual)
    other = Spelling(CHARACTERS.flip(0), SIZES.flip(0), WORDS)
    assert not torch.allclose(network(IDS, LENGTHS, other, MARKS).emissions, usual)


def test_what_is_missing_is_told():
    with pytest.raises(ValueError, match="letters and marks"):
        tagger(True, False, False)(IDS, LENGTHS)
    with pytest.raises(ValueError, match="letters and marks"):
        tagger(False, False, False)(IDS, LENGTHS, marks=MARKS)
