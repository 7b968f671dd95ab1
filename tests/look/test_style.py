"""Stylesheets and templates keep what was agreed: colours by name, nothing inline, Chinese marks in Chinese text."""

import ast
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SHEETS = sorted((HOUSE / "static/css").glob("*.css"))
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
