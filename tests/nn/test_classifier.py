"""Encoders, pooling and the whole classifier."""

from __future__ import annotations

import itertools

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.errors import StudioError
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.parameters import count_parameters, memory_bytes
from lstm_studio.nn.pooling import Pooling, padding_mask

IDS = torch.tensor([[5, 3, 2, 0, 0], [4, 7, 9, 2, 3], [8, 0, 0, 0, 0]])
LENGTHS = torch.tensor([3, 5, 1])


@pytest.mark.parametrize(
    ("encoding", "pooling", "cell"),
    list(
        itertools.product(
            ("embedding", "one_hot", "index"), ("last", "mean", "max", "attention"), ("lstm", "gru", "rnn")
        )
    ),
)
def test_a_text_in_a_batch_is_classified_as_alone(encoding, pooling, cell):
    torch.manual_seed(0)
    config = ModelConfig(encoding=encoding, pooling=pooling, cell=cell, hidden_size=6, embedding_size=4)
    model = TextClassifier(12, 3, config).double().eval()
    if encoding != "embedding":  # their vectors are float32 by nature
        model = model.float()
    logits = model(IDS, LENGTHS).logits
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model(IDS[row : row + 1, :length], LENGTHS[row : row + 1]).logits
        torch.testing.assert_close(logits[row], alone[0], atol=1e-6, rtol=0)
    garbage = IDS.clone()
    garbage[0, 3:] = 11
    garbage[2, 1:] = 6
    torch.testing.assert_close(model(garbage, LENGTHS).logits, logits, atol=0, rtol=0)


@pytest.mark.parametrize("peephole", ["none", "diagonal", "full"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("encoding", ["embedding", "one_hot", "index"])
@pytest.mark.parametrize("pooling", ["max", "attention"])
def test_parameters_are_counted_without_building(peephole, cell, encoding, pooling):
    for bidirectional, layers in ((False, 1), (True, 3)):
        config = ModelConfig(
            peephole=peephole,
            cell=cell,
            encoding=encoding,
            pooling=pooling,
            bidirectional=bidirectional,
            layers=layers,
            hidden_size=7,
            embedding_size=5,
        )
        model = TextClassifier(30, 4, config)
        assert count_parameters(config, 30, 4) == sum(p.numel() for p in model.parameters())
        assert memory_bytes(config, 30, 4, 8, 20) > 4 * 4 * count_parameters(config, 30, 4)


def test_pooling_by_hand():
    outputs = torch.tensor([[[1.0, -2.0], [3.0, -4.0], [9.0, 9.0]]])
    final = torch.tensor([[3.0, -4.0]])
    lengths = torch.tensor([2])
    assert torch.equal(Pooling("last", 2)(outputs, lengths, final), final)
    assert torch.equal(Pooling("mean", 2)(outputs, lengths, final), torch.tensor([[2.0, -3.0]]))
    assert torch.equal(Pooling("max", 2)(outputs, lengths, final), torch.tensor([[3.0, -2.0]]))
    attention = Pooling("attention", 2)
    pooled = attention(outputs, lengths, final)
    assert attention.weights[0, 2] == 0
    torch.testing.assert_close(attention.weights.sum(), torch.tensor(1.0))
    torch.testing.assert_close(pooled, (attention.weights.unsqueeze(2) * outputs).sum(1))


def test_embeddings_start_in_their_range_and_padding_at_zero():
    encoder = InputEncoder(50, ModelConfig(embedding_range=0.1))
    assert encoder.embedding.weight.abs().max() <= 0.1
    assert encoder.embedding.weight.abs().max() > 0.09
    assert (encoder.embedding.weight[0] == 0).all()
    encoder(IDS).sum().backward()
    assert (encoder.embedding.weight.grad[0] == 0).all()


def test_word_dropout_hides_words_but_not_padding_and_only_in_training():
    encoder = InputEncoder(12, ModelConfig(encoding="index", word_dropout=0.9))
    torch.manual_seed(0)
    hidden = encoder.train()(IDS.repeat(50, 1)).squeeze(2)
    padding = IDS.repeat(50, 1) == 0
    assert (hidden[padding] == 0).all()
    assert 0.85 < (hidden[~padding] == 1).float().mean() < 0.95
    assert torch.equal(encoder.eval()(IDS).squeeze(2), IDS.float())


def test_one_hot_of_a_large_vocabulary_is_refused_with_a_sentence():
    with pytest.raises(StudioError, match="One-hot encoding of 20,000 tokens"):
        InputEncoder(20_000, ModelConfig(encoding="one_hot"))


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_prefix_logits_are_those_of_the_text_cut_short(pooling, bidirectional):
    torch.manual_seed(0)
    config = ModelConfig(hidden_size=6, embedding_size=4, layers=2, pooling=pooling, bidirectional=bidirectional)
    model = TextClassifier(12, 3, config).eval()
    vectors = model.encoder(IDS[1:2]).detach()[0]
    prefixes = torch.cat([model.prefix_logits(vectors, 0, 2), model.prefix_logits(vectors, 2, 5)])
    for length in range(1, 6):
        alone = model(IDS[1:2, :length], torch.tensor([length])).logits[0]
        torch.testing.assert_close(prefixes[length - 1], alone)


def test_the_largest_has_the_gradient_that_torch_gives_it():
    """With equal ones among them, in both layouts, and padding that is larger than all of them."""
    chance = torch.Generator().manual_seed(0)
    values = torch.randint(-3, 3, (4, 7, 5), generator=chance, dtype=torch.float64)
    lengths, weights = torch.tensor([7, 1, 4, 6]), torch.randn(4, 5, generator=chance, dtype=torch.float64)
    gone = ~padding_mask(lengths, 7, values.device).unsqueeze(2)
    values.masked_fill_(gone, 9.0)
    expected = values.clone().requires_grad_()
    (expected.masked_fill(gone, float("-inf")).amax(1) * weights).sum().backward()
    for laid_out in (values.clone(), values.transpose(0, 1).contiguous().transpose(0, 1)):
        found = laid_out.requires_grad_()
        (Pooling("max", 5)(found, lengths, values[:, 0]) * weights).sum().backward()
        torch.testing.assert_close(found.grad, expected.grad, atol=0, rtol=0)
