"""Stylesheets and templates keep what was agreed: colours by name, nothing inline, Chinese marks in Chinese text."""

import ast
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SHEETS = sorted((HOUSE / "static/css").glob("*.css"))
SCRIPTS = sorted((HOUSE / "static/js").glob("*.js"))
TEMPLATES = sorted((HOUSE / "templates").rglob("*.html"))
SOURCES = sorted((HOUSE / "kexie_events").rglob("*.py"))

CHINESE = r"[\u3400-\u9fff]"
# A half-width mark that touches Chinese, unless it is part of an English word, a number or an address.
HALF_WIDTH = re.compile(rf"{CHINESE}\s?[,;:!?()]|[,;:!?()]\s?{CHINESE}")
RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def test_colours_stand_in_the_token_layer_only() -> None:
    found = []
    for sheet in SHEETS:
        text = COMMENT.sub("", sheet.read_text())
        outside = text.replace(_layer(text, "tokens"), "") if "@layer tokens {" in text else text
        found += [f"{sheet.name}: {match.group()}" for match in RAW_COLOUR.finditer(outside)]
    assert found == []


def test_every_token_that_is_used_is_defined() -> None:
    tokens = set(re.findall(r"(--[a-z0-9-]+):", _layer((HOUSE / "static/css/app.css").read_text(), "tokens")))
    used = {name for sheet in SHEETS for name in re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text())}
    assert used - tokens == set()


def test_public_pages_load_a_stylesheet_of_less_than_fifteen_kilobytes() -> None:
    size = len(gzip.compress((HOUSE / "static/css/app.css").read_bytes()))
    assert size < 15_000, size


def test_braces_of_the_stylesheets_are_balanced() -> None:
    for sheet in SHEETS:
        text = COMMENT.sub("", sheet.read_text())
        assert text.count("{") == text.count("}"), sheet.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HOUSE / "templates")))
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag]
    handlers = re.findall(r"<[a-zA-Z][^<>]*\s(on[a-z]+)\s*=", text)
    styles = re.findall(r"<[a-zA-Z][^<>]*\sstyle\s*=", text)
    assert (scripts, handlers, styles, "<style" in text) == ([], [], [], False)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HOUSE / "templates")))
def test_a_template_asks_the_routes_for_its_addresses(path: Path) -> None:
    if path.parent.name == "errors":  # they stand by themselves, whatever is broken
        return
    text = _code_and_words_of(path.read_text())
    written = re.findall(r"\b(?:href|action|src)=[\"']/[^\"']*", text)
    written += [word for code in re.findall(CODE, text, flags=re.DOTALL) for word in re.findall(r"'/[^']*'", code)]
    assert written == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HOUSE / "templates")))
def test_a_template_writes_chinese_with_chinese_marks(path: Path) -> None:
    assert list(_half_width_in_template(path.read_text())) == []


def test_messages_in_the_program_are_written_with_chinese_marks() -> None:
    found = []
    for path in SOURCES:
        for text in _strings(path):
            found += (
                [f"{path.relative_to(HOUSE)}: {text[:60]}"] if HALF_WIDTH.search(_without_placeholders(text)) else []
            )
    assert found == []


def test_the_lint_sees_a_half_width_comma_and_lets_code_pass() -> None:
    assert list(_half_width_in_template("<p>你好,世界</p>")) == ["好,"]
    assert list(_half_width_in_template("{{ _('名额(人)') }}")) == ["额(", "人)"]
    assert list(_half_width_in_template("{{ field(_('姓名'), hint=_('与学籍一致')) }}{# 注释,可以 #}")) == []
    assert list(_half_width_in_template("<p>{{ _('还有 %(days)s 天', days=3) }}：</p>")) == []


# ---- nothing is kept for a page that does not exist

# Class names that no template writes out: a macro or a page puts them together from a kind. Everything else stands in
# a class attribute, or in a script.
BUILT_AT_RUN_TIME = {
    "btn-": "macros/button.html and forms.html: kinds p s q d",
    "tag-": "macros/status.html: tag",
    "state-": "macros/status.html: state",
    "mon-": "manage/edition_dates.html: what kind of day it is",
    "mark-": "macros/status.html: mark",
    "kind-": "days/year.html: what kind of day a cell is",
    "tree-": "people/units.html: how deep a unit stands",
    "w-": "macros/forms.html: widths l m s",
}
# The argument `kind` of a macro is the whole name.
KINDS = {
    "seal": {"small", "mid", "later"},
    "note": {"ok", "wait", "bad"},
    "values": {"terms", "facts", "pairs", "glance"},
}


def test_every_class_of_the_stylesheets_stands_on_a_page() -> None:
    used = set().union(*KINDS.values(), *(_classes_of(path.read_text()) for path in TEMPLATES))
    for source in SOURCES:  # what core/drawing.py draws
        used |= {name for names in re.findall(r"class=\"([\w -]+)\"", source.read_text()) for name in names.split()}
    for script in SCRIPTS:
        for names in re.findall(r"classList\.\w+\(([^)]*)\)|className = ([^;\n]+)", script.read_text()):
            used |= set(re.findall(r"[\w-]+", " ".join(names)))
    styled = {
        (sheet.name, name)
        for sheet in SHEETS
        for selector in re.findall(r"([^{};]+)\{", COMMENT.sub("", sheet.read_text()))
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)
    }
    built = tuple(BUILT_AT_RUN_TIME)
    assert sorted(each for each in styled if each[1] not in used and not each[1].startswith(built)) == []


def test_names_built_at_run_time_are_built_somewhere() -> None:
    text = "\n".join(path.read_text() for path in TEMPLATES)
    assert [start for start in BUILT_AT_RUN_TIME if not re.search(rf"[\" ']{start}(?:\{{\{{|' ~)", text)] == []


def test_every_macro_is_called_from_a_page_or_another_macro() -> None:
    code = {path: _code_of(path.read_text()) for path in TEMPLATES}
    unused = []
    for path in TEMPLATES:
        for name in sorted(_macros_of(path)):
            here = re.sub(rf"macro {name}\b", "", code[path])
            call = re.compile(rf"\b{name}\(")
            others = (text for other, text in code.items() if other != path and _imports(text, path))
            if not call.search(here) and not any(_calls(text, path, name) for text in others):
                unused.append(f"{path.relative_to(HOUSE)}: {name}")
    assert unused == []


def test_every_macro_that_is_imported_is_written() -> None:
    unknown = []
    for path in TEMPLATES:
        text = _code_and_words_of(path.read_text())
        for file, name in re.findall(r"\{% import '([^']+)' as (\w+)", text):
            written = _macros_of(HOUSE / "templates" / file)
            called = set(re.findall(rf"(?<![\w.]){name}\.(\w+)\(", _code_of(text)))
            unknown += [f"{path.relative_to(HOUSE)}: {file} {macro}" for macro in sorted(called - written)]
        for file, names in re.findall(r"\{% from '([^']+)' import ([^%]+)%\}", text):
            wanted = {part.split()[0] for part in names.replace("with context", "").split(",")}
            unknown += [
                f"{path.relative_to(HOUSE)}: {file} {macro}"
                for macro in sorted(wanted - _macros_of(HOUSE / "templates" / file))
            ]
    assert unknown == []


def test_every_script_is_loaded_by_a_page() -> None:
    text = "\n".join(path.read_text() for path in TEMPLATES)
    assert [script.name for script in SCRIPTS if f"static_url('js/{script.name}')" not in text] == []


def test_every_hook_of_a_script_stands_in_a_template_or_is_set_by_a_script() -> None:
    text = "\n".join(_code_and_words_of(path.read_text()) for path in TEMPLATES)
    missing = []
    for script in SCRIPTS:
        source = script.read_text()
        # Taken apart ({ low } = x.dataset), a hook would be read unseen.
        assert not re.search(r"\}\s*=\s*[\w.]*dataset\b(?!\.)", source), script.name
        set_here = set(re.findall(r"dataset\.(\w+) = ", source))
        asked = {name for name in re.findall(r"dataset\.(\w+)", source) if name not in set_here}
        hooks = {re.sub(r"([A-Z])", lambda match: "-" + match[1].lower(), name) for name in asked}
        own = {re.sub(r"([A-Z])", lambda match: "-" + match[1].lower(), name) for name in set_here}
        hooks |= set(re.findall(r"\[data-([a-z-]+)", source)) - own
        missing += [f"{script.name}: data-{hook}" for hook in sorted(hooks) if not re.search(rf"\bdata-{hook}\b", text)]
    assert missing == []


def test_every_data_attribute_of_a_template_has_a_reader() -> None:
    readers = "\n".join(path.read_text() for path in (*SCRIPTS, *SHEETS))
    unread = set()
    for path in TEMPLATES:
        for name in re.findall(r"\sdata-([a-z-]+)(?==|[\s>])", _code_and_words_of(path.read_text())):
            camel = re.sub(r"-(.)", lambda match: match[1].upper(), name)
            if f"data-{name}" not in readers and f"dataset.{camel}" not in readers:
                unread.add(f"{path.relative_to(HOUSE)}: data-{name}")
    assert sorted(unread) == []


def _layer(text: str, name: str) -> str:
    """The layer's text from its name to its closing brace."""
    start = text.index(f"@layer {name} {{")
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0 and text[at] == "}":
            return text[start : at + 1]
    raise AssertionError(f"layer {name} does not end")


def _half_width_in_template(text: str) -> Iterator[str]:
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    quoted = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
    for code in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, flags=re.DOTALL):
        for single, double in quoted.findall(code):
            yield from HALF_WIDTH.findall(_without_placeholders(single or double))
    # Where code stood, a Chinese mark may follow or not: it says nothing about marks.
    yield from HALF_WIDTH.findall(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\n\n", text, flags=re.DOTALL))


def _without_placeholders(text: str) -> str:
    return re.sub(r"%\(\w+\)[sd]|https?://\S+|\{\w*\}", "\n\n", text)


def _strings(path: Path) -> Iterator[str]:
    """Text for people: what is wrapped in a gettext call."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _GETTEXT:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


_GETTEXT = {"_", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "_l"}

CODE = r"\{\{.*?\}\}|\{%.*?%\}"


def _code_and_words_of(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


def _code_of(text: str) -> str:
    return "\n".join(re.findall(CODE, _code_and_words_of(text), flags=re.DOTALL))


def _classes_of(text: str) -> set[str]:
    """What stands in class attributes and in the block `body` of a frame, with the words of the code inside them."""
    text = _code_and_words_of(text)
    attributes = re.findall(rf"\bclass=\"((?:{CODE}|[^\"{{])*)\"", text, flags=re.DOTALL)
    attributes += re.findall(r"\bclass='([^'{]*)", text)  # an argument of a field: f(class='input')
    attributes += re.findall(r"\bclass=([\w-]+)", text)  # of one word, put there by code: {{ ' class=own' if … }}
    attributes += re.findall(r"\{% block body %\}(.*?)\{% endblock %\}", text, flags=re.DOTALL)
    attributes += re.findall(r"\{\{? ?'(?:class|kind)': '([^']*)", text)
    found: set[str] = set()
    for attribute in attributes:
        found |= set(re.sub(CODE, " ", attribute, flags=re.DOTALL).split())
        for code in re.findall(CODE, attribute, flags=re.DOTALL):
            found |= {name for words in re.findall(r"'([^']*)'", code) for name in words.split()}
    return found


def _macros_of(path: Path) -> set[str]:
    return set(re.findall(r"\{%-? macro (\w+)", path.read_text()))


def _imports(text: str, path: Path) -> bool:
    return f"'{path.relative_to(HOUSE / 'templates')}'" in text


def _calls(text: str, path: Path, name: str) -> bool:
    """Whether a template calls the macro by the name under which it imports it."""
    file = re.escape(str(path.relative_to(HOUSE / "templates")))
    names = [f"{whole}\\.{name}" for whole in re.findall(rf"import '{file}' as (\w+)", text)]
    for wanted in re.findall(rf"from '{file}' import ([^%]+)", text):
        for part in wanted.split(","):
            words = part.replace("with context", "").split()
            if words and words[0] == name:
                names.append(words[-1])
    return any(re.search(rf"\b{called}\(", text) for called in names)
