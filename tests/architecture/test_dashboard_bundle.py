"""The page that is shipped: built, licensed, and without what would let a name run as code or ask another server.

`make check-dashboard` compares it with its sources and lints those; this looks at the one file that users get, where no
Node is needed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "dashboard"
STATIC = ROOT / "xent_monitor" / "tensorboard" / "static"

BUNDLE = (STATIC / "index.js").read_text(encoding="utf-8")
LICENCES = (STATIC / "THIRD_PARTY_LICENSES.txt").read_text(encoding="utf-8")
LOCK = json.loads((DASHBOARD / "package-lock.json").read_text(encoding="utf-8"))

#: Twice what it was when the page was built first: another library, or a bundle that was not minified, shows here.
MAX_BYTES = 500_000

#: Names of XML vocabularies, which nobody asks anything of.
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}


def test_the_shipped_files_are_these():
    assert {path.name for path in STATIC.iterdir()} == {"index.js", "THIRD_PARTY_LICENSES.txt"}


def test_it_is_a_module_that_tensorboard_can_render():
    assert re.search(r"export\{[\w$]+ as render\};\s*$", BUNDLE)
    assert len(BUNDLE.encode()) < MAX_BYTES


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(inner|outer)HTML\b",
        r"\binsertAdjacentHTML\b",
        r"\bsrcdoc\b",
        r"\bdocument\.write(ln)?\b",
        r"\bcreateContextualFragment\b",
        r"\bparseFromString\b",
        r"\beval\(",
        r"\bnew Function\b",
        r"\bimport\(",
        r"\bXMLHttpRequest\b",
        r"\bWebSocket\b",
        r"\bsendBeacon\b",
        r"javascript:",
        r"@import\b",
        r"sourceMappingURL",
    ],
)
def test_nothing_runs_or_is_loaded_that_does_not_come_with_it(pattern: str):
    assert re.findall(pattern, BUNDLE) == []


def test_no_other_server_has_an_address_in_it():
    addresses = set(re.findall(r"(?:https?|wss?):\/\/[^\s\"'`<>)]*", BUNDLE))

    assert addresses <= NAMESPACES


def test_it_names_no_place_on_the_machine_that_built_it():
    assert re.findall(r"(?:/home/|/root/|/tmp/|/Users/|node_modules)", BUNDLE) == []


def test_what_is_bundled_is_licensed_by_name_and_version():
    libraries = LOCK["packages"][""]["dependencies"]

    assert libraries
    for name, version in libraries.items():
        licence = LOCK["packages"][f"node_modules/{name}"]["license"]
        assert f"index.js contains {name} {version} ({licence}).\n" in LICENCES
        assert f"{name} {version} ({licence})" in BUNDLE.splitlines()[0]
    assert LICENCES.count("Permission is hereby granted") == len(libraries)
    assert LICENCES.count("Copyright (c)") >= len(libraries)


def test_the_lock_file_names_no_registry_and_fixes_every_package():
    installed = {path: package for path, package in LOCK["packages"].items() if path}

    assert installed
    assert [path for path, package in installed.items() if "resolved" in package] == []
    assert [path for path, package in installed.items() if "integrity" not in package] == []
