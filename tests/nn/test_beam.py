"""Beam search against every text there is, and against a search of one row with lists."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.nn.beam import Hypothesis, SearchOptions, _top, beam_search, replace_unknown, translate
from lstm_studio.nn.decoder import END, START, DecoderOptions
from lstm_studio.nn.translator import Translator

SOURCE = torch.tensor([[5, 3, 2, 0], [4, 7, 9, 2], [8, 0, 0, 0], [2, 2, 6, 0], [9, 5, 0, 0]])
LENGTHS = torch.tensor([3, 4, 1, 3, 2])


def make(words: int = 10, **options) -> Translator:
    torch.manual_seed(1)
    config = ModelConfig(hidden_size=5, embedding_size=4, embedding_range=2.0, layers=2)
    network = Translator(12, words, config, DecoderOptions(**options)).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2)
        network.decoder.output_bias[END] = 2  # texts of all lengths
    return network


def log_probability(network: Translator, row: int, words: list[int]) -> float:
    length = LENGTHS[row : row + 1]
    found = network.loss(
        SOURCE[row : row + 1, : int(length)], length, torch.tensor([words]).long(), torch.tensor([len(words)])
    )
    return -float(found.each)


def ranked(log: float, words: int, alpha: float) -> float:
    """words: end mark included."""
    return log / ((5 + words) / 6) ** alpha


def by_lists(network: Translator, row: int, longest: int, options: SearchOptions) -> list[tuple[float, list[int]]]:
    """The search as its description says it, one text and one hypothesis at a time."""
    k = options.beams
    length = LENGTHS[row : row + 1]
    with torch.no_grad():
        encoded = network.encode(SOURCE[row : row + 1, : int(length)], length)
    alive: list[tuple[float, list[int], object]] = [(0.0, [], encoded.state)]
    ended: list[tuple[float, list[int]]] = []
    for step in range(longest + 1):
        every = []
        for log, words, state in alive:
            with torch.no_grad():
                scores, after, _ = network.decoder.step(
                    torch.tensor([words[-1] if words else START]), state, encoded.source
                )
            for word, value in enumerate(scores.log_softmax(1)[0].tolist()):
                if word in (0, START) or (step == longest and word != END) or (word == 1 and not options.unknown):
                    continue
                if options.no_repeat and word != END:
                    grams = [tuple(words[at : at + options.no_repeat]) for at in range(len(words))]
                    if (*words[len(words) - options.no_repeat + 1 :], word) in grams:
                        continue
                every.append((log + value, [*words, word], after))
        every.sort(key=lambda found: -found[0])
        ended += [
            (ranked(log, len(words), options.length_penalty), words[:-1])
            for log, words, _ in every[:k]
            if words[-1] == END
        ]
        alive = [found for found in every[: 2 * k] if found[1][-1] != END][:k]
        ended.sort(key=lambda found: -found[0])
        if len(ended) >= k or not alive:
            break
        hope = ranked(alive[0][0], longest + 1, options.length_penalty)
        if len(ended) >= options.best and ended[options.best - 1][0] >= hope:
            break
    return ended[: options.best]


@pytest.fixture(scope="module")
def every() -> list[list[tuple[float, list[int]]]]:
    """For each row the log probability of every text of up to three words."""
    network = make(6)
    texts = [list(text) for size in range(4) for text in itertools.product([1, 4, 5], repeat=size)]
    return [[(log_probability(network, row, text), text) for text in texts] for row in range(5)]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_a_wide_beam_finds_the_best_of_all_texts(every, alpha):
    network = make(6)
    options = SearchOptions(beams=400, best=5, length_penalty=alpha)
    with torch.no_grad():
        encoded = network.encode(SOURCE, LENGTHS)
    found = beam_search(network.decoder, encoded.source, encoded.state, [3] * 5, options)
    for row, known in enumerate(every):
        best = sorted(((ranked(log, len(text) + 1, alpha), text, log) for log, text in known), reverse=True)
        assert [hypothesis.words for hypothesis in found[row]] == [text for _, text, _ in best[:5]]
        for hypothesis, (score, _, log) in zip(found[row], best, strict=False):
            assert hypothesis.score == pytest.approx(score, abs=1e-10)
            assert hypothesis.log_probability == pytest.approx(log, abs=1e-10)


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(beams=1),
        SearchOptions(beams=3, best=3),
        SearchOptions(beams=4, best=2, length_penalty=0.0),
        SearchOptions(beams=3, best=2, length_penalty=1.5, no_repeat=2),
        SearchOptions(beams=2, no_repeat=1, unknown=False),
        SearchOptions(beams=12, best=4, no_repeat=3),
    ],
)
def test_it_is_the_search_of_one_text_at_a_time(options, feeding):
    network = make(input_feeding=feeding)
    found = translate(network, SOURCE, LENGTHS, replace(options, length_ratio=2.0, length_extra=3))
    for row, length in enumerate(LENGTHS.tolist()):
        wanted = by_lists(network, row, 2 * length + 3, options)
        assert [hypothesis.words for hypothesis in found[row]] == [words for _, words in wanted]
        for hypothesis, (score, words) in zip(found[row], wanted, strict=True):
            assert hypothesis.score == pytest.approx(score, abs=1e-10)
            assert hypothesis.log_probability == pytest.approx(log_probability(network, row, words), abs=1e-10)


@pytest.mark.parametrize("attention", ["none", "bahdanau"])
def test_a_text_in_a_batch_is_translated_as_alone(attention):
    network = make(attention=attention)
    options = SearchOptions(beams=3, best=3, attention=True)
    together = translate(network, torch.cat([SOURCE, SOURCE], 1), LENGTHS, options)
    for row, length in enumerate(LENGTHS.tolist()):
        (alone,) = translate(network, SOURCE[row : row + 1, :length], LENGTHS[row : row + 1], options)
        for left, right in zip(together[row], alone, strict=True):
            assert left.words == right.words
            assert left.score == pytest.approx(right.score, abs=1e-10)
            if attention == "none":
                assert left.attention is None
            else:
                torch.testing.assert_close(left.attention[:, :length], right.attention, atol=1e-10, rtol=0)
                assert float(left.attention[:, length:].abs().sum()) == 0


def test_one_beam_takes_the_most_likely_word_each_time():
    network = make()
    found = translate(network, SOURCE, LENGTHS, SearchOptions(beams=1))
    for row, length in enumerate(LENGTHS.tolist()):
        with torch.no_grad():
            encoded = network.encode(SOURCE[row : row + 1, :length], LENGTHS[row : row + 1])
            state, words = encoded.state, [START]
            while words[-1] != END and len(words) <= math.ceil(1.5 * length) + 10:
                scores, state, _ = network.decoder.step(torch.tensor(words[-1:]), state, encoded.source)
                scores[:, [0, START]] = float("-inf")
                words.append(int(scores.argmax()))
        assert found[row][0].words == [word for word in words[1:] if word != END]


def test_attention_is_that_of_reading_the_same_words():
    network = make()
    found = translate(network, SOURCE, LENGTHS, SearchOptions(beams=4, best=4, attention=True))
    for row, hypotheses in enumerate(found):
        for hypothesis in hypotheses:
            size = torch.tensor([len(hypothesis.words)])
            encoded = network.encode(SOURCE[row : row + 1], LENGTHS[row : row + 1])
            read = network.read(encoded, torch.tensor([hypothesis.words]).long(), size)
            looked = hypothesis.attention[:, : read.attention.shape[2]]
            torch.testing.assert_close(looked, read.attention[0].detach(), atol=1e-10, rtol=0)


def test_lengths_are_kept_and_nothing_is_said_twice():
    network = make()
    with torch.no_grad():
        network.decoder.output_bias[END] = -1e4
        encoded = network.encode(SOURCE, LENGTHS)
    longest = [0, 3, 7, 1, 5]
    options = SearchOptions(beams=3, best=3, no_repeat=2)
    found = beam_search(network.decoder, encoded.source, encoded.state, longest, options)
    for row, hypotheses in enumerate(found):
        assert hypotheses
        for hypothesis in hypotheses:
            assert len(hypothesis.words) == longest[row]
            assert not {0, START, END} & set(hypothesis.words)
            pairs = list(itertools.pairwise(hypothesis.words))
            assert len(pairs) == len(set(pairs))
    assert beam_search(network.decoder, encoded.source, encoded.state, [], options) == []


def test_no_rows_leave_only_when_it_pays():
    """Forty rows, most of them done early: the same as each alone."""
    network = make()
    source, lengths = SOURCE.repeat(8, 1), LENGTHS.repeat(8)
    found = translate(network, source, lengths, SearchOptions(beams=2, best=2))
    alone = translate(network, SOURCE, LENGTHS, SearchOptions(beams=2, best=2))
    for row, hypotheses in enumerate(found):
        assert [hypothesis.words for hypothesis in hypotheses] == [one.words for one in alone[row % 5]]


def test_unknown_words_are_taken_from_the_source():
    attention = torch.tensor([[0.1, 0.9, 0.0], [0.2, 0.3, 0.5], [0.0, 0.4, 0.6]])
    assert replace_unknown(["<unk>", "und"], [1, 7], attention, ["Anna", "Berta", "."]) == ["Berta", "und"]
    assert replace_unknown(["x", "<unk>"], [5, 1], attention, ["Anna", "Berta"]) == ["x", "Berta"]
    assert replace_unknown([], [], attention, ["Anna"]) == []


@pytest.mark.parametrize("words", [10, 640, 1000])
def test_the_largest_are_found_in_blocks(words):
    values = torch.randn(20, words, generator=torch.Generator().manual_seed(2))
    best, places = _top(values, 2)
    wanted = values.topk(2, 1)
    assert torch.equal(best, wanted.values)
    assert torch.equal(places, wanted.indices)


def test_what_cannot_be_is_refused():
    for wrong in ({"beams": 2, "best": 3}, {"beams": 0, "best": 0}, {"length_penalty": -1.0}, {"no_repeat": -1}):
        with pytest.raises(ValueError, match="best|negative"):
            SearchOptions(**wrong)
    assert Hypothesis([4], -1.0, -1.0).attention is None
