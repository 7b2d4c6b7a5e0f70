"""The decoder: all at once, step by step, and as the papers write it."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.nn.decoder import START, Decoder, DecoderOptions, DecoderState
from lstm_studio.nn.encoding import InputEncoder
from lstm_studio.nn.types import LSTMState

CELLS = [("lstm", "none"), ("lstm", "diagonal"), ("lstm", "full"), ("gru", "none"), ("rnn", "none")]
ATTENTION = ["none", "bahdanau", "luong_dot", "luong_general"]
WORDS = torch.tensor([[2, 5, 7, 4], [2, 9, 0, 0], [2, 6, 8, 0]])
LENGTHS = torch.tensor([4, 2, 3])
SOURCE_LENGTHS = torch.tensor([3, 5, 1])
V, H = 11, 4


def config(cell="lstm", peephole="diagonal", **more) -> ModelConfig:
    quiet = {"embedding_size": 4, "dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0, "embedding_range": 1.0}
    return ModelConfig(cell=cell, peephole=peephole, hidden_size=H, **(quiet | more))


def make(settings: ModelConfig, source: InputEncoder | None = None, **options) -> Decoder:
    torch.manual_seed(0)
    return Decoder(V, settings, DecoderOptions(**options), source).double().eval()


def encoded(decoder: Decoder, settings: ModelConfig):
    chance = torch.Generator().manual_seed(3)
    directions = 2 if settings.bidirectional else 1

    def numbers(*shape):
        return torch.randn(*shape, generator=chance, dtype=torch.float64)

    h = numbers(settings.layers * directions, 3, H)
    c = numbers(settings.layers * directions, 3, H) if settings.cell == "lstm" else None
    return decoder.begin(numbers(3, 5, H * directions), SOURCE_LENGTHS, LSTMState(h, c))


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize("attention", ATTENTION)
@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_step_by_step_gives_what_all_at_once_gives(cell, peephole, attention, feeding):
    settings = config(cell, peephole, layers=2, bidirectional=attention != "luong_dot")
    decoder = make(settings, attention=attention, input_feeding=feeding)
    source, state = encoded(decoder, settings)
    whole = decoder(WORDS, LENGTHS, source, state)
    scores = decoder.scores(whole.states)
    for place in range(WORDS.shape[1]):
        here, state, looked = decoder.step(WORDS[:, place], state, source)
        real = place < LENGTHS
        torch.testing.assert_close(here[real], scores[real, place], atol=1e-10, rtol=0)
        if attention == "none":
            assert looked is None
            assert whole.attention is None
        else:
            torch.testing.assert_close(looked[real], whole.attention[real, place], atol=1e-10, rtol=0)


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize("peephole", ["diagonal", "full"])
def test_it_is_what_the_papers_write(peephole, feeding):
    """One layer, one direction, dot attention, the first row, straight from the equations."""
    settings = config(peephole=peephole, bidirectional=False)
    decoder = make(settings, attention="luong_dot", input_feeding=feeding)
    chance = torch.Generator().manual_seed(5)
    outputs, h, c = (
        torch.randn(*size, generator=chance, dtype=torch.float64) for size in ((1, 3, H), (1, 1, H), (1, 1, H))
    )
    source, state = decoder.begin(outputs, torch.tensor([3]), LSTMState(h, c))
    found = decoder(WORDS[:1], LENGTHS[:1], source, state)
    cell = decoder.recurrent.layers[0][0]

    def look(gate, memory):
        return cell.peephole[gate] @ memory if peephole == "full" else cell.peephole[gate] * memory

    bridge_h, bridge_c = decoder.bridge_h[0], decoder.bridge_c[0]
    h = torch.tanh(bridge_h.weight @ h[0, 0] + bridge_h.bias)
    c = bridge_c.weight @ c[0, 0] + bridge_c.bias
    fed = torch.zeros(H, dtype=torch.float64)
    for place, word in enumerate(WORDS[0].tolist()):
        x = decoder.words.embedding.weight[word]
        x = torch.cat([x, fed]) if feeding else x
        i, f, g, o = (cell.weight_x @ x + cell.weight_h @ h + cell.bias).chunk(4)
        i, f, o = torch.sigmoid(i + look(0, c)), torch.sigmoid(f + look(1, c)), torch.sigmoid(o + look(2, c))
        c = f * c + i * torch.tanh(g)
        h = o * torch.tanh(c)
        weights = torch.softmax(outputs[0] @ h, 0)
        fed = torch.tanh(decoder.combine.weight @ torch.cat([weights @ outputs[0], h]))
        torch.testing.assert_close(found.states[0, place], fed, atol=1e-10, rtol=0)
        torch.testing.assert_close(found.attention[0, place], weights, atol=1e-10, rtol=0)
        torch.testing.assert_close(
            decoder.scores(found.states)[0, place],
            decoder.output_weight @ fed + decoder.output_bias,
            atol=1e-10,
            rtol=0,
        )


def test_without_attention_each_step_reads_the_last_state_of_the_source():
    settings = config()
    decoder = make(settings, attention="none")
    source, state = encoded(decoder, settings)
    assert source.memory is None
    states = decoder(WORDS, LENGTHS, source, state).states
    other = decoder(WORDS, LENGTHS, source._replace(final=source.final + 1), state).states
    assert bool((states != other)[0].any(1).all())


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize(("cell", "peephole"), CELLS)
def test_each_row_gives_what_it_gives_alone_with_its_traces(cell, peephole, feeding):
    settings = config(cell, peephole, layers=2)
    decoder = make(settings, input_feeding=feeding)
    source, state = encoded(decoder, settings)
    together = decoder(WORDS, LENGTHS, source, state, trace=True)
    for row, length in enumerate(LENGTHS.tolist()):
        one = torch.tensor([row])
        alone = decoder(WORDS[one, :length], LENGTHS[one], source.select(one), state.select(one), trace=True)
        torch.testing.assert_close(together.states[row, :length], alone.states[0], atol=1e-10, rtol=0)
        torch.testing.assert_close(together.attention[row, :length], alone.attention[0], atol=1e-10, rtol=0)
        assert float(together.states.detach()[row, length:].abs().sum()) == 0
        assert float(together.attention.detach()[row, length:].abs().sum()) == 0
        for left, right in zip(together.traces, alone.traces, strict=True):
            assert left.name == right.name
            assert set(left.values) == set(right.values)
            for name, values in left.values.items():
                torch.testing.assert_close(values[row, :length], right.values[name][0], atol=1e-10, rtol=0)
                assert float(values[row, length:].abs().sum()) == 0
    assert [trace.name for trace in together.traces] == ["layer0.forward", "layer1.forward"]


def test_input_feeding_traces_equal_those_of_the_kernel():
    """With no weight on what is fed, both ways are the same network."""
    settings = config(layers=2)
    fast, slow = make(settings), make(settings, input_feeding=True)
    numbers = fast.state_dict()
    name = "recurrent.layers.0.0.weight_x"
    numbers[name] = torch.cat([numbers[name], torch.zeros(4 * H, H, dtype=torch.float64)], 1)
    slow.load_state_dict(numbers)
    ways = [decoder(WORDS, LENGTHS, *encoded(decoder, settings), trace=True) for decoder in (fast, slow)]
    torch.testing.assert_close(ways[0].states, ways[1].states, atol=1e-10, rtol=0)
    for left, right in zip(ways[0].traces, ways[1].traces, strict=True):
        for gate, values in left.values.items():
            torch.testing.assert_close(values, right.values[gate], atol=1e-10, rtol=0)


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize("attention", ["none", "bahdanau", "luong_general"])
def test_beams_share_a_row_of_the_source(attention, feeding):
    settings = config()
    decoder = make(settings, attention=attention, input_feeding=feeding)
    source, state = encoded(decoder, settings)
    rows = torch.arange(3).repeat_interleave(2)
    words = torch.tensor([2, 5, 7, 4, 9, 6])
    shared = decoder.step(words, state.select(rows), source)
    copied = decoder.step(words, state.select(rows), source.select(rows))
    torch.testing.assert_close(shared[0], copied[0], atol=1e-12, rtol=0)
    torch.testing.assert_close(shared[1].recurrent.h, copied[1].recurrent.h, atol=1e-12, rtol=0)
    if attention != "none":
        torch.testing.assert_close(shared[2], copied[2], atol=1e-12, rtol=0)


@pytest.mark.parametrize("feeding", [False, True])
def test_scheduled_sampling_reads_its_own_words(feeding):
    settings = config()
    decoder = make(settings, input_feeding=feeding)
    source, state = encoded(decoder, settings)
    own = decoder(WORDS, LENGTHS, source, state, teacher_share=0.0)
    best = decoder.scores(own.states).argmax(2)
    assert own.words[:, 0].tolist() == [START] * 3
    for row, length in enumerate(LENGTHS.tolist()):
        assert own.words[row, 1:length].tolist() == best[row, : length - 1].tolist()
    true = decoder(WORDS, LENGTHS, source, state)
    assert torch.equal(true.words, WORDS)
    torch.manual_seed(1)
    some = decoder(WORDS.repeat(1, 30), torch.full((3,), 120), source, state, teacher_share=0.7).words
    assert 0.6 < float((some == WORDS.repeat(1, 30))[:, 1:].float().mean()) < 0.9
    decoder.scores(own.states).sum().backward()
    assert decoder.combine.weight.grad is not None


def test_the_output_layer_can_be_the_embedding_and_both_the_source():
    settings = config(embedding_size=6)
    reader = InputEncoder(V, settings).double()
    for options in ({"tie_output": True}, {"tie_output": True, "tie_source": True}, {"tie_source": True}):
        decoder = make(settings, reader, **options)
        assert decoder.output_size == (6 if "tie_output" in options else H)
        source, state = encoded(decoder, settings)
        scores = decoder.scores(decoder(WORDS, LENGTHS, source, state).states)
        assert scores.shape == (3, 4, V)
        scores.sum().backward()
        assert float(decoder.words.embedding.weight.grad.abs().sum()) > 0
        names = set(dict(decoder.named_parameters()))
        assert ("output_weight" in names) == ("tie_output" not in options)
        assert ("embedding.embedding.weight" in names) == ("tie_source" not in options)
        assert len(decoder.state_dict()) == len(names)
    shared = make(settings, reader, tie_source=True, tie_output=True)
    assert shared.output is reader.embedding.weight


@pytest.mark.parametrize("feeding", [False, True])
def test_gradients_reach_everything_and_are_the_same_both_ways(feeding):
    settings = config()
    decoder = make(settings, attention="bahdanau", input_feeding=feeding)
    weight = torch.randn(3, 4, V, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    weight = weight * (torch.arange(4) < LENGTHS.unsqueeze(1)).unsqueeze(2)
    parameters = dict(decoder.named_parameters())
    source, state = encoded(decoder, settings)
    whole = (decoder.scores(decoder(WORDS, LENGTHS, source, state).states) * weight).sum()
    first = torch.autograd.grad(whole, list(parameters.values()))
    source, state = encoded(decoder, settings)
    total = torch.zeros((), dtype=torch.float64)
    for place in range(4):
        scores, state, _ = decoder.step(WORDS[:, place], state, source)
        total = total + (scores * weight[:, place]).sum()
    second = torch.autograd.grad(total, list(parameters.values()))
    for name, left, right in zip(parameters, first, second, strict=True):
        torch.testing.assert_close(left, right, atol=1e-10, rtol=0, msg=name)
        assert float(left.abs().sum()) > 0, name


def test_a_state_can_be_rearranged():
    state = DecoderState(LSTMState(torch.arange(6.0).view(1, 3, 2), None), torch.arange(3.0).view(3, 1))
    chosen = state.select(torch.tensor([2, 0, 0, 1]))
    assert chosen.recurrent.h[0, :, 0].tolist() == [4, 0, 0, 2]
    assert chosen.recurrent.c is None
    assert chosen.fed.flatten().tolist() == [2, 0, 0, 1]


def test_what_cannot_be_shared_is_told():
    settings = config()
    with pytest.raises(ValueError, match="same vocabulary"):
        make(settings, InputEncoder(V + 1, settings), tie_source=True)
    with pytest.raises(ValueError, match="same vocabulary"):
        make(settings, tie_source=True)
    with pytest.raises(ValueError, match="luong_dot"):
        make(settings, attention="luong_dot")
