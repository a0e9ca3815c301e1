"""The "Cross-entropy" tab in a real browser, served by a real TensorBoard from real trainings."""

from __future__ import annotations

import csv
import io
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import debian_chromium
from tests.tensorboard_server import TensorBoardServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.browser]

EPOCHS = 12
SECTIONS = ("runs", "head", "story", "classes", "confidences", "mistakes", "comparison", "alerts")
#: Noise of TensorBoard itself.
NOT_OURS = ("THREE.", "favicon", "Lit is in dev mode", "font-roboto")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Path:
    """Four real trainings in one log directory."""
    if backend != "tensorflow":
        pytest.skip("the page is the same on every backend; it is looked at on TensorFlow")
    from tests import dashboard_logs

    log_dir = tmp_path_factory.mktemp("logs")
    dashboard_logs.wide_digits(log_dir / "digits" / "wide", epochs=EPOCHS)
    dashboard_logs.careful_digits(log_dir / "digits" / "careful", epochs=EPOCHS)
    dashboard_logs.two_outputs(log_dir / "several" / "outputs", epochs=3)
    dashboard_logs.labels(log_dir / "several" / "labels", epochs=3)
    return log_dir


@pytest.fixture(scope="module")
def server(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoardServer]:
    server = TensorBoardServer(logs, tmp_path_factory.mktemp("server") / "output.txt")
    try:
        server.wait_until(lambda: len(server.get("xent_monitor/runs")["runs"]) == 5)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def chromium(backend: str) -> Iterator[Any]:
    with debian_chromium(backend) as browser:
        yield browser


class Tab:
    """The tab in a browser window of its own, with what went wrong in it."""

    def __init__(
        self, chromium: Any, url: str, width: int = 1400, wait: str = ".class-table tbody tr[aria-rowindex]"
    ) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": 1000}, accept_downloads=True)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))
        self.page.goto(f"{url}#xent_monitor")
        self.frame = self.page.frame_locator("iframe[src*='name=xent_monitor']")
        self.frame.locator(wait).first.wait_for()

    def _listen(self, message: Any) -> None:
        said = f"{message.text} {message.location.get('url', '')}"
        if message.type == "error" and not any(part in said for part in NOT_OURS):
            self.errors.append(said)

    def one(self, selector: str) -> Any:
        """The element of a selector, in the frame of the tab."""
        return self.frame.locator(selector)

    def text(self, selector: str) -> str:
        """What it says."""
        return str(self.one(selector).first.inner_text())

    def wait_for_text(self, selector: str, text: str) -> None:
        """Return once an element has a text in it."""
        self.one(selector).filter(has_text=text).first.wait_for()

    def run(self, name: str) -> None:
        """Choose a run."""
        self.one(f"[data-run='{name}']").first.click()
        self.wait_for_text(".toolbar", name)

    def close(self) -> None:
        """Close the window, and see that nothing went wrong."""
        self.context.close()
        assert self.errors == []


@pytest.fixture
def tab(chromium: Any, server: TensorBoardServer) -> Iterator[Tab]:
    tab = Tab(chromium, server.url)
    tab.run("digits/wide")
    tab.wait_for_text("#head h1", " ")
    yield tab
    tab.close()


def first_classes(tab: Tab, number: int = 3) -> list[str]:
    return [str(row.locator("td").first.inner_text()) for row in tab.one(".class-table tbody tr[aria-rowindex]").all()][
        :number
    ]


def test_every_section_answers_its_question(tab, tmp_path):
    for section in SECTIONS:
        tab.one(f"#{section}").scroll_into_view_if_needed()
        assert tab.one(f"#{section}").is_visible(), section
    for section in ("story", "classes", "confidences", "mistakes", "alerts"):
        tab.wait_for_text(f"#{section} .answer", ".")
    tab.wait_for_text(".reading", "Validation cross-entropy")

    assert tab.one(".gauge").count() >= 4
    assert tab.one("#story canvas").count() >= 2
    assert tab.one("#classes canvas").count() >= 2
    assert tab.one("#classes .class-table tbody tr[aria-rowindex]").count() == 10
    tab.page.screenshot(path=tmp_path / "page.png")


def test_the_words_are_those_of_the_server(tab, server):
    answer = server.get("xent_monitor/words", run="digits/wide", split="validation", epoch=str(EPOCHS - 1))

    tab.wait_for_text("#head h1", answer["headline"])
    for section in ("story", "classes", "confidences", "mistakes"):
        assert tab.text(f"#{section} .answer") == answer[section]
    assert tab.text(".reading") == answer["reading"]


def test_nothing_is_asked_of_another_server(tab, server):
    host = urllib.parse.urlsplit(server.url).netloc

    own = [url for url in tab.requests if "plugin/xent_monitor" in url]
    assert len(own) >= 5
    assert {urllib.parse.urlsplit(url).netloc for url in own} == {host}


def test_a_click_on_a_class_chooses_it_everywhere(tab):
    tab.one(".class-table tbody tr[aria-rowindex]").nth(1).locator("td").first.click()
    name = first_classes(tab, 2)[1]

    tab.wait_for_text(".toolbar", name)
    tab.wait_for_text("#confidences .answer", name)
    assert tab.one(".class-table tbody tr[aria-selected=true]").count() == 1
    tab.wait_for_text("#story", name)
    tab.one("#confidences [data-scope=all], #confidences .segments button").last.click()
    tab.page.keyboard.press("Escape")
    tab.one(".class-table tbody tr[aria-selected=true]").wait_for(state="detached")


def test_the_slider_chooses_the_epoch_of_the_whole_page(tab, server):
    tab.one("#epoch").fill("3")
    answer = server.get("xent_monitor/words", run="digits/wide", split="validation", epoch="3")

    tab.wait_for_text(".toolbar output", f"3 of {EPOCHS - 1}")
    tab.wait_for_text("#head", "epoch 3")
    tab.wait_for_text(".reading", answer["reading"])
    assert tab.text("#story .answer") == answer["story"]


def test_arrow_keys_choose_the_epoch(tab):
    tab.one("#head h1").click()
    tab.page.keyboard.press("ArrowLeft")

    tab.wait_for_text(".toolbar output", f"{EPOCHS - 2} of")
    assert tab.text(".toolbar output") == f"{EPOCHS - 2} of {EPOCHS - 1}"
    tab.one("[data-action=latest]").click()
    assert tab.text(".toolbar output") == f"{EPOCHS - 1} of {EPOCHS - 1}"


def test_classes_are_sorted_by_a_column(tab):
    worst_first = first_classes(tab, 10)
    tab.one(".class-table thead button[data-key=name]").click()
    by_name = first_classes(tab, 10)
    tab.one(".class-table thead button[data-key=name]").click()

    assert by_name == sorted(worst_first)
    assert first_classes(tab, 10) == by_name[::-1]


def test_classes_are_filtered_by_name(tab):
    tab.one("#head h1").click()
    tab.page.keyboard.press("/")
    tab.page.keyboard.type("ei")

    assert first_classes(tab, 10) == ["eight"]
    assert tab.one("#filter").evaluate("element => element === document.activeElement")
    tab.page.keyboard.type("xx")
    tab.wait_for_text("#classes", "eixx")
    tab.one("#classes").get_by_role("button", name="Clear filter").first.click()
    assert len(first_classes(tab, 10)) == 10


def test_the_table_is_saved_as_csv(tab):
    with tab.page.expect_download() as download:
        tab.one("#classes").get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))

    assert {row["class"] for row in rows} == set(first_classes(tab, 10))
    assert all(0 <= float(row["class_accuracy"]) <= 1 for row in rows)
    assert [float(row["class_cross_entropy"]) for row in rows] == sorted(
        (float(row["class_cross_entropy"]) for row in rows), reverse=True
    )


def test_the_page_is_saved_as_a_picture(tab):
    with tab.page.expect_download() as download:
        tab.one("[data-action=picture]").click()
    content = Path(download.value.path()).read_bytes()

    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") >= 1200
    assert int.from_bytes(content[20:24], "big") >= 2000
    assert len(content) > 100_000


def test_two_runs_are_compared(tab):
    tab.one("[data-compare='digits/careful']").click()

    tab.wait_for_text("#comparison", "digits/careful")
    assert tab.one("[data-compare='digits/careful']").get_attribute("aria-pressed") == "true"
    rows = tab.one("#comparison .difference-table tbody tr:not(.space)")
    rows.first.wait_for()
    rows.first.click()
    tab.one(".class-table tbody tr[aria-selected=true]").wait_for()


def test_the_other_split_is_shown(tab):
    before = tab.text("#classes .class-table")
    tab.one("[data-split=train]").click()

    tab.wait_for_text("#head", "train")
    assert tab.text("#classes .class-table") != before


def test_dark_as_tensorboard_is(tab):
    light = tab.one("body").evaluate("body => getComputedStyle(body).backgroundColor")
    tab.page.evaluate("document.body.classList.add('dark-mode')")
    tab.one("body.dark").wait_for()

    assert tab.one("body").evaluate("body => getComputedStyle(body).backgroundColor") != light
    tab.one("[data-action=theme]").click()
    tab.one("body:not(.dark)").wait_for()


def test_what_was_chosen_is_remembered(tab):
    tab.one(".class-table tbody tr[aria-rowindex]").first.locator("td").first.click()
    name = first_classes(tab, 1)[0]
    tab.one("#epoch").fill("4")
    tab.page.reload()

    tab.wait_for_text(".toolbar output", "4 of")
    tab.wait_for_text(".toolbar", name)
    assert tab.text(".toolbar output") == f"4 of {EPOCHS - 1}"
    assert tab.text(".shown-run") == "digits/wide"


def test_a_mistake_is_followed_over_the_epochs(tab):
    tab.one("#mistakes").scroll_into_view_if_needed()
    tab.wait_for_text("#mistakes", "\u2192")
    tab.wait_for_text("#mistakes", "peak")

    followed = re.search(rf"([\d.]+)\s?% of \d+ at epoch {EPOCHS - 1}; peak ([\d.]+)", tab.text("#mistakes"))
    assert followed is not None
    assert 0 < float(followed[1]) <= float(followed[2]) <= 100


def test_alerts_say_when_and_why(tab, server):
    recorded = server.get("xent_monitor/alerts", run="digits/wide")
    assert recorded["recorded"]
    tab.one("#alerts").scroll_into_view_if_needed()
    if recorded["instances"]:
        tab.one("#alerts [data-alert]").first.click()
        tab.wait_for_text("#alerts", recorded["instances"][0]["rule"])
    else:
        tab.wait_for_text("#alerts", f"{len(recorded['rules'])} rules")


def test_several_outputs(tab):
    tab.one("[data-run='several/outputs']").first.click()
    tab.wait_for_text(".toolbar", "several/outputs")
    tab.one(".toolbar #output").select_option("parity")
    tab.wait_for_text("#head", "parity")

    tab.wait_for_text(".class-table", "odd")
    assert len(first_classes(tab, 10)) == 2


def test_several_labels(tab):
    tab.run("several/labels")

    tab.wait_for_text("#classes h2", "labels")
    tab.wait_for_text(".class-table", "prime")
    tab.wait_for_text("#mistakes .answer", ".")
    assert set(first_classes(tab, 10)) == {"even", "above four", "prime", "with a loop", "seven"}


@pytest.mark.parametrize("width", [900, 1400, 1900])
def test_nothing_sticks_out_of_the_page(chromium, server, width):
    tab = Tab(chromium, server.url, width)

    inside = next(frame for frame in tab.page.frames if "name=xent_monitor" in frame.url)
    assert inside.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    tab.close()


def test_an_empty_log_directory_says_what_fills_it(chromium, tmp_path):
    (tmp_path / "logs").mkdir()
    server = TensorBoardServer(tmp_path / "logs", tmp_path / "output.txt")
    try:
        server.wait_until(lambda: server.get("xent_monitor/runs")["runs"] == [])
        page = chromium.new_page()
        # TensorBoard has no tab for a plugin without data; its frame is there all the same.
        page.goto(f"{server.url}data/plugin_entry.html?name=xent_monitor")
        page.get_by_text("Nothing recorded in this log directory yet").wait_for()
        assert "callbacks=[monitor]" in page.locator("pre").inner_text()
        page.close()
    finally:
        server.stop()


def test_hostile_names_are_text(chromium, tmp_path, backend):
    if backend != "tensorflow":
        pytest.skip("the page is the same on every backend; it is looked at on TensorFlow")
    from tests import dashboard_logs

    dashboard_logs.hostile(tmp_path / "logs" / dashboard_logs.HOSTILE_RUN, epochs=3)
    server = TensorBoardServer(tmp_path / "logs", tmp_path / "output.txt", "--path_prefix", "/some/prefix")
    try:
        server.wait_until(lambda: len(server.get("xent_monitor/runs")["runs"]) == 1)
        tab = Tab(chromium, server.url)
        names = tab.text(".class-table")
        assert "<script>document.title='broken'</script>" in names
        rows = tab.one(".class-table tbody tr[aria-rowindex]")
        for index in range(min(rows.count(), 6)):
            rows.nth(index).locator("td").first.click()
            tab.page.wait_for_timeout(200)
        inside = next(frame for frame in tab.page.frames if "name=xent_monitor" in frame.url)
        assert inside.evaluate("document.title") == "Cross-entropy"
        assert inside.evaluate("document.querySelectorAll('img, script[src*=\"x\"], iframe').length") == 0
        tab.close()
    finally:
        server.stop()


def test_a_training_is_followed(chromium, tmp_path, backend):
    """The page shows the epochs that are written while it is open, and stays at the one that was chosen."""
    if backend != "tensorflow":
        pytest.skip("the page is the same on every backend; it is looked at on TensorFlow")
    from tests.builders import report
    from xent_monitor.tensorboard import ReportWriter

    writer = ReportWriter(tmp_path / "logs")
    reports = [report(4, epoch, seed=epoch, num_examples=400) for epoch in range(6)]
    for one in reports[:3]:
        writer.write(one, "")
    writer.flush()
    server = TensorBoardServer(tmp_path / "logs", tmp_path / "output.txt")
    try:
        server.wait_until(lambda: [run["last_epoch"] for run in server.get("xent_monitor/runs")["runs"]] == [2])
        tab = Tab(chromium, server.url)
        tab.wait_for_text(".toolbar output", "2 of 2")
        writer.write(reports[3], "")
        writer.flush()
        server.wait_until(lambda: server.get("xent_monitor/runs")["runs"][0]["last_epoch"] == 3)
        tab.page.locator(".reload-button").click()
        tab.wait_for_text(".toolbar output", "3 of 3")
        tab.one("#epoch").fill("1")
        for one in reports[4:]:
            writer.write(one, "")
        writer.flush()
        server.wait_until(lambda: server.get("xent_monitor/runs")["runs"][0]["last_epoch"] == 5)
        tab.page.locator(".reload-button").click()
        tab.wait_for_text(".toolbar output", "1 of 5")
        assert tab.one("#epoch").input_value() == "1"
        tab.close()
    finally:
        writer.close()
        server.stop()
