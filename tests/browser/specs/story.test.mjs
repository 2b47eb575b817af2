// A ticket at 3 AM, as docs/operator-pages.md tells it: first as the support of one organization, then as
// the admin. Each step leaves a picture; with THREADLINE_PICTURES=1 they become those of the guide.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { browse, open, pictures, root, serve, signIn } from "./site.mjs";

let site, browser;
before(async () => { site = await serve(); browser = await browse(); });
after(async () => { await browser?.close(); await site?.stop(); });

const guide = join(root, "docs/images");
const place = process.env.THREADLINE_PICTURES ? guide : pictures;

async function picture(page, who, name) {
    mkdirSync(place, { recursive: true });
    if (who === "support") await page.screenshot({ path: join(place, `${name}.png`), caret: "initial" });
}

for (const who of ["support", "admin"]) {
    test(`from a ticket's page to an export of what happened, as ${who}`, { timeout: 120_000 }, async () => {
        const { context, page, complaints } = await open(browser, site.address, { viewport: { width: 1280, height: 860 }, acceptDownloads: true });
        await signIn(page, who);
        // The ticket that the job has closed: its text says which one it was taken for.
        const tickets = await page.$$eval("td a[href^='/tickets/']", (all) => all.map((a) => [a.getAttribute("href"), a.textContent]));
        const doubtful = tickets.filter(([, subject]) => subject === "Cannot open attachments on the train");
        let ticket;
        for (const [href] of doubtful) {
            await page.goto(href);
            if ((await page.textContent("main")).includes("Merged into #")) { ticket = href; break; }
        }
        assert.ok(ticket, "the demo has a ticket that looks wrong");
        await picture(page, who, "story-1-ticket");

        await page.click("text=this ticket in the audit trail");
        await page.waitForURL(new RegExp(`/audit/rows/public.tickets/${ticket.split("/").pop()}$`));
        assert.match(await page.textContent("main"), /merge-duplicates/, "who it was");
        assert.match(await page.textContent("main"), /ticket\.merge/, "what was meant");
        await picture(page, who, "story-2-row");

        const row = page.url();
        await page.click("a[href*='/audit/transactions/']");
        await page.waitForURL(/\/audit\/transactions\/\d+/);
        const told = await page.textContent("main");
        for (const word of ["merge-duplicates", "ticket.merge", "the same subject as #", "merge-2026-01-31", "open", "closed"]) {
            assert.ok(told.includes(word), `${word} in the transaction`);
        }
        await picture(page, who, "story-3-transaction");

        await page.click("main a[href*='/audit/actors/']");
        await page.waitForURL(/\/audit\/actors\/job\/merge-duplicates/);
        await picture(page, who, "story-4-actor");

        // The row as it was before: one version back from the newest.
        await page.goto(row);
        await page.click("a[rel=prev]");
        await page.waitForLoadState();
        const then = await page.textContent("main");
        assert.ok(then.includes("it has been like this since Monday"), "the text as it was");
        await picture(page, who, "story-5-as-it-was");

        await page.goto("/audit/timeline?table=public.tickets&row=" + ticket.split("/").pop() + "&from=-1h");
        await page.click("summary:has-text('Export')");
        await picture(page, who, "story-6-export");
        const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[href*='/exports/changes.csv']")]);
        assert.match(download.suggestedFilename(), /^threadline-changes-[0-9TZ]+\.csv$/);
        const csv = readFileSync(await download.path(), "utf8");
        assert.ok(csv.includes("merge-duplicates") && csv.includes("Merged into #"), csv.slice(0, 500));
        assert.deepEqual(complaints, []);
        await context.close();
    });
}

test("agents are refused, and whoever is signed out is led to the sign-in", async () => {
    const { context, page } = await open(browser, site.address);
    const response = await page.goto("/audit/timeline");
    assert.equal(new URL(page.url()).pathname, "/");
    assert.equal(response.status(), 200);
    await signIn(page, "agent");
    assert.equal((await page.goto("/audit/")).status(), 403);
    await context.close();
});
