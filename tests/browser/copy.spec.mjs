// The menu of what can be copied.
import assert from "node:assert/strict";
import { axe, test } from "./harness.mjs";
import { STAGES, TECHPULSE, becomes, reads, section } from "./page.mjs";

const CLIPBOARD = { context: { permissions: ["clipboard-read", "clipboard-write"] } };
const menu = (page) => page.getByRole("group", { name: "Copy as" });
const open_menu = (page) => page.locator("#copy-menu > summary").click();
const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

const FORMS = [
  ["Link", /^http.*\/#v1\..*\.z$/],
  ["Markdown link", /^\[70B.*\]\(<http.*#v1\..*\.z>\)\s*$/],
  ["Markdown table", /^\*\*Valid[^]*\|[^]*\[Open this plan\]\(<http/],
  ["Megatron flags", /--tensor-model-parallel-size 8 /],
  ["NeMo", /tensor_model_parallel_size=8/],
  ["Megatron Bridge", /tensor_model_parallel_size ?= ?8/],
  ["Plan JSON", /^\{[^]*"tensor_model_parallel_size": 8/],
  ["CSV of ranks", /^rank,node,gpu,/],
  ["Embed: iframe", /^<iframe src="/],
  ["Embed: element", /<mesh-plan plan="v1\./],
];

test("every form is copied, and says that it is", CLIPBOARD, async ({ page, open, shot }) => {
  await open(STAGES);
  await open_menu(page);
  await shot();
  for (const [name, text] of FORMS) {
    const item = menu(page).getByRole("button", { name, exact: true });
    await item.click();
    await menu(page).getByRole("button", { name: "Copied", exact: true }).waitFor();
    assert.match(await copied(page), text, name);
    await item.waitFor();
  }
});

const BOTH = TECHPULSE.replace(".z", ".vs.m-guide-70b.z");
const OF_ONE = ["Megatron flags", "NeMo", "Megatron Bridge", "Plan JSON", "CSV of ranks"];
const OF_BOTH = [
  ["Link", /\.vs\.m-guide-70b/],
  ["Markdown link", /^\[7B dense.*, compared with 70B dense.*\.vs\./],
  ["Markdown table", /^- \*\*A\*\*: 7B dense[^]*- \*\*B\*\*: 70B dense/],
  ["Embed: iframe", /\.vs\..* title="7B dense.*, compared with 70B dense/],
  ["Embed: element", /\.vs\./],
];

test("of two plans, every form says whether it is of both or of A", CLIPBOARD, async ({ page, open, shot }) => {
  await open(BOTH);
  await open_menu(page);
  await shot();
  for (const [name, text] of OF_BOTH) {
    await menu(page).getByRole("button", { name, exact: true }).click();
    await menu(page).getByRole("button", { name: "Copied", exact: true }).waitFor();
    assert.match(await copied(page), text, name);
    await menu(page).getByRole("button", { name, exact: true }).waitFor();
  }
  for (const name of [...OF_ONE, "SVG of the GPUs", "PNG of the GPUs"]) {
    assert.equal(await menu(page).getByRole("button", { name, exact: true }).count(), 0, name);
    await menu(page).getByRole("button", { name: `${name} of A`, exact: true }).waitFor();
  }
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await open_menu(page);
  for (const name of OF_ONE) {
    await menu(page).getByRole("button", { name, exact: true }).waitFor();
  }
});

test("of two plans, what is of A alone says so itself, or its file does", { everywhere: true }, async ({ page, open }) => {
  await open(BOTH);
  const away = section(page, "Take away");
  const shown = () => away.locator("pre").textContent();
  const choose = (name) => away.getByRole("button", { name, exact: true }).click();
  const pictures = section(page, "Pictures");
  const saves = async (within, button, name) => {
    await within.getByRole("button", { name: button, exact: true }).click();
    await reads(pictures.getByRole("status"), name);
  };
  await becomes(async () => (await shown()).split("\n")[0], "# This is plan A, of two that are compared.");
  await choose("NeMo of A");
  await becomes(async () => (await shown()).split("\n")[1], "# -*- coding: utf-8 -*-");
  assert.match(await shown(), /^# This is plan A/);
  await choose("CSV of ranks of A");
  await saves(away, "Save", /-csv-of-a\.csv\.$/);
  await choose("Markdown table");
  await saves(away, "Save", /-markdown\.md\.$/);
  await reads(pictures, /The pictures are of A\. A file holds the link of both plans/);
  await saves(pictures, "SVG of All in one file", /-all-of-a\.svg\./);
});

test("the GPUs are copied as SVG and as PNG", CLIPBOARD, async ({ page, open }) => {
  await open();
  await open_menu(page);
  await menu(page).getByRole("button", { name: "SVG of the GPUs" }).click();
  await reads(menu(page).getByRole("status"), "Copied.");
  assert.match(await copied(page), /^<svg [^]*meshplan:plan/);
  await menu(page).getByRole("button", { name: "PNG of the GPUs" }).click();
  const kinds = () => page.evaluate(async () => (await navigator.clipboard.read())[0].types.join());
  await becomes(kinds, "image/png");
});

test("where the clipboard is closed, the text is shown and selected", { everywhere: true }, async ({ page, open }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined }));
  await open();
  await open_menu(page);
  await menu(page).getByRole("button", { name: "Plan JSON" }).click();
  await menu(page).getByRole("button", { name: "Press Ctrl+C" }).waitFor();
  const selected = await page.evaluate(() => getSelection().toString());
  assert.equal(JSON.parse(selected).parallel.tensor_model_parallel_size, 2);
});

test("where the browser refuses, it is the same", async ({ page, open }) => {
  await page.addInitScript(() => {
    Clipboard.prototype.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await open();
  await open_menu(page);
  await menu(page).getByRole("button", { name: "Markdown link" }).click();
  await menu(page).getByRole("button", { name: "Press Ctrl+C" }).waitFor();
  assert.match(await page.evaluate(() => getSelection().toString()), /^\[7B dense/);
});

test("the link of the bar falls back to selected text too", { everywhere: true }, async ({ page, open }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined }));
  await open();
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Press Ctrl+C" }).waitFor();
  assert.equal(await page.evaluate(() => getSelection().toString()), page.url());
});

test("a form that the plan has no text in says why", async ({ page, open }) => {
  await open(TECHPULSE.replace("tp-2", "tp-3"));
  await open_menu(page);
  await menu(page).getByRole("button", { name: "CSV of ranks" }).click();
  await reads(menu(page).getByRole("status"), /16 GPUs do not divide by TP 3/);
});

test("a long text is shown in part, copied and saved whole", CLIPBOARD, async ({ page, open }) => {
  await open(TECHPULSE.replace("nodes-2", "nodes-1024").replace("gbs-512", "gbs-8192"));
  const away = section(page, "Take away");
  await away.getByRole("button", { name: "CSV of ranks" }).click();
  await reads(away, /This is the beginning/);
  await away.getByRole("button", { name: "Copy", exact: true }).click();
  await away.getByRole("button", { name: "Copied" }).waitFor();
  const rows = (await copied(page)).trim().split("\n");
  assert.equal(rows.length, 8193);
  const download = page.waitForEvent("download");
  await away.getByRole("button", { name: "Save" }).click();
  assert.match((await download).suggestedFilename(), /^meshplan-.*-csv\.csv$/);
});

test("the menu closes with Escape, which gives the focus back, and with a click elsewhere", { everywhere: true }, async ({ page, open }) => {
  await open();
  const is_open = () => page.locator("#copy-menu").evaluate((menu) => menu.open);
  await page.locator("#copy-menu > summary").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Link");
  await page.keyboard.press("Escape");
  await becomes(is_open, false);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Copy…");
  await open_menu(page);
  await becomes(is_open, true);
  await page.locator("#verdict").click({ position: { x: 4, y: 4 } });
  await becomes(is_open, false);
  await open_menu(page);
  await page.getByRole("button", { name: "Open…" }).focus();
  await becomes(is_open, false);
});

test("the arrows go through the menu, round and round", { everywhere: true }, async ({ page, open }) => {
  await open();
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.locator("#copy-menu > summary").focus();
  await page.keyboard.press("Enter");
  const top = await page.evaluate(() => scrollY);
  const way = [["ArrowDown", "Link"], ["ArrowDown", "Markdown link"], ["ArrowUp", "Link"], ["ArrowUp", "PNG of the GPUs"], ["ArrowDown", "Link"], ["End", "PNG of the GPUs"], ["Home", "Link"]];
  for (const [key, entry] of way) {
    await page.keyboard.press(key);
    assert.equal(await focused(), entry, key);
  }
  assert.equal(await page.evaluate(() => scrollY), top);
  await page.keyboard.press("Escape");
  assert.equal(await focused(), "Copy…");
});

for (const [width, colorScheme] of [[1280, "light"], [360, "dark"]]) {
  test(`axe finds nothing in the menu at ${width} px, which is in sight`, { context: { colorScheme, viewport: { width, height: 800 } } }, async ({ page, open, shot }) => {
    await open();
    await open_menu(page);
    assert.equal(await axe(page, "#bar"), "");
    const box = await menu(page).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
    await shot();
  });
}
