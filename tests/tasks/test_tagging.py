"""Tagging from a file to figures: what is learned, what a sentence costs, and what the batch must not change."""

from __future__ import annotations

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lstm_studio.config import RunConfig
from lstm_studio.data.start_vectors import StartVectors
from lstm_studio.data.tags import spans
from lstm_studio.errors import StudioError
from lstm_studio.runs.start import start
from lstm_studio.tasks import registry
from lstm_studio.tasks.entities import entity_figures
from tests.runs import tagged

CPU = torch.device("cpu")
TASK = registry.get("tagging")


def made(config: RunConfig):
    """Prepared data, what is kept of it, and a fresh network that computes exactly."""
    prepared = TASK.prepare(config)
    meta = TASK.meta(prepared)
    torch.manual_seed(0)
    return prepared, meta, TASK.build_model(prepared.config, meta).double().eval()


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """A data file that is not changed."""
    return tagged.write_conll(tmp_path_factory.mktemp("data") / "names.conll", tagged.sentences())


@pytest.fixture(scope="module")
def roles(tmp_path_factory):
    return tagged.write_roles(tmp_path_factory.mktemp("data") / "roles.jsonl", tagged.roles())


def final(model, prepared, part, meta):
    """The last of what an evaluation yields."""
    *waits, evaluation = TASK.evaluate(model, prepared.config, part, meta, CPU)
    assert waits
    assert not any(waits)
    return evaluation


@pytest.mark.parametrize(
    ("crf", "spelling", "cell"), [(True, "none", "lstm"), (False, "lstm", "gru"), (False, "none", "rnn")]
)
def test_a_small_grammar_is_learned(names, tmp_path, crf, spelling, cell):
    changes = {"model.crf": crf, "model.spelling": spelling, "model.cell": cell, "training.epochs": 7}
    config = tagged.config(names, **changes)
    finished = start(config, lambda event: None, folder=tmp_path / "run")
    assert finished.metrics["f1"] > 0.9
    assert 0 < finished.metrics["loss"] < 0.5
    model = TASK.build_model(config, TASK.meta(TASK.prepare(config)))
    assert (model.crf is not None, model.characters is not None) == (crf, spelling == "lstm")


@pytest.mark.parametrize("kind", ["names", "chinese", "roles"])
def test_names_characters_and_roles_are_learned(kind, tmp_path_factory):
    run = tagged.run(kind, tmp_path_factory)
    figures = json.loads((run / "results.json").read_text(encoding="utf-8"))["validation"]["metrics"]
    assert figures["f1"] > 0.9
    assert figures["accuracy"] > 0.95


def test_without_the_mark_of_the_predicate_roles_could_not_be_told_apart(roles):
    prepared, meta, model = made(tagged.config(roles))
    first, second = (TASK.collate(prepared.train, np.array([row]), CPU) for row in (0, 1))
    assert torch.equal(first.ids, second.ids)
    assert first.marks.tolist() == [[0, 0, 1, 0, 0, 0, 0, 0, 0]]
    assert second.marks.tolist() == [[0, 0, 0, 0, 0, 0, 0, 0, 1]]
    assert not torch.equal(TASK.loss(model, first, None).value, TASK.loss(model, second, None).value)
    assert meta.inventory.predicates is not None


def test_the_loss_a_word_by_hand_without_a_crf(names):
    prepared, _, model = made(tagged.config(names, **{"model.crf": False}))
    chosen = np.array([0, 1, 2])
    batch = TASK.collate(prepared.train, chosen, CPU)
    found = TASK.loss(model, batch, None)
    scores = model(batch.ids, batch.lengths, batch.spelling).emissions.detach().numpy()
    total = words = 0
    for row, place in enumerate(chosen):
        for word, tag in enumerate(prepared.train.tags_of(place)):
            own = scores[row, word]
            total += np.log(np.exp(own).sum()) - own[prepared.inventory.tags.index(tag)]
            words += 1
    assert (found.examples, found.tokens) == (3, words)
    assert found.value.item() == pytest.approx(total / words, rel=1e-5)


def test_the_loss_a_word_by_hand_with_a_crf(names):
    """The partition sum over every sequence of tags, one by one."""
    prepared, _, model = made(tagged.config(names))
    short = int(np.argmin(prepared.train.lengths))
    batch = TASK.collate(prepared.train, np.array([short]), CPU)
    scores = model(batch.ids, batch.lengths, batch.spelling).emissions[0].detach().numpy()
    start_, step, end = (p.detach().numpy() for p in (model.crf.start, model.crf.transitions, model.crf.end))

    def score(tags):
        own = sum(scores[word, tag] for word, tag in enumerate(tags))
        return start_[tags[0]] + own + sum(step[pair] for pair in itertools.pairwise(tags)) + end[tags[-1]]

    size, count = len(prepared.inventory.tags), len(scores)
    assert size**count < 5_000, "or there are too many sequences for this test"
    everything = np.log(sum(np.exp(score(tags)) for tags in itertools.product(range(size), repeat=count)))
    expected = (everything - score(batch.tags[0].tolist())) / count
    assert TASK.loss(model, batch, None).value.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("kind", ["names", "roles"])
def test_longer_neighbours_change_nothing(crf, kind, request):
    prepared, _, model = made(tagged.config(request.getfixturevalue(kind), **{"model.crf": crf}))
    part = prepared.train
    order = np.argsort(part.lengths)
    chosen = np.array([order[0], order[-1], order[len(order) // 2], order[1]])
    if kind == "names":
        assert len(set(part.lengths[chosen])) > 2
    together = TASK.collate(part, chosen, CPU)
    marks = together.marks if model.marks is not None else None
    output = model(together.ids, together.lengths, together.spelling, marks)
    best = model.decode(output.emissions, together.lengths)
    shares = model.probabilities(output.emissions, together.lengths)
    total = 0.0
    for row, place in enumerate(chosen):
        alone = TASK.collate(part, np.array([place]), CPU)
        size = int(alone.lengths)
        own_marks = alone.marks if model.marks is not None else None
        own = model(alone.ids, alone.lengths, alone.spelling, own_marks).emissions
        torch.testing.assert_close(own[0], output.emissions[row, :size], atol=1e-12, rtol=0)
        assert not output.emissions[row, size:].any()
        assert model.decode(own, alone.lengths)[0].tolist() == best[row, :size].tolist()
        torch.testing.assert_close(model.probabilities(own, alone.lengths)[0], shares[row, :size], atol=1e-6, rtol=0)
        total += TASK.loss(model, alone, None).value.item() * size
    assert TASK.loss(model, together, None).value.item() == pytest.approx(total / int(together.lengths.sum()), abs=1e-6)


@pytest.mark.parametrize("crf", [False, True])
def test_the_loss_goes_through_sixteen_bits(names, crf):
    prepared, _, model = made(tagged.config(names, **{"model.crf": crf}))
    model = model.float()
    batch = TASK.collate(prepared.train, np.arange(12), CPU)
    whole = TASK.loss(model, batch, None)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = TASK.loss(model, batch, None)
    half.value.backward()
    assert half.value.dtype == torch.float32
    assert half.value.item() == pytest.approx(whole.value.item(), rel=0.02)
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())


def test_vectors_and_tags_are_the_two_halves_of_a_run(roles):
    prepared, _, model = made(tagged.config(roles))
    batch = TASK.collate(prepared.train, np.arange(4), CPU)
    whole = model(batch.ids, batch.lengths, batch.spelling, batch.marks, trace=True)
    vectors = model.vectors(batch.ids, batch.lengths, batch.spelling, batch.marks)
    assert vectors.shape == (4, int(batch.lengths.max()), 10 + 2 * 5 + 4)
    torch.testing.assert_close(vectors[:, :, :10], model.encoder(batch.ids), atol=0, rtol=0)
    torch.testing.assert_close(vectors[:, :, -4:], model.marks(batch.marks), atol=0, rtol=0)
    half = model.tag(vectors, batch.lengths, trace=True)
    torch.testing.assert_close(half.emissions, whole.emissions, atol=0, rtol=0)
    assert [trace.direction for trace in half.traces] == ["forward", "backward"]
    with pytest.raises(ValueError, match="letters and marks"):
        model.vectors(batch.ids, batch.lengths, batch.spelling)


def test_figures_are_those_of_the_predicted_tags(names):
    prepared, meta, model = made(tagged.config(names))
    part = prepared.validation
    evaluation = final(model, prepared, part, meta)
    truth, predicted, total, words = [], [], 0.0, 0
    for place in range(len(part)):
        batch = TASK.collate(part, np.array([place]), CPU)
        emissions = model(batch.ids, batch.lengths, batch.spelling).emissions
        predicted.append([meta.inventory.tags[tag] for tag in model.decode(emissions, batch.lengths)[0]])
        truth.append(part.tags_of(place))
        total += TASK.loss(model, batch, None).value.item() * len(truth[-1])
        words += len(truth[-1])
    figures = entity_figures(truth, predicted, "IOB2")
    for name in ("f1", "precision", "recall", "accuracy"):
        assert evaluation.metrics[name] == pytest.approx(getattr(figures, name))
    assert evaluation.metrics["loss"] == pytest.approx(total / words, rel=1e-5)
    assert evaluation.details["confusion"] == figures.confusion.tolist()
    assert evaluation.details["classes"] == ["LOC", "PER", ""]
    assert evaluation.details["examples"] == len(part)
    support = sum(own["support"] for own in evaluation.details["per_class"].values())
    assert support == sum(len(spans(tags, "IOB2")) for tags in truth)
    pairs = zip(truth, predicted, strict=True)
    wrong = sum(spans(true, "IOB2") != spans(guessed, "IOB2") for true, guessed in pairs)
    assert len(evaluation.details["worst"]) == wrong > 0


def test_the_predicate_counts_as_nothing(roles):
    prepared, meta, model = made(tagged.config(roles))
    evaluation = final(model, prepared, prepared.validation, meta)
    assert evaluation.details["per_class"]["A0"]["support"] == len(prepared.validation)
    assert "V" not in evaluation.details["per_class"] or evaluation.details["per_class"]["V"]["support"] == 0
    assert all(mistake["predicate"] in (2, 8) for mistake in evaluation.details["worst"])


def test_tags_that_training_lacks_are_missed_and_leave_the_loss_alone(names, tmp_path):
    rows = tagged.sentences(16, seed=4)
    odd = [*rows, (["Anna", "likes", "Skoda"], ["B-PER", "O", "B-CAR"])]
    usual = tagged.write_conll(tmp_path / "usual.conll", rows)
    strange = tagged.write_conll(tmp_path / "strange.conll", odd)
    found = {}
    for path in (usual, strange):
        prepared, meta, model = made(tagged.config(names, **{"data.validation": str(path)}))
        found[path] = final(model, prepared, prepared.validation, meta), prepared, meta
    plain, (evaluation, prepared, meta) = found[usual][0], found[strange]
    assert meta.classes == ("LOC", "PER")
    assert prepared.validation.strange.tolist() == [False] * 16 + [True]
    assert any("CAR" in note and "line " in note for note in prepared.notes)
    assert np.isfinite(evaluation.metrics["loss"])
    assert evaluation.metrics["loss"] == pytest.approx(plain.metrics["loss"], rel=1e-6)
    assert evaluation.details["per_class"]["CAR"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}
    assert evaluation.details["examples"] == 17
    assert [2, 3, "CAR"] in next(w for w in evaluation.details["worst"] if w["index"] == 16)["truth"]


def test_only_strange_sentences_still_have_figures(names, tmp_path):
    path = tagged.write_conll(tmp_path / "strange.conll", [(["a", "Skoda"], ["O", "B-CAR"])])
    prepared, meta, model = made(tagged.config(names, **{"data.validation": str(path)}))
    evaluation = final(model, prepared, prepared.validation, meta)
    assert evaluation.metrics["loss"] == 0
    assert evaluation.metrics["recall"] == 0


@pytest.mark.parametrize("kind", ["names", "roles"])
def test_meta_survives_the_file(kind, request):
    prepared = TASK.prepare(tagged.config(request.getfixturevalue(kind)))
    meta = TASK.meta(prepared)
    again = TASK.load_meta(meta.to_json())
    for name in vars(meta.inventory):
        assert getattr(again.inventory, name) == getattr(meta.inventory, name)
    assert again.to_json() == meta.to_json()
    assert again.classes == (("LOC", "PER") if kind == "names" else ("A0", "A1", "V"))
    assert again.vocabulary_size == len(meta.vocabulary)


def damaged(text: str) -> list[str]:
    whole = json.loads(text)
    changes = [
        {"tags": []},
        {"tags": ["O", "O"]},
        {"tags": ["O", 3]},
        {"tags": None},
        {"scheme": "IOB7"},
        {"learned_scheme": []},
        {"predicates": {"words": []}},
        {"predicates": 7},
        {"tokens": ["a"]},
        {"tokens": None},
    ]
    gone = [{name: value for name, value in whole.items() if name != left} for left in ("tags", "characters", "spaced")]
    return ["", "[]", "{}", "null", text[:-30], *(json.dumps(values) for values in gone)] + [
        json.dumps({**whole, **change}) for change in changes
    ]


def test_a_damaged_file_is_a_sentence(names):
    text = TASK.meta(TASK.prepare(tagged.config(names))).to_json()
    for broken in damaged(text):
        with pytest.raises(StudioError, match="damaged") as error:
            TASK.load_meta(broken, "run/vocabulary.json")
        assert error.value.where == "run/vocabulary.json"


def test_pretrained_vectors_are_where_the_words_begin(names):
    _, meta, model = made(tagged.config(names))
    model = model.float()
    before = model.encoder.embedding.weight.detach().clone()
    rows, size = before.shape
    vectors = np.arange(rows * size, dtype=np.float32).reshape(rows, size)
    covered = np.zeros(rows, bool)
    covered[[2, 5]] = True
    TASK.initialise(model, SimpleNamespace(starts={"vectors": StartVectors(vectors, covered)}))
    after = model.encoder.embedding.weight.detach()
    np.testing.assert_array_equal(after[covered], vectors[covered])
    assert torch.equal(after[~torch.from_numpy(covered)], before[~torch.from_numpy(covered)])
    assert not after[0].any(), "padding stays zero"
    TASK.initialise(model, SimpleNamespace(starts={}))
    assert torch.equal(model.encoder.embedding.weight.detach(), after)
    bare = TASK.build_model(tagged.config(names, **{"model.encoding": "index"}), meta)
    TASK.initialise(bare, SimpleNamespace(starts={"vectors": StartVectors(vectors, covered)}))


def test_frozen_vectors_are_not_moved_and_tuned_ones_are(names, tmp_path):
    path = tagged.write_vectors(tmp_path / "vectors.txt")
    given = {word: values for word, *values in map(str.split, path.read_text(encoding="utf-8").splitlines())}
    for learn in ("frozen", "tuned"):
        changes = {"model.vectors": str(path), "model.vectors_learn": learn, "training.epochs": 1}
        config = tagged.config(names, **changes)
        folder = tmp_path / learn
        start(config, lambda event: None, folder=folder)
        from safetensors.torch import load_file

        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))["tokens"]
        weights = load_file(folder / "model.safetensors")["encoder.embedding.weight"].numpy()
        assert "elsewhere" in vocabulary, "words that only the vectors know are kept"
        close = [np.allclose(weights[vocabulary.index(word)], np.float32(values)) for word, values in given.items()]
        assert all(close) if learn == "frozen" else close.count(False) > 5


def test_learned_in_another_scheme_and_told_in_that_of_the_file(names, tmp_path):
    from lstm_studio import Predictor

    config = tagged.config(names, **{"data.learned_scheme": "BIOES"})
    finished = start(config, lambda event: None, folder=tmp_path / "run")
    assert finished.metrics["f1"] > 0.9
    predictor = Predictor(tmp_path / "run")
    assert {tag[0] for tag in predictor.answers.inventory.tags} == set("OBES")
    (found,) = predictor.predict(["Anna met Fred Hill in Rome"])
    assert list(found.frames[0].tags) == ["B-PER", "O", "B-PER", "I-PER", "O", "B-LOC"]


def test_tags_without_prefixes_are_learned_word_by_word(tmp_path):
    from lstm_studio import Predictor

    kinds = {"B-PER": "NAME", "I-PER": "NAME", "B-LOC": "NAME", "I-LOC": "NAME", "O": "WORD"}
    rows = [(words, [kinds[tag] for tag in tags]) for words, tags in tagged.sentences()]
    config = tagged.config(tagged.write_conll(tmp_path / "pos.conll", rows), **{"training.epochs": 4})
    finished = start(config, lambda event: None, folder=tmp_path / "run")
    assert finished.metrics["f1"] == pytest.approx(finished.metrics["accuracy"]), "where there is no O"
    predictor = Predictor(tmp_path / "run")
    assert predictor.classes == ("NAME", "WORD")
    (found,) = predictor.predict(["Anna went to New York"])
    assert [span.end - span.start for span in found.frames[0].spans] == [1] * 5
    trace = predictor.trace("Anna went to New York")
    np.testing.assert_allclose(trace.prefix_probabilities.sum(1), 1, atol=1e-5)


def test_a_rehearsal_and_a_probe(names, roles):
    from lstm_studio.nn.parameters import Sizes

    config = tagged.config(names)
    prepared = TASK.prepare(config)
    assert 6 <= len(TASK.probe(prepared).split()) <= 16
    sizes = Sizes(words=50, outputs=5, length=7, characters=30, marks=2)
    model, batch, extra = TASK.rehearse(config, sizes)
    loss = TASK.loss(model, batch, extra)
    loss.value.backward()
    assert (loss.examples, loss.tokens) == (8, 56)
    assert TASK.probe(TASK.prepare(tagged.config(roles))).startswith("the ")


def test_the_probe_of_a_language_without_spaces_has_none(tmp_path_factory):
    run = tagged.run("chinese", tmp_path_factory)
    prepared = TASK.prepare(tagged.config(run.parent / "chinese.conll"))
    assert " " not in TASK.probe(prepared)
    assert not prepared.inventory.spaced
