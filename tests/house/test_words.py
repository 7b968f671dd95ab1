"""Codes have sentences, enum members have labels, sources exist, settings are documented."""

import ast
import enum
import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

import kexie_events
from kexie_events import sentences
from kexie_events.people import services as people
from kexie_events.registrations.letters import LetterKind
from kexie_events.sentences import LABELS, SENTENCES

PACKAGE = Path("kexie_events")
# Pure files besides every rules.py.
PURE = {
    "agenda/board.py",
    "agenda/outcomes.py",
    "agenda/planned.py",
    "agenda/programme.py",
    "agenda/travel.py",
    "api/asking.py",
    "api/description.py",
    "api/items.py",
    "assignment.py",
    "core/calendar_links.py",
    "core/images.py",
    "core/previews.py",
    "core/sheets/reading.py",
    "core/sheets/rows.py",
    "core/sheets/writing.py",
    "core/text.py",
    "dates.py",
    "days/named.py",
    "days/reading.py",
    "difference.py",
    "events/bookings.py",
    "events/hosting/rotation.py",
    "events/patterns/lunar.py",
    "events/patterns/recurrence.py",
    "events/patterns/repeating.py",
    "events/patterns/revising.py",
    "events/wording.py",
    "feeds/tokens.py",
    "feeds/ways.py",
    "ical.py",
    "imports/addresses.py",
    "imports/comparing.py",
    "imports/lines.py",
    "imports/reading.py",
    "imports/repeating.py",
    "imports/storing.py",
    "imports/zones.py",
    "judging/engine.py",
    "judging/pictures.py",
    "kinds.py",
    "kinds_table.py",
    "naming.py",
    "numbering.py",
    "plans.py",
    "ranking.py",
    "results/atom.py",
    "starting.py",
    "structured.py",
    "workdays.py",
    "worklist/departments.py",
    "worklist/places.py",
    "worklist/progress.py",
    "worklist/reading.py",
    "worklist/recognition.py",
    "worklist/targets.py",
    "shifting.py",
    "sites/bulk.py",
    "sites/map.py",
    "unlike.py",
    "worklist/words.py",
    "year.py",
}
# Enums that people never read: names of doors, actions and the like.
UNSPOKEN = {
    "Who",
    "Action",
    "Way",
    "Source",
    "Device",
    "LetterKind",
    "Method",
    "LinkPurpose",
    "Progress",
    "DateChange",
}


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


def codes_raised() -> set[str]:
    """The first argument of every DomainError that the code makes."""
    kinds = {"RuleBroken", "Forbidden", "NotFound", "Conflict", "TooLarge", "TooMany", "Busy"}
    found = {"core.not_found", "core.busy"}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds and node.args:
                found |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    return {code for code in found if isinstance(code, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", code)}


def test_each_room_tells_its_words_once_and_no_two_rooms_say_the_same_code() -> None:
    rooms = {path.stem for path in Path("kexie_events/sentences").glob("[a-z]*.py")}
    told = [room.__name__.rpartition(".")[2] for room in sentences._ROOMS]
    assert (len(told), set(told)) == (len(set(told)), rooms)
    said = Counter(code for room in sentences._ROOMS for code in getattr(room, "SENTENCES", {}))
    assert {code for code, times in said.items() if times > 1} == set()


def test_every_error_code_has_a_sentence_and_no_sentence_is_left_over() -> None:
    raised = codes_raised()
    written = "\n".join(path.read_text() for path in sources() if path.parent.name != "sentences")
    assert raised - set(SENTENCES) == set()
    # A code may reach its error through a table: then its text stands somewhere else in the code.
    assert {code for code in set(SENTENCES) - raised if f'"{code}"' not in written} == set()


KINDS_OF_ERRORS = {"RuleBroken", "Forbidden", "NotFound", "Conflict", "TooLarge", "TooMany"}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def codes_in(node: ast.AST, tables: dict[str, ast.Dict]) -> set[str]:
    """The codes that stand in an expression, or in the table of this file that it names."""
    table = tables.get(node.id) if isinstance(node, ast.Name) else None
    parts = table.values if table is not None else node.values if isinstance(node, ast.Dict) else [node]
    constants = {leaf.value for part in parts for leaf in ast.walk(part) if isinstance(leaf, ast.Constant)}
    return {code for code in constants if code in SENTENCES}


def calls_that_refuse(path: Path) -> list[tuple[int, set[str], set[str]]]:
    """(line, codes, names of the values given) of each call that makes an error, or that a constraint makes one of."""
    tree = ast.parse(path.read_text())
    tables = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = getattr(node.func, "id", "")
        which = node.args[0] if called in KINDS_OF_ERRORS else None
        if called == "refused" and len(node.args) > 1:
            which = node.args[1]
        given = {keyword.arg for keyword in node.keywords}
        if which is not None and None not in given:  # ``**values`` are those of another error, passed on
            found.append((node.lineno, codes_in(which, tables), {name for name in given if name}))
    return found


def test_every_refusal_gives_the_values_that_its_sentence_names() -> None:
    """A sentence without one of its values cannot be said: the answer would be 500 instead of a reason."""
    lacking = {}
    checked = 0
    for path in sources():
        for line, codes, given in calls_that_refuse(path):
            checked += len(codes)
            for code in codes:
                needed = set(PLACEHOLDER.findall(str(SENTENCES[code])))
                if needed - given:
                    lacking[f"{path}:{line} {code}"] = sorted(needed - given)
    assert lacking == {}
    assert checked > 300


def test_every_enum_member_that_people_read_has_a_label() -> None:
    missing = set()
    for module in pkgutil.walk_packages(kexie_events.__path__, "kexie_events."):
        if any(part in module.name for part in (".migrations", ".demo", ".standalone", ".__main__")):
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            is_enum = isinstance(kind, type) and issubclass(kind, enum.Enum) and kind.__module__ == module.name
            if is_enum and kind.__name__ not in UNSPOKEN:
                missing |= {str(member) for member in kind if member not in LABELS}
    assert missing == set(), sorted(missing)


def test_every_kind_of_letter_has_its_text_and_no_text_is_left_over() -> None:
    kinds = {kind.value for kind in LetterKind} | set(people.LETTERS.values())
    letters = {path.stem for path in Path("templates/email").iterdir()}
    assert kinds == {name for name in letters if not name.startswith("_")}  # the others are parts of letters


def test_every_named_source_exists() -> None:
    headings = set(re.findall(r"^## ([a-z0-9-]+)$", Path("docs/sources.md").read_text(), re.MULTILINE))
    named = {anchor for path in sources() for anchor in re.findall(r"docs/sources\.md#([a-z0-9-]+)", path.read_text())}
    assert named - headings == set()
    assert named


def test_the_pure_files_stand_in_the_table_of_the_house() -> None:
    house = Path("docs/house.md").read_text()
    assert {name for name in PURE if f"`{name.rpartition('/')[2]}`" not in house} == set()


def test_every_setting_is_documented_and_nothing_else_reads_the_environment() -> None:
    read = set(
        re.findall(r'"((?:KEXIE_|DATABASE_|REDIS_|SECRET_|WEB_)[A-Z_]+|PORT|HOST)"', Path("config.py").read_text())
    )
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", Path("docs/operating.md").read_text(), re.MULTILINE))
    assert read == documented
    readers = {str(path) for path in [*sources(), *Path("worker").rglob("*.py")] if "os.environ" in path.read_text()}
    assert readers <= {"kexie_events/standalone/children.py"}


def test_the_pure_files_import_no_framework_no_database_and_no_clock() -> None:
    forbidden = re.compile(r"flask|sqlalchemy|wtforms|celery|redis|\.core\.db|\.core\.clock|\.core\.web")
    names = tuple(f"/{name}" for name in (*PURE, "rules.py"))
    pure = [path for path in sources() if path.as_posix().endswith(names) or "matching" in path.parts]
    guilty = {}
    for path in pure:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = ["." * node.level + (node.module or "")] + [
                    f".{alias.name}" for alias in node.names if node.level
                ]
            for name in names:
                if forbidden.search(name) or name in (".db", ".clock"):
                    guilty[str(path)] = name
    assert guilty == {}
    assert len(pure) > 12
