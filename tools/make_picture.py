"""Make docs/sheet.png, the picture in the README: a real sheet in a real browser, used as a student uses it.

    python tools/make_picture.py

Needs Chromium and its driver. A right answer is typed, and a wrong one, and the worked solution is opened.
"""

from __future__ import annotations

import base64
import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from quizgen.family import find
from quizgen.render.html import page
from quizgen.sheet import make_sheet

TARGET = Path(__file__).resolve().parent.parent / "docs" / "sheet.png"
FAMILY, LEVEL, SEED = "backprop.scalar-graph", 2, "7"
COMMAND = f"quizgen sheet {FAMILY} --level {LEVEL} -n 1 --seed {SEED}"
WIDTH, SCALE = 820, 1.5
LINES = 5  # of the solution, before the picture ends


def main() -> None:
    """Write the picture."""
    title = "Deep learning: practice sheet"
    sheet = make_sheet([find(FAMILY)], [LEVEL], 1, SEED, title=title, solutions="after", command=COMMAND)
    (question,) = sheet.questions
    wrong = next(number for number, part in enumerate(question.parts) if part.mistakes)
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    driver = shutil.which("chromedriver")
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.html"
        file.write_text(page(sheet), encoding="utf-8")
        metrics = {"width": WIDTH, "height": 1200, "deviceScaleFactor": SCALE, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        light = [{"name": "prefers-color-scheme", "value": "light"}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": light})
        browser.get(file.as_uri())
        forms = browser.find_elements(By.CSS_SELECTOR, "form.qg-answer")
        for number, text in ((0, question.parts[0].answer), (wrong, question.parts[wrong].mistakes[0].value)):
            forms[number].find_element(By.CSS_SELECTOR, "input[type=text]").send_keys(text)
            forms[number].find_element(By.CSS_SELECTOR, "button[type=submit]").click()
        browser.find_element(By.CSS_SELECTOR, "details.qg-solution summary").click()
        end = browser.execute_script(  # where the solution's line that is the last to be seen ends
            "document.activeElement.blur();"
            "const steps = document.querySelectorAll('.qg-solution .qg-step');"
            f"return steps[Math.min({LINES}, steps.length) - 1].getBoundingClientRect().bottom + window.scrollY;"
        )
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": end + 12, "scale": 1}
        shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    browser.quit()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main()
