"""The table of kinds as a document: docs/kinds.md, which ``flask kinds`` prints. Pure."""

import enum
from collections.abc import Callable, Iterator

from .kinds import KINDS, Capability, KindSpec, Point

HEAD = """# Kinds of activities

What a kind is: capabilities and defaults on the same objects. `kexie_events/events/kinds.py` is the only place that
knows kinds; everything else asks `can(kind, Capability.…)` or takes a default. A new kind is one more row there, with
its label; then print this page again: `flask kinds > docs/kinds.md`. How long things take is a habit, not a rule: an
edition starts with these milestones where its organiser ticks them, and each can be changed. Source:
docs/sources.md#timelines
"""


def markdown(label: Callable[[enum.Enum], str]) -> str:
    """The whole page; ``label`` says what a member is called."""
    return "\n".join([HEAD, *_capabilities(label), "", *_rows(label), "", *_starts(label)]) + "\n"


def _capabilities(label: Callable[[enum.Enum], str]) -> Iterator[str]:
    yield "## Capabilities\n"
    yield "| capability | 中文 | kinds |"
    yield "|---|---|---|"
    for capability in Capability:
        kinds = "、".join(label(kind) for kind, spec in KINDS.items() if capability in spec.capabilities)
        yield f"| `{capability.value}` | {label(capability)} | {kinds} |"


def _rows(label: Callable[[enum.Enum], str]) -> Iterator[str]:
    yield "## Kinds\n"
    yield "| kind | 中文 | topic | capabilities | counted as | milestones | rounds |"
    yield "|---|---|---|---|---|---|---|"
    for kind, spec in KINDS.items():
        cells = (
            f"`{kind.value}`", label(kind), label(spec.topic), _joined(_own(spec, label)), label(spec.style),
            _joined([point.name for point in spec.points]), _joined([start.name for start in spec.rounds]),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _own(spec: KindSpec, label: Callable[[enum.Enum], str]) -> list[str]:
    return [label(capability) for capability in Capability if capability in spec.capabilities]


def _joined(words: list[str]) -> str:
    return "、".join(words) or "–"


def _starts(label: Callable[[enum.Enum], str]) -> Iterator[str]:
    """Each timeline once, with the kinds that begin with it."""
    yield "## Milestones that an edition starts with\n"
    yield "Days count from the first date of what takes place, or from the beginning of another milestone; negative"
    yield "days lie before.\n"
    timelines: dict[tuple[Point, ...], list[str]] = {}
    for kind, spec in KINDS.items():
        if spec.points:
            timelines.setdefault(spec.points, []).append(label(kind))
    for points, kinds in timelines.items():
        names = {"": "first date"} | {point.code: point.name for point in points}
        yield f"### {'、'.join(kinds)}\n"
        yield "| milestone | code | counted from | days | from | to |"
        yield "|---|---|---|---|---|---|"
        for point in points:
            until = f"{point.lasts} days later, {point.until:%H:%M}" if point.until else "–"
            cells = (
                point.name, f"`{point.code}`", names[point.after], f"{point.days:+d}", f"{point.clock:%H:%M}",
                "deadline" if point.deadline else until,
            )  # fmt: skip
            yield f"| {' | '.join(cells)} |"
        yield ""
