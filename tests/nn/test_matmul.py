"""Products are the same wherever they are made, however their factors lie."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.nn import matmul


def laid(values: torch.Tensor, turned: bool) -> torch.Tensor:
    """The same numbers, one after the other along the rows or along the columns."""
    return values.t().contiguous().t() if turned else values


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_products_are_those_of_torch(wide: bool, turned: tuple[bool, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matmul, "WIDE", wide)
    monkeypatch.setattr(matmul, "THRESHOLD", 1)
    torch.manual_seed(0)
    a, b, bias = torch.randn(37, 50), torch.randn(23, 50), torch.randn(23)
    with torch.no_grad():
        assert matmul.pays(laid(a, turned[0]), 23) == (matmul._LINEAR is not None and (wide or not turned[0]))
        found = matmul.product(laid(a, turned[0]), laid(b, turned[1]))
        torch.testing.assert_close(found, (a.double() @ b.double().t()).float(), rtol=1e-5, atol=1e-5)
        assert found.is_contiguous()
        found = matmul.affine(laid(a, turned[0]), laid(b, turned[1]), bias)
        torch.testing.assert_close(found, (a.double() @ b.double().t() + bias.double()).float(), rtol=1e-5, atol=1e-5)


def test_small_products_and_those_with_a_gradient_stay_with_torch() -> None:
    with torch.no_grad():
        assert not matmul.pays(torch.zeros(4, 4), 4)
    assert not matmul.pays(torch.zeros(4096, 4096), 4096)
