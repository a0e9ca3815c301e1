"""Documents: their numbers are those of the reports, names break nothing, and nothing comes from elsewhere."""

from __future__ import annotations

import dataclasses
import functools
import html.parser
import math
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests import golden
from tests.builders import HOSTILE_NAMES, report
from tests.statistics_from_predictions import statistics_from_predictions
from xent_monitor import documents, plots
from xent_monitor.alerts.episodes import episodes
from xent_monitor.documents.class_rows import class_table, mistake_rows
from xent_monitor.documents.markdown_text import escape
from xent_monitor.documents.numbers import KEY_NUMBERS, number_rows, share, temperature
from xent_monitor.documents.pictures import picture
from xent_monitor.documents.sections import sections
from xent_monitor.errors import XentMonitorError
from xent_monitor.interpretation import answer
from xent_monitor.report import EvaluationReport
from xent_monitor.statistics import ClassStatistics

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

NAMES = ("<script>alert(1)</script>", "a|b", "plain", '"quoted" & `tick`')


class Alert(NamedTuple):
    """What a document is told of an alert."""

    severity: str = "warning"
    rule: str = "neglected-class"
    subject: str = "validation"
    epochs: str = "since epoch 1"
    is_firing: bool = True
    message: str = "It is <b>neglected</b> | by all."


def training(epochs=2, **arguments):
    return [
        report(4, epoch=epoch, seed=epoch, split=split, **arguments)
        for epoch in range(epochs)
        for split in ("train", "validation")
    ]


class Page(html.parser.HTMLParser):
    """What a page holds: its elements with their attributes, and the text of cells by row."""

    VOID = ("meta", "path", "use", "image", "rect")

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.open = []
        self.rows = []
        self.words = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        # A percent sign stays with its number.
        assert " %" not in data or "script" in self.open or "style" in self.open
        data = data.replace("\N{NO-BREAK SPACE}%", " %")
        if "script" in self.open or "style" in self.open:
            return
        self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def values(self, attribute):
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(scope="module")
def run():
    return documents.Run("my <run>", training(class_names=NAMES), [Alert(subject=f"validation, class {NAMES[0]}")])


@pytest.fixture(scope="module")
def page(run):
    return documents.html(run)


# HTML


def test_numbers_of_the_page_are_those_of_the_report(run, page):
    train, last = run.reports[-2:]
    # The mistakes, whose rows begin with the names of classes too, come after these.
    rows = {row[0]: row[1:] for row in reversed(Page(page).rows) if row}

    for number in KEY_NUMBERS:
        name = f"{number.name} {number.unit}".rstrip()
        assert rows[name][:2] == [number.form(getattr(one, number.quantity)) for one in (train, last)]
    change = last.cross_entropy - run.reports[1].cross_entropy
    assert rows["Cross-entropy nats"][2] == f"{change:+.3f}".replace("-", "\N{MINUS SIGN}")
    for k, name in enumerate(NAMES):
        assert rows[name][0] == f"{last.class_cross_entropy[k]:.3f}"
        assert rows[name][4] == share(last.class_accuracy[k])
        assert rows[name][-1] == str(last.support[k])


def test_the_parts_of_the_gauge_are_named(run, page):
    train, last = run.reports[-2:]
    items = re.findall(r'<li><i class="([\w ]+)"></i>([^<]+)</li>', page)
    misplaced = last.cross_entropy - last.tempered_cross_entropy
    side = "over" if last.temperature > 1 else "under"

    assert items == [
        ("solid", f"validation {last.cross_entropy:.3f}"),
        ("hatched", f"of it {side}-confidence {misplaced:.3f}"),
        ("tick train", f"train {train.cross_entropy:.3f}"),
        ("tick", f"base rates alone {last.prior_entropy:.3f}"),
        ("tick uniform", f"even guess {last.uniform_cross_entropy:.3f}"),
    ]
    assert "<li>0 perfect</li>" in page


def test_no_two_pictures_have_the_same_title(page):
    said = re.findall(r'<text style="[^"]*font-weight: 700[^"]*"[^>]*>([^<]+)</text>', page)
    titles = list(dict.fromkeys(said))  # some are drawn for light and for dark

    assert "Cross-entropy by class, by epoch" in titles
    assert "Cross-entropy by class now, ± standard error" in titles
    assert "Cross-entropy by class" not in titles


def test_the_answers_are_on_the_page(run, page):
    words = " ".join("".join(Page(page).words).split())
    said = answer(run.reports[-1], run.reports[:-1])

    for text in dataclasses.astuple(said):
        assert " ".join(text.split()) in words


def test_nothing_is_loaded_from_elsewhere(page):
    assert "http:" not in page
    assert "https:" not in page
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    found = Page(page)
    assert found.values("src") == []
    assert all(value.startswith(("#", "data:image/png;base64,")) for value in found.values("href"))


def test_names_are_escaped_everywhere(page):
    found = Page(page)

    assert [tag for tag, _ in found.elements if tag == "script"] == ["script"]
    assert "b" not in [tag for tag, attributes in found.elements if tag == "b" and attributes]
    assert page.count("<script>") == 1
    assert "alert(1)</script>" not in page
    assert "&lt;b&gt;neglected&lt;/b&gt;" in page
    assert "<title>my &lt;run&gt;</title>" in page


def test_the_page_is_accessible(page):
    found = Page(page)
    pictures = [attributes for tag, attributes in found.elements if tag == "svg"]

    assert ("html", {"lang": "en"}) in found.elements
    identifiers = found.values("id")
    assert len(identifiers) == len(set(identifiers))
    assert len(pictures) == 8  # of six, two drawn for light and for dark
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert set(attributes["aria-labelledby"].split()) <= set(identifiers)
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in found.elements if tag == "th")
    targets = [value[1:] for value in found.values("href") if value.startswith("#")]
    assert set(targets) <= set(identifiers)


def test_the_same_report_gives_the_same_picture():
    draw = functools.partial(plots.reliability, report(3))

    assert picture("key", "title", "what it shows", draw) == picture("key", "title", "what it shows", draw)


def test_colours_of_pictures_are_those_of_the_page(page):
    (svg,) = re.findall(r"<svg[^>]*s0-0-title.*?</svg>", page, re.DOTALL)

    assert "var(--validation)" in svg
    assert "var(--page)" in svg
    assert not re.findall(r'style="[^"]*#[0-9a-f]{6}', svg)


def test_colours_of_the_page_are_those_of_the_tab():
    root = Path(__file__).resolve().parents[2]
    tab = (root / "dashboard" / "src" / "style" / "base.css").read_text(encoding="utf-8").split("body.dark {")
    page = (root / "xent_monitor" / "documents" / "templates" / "report.css").read_text(encoding="utf-8")
    light, dark = page.split("* { box-sizing")[0].split("@media")

    for own, theirs in ((light, tab[0]), (dark, tab[1])):
        colours = re.findall(r"--[\w-]+: #\w{6};", own)
        assert len(colours) > 20
        assert [colour for colour in colours if colour not in theirs] == []


def test_a_page_of_each_output_and_split():
    reports = [
        report(3, epoch=epoch, split=split, output=output)
        for epoch in range(2)
        for output in ("a", "b")
        for split in ("train", "validation")
    ]
    reports.append(report(3, epoch=1, split="test", output="b"))

    assert [section.place for section in sections(reports, classes=3, mistakes=3)] == [
        "validation, epoch 1, output a",
        "validation, epoch 1, output b",
        "test, epoch 1, output b",
    ]
    assert [section.place for section in sections(reports[:1], classes=3, mistakes=3)] == ["train, epoch 0, output a"]


def test_a_run_without_reports_or_examples_says_so():
    empty = EvaluationReport(
        0, "validation", "", ("a", "b", "c"), ClassStatistics.empty("multiclass", 3, 15, num_temperatures=11)
    )

    assert "There are no reports." in documents.html(documents.Run("", []))
    assert "Nothing to judge" in documents.html(documents.Run("", [empty]))
    assert "Nothing to judge" in documents.markdown(documents.Run("", [empty]))
    assert documents.markdown(documents.Run("", [])) == (
        "# Run\n\nThere are no reports.\n\n## Alerts\n\nNo alert has fired.\n"
    )


@pytest.mark.parametrize(
    ("library", "message"),
    [
        ("jinja2", "HTML reports need Jinja2. Install it: pip install 'xent-monitor[plots]'"),
        ("matplotlib", "Pictures need matplotlib. Install it: pip install 'xent-monitor[plots]'"),
    ],
)
def test_a_missing_library_is_named(monkeypatch, run, library, message):
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(XentMonitorError) as caught:
        documents.html(run)

    assert str(caught.value) == message
    assert documents.markdown(run)


# Markdown


def test_markdown_of_a_run(run):
    text = documents.markdown(run)
    train, last = run.reports[-2:]
    lines = text.splitlines()

    assert lines[0] == "# my \\<run\\>"
    assert lines[2] == f"## {escape(answer(last, run.reports[:-1]).headline)}"
    assert f"| Accuracy | {share(train.accuracy)} | {share(last.accuracy)} |" in text
    worst = int(np.argmax(last.class_cross_entropy))
    assert f"| {escape(NAMES[worst])} | {last.class_cross_entropy[worst]:.3f} | " in text
    pair = last.worst_confusions(1)[0]
    assert f"| {escape(NAMES[pair.true_class])} | {escape(NAMES[pair.predicted_class])} | {pair.count} | " in text
    assert "| since epoch 1 | It is \\<b\\>neglected\\</b\\> \\| by all. |" in text


def test_rows_of_markdown_tables_have_as_many_cells_as_their_header(run):
    hostile = documents.Run("x", [report(12, class_names=HOSTILE_NAMES)], [Alert(subject="a|b")])
    for text in (documents.markdown(run), documents.markdown(hostile)):
        text.encode("utf-8")
        cells = None
        for line in text.splitlines():
            count = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
            assert count is None or cells in (None, count)
            cells = count


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("plain", "plain"),
        ("a|b", "a\\|b"),
        ("`x` *y* _z_", "\\`x\\` \\*y\\* \\_z\\_"),
        ("two\nlines", "two lines"),
        ("$x$ &amp;", "\\$x\\$ \\&amp;"),
        ("@team", "@\u2060team"),
        ("cat #7", "cat #\u20607"),
        ("https://x.y", "https:\u2060//x.y"),
        ("www.x.y", "www\u2060.x.y"),
        ("\\", "\\\\"),
    ],
)
def test_names_mean_nothing_to_markdown(name, escaped):
    assert escape(name) == escaped


# Numbers and alerts


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "-"), (0.25, "25.0 %"), (1.0, "100.0 %"), (0.99999, "above 99.9 %")]
)
def test_a_share(value, text):
    assert share(value) == text


@pytest.mark.parametrize(("turned", "text"), [(0, "< 0.063"), (1, "> 64")])
def test_a_temperature_beyond_the_range_is_not_written_as_if_measured(turned, text):
    labels = np.random.RandomState(0).randint(3, size=60)
    rows = np.roll(0.9 * np.eye(3)[labels] + 0.1 / 3, turned, axis=1)
    one = EvaluationReport(0, "validation", "", ("a", "b", "c"), statistics_from_predictions(labels, rows))
    (values,) = [row.values for row in number_rows(one, {"validation": one}, None) if row.number.name == "Temperature"]

    assert values == {"validation": text}
    assert f"| Temperature | {text} |" in documents.markdown(documents.Run("x", [one]))
    assert f">{text.replace('<', '&lt;').replace('> ', '&gt; ')}<" in documents.html(documents.Run("x", [one]))
    assert temperature(report(3), 2) == f"{report(3).temperature:.2f}"


def test_counts_are_plain_digits():
    one = report(2, num_examples=5000, sharpness=0.1)
    number = next(number for number in KEY_NUMBERS if number.quantity == "num_examples")

    assert number.form(one.num_examples) == "5000"
    assert {cells[-1].text for _, cells in class_table(one, None, 2).rows} == {str(count) for count in one.support}
    assert [row.examples for row in mistake_rows(one, 2)[1]] == [str(pair.count) for pair in one.worst_confusions(2)]


def test_an_undefined_standard_error_is_left_out():
    page = documents.html(documents.Run("x", [report(2, num_examples=1)]))

    assert "standard error</dd>" not in page
    assert "standard error</dd>" in documents.html(documents.Run("x", [report(2)]))


def test_the_gravest_alert_that_fires_is_how_the_run_stands():
    alerts = [Alert("critical"), Alert("info"), Alert("warning", epochs="epochs 1 to 3", is_firing=False)]

    assert documents.Run("x", [], alerts).standing == ("critical", "2 alerts firing")
    assert documents.Run("x", [], alerts[2:]).standing == ("healthy", "No alert firing")


def test_the_episodes_of_a_log_are_what_a_run_takes():
    events = [golden.event("firing", 1, rule="a|b", class_name="<i>"), golden.event("resolved", 3, rule="over")]
    run = documents.Run("x", [], episodes(events))

    assert '| warning | a\\|b | validation, class "\\<i\\>" | since epoch 1 | ' in documents.markdown(run)
    assert "<b>over</b>" in documents.html(run)


def test_long_tables_say_what_they_leave_out():
    run = documents.Run("x", [report(30, num_examples=600)], [Alert(rule=f"rule-{k}") for k in range(25)])
    text = documents.markdown(run)

    assert "... and 20 others." in text
    assert "... and 5 others." in text
    assert "### Worst classes" in text
