"""Settings that are each right and cannot stand together."""

from __future__ import annotations

import pytest

from lstm_studio.config import RunConfig, assign_text, field_errors, parse
from lstm_studio.config.presets import PRESETS, apply, begin, matching, presets_of
from lstm_studio.errors import StudioError

DOT = {"task": "translation", "model": {"attention": "luong_dot"}}


def test_dot_product_needs_a_reader_of_one_direction() -> None:
    with pytest.raises(StudioError) as caught:
        parse(DOT, where="a.toml")
    assert "model.attention: Luong's dot product needs queries and memory of one size" in str(caught.value)
    assert "a.toml" in str(caught.value)
    assert list(field_errors(DOT)) == ["model.attention"]
    parse({"task": "translation", "model": {"attention": "luong_dot", "bidirectional": False}})
    parse({"model": {"attention": "luong_dot"}})  # a task that has no attention of this kind


def test_shared_vectors_need_one_vocabulary() -> None:
    config = parse({"task": "translation", "model": {"tied": "all"}})
    with pytest.raises(StudioError, match=r"model\.tied: To share the vectors"):
        config.replace(**{"data.vocabularies": "separate"})
    config.replace(**{"data.vocabularies": "joint"})
    # Without trained vectors there is nothing to share, and the setting is not shown.
    config.replace(**{"data.vocabularies": "separate", "model.encoding": "one_hot"})


def test_other_mistakes_are_told_too() -> None:
    found = field_errors({"task": "translation", "data": {"vocabularies": "none"}, "model": {"attention": "luong_dot"}})
    assert "data.vocabularies" in found
    assert list(field_errors({"task": "magic", "model": {"attention": "luong_dot"}})) == ["task"]


def test_assignments_only_fit_together_when_all_are_set() -> None:
    config = RunConfig(task="translation")
    with pytest.raises(StudioError):
        assign_text(config, "model.attention=luong_dot")
    both = assign_text(config, "model.attention=luong_dot", "model.bidirectional=false")
    assert both.model.attention == "luong_dot"
    assert assign_text(config) == config
    assert assign_text(config, "model.layers=2", "model.layers=3").model.layers == 3


@pytest.mark.parametrize("preset", presets_of("translation"), ids=lambda preset: preset.name)
def test_presets_of_networks_that_write(preset) -> None:
    applied = apply(RunConfig(task="translation"), preset.name)
    assert matching(applied, preset.name) == preset.name
    assert parse(applied.model_dump()) == applied
    for name, value in preset.model.items():
        assert getattr(applied.model, name) == value


def test_a_preset_stands_instead_of_another() -> None:
    names = [preset.name for preset in presets_of("translation")]
    assert names[0] == "recommended"
    assert "fast" not in names
    assert {"small_fast", "luong_2015"} <= set(names)
    assert "small_fast" not in [preset.name for preset in presets_of("classification")]
    assert all(not preset.instead or preset.task for preset in PRESETS)
    before, after = apply(RunConfig(), "fast"), RunConfig(task="translation")
    assert begin(after, before).preset == "small_fast"
    assert begin(RunConfig(), begin(after, before)).preset == "fast"
    assert begin(RunConfig(), apply(after, "luong_2015")).preset == "recommended"
