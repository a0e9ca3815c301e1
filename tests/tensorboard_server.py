"""A real TensorBoard server, for tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class TensorBoardServer:
    """A TensorBoard process, asked over HTTP."""

    def __init__(self, log_dir: Path, output: Path, *arguments: str) -> None:
        self._output = output
        with output.open("w") as file:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tensorboard.main", "--logdir", str(log_dir)),
                    *("--host", "127.0.0.1", "--port", "0", "--reload_interval", "1", *arguments),
                ],
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own: the data server is a child
            )
        self._url = ""

    def wait(self, runs: set[str], tag: str, num_points: int, seconds: float = 90.0) -> None:
        """Return once every run has the tag with so many points."""
        self.wait_until(lambda: self._holds(runs, tag, num_points), seconds)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 90.0) -> None:
        """Return once the server answers and the condition holds."""
        deadline = time.monotonic() + seconds
        while not (self._answers() and condition()):
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail(f"TensorBoard is not as it should be:\n{self._output.read_text()}")
            time.sleep(0.3)

    @property
    def url(self) -> str:
        """Address of the front page; known once one of the two has returned."""
        return self._url

    def _answers(self) -> bool:
        address = re.search(r"at (http://127\.0\.0\.1:\d+/\S*) \(Press", self._output.read_text())
        self._url = address[1] if address else ""
        return address is not None

    def _holds(self, runs: set[str], tag: str, num_points: int) -> bool:
        tags = self.get("scalars/tags")
        return all(tag in tags.get(run, {}) for run in runs) and all(
            len(self.get("scalars/scalars", run=run, tag=tag)) == num_points for run in runs
        )

    def get(self, route: str, **query: str) -> Any:
        """The JSON that a plugin answers."""
        return json.loads(self.read(route, **query))

    def read(self, route: str, **query: str) -> bytes:
        """What a plugin answers."""
        url = f"{self._url}data/plugin/{route}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as response:
            content: bytes = response.read()
            return content

    def stop(self) -> None:
        """End the process and its data server."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
