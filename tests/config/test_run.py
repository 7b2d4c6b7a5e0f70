"""RunConfig: bounds, messages, --set, and what a mistyped name is told."""

from __future__ import annotations

import typing
from typing import Any

import pytest
from pydantic import ValidationError

from lstm_studio.config import (
    ClassificationData,
    DataConfig,
    ModelConfig,
    RunConfig,
    TrainingConfig,
    assign_text,
    field_errors,
    parse,
)
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.config.section import Section
from lstm_studio.errors import StudioError

SECTIONS: list[tuple[str, type[Section]]] = [
    ("data", ClassificationData),
    ("model", ModelConfig),
    ("training", TrainingConfig),
]
BOUNDED = [
    (section, option)
    for section, kind in SECTIONS
    for option in options(kind)
    if option.minimum is not None or option.maximum is not None
]


def outside(option: OptionInfo) -> list[tuple[float, str]]:
    """Values just beyond each bound, and the words that the message must hold."""
    step = 1 if option.kind == "integer" else 0.001
    found: list[tuple[float, str]] = []
    if option.minimum is not None:
        words = "more than" if option.minimum_open else "at least"
        found.append((option.minimum if option.minimum_open else option.minimum - step, words))
    if option.maximum is not None:
        words = "less than" if option.maximum_open else "at most"
        found.append((option.maximum if option.maximum_open else option.maximum + step, words))
    return [(int(value) if option.kind == "integer" else value, words) for value, words in found]


def test_the_defaults_are_valid_and_every_task_has_its_data_section() -> None:
    config = RunConfig()
    assert config.schema_version == 2
    parsed = parse({})
    assert isinstance(parsed.data, DataConfig)
    assert isinstance(parse({"data": {}}).data, ClassificationData)


def test_data_of_a_plain_section_becomes_that_of_the_task() -> None:
    config = RunConfig(task="classification", data=DataConfig(path="a.csv", max_length=9))
    assert isinstance(config.data, ClassificationData)
    assert (config.data.path, config.data.max_length, config.data.text) == ("a.csv", 9, None)


@pytest.mark.parametrize(("section", "option"), BOUNDED, ids=lambda part: getattr(part, "name", part))
def test_values_beyond_a_bound_are_refused_at_their_field(section: str, option: OptionInfo) -> None:
    for value, words in outside(option):
        errors = field_errors({section: {option.name: value}})
        assert list(errors) == [f"{section}.{option.name}"]
        assert words in next(iter(errors.values()))
        with pytest.raises(StudioError, match=f"{section}.{option.name}: must be {words}"):
            parse({section: {option.name: value}})


@pytest.mark.parametrize(("section", "option"), BOUNDED, ids=lambda part: getattr(part, "name", part))
def test_the_bounds_themselves_are_allowed(section: str, option: OptionInfo) -> None:
    for value, is_open in ((option.minimum, option.minimum_open), (option.maximum, option.maximum_open)):
        if value is not None and not is_open:
            given: Any = int(value) if option.kind == "integer" else value
            assert field_errors({section: {option.name: given}}) == {}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": {"hidden_size": 0}}, "model.hidden_size: must be at least 1, not 0"),
        ({"model": {"hidden_size": "many"}}, "model.hidden_size: must be a whole number, not 'many'"),
        ({"model": {"hidden_size": 1.5}}, "model.hidden_size: must be a whole number, not 1.5"),
        ({"model": {"dropout": 1}}, "model.dropout: must be at most 0.95, not 1"),
        ({"model": {"dropout": "half"}}, "model.dropout: must be a number, not 'half'"),
        ({"model": {"bidirectional": "perhaps"}}, "model.bidirectional: must be true or false, not 'perhaps'"),
        ({"model": {"cell": "transformer"}}, "model.cell: must be one of lstm, gru, rnn, not 'transformer'"),
        ({"training": {"learning_rate": float("nan")}}, "training.learning_rate: must be a finite number"),
        ({"training": {"learning_rate": 0}}, "training.learning_rate: must be more than 0, not 0"),
        ({"data": {"validation_fraction": 1.0}}, "data.validation_fraction: must be less than 1, not 1.0"),
        ({"data": {"path": 3}}, "data.path: must be text, not 3"),
        ({"data": {"text": []}}, "data.text: must be"),
        ({"task": "poetry"}, "task: must be one of classification"),
        (
            {"model": {"hiden_size": 3}},
            r"model.hiden_size: there is no such setting \(did you mean model.hidden_size\?\)",
        ),
        ({"modle": {}}, r"modle: there is no such setting \(did you mean model\?\)"),
        ({"data": {"zzz": 1}}, "data.zzz: there is no such setting"),
        ({"model": 3}, "model"),
        ({"data": 3}, "data"),
    ],
)
def test_messages_say_which_field_and_what_it_may_be(values: dict[str, Any], message: str) -> None:
    with pytest.raises(StudioError, match=message) as caught:
        parse(values, "run.toml")
    assert str(caught.value).startswith("run.toml: The configuration is not valid")
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_all_wrong_fields_are_named_at_once() -> None:
    values = {"model": {"layers": 0, "dropout": 2}, "training": {"epochs": 0}}
    assert set(field_errors(values)) == {"model.layers", "model.dropout", "training.epochs"}
    with pytest.raises(StudioError) as caught:
        parse(values)
    for name in field_errors(values):
        assert name in str(caught.value)


def test_configurations_do_not_change() -> None:
    config = RunConfig()
    with pytest.raises(ValidationError):
        config.task = "other"
    with pytest.raises(ValidationError):
        config.model.layers = 2


def test_replace_gives_a_changed_copy() -> None:
    config = parse({"data": {"path": "a.csv", "text": 0}})
    changed = config.replace(**{"model.hidden_size": 7, "data.label": "y", "training.early_stopping": 3})
    assert (changed.model.hidden_size, changed.training.early_stopping) == (7, 3)
    assert isinstance(changed.data, ClassificationData)
    assert (changed.data.text, changed.data.label) == (0, "y")
    assert config.model.hidden_size == ModelConfig().hidden_size


@pytest.mark.parametrize(
    ("assignment", "section", "field", "value"),
    [
        ("model.hidden_size=256", "model", "hidden_size", 256),
        ("model.dropout = 0.25", "model", "dropout", 0.25),
        ("training.learning_rate=1e-3", "training", "learning_rate", 1e-3),
        ("model.bidirectional=false", "model", "bidirectional", False),
        ("model.cell=gru", "model", "cell", "gru"),
        ('model.cell="gru"', "model", "cell", "gru"),
        ("data.text=0", "data", "text", 0),
        ("data.text=review text", "data", "text", "review text"),
        ("data.text=评论", "data", "text", "评论"),
        ("data.path=C:\\data\\a=b.csv", "data", "path", "C:\\data\\a=b.csv"),
        ("data.delimiter=;", "data", "delimiter", ";"),
        ('data.delimiter="\\t"', "data", "delimiter", "\t"),
        ("data.max_length=none", "data", "max_length", None),
        ("training.early_stopping=none", "training", "early_stopping", None),
    ],
)
def test_set_reads_values_as_people_write_them(assignment: str, section: str, field: str, value: Any) -> None:
    start = parse({"data": {"max_length": 5}, "training": {"early_stopping": 2}})
    found = getattr(getattr(assign_text(start, assignment), section), field)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("model.hidden_size", "has no value"),
        ("model.hidden_siz=3", "Did you mean model.hidden_size"),
        ("hidden_size=3", "no setting called hidden_size"),
        ("model.hidden_size.deep=3", "no setting called"),
        ("model.hidden_size=0", "must be at least 1"),
        ("model.hidden_size=none", "must be a whole number"),
        ("model.cell=none", "must be one of"),
        ("=3", "no setting called"),
    ],
)
def test_set_refuses_what_is_wrong(assignment: str, message: str) -> None:
    with pytest.raises(StudioError, match=message):
        assign_text(parse({"data": {}}), assignment)


@pytest.mark.parametrize(("section", "kind"), SECTIONS)
def test_every_option_is_described(section: str, kind: type[Section]) -> None:
    described = options(kind)
    assert [option.name for option in described] == list(kind.model_fields)
    for option in described:
        assert option.title, option.name
        assert option.title[0].isupper(), option.name
        assert option.title == option.title.strip()
        assert len(option.title.split()) <= 5, option.name
        assert option.help.endswith((".", "?")), option.name
        assert option.level in {"essential", "advanced", "hidden"}
        for name, values in option.when.items():
            assert name in kind.model_fields
            allowed = next(other for other in described if other.name == name)
            assert set(values) <= {*allowed.choices, None, True, False}
        if option.kind == "choice":
            assert set(option.labels) <= set(map(str, option.choices))
            assert option.default is None or option.default in option.choices
            assert len({option.label(choice) for choice in option.choices}) == len(option.choices)
        if option.kind in {"integer", "number"}:
            assert option.minimum is not None, option.name
            assert option.maximum is not None, option.name
        # None needs words of its own in the form, and no other option may be None.
        may_be_none = type(None) in typing.get_args(typing.get_type_hints(kind)[option.name])
        assert bool(option.automatic) == (may_be_none and option.name != "preset"), option.name


def test_kinds_and_choices_are_read_off_the_types() -> None:
    found = {option.name: option for _, kind in SECTIONS for option in options(kind)}
    assert found["hidden_size"].kind == "integer"
    assert found["dropout"].kind == "number"
    assert found["bidirectional"].kind == "boolean"
    assert found["text"].kind == "text"
    assert found["cell"].choices == ("lstm", "gru", "rnn")
    assert found["cell"].label("gru") == "GRU"
    assert found["tokenizer"].kind == "choice"
    assert found["max_length"].kind == "integer"
    assert found["validation_fraction"].minimum_open
    assert found["learning_rate"].logarithmic


def test_options_apply_only_where_they_matter() -> None:
    peephole = next(option for option in options(ModelConfig) if option.name == "peephole")
    assert peephole.applies(ModelConfig(cell="lstm"))
    assert not peephole.applies(ModelConfig(cell="gru"))
    fraction = next(option for option in options(ClassificationData) if option.name == "validation_fraction")
    assert fraction.applies(ClassificationData())
    assert not fraction.applies(ClassificationData(validation="dev.csv"))
