"""Text from people as it is kept: composed, without what cannot be seen."""

import unicodedata
from typing import Any

# Control, format (zero-width, writing direction), private use, halves of a character.
_INVISIBLE = {"Cc", "Cf", "Co", "Cs"}


def composed(text: str) -> str:
    """Composed (NFC), and without NUL, which PostgreSQL refuses."""
    return unicodedata.normalize("NFC", text).replace("\x00", "")


def storable(value: Any) -> Any:
    """A JSON value in which every text, keys too, is composed."""
    match value:
        case str():
            return composed(value)
        case dict():
            return {storable(name): storable(part) for name, part in value.items()}
        case list() | tuple():
            return [storable(part) for part in value]
        case _:
            return value


def one_line(text: str) -> str:
    """Composed, line breaks as spaces, spaces folded, nothing invisible: a break in a name must become neither a
    header nor a paragraph, and two names that look alike are alike."""
    spaced = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).split())


def bounded(text: str, most: int) -> str:
    """At most ``most`` characters, with an ellipsis when something was left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
