"""Networks that are built without numbers and filled afterwards."""

from __future__ import annotations

import pytest
import torch

from lstm_studio.config import ModelConfig
from lstm_studio.nn.blank import blank, furnish
from lstm_studio.nn.classifier import TextClassifier


def network(cell, peephole):
    config = ModelConfig(cell=cell, peephole=peephole, hidden_size=6, embedding_size=5, layers=2)
    return TextClassifier(11, 3, config)


@pytest.mark.parametrize(
    ("cell", "peephole"), [("lstm", "none"), ("lstm", "diagonal"), ("lstm", "full"), ("gru", "none")]
)
def test_filled_it_is_the_network_whose_weights_it_got(cell, peephole):
    torch.manual_seed(0)
    there = network(cell, peephole).eval()
    state = torch.get_rng_state()
    with blank():
        copy = network(cell, peephole)
    assert torch.equal(torch.get_rng_state(), state), "numbers were drawn"
    assert all(value.is_meta for value in copy.parameters())
    furnish(copy, "cpu")
    copy.load_state_dict(there.state_dict())
    copy.eval()
    ids, lengths = torch.randint(2, 11, (4, 7)), torch.tensor([7, 7, 3, 1])
    assert torch.equal(copy(ids, lengths).logits, there(ids, lengths).logits)


def test_outside_numbers_are_drawn_as_ever():
    with blank():
        network("lstm", "diagonal")
    torch.manual_seed(0)
    assert network("lstm", "diagonal").output.weight.std() > 0
