"""What is public is said in `__all__`, and nothing else is."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import xent_monitor

PUBLIC_NAMES = {
    "AlertEngine",
    "AlertError",
    "AlertEvent",
    "AlertRule",
    "ClassStatistics",
    "EvaluationReport",
    "EventFormatError",
    "Notify",
    "RaiseError",
    "RuleFileError",
    "StopTraining",
    "Webhook",
    "XentMonitor",
    "XentMonitorError",
    "__version__",
    "default_rules",
    "functional",
    "interpret",
    "load_rules",
    "read_alerts",
    "read_reports",
}


def public_modules() -> list[str]:
    names = [info.name for info in pkgutil.walk_packages(xent_monitor.__path__, "xent_monitor.")]
    return [name for name in names if not any(part.startswith("_") for part in name.split("."))]


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, each by alphabet: the order that ruff keeps too (RUF022)."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


@pytest.mark.parametrize("name", public_modules())
def test_module_says_what_it_exports(name):
    module = importlib.import_module(name)

    assert hasattr(module, "__all__"), f"{name} has no `__all__`"
    assert list(module.__all__) == sorted(module.__all__, key=order)
    assert [entry for entry in module.__all__ if not hasattr(module, entry)] == []


def test_package_exports_what_the_documentation_promises():
    assert set(xent_monitor.__all__) == PUBLIC_NAMES
    assert list(xent_monitor.__all__) == sorted(xent_monitor.__all__, key=order)


def test_dir_shows_the_exported_names_and_no_others():
    public = {name for name in dir(xent_monitor) if not name.startswith("_")}

    assert public | {"__version__"} == set(xent_monitor.__all__)


def test_every_exported_name_is_there():
    assert [name for name in xent_monitor.__all__ if not hasattr(xent_monitor, name)] == []


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        xent_monitor.no_such_name  # noqa: B018  # the access is the test
