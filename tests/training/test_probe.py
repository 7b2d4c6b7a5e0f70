"""When the probe is looked at, and how closely: with a clock that is turned by hand."""

from __future__ import annotations

import pytest

from lstm_studio.training.control import RunControl
from lstm_studio.training.events import GateSnapshot
from lstm_studio.training.probe import Probe


class Clock:
    """Seconds that go by only when somebody says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Live:
    """A network at which a look takes a known time."""

    def __init__(self, clock, look=0.002, flow=0.016):
        self.clock, self.takes, self.step = clock, (look, flow), 0
        self.looks, self.flows = [], []

    def snapshot(self, text):
        self.clock.now += self.takes[0]
        self.looks.append(self.clock.now)
        return GateSnapshot(self.step, text, tuple(text.split()), ())

    def flow(self, shot):
        self.clock.now += self.takes[1]
        self.flows.append(self.clock.now)
        return (f"of {shot.text} at {shot.step}",)


def watch(probe, live, clock, seconds, step=0.01):
    """Train for a while; what was seen."""
    shots = []
    until = clock.now + seconds
    while clock.now < until:
        live.step += 1
        clock.now += step
        if probe.due:
            shots.append(probe.look(whole=False))
    return shots


def test_gates_are_looked_at_ten_times_a_second_and_the_gradient_more_seldom():
    clock = Clock()
    live = Live(clock)
    probe = Probe(live, lambda: 0.1, "a good film", clock)
    assert probe.due
    shots = [probe.look(), *watch(probe, live, clock, 30)]
    assert 25 * 9 <= len(shots) <= 30 * 10
    assert 8 <= len(live.flows) <= 11
    busy = len(shots) * live.takes[0] + len(live.flows) * live.takes[1]
    assert busy < 0.03 * 30
    for shot in shots:
        assert shot.flow == (f"of a good film at {shot.flow_step}",)
        assert shot.flow_step <= shot.step
    assert len({shot.flow_step for shot in shots}) == len(live.flows)


def test_what_takes_long_is_looked_at_less_often():
    clock = Clock()
    live = Live(clock, look=0.05, flow=0.4)
    probe = Probe(live, lambda: 0.1, "a good film", clock)
    watch(probe, live, clock, 100)
    assert 30 <= len(live.looks) <= 40, "a fiftieth of the time"
    assert len(live.flows) == 2, "80 seconds apart"


def test_another_text_gets_its_own_gradient_at_once():
    clock = Clock()
    live = Live(clock)
    probe = Probe(live, lambda: 0.1, "a good film", clock)
    first = probe.look()
    clock.now += 0.2
    probe.text, live.step = "a bad film", 7
    second = probe.look(whole=False)
    assert (first.flow, first.flow_step) == (("of a good film at 0",), 0)
    assert (second.flow, second.flow_step) == (("of a bad film at 7",), 7)


def test_a_whole_look_is_whole_whenever_it_is_asked_for():
    clock = Clock()
    live = Live(clock)
    probe = Probe(live, lambda: 0.1, "a good film", clock)
    probe.look()
    live.step = 1
    assert probe.look(whole=False).flow_step == 0
    assert probe.look().flow_step == 1


@pytest.mark.parametrize(("wait", "text"), [(0.0, "a good film"), (0.1, " ")])
def test_nobody_looks_where_there_is_nothing_to_see(wait, text):
    clock = Clock()
    live = Live(clock)
    probe = Probe(live, lambda: wait, text, clock)
    assert probe.look() is None
    assert set(watch(probe, live, clock, 1)) <= {None}
    assert not live.looks


def test_whoever_watches_gets_more_looks_but_none_where_there_are_none():
    control = RunControl()
    assert control.probe_seconds(1.0) == 1.0
    control.watch(0.1)
    assert control.probe_seconds(1.0) == 0.1
    assert control.probe_seconds(0.05) == 0.05
    assert control.probe_seconds(0.0) == 0.0
    control.watch(None)
    assert control.probe_seconds(1.0) == 1.0


def test_who_begins_to_watch_need_not_wait_for_the_end_of_a_long_pause():
    clock, waits = Clock(), [3600.0]
    live = Live(clock)
    probe = Probe(live, lambda: waits[-1], "a good film", clock)
    probe.look()
    assert watch(probe, live, clock, 10) == []
    waits.append(0.1)
    assert len(watch(probe, live, clock, 1)) >= 8
    waits.append(3600.0)
    assert watch(probe, live, clock, 10) == []
