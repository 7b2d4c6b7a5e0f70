"""What a tutor would say of a run. Needs no torch."""

from __future__ import annotations

from lstm_studio.inspection import rules_course, rules_inside
from lstm_studio.inspection.evidence import SEVERITIES, Evidence, Finding, Rule

__all__ = ["RULES", "Evidence", "Finding", "diagnose"]

RULES: tuple[Rule, ...] = (
    rules_course.broken,
    rules_course.exploding,
    rules_course.too_high,
    rules_course.too_low,
    rules_course.vanishing,
    rules_inside.unmoved,
    rules_inside.dead,
    rules_inside.saturated,
    rules_inside.short_sighted,
    rules_course.overfitting,
    rules_inside.never_predicted,
    rules_inside.imbalance,
    rules_inside.unread,
    rules_course.too_soon,
)
_FOLLOWS = {"saturated", "dead", "too_soon", "never_predicted", "imbalance", "overfitting", "short_sighted"}
_EXPLAINS = {
    "broken": {"exploding", "too_high", *_FOLLOWS},
    "exploding": {"too_high", *_FOLLOWS},
    "too_high": _FOLLOWS,
    "too_low": _FOLLOWS,
    "vanishing": {"not_learning"},
    "not_learning": {"too_soon", "never_predicted", "overfitting"},
}
"""Findings that only follow from another one are not said beside it."""


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """All that there is to say, the gravest first."""
    found = [finding for rule in RULES if (finding := rule(evidence)) is not None]
    hidden = {key for finding in found for key in _EXPLAINS.get(finding.key, ())}
    kept = [finding for finding in found if finding.key not in hidden]
    return tuple(sorted(kept, key=lambda finding: SEVERITIES.index(finding.severity)))
