"""The English catalogue says everything that the code and the templates say, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

CATALOGUE = Path("kexie_events/translations/en/LC_MESSAGES/messages.po")
# As babel.cfg says in its first lines.
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}

PLACEHOLDER = re.compile(r"%%|%\(\w+\)[a-z]|%[a-z]")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# How editions and documents are numbered, and how days are entered, is written in Chinese in either language.
EXAMPLES = (
    "第2期", "第35届", "第36届", "第十二届", "2020年度", "2026年度", "2023年第2期", "2026年第2期",
    "渝科协办〔2026〕7号", "国办发明电〔2026〕1号", "2月5日至11日 放假 春节", "2月7日 上班 春节", "6月1日 恢复",
    "“放假”", "“上班”",
)  # fmt: skip

Key = tuple[str | None, str | tuple[str, ...]]


def key_of(message: Message) -> Key:
    return message.context, tuple(message.id) if isinstance(message.id, list | tuple) else message.id


def wanted() -> set[Key]:
    """What pybabel extract finds in this tree."""
    with open("babel.cfg") as file:
        methods, options = parse_mapping_cfg(file)
    template = Catalog()
    for _path, _line, said, _comments, context in extract_from_dir(".", methods, options, KEYWORDS):
        template.add(said, context=context)
    return {key_of(message) for message in template if message.id}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def written(catalogue: Catalog) -> Iterator[tuple[Message, list[str]]]:
    """Every message, and its translations: one, or one for each plural form."""
    for message in catalogue:
        if message.id:
            yield message, [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_sentence_has_an_english_one_and_none_is_left_over(catalogue: Catalog) -> None:
    said, known = wanted(), {key_of(message) for message, _ in written(catalogue)}
    assert said - known == set()
    assert known - said == set()
    assert len(known) > 1000
    assert list(catalogue.obsolete) == []


def test_no_translation_is_empty_or_a_guess(catalogue: Catalog) -> None:
    assert [key_of(m) for m, words in written(catalogue) if m.fuzzy or not all(words)] == []


def test_placeholders_are_the_same_on_both_sides(catalogue: Catalog) -> None:
    different = []
    for message, words in written(catalogue):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        # In a sentence the order may change and a name may come twice; what is there may not.
        if any(set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(ids[-1])) for text in words):
            different.append((key_of(message), words))
    assert different == []


def test_no_chinese_is_left_in_the_english_beyond_quoted_examples(catalogue: Catalog) -> None:
    guilty = []
    for _, words in written(catalogue):
        for text in words:
            rest = text
            for example in sorted(EXAMPLES, key=len, reverse=True):
                rest = rest.replace(example, "")
            if CHINESE.search(rest):
                guilty.append(text)
    assert guilty == []


def test_the_file_names_no_machine_no_place_in_the_code_and_no_day(catalogue: Catalog) -> None:
    text = CATALOGUE.read_text()
    assert not re.search(r"^#:|Creation-Date|Revision-Date|EMAIL@|Language-Team", text, re.MULTILINE)
    said = [message.id if isinstance(message.id, str) else message.id[0] for message, _ in written(catalogue)]
    assert said == sorted(said)
