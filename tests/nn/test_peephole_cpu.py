"""The compiled steps against the plain operations: the same results, whichever is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lstm_studio.nn import kernel, peephole_cpu
from lstm_studio.nn.peephole import peephole_lstm

compiled = pytest.mark.skipif(peephole_cpu.library is None, reason="no C compiler was there")


def layer(rows: int, steps: int, inputs: int, hidden: int, scale: float = 0.3) -> list[Tensor]:
    torch.manual_seed(hidden)
    shapes = [(steps, rows, inputs), (rows, hidden), (rows, hidden), (4 * hidden, inputs), (4 * hidden, hidden)]
    shapes += [(4 * hidden,), (3, hidden)]
    given = [scale * torch.randn(shape) for shape in shapes]
    given[4] /= max(1.0, scale * hidden**0.5)  # a network that amplifies would amplify the last digit too
    return [one.requires_grad_() for one in given]


def run(given: list[Tensor], active: list[int] | None, sees: str) -> list[Tensor]:
    """Everything that comes out, and all gradients."""
    x, h0, c0, *weights = given
    h, h_n, c_n, inside = peephole_lstm(x, active, h0, c0, *weights, sees)
    torch.manual_seed(1)
    loss = sum((one * torch.randn(one.shape).to(one)).sum() for one in (h, h_n, c_n))
    return [h.detach(), h_n.detach(), c_n.detach(), *inside.values().values(), *torch.autograd.grad(loss, given)]


@pytest.mark.parametrize("variant", ["plain", "avx2", "avx512"])
@pytest.mark.parametrize("sees", ["previous", "current"])
@pytest.mark.parametrize(
    "size",
    [(1, 1, 1, 1), (3, 9, 5, 7), (16, 30, 50, 64), (5, 12, 8, 65), (4, 20, 3, 200), (70, 2, 3, 256), (1, 40, 6, 9)],
)
def test_they_are_equal(
    size: tuple[int, int, int, int], sees: str, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variant not in kernel.variants() or (library := peephole_cpu._load(variant)) is None:
        pytest.skip("not for this processor, or no C compiler was there")
    monkeypatch.setattr(peephole_cpu, "library", library)
    given = layer(*size)
    rows, steps = size[:2]
    ragged = [max(1, rows - step * rows // steps) for step in range(steps)]
    for active in (None, ragged):
        quick = run(given, active, sees)
        with monkeypatch.context() as patch:
            patch.setattr(peephole_cpu, "library", None)
            plain = run(given, active, sees)
        for one, other in zip(quick, plain, strict=True):
            # Of a sum over rows and steps the last digits depend on its order.
            torch.testing.assert_close(one, other, rtol=2e-5, atol=2e-6 * max(1.0, float(other.abs().max())))


@pytest.mark.parametrize("variant", ["plain", "avx2", "avx512"])
@pytest.mark.parametrize("size", [(16, 30, 50, 64), (32, 100, 100, 128), (64, 200, 100, 256)])
def test_they_are_exact_to_a_millionth(
    size: tuple[int, int, int, int], variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variant not in kernel.variants() or (library := peephole_cpu._load(variant)) is None:
        pytest.skip("not for this processor, or no C compiler was there")
    given = layer(*size)
    monkeypatch.setattr(peephole_cpu, "library", library)
    quick = run(given, None, "previous")
    exact = run([one.detach().double().requires_grad_() for one in given], None, "previous")
    shown = range(3, len(quick) - len(given))  # of the candidate, 2 sigmoid(2x) - 1, a digit is lost either way
    for place, (one, other) in enumerate(zip(quick, exact, strict=True)):
        most = (2e-6 if place in shown else 1e-6) * max(1.0, float(other.abs().max()))
        assert float((one.double() - other).abs().max()) <= most


@compiled
@pytest.mark.parametrize("sees", ["previous", "current"])
def test_only_what_is_asked_for(sees: str) -> None:
    """Weights that stand still, inputs and initial states that nobody asks about; more steps than a block holds."""
    given = layer(3, 300, 5, 7)
    active = [3] * 100 + [2] * 100 + [1] * 100
    names = ("x", "h0", "c0", "weight_x", "weight_h", "bias", "peephole")
    whole = dict(zip(names, run(given, active, sees)[-7:], strict=True))
    for kept in (("x",), ("weight_h",), ("c0", "bias"), ("h0", "peephole"), ("x", "weight_x")):
        for name, one in zip(names, given, strict=True):
            one.requires_grad_(name in kept)
        x, h0, c0, *weights = given
        h, h_n, c_n, _inside = peephole_lstm(x, active, h0, c0, *weights, sees)
        torch.manual_seed(1)
        loss = sum((one * torch.randn(one.shape).to(one)).sum() for one in (h, h_n, c_n))
        found = torch.autograd.grad(loss, [given[names.index(name)] for name in kept])
        for name, gradient in zip(kept, found, strict=True):
            assert torch.equal(gradient, whole[name]), name


@compiled
def test_rows_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs and gradients whose numbers stand apart give what their copies give, to the last bit."""
    given = layer(6, 11, 10, 12)
    x, h0, c0, *weights = given
    apart = torch.randn(6, 11, 20)
    odd = torch.randn(11, 12, 6)
    ways = [
        (apart[..., :10].transpose(0, 1), torch.randn(6, 11, 12).transpose(0, 1)),  # as a batch comes
        (apart[..., ::2].transpose(0, 1), odd.transpose(1, 2)),  # numbers of a row apart
        (x.detach()[:1].expand(11, 6, 10), torch.ones(12).expand(11, 6, 12)),  # the same memory again and again
    ]
    for view, back in ways:
        results = []
        for values, gradient in ((view, back), (view.contiguous(), back.contiguous())):
            asked = values.detach().requires_grad_()
            h = peephole_lstm(asked, [6] * 8 + [4] * 3, h0, c0, *weights)[0]
            results.append([h.detach(), *torch.autograd.grad(h, [asked, *weights], gradient)])
        for one, other in zip(*results, strict=True):
            assert torch.equal(one, other)


@compiled
@pytest.mark.parametrize("size", [(8, 21, 10, 16), (33, 7, 5, 12), (2, 40, 3, 20)])
def test_threads_share_out_rows(size: tuple[int, int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    given = layer(*size)
    rows, steps = size[:2]
    ragged = [max(1, rows - step * rows // steps) for step in range(steps)]
    for active in (None, ragged):
        alone = run(given, active, "previous")
        with monkeypatch.context() as patch:
            patch.setattr(peephole_cpu, "SHARED", 0)
            patch.setattr(torch, "get_num_threads", lambda: 3)
            shared = run(given, active, "previous")
            for one, other in zip(shared, run(given, active, "previous"), strict=True):
                assert torch.equal(one, other)
        for one, other in zip(alone, shared, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_shares_have_as_many_steps() -> None:
    assert peephole_cpu._edges(8, None, 2) == [0, 4, 8]
    assert peephole_cpu._edges(4, [4, 1, 1, 1, 1], 2) == [0, 1, 4]  # five steps of the first row, three of the others
    assert peephole_cpu._edges(3, [3, 3], 3) == [0, 1, 2, 3]
    assert peephole_cpu._edges(1, [1], 4)[-1] == 1


@compiled
def test_gates_to_the_last_digits_and_at_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    one = layer(8, 1, 4, 64, scale=1.0)
    quick = run(one, None, "previous")
    monkeypatch.setattr(peephole_cpu, "library", None)
    plain = run(one, None, "previous")
    for mine, other in zip(quick[:8], plain[:8], strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-6)
    monkeypatch.undo()
    for scale in (1e3, 1e30):
        ends = layer(2, 3, 4, 8, scale=scale)
        with torch.no_grad():
            states = ends[1].clamp(-1, 1), ends[2].clamp(-1, 1)
            _h, _h_n, _c_n, kept = peephole_lstm(ends[0], None, *states, *ends[3:])
        assert torch.isfinite(kept.gates).all() or scale > 1e20
        inside = kept.values()
        for name in "ifo":
            good = inside[name][inside[name].isfinite()]
            assert float(good.min()) >= 0.0
            assert float(good.max()) <= 1.0


@compiled
def test_what_is_no_number_stays_none() -> None:
    given = layer(2, 3, 4, 8)
    with torch.no_grad():
        given[0][1, 0, 0] = float("nan")
        h = peephole_lstm(given[0], None, *given[1:])[0]
    assert h[1, 0].isnan().all()
    assert h[0].isfinite().all()
    assert h[:, 1].isfinite().all()


@compiled
def test_other_kinds_of_number_take_the_plain_way() -> None:
    peephole = torch.zeros(3, 4)
    assert peephole_cpu.serves(torch.zeros(1), peephole)
    assert not peephole_cpu.serves(torch.zeros(1, dtype=torch.float64), peephole.double())
    assert not peephole_cpu.serves(torch.zeros(1), torch.zeros(3, 4, 4))
    assert not peephole_cpu.serves(torch.zeros(1, device="meta"), peephole)


def test_a_file_that_is_none_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = kernel.FOLDER / "plain.kernel"
    monkeypatch.setattr(kernel, "FOLDER", tmp_path)
    assert peephole_cpu._load() is None
    (tmp_path / f"{kernel.variants()[0]}.kernel").write_bytes(b"no library")
    assert peephole_cpu._load() is None
    if kept.exists():
        shutil.copy(kept, tmp_path)
        assert (peephole_cpu._load() is None) == (kernel.variants() == ("plain",))


def test_the_processor_decides_which_one_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"AVX512": "avx512", "AVX2": "avx2", "DEFAULT": "plain", "ZVECTOR": "plain"}
    for capability, first in known.items():
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda found=capability: found)
        assert kernel.variants()[0] == first
        assert kernel.variants()[-1] == "plain"


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.parametrize("variant", ["plain", "avx2", "avx512"])
def test_it_compiles_without_a_warning(variant: str, tmp_path: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))
    try:
        from kernel import commands, names
    finally:
        sys.path.pop(0)
    if variant not in names():
        pytest.skip("for another kind of machine")
    made = tmp_path / f"{variant}.kernel"
    command = [*commands(made, variant)[0], "-O1", "-Wall", "-Wextra", "-Werror"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert made.exists()
