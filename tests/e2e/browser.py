"""A browser for end-to-end tests of the page: headless Chromium from Debian's packages.

    with Browser(surel.url(), language="id", width=360) as b:
        b.open("/login")
        b.fill(password="secret")
        b.press("Log in")
        b.audit()                 # raises when the page is not accessible
        b.screenshot("login")     # build/test/screenshots/login-id-360.png
        for _ in b.every_look():  # both languages, a phone and a desktop, light and dark
            see(b.open("/login"))

Nothing sleeps: `press` waits until the next page is there.
"""

import base64
import os
import shutil
import sys
import tempfile

try:
    from selenium import webdriver
except ImportError:  # another Python than Debian's is first in the path
    sys.path.append("/usr/lib/python3/dist-packages")
    from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SCREENSHOTS = os.path.abspath("build/test/screenshots")
WAIT_SECONDS = 90  # on a small machine with all tests at once
LOOK_AGAIN_SECONDS = 0.05

# What can be seen of WCAG 2.2 AA by a program, and what is ours: a list of sentences.
AUDIT = r"""
const found = [];
const say = (text, e) => found.push(text + (e ? ": " + e.outerHTML.slice(0, 120) : ""));
const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
const all = what => [...document.querySelectorAll(what)];
const name = e => (e.getAttribute("aria-label") || [...(e.labels || [])].map(l => l.textContent).join(" ")
    || e.textContent || e.getAttribute("alt") || e.getAttribute("title") || "").trim();

if (!["en", "id"].includes(document.documentElement.lang)) say("the page does not tell its language");
if (!document.title.trim()) say("the page has no title");
if (all("h1").length !== 1) say(all("h1").length + " h1");
for (const part of ["header", "main", "footer"])
    if (all("body > " + part).length !== 1) say(all("body > " + part).length + " " + part);
let level = 0;
for (const h of all("h1, h2, h3, h4, h5, h6").filter(shown)) {
    if (+h.tagName[1] > level + 1) say("a heading leaves out a level", h);
    level = +h.tagName[1];
    if (!h.textContent.trim()) say("an empty heading", h);
}
for (const e of all("input, select, textarea").filter(e => e.type !== "hidden")) {
    if (!e.labels.length && !e.getAttribute("aria-label")) say("a control without a label", e);
    else if (!name(e)) say("a control with an empty label", e);
    if (e.type === "radio" && !(e.closest("fieldset") || {querySelector: () => 0}).querySelector("legend"))
        say("a radio button without a legend", e);
    for (const id of (e.getAttribute("aria-describedby") || "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) say("described by nothing: " + id, e);
    if (e.getAttribute("aria-invalid") === "true" && !e.getAttribute("aria-describedby")) say("wrong, and says not why", e);
}
for (const e of all("button, a[href], summary")) if (!name(e) && ![...e.querySelectorAll("img")].some(name)) say("nothing to read on", e);
for (const e of all("img")) if (!e.hasAttribute("alt")) say("a picture without alt", e);
for (const e of all("table")) if (!e.querySelector("th")) say("a table without headings", e);
for (const e of all("th")) if (!name(e)) say("an empty heading of a table", e);
for (const e of all("fieldset")) if (!e.querySelector(":scope > legend")) say("a fieldset without a legend", e);
const ids = all("[id]").map(e => e.id);
for (const id of new Set(ids)) if (ids.filter(i => i === id).length > 1) say("id twice: " + id);
for (const e of all("[style], script:not([src]), style, [onclick], [onload], [onsubmit]")) say("inline style or script", e);
for (const e of all("form")) if (e.method === "post" && !e.querySelector("input[name=csrf]") && !/[?&]csrf=/.test(e.action)) say("a form without a token", e);
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
    const wide = all("body *").filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
    say("the page scrolls sideways", wide.pop());
}
for (const e of all("button, select, input:not([type=hidden], [type=radio], [type=checkbox])").filter(shown)) {
    const r = e.getBoundingClientRect();
    if (r.width < 24 || r.height < 24) say("too small for a finger", e);
}

/* Contrast: 4.5, or 3 for large text (WCAG 1.4.3); 3 for the edges of controls (1.4.11). */
const rgba = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const ground = e => {
    const layers = [];
    for (; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    return layers.reverse().reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
};
const light = c => [0, 1, 2].map(i => c[i] / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
const seen = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || seen.has(e) || !shown(e) || e.closest("[disabled], option, script")) continue;
    seen.add(e);
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const is = contrast(over(rgba(style.color), ground(e)), ground(e));
    if (is < (large ? 3 : 4.5)) say("contrast " + is.toFixed(2), e);
}
for (const e of all("input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea").filter(shown)) {
    const is = contrast(over(rgba(getComputedStyle(e).borderTopColor), ground(e.parentElement)), ground(e.parentElement));
    if (is < 3) say("contrast of the edge " + is.toFixed(2), e);
}
return found;
"""

# Everything that Tab should reach: one radio button of a group.
REACHABLE = r"""
const seen = new Set();
return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(e => {
    if (e.type === "hidden" || e.disabled || !e.checkVisibility()) return false; // nor in closed details
    if (e.type === "radio") { if (seen.has(e.name)) return false; seen.add(e.name); }
    return true;
}).length;
"""
FOCUSED = r"""
const e = document.activeElement;
if (!e || e === document.body) return null;
const style = getComputedStyle(e);
return [e.type === "radio" ? "radio " + e.name : [...document.querySelectorAll("*")].indexOf(e),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, e.outerHTML.slice(0, 100)];
"""


class Browser:
    def __init__(self, url, language="en", width=1280, dark=False, script=True):
        self.url = url
        self.profile = tempfile.mkdtemp(prefix="surel-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync",
                         "--ignore-certificate-errors", "--hide-scrollbars", "--disable-features=Translate",
                         f"--user-data-dir={self.profile}", f"--window-size={max(width, 500)},900"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        try:
            self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        except Exception:
            shutil.rmtree(self.profile, ignore_errors=True)
            raise
        self.driver.set_page_load_timeout(WAIT_SECONDS)
        self.agent = self.driver.execute_script("return navigator.userAgent").replace("Headless", "")
        self.become(language, width, dark)
        self.command("Emulation.setScriptExecutionDisabled", value=not script)

    def become(self, language="en", width=1280, dark=False):
        """From the next page on."""
        self.language, self.width, self.dark = language, width, dark
        self.command("Emulation.setUserAgentOverride", userAgent=self.agent,
                     acceptLanguage="id-ID,id" if language == "id" else "en-GB,en")
        self.size()
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        return self

    def size(self, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=self.width, height=int(height),
                     deviceScaleFactor=1, mobile=self.width < 500)

    def every_look(self):
        for language in ("en", "id"):
            for width in (360, 1280):
                for dark in (False, True):
                    yield self.become(language, width, dark)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    # --- going about -------------------------------------------------------------------------

    def open(self, path):
        self.driver.get(self.url + path)
        # On a machine that is busy with other tests a connection may be cut while the style is on its
        # way; a person would load the page again, too.
        if not self.driver.execute_script("return document.styleSheets.length"):
            self.driver.refresh()
        return self

    @property
    def path(self):
        return self.driver.current_url[len(self.url):]

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def title(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def fill(self, **fields):
        """By name; dots of a name are written as __. True and False are for check boxes."""
        for name, value in fields.items():
            self.set(name.replace("__", "."), value)
        return self

    def set(self, name, value):
        first = self.one(f'[name="{name}"]:not([type=hidden])')
        kind = first.get_attribute("type")
        if kind == "radio":
            self.click(self.one(f'[name="{name}"][value="{value}"]'))
        elif kind == "checkbox":
            if first.is_selected() != bool(value):
                self.click(first)
        elif first.tag_name == "select":
            self.one(f'[name="{name}"] option[value="{value}"]').click()
        else:
            first.clear()
            first.send_keys(str(value))

    def value(self, name):
        first = self.one(f'[name="{name}"]:not([type=hidden])')
        kind = first.get_attribute("type")
        if kind == "radio":
            chosen = self.all(f'[name="{name}"]:checked')
            return chosen[0].get_attribute("value") if chosen else None
        if kind == "checkbox":
            return first.is_selected()
        return first.get_attribute("value")

    def click(self, element):
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def press(self, text):
        """The button or link that says this; waits for the next page."""
        found = [e for e in self.all("button, a, summary") if e.text.strip() == text and e.is_displayed()]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} things to press say {text!r} on {self.path}: {self.text}")
        self.leave(lambda: self.click(found[0]))
        return self

    def submit(self, selector="main form"):
        """The form's first button; waits for the next page."""
        self.leave(lambda: self.click(self.one(selector + " button:not([type=button])")))
        return self

    def leave(self, act):
        self.driver.execute_script("window.isLeft = false")
        act()
        self.wait(self.is_there)

    def is_there(self):
        """The page that leave waits for, whole."""
        try:
            return self.driver.execute_script("return !('isLeft' in window) && document.readyState === 'complete'")
        except WebDriverException:  # the pages are being exchanged
            return False

    def errors(self):
        """Name of the control -> what the page says is wrong with it."""
        found = {}
        for e in self.all(".error[id$=-error]"):
            found[e.get_attribute("id")[:-len("-error")]] = e.text
        return found

    def notice(self):
        return " ".join(e.text for e in self.all(".notice[role=status]"))

    def wait(self, until):
        return WebDriverWait(self.driver, WAIT_SECONDS, LOOK_AGAIN_SECONDS).until(lambda d: until())

    # --- looking at it -----------------------------------------------------------------------

    def screenshot(self, page):
        os.makedirs(SCREENSHOTS, exist_ok=True)
        name = f"{page}-{self.language}-{self.width}{'-dark' if self.dark else ''}.png"
        height = min(self.command("Page.getLayoutMetrics")["cssContentSize"]["height"], 8000)
        self.size(height)  # as a tall window, so that what sticks to its edge is in its place
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": self.width, "height": height, "scale": 1})
        self.size()
        with open(os.path.join(SCREENSHOTS, name), "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def audit(self):
        found = self.driver.execute_script(AUDIT)
        if found:
            raise AssertionError(f"{self.path} ({self.language}, {self.width}):\n  " + "\n  ".join(found))
        return self

    def walk(self):
        """Tab reaches every control, in order, and each shows that it has the focus."""
        expected = self.driver.execute_script(REACHABLE)
        self.driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
        reached = []
        for _ in range(expected + 1):
            webdriver.ActionChains(self.driver).send_keys(Keys.TAB).perform()
            focused = self.driver.execute_script(FOCUSED)
            if not focused or focused[0] in reached:
                break
            if not focused[1]:
                raise AssertionError(f"{self.path}: no focus to be seen on {focused[2]}")
            reached.append(focused[0])
        if len(reached) != expected:
            raise AssertionError(f"{self.path}: Tab reaches {len(reached)} of {expected} controls")
        places = [r for r in reached if isinstance(r, int)]
        if places != sorted(places):
            raise AssertionError(f"{self.path}: Tab goes back and forth")
        return self
