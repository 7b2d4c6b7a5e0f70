"""What the samples for translation and summaries share: distinct pairs, and templates with gaps and choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lstm_studio.data.samples_tagged import Chance


def distinct(make: Callable[[Chance], tuple[str, str]], rows: int, chance: Chance) -> list[tuple[str, str]]:
    """So many pairs, each source once as long as there are new ones."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    tries = 0
    while len(found) < rows:
        source, target = make(chance)
        tries += 1
        if source not in seen or tries > 20 * rows:
            seen.add(source)
            found.append((source, target))
    return found


def filled(template: str, facts: Mapping[str, object], chance: Chance) -> str:
    """A template with one of the parts of each ``(a|b|)``, inner ones first, and facts for ``{names}``."""
    while (end := template.find(")")) >= 0:
        start = template.rindex("(", 0, end)
        template = template[:start] + chance.choice(template[start + 1 : end].split("|")) + template[end + 1 :]
    return " ".join(template.format(**facts).split()).replace(" .", ".")
