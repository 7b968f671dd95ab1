"""Photographs without what they say about camera, place, time and person. Pure: bytes in, bytes out.

The picture itself is not decoded: marked segments are left out, the rest is copied. How the camera was held is kept,
because without it half of all photographs would lie on their side.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import RuleBroken

MOST_PIXELS = 60_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What a PNG needs to be seen as it was: palette, transparency, colour space. No words, no EXIF, no time.
_KEPT_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT"}
_START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class Picture:
    """A cleaned picture and its type: "image/jpeg" or "image/png"."""

    content: bytes
    media_type: str


def cleaned(content: bytes) -> Picture:
    """Raises: RuleBroken("images.not_an_image" | "images.damaged" | "images.too_many_pixels")."""
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return Picture(b"".join(_jpeg(content)), "image/jpeg")
        if content.startswith(_SIGNATURE):
            return Picture(b"".join(_png(content)), "image/png")
    except (struct.error, IndexError):
        raise RuleBroken("images.damaged") from None
    raise RuleBroken("images.not_an_image")


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise RuleBroken("images.damaged")
    if width * height > MOST_PIXELS:
        raise RuleBroken("images.too_many_pixels", megapixels=MOST_PIXELS // 1_000_000)


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Segments but APP1 to APP15 and comments; Adobe's APP14 says how colours are stored and stays. Nothing after the
    end of the picture. Progressive pictures have several scans."""
    yield content[:2]
    turned = _orientation(content)
    if turned > 1:
        yield _exif(turned)
    place, sized = 2, False
    while True:
        if content[place] != 0xFF:
            raise RuleBroken("images.damaged")
        while content[place] == 0xFF:  # padding
            place += 1
        marker = content[place]
        place += 1
        if marker == 0xD9:
            if not sized:
                raise RuleBroken("images.damaged")
            yield b"\xff\xd9"
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            raise RuleBroken("images.damaged")
        (length,) = struct.unpack_from(">H", content, place)
        segment = content[place : place + length]
        if length < 2 or len(segment) < length:
            raise RuleBroken("images.damaged")
        if marker in _START_OF_FRAME:
            height, width = struct.unpack_from(">HH", segment, 3)
            _check_size(width, height)
            sized = True
        place += length
        if marker == 0xEE or not (0xE1 <= marker <= 0xEF or marker == 0xFE):
            yield bytes((0xFF, marker)) + segment
        if marker == 0xDA:
            end = _end_of_scan(content, place)
            yield content[place:end]
            place = end


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the next marker begins: in a scan FF 00 is data and FF D0 to D7 only restart it."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0:
            raise RuleBroken("images.damaged")
        after = content[place + 1]
        if after == 0xFF:
            place += 1
        elif after == 0 or 0xD0 <= after <= 0xD7:
            place += 2
        else:
            return place


def _exif(orientation: int) -> bytes:
    """An EXIF segment that says nothing but how the camera was held."""
    tiff = b"MM\x00\x2a\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _orientation(content: bytes) -> int:
    """1 to 8 of the first EXIF segment; 1, upright, when none can be read."""
    place = content.find(b"Exif\x00\x00", 0, 65_536)
    if place < 0:
        return 1
    tiff = content[place + 6 : place + 6 + 65_536]
    order = {b"MM": ">", b"II": "<"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for n in range(min(count, 200)):
            tag, kind, _many, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * n)
            if tag == 0x0112 and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 1
    return 1


def _png(content: bytes) -> Iterator[bytes]:
    """Chunks that the picture needs, each with its own sum; nothing after the end."""
    yield _SIGNATURE
    place, first = len(_SIGNATURE), True
    while True:
        length, name = struct.unpack_from(">I4s", content, place)
        body = content[place + 8 : place + 8 + length]
        (given,) = struct.unpack_from(">I", content, place + 8 + length)
        if len(body) < length or zlib.crc32(name + body) != given or (name == b"IHDR") != first:
            raise RuleBroken("images.damaged")
        if first:
            _check_size(*struct.unpack_from(">II", body))
            first = False
        if name in _KEPT_CHUNKS:
            yield content[place : place + 12 + length]
        place += 12 + length
        if name == b"IEND":
            return
