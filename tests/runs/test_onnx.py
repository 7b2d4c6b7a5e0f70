"""Networks as ONNX, in ONNX Runtime, against the networks themselves: every cell, every head, rows of any length."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.data.tags import legal
from lstm_studio.errors import StudioError
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.crf import LinearChainCRF
from lstm_studio.nn.decoder import DecoderOptions
from lstm_studio.nn.language_model import LanguageModel, LanguageModelOptions
from lstm_studio.nn.tagger import SequenceTagger, Spelling
from lstm_studio.nn.translator import Translator
from lstm_studio.nn.types import LSTMState
from lstm_studio.runs import onnx_graph
from lstm_studio.runs.onnx_export import export_onnx, without_folders
from lstm_studio.runs.onnx_networks import graphs_of
from lstm_studio.runs.predictor import Predictor
from tests.runs import untrained

onnxruntime = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

V, SIZES = 13, ((1, 1), (4, 9))
TAGS = ("O", "B-X", "I-X")
META = SimpleNamespace(
    vocabulary=SimpleNamespace(tokens=[str(number) for number in range(V)]),
    classes=("a", "b", "c"),
    inventory=SimpleNamespace(tags=TAGS, characters="abc"),
    units=SimpleNamespace(target=SimpleNamespace(pieces=[str(number) for number in range(V)])),
)
VARIANTS = "no_input_gate no_forget_gate no_output_gate no_input_activation no_output_activation coupled".split()
CELLS = [
    *({"cell": cell} for cell in ("gru", "rnn")),
    *(
        {"variant": variant, "peephole": peephole, "output_gate_sees": sees}
        for variant in ("none", *VARIANTS)
        for peephole in ("none", "diagonal", "full")
        for sees in (("previous",) if peephole == "none" else ("previous", "current"))
    ),
]


def network(kind, *given, **more):
    """With weights that are large enough for every gate to matter."""
    torch.manual_seed(0)
    found = kind(*given, **more)
    with torch.no_grad():
        for weight in found.parameters():
            weight.normal_(0, 0.4)
    return found.eval()


class Session:
    """A graph in ONNX Runtime."""

    def __init__(self, graph):
        content = graph.model("network", {}, "", "0")
        onnx.checker.check_model(content, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        self.own = onnxruntime.InferenceSession(content.SerializeToString(), options)
        self.needs = [port.name for port in self.own.get_inputs()]

    def __call__(self, **given):
        feed = {name: np.asarray(given[name]) for name in self.needs}
        return dict(zip([port.name for port in self.own.get_outputs()], self.own.run(None, feed), strict=True))


def rows(count, longest, seed=0):
    draw = np.random.default_rng(seed)
    lengths = draw.integers(1, longest + 1, count)
    ids = draw.integers(2, V, (count, longest))
    ids[np.arange(longest) >= lengths[:, None]] = 0
    return ids, lengths


def same(found, expected):
    np.testing.assert_allclose(found, expected.detach().numpy(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(map(str, cell.values())))
def test_every_cell_in_both_directions_and_two_layers(cell):
    place = CELLS.index(cell)
    pooling = ("last", "mean", "max", "attention")[place % 4]
    encoding = ("embedding", "one_hot", "index")[place % 3]
    config = ModelConfig(
        hidden_size=5, embedding_size=4, layers=2, bidirectional=True, pooling=pooling, encoding=encoding, **cell
    )
    model = network(TextClassifier, V, 3, config)
    session = Session(graphs_of(model, META)[0].graph)
    for size in SIZES:
        ids, lengths = rows(*size, seed=place)
        found = session(ids=ids, lengths=lengths)
        expected = model(torch.from_numpy(ids), torch.from_numpy(lengths))
        same(found["logits"], expected.logits)
        same(found["probabilities"], expected.logits.softmax(1))
        if pooling == "attention":
            same(found["attention"], model.pooling.weights)


def test_onnx_has_an_operator_for_what_it_defines():
    def kinds(**cell):
        model = network(TextClassifier, V, 3, ModelConfig(hidden_size=5, embedding_size=4, **cell))
        return {node.op_type for node in graphs_of(model, META)[0].graph.nodes}

    assert "LSTM" in kinds(peephole="none")
    assert "LSTM" in kinds(peephole="diagonal", output_gate_sees="current")
    assert "Scan" in kinds(peephole="diagonal", output_gate_sees="previous")
    assert "GRU" in kinds(cell="gru")


@pytest.mark.parametrize("crf", ["none", "free", "legal", "never"])
@pytest.mark.parametrize(("letters", "marks"), [(None, 0), (9, 2)])
def test_tags_are_those_of_the_tagger(crf, letters, marks):
    first, step, last = (torch.from_numpy(table) for table in legal(TAGS, "IOB2"))
    if crf == "never":  # only sentences of two words have a legal sequence
        first, step, last = torch.eye(3)[0] > 0, torch.outer(torch.eye(3)[0], torch.eye(3)[1]) > 0, torch.eye(3)[1] > 0
    top = {"none": None, "free": LinearChainCRF(3)}.get(crf, LinearChainCRF(3, step, first, last))
    config = ModelConfig(hidden_size=5, embedding_size=4, bidirectional=True)
    more = {"characters": letters, "character_size": 4, "marks": marks, "mark_size": 2, "crf": top}
    model = network(SequenceTagger, V, 3, config, **more)
    session = Session(graphs_of(model, META)[0].graph)
    for count, longest in (*SIZES, (3, 2)):
        ids, lengths = rows(count, longest)
        draw, there = np.random.default_rng(1), np.arange(longest) < lengths[:, None]
        sizes = draw.integers(1, 5, (count, longest))
        characters = draw.integers(2, 9, (count, longest, 4)) * (np.arange(4) < sizes[:, :, None])
        spelling = Spelling(
            torch.from_numpy(characters.reshape(-1, 4)),
            torch.from_numpy(sizes.reshape(-1)),
            torch.arange(count * longest).view(count, longest),
        )
        marked = draw.integers(0, 2, (count, longest))
        found = session(ids=ids, lengths=lengths, characters=characters, sizes=sizes * there, marks=marked)
        known = torch.from_numpy(lengths)
        given = (spelling if letters else None, torch.from_numpy(marked) if marks else None)
        emissions = model(torch.from_numpy(ids), known, *given).emissions.detach()
        same(found["emissions"], emissions)
        same(found["probabilities"], model.probabilities(emissions, known))
        np.testing.assert_array_equal(found["tags"], model.decode(emissions, known).numpy())
        if top is not None:
            same(found["scores"], top.decode(emissions, known)[1])


@pytest.mark.parametrize("cell", [{"peephole": "full"}, {"peephole": "none", "layers": 2}, {"cell": "gru"}])
@pytest.mark.parametrize(("tied", "size"), [(False, 4), (True, 4), (True, 5)])
def test_a_language_model_reads_on_from_its_state(cell, tied, size):
    config = ModelConfig(hidden_size=5, embedding_size=size, **cell)
    model = network(LanguageModel, V, config, LanguageModelOptions(tied=tied))
    session = Session(graphs_of(model, META)[0].graph)
    for count, longest in SIZES:
        ids, lengths = rows(count, longest)
        h = torch.randn(config.layers, count, 5)
        c = h / 2 + 0.1 if config.cell == "lstm" else None
        found = session(ids=ids, lengths=lengths, h=h.numpy(), c=None if c is None else c.numpy())
        read = model.read(torch.from_numpy(ids), LSTMState(h, c), torch.from_numpy(lengths))
        same(found["logits"], model.scores(read.outputs))
        same(found["next_h"], read.state.h)
        if c is not None:
            same(found["next_c"], read.state.c)


@pytest.mark.parametrize("attention", ["none", "luong_dot", "luong_general", "bahdanau"])
@pytest.mark.parametrize("fed", [False, True])
def test_a_translator_is_an_encoder_and_a_step(attention, fed):
    cell = {"cell": "gru", "layers": 2} if fed else {"layers": 2}
    config = ModelConfig(hidden_size=5, embedding_size=4, bidirectional=attention != "luong_dot", **cell)
    options = DecoderOptions(attention=attention, input_feeding=fed, tie_output=fed, tie_source=fed)
    model = network(Translator, V, V, config, options)
    encoder, decoder = (Session(part.graph) for part in graphs_of(model, META))
    for count, longest in SIZES:
        ids, lengths = rows(count, longest)
        known = {**encoder(ids=ids, lengths=lengths), "lengths": lengths}
        read = model.encode(torch.from_numpy(ids), torch.from_numpy(lengths))
        word, state = torch.full((count,), 2), read.state
        for _ in range(3):
            scores, state, weights = model.decoder.step(word, state, read.source)
            found = decoder(**known, word=word.numpy())
            same(found["logits"], scores)
            if weights is not None:
                same(found["attention"], weights)
            known |= {name.removeprefix("next_"): value for name, value in found.items()}
            word = scores.argmax(1)


def test_a_file_says_what_it_is_and_answers_as_the_run_does(tmp_path):
    run = untrained.make(tmp_path / "run")
    (file,) = export_onnx(run, tmp_path / "films.onnx")
    session = onnxruntime.InferenceSession(file)
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["labels"]) == ["negative", "positive"]
    assert json.loads(facts["tokens"])[2:] == untrained.WORDS
    assert facts["tokenizer"] == "whitespace"
    assert "ids: int64 [batch, length]" in facts["readme"]
    assert "the first 40 tokens" in facts["readme"]
    assert 'path = "films.csv"' in facts["config"]
    assert b"somebody" not in file.read_bytes()
    ids = np.array([[2 + untrained.WORDS.index(word) for word in ("好", "film", "today")]])
    found = session.run(["probabilities"], {"ids": ids, "lengths": np.array([3])})[0][0]
    own = Predictor(run).predict(["好 film today"])[0]
    np.testing.assert_allclose(found, list(own.probabilities.values()), atol=1e-5)


def test_without_the_package_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_graph, "THERE", False)
    with pytest.raises(StudioError, match="pip install onnx"):
        export_onnx(untrained.make(tmp_path / "run"), tmp_path / "films.onnx")
    with pytest.raises(StudioError, match=r"ends in \.onnx"):
        export_onnx(tmp_path / "run", tmp_path / "films.bin")


def test_folders_stay_at_home():
    values = {"a": "/home/me/x.csv", "b": ("C:\\Users\\me\\x.csv", "x.csv", "nltk:brown/train", "/"), "c": 3}
    assert without_folders(values) == {"a": "x.csv", "b": ["x.csv", "x.csv", "nltk:brown/train", "/"], "c": 3}
