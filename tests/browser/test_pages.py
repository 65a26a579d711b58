"""The pages of a run in headless Chromium: no console error, figures load, tables search and sort, phones fit."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import Workflow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium)"),
]

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=20000"]

PROBE = """<script>
const found = {};
const rows = (name) => [...document.querySelectorAll(`#${name} tbody tr`)].map((row) => row.cells[0].innerText);
const wait = () => new Promise((done) => setTimeout(done, 300));
addEventListener("load", async () => {
  for (let i = 0; i < 50 && !document.querySelector("#genes.dataTable"); i++) await wait();
  found.figures = [...document.images].map((image) => image.complete ? image.naturalWidth : 0);
  found.alts = [...document.images].map((image) => image.alt);
  found.width = [document.documentElement.scrollWidth, innerWidth];
  found.genes = rows("genes");
  const heading = document.querySelector("#genes thead th .dt-column-order");
  // Once by the mouse, once by the keyboard.
  heading.click(); await wait(); found.ascending = rows("genes");
  heading.focus(); found.reached = document.activeElement === heading;
  heading.dispatchEvent(new KeyboardEvent("keypress", {key: "Enter", keyCode: 13, which: 13, bubbles: true}));
  await wait(); found.descending = rows("genes");
  const search = [...document.querySelectorAll("input[type=search]")].at(-1);
  search.focus(); found.focused = document.activeElement === search;
  search.value = WANTED; search.dispatchEvent(new Event("input", {bubbles: true})); await wait();
  found.matching = rows("genes");
  found.headings = [...document.querySelectorAll("h1, h2")].map((one) => one.innerText);
  found.links = [...document.querySelectorAll("nav a")].map((one) => one.getAttribute("href"));
  found.missing = found.links.filter((link) => link.startsWith("#") && !document.querySelector(link));
  found.colours = [getComputedStyle(document.body).color, getComputedStyle(document.documentElement).colorScheme];
  found.dark = document.documentElement.classList.contains("dark");
  const seen = document.createElement("pre"); seen.id = "probed"; seen.textContent = JSON.stringify(found);
  document.body.append(seen);
});
</script>"""


def browse(page: Path, *options: str) -> tuple[str, str]:
    """Open a page; return its DOM and what was written to the console."""
    with TemporaryDirectory() as profile:
        command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", "--enable-logging=stderr", *options]
        done = subprocess.run(
            [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=180
        )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, "\n".join(console)


def probe(page: Path, wanted: str, *options: str) -> dict[str, Any]:
    """Open a copy of a page that tries itself out, and return what it found; its console must be empty."""
    copy = page.with_name("probed.html")
    text = page.read_text(encoding="utf-8")
    copy.write_text(text.replace("</body>", PROBE.replace("WANTED", json.dumps(wanted)) + "</body>"), encoding="utf-8")
    dom, console = browse(copy, *options)
    copy.unlink()
    assert console == ""
    found = re.search(r'<pre id="probed">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2000:]
    result: dict[str, Any] = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return result


def test_summary(finished: Workflow) -> None:
    page = finished.results / "summary.html"
    text = page.read_text(encoding="utf-8")
    # Offline, in one file: nothing is loaded from elsewhere.
    assert not re.findall(r'(?:src|href)="https?://(?!doi\.org)', text)
    found = probe(page, "GENE70_", "--window-size=1200,900")
    assert found["headings"][1:] == ["The answer", "How sure", "What to distrust", "Figures", "Tables", "How to cite"]
    assert len(found["figures"]) >= 10 and min(found["figures"]) > 300
    assert all(found["alts"]) and found["missing"] == []
    assert "report.html" in found["links"]
    assert len(found["genes"]) == 10
    assert found["reached"] and found["ascending"] == sorted(found["ascending"])
    assert found["descending"] == sorted(found["descending"], reverse=True) != found["ascending"]
    assert found["matching"] == ["GENE70_1070"] and found["focused"]


@pytest.mark.parametrize("dark", [False, True])
def test_summary_on_a_phone_in_light_and_dark(finished: Workflow, dark: bool) -> None:
    scheme = "--blink-settings=preferredColorScheme=" + ("0" if dark else "1")
    found = probe(finished.results / "summary.html", "x", "--window-size=500,900", scheme)
    assert found["width"][0] <= found["width"][1]
    assert found["dark"] == dark
    lightness = sum(map(int, re.findall(r"\d+", found["colours"][0])[:3]))
    assert (lightness > 380) == dark


def test_sheet_and_report(finished: Workflow) -> None:
    (sheet,) = (finished.results / "design").glob("ridge/*/*/*/sheet.html")
    dom, console = browse(sheet)
    assert console == "" and dom.count("<rect") == 40 and "10 landmarks by" in dom
    dom, console = browse(finished.results / "report.html")
    assert "summary.html" in dom
