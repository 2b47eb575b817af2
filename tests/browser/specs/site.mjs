// The server with the pages, the browser, and a page that complains about everything a person would.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

/// Where the screenshots go, for a person to look at.
export const pictures = join(target, "browser");

/// Starts the server, which `cargo build -p threadline-browser` has built.
export async function serve() {
    const program = process.env.THREADLINE_BROWSER_SITE ?? join(target, "debug/threadline-browser");
    const server = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    const address = await new Promise((resolve, reject) => {
        server.stdout.once("data", (text) => resolve(text.toString().trim()));
        server.once("error", reject);
        server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    return { address, stop: () => new Promise((done) => { server.once("exit", done); server.stdin.end(); }) };
}

/// Debian's Chromium, or the one of THREADLINE_CHROMIUM.
export async function browse() {
    const places = [process.env.THREADLINE_CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
    const executablePath = places.find((place) => place && existsSync(place));
    if (!executablePath) throw new Error("no Chromium: apt-get install chromium-headless-shell");
    mkdirSync(pictures, { recursive: true });
    // The sandbox refuses root, as which tests run in containers.
    return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/// A page that collects what goes wrong on it: violations of the content security policy, errors of
/// scripts, dialogs that nobody asked for, and requests to anywhere else.
export async function open(browser, address, options = {}) {
    const context = await browser.newContext({ baseURL: address, reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(`script: ${error}`));
    page.on("dialog", (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("console", (message) => {
        const text = message.text();
        // Chromium writes every answer that is no 2xx to the console; the tests look at those themselves.
        if (message.type() === "error" && !text.startsWith("Failed to load resource")) complaints.push(text);
    });
    page.on("request", (request) => {
        if (!request.url().startsWith(address)) complaints.push(`request elsewhere: ${request.url()}`);
    });
    return { context, page, complaints };
}

/// Signs in to the helpdesk.
export async function signIn(page, who) {
    await page.goto("/");
    await page.fill("input[name=email]", `${who}@example.com`);
    await page.fill("input[name=password]", "demo-password");
    await page.click("button:has-text(\"Sign in\")");
    await page.waitForSelector("text=Sign out");
}

/// The kind of page an address leads to: the address without what differs from row to row.
export function kind(address, mount) {
    const { pathname, searchParams } = new URL(address);
    const steps = pathname.slice(mount.length).split("/").filter(Boolean);
    const shape = steps.map((step, place) => (place === 0 || steps[0] === "policy" ? step : "_")).join("/");
    // Lists are alike whatever they are searched by.
    const ofPage = (key) => steps[0] !== "timeline" || ["view", "after", "before"].includes(key);
    const keys = [...new Set(searchParams.keys())].filter(ofPage).sort().join(",");
    return `/${shape}${keys && `?${keys}`}`;
}

/// Every kind of page that can be reached by links from the first one, with an address of each.
export async function crawl(page, mount, most) {
    const origin = new URL(page.url()).origin;
    const kinds = new Map([["/", `${origin}${mount}/`]]);
    const waiting = [`${origin}${mount}/`];
    while (waiting.length > 0 && kinds.size < most) {
        const response = await page.goto(waiting.shift());
        if (!response) continue;
        const links = await page.$$eval("a[href]", (all) => all.map((a) => ({ href: new URL(a.getAttribute("href"), location.href).href, download: a.hasAttribute("download") })));
        for (const { href, download } of links) {
            const url = new URL(href);
            url.hash = "";
            const isOurs = url.origin === origin && (url.pathname === mount || url.pathname.startsWith(`${mount}/`));
            if (!isOurs || download || url.pathname.startsWith(`${mount}/exports/`)) continue;
            const found = kind(url.href, mount);
            if (!kinds.has(found)) {
                kinds.set(found, url.href);
                waiting.push(url.href);
            }
        }
    }
    return kinds;
}
