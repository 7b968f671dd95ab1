"""Where things stand: what the rules of the house (docs/house.md) say, read off the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from kexie_events.core.db import Base
from kexie_events.people.queries import SCOPES
from kexie_events.people.subjects import KINDS

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


def imports_of(path: Path) -> Iterator[str]:
    """Every module and name that a file imports, relative ones with their dots: "..core.web", "flask.request"."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if module.endswith(".") else "."
            yield module
            yield from (f"{module}{joint}{alias.name}" for alias in node.names)


def rooms_files(*kinds: str) -> list[Path]:
    """The files of the rooms that are of a kind: views.py, and whatever stands in a folder views/."""
    outside = {"core", "migrations", "standalone", "demo"}
    return [
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in outside
        and any(kind in (path.stem, *path.relative_to(PACKAGE).parts[:-1]) for kind in kinds)
    ]


def guilty(files: list[Path], forbidden: str) -> dict[str, set[str]]:
    found = {str(path): {name for name in imports_of(path) if re.search(forbidden, name)} for path in files}
    return {path: names for path, names in found.items() if names}


def test_views_and_forms_ask_no_database() -> None:
    files = rooms_files("views", "forms")
    assert guilty(files, r"^sqlalchemy|\bcore\.db\b") == {}
    assert len(files) > 30


def test_what_decides_reads_and_writes_knows_no_request() -> None:
    files = rooms_files("rules", "models", "queries", "services")
    assert guilty(files, r"\bcore\.web\b|^flask\.(request|g|session)$|\.(views|forms)\b") == {}
    assert len(files) > 50


def test_nothing_tells_anything_by_being_loaded() -> None:
    """A list of another file grows in ``wiring`` alone: no file adds to one it imported, by a call or by a key."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        imported = {
            alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        for node in tree.body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                added = node.value.func
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript | ast.Attribute):
                added = node.targets[0]
            else:
                continue
            if {part.id for part in ast.walk(added) if isinstance(part, ast.Name)} & imported:
                found.add(f"{path}: {ast.unparse(node)}")
    assert found == set()


def test_whatever_hangs_on_an_edition_is_reached_by_its_owner_and_by_its_host_until_their_time_is_over() -> None:
    """A list that knows the edition and not these would hide it from its owner, or show it to a former host."""
    hanging = [mapper.class_ for mapper in Base.registry.mappers if hasattr(mapper.class_, "scope")]
    scopes = {model.__name__: model.scope() for model in hanging}
    of_editions = {name: scope for name, scope in scopes.items() if scope.edition_id is not None}
    assert {"Edition", "Occurrence", "Registration", "Entry", "Round", "Notice"} <= set(of_editions)
    for name, scope in of_editions.items():
        assert scope.owner_path is not None, f"{name}: take events.models.ways_in"
        assert scope.host is not None, f"{name}: take events.models.ways_in"
        assert [column.name for column in scope.host.selected_columns] == ["path", "hosted_until"]


def test_every_scope_of_a_role_has_its_kind_of_thing(app: Flask) -> None:
    assert list(KINDS) == list(SCOPES)


def test_only_services_open_a_transaction() -> None:
    allowed = {str(path) for path in rooms_files("services")}
    outside = ("kexie_events/core/", "kexie_events/demo/", "worker/")
    found = {path for path in files_that_call("transaction") - allowed if not path.startswith(outside)}
    assert found == set()


# The table of kinds itself, and the words by which a name of the work list is recognised.
KNOWS_KINDS = {"kexie_events/events/kinds.py", "kexie_events/worklist/words.py", "kexie_events/sentences/events.py"}


def compared_kinds(tree: ast.AST) -> Iterator[str]:
    """Where a kind is compared, matched, looked for in a list, or used as the key of a table."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        elif isinstance(node, ast.Dict):
            parts = [*node.keys]
        elif isinstance(node, ast.Set):
            parts = [*node.elts]
        for part in parts:
            for inner in ast.walk(part) if part is not None else ():
                if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == "Kind":
                    yield f"{node.lineno}: {ast.unparse(node)[:80]}"  # type: ignore[attr-defined]


def test_no_kind_is_compared_outside_its_table() -> None:
    """What differs between kinds is asked of the table: a capability, a default (docs/kinds.md)."""
    found = {
        str(path): lines
        for path in [*PACKAGE.rglob("*.py"), *Path("worker").rglob("*.py")]
        if str(path) not in KNOWS_KINDS and (lines := list(compared_kinds(ast.parse(path.read_text()))))
    }
    assert found == {}
    assert list(compared_kinds(ast.parse("x = 1 if kind is Kind.FORUM else 2")))
    assert list(compared_kinds(ast.parse("kind in (Kind.FORUM, Kind.CAMP)")))
    assert list(compared_kinds(ast.parse("match kind:\n case Kind.FORUM: pass")))


def test_no_template_asks_for_a_kind() -> None:
    asked = re.compile(r"(series|edition|found|line|row)\.kind(\.value)?\s*(==|!=|in\b|not in\b|is\b)")
    found = {str(path): asked.findall(path.read_text()) for path in Path("templates").rglob("*.html")}
    assert {path: lines for path, lines in found.items() if lines} == {}
    assert asked.search("{% if series.kind.value == 'forum' %}")
