"""What every test may use, and the rule that a full run skips nothing but what needs a GPU.

QUIZGEN_NO_SKIPS=1 (set by .ci/run) turns a skip into a failure, unless the test bears the marker `gpu` or its reason
speaks of a GPU or of CUDA: a missing TeX engine or browser must not pass for a success.
"""

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

NO_SKIPS = os.environ.get("QUIZGEN_NO_SKIPS") == "1"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as many processes as cores already: more threads only wait

# A full check draws the same examples every time, so that it fails for a change alone; anywhere else they are new ones.
hypothesis.settings.register_profile(
    "quizgen",
    deadline=None,
    print_blob=True,
    derandomize=NO_SKIPS or os.environ.get("CI", "") not in ("", "false", "0"),
)
hypothesis.settings.load_profile("quizgen")


def refuse_skip(report: pytest.TestReport | pytest.CollectReport, about_gpu: bool) -> None:
    """Make a failure of a skip that isn't about a GPU."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if about_gpu or re.search(r"\b(GPU|CUDA)\b", reason, re.IGNORECASE):
        return
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped, and a full run skips only what needs a GPU: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS:
        refuse_skip(report, about_gpu=item.get_closest_marker("gpu") is not None)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIPS:
        refuse_skip(report, about_gpu=False)
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium-family browser."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    pytest.skip(f"no browser: none of {', '.join(CHROMIUM)} was found")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """A headless Chromium under Selenium.

    `browser.get_log("browser")` holds what the console said, `browser.get_log("performance")` the network's events;
    reading a log empties it.
    """
    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("no chromedriver was found (Debian: chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    yield started
    started.quit()


@pytest.fixture
def window(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page, given as HTML, in a window so wide, in light or dark; the console must stay silent."""
    browser.get_log("browser")

    def show(page: str, width: int = 1000, scheme: str = "light") -> Any:
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        browser.get(path.as_uri())
        return browser

    yield show
    assert browser.get_log("browser") == []
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
