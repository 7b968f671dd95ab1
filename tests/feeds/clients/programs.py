"""Whole programs that subscribe: vdirsyncer copies a feed into a folder, khal shows what is in it.

They run as processes of their own: their warnings are theirs.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from .readers import said

BIN = Path(sys.executable).parent
BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, order=True)
class Line:
    """One line of khal: what begins when. A day has no time."""

    starts: str
    ends: str
    title: str
    uid: str


class Vdirsyncer:
    """A subscription in a folder of its own.

    Of a feed it makes one file for each UID, named by what is in it: what changed is one file less and one more.
    """

    def __init__(self, home: Path, url: str) -> None:
        self.folder = home / "calendar"
        self.folder.mkdir()
        self._config = home / "vdirsyncer.conf"
        self._config.write_text(
            f"""[general]
status_path = "{home / "status"}"
[pair feed]
a = "ours"
b = "theirs"
collections = null
conflict_resolution = "b wins"
[storage ours]
type = "filesystem"
path = "{self.folder}"
fileext = ".ics"
[storage theirs]
type = "http"
url = "{url}"
""",
            "utf-8",
        )
        _run("vdirsyncer", "--config", str(self._config), "discover")

    def sync(self) -> str:
        """What it says that it did."""
        return _run("vdirsyncer", "--config", str(self._config), "sync")

    def items(self) -> dict[str, tuple[bytes, int]]:
        """Content and time of writing of each file of the folder."""
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in self.folder.iterdir()}


def khal_list(home: Path, folder: Path, since: datetime, until: datetime) -> list[Line]:
    """What khal shows of a folder, what lasts several days once."""
    config = home / "khal.conf"
    config.write_text(
        f"""[calendars]
[[feed]]
path = {folder}
type = calendar
[sqlite]
path = {home / "khal.db"}
[locale]
local_timezone = Asia/Shanghai
default_timezone = Asia/Shanghai
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
""",
        "utf-8",
    )
    days = (until - since).days
    fields = ("start-long", "start-date-long", "end-long", "end-date-long", "title", "uid", "all-day")
    asked = [part for name in fields for part in ("--json", name)]
    first = f"{since.astimezone(BEIJING):%Y-%m-%d}"
    answer = _run("khal", "--config", str(config), "list", *asked, first, f"{days}d")
    rows = [row for line in answer.splitlines() if line.startswith("[") for row in json.loads(line)]
    # Every day of several is a line; --once would leave out what repeats.
    shown = {_line(row) for row in rows}
    return sorted(line for line in shown if said(since) <= line.starts < said(until))


def _line(row: dict[str, str]) -> Line:
    if row["all-day"] == "True":
        last = datetime.fromisoformat(row["end-date-long"]).date()
        return Line(row["start-date-long"], said(last + timedelta(days=1)), row["title"], row["uid"])
    starts, ends = (datetime.fromisoformat(row[name]).replace(tzinfo=BEIJING) for name in ("start-long", "end-long"))
    return Line(said(starts), said(ends), row["title"], row["uid"])


def _run(program: str, *words: str) -> str:
    done = subprocess.run(
        [BIN / program, *words],
        input="y\n" * 20, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, f"{program} {' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr
