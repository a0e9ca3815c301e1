"""The changelog and the contributors' page as pages of the site, with links that hold there and in the repository."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

__all__ = ["PAGES", "on_files", "on_page_markdown"]

#: File of the repository, from its root, and the page of the site that is made of it.
PAGES = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}

#: A link out of `docs/`, to one of these files.
OUTSIDE = re.compile(rf"\]\((?P<up>(?:\.\./)+)(?P<file>{'|'.join(map(re.escape, PAGES))})(?P<anchor>#[\w-]+)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages; a link to a file under `docs/` becomes one to the page."""
    root = Path(config.config_file_path).parent
    for source, page in PAGES.items():
        text = (root / source).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links to the files lead to the pages."""
    folder = posixpath.dirname(page.file.src_uri)

    def inside(found: re.Match[str]) -> str:
        target = posixpath.relpath(PAGES[found["file"]], folder or ".")
        return f"]({target}{found['anchor'] or ''})"

    return OUTSIDE.sub(inside, markdown)
