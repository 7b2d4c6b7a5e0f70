"""The session's seeds: one run from several seeds, trained as a lab is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.session_lab import LabRoom

if TYPE_CHECKING:
    from lstm_studio.config import RunConfig
    from lstm_studio.runs.ablation import Lab
    from lstm_studio.runs.store import RunStore

USUAL = 5


class SeedRoom(LabRoom):
    """A lab room for ``SeedSeries``."""

    def why_not(self) -> str:
        """Empty if a series can begin or go on; else a sentence."""
        if self.session.lab.working or self.session.sweeps.working:
            return tr("The lab is working already.")
        return super().why_not()

    def train(self, config: RunConfig, seeds: int = USUAL) -> bool:
        """Train the same settings from several seeds. Raises StudioError for too few or too many."""
        from lstm_studio.runs.seeds import plan_seeds

        return self.begin(plan_seeds(config, seeds, self.session.store))

    def _keep(self, lab: Lab, store: RunStore) -> None:
        from lstm_studio.runs.seeds import save_series

        save_series(lab, store)
