"""A browser of few words: keeps cookies, reads forms, sends them as a person would, follows redirects."""

import gzip
import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form of a page: where it goes and what it would send as it stands."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._text: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self._open.values[name] = given.get("value", "on")
            elif kind not in ("submit", "file"):
                self._open.values[name] = given.get("value", "")
        elif tag == "textarea":
            self._text = name
            self._open.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.values):
            self._open.values[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._text and self._open is not None:
            self._open.values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None


class Visitor:
    """One person at one device. ``page`` and ``status`` are those of the last answer, ``path`` where it came from."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.page = ""
        self.status = 0
        self.path = "/"
        self.headers: dict[str, str] = {}
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path: str, **headers: str) -> str:
        return self._ask(path, None, headers)

    def send(self, where: str, **values: str) -> str:
        """Fill in the form of this page whose action contains ``where`` ("" matches this page itself) and send it."""
        form = next(form for form in self.forms() if where in (form.action or self.path) and form.method == "post")
        sent = {**form.values, **values}
        target = form.action or self.path
        return self._ask(target, urllib.parse.urlencode(sent).encode(), {"Referer": f"{self.base_url}{self.path}"})

    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.page)
        return reader.forms

    def sign_in(self, identifier: str, password: str) -> None:
        self.get("/sign-in")
        self.send("/sign-in", identifier=identifier, password=password)
        assert self.status == 200, self.page
        assert self.path != "/sign-in", self.page

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> str:
        url = urllib.parse.urljoin(f"{self.base_url}{self.path}", path)
        assert url.startswith(self.base_url), f"a link leads away: {url}"
        sent = {"Accept-Language": "zh-CN", "Accept": "text/html", **headers}
        request = urllib.request.Request(url, data=body, headers=sent)
        try:
            with self._opener.open(request, timeout=30) as answer:
                self._keep(answer)
        except urllib.error.HTTPError as error:
            with error:
                self._keep(error)
        return self.page

    def _keep(self, answer: urllib.response.addinfourl) -> None:
        body = answer.read()
        self.headers = {name.lower(): value for name, value in answer.headers.items()}
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.page = body.decode()
        self.status = answer.status or 0
        parts = urllib.parse.urlsplit(answer.url)
        self.path = f"{parts.path}?{parts.query}" if parts.query else parts.path
