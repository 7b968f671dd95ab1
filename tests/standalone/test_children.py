import subprocess
import sys
from collections.abc import Callable

import pytest

from kexie_events.standalone import children
from kexie_events.standalone.children import Child


def _child_that_ends() -> Child:
    return Child("short", lambda: subprocess.Popen([sys.executable, "-S", "-c", ""]))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    seconds = [1000.0]
    monkeypatch.setattr(children.time, "monotonic", lambda: seconds[0])

    def turn(step: float) -> None:
        seconds[0] += step

    return turn


def _fall(child: Child) -> float:
    child.launch()
    assert child.process is not None
    child.process.wait()
    child.fell()
    return child.pause_seconds


def test_the_pause_doubles_with_each_fall_in_a_row_up_to_half_a_minute(clock: Callable[[float], None]) -> None:
    child = _child_that_ends()
    assert [_fall(child) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_who_ran_steadily_starts_again_with_the_shortest_pause(clock: Callable[[float], None]) -> None:
    child = _child_that_ends()
    assert [_fall(child), _fall(child)] == [0.5, 1]
    child.launch()
    assert child.process is not None
    child.process.wait()
    clock(31)
    child.fell()
    assert (child.pause_seconds, child.again_at) == (0.5, 1031.5)
