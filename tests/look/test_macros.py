"""Every macro renders with the least it needs, and the frames and error pages stand by themselves."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, flash, render_template, render_template_string
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from tests.look import small_app

MACROS = Path(__file__).parents[2] / "templates/macros"
DEADLINE = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
STEP = SimpleNamespace(name="初评", start=date(2026, 4, 8), end=date(2026, 4, 17), state="now", note="")
FLAG = SimpleNamespace(kind=SimpleNamespace(value="holiday"), name="校庆", serious=True)
EVENT = SimpleNamespace(at=DEADLINE, what="退回修改", who="经办人甲", note="")
PAGE = {"total": 120, "per_page": 50, "first": 51, "last": 100, "number": 2, "pages": 3}
CRITERION = SimpleNamespace(key="new", name="创新性", hint="有新意", max=30, weight=1, bands=[(27, 30, "突出")])
LANE = {
    "name": "论坛",
    "edition": "2026",
    "rings": 6,
    "next": "",
    "href": "",
    "marks": [
        {"kind": "span", "label": "申报", "x": 10, "x2": 20, "state": "past", "day": "3月"},
        {"kind": "point", "label": "表彰", "x": 96, "state": "next", "day": "12月"},
        {"kind": "issue", "label": "1", "slot": 14, "x": 30, "state": "past", "day": "4.28"},
    ],
}


class SampleForm(FlaskForm):
    class Meta:
        csrf = False

    name = StringField("姓名", [InputRequired("请填写姓名")], render_kw={"autocomplete": "name"})
    note = TextAreaField("备注", description="例如轮椅席位。")
    grade = SelectField("年级", choices=[SelectChoice("1", "一年级")])
    way = RadioField(
        "方式", [InputRequired("请选择方式")], choices=[SelectChoice("a", "到现场"), SelectChoice("b", "看直播")]
    )
    days = SelectMultipleField("日子", choices=[SelectChoice("a", "周六")], option_widget=widgets.CheckboxInput())
    agree = BooleanField("我同意", [InputRequired("请先阅读")])
    paper = FileField("报告")


# file → calls; a macro that is not named here fails test_every_macro_is_tried
CALLS: dict[str, list[str]] = {
    "button": ["link('/', '看')", "submit('存', 'p', 'do', 'save')", "post('/x', '取消', 'd', '第 2 期', {'id': 3})"],
    "calendar": [
        "calendar_links(feed, False)",
        "calendar_links(feed, True)",
        "copy('feed', '地址', feed)",
        "alternate(feed, '论坛')",
        "alternate('', '')",
    ],
    "days": [
        "name_of('校庆')",
        "state_words(flag)",
        "flag_words(flag)",
        "flag_state(flag)",
        "day_flags([flag])",
    ],
    "date": [
        "day(deadline)",
        "moment(deadline)",
        "when(None)",
        "when(deadline)",
        "between(deadline, now())",
        "between(today(), None)",
        "left(deadline)",
        "until(deadline)",
        "due('截止', deadline)",
    ],
    "empty": ["empty('没有。', '/', '看全部')"],
    "figures": [
        "bar_chart([('渝中区', 3)], '按区县', '件')",
        "bar_chart([], '空')",
        "weights([('创新性', 30, '')])",
        "lanes([lane], 20)",
    ],
    "forms": [
        "summary(form)",
        "hidden(form)",
        "submit('提交')",
        "is_group(form.way)",
        "target(form.way)",
        "optional(form.note)",
        "about(form.name, '提示')",
        "field(form.name, '提示', 'm')",
        "field(form.way)",
        "field(form.days)",
        "field(form.agree)",
        "field(form.paper)",
        "field(form.note)",
        "field(form.grade)",
        "control(form.name)",
        "choices(form.way)",
        "range(form.name, form.note, '时间')",
    ],
    "month": ["month_grid(days, today(), {})"],
    "page": [
        "head('题', '上', '引', '/')",
        "values([('时间', '3月')], 'facts')",
    ],
    "pages": [
        "pagination(page)",
        "filters([{'key': 'kind', 'name': '类别', 'all': '全部', 'values': [('a', '竞赛')]}], {}, '筛选')",
        "pills([('全部', 3, '/', True)], '筛选')",
        "tabs([('概况', '/', True)], '本届')",
        "search('姓名', '甲', keep={'a': 'b'})",
    ],
    "score": [
        "net()",
        "progress(3, 12)",
        "sheet_data('j1', 'A-017', '/x', 3)",
        "compare()",
        "criterion(c, '23.5', '请打分')",
        "submit_bar(100, '提交')",
    ],
    "seal": ["seal(41, 41, '第41届')", "seal(3, kind='small later')"],
    "status": [
        "tag('ok', '报名中')",
        *[f"state('{kind}', '词')" for kind in ("ok", "back", "warn", "gone", "doing", "wait")],
        "mark('ok')",
        "mark('wait')",
        "meter(1, 0)",
        "meter(3, 4, '三比四')",
    ],
    "steps": ["steps([('复制', ''), ('日期', '/')], 1, '共 2 步')", "beginning(1)"],
    "table": [],
    "versions": [
        "both([{'name': '主题', 'theirs': '甲', 'yours': '', 'differs': True}], '/')",
        "both([])",
    ],
    "timeline": ["timeline([step])", "history([event])"],
}
# macros with a body
BODIES: dict[str, list[str]] = {
    "page": ["head('题')", "panel('题', 'h-1', '旁')", "bar('报名')"],
    "status": ["note('bad', '取消')", "quota(3, 4)"],
    "table": ["table(['编号', '姓名', ''], '名单')"],
}


@pytest.fixture(params=["zh", "en"], scope="module")
def app(request: pytest.FixtureRequest) -> Flask:
    return small_app.build(actor=small_app.EVERYTHING, english=request.param == "en")


def _values(*, filled: bool) -> dict[str, Any]:
    form = SampleForm()
    if not filled:
        form.validate()
        form.form_errors.append("名额刚刚满了。")
    return {
        "form": form,
        "deadline": DEADLINE,
        "feed": "https://events.example.org/feeds/all.ics",
        "lane": LANE,
        "step": STEP,
        "event": EVENT,
        "flag": FLAG,
        "page": PAGE,
        "c": CRITERION,
        "days": [date(2026, 3, n) for n in range(1, 29)],
    }


def _every_call() -> Iterator[tuple[str, str, bool]]:
    yield from ((file, call, False) for file, calls in CALLS.items() for call in calls)
    yield from ((file, call, True) for file, calls in BODIES.items() for call in calls)


@pytest.mark.parametrize(("file", "call", "body"), list(_every_call()))
def test_a_macro_renders(app: Flask, file: str, call: str, body: bool) -> None:
    # the file goes by a name that none of the sample values has
    source = f"{{% import 'macros/{file}.html' as m %}}"
    source += f"{{% call m.{call} %}}<p>内容</p>{{% endcall %}}" if body else f"{{{{ m.{call} }}}}"
    with app.test_request_context("/list?page=2"):
        for filled in (True, False):
            html = render_template_string(source, **_values(filled=filled))
            assert html.count("<div") == html.count("</div"), html
            assert "Undefined" not in html
            assert not body or "<p>内容</p>" in html


def test_every_macro_is_tried() -> None:
    tried = {(file, call.split("(")[0]) for file, call, _ in _every_call()}
    written = {
        (path.stem, name)
        for path in MACROS.glob("*.html")
        for name in re.findall(r"{%-? macro (\w+)", path.read_text())
        if not name.startswith("_")
    }
    assert tried == written


def test_an_error_is_tied_to_its_field_and_linked_from_the_top() -> None:
    app = small_app.build()
    with app.test_request_context("/"):
        values = _values(filled=False)
        source = "{% import 'macros/forms.html' as m %}{{ m.summary(form) }}{{ m.field(form.name, '如证件') }}"
        html = render_template_string(source, **values)
    assert 'href="#name">请填写姓名</a>' in html
    assert 'href="#way-0">请选择方式</a>' in html
    assert "名额刚刚满了。" in html
    assert 'aria-describedby="name-h name-e"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="name-e">请填写姓名</p>' in html


def test_an_optional_field_says_so_and_a_required_one_does_not() -> None:
    app = small_app.build()
    with app.test_request_context("/"):
        ask = "{% import 'macros/forms.html' as m %}{{ m.field(f) }}"
        form = SampleForm()
        assert "选填" in render_template_string(ask, f=form.note)
        assert "选填" not in render_template_string(ask, f=form.name)


def test_an_instant_is_written_on_the_clock_of_the_association() -> None:
    app = small_app.build()
    with app.test_request_context("/"):
        html = render_template_string("{% import 'macros/date.html' as d %}{{ d.moment(at) }}", at=DEADLINE)
    assert html == '<time datetime="2026-03-20T12:00:00+08:00">3月20日（周五）12:00</time>'


@pytest.mark.parametrize("frame", ["base.html", "manage.html", "judge.html"])
@pytest.mark.parametrize("actor", [small_app.VISITOR, small_app.EVERYTHING], ids=["visitor", "everybody"])
def test_a_frame_has_one_main_part_a_way_past_its_head_and_the_reader_s_language(frame: str, actor: Any) -> None:
    for english, language in ((False, "zh-CN"), (True, "en")):
        app = small_app.build(actor=actor, english=english)
        with app.test_request_context("/manage/series"):
            flash("已保存")
            html = render_template_string(
                f"{{% extends '{frame}' %}}{{% block title %}}题{{% endblock %}}"
                "{% block main %}<h1>题</h1>{% endblock %}"
            )
        assert f'<html lang="{language}">' in html
        assert html.count("<main") == 1
        assert '<a class="skip" href="#main">' in html
        assert "<title>题 - 重庆市科学技术协会</title>" in html
        assert "已保存" in html
        assert ('action="/sign-out"' in html) == actor.signed_in
        assert ('name="csrf-token"' in html) == actor.signed_in


def test_the_organiser_s_navigation_marks_where_one_is() -> None:
    app = small_app.build(actor=small_app.EVERYTHING)
    page = "{% extends 'manage.html' %}{% block main %}{% endblock %}"
    with app.test_request_context("/manage/series"):
        html = render_template_string(page)
    assert re.findall(r'<a href="([^"]+)" aria-current=page>', html) == ["/manage/series"]
    with app.test_request_context("/manage/series"):
        html = render_template_string("{% set here = 'worklist' %}" + page)
    assert re.findall(r'<a href="([^"]+)" aria-current=page>', html) == ["/manage/worklist"]


@pytest.mark.parametrize("code", [403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_an_error_page_says_what_happened_and_what_to_do_without_asking_anybody(code: int) -> None:
    app = small_app.build()

    def away(*_: object) -> Any:
        raise AssertionError("the database is away")

    app.jinja_env.globals.update(actor=away, who_is=away, organization=away)
    with app.test_request_context("/x"):
        html = render_template(f"errors/{code}.html", request_id="7f3a91c2")
        assert "7f3a91c2" in html
        assert "请求编号" not in render_template(f"errors/{code}.html")
    assert html.count("<h1") == 1
    assert len(re.findall(r"<p[^>]*>[^<]+</p>", html)) >= 3
