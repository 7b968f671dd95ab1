import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexie_events.core import images
from kexie_events.core.errors import RuleBroken


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def frame(width: int = 8, height: int = 8) -> bytes:
    return segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")


def exif(orientation: int, order: str = "<") -> bytes:
    mark = b"II\x2a\x00" if order == "<" else b"MM\x00\x2a"
    tags = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(f"{order}HHII", 0x8825, 4, 1, 40)
    return segment(
        0xE1, b"Exif\x00\x00" + mark + struct.pack(f"{order}IH", 8, 2) + tags + b"\x00" * 4 + b"GPS 29.56 106.55"
    )


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"


def jpeg(*parts: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(parts) + frame() + SCAN + b"\xff\xd9"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*parts: bytes, width: int = 8) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 8, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(parts) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def test_a_jpeg_loses_what_it_says_about_place_time_and_person() -> None:
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<who>secret</who>")
    content = jpeg(segment(0xE0, b"JFIF\x00\x01"), exif(1), xmp, segment(0xFE, b"secret words")) + b"secret tail"
    picture = images.cleaned(content)
    assert picture.media_type == "image/jpeg"
    assert b"secret" not in picture.content
    assert b"GPS" not in picture.content
    assert b"JFIF" in picture.content
    assert picture.content.endswith(SCAN + b"\xff\xd9")


@pytest.mark.parametrize("order", ["<", ">"])
def test_how_the_camera_was_held_is_kept_and_nothing_beside_it(order: str) -> None:
    picture = images.cleaned(jpeg(exif(6, order)))
    assert b"GPS" not in picture.content
    assert images._orientation(picture.content) == 6
    assert images.cleaned(picture.content) == picture


def test_a_png_loses_its_words_and_keeps_its_colours() -> None:
    content = png(chunk(b"tEXt", b"Author\x00secret"), chunk(b"eXIf", b"MMsecret"), chunk(b"sRGB", b"\x00")) + b"secret"
    picture = images.cleaned(content)
    assert picture.media_type == "image/png"
    assert b"secret" not in picture.content
    assert b"sRGB" in picture.content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "images.not_an_image"),
        (b"GIF89a", "images.not_an_image"),
        (b"<svg onload='x'/>", "images.not_an_image"),
        (b"\xff\xd8\xff", "images.damaged"),
        (b"\xff\xd8\xff\xd9", "images.damaged"),
        (b"\xff\xd8" + frame(), "images.damaged"),
        (b"\xff\xd8" + frame() + SCAN, "images.damaged"),
        (b"\xff\xd8" + frame(0, 5) + SCAN + b"\xff\xd9", "images.damaged"),
        (b"\xff\xd8" + frame(65_000, 65_000) + SCAN + b"\xff\xd9", "images.too_many_pixels"),
        (b"\x89PNG\r\n\x1a\n", "images.damaged"),
        (png()[:-3], "images.damaged"),
        (png().replace(b"IDAT", b"JDAT"), "images.damaged"),
        (png(width=60_000_001), "images.too_many_pixels"),
    ],
)
def test_what_is_no_sound_picture_is_refused_by_its_code(content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        images.cleaned(content)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]))
def test_whatever_is_sent_is_cleaned_or_refused(content: bytes, start: bytes) -> None:
    try:
        picture = images.cleaned(start + content)
    except RuleBroken:
        return
    assert images.cleaned(picture.content).content == picture.content
