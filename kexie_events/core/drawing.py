"""Pictures that the server draws: growth rings 年轮 and QR codes. Colours come from the stylesheet."""

import math
from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=512)
def rings(count: int, size: int = 120, hole: float = 0.13) -> Markup:
    """One ring per edition, the current one marked ``cur``, every tenth ``ten``.

    Radius, gap and rotation come from the ring's index alone, so a series always draws the same picture.
    ``hole`` is the share of the size left free for the edition number.
    """
    count = max(1, min(count, 80))
    centre, first, last = size / 2, size * hole, size * 0.47
    pitch = (last - first) / max(1, count - 1)
    width = min(1.15, pitch * 0.6)
    circles = []
    for i in range(count):
        share = (i / (count - 1)) ** 0.92 if count > 1 else 1.0
        radius = first + (last - first) * share
        around = 2 * math.pi * radius
        gap = around * (0.04 + 0.09 * ((i * 37) % 11) / 11)
        turn = around * ((i * 67) % 360) / 360
        cx = centre + math.sin(i * 1.7) * size * 0.005
        cy = centre + math.cos(i * 2.3) * size * 0.005
        mark = ' class="cur"' if i == count - 1 else ' class="ten"' if i % 10 == 9 else ""
        circles.append(
            f'<circle{mark} cx="{cx:.1f}" cy="{cy:.1f}" r="{radius:.1f}" '
            f'stroke-dasharray="{around - gap:.0f} {gap:.0f}" stroke-dashoffset="{-turn:.0f}"/>'
        )
    return Markup(  # noqa: S704 -- only numbers go in
        f'<svg class="rings" viewBox="0 0 {size} {size}" stroke-width="{width:.2f}" '
        f'aria-hidden="true" focusable="false">{"".join(circles)}</svg>'
    )


@lru_cache(maxsize=256)
def qr(text: str, title: str) -> Markup:
    """A QR code on white in both themes: scanners want dark on light."""
    code = segno.make(text, error="m")
    return Markup(  # noqa: S704 -- segno escapes the title and draws the rest
        code.svg_inline(
            scale=4,
            border=2,
            dark="#1a2326",
            light="#ffffff",
            omitsize=True,
            svgclass="qr",
            lineclass=None,
            title=title,
        )
    )
