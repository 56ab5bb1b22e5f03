// The page before the planner runs, when it cannot, and when it stops.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "./harness.mjs";

const PROGRAM = /_bg\.wasm$/;
const SCRIPT = /meshplan-page-[^/]*\.js$/;
const alert = (page) => page.locator("#boot [role=alert]");

/** Opens the page where it cannot start, and gives the reason that the alert names. */
async function reasonOf(page, base) {
  await page.goto(base);
  await alert(page).waitFor();
  assert.equal(await page.getByRole("button", { name: "Reload" }).count(), 1);
  return alert(page).getAttribute("data-reason");
}

test("the page loads and has a heading", { everywhere: true }, async ({ page, open }) => {
  await open();
  assert.match(await page.title(), /Meshplan/);
  assert.ok((await page.getByRole("heading", { level: 1 }).count()) >= 1);
});

test("the name and the purpose are in the page before any script runs", { everywhere: true, allow: [/ERR_FAILED|“sha256” hashes/] }, async ({ page, base }) => {
  await page.route(/\.js$/, (route) => route.abort());
  await page.goto(base);
  assert.equal(await page.locator("#boot h1").textContent(), "Meshplan");
  assert.match(await page.locator("#boot p").first().textContent(), /spread over GPUs/);
});

test("without JavaScript the page says what it is and what it needs", { context: { javaScriptEnabled: false } }, async ({ page, base }) => {
  await page.goto(base);
  assert.match(await page.locator("#boot").innerText(), /Meshplan needs JavaScript/);
});

test("a program that cannot be fetched is reported", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await page.route(PROGRAM, (route) => route.abort());
  assert.equal(await reasonOf(page, base), "network");
});

test("a program that is not there is reported", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await page.route(PROGRAM, (route) => route.fulfill({ status: 404, body: "no" }));
  assert.equal(await reasonOf(page, base), "missing");
});

test("a script that is not there is reported", { allow: [/./] }, async ({ page, base }) => {
  await page.route(SCRIPT, (route) => route.fulfill({ status: 404, body: "no" }));
  assert.equal(await reasonOf(page, base), "missing");
});

test("a script that was changed after the build is reported", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await page.route(SCRIPT, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()) + "\n// minified" });
  });
  assert.equal(await reasonOf(page, base), "changed");
});

test("a program that was changed after the build is reported", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await page.route(PROGRAM, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from([0])]) });
  });
  assert.equal(await reasonOf(page, base), "changed");
});

test("a style sheet that was changed after the build is not taken, and the page works without it", { allow: [/integrity|digest/i] }, async ({ page, open }) => {
  await page.route(/\/page-[^/]*\.css$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()) + " " });
  });
  await open();
  // That of the details comes later and is its own.
  const sheets = await page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.href));
  assert.deepEqual(sheets.filter((href) => /\/page-/.test(href)), []);
});

test("a web page in place of the program is reported", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await page.route(PROGRAM, (route) => route.fulfill({ contentType: "text/html", body: "<p>home" }));
  assert.equal(await reasonOf(page, base), "type");
});

test("a program that comes with an unknown type still runs", async ({ page, open }) => {
  await page.route(PROGRAM, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-type": "application/octet-stream" } });
  });
  await open();
});

test("a policy without wasm-unsafe-eval is reported", { everywhere: true, allow: [/./] }, async ({ page, base }) => {
  await page.route(base, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": "script-src 'self'" } });
  });
  assert.equal(await reasonOf(page, base), "policy");
});

test("a browser without WebAssembly is reported", { allow: [/./] }, async ({ page, base }) => {
  await page.addInitScript(() => delete window.WebAssembly);
  assert.equal(await reasonOf(page, base), "old");
});

test("a planner that stops offers the plan and two ways on", { everywhere: true }, async ({ page, open, shot }) => {
  await open("?theme=light#some.plan");
  const crash = () => page.evaluate(() => dispatchEvent(new CustomEvent("meshplan:crash", { detail: { message: "<b>at</b> line 1" } })));
  await crash();
  const dialog = page.getByRole("alertdialog", { name: "The planner stopped" });
  assert.match(await dialog.getByLabel("Link to the plan").inputValue(), /\?theme=light#some\.plan$/);
  assert.equal(await dialog.locator("pre").textContent(), "<b>at</b> line 1");
  await shot();
  await Promise.all([page.waitForEvent("load"), dialog.getByRole("button", { name: "Reload with this plan" }).click()]);
  assert.match(page.url(), /#some\.plan$/);
  await page.waitForFunction(() => !document.getElementById("boot"));
  await crash();
  await Promise.all([page.waitForEvent("load"), dialog.getByRole("button", { name: "Reload with the opening plan" }).click()]);
  assert.ok(!page.url().includes("some.plan"));
});

/** Runs `body` with the address of a server of its own, whose answers are written by `answering`. */
async function hosted(answering, body) {
  const host = http.createServer(answering);
  await new Promise((done) => host.listen(0, "127.0.0.1", done));
  try {
    await body(host.address().port);
  } finally {
    host.closeAllConnections();
    host.close();
  }
}

test("a server that lets nobody keep its files is asked once for each", { everywhere: true }, async ({ page, base }) => {
  const asked = [];
  const answering = async (request, answer) => {
    asked.push(request.url);
    const file = await fetch(new URL(request.url, base));
    answer.setHeader("content-type", file.headers.get("content-type"));
    answer.setHeader("cache-control", "no-cache");
    answer.end(Buffer.from(await file.arrayBuffer()));
  };
  await hosted(answering, async (port) => {
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => document.getElementById("takeaway-text")?.textContent.includes("torchrun"));
  });
  assert.ok(asked.some((file) => PROGRAM.test(file)), asked.join("\n"));
  assert.deepEqual(asked, [...new Set(asked)]);
});

test("the page runs in a sandboxed frame of another origin", { everywhere: true }, async ({ page, base }) => {
  // 127.0.0.1 and localhost are two origins; the frame's own is opaque.
  const answering = (_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<title>Host</title><link rel="icon" href="data:,"><iframe src="${base}" sandbox="allow-scripts" width="800" height="600"></iframe>`);
  };
  await hosted(answering, async (port) => {
    await page.goto(`http://localhost:${port}/`);
    const frame = page.frames().find((frame) => frame.url() === base);
    await frame.waitForFunction(() => !document.getElementById("boot"));
    assert.equal(await frame.evaluate(() => window.origin), "null");
    await frame.waitForFunction(() => document.getElementById("takeaway-text")?.textContent.includes("torchrun"));
    assert.ok(await frame.evaluate(() => [...document.styleSheets].some((sheet) => sheet.cssRules.length > 100)), "the style is loaded");
  });
});
