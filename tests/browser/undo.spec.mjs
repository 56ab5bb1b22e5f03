// Undo and redo move between edits, Back and Forward between plans that were opened.
import assert from "node:assert/strict";
import { test } from "./harness.mjs";
import { MIXTURE, STAGES, TECHPULSE, TOO_LARGE, address, becomes, field, reads, section, verdict } from "./page.mjs";

const undo = (page) => page.getByRole("button", { name: "Undo" });
const redo = (page) => page.getByRole("button", { name: "Redo" });

/** Waits until the plan of a moment ago is a step that can be undone. */
const noted = (page) => becomes(() => undo(page).isEnabled(), true);

test("an edit is undone and done again", { everywhere: true }, async ({ page, open }) => {
  await open();
  await becomes(() => undo(page).isDisabled(), true);
  await field(page, "TP tensor").fill("4");
  await noted(page);
  await undo(page).click();
  await address(page, TECHPULSE);
  assert.equal(await field(page, "TP tensor").inputValue(), "2");
  await becomes(() => undo(page).isDisabled(), true);
  await redo(page).click();
  await address(page, TECHPULSE.replace("tp-2", "tp-4"));
  await becomes(() => redo(page).isDisabled(), true);
});

test("the keys keep their place when there is nothing more to undo", { everywhere: true }, async ({ page, open }) => {
  await open();
  await field(page, "TP tensor").fill("4");
  await noted(page);
  await undo(page).focus();
  await page.keyboard.press("Enter");
  await becomes(() => undo(page).isDisabled(), true);
  await page.keyboard.press("Enter");
  await address(page, TECHPULSE);
  assert.equal(await undo(page).evaluate((button) => button === document.activeElement), true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await address(page, TECHPULSE.replace("tp-2", "tp-4"));
});

test("what is typed into one field is one edit, into another is another", { everywhere: true }, async ({ page, open }) => {
  await open();
  await field(page, "Global batch").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("1024", { delay: 80 });
  await address(page, TECHPULSE.replace("gbs-512", "gbs-1024"));
  await field(page, "Nodes").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("16", { delay: 80 });
  await address(page, TECHPULSE.replace("gbs-512", "gbs-1024").replace("nodes-2", "nodes-16"));
  await undo(page).click();
  await address(page, TECHPULSE.replace("gbs-512", "gbs-1024"));
  await undo(page).click();
  await address(page, TECHPULSE);
  await becomes(() => undo(page).isDisabled(), true);
});

test("the keys undo and redo, in the fields of the plan too, and leave other text to the browser", async ({ page, open }) => {
  await open(TOO_LARGE);
  await section(page, "Checks").locator(".repairs").getByRole("button").first().click();
  await reads(verdict(page), /^Valid/);
  await noted(page);
  await page.keyboard.press("Control+z");
  await address(page, TOO_LARGE);
  await page.keyboard.press("Control+Shift+Z");
  await reads(verdict(page), /^Valid/);
  await page.keyboard.press("Control+z");
  await address(page, TOO_LARGE);
  await page.keyboard.press("Control+y");
  await reads(verdict(page), /^Valid/);
  await field(page, "Nodes").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("64", { delay: 60 });
  await address(page, /nodes-64/);
  // Not letter by letter.
  await page.keyboard.press("Control+z");
  await becomes(() => field(page, "Nodes").inputValue(), "2");
  await page.keyboard.press("Control+Shift+Z");
  await becomes(() => field(page, "Nodes").inputValue(), "64");
  // What is looked for is no part of the plan, and a dialog is in front of it.
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Control+z");
  await page.getByRole("button", { name: "Open…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Control+z");
  await page.waitForTimeout(300);
  assert.match(page.url(), /nodes-64/);
});

test("a plan that was opened is a step of both", { everywhere: true }, async ({ page, open }) => {
  await open();
  // The details take note from when they are there.
  await undo(page).waitFor();
  await page.evaluate((link) => (location.hash = link), MIXTURE);
  await address(page, MIXTURE);
  await noted(page);
  await field(page, "Nodes").fill("4");
  await address(page, MIXTURE.replace("nodes-2", "nodes-4"));
  // An edit is no entry of the history.
  await page.goBack();
  await address(page, TECHPULSE);
  await page.goForward();
  await address(page, MIXTURE.replace("nodes-2", "nodes-4"));
  await page.getByRole("combobox", { name: "Start from a plan of the guide" }).selectOption({ label: "70B, 32 GPUs" });
  await address(page, STAGES);
  await noted(page);
  await undo(page).click();
  await address(page, MIXTURE.replace("nodes-2", "nodes-4"));
});

test("what is said of a link goes with its plan when that is undone, and stays when an edit is", { everywhere: true }, async ({ page, open }) => {
  await open();
  await undo(page).waitFor();
  const notice = page.locator("#notice");
  const cut = "#v1.m-guide-13b.node-p4d-24xlarge.nodes-2.tp";
  await page.evaluate((link) => (location.hash = link), cut);
  await reads(notice, /cut off after “nodes-2”/);
  await noted(page);
  await field(page, "Nodes").fill("4");
  await address(page, /nodes-4\.z$/);
  await undo(page).click();
  await address(page, cut);
  await reads(notice, /cut off after “nodes-2”/);
  await undo(page).click();
  await address(page, TECHPULSE);
  await becomes(async () => (await notice.textContent()).trim(), "");
  // A whole link to what was left of the cut one would be another plan.
  await redo(page).click();
  await address(page, cut);
  await reads(notice, /cut off after “nodes-2”/);
});

test("an edit that is undone at once leaves the address as it was", { everywhere: true }, async ({ page, open }) => {
  const strange = TECHPULSE.replace(".z", ".fsdp-3.z");
  await open(strange);
  await undo(page).waitFor();
  await field(page, "Nodes").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("4");
  await page.keyboard.press("Control+z");
  await becomes(() => field(page, "Nodes").inputValue(), "2");
  // Longer than the pause after which the page writes the address.
  await page.waitForTimeout(400);
  assert.equal(new URL(page.url()).hash, strange);
});

test("two hundred edits can be undone", { timeout: 60_000 }, async ({ page, open }) => {
  await open();
  const box = page.getByRole("checkbox", { name: "SP sequence" });
  for (let i = 0; i < 205; i += 1) {
    await box.click();
    // Each is drawn before the next.
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 5))));
  }
  await noted(page);
  let steps = 0;
  for (; (await undo(page).isEnabled()) && steps < 300; steps += 1) {
    await undo(page).click();
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 5))));
  }
  assert.equal(steps, 200);
});
