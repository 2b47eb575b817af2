// Every kind of page, over ordinary, empty and hostile data: light, dark and with high contrast, wide and
// narrow. The browser itself is the judge of markup, policy and accessibility.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { browse, crawl, open, pictures, serve, signIn } from "./site.mjs";

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let site, browser;
before(async () => { site = await serve(); browser = await browse(); });
after(async () => { await browser?.close(); await site?.stop(); });

const DATA = [
    { name: "ordinary", mount: "/audit", most: 40 },
    { name: "empty", mount: "/empty/audit", most: 30 },
    { name: "hostile", mount: "/hostile/audit", most: 40 },
];

function file(data, kind, look) {
    const name = kind.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-").replace(/-+$/, "").slice(0, 60) || "home";
    return join(pictures, `${data}-${name}-${look}.png`);
}

async function kindsOf(data) {
    const { context, page, complaints } = await open(browser, site.address, { viewport: WIDE });
    if (data.name === "ordinary") await signIn(page, "admin");
    await page.goto(`${data.mount}/`);
    const kinds = await crawl(page, data.mount, data.most);
    const cookies = await context.cookies();
    await context.close();
    assert.deepEqual(complaints, [], `${data.name}: while following links`);
    return { kinds, cookies };
}

async function look(data, kinds, cookies, { name, options, theme, axe }) {
    const { context, page, complaints } = await open(browser, site.address, options);
    await context.addCookies(cookies);
    if (theme) {
        await page.goto(`${data.mount}/`);
        await page.click("summary[title=Display]");
        await page.check(`input[name=theme][value=${theme}]`);
        await page.click("form[data-theme-form] button");
        await page.waitForSelector(`html[data-theme=${theme}]`);
    }
    const wrong = [];
    for (const [kind, address] of kinds) {
        const response = await page.goto(address);
        if (response.status() >= 500) wrong.push(`${kind}: status ${response.status()} at ${address}`);
        const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        if (width > room) wrong.push(`${kind}: ${width} px wide on a screen of ${room}`);
        const odd = await page.$$eval("[style], [onclick], [onload], [onerror], [onmouseover], img, iframe, object, h1 h1", (all) => all.map((e) => e.outerHTML.slice(0, 120)));
        for (const html of odd) wrong.push(`${kind}: ${html}`);
        await page.screenshot({ path: file(data.name, kind, name), fullPage: true, caret: "initial" });
        if (axe) {
            const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
            for (const rule of violations) {
                const nodes = rule.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.any.map((one) => one.message).join("; ")})`);
                wrong.push(`${kind}: axe ${rule.id}: ${rule.help}\n      ${nodes.join("\n      ")}`);
            }
        }
    }
    for (const complaint of complaints) wrong.push(complaint);
    await context.close();
    return wrong;
}

const LOOKS = [
    { name: "light", options: { viewport: WIDE, colorScheme: "light" }, axe: true },
    { name: "dark", options: { viewport: WIDE, colorScheme: "dark" }, axe: true },
    { name: "contrast", options: { viewport: WIDE, colorScheme: "light" }, theme: "contrast", axe: true, of: "ordinary" },
    { name: "narrow", options: { viewport: NARROW, colorScheme: "light", hasTouch: true }, axe: true },
    { name: "noscript", options: { viewport: WIDE, colorScheme: "light", javaScriptEnabled: false }, axe: false },
];

// One look or one kind of data alone: THREADLINE_BROWSER_ONLY=hostile,dark
const only = process.env.THREADLINE_BROWSER_ONLY?.split(",");
const wanted = (name, all) => !only || !all.some((one) => only.includes(one.name)) || only.includes(name);

for (const data of DATA.filter(({ name }) => wanted(name, DATA))) {
    test(`every page over ${data.name} data`, { timeout: 600_000 }, async (t) => {
        const { kinds, cookies } = await kindsOf(data);
        t.diagnostic(`${kinds.size} kinds of pages: ${[...kinds.keys()].join(" ")}`);
        assert.ok(kinds.size >= 6, `only ${[...kinds.keys()]}`);
        for (const one of LOOKS.filter(({ name, of }) => wanted(name, LOOKS) && (!of || of === data.name))) {
            await t.test(one.name, async () => {
                const wrong = await look(data, kinds, cookies, one);
                assert.equal(wrong.length, 0, `\n  ${wrong.join("\n  ")}\n`);
            });
        }
    });
}
