"""Where things stand: what the rules of the house (docs/house.md) say, read off the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path("kexie_events")


def calls_of(name: str, path: Path) -> Iterator[ast.Call]:
    """Every call of a function or method of this name in one file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
            yield node


def files_that_call(name: str) -> set[str]:
    tree = [*PACKAGE.rglob("*.py"), *Path("worker").rglob("*.py")]
    return {str(path.relative_to(PACKAGE.parent)) for path in tree if any(calls_of(name, path))}


def test_only_the_ground_floor_commits() -> None:
    assert files_that_call("commit") == {"kexie_events/core/db.py"}
