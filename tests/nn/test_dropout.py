"""Masks: the share that they silence, and what they leave."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import gradcheck

from lstm_studio.nn.dropout import Dropout, mask


@pytest.mark.parametrize("p", [0.0, 0.001, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_share_and_the_expectation(p, dtype):
    torch.manual_seed(0)
    drawn = mask(torch.empty(0, dtype=dtype), (400, 1001), p)
    assert drawn.dtype == dtype
    share = (drawn == 0).double().mean().item()
    assert share == pytest.approx(p, abs=4 * (p * (1 - p) / drawn.numel()) ** 0.5 + 1 / 65536)
    kept = drawn[drawn != 0].double()
    assert kept.min() == kept.max() == pytest.approx(1 / (1 - p), rel=0.01 if dtype == torch.bfloat16 else 1e-7)
    assert drawn.double().mean().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("place", range(4))
def test_each_quarter_of_a_draw_decides_evenly(place):
    # One number of 64 bits decides over four values: none of them may lean to a side.
    torch.manual_seed(1)
    quarter = mask(torch.empty(0), (400_000,), 0.5).view(-1, 4)[:, place]
    assert (quarter == 0).double().mean().item() == pytest.approx(0.5, abs=0.007)


def test_neighbours_know_nothing_of_each_other():
    torch.manual_seed(2)
    zero = (mask(torch.empty(0), (400_000,), 0.5) == 0).double() - 0.5
    for distance in (1, 2, 3, 4, 5, 8, 624 * 2):
        assert abs((zero[distance:] * zero[:-distance]).mean().item()) < 0.002


def test_the_same_seed_the_same_mask_on_any_number_of_threads():
    threads = torch.get_num_threads()
    found = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            torch.manual_seed(3)
            found.append(mask(torch.empty(0), (300, 70), 0.4))
            found.append(mask(torch.empty(0), (300, 70), 0.4))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(found[0], found[2])
    assert torch.equal(found[1], found[3])
    assert not torch.equal(found[0], found[1])


@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (3, 5), (2, 3, 7)])
def test_any_shape(shape):
    values = torch.full(shape, 2.0)
    found = Dropout(0.5).train()(values)
    assert found.shape == values.shape
    assert ((found == 0) | (found == 4)).all()


def test_at_rest_and_with_nothing_to_silence_the_values_pass():
    values = torch.randn(4, 5)
    assert Dropout(0.5).eval()(values) is values
    assert Dropout(0.0).train()(values) is values


def test_the_gradient_goes_through_what_is_kept():
    values = torch.randn(6, 7, dtype=torch.float64, requires_grad=True)

    def same_mask(given):
        torch.manual_seed(4)
        return Dropout(0.3).train()(given)

    assert gradcheck(same_mask, (values,))
