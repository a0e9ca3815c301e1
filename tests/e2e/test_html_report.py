"""The HTML report in a real browser, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import debian_chromium
from tests.builders import HOSTILE_NAMES, report
from xent_monitor import documents

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

#: An event handler in a name would change the title.
BREAKS_OUT = "<img src=x onerror=\"document.title='broken'\">"


@pytest.fixture(scope="module")
def chromium(backend: str) -> Iterator[Any]:
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    with debian_chromium(backend) as browser:
        yield browser


@pytest.fixture(scope="module")
def file(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = (BREAKS_OUT, *HOSTILE_NAMES[1:])
    reports = [
        report(12, epoch=epoch, seed=epoch, split=split, class_names=names, num_examples=400)
        for epoch in range(2)
        for split in ("train", "validation")
    ]
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(documents.html(documents.Run("a run", reports)), encoding="utf-8")
    return path


@pytest.fixture
def opened(chromium: Any, file: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page; what a browser complains of, and asks for beside the file, fails the test."""
    context = chromium.new_context(**request.param)
    context.set_offline(True)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda asking: asked.append(asking.url))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]


def size(width: int, **options: Any) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 900}, **options}


@pytest.mark.parametrize(
    "opened", [size(1280), size(400), size(1280, color_scheme="dark")], ids=["wide", "narrow", "dark"], indirect=True
)
def test_it_fits_the_window_in_its_colours(opened):
    ground, light, dark = opened.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('svg.light')).display,"
        " getComputedStyle(document.querySelector('svg.dark')).display]"
    )

    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.title() == "a run"
    shown = {"rgb(255, 255, 255)": ("block", "none"), "rgb(20, 23, 28)": ("none", "block")}
    assert (light, dark) == shown[ground]
    assert opened.locator("figure svg:visible").count() == 6


@pytest.mark.parametrize("opened", [size(1280)], ids=["wide"], indirect=True)
def test_classes_are_sorted_by_a_column(opened):
    def column(number: int) -> list[str]:
        return opened.locator(f".sortable tbody tr > :nth-child({number})").all_inner_texts()

    by_loss = column(1)
    opened.locator(".sortable thead button").last.click()
    support = [int(text) for text in column(9)]
    assert support == sorted(support, reverse=True)
    assert opened.locator(".sortable th[aria-sort]").get_attribute("aria-sort") == "descending"
    opened.locator(".sortable thead button").nth(1).click()
    assert column(1) == by_loss
    opened.locator(".sortable thead button").first.click()
    assert sorted(column(1)) == sorted(by_loss)
    assert column(1) != by_loss


@pytest.mark.parametrize("opened", [size(1280, java_script_enabled=False)], ids=["plain"], indirect=True)
def test_without_scripts_all_is_there(opened):
    assert opened.locator(".sortable thead button").count() == 0
    assert opened.locator(".sortable tbody tr").count() == 12
    assert opened.locator("h1").is_visible()
