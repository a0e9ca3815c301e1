"""A real browser, for tests."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@contextlib.contextmanager
def debian_chromium(backend: str) -> Iterator[Any]:
    """Debian's Chromium, headless; the test is skipped where there is none, and on other backends than TensorFlow."""
    if backend != "tensorflow":
        pytest.skip("the pages are the same on every backend; they are looked at on TensorFlow")
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield chromium
        chromium.close()
