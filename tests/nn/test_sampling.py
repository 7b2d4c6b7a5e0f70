"""Drawing words, and texts of them."""

from __future__ import annotations

import math

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.errors import StudioError
from lstm_studio.nn.language_model import LanguageModel
from lstm_studio.nn.sampling import Sampler, generate

NEVER = float("-inf")


def log(*shares):
    return torch.tensor(shares, dtype=torch.float64).log().unsqueeze(0)


def kept(sampler, scores):
    return [row.nonzero().flatten().tolist() for row in sampler.distribution(scores)]


def brute(scores, temperature, top_k, top_p, forbidden):
    """One row by the definitions, in plain Python."""
    weights = {i: math.exp(score / temperature) for i, score in enumerate(scores) if i not in forbidden}
    order = sorted(weights, key=lambda i: (-scores[i], i))
    order = order[:top_k] if top_k else order
    total = sum(weights[i] for i in order)
    nucleus, reached = [], 0.0
    for i in order:
        nucleus.append(i)
        reached += weights[i] / total
        if reached >= top_p:
            break
    total = sum(weights[i] for i in nucleus)
    return [weights[i] / total if i in nucleus else 0.0 for i in range(len(scores))]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
@pytest.mark.parametrize(("top_k", "top_p"), [(0, 1.0), (5, 1.0), (0, 0.7), (6, 0.5), (1, 1.0), (0, 1e-9), (99, 0.99)])
@pytest.mark.parametrize("forbidden", [(), (0, 3)])
def test_the_distribution_is_that_of_the_definitions(temperature, top_k, top_p, forbidden):
    scores = torch.randn(4, 13, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 2
    found = Sampler(temperature, top_k, top_p, forbidden=forbidden).distribution(scores)
    expected = [brute(row, temperature, top_k, top_p, forbidden) for row in scores.tolist()]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), atol=1e-12, rtol=0)


def test_which_words_are_drawn_from():
    scores = log(0.1, 0.4, 0.2, 0.3)
    assert kept(Sampler(top_k=2), scores) == [[1, 3]]
    assert kept(Sampler(top_p=0.7), scores) == [[1, 3]]  # 0.4 and 0.3 reach it
    assert kept(Sampler(top_p=0.71), scores) == [[1, 2, 3]]
    assert kept(Sampler(top_p=0.4), scores) == [[1]]
    assert kept(Sampler(top_k=3, top_p=0.7), scores) == [[1, 3]]  # of 0.9: 7/9 reach it
    assert kept(Sampler(top_k=2, top_p=0.5), scores) == [[1]]  # of 0.7: 4/7 reach it
    assert kept(Sampler(temperature=0), scores) == [[1]]
    assert kept(Sampler(temperature=0, forbidden=[1]), scores) == [[3]]
    # 0.7 + 0.1 is a little less than 0.8 in binary; it has reached it all the same.
    assert kept(Sampler(top_p=0.8), log(0.1, 0.7, 0.1, 0.1)) == [[0, 1]]


def test_of_equal_words_the_first_come_first():
    scores = torch.tensor([[1.0, 2.0, 2.0, 2.0, 1.0, 3.0]])
    assert kept(Sampler(temperature=0), torch.zeros(1, 5)) == [[0]]
    assert kept(Sampler(top_k=3), scores) == [[1, 2, 5]]
    assert kept(Sampler(top_k=5), scores) == [[0, 1, 2, 3, 5]]
    assert kept(Sampler(top_p=0.5), torch.zeros(2, 8)) == [[0, 1, 2, 3]] * 2
    assert kept(Sampler(top_p=0.26, forbidden=[0]), torch.zeros(1, 9)) == [[1, 2, 3]]


def test_any_temperature_gives_numbers():
    scores = torch.tensor([[1000.0, -1000.0, 999.0, NEVER]])
    for temperature in (0.0, 1e-320, 1e-12, 1e-3, 1e6, 1e300):
        found = Sampler(temperature).distribution(scores)
        assert float(found.sum()) == pytest.approx(1)
        assert float(found[0, 3]) == 0
        assert int(found.argmax()) == 0


@pytest.mark.parametrize("options", [{}, {"temperature": 0.5}, {"top_k": 4}, {"top_p": 0.8}, {"forbidden": (2,)}])
def test_words_are_drawn_as_often_as_they_are_likely(options):
    """Chi-square over 2000 draws; 0.999 quantiles of 1 to 7 degrees of freedom."""
    quantiles = (10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32)
    scores = torch.randn(1, 8, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    sampler = Sampler(seed=7, **options)
    shares = sampler.distribution(scores)[0]
    drawn = 2000
    choice = sampler.choose(scores.expand(drawn, -1))
    counts = choice.ids.bincount(minlength=8).double()
    inside = shares > 0
    assert (counts[~inside] == 0).all()
    chi = ((counts - drawn * shares)[inside] ** 2 / (drawn * shares[inside])).sum()
    assert float(chi) < quantiles[int(inside.sum()) - 2]
    torch.testing.assert_close(choice.filtered, shares[choice.ids])
    torch.testing.assert_close(choice.plain, scores[0].softmax(0)[choice.ids])
    one = Sampler(seed=7, **options)
    stream = torch.cat([one.choose(scores).ids for _ in range(drawn)]).bincount(minlength=8).double()
    chi = ((stream - drawn * shares)[inside] ** 2 / (drawn * shares[inside])).sum()
    assert float(chi) < quantiles[int(inside.sum()) - 2]


def test_the_seed_decides_and_nothing_else():
    scores = torch.zeros(3, 1000)

    def words(seed, rows=3):
        sampler = Sampler(seed=seed)
        return torch.stack([sampler.choose(scores[:rows]).ids for _ in range(5)])

    torch.manual_seed(1)
    first = words(0)
    torch.manual_seed(2)
    assert torch.equal(first, words(0))
    assert not torch.equal(first, words(1))
    assert torch.equal(first[:, :1], words(0, rows=1))  # more samples do not change the first
    assert len(set(first.flatten().tolist())) > 10
    before = torch.get_rng_state()
    words(0)
    assert torch.equal(before, torch.get_rng_state())
    sampler = Sampler(seed=0)
    sampler.choose(scores)
    left = sampler.choose(scores[:2], [0, 2]).ids  # sample 1 has left
    assert left.tolist() == first[1, [0, 2]].tolist()
    sampler.restart()
    assert torch.equal(sampler.choose(scores).ids, first[0])


def test_words_drawn_stay_the_same_from_version_to_version():
    scores = torch.zeros(4, 100)
    sampler = Sampler(seed=11)
    assert [sampler.choose(scores).ids.tolist() for _ in range(2)] == [[79, 78, 28, 80], [71, 44, 10, 50]]


@pytest.mark.parametrize("level", [0.0, 0.5, 1 - 2**-53])
def test_no_level_draws_a_word_that_cannot_be(level, monkeypatch):
    scores = torch.tensor([[NEVER, 0.0, NEVER, 0.1, 0.2, NEVER, NEVER], [NEVER] * 6 + [0.0], [0.0] + [NEVER] * 6])
    sampler = Sampler(top_k=5)
    monkeypatch.setattr(sampler, "_draw", lambda sample: level)
    choice = sampler.choose(scores)
    assert (choice.filtered > 0).all()
    assert choice.ids.tolist()[1:] == [6, 0]
    assert choice.ids.tolist()[0] == {0.0: 1, 0.5: 3}.get(level, 4)


def test_what_cannot_be_drawn_from_is_refused():
    for wrong in ({"temperature": -1}, {"temperature": math.nan}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.1}):
        with pytest.raises(ValueError, match="must"):
            Sampler(**wrong)
    with pytest.raises(ValueError, match="forbidden"):
        Sampler(forbidden=[0, 1]).choose(torch.zeros(1, 2))
    for score in (math.nan, math.inf):
        with pytest.raises(StudioError, match="not numbers"):
            Sampler().choose(torch.tensor([[0.0, score]]))


# -- texts ---------------------------------------------------------------------------------------------------


def make(**config) -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(12, ModelConfig(hidden_size=8, embedding_size=6, embedding_range=2.0, **config)).eval()


@torch.no_grad()
def by_hand(network, prompt, longest, sampler, stop, sample):
    """One sample, word by word."""
    sampler.restart()
    state = None
    for word in prompt:
        scores, state = network.step(torch.tensor([word]), state)
    ids, plain, filtered = [], [], []
    while len(ids) < longest:
        choice = sampler.choose(scores, [sample])
        word = int(choice.ids)
        if word in stop:
            return ids, plain, filtered, "stop"
        ids.append(word)
        plain.append(float(choice.plain))
        filtered.append(float(choice.filtered))
        scores, state = network.step(choice.ids, state)
    return ids, plain, filtered, "longest"


@pytest.mark.parametrize(("cell", "peephole"), [("lstm", "diagonal"), ("lstm", "none"), ("gru", "none")])
def test_a_text_is_what_stepping_by_hand_gives(cell, peephole):
    network = make(cell=cell, peephole=peephole, layers=2)
    sampler = Sampler(1.2, top_k=9, top_p=0.95, seed=3, forbidden=(0, 1))
    prompt, stop = [5, 3, 7, 2], {4, 9}
    heard = []
    found = generate(network, prompt, 15, sampler, stop=stop, samples=6, on_token=heard.append)
    for number, sample in enumerate(found):
        ids, plain, filtered, ended = by_hand(network, prompt, 15, sampler, stop, number)
        assert (sample.ids, sample.ended) == (ids, ended)
        assert sample.plain == pytest.approx(plain, abs=1e-6)
        assert sample.filtered == pytest.approx(filtered, abs=1e-6)
        own = [token for token in heard if token.sample == number]
        assert [(t.id, t.plain, t.filtered) for t in own] == list(
            zip(sample.ids, sample.plain, sample.filtered, strict=True)
        )
    assert {sample.ended for sample in found} == {"stop", "longest"}
    assert not any({0, 1, 4, 9} & set(sample.ids) for sample in found)
    again = generate(network, prompt, 15, sampler, stop=stop, samples=2)
    assert [sample.ids for sample in again] == [sample.ids for sample in found[:2]]


def test_a_long_prompt_is_read_in_stretches(monkeypatch):
    network, sampler = make(), Sampler(seed=1)
    prompt = torch.randint(2, 12, (50,), generator=torch.Generator().manual_seed(3)).tolist()
    whole = generate(network, prompt, 10, sampler)
    monkeypatch.setattr("lstm_studio.nn.sampling._STRETCH", 7)
    assert generate(network, prompt, 10, sampler)[0].ids == whole[0].ids
    assert whole[0].ids == by_hand(network, prompt, 10, sampler, (), 0)[0]


def test_the_caller_can_halt_it():
    heard = []

    def listen(token):
        heard.append(token)
        return len(heard) == 8

    found = generate(make(), [3], 20, Sampler(seed=2), samples=3, on_token=listen)
    assert [len(sample.ids) for sample in found] == [3, 3, 2]
    assert [sample.ended for sample in found] == ["halted"] * 3
    assert [token.sample for token in heard] == [0, 1, 2, 0, 1, 2, 0, 1]


def test_greedy_needs_no_luck():
    network = make()
    one, two = generate(network, [3, 4], 12, Sampler(0, seed=1), samples=2)
    assert one.ids == two.ids == generate(network, [3, 4], 12, Sampler(0, seed=9))[0].ids
    assert one.filtered == [1.0] * 12
    assert all(0 < share < 1 for share in one.plain)


def test_nothing_long_and_nothing_to_go_on_from():
    assert generate(make(), [3], 0, Sampler())[0].ids == []
    for wrong in ({"prompt": []}, {"samples": 0}, {"longest": -1}):
        with pytest.raises(ValueError, match="prompt"):
            generate(make(), **{"prompt": [3], "longest": 2, "sampler": Sampler()} | wrong)
