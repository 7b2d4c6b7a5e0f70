"""The frame of the measurements: turns, goals, files, the table."""

from __future__ import annotations

import json

import pytest
from figures import Row, gather, in_turns, keep, machine, ratio, read, single, spread, table


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("LSTM_STUDIO_BENCH", str(tmp_path / "bench"))
    return tmp_path / "bench"


def test_sides_take_turns_there_and_back():
    order = []

    def side(name):
        return lambda: order.append(name) or float(len(order))

    taken = in_turns({"a": side("a"), "b": side("b")}, 2, warm_up=1)
    assert "".join(order) == "ababba"
    assert taken == {"a": [3.0, 6.0], "b": [4.0, 5.0]}


def test_ratios_are_read_as_the_goal_states_them():
    slower = ratio(1, "layer", [0.3, 0.2, 0.1], [0.1, 0.1, 0.4], "torch", "ms", scale=1e3, most=1.0)
    assert (slower.figure, slower.peer_figure, slower.ratio) == (pytest.approx(200), pytest.approx(100), 2.0)
    assert slower.met is False
    assert slower.goal == "≤ 1x"
    faster = ratio(6, "beam", [1.0], [9.0], "one by one", "s", least=8.0)
    assert (faster.ratio, faster.met, faster.repetitions) == (9.0, True, 1)


def test_figures_without_a_peer_are_judged_themselves():
    assert single(6, "letters", [1200.0, 900.0, 1100.0], "a second", least=1000).met is True
    assert single(5, "late", [0.009], "ms", scale=1e3, most=8).met is False
    assert single(0, "besides", [1.0], "s").met is None


def test_spread_is_half_the_quartiles_by_the_median():
    assert spread([8.0, 9.0, 10.0, 11.0, 12.0]) == pytest.approx(0.1)
    assert spread([1.0, 5.0]) == 0


def test_files_come_together_in_one_table(place):
    keep("window", [single(5, "heartbeat", [0.007], "ms", scale=1e3, most=8, note="offscreen")], {"rounds": 5})
    keep("layer", [ratio(1, "small", [2.0], [1.0], "torch.nn.LSTM", "s", most=1.0)])
    told, rows = read("window")
    assert rows == [Row(5, "heartbeat", 7.0, "ms", most=8, note="offscreen")]
    assert told["rows"][0]["met"] is True
    assert told["machine"]["cores"] == machine()["cores"]
    found = gather()
    assert [name for name, _ in found] == ["layer", "window"]
    everything = json.loads((place / "bench.json").read_text(encoding="utf-8"))
    assert set(everything["parts"]) == {"layer", "window"}
    text = table([row for _, row in found])
    small, heartbeat = text.splitlines()[1:3]
    assert "2.00x" in small
    assert "no *" in small
    assert "7 ms" in heartbeat
    assert "heartbeat [1]" in text
    assert text.endswith("[1] offscreen")
    assert table([row for _, row in found], markdown=True).count("\n|") == 3
    assert [name for name, _ in gather(["layer"])] == ["layer"]
