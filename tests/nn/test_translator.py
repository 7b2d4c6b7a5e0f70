"""The whole network of translation."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional

from lstm_studio.config import ModelConfig
from lstm_studio.nn.decoder import END, START, DecoderOptions
from lstm_studio.nn.translator import Translator, with_end

SOURCE = torch.tensor([[5, 3, 2, 0], [4, 7, 9, 2], [8, 0, 0, 0]])
SOURCE_LENGTHS = torch.tensor([3, 4, 1])
TARGET = torch.tensor([[4, 5, 0], [6, 7, 8], [0, 0, 0]])
TARGET_LENGTHS = torch.tensor([2, 3, 0])


def make(**options) -> Translator:
    torch.manual_seed(0)
    sizes = {"hidden_size": 6, "embedding_size": 4, "embedding_range": 1.0}
    config = ModelConfig(**sizes, embedding_dropout=0.0, word_dropout=0.0, dropout=0.0)
    return Translator(12, 10, config, DecoderOptions(**options)).double().eval()


def test_the_end_mark_stands_behind_the_last_word():
    assert with_end(TARGET, TARGET_LENGTHS).tolist() == [[4, 5, END, 0], [6, 7, 8, END], [END, 0, 0, 0]]
    wild = TARGET.clone()
    wild[0, 2], wild[2] = 9, 9
    assert torch.equal(with_end(wild, TARGET_LENGTHS), with_end(TARGET, TARGET_LENGTHS))


@pytest.mark.parametrize("options", [{}, {"input_feeding": True}, {"attention": "none"}, {"tie_output": True}])
def test_the_loss_is_the_cross_entropy_of_each_word_and_the_end(options):
    network = make(**options)
    found = network.loss(SOURCE, SOURCE_LENGTHS, TARGET, TARGET_LENGTHS)
    smoothed = network.loss(SOURCE, SOURCE_LENGTHS, TARGET, TARGET_LENGTHS, smoothing=0.1)
    assert found.words == smoothed.words == 8
    torch.testing.assert_close(found.each, smoothed.each)
    torch.testing.assert_close(found.total.detach(), found.each.sum())
    total = 0.0
    for row in range(3):
        source, target = SOURCE[row : row + 1, : SOURCE_LENGTHS[row]], TARGET[row, : TARGET_LENGTHS[row]].tolist()
        encoded = network.encode(source, SOURCE_LENGTHS[row : row + 1])
        state, each = encoded.state, 0.0
        for word, right in zip([START, *target], [*target, END], strict=True):
            scores, state, _ = network.decoder.step(torch.tensor([word]), state, encoded.source)
            each -= float(scores.log_softmax(1)[0, right].detach())
            gold = torch.tensor([right])
            total += float(functional.cross_entropy(scores, gold, label_smoothing=0.1).detach())
        assert float(found.each[row]) == pytest.approx(each, abs=1e-10)
    assert float(smoothed.total.detach()) == pytest.approx(total, abs=1e-10)


@pytest.mark.parametrize("feeding", [False, True])
def test_padding_has_no_influence_on_loss_or_gradient(feeding):
    network = make(input_feeding=feeding, attention="bahdanau")

    def gradient(source, target):
        network.zero_grad()
        found = network.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS, smoothing=0.1)
        found.total.backward()
        return [found.total.detach(), *(parameter.grad.clone() for parameter in network.parameters())]

    before = gradient(SOURCE, TARGET)
    wild, other = torch.cat([SOURCE, SOURCE], 1), torch.cat([TARGET, TARGET], 1)
    for row in range(3):
        wild[row, SOURCE_LENGTHS[row] :], other[row, TARGET_LENGTHS[row] :] = 9, 9
    for left, right in zip(before, gradient(wild, other), strict=True):
        torch.testing.assert_close(left, right, atol=1e-10, rtol=0)


@pytest.mark.parametrize("feeding", [False, True])
def test_traces_of_both_sides(feeding):
    network = make(input_feeding=feeding)
    encoded = network.encode(SOURCE, SOURCE_LENGTHS, trace=True)
    assert [trace.name for trace in encoded.traces] == ["layer0.forward", "layer0.backward"]
    read = network.read(encoded, TARGET, TARGET_LENGTHS, trace=True)
    (trace,) = read.traces
    assert trace.values["c"].shape == (3, 4, 6)
    assert read.attention.shape == (3, 4, 4)
    torch.testing.assert_close(read.attention.sum(2), (torch.arange(4) <= TARGET_LENGTHS.unsqueeze(1)).double())
    assert not any(values.requires_grad for values in trace.values.values())


@pytest.mark.parametrize(
    "options",
    [
        {"attention": "bahdanau", "input_feeding": True},
        {"tie_output": True, "tie_source": True, "teacher_share": 0.8},
    ],
)
def test_it_learns_to_turn_words_around(options):
    torch.manual_seed(0)
    share = options.get("teacher_share", 1.0)
    config = ModelConfig(hidden_size=24, embedding_size=16, embedding_dropout=0.0, word_dropout=0.0, dropout=0.0)
    chosen = DecoderOptions(**{name: value for name, value in options.items() if name != "teacher_share"})
    network = Translator(9, 9, config, chosen)
    chance = torch.Generator().manual_seed(1)
    source = torch.randint(4, 9, (48, 3), generator=chance)
    lengths = torch.full((48,), 3)
    target = source.flip(1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        found = network.loss(source, lengths, target, lengths, teacher_share=share)
        (found.total / found.words).backward()
        optimizer.step()
    network.eval()
    read = network.read(network.encode(source, lengths), target, lengths)
    best = network.decoder.scores(read.states).argmax(2)
    assert float((best == with_end(target, lengths)).float().mean()) > 0.97


def test_what_is_shared_is_counted_and_kept_once():
    network = make(tie_output=True, tie_source=False)
    assert len(network.state_dict()) == len(list(network.parameters()))
    torch.manual_seed(0)
    config = ModelConfig(hidden_size=6, embedding_size=4)
    shared = DecoderOptions(tie_output=True, tie_source=True)
    network = Translator(10, 10, config, shared).eval()
    assert len(network.state_dict()) == len(list(network.parameters()))
    assert len({value.data_ptr() for value in network.state_dict().values()}) == len(network.state_dict())
    with torch.device("meta"):
        other = Translator(10, 10, config, shared)
    other = other.to_empty(device="cpu").eval()
    other.load_state_dict(network.state_dict())
    given = (SOURCE, SOURCE_LENGTHS, TARGET, TARGET_LENGTHS)
    torch.testing.assert_close(network.loss(*given).each, other.loss(*given).each)
    third = copy.deepcopy(network)
    assert third.decoder.words is third.encoder
