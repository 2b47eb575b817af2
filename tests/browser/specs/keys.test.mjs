// With the keyboard alone, and without the script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, open, serve, signIn } from "./site.mjs";

let site, browser;
before(async () => { site = await serve(); browser = await browse(); });
after(async () => { await browser?.close(); await site?.stop(); });

async function admin(options) {
    const opened = await open(browser, site.address, { viewport: { width: 1280, height: 900 }, ...options });
    await signIn(opened.page, "admin");
    return opened;
}

test("the first stop of the tab key skips to the content, and every stop is visible", async () => {
    const { context, page, complaints } = await admin();
    await page.goto("/audit/timeline?from=-1h");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => location.hash), "#main");
    const seen = new Set();
    for (let stop = 0; stop < 40; stop += 1) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(() => {
            const element = document.activeElement;
            const { width, height, top, bottom } = element.getBoundingClientRect();
            const head = document.querySelector("header.top").getBoundingClientRect();
            const style = getComputedStyle(element);
            const isBelowHead = element.closest("header.top") || top >= head.bottom - 1 || getComputedStyle(document.querySelector("header.top")).position !== "sticky";
            return { tag: element.tagName, html: element.outerHTML.slice(0, 100), isShown: width > 0 && height > 0 && bottom > 0,
                isBelowHead, outline: style.outlineStyle !== "none" || style.boxShadow !== "none" };
        });
        if (focus.tag === "BODY") break;
        seen.add(focus.html);
        assert.ok(focus.isShown, `focus on something that is not shown: ${focus.html}`);
        assert.ok(focus.isBelowHead, `hidden below the header: ${focus.html}`);
        assert.ok(focus.outline, `no sign of the focus: ${focus.html}`);
    }
    assert.ok(seen.size > 15, `only ${seen.size} stops`);
    assert.deepEqual(complaints, []);
    await context.close();
});

test("the keys of the help do what it says", async () => {
    const { context, page, complaints } = await admin();
    await page.goto("/audit/timeline?from=-1h");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog#help[open]");
    await page.keyboard.press("Escape");
    assert.equal(await page.$("dialog#help[open]"), null);
    await page.keyboard.press("/");
    assert.ok(await page.evaluate(() => document.activeElement.matches("[data-search]")));
    await page.keyboard.type("jk?");
    assert.equal(await page.$("dialog#help[open]"), null, "no shortcut while somebody writes");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    const first = await page.evaluate(() => document.activeElement.matches("[data-item]"));
    assert.ok(first, "the first entry has the focus");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/audit\/(transactions|rows|changes)\//);
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL(/\/audit\/coverage/);
    const before = await page.textContent("[data-zone]");
    await page.keyboard.press("u");
    const zone = await page.evaluate(() => localStorage.getItem("threadline-zone"));
    assert.equal(zone, "utc", before);
    assert.deepEqual(complaints, []);
    await context.close();
});

test("the shortcuts can be switched off", async () => {
    const { context, page } = await admin();
    await page.goto("/audit/");
    await page.evaluate(() => localStorage.setItem("threadline-keys", "off"));
    await page.keyboard.press("?");
    assert.equal(await page.$("dialog#help[open]"), null);
    await context.close();
});

test("a theme that is chosen stays, and nothing else is kept", async () => {
    const { context, page, complaints } = await admin();
    await page.goto("/audit/timeline?from=-1h");
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await background();
    await page.click("summary[title=Display]");
    await page.check("input[name=theme][value=dark]");
    await page.click("form[data-theme-form] button");
    await page.waitForLoadState();
    assert.match(page.url(), /timeline\?from=-1h$/, "back where it was chosen");
    assert.equal(await page.getAttribute("html", "data-theme"), "dark");
    assert.notEqual(await background(), before);
    const cookies = (await context.cookies()).filter(({ name }) => name !== "helpdesk_session");
    assert.deepEqual(cookies.map(({ name, value }) => [name, value]), [["__Host-tl-prefs", "theme:dark"]]);
    const stored = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
    for (const name of stored) assert.match(name, /^threadline-(zone|keys|refresh)$/);
    assert.deepEqual(complaints, []);
    await context.close();
});

test("everything works without the script", async () => {
    const { context, page } = await admin({ javaScriptEnabled: false });
    await page.goto("/audit/timeline?from=-1h");
    await page.fill("input[name=q]", "table:tickets op:update");
    await page.click("form.search button");
    assert.match(page.url(), /table=public\.tickets/);
    assert.match(page.url(), /op=update/);
    assert.ok((await page.$$("[data-item]")).length > 3, "entries are there");
    const older = await page.$("a[rel=next]");
    if (older) { await older.click(); assert.match(page.url(), /after=/); }
    await page.click("[data-item] a[href*='/rows/']");
    assert.match(page.url(), /\/audit\/rows\/public\.tickets\//);
    await page.fill("input[name=at]", "-1s");
    await page.click("form:has(input[name=at]) button[type=submit]");
    assert.match(page.url(), /at=/);
    await page.click("summary[title=Display]");
    await page.check("input[name=theme][value=light]");
    await page.click("form[data-theme-form] button");
    assert.equal(await page.getAttribute("html", "data-theme"), "light");
    await context.close();
});

test("what is new is told without moving the list", { timeout: 60_000 }, async () => {
    const { context, page, complaints } = await admin();
    await page.goto("/audit/timeline?from=-1h");
    // The page asks every 30 s; here the answer is made to come at once.
    const pulse = await page.getAttribute("body", "data-pulse");
    const before = await page.evaluate((url) => fetch(url).then((answer) => answer.json()), pulse);
    assert.equal(before.newer, 0);
    const other = await admin();
    await other.page.goto("/");
    await other.page.fill("input[name=subject]", "A new one");
    await other.page.fill("textarea[name=body]", "It came while the list was open.");
    await other.page.click("text=Open ticket");
    const after = await page.evaluate((url) => fetch(url).then((answer) => answer.json()), pulse);
    assert.ok(after.newer >= 1, JSON.stringify(after));
    assert.deepEqual(complaints, []);
    await other.context.close();
    await context.close();
});
