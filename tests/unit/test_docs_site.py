"""The pages hang together: navigation, links, pictures, formulas and names, without building the site."""

from __future__ import annotations

import importlib.util
import inspect
import posixpath
import re
import unicodedata
from pathlib import Path

import pytest

import xent_monitor
from xent_monitor.alerts.rule_file import load_rules

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CONFIGURATION = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
PAGES = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
#: Pages that are made of files of the repository (docs/hooks/project_pages.py).
MADE = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}

CODE = re.compile(r"^( *)(`{3,}).*?^\1\2$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+?)$", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES)


def prose(text):
    """A page without its blocks of code."""
    return CODE.sub("", text)


def links(text):
    """Targets of the links and pictures of a page."""
    without_spans = re.sub(r"(?<!`)`[^`\n]+`(?!`)", "", prose(text))
    return [first or second for first, second in LINK.findall(without_spans)]


def words_of(heading):
    """A heading without its marks: code, emphasis, links."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")


def anchors(text):
    """Anchors of the headings, as MkDocs names them, and as a repository's web page does."""
    headings = [words_of(heading) for heading in HEADING.findall(prose(text))]
    site, repository = set(), set()
    for heading in headings:
        ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
        kept = re.sub(r"[^\w\s-]", "", ascii_only).strip().lower()
        site.add(re.sub(r"[-\s]+", "-", kept))
        repository.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return site & repository


def text_of(path):
    return path.read_text(encoding="utf-8")


def nav():
    """Pages of the navigation, in order."""
    return re.findall(r"([\w/-]+\.md)$", CONFIGURATION.partition("\nnav:\n")[2], re.MULTILINE)


def hook(name):
    """A module of docs/hooks."""
    for needed in ("latex2mathml", "mkdocs"):
        pytest.importorskip(needed)
    specification = importlib.util.spec_from_file_location(name, DOCS / "hooks" / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_navigation_has_every_page_once_and_no_other():
    assert sorted(nav()) == sorted([*PAGES, *MADE])


@each_page
def test_links_lead_somewhere(page):
    broken = []
    for target in links(PAGES[page]):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (DOCS / page).parent / path if path else DOCS / page
        if not file.is_file() or (anchor and anchor not in anchors(text_of(file))):
            broken.append(target)

    assert broken == []


@each_page
def test_links_out_of_the_folder_are_to_pages_of_the_site(page):
    """Others would hold in the repository, and be broken on the site."""
    outside = [
        target
        for target in links(PAGES[page])
        if not re.match(r"https?://|#", target) and posixpath.normpath(posixpath.join(page, "..", target))[:2] == ".."
    ]

    assert {posixpath.basename(target.partition("#")[0]) for target in outside} <= set(MADE.values())


@each_page
def test_a_page_has_one_title_and_it_comes_first(page):
    text = prose(PAGES[page])

    assert re.findall(r"^# ", text, re.MULTILINE) == ["# "]
    assert PAGES[page].startswith("# ")


def test_pictures_are_used_described_and_small():
    shown = {
        posixpath.normpath(posixpath.join(posixpath.dirname(page), target)): words
        for page, text in PAGES.items()
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)
    }
    there = {path.relative_to(DOCS).as_posix(): path.stat().st_size for path in (DOCS / "images").iterdir()}

    assert set(there) == set(shown)
    assert [path for path, words in shown.items() if len(words) < 20] == []
    assert [path for path, size in there.items() if size > 350_000] == []


def test_the_site_asks_nothing_of_other_servers():
    assert re.findall(r"https?:|//", CONFIGURATION) == []
    assert re.search(r"^  font: false\b", CONFIGURATION, re.MULTILINE)
    for style in (DOCS / "stylesheets").iterdir():
        assert not re.search(r"@import|url\(", text_of(style))
    for page, text in PAGES.items():
        assert not re.search(r"<(script|img|iframe|link)\b", prose(text)), page
        assert not re.search(r"!\[[^\]]*\]\(https?:", text), page


def documented():
    """Names that the generated reference has, by `::: name`."""
    pages = "\n".join(text for page, text in PAGES.items() if page.startswith("reference/api/"))
    return re.findall(r"^::: ([\w.]+)$", pages, re.MULTILINE)


def test_the_reference_has_every_public_name_once():
    names = {f"xent_monitor.{name}" for name in xent_monitor.__all__} - {"xent_monitor.__version__"}
    modules = {"xent_monitor.interpretation.answers", "xent_monitor.sinks", "xent_monitor.testing"}

    assert sorted(documented()) == sorted(names | modules)


def test_the_overview_of_the_reference_names_them_too():
    overview = PAGES["reference/api/index.md"]

    assert [name for name in xent_monitor.__all__ if name not in overview] == []


def rule_files():
    """Blocks of TOML that hold rules and no tests, by page and place."""
    for page, text in PAGES.items():
        blocks = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for place, block in enumerate(blocks):
            if re.search(r"^\[\[?(rule|builtin)", block, re.MULTILINE) and "[[test]]" not in block:
                yield pytest.param(block, id=f"{page}-{place}")


@pytest.mark.parametrize("block", list(rule_files()))
def test_rule_files_on_pages_are_right(block, tmp_path, monkeypatch):
    for key, variable in re.findall(r'^(urls?_env) = "(\w+)"', block, re.MULTILINE):
        monkeypatch.setenv(variable, "https://hooks.example.org/secret" if key == "url_env" else "json://example.org")
    if 'type = "notify"' in block:
        pytest.importorskip("apprise")
    path = tmp_path / "alerts.toml"
    path.write_text(block, encoding="utf-8")

    assert len(load_rules(path)) >= 1


def test_tests_of_rules_on_the_page_end_as_shown(tmp_path, capsys):
    from xent_monitor.cli import main

    page = PAGES["how-to/testing-rules.md"]
    for name, block in re.findall(r"^```toml\n# (\w+\.toml)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(block, encoding="utf-8")

    def printed():
        return re.sub(r"\S*alerts_test", "alerts_test", capsys.readouterr().out).strip()

    assert main(["rules", "test", str(tmp_path / "alerts_test.toml")]) == 0
    assert printed() in page

    rules = tmp_path / "alerts.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("for = 3", "for = 2"), encoding="utf-8")
    assert main(["rules", "test", str(tmp_path / "alerts_test.toml")]) == 1
    first = printed().split("\n\nFAILED")[1].rstrip()
    assert f"FAILED{first}" in page


def test_formulas_of_pages_and_docstrings_can_be_drawn():
    mathematics = hook("mathematics")
    sources = [text_of(path) for path in (ROOT / "xent_monitor").rglob("*.py")]
    texts = [prose(text) for text in PAGES.values()] + [mathematics.to_dollars(source) for source in sources]
    formulas = [
        formula.replace("\\\\", "\\")  # of docstrings that are not raw
        for text in texts
        for formula in re.findall(r"\$\$\n?(.+?)\n? *\$\$", text, re.DOTALL)
    ]

    assert len(formulas) > 20
    for formula in formulas:
        assert mathematics.mathml(formula, display="block").startswith("<math")


def test_a_formula_that_cannot_be_drawn_breaks_the_build():
    mathematics = hook("mathematics")

    with pytest.raises(Exception) as caught:
        mathematics.mathml(r"\nosuchcommand x", display="inline")
    assert str(caught.value) == r"The formula has a command that latex2mathml does not know: \nosuchcommand x"


def test_formulas_of_docstrings_become_those_of_pages():
    mathematics = hook("mathematics")
    docstring = "One :math:`n`.\n\n.. math:: a +\n    b\n\nTwo.\n"

    assert mathematics.to_dollars(docstring) == "One $n$.\n\n\n$$\na + b\n$$\n\n\nTwo.\n"


def test_marked_formulas_are_converted():
    mathematics = hook("mathematics")
    marked = r'<p>a <span class="arithmatex">\(x &lt; 1\)</span> <div class="arithmatex">\[y\]</div></p>'
    converted = mathematics.on_page_content(marked)

    assert "arithmatex" not in converted
    assert converted.count("<math") == 2
    assert converted.count('display="block"') == 1


def test_links_to_the_contributors_page_hold_on_the_site():
    pages = hook("project_pages")

    class Page:
        class file:  # noqa: N801  # the name that MkDocs has
            src_uri = "how-to/a.md"

    text = "[a](../../CONTRIBUTING.md#floors) [b](../../CHANGELOG.md) [c](rules.md)"
    assert pages.on_page_markdown(text, Page) == "[a](../contributing.md#floors) [b](../changelog.md) [c](rules.md)"
    assert set(pages.PAGES.items()) == {(file, page) for page, file in MADE.items()}


def test_fields_and_quantities_are_documented_from_their_source():
    griffe = pytest.importorskip("griffe")
    docstrings = hook("docstrings")
    loader = griffe.GriffeLoader(extensions=griffe.load_extensions(docstrings.Docstrings()), search_paths=[ROOT])
    package = loader.load("xent_monitor")

    support = package["statistics.ClassStatistics.support"]
    assert support.docstring.value.startswith("Examples whose true class is k; multi-label:")
    skill = package["derived.DerivedQuantities.skill"]
    assert skill.is_attribute
    assert "property" in skill.labels
    assert skill.docstring.value == inspect.getdoc(xent_monitor.EvaluationReport.skill)
    example = package["alerts.event.AlertEvent"].docstring.value
    assert "Examples:\n" in example
    assert "Example:\n" not in example
