// <mesh-plan> whose frame cannot start, stops, or never answers: what the page around is told.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { call, element, elements, errors, events, hosted, listen, withElements } from "./host.mjs";
import { STAGES, TECHPULSE, becomes } from "./page.mjs";

test("a planner that stops is told, and what is asked of it is refused", { allow: [/./] }, async ({ page, base }) => {
  await withElements(page, base, element(TECHPULSE), 1, async ([frame]) => {
    await call(page, "getPlan");
    await listen(page);
    await frame.evaluate(() => dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "on purpose" } })));
    await becomes(async () => JSON.stringify(await events(page, "error")), JSON.stringify([{ message: "The planner stopped." }]));
    assert.deepEqual(await call(page, "setPlan", STAGES), { rejected: "The planner stopped." });
    await frame.getByRole("button", { name: "Reload with this plan" }).click();
    await becomes(async () => (await call(page, "getPlan")).link, TECHPULSE.slice(1), 15_000);
  });
});

test("a frame that cannot start says why, and requests get the reason", { allow: [/./] }, async ({ page, base }) => {
  await page.route(/meshplan-page-.*_bg\.wasm$/, (route) => route.fulfill({ status: 404, body: "no" }));
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await page.goto(address);
    await page.waitForFunction(() => customElements.get("mesh-plan"));
    assert.deepEqual(await call(page, "getPlan"), { rejected: "A file of this page is not on the server." });
  });
});

/** A page of an element whose frame does not come to speak: `failing` makes it so. Gives how long the promise waited. */
async function rejected(page, base, failing, reason) {
  await failing();
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await page.goto(address);
    await page.waitForFunction(() => customElements.get("mesh-plan"));
    await listen(page);
    const start = Date.now();
    assert.deepEqual(await call(page, "getPlan"), { rejected: reason });
    assert.ok(Date.now() - start < 10_000, "not by the limit of time");
    assert.deepEqual(await errors(page), [reason]);
    // It is so for as long as the frame is the same.
    assert.deepEqual(await call(page, "setPlan", STAGES), { rejected: reason });
  });
}

const GONE = { status: 404, body: "no" };
const FRAME = /details\/frame\.js/;

test("a frame without its script says so, and requests get the reason", { allow: [/./], everywhere: true }, async ({ page, base }) => {
  await rejected(page, base, () => page.route(FRAME, (route) => route.fulfill(GONE)), "A file of this page is not on the server.");
});

/** Holds the script of the frame until a function is true in the frame. */
const late = (page, base, until) =>
  page.route(FRAME, async (route) => {
    const frame = page.frames().find((frame) => frame.url().startsWith(base));
    // A page that is closed meanwhile waits for nothing.
    await frame.waitForFunction(until, null, { polling: 20 }).then(() => route.continue(), () => {});
  });

test("a script of the frame that comes after the details have failed says why", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await rejected(page, base, async () => {
    await page.route(/details_bg\.wasm/, (route) => route.fulfill(GONE));
    await late(page, base, () => window.meshplanMissing);
  }, "A file of this page is not on the server.");
});

test("a script of the frame that comes after the planner has stopped says so", { allow: [/./] }, async ({ page, base }) => {
  await rejected(page, base, () => late(page, base, () => {
    dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "on purpose" } }));
    return true;
  }), "The planner stopped.");
});

/** Opens a page whose time goes on by `page.clock`, and keeps the events of its first element. */
async function silent(page, address) {
  await page.clock.install();
  await page.goto(address);
  await page.waitForFunction(() => customElements.get("mesh-plan"));
  await listen(page);
}

const SILENCE = "The frame has not answered for 20 seconds.";

test("a frame that never answers is greeted for a while, and again when there is a reason to", { everywhere: true }, async ({ page, base }) => {
  await page.route(/index\.html\?embed/, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Other</title><script>window.said = 0; onmessage = () => (said += 1)</script>" }));
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await silent(page, address);
    // While the frame loads anew there is nothing to read.
    const frame = () => page.frames().at(-1);
    const said = () => frame().evaluate(() => window.said).catch(() => undefined);
    const minute = () => page.clock.runFor(60_000);
    await becomes(said, 1);
    await minute();
    await becomes(said, 20);
    assert.deepEqual(await errors(page), [SILENCE]);
    await minute();
    assert.equal(await said(), 20, "it has ended");
    // A request begins it anew, and is told.
    const answer = call(page, "setPlan", STAGES);
    await becomes(said, 21);
    await minute();
    assert.deepEqual(await answer, { rejected: SILENCE });
    await becomes(said, 40);
    assert.deepEqual(await errors(page), [SILENCE], "once");
    // A frame that loads anew may be another.
    await frame().evaluate(() => location.reload());
    await becomes(said, 1);
    await minute();
    await becomes(said, 20);
    assert.deepEqual(await errors(page), [SILENCE, SILENCE]);
    // So may one that is made anew.
    await page.evaluate(() => document.body.append(document.querySelector("mesh-plan")));
    await becomes(said, 1);
  });
});

test("a frame that a policy blocks is told, once", { everywhere: true, allow: [/frame-src/] }, async ({ page, base }) => {
  await hosted(base, elements(base, element(TECHPULSE)), async (address) => {
    await silent(page, address);
    await page.waitForFunction(() => document.querySelector("mesh-plan").shadowRoot.querySelector("iframe"));
    const answer = call(page, "getPlan");
    await page.clock.runFor(60_000);
    assert.deepEqual(await answer, { rejected: SILENCE });
    await page.clock.runFor(60_000);
    assert.deepEqual(await errors(page), [SILENCE]);
  }, "'none'");
});
